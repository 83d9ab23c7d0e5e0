"""Whether the suite computes, step by step, what the sources' software computed.

A chapter declares what was recorded of its models (`repro.chapter.Recording`). `recorded` reads those files, `replay`
repeats the steps with today's Keras or the fast engine, and `compare` measures how far the two are apart. `trainings`
reads whole trainings that were recorded on R's stacks; `repro.evidence.two_samples` compares them with ours.
"""
