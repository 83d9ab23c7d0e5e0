"""RMSprop and Adam with the settings and the state of a Keras optimizer, in every numerics. Starts Keras."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repro.backend import keras
from repro.engines.fast.from_keras import Unsupported, as_in_keras, from_keras
from repro.engines.fast.network import Gradient, Network
from repro.kernels import updates
from repro.numerics.keras2_optimizers import Keras2RMSprop, sums_embeddings

_f = np.float32
_OPTIONS = (
    *("weight_decay", "clipnorm", "global_clipnorm", "clipvalue", "use_ema", "loss_scale_factor"),
    *("gradient_accumulation_steps", "momentum", "centered", "amsgrad"),
)


class Optimizer(ABC):
    """Moves the weights of a network."""

    def __init__(self, network: Network, original: Any) -> None:
        """original: the Keras optimizer, built for the model's weights, where its state is read from and `store`d."""
        self.network, self.original = network, original
        self.rate = _f(original.learning_rate)
        self.epsilon = _f(original.epsilon)
        self.slots = [from_keras(network, [np.array(v) for v in slot]) for slot in self._slots()]
        self.squares = not sums_embeddings(original)
        """Whether a step needs the squares of the derivatives at the single places of the embedding."""
        self.steps = int(original.iterations.numpy())
        self._in_order = [np.arange(len(_matrix(array)), dtype=np.int32) for array in network.others]
        self._entry = np.full(len(network.embedding), -1, np.int32)

    def step(self, gradient: Gradient) -> None:
        """One step of all weights."""
        self.steps += 1
        words, sums, squares = gradient.words
        self._entry[words] = np.arange(len(words))
        embedding = [each for each, _ in self.slots]
        self._move(self.network.embedding, embedding, sums, sums * sums if squares is None else squares, self._entry)
        self._entry[words] = -1
        for i, (weight, derivative) in enumerate(zip(self.network.others, gradient.others, strict=True)):
            slots = [_matrix(others[i]) for _, others in self.slots]
            matrix = _matrix(derivative)
            self._move(_matrix(weight), slots, matrix, matrix * matrix, self._in_order[i])

    def store(self) -> None:
        """Put the state into the Keras optimizer."""
        for variables, (embedding, others) in zip(self._slots(), self.slots, strict=True):
            for variable, array in zip(variables, as_in_keras(self.network, embedding, others), strict=True):
                variable.assign(array)
        self.original.iterations.assign(self.steps)

    @abstractmethod
    def _slots(self) -> list[list[Any]]:
        """What Keras' optimizer remembers: for each kind one variable for each weight."""

    @abstractmethod
    def _move(
        self,
        weight: NDArray[Any],
        slots: list[NDArray[Any]],
        gradient: NDArray[Any],
        squares: NDArray[Any],
        entry: NDArray[np.int32],
    ) -> None:
        """One step of one weight matrix, as `repro.kernels.updates` describes it."""


class RMSprop(Optimizer):
    """`repro.kernels.updates.rmsprop`."""

    def _slots(self) -> list[list[Any]]:
        return [self.original._velocities]

    def _move(
        self,
        weight: NDArray[Any],
        slots: list[NDArray[Any]],
        gradient: NDArray[Any],
        squares: NDArray[Any],
        entry: NDArray[np.int32],
    ) -> None:
        rho, outside = self.original.rho, isinstance(self.original, Keras2RMSprop)
        constants = (self.rate, _f(rho), _f(1 - rho), self.epsilon)
        updates.rmsprop(weight, slots[0], updates.RowGradients(gradient, squares, entry), *constants, outside)


class Adam(Optimizer):
    """`repro.kernels.updates.adam`."""

    def _slots(self) -> list[list[Any]]:
        return [self.original._momentums, self.original._velocities]

    def _move(
        self,
        weight: NDArray[Any],
        slots: list[NDArray[Any]],
        gradient: NDArray[Any],
        squares: NDArray[Any],
        entry: NDArray[np.int32],
    ) -> None:
        beta_1, beta_2 = self.original.beta_1, self.original.beta_2
        power_1, power_2 = _f(beta_1) ** _f(self.steps), _f(beta_2) ** _f(self.steps)  # in float32, as Keras' are
        rate = self.rate * np.sqrt(_f(1) - power_2) / (_f(1) - power_1)
        m, v = slots
        g = updates.RowGradients(gradient, squares, entry)
        updates.adam(weight, m, v, g, rate, _f(1 - beta_1), _f(1 - beta_2), self.epsilon)


def optimizer(network: Network, original: Any) -> Optimizer:
    """The optimizer that steps as a Keras one does.

    Raises Unsupported for others than RMSprop and Adam, and for options that no chapter uses.
    """
    found = {keras.optimizers.RMSprop: RMSprop, keras.optimizers.Adam: Adam}
    kind = next((ours for theirs, ours in found.items() if _plain(original, theirs)), None)
    config = original.get_config()
    options = [option for option in _OPTIONS if config.get(option)]
    if kind is None or options or not isinstance(config["learning_rate"], float):
        with_ = f" with {options[0]}" if options else ""
        raise Unsupported(f"by the optimizer {type(original).__name__}{with_}")
    return kind(network, original)


def _plain(original: Any, kind: Any) -> bool:
    """Whether an optimizer is of this class of Keras', or of one that `repro.numerics` derives from it."""
    ours = type(original).__module__.startswith("repro.")
    return type(original) is type(kind()) or (ours and isinstance(original, kind))


def _matrix(array: NDArray[Any]) -> NDArray[Any]:
    """The same numbers as rows of a matrix."""
    return array.reshape(-1, array.shape[-1])
