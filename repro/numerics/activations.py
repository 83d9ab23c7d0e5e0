"""The gate functions of an LSTM as the sources' stacks had them."""

from __future__ import annotations

from typing import Any

from repro.backend import keras, registered


@registered
def hard_sigmoid(x: Any) -> Any:
    """Keras 2's hard sigmoid, `clip(0.2 x + 0.5, 0, 1)`, element by element.

    Keras 3 gives this name to another function, `clip(x / 6 + 0.5, 0, 1)`. R's `layer_lstm` used Keras 2's for the
    gates until 2021, and so did Python's Keras up to 2.2.5 and tf.keras 1.x.
    """
    return keras.ops.clip(0.2 * x + 0.5, 0.0, 1.0)
