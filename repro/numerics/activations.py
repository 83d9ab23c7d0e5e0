"""The gate functions of an LSTM as the sources' stacks had them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from repro.backend import chosen, keras


def hard_sigmoid(x: Any) -> Any:
    """Keras 2's hard sigmoid, `clip(0.2 x + 0.5, 0, 1)`, element by element (`K.hard_sigmoid` of Keras 2).

    Keras 3 gives this name to another function, `clip(x / 6 + 0.5, 0, 1)`. R's `layer_lstm` used Keras 2's for the
    gates until 2021, and so did Python's Keras up to 2.2.5 and tf.keras 1.x.
    """
    clip = _tensorflow_clip() if chosen() == "tensorflow" else _clip
    return clip(x)


def hard_sigmoid_layer() -> keras.Layer:
    """The same made of Keras' own layers, so that a saved model needs nothing of ours. Starts Keras."""
    return keras.Sequential([keras.layers.Rescaling(0.2, 0.5), keras.layers.ReLU(max_value=1.0)], name="hard_sigmoid")


def _clip(x: Any) -> Any:
    return keras.ops.clip(0.2 * x + 0.5, 0.0, 1.0)


@functools.cache
def _tensorflow_clip() -> Callable[[Any], Any]:
    """`_clip` with a backward pass of three operations, from the result alone.

    TensorFlow's own for a clip takes about ten and keeps the argument too, which, in three gates at every word, makes
    a training step of an LSTM(32) a third slower. `Relu6Grad` lets through what lies between 0 and 6, hence the 6.
    Where the result is exactly 0 or 1 without having been cut, which is rare, the slope is 0 here and 0.2 there.
    """
    import tensorflow as tf

    def clip(x: Any) -> Any:
        y = _clip(tf.convert_to_tensor(x))

        def gradient(upstream: Any) -> Any:
            return 0.2 * tf.raw_ops.Relu6Grad(gradients=upstream, features=6.0 * y)

        return y, gradient

    wrapped: Callable[[Any], Any] = tf.custom_gradient(clip)
    return wrapped
