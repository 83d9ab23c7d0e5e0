"""Five published LSTM walkthroughs, reproduced and checked.

Importing it starts neither Keras nor a backend.
"""

from repro.numerics.registration import register_when_imported

register_when_imported()
