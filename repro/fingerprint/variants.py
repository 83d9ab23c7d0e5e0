"""The ways of computing that differ between stacks, or might: one `Variant` for each combination."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Literal, NamedTuple, get_args

Gates = Literal["sigmoid", "keras2_hard_sigmoid", "keras3_hard_sigmoid"]
"""The activation of an LSTM's gates: 1 / (1 + exp(-x)), clip(0.2 x + 0.5, 0, 1), or clip(x / 6 + 0.5, 0, 1)."""

Optimizer = Literal["rmsprop", "adam"]
OPTIMIZERS: tuple[Optimizer, ...] = get_args(Optimizer)

EpsilonPlace = Literal["outside", "inside", "after correction"]
"""Where an optimizer adds epsilon, with v the running mean of squared gradients.

RMSprop divides by sqrt(v) + epsilon (`outside`; Keras up to 2.10) or by sqrt(v + epsilon) (`inside`; from 2.11). Adam
divides by sqrt(v) + epsilon and puts the bias correction into the learning rate (`outside`: Kingma and Ba, "Adam",
2015, end of section 2; all versions of Keras), or divides by sqrt(v / (1 - beta2^t)) + epsilon (`after correction`:
their algorithm 1; PyTorch's own Adam).
"""

PLACES: dict[Optimizer, tuple[EpsilonPlace, ...]] = {
    "rmsprop": ("outside", "inside"),
    "adam": ("outside", "after correction"),
}

USUAL_EPSILON = 1e-7
"""Of both optimizers in all known stacks."""
EPSILONS = (USUAL_EPSILON, 1e-8)


class Variant(NamedTuple):
    """One way to compute the probe's training with one of the optimizers."""

    gates: Gates
    summed: bool
    """Whether the gradients of a word that occurs several times in a batch are summed before they are squared.

    If not, each is squared by itself, and the squares are summed (`repro.numerics.keras2_optimizers`).
    """
    epsilon: float
    place: EpsilonPlace
    ahead: bool = False
    """Whether Adam's bias correction takes the number of the next step for that of this one.

    So do, by chance, the versions of Keras up to 2.3 on TensorFlow: nothing orders their reading of the step counter
    and their raising it (`get_updates` in `keras/optimizers.py`).
    """
    lazy: bool = False
    """Whether Adam leaves alone the words that do not occur in a batch (TensorFlow's `LazyAdam`)."""


def variants(optimizer: Optimizer, epsilons: Iterable[float] = EPSILONS) -> list[Variant]:
    """All combinations for an optimizer."""
    doubtful = (False, True) if optimizer == "adam" else (False,)
    return [
        Variant(*each)
        for each in itertools.product(
            get_args(Gates), (True, False), dict.fromkeys(epsilons), PLACES[optimizer], doubtful, doubtful
        )
    ]


class Computed(NamedTuple):
    """What a stack computes with each of the optimizers."""

    rmsprop: Variant
    adam: Variant

    def variant(self, optimizer: Optimizer) -> Variant:
        """What it computes with this optimizer."""
        return self.rmsprop if optimizer == "rmsprop" else self.adam


def computed(gates: Gates, *, summed: bool, rmsprop: EpsilonPlace, ahead: bool = False) -> Computed:
    """What a stack computes whose optimizers agree about the rest, and have the usual epsilon."""
    return Computed(
        rmsprop=Variant(gates, summed, USUAL_EPSILON, rmsprop),
        adam=Variant(gates, summed, USUAL_EPSILON, "outside", ahead=ahead),
    )
