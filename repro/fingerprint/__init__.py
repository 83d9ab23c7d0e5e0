"""Tells from a small training on somebody's own Keras what their stack computes.

`scripts/` has what the user runs, in Python or R. `probe_file` reads what it printed. `probe_start` makes the same data
and initial weights. `probe_network` and `trajectories` train on them in every way that is known to differ (`variants`),
and `matching` finds the way that agrees. `known_stacks` says which versions compute like that, `chapter_traits` which
of the walkthroughs' stacks do; `repro.report.fingerprint_text` puts it into words. NumPy alone; Keras is not started.
"""
