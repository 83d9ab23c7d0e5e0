"""The LSTM's dropout masks in the sources' stacks. Importing this module starts Keras.

Keras draws the dropout masks of an LSTM once for each batch and uses them at every word. It either draws a mask for
each of the four gates (`implementation=1` of its `LSTMCell`), or one that all four share (`implementation=2`):

| Keras | with recurrent dropout | without |
|---|---|---|
| Keras up to 2.2.5; `keras.layers.LSTM` of tf.keras 1.x | per gate | per gate |
| Keras 2.3, tf.keras 2.0; Keras 3 before 3.8 | shared | shared |
| tf.keras 2.1 to 2.15; Keras 3 from 3.8 | per gate | shared |

(From `layers/recurrent.py`, later `layers/rnn/lstm.py`, of these versions.) Keras 3 does not save this choice with a
model.
"""

from __future__ import annotations

from typing import Any

from repro.backend import keras
from repro.numerics.registration import PACKAGE


@keras.saving.register_keras_serializable(PACKAGE)
class MaskPerGateLSTM(keras.layers.LSTM):  # type: ignore[misc]
    """Keras' LSTM with a dropout mask per gate, whatever the installed Keras does by default.

    With x `(rows, inputs)` the vectors of one word, h and c `(rows, units)` the state before it, and for each gate g
    masks d_g `(rows, inputs)` and r_g `(rows, units)`, whose elements are 0 or 1 / (1 - rate):

        i, f, o = gate((x * d_g) K_g + (h * r_g) R_g + b_g)    for g = i, f, o
        a       = tanh((x * d_c) K_c + (h * r_c) R_c + b_c)
        c'      = f * c + i * a;    h' = o * tanh(c')

    (`LSTMCell.call` of Keras 2.2, `implementation == 1`.) Without dropout it computes what Keras' LSTM computes.
    """

    def __init__(self, units: int, **options: Any) -> None:
        # Without recurrent dropout, use_cudnn would allow a shortcut that has a single mask.
        super().__init__(units, implementation=1, use_cudnn=False, **options)
