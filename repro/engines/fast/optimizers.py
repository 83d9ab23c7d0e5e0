"""SGD, Adagrad, RMSprop, Adam and Nadam with the settings and the state of a Keras optimizer, in every numerics.

Importing this module starts Keras.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import partial
from typing import Any

import numpy as np

from repro.backend import keras
from repro.engines.fast.buffers import one_piece
from repro.engines.fast.from_keras import Unsupported, from_keras_arrays, to_keras_arrays
from repro.engines.fast.network import Gradient, Network
from repro.engines.fast.threads import parts
from repro.kernels import Floats, updates
from repro.kernels.updates import RowGradients
from repro.numerics.keras2_optimizers import Keras2RMSprop, sums_embeddings

_f = np.float32

LEAST = 1 << 17
"""Weights of a part, of those that several threads update."""

_MUST_BE_OFF = (
    "weight_decay", "clipnorm", "global_clipnorm", "clipvalue", "use_ema", "loss_scale_factor",
    "gradient_accumulation_steps", "momentum", "centered", "amsgrad",
)  # fmt: skip


class Optimizer(ABC):
    """Updates the weights of a network."""

    slot_names: tuple[str, ...]
    """Where a Keras optimizer keeps its state: slots, each with one variable per weight."""
    uses_squares = True
    """Whether its steps depend on the squares of a gradient."""

    def __init__(self, network: Network, original: Any) -> None:
        """original: the Keras optimizer, built for the model's weights; its state is taken over."""
        self.network, self.original = network, original
        self.rate = _f(original.learning_rate)
        self.slots = [from_keras_arrays(network, [np.array(v) for v in slot]) for slot in self._keras_slots()]
        self.squares = self.uses_squares and not sums_embeddings(original)
        """Whether a step needs `EmbeddingGradient.squares`."""
        self.steps = int(original.iterations.numpy())
        self._flat_slots = [self._moved(others) for _, others in self.slots]
        self._entry = np.full(len(network.embedding), -1, np.int32)
        self._parts = parts(len(network.embedding), max(LEAST // network.embedding.shape[1], 1))

    def step(self, gradient: Gradient) -> None:
        """Make one step with all weights."""
        self.steps += 1
        words, sums, squares = gradient.embedding
        self._entry[words] = np.arange(len(words))
        none = sums[:0]
        of_words = RowGradients(sums, none if squares is None else squares, self._entry)
        weight, slots = self.network.embedding, [embedding for embedding, _ in self.slots]

        def update(part: slice, thread: int) -> None:
            rows = of_words._replace(entry=self._entry[part])
            self._update(weight[part], [slot[part] for slot in slots], rows)

        def update_others(thread: int) -> None:
            g = gradient.flat[None]
            rows = RowGradients(g, g[:0], np.zeros(1, np.int32))
            self._update(self.network.flat[None], [slot[None] for slot in self._flat_slots], rows)

        self.network.threads.run([update_others, *(partial(update, part) for part in self._parts)])
        self._entry[words] = -1

    def _moved(self, arrays: list[Floats]) -> Floats:
        """Move the state that belongs to `network.others` into one piece of memory like theirs; returns that."""
        flat, views = one_piece(arrays, self.network.flat.dtype)
        for new, old in zip(views, arrays, strict=True):
            new[:] = old
        arrays[:] = views
        return flat

    def store(self) -> None:
        """Put the state into the Keras optimizer."""
        for variables, arrays in zip(self._keras_slots(), self.slots, strict=True):
            for variable, array in zip(variables, to_keras_arrays(self.network, *arrays), strict=True):
                variable.assign(array)
        self.original.iterations.assign(self.steps)

    def _keras_slots(self) -> list[list[Any]]:
        return [getattr(self.original, name) for name in self.slot_names]

    @abstractmethod
    def _update(self, weight: Floats, slots: list[Floats], gradients: RowGradients) -> None:
        """Make one step with one weight matrix `(rows, columns)`; slots of the same shape."""


class SGD(Optimizer):
    """`repro.kernels.updates.sgd`"""

    slot_names = ()
    uses_squares = False

    def _update(self, weight: Floats, slots: list[Floats], gradients: RowGradients) -> None:
        updates.sgd(weight, gradients, self.rate)


class Adagrad(Optimizer):
    """`repro.kernels.updates.adagrad`

    Stock Keras on TensorFlow adds the square at each position of a word to the sum by itself and rounds each time; here
    they are added up first. The sums differ by rounding alone, which is more than elsewhere: they begin at 0.1.
    """

    slot_names = ("_accumulators",)

    def _update(self, weight: Floats, slots: list[Floats], gradients: RowGradients) -> None:
        (accumulator,) = slots
        updates.adagrad(weight, accumulator, gradients, self.rate, _f(self.original.epsilon))


class RMSprop(Optimizer):
    """`repro.kernels.updates.rmsprop`"""

    slot_names = ("_velocities",)

    def _update(self, weight: Floats, slots: list[Floats], gradients: RowGradients) -> None:
        (velocity,) = slots
        rho, epsilon = self.original.rho, _f(self.original.epsilon)
        outside = isinstance(self.original, Keras2RMSprop)
        updates.rmsprop(weight, velocity, gradients, self.rate, _f(rho), _f(1 - rho), epsilon, outside)


class Adam(Optimizer):
    """`repro.kernels.updates.adam`"""

    slot_names = ("_momentums", "_velocities")

    def _update(self, weight: Floats, slots: list[Floats], gradients: RowGradients) -> None:
        momentum, velocity = slots
        beta_1, beta_2, epsilon = self.original.beta_1, self.original.beta_2, _f(self.original.epsilon)
        power_1, power_2 = _f(beta_1) ** _f(self.steps), _f(beta_2) ** _f(self.steps)  # in float32, as in Keras
        rate = self.rate * np.sqrt(_f(1) - power_2) / (_f(1) - power_1)
        updates.adam(weight, momentum, velocity, gradients, rate, _f(1 - beta_1), _f(1 - beta_2), epsilon)


class Nadam(Optimizer):
    """`repro.kernels.updates.nadam`

    With u_t = beta_1 (1 - 0.96^t / 2) at step t and U_t = u_1 ... u_t (Dozat 2016, as Keras' `Nadam.update_step`):

        of_m = rate u_(t+1) / (1 - U_(t+1));  of_g = rate (1 - u_t) / (1 - U_t);  scale = 1 / (1 - beta_2^t)
    """

    slot_names = ("_momentums", "_velocities")

    def __init__(self, network: Network, original: Any) -> None:
        super().__init__(network, original)
        self.u_product = _f(original._u_product.numpy())
        """U_t, which Keras stores, too."""

    def step(self, gradient: Gradient) -> None:
        self.u_product *= self._u(self.steps + 1)
        super().step(gradient)

    def store(self) -> None:
        super().store()
        self.original._u_product.assign(self.u_product)

    def _update(self, weight: Floats, slots: list[Floats], gradients: RowGradients) -> None:
        momentum, velocity = slots
        one, beta_2 = _f(1), _f(self.original.beta_2)  # all in float32, as in Keras
        now, following = self._u(self.steps), self._u(self.steps + 1)
        of_m = self.rate * following / (one - self.u_product * following)
        of_g = self.rate * (one - now) / (one - self.u_product)
        rest_1, rest_2 = one - _f(self.original.beta_1), one - beta_2
        scale, epsilon = one / (one - beta_2 ** _f(self.steps)), _f(self.original.epsilon)
        updates.nadam(weight, momentum, velocity, gradients, of_m, of_g, rest_1, rest_2, scale, epsilon)

    def _u(self, step: int) -> np.float32:
        return _f(self.original.beta_1) * (_f(1) - _f(0.5) * _f(0.96) ** _f(step))


def optimizer_from_keras(network: Network, original: Any) -> Optimizer:
    """The optimizer that makes the steps of a Keras one.

    Raises Unsupported for any but SGD, Adagrad, RMSprop, Adam and Nadam, for momentum and for other options that no
    chapter uses.
    """
    kinds = (SGD, Adagrad, RMSprop, Adam, Nadam)
    kind = next((ours for ours in kinds if _is_kind(original, getattr(keras.optimizers, ours.__name__))), None)
    config = original.get_config()
    options = [option for option in _MUST_BE_OFF if config.get(option)]
    if kind is None or options or not isinstance(config["learning_rate"], float):
        with_ = f" with {options[0]}" if options else ""
        raise Unsupported(f"by the optimizer {type(original).__name__}{with_}")
    return kind(network, original)


def _is_kind(original: Any, kind: Any) -> bool:
    """Whether an optimizer is of this Keras class itself, or of one that `repro.numerics` derives from it."""
    ours = type(original).__module__.startswith("repro.")
    return type(original) is type(kind()) or (ours and isinstance(original, kind))
