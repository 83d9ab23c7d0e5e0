"""Optimizers with the steps of Keras 2. Importing this module starts Keras.

There are two corrections. Each is a subclass of Keras' optimizer, which keeps its settings, saving and loading:

* `summed`. The gradient of an embedding has one row for each position in the batch, so a word that occurs n times has n
  rows. Adam and RMSprop need the square of their sum; Keras 3 on TensorFlow computes the sum of their squares
  (`ops.square` of `tf.IndexedSlices` squares each row). Keras 2 summed first, in
  `OptimizerV2._resource_apply_sparse_duplicate_indices`; so does Keras 3 on its other backends.
* `Keras2RMSprop`. With v the running mean of squared gradients, Keras up to 2.10 moved a weight by
  `lr * g / (sqrt(v) + epsilon)`, Keras 2.11 and later by `lr * g / sqrt(v + epsilon)`.
"""

from __future__ import annotations

import functools
from collections.abc import Hashable
from typing import Any

from repro.backend import chosen, keras
from repro.numerics.registration import OPTIMIZERS, PACKAGE

_register = keras.saving.register_keras_serializable(PACKAGE)


@_register
class Keras2RMSprop(keras.optimizers.RMSprop):  # type: ignore[misc]
    """RMSprop with epsilon outside the root (tf.keras 1.x to 2.10: `optimizer_v2/rmsprop.py`), without momentum."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.momentum:  # with momentum those versions put epsilon inside the root, as the plain class does
            raise ValueError("Keras2RMSprop is RMSprop without momentum")

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Make one step with one weight: `gradient`, `variable` of the same shape; `learning_rate` a scalar."""
        ops = keras.ops
        rate = ops.cast(learning_rate, variable.dtype)
        gradient = ops.cast(gradient, variable.dtype)
        index = self._get_variable_index(variable)
        velocity = self._velocities[index]
        self.assign(velocity, self.rho * velocity + (1.0 - self.rho) * ops.square(gradient))
        spread = ops.convert_to_tensor(velocity)
        if self.centered:
            mean = self._average_gradients[index]
            self.assign(mean, self.rho * mean + (1.0 - self.rho) * gradient)
            spread = spread - ops.square(mean)
        self.assign_sub(variable, rate * gradient / (ops.sqrt(spread) + self.epsilon))


_PLAIN_RMSPROP = type(keras.optimizers.RMSprop())  # on PyTorch, Keras replaces the class by a subclass


def keras2_rmsprop(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """`Keras2RMSprop` with the same settings, if `optimizer` is RMSprop without momentum; otherwise `optimizer`."""
    if type(optimizer) is _PLAIN_RMSPROP and not optimizer.momentum:
        return Keras2RMSprop.from_config(optimizer.get_config())
    return optimizer


def summed(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """The same optimizer, but one that first sums the rows of an embedding's gradient.

    On JAX and PyTorch these gradients are summed already, and `optimizer` is returned as it is.

    Raises ValueError if `optimizer` has made steps: their state would be lost.
    """
    if optimizer.built:
        raise ValueError(f"{optimizer.name} has been used already: give a new one")
    if chosen() != "tensorflow":
        return optimizer
    return _summed_class(optimizer.__class__).from_config(optimizer.get_config())


def sums_embeddings(optimizer: keras.optimizers.Optimizer) -> bool:
    """Whether an optimizer sums the rows of an embedding's gradient before it squares them."""
    return chosen() != "tensorflow" or getattr(type(optimizer), "sums_embeddings", False)


@functools.cache
def _summed_class(plain: Hashable) -> Any:
    class Summed(plain):  # type: ignore[misc,valid-type]
        sums_embeddings = True

        def apply(self, grads: Any, trainable_variables: Any = None) -> Any:
            return super().apply([_dense(gradient) for gradient in grads], trainable_variables)

    Summed.__name__ = Summed.__qualname__ = f"Summed{plain.__name__}"  # type: ignore[attr-defined]
    return _register(Summed)


def _dense(gradient: Any) -> Any:
    """The gradient as an array of the weight's shape: `tf.convert_to_tensor` sums the rows of `tf.IndexedSlices`."""
    import tensorflow as tf

    return None if gradient is None else tf.convert_to_tensor(gradient)


for _name in OPTIMIZERS:
    _summed_class(getattr(keras.optimizers, _name))  # registered with Keras before a saved model is loaded
_summed_class(Keras2RMSprop)
