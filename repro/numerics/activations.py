"""The gates' activation in the sources' stacks."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from repro.backend import chosen, keras


def hard_sigmoid(x: Any) -> Any:
    """Keras 2's hard sigmoid, `clip(0.2 x + 0.5, 0, 1)`, element by element (`K.hard_sigmoid` in Keras 2).

    Keras 3 calls another function by this name: `clip(x / 6 + 0.5, 0, 1)`. R's `layer_lstm` used Keras 2's for the
    gates until 2021, as did Python's Keras up to 2.2.5 and tf.keras 1.x.
    """
    clip = _tensorflow_clip() if chosen() == "tensorflow" else _clip
    return clip(x)


def hard_sigmoid_layer() -> keras.Layer:
    """`hard_sigmoid` made of Keras' own layers, for a model that loads without this package. Starts Keras."""
    return keras.Sequential([keras.layers.Rescaling(0.2, 0.5), keras.layers.ReLU(max_value=1.0)], name="hard_sigmoid")


def _clip(x: Any) -> Any:
    return keras.ops.clip(0.2 * x + 0.5, 0.0, 1.0)


@functools.cache
def _tensorflow_clip() -> Callable[[Any], Any]:
    """`_clip` with a backward pass of three operations that needs only the result.

    TensorFlow's backward pass of a clip takes about ten operations and keeps the argument, too. In three gates at every
    word, this makes a training step of an LSTM(32) a third slower. `Relu6Grad` passes gradients on where its feature is
    between 0 and 6, hence the 6. In the rare case that the unclipped result is exactly 0 or 1, the slope is 0 here and
    0.2 in TensorFlow.
    """
    import tensorflow as tf

    def clip(x: Any) -> Any:
        y = _clip(tf.convert_to_tensor(x))

        def gradient(upstream: Any) -> Any:
            return 0.2 * tf.raw_ops.Relu6Grad(gradients=upstream, features=6.0 * y)

        return y, gradient

    wrapped: Callable[[Any], Any] = tf.custom_gradient(clip)
    return wrapped
