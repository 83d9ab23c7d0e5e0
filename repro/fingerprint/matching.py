"""Finds the variants that agree with what a probe printed."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

from repro.fingerprint.probe_file import ProbeOutput
from repro.fingerprint.probe_start import EPOCHS
from repro.fingerprint.trajectories import trajectories
from repro.fingerprint.variants import OPTIMIZERS, Computed, Optimizer, Variant, variants

LIMIT = 2e-5
"""How far a probe's numbers may be from those of a variant that agrees.

The probe computes in float32, the variants in float64. After 48 steps they are up to 1.3e-6 apart in all recorded
stacks, and any two variants at least 6e-4 (`tests/fingerprint`). The limit lies between, by about the same factor.
"""

LOSS_LIMIT = 2e-6
"""The same for a loss, or a probability, by itself: up to 5e-7 apart in all recorded stacks."""

_AT_THE_END = EPOCHS + 1


class Near(NamedTuple):
    """A variant, and how far it is from the probe."""

    variant: Variant
    distance: float
    """The largest absolute difference of a probability, a loss or a weight."""
    epoch: int
    """In which the loss is first further than `LOSS_LIMIT` from the probe's; 0 if the probabilities are, before it."""

    @property
    def agrees(self) -> bool:
        """Whether all numbers are as near as rounding leaves them."""
        return self.distance <= LIMIT

    @property
    def parts(self) -> str:
        """Where the probe parts from it, in words, if it does."""
        if self.epoch == 0:
            return "before the first step: the probabilities differ"
        if self.epoch == _AT_THE_END:
            return "in the weights after the last step; the losses of all epochs agree"
        return f"in epoch {self.epoch} (steps {2 * self.epoch - 1} and {2 * self.epoch})"


class OptimizerMatch(NamedTuple):
    """The training with one optimizer beside all variants."""

    optimizer: Optimizer
    ranked: tuple[Near, ...]
    """Those that agree first, then those from which the probe parts last, and among these the nearest first.

    Not by distance alone: it is that of the worst number, which says little about the others.
    """

    @property
    def agreeing(self) -> tuple[Near, ...]:
        """The variants that agree: none, one, or several that cannot be told apart."""
        return tuple(near for near in self.ranked if near.agrees)

    @property
    def nearest(self) -> Near:
        """The first, whether or not it agrees."""
        return self.ranked[0]

    @property
    def next_distance(self) -> float:
        """The smallest distance of a variant that does not agree."""
        return min(near.distance for near in self.ranked if not near.agrees)


class Match(NamedTuple):
    """What a probe agrees with."""

    rmsprop: OptimizerMatch
    adam: OptimizerMatch

    @property
    def computed(self) -> tuple[Computed, ...]:
        """What the stack may compute; empty if no variant agrees with one of the trainings."""
        pairs = itertools.product(self.rmsprop.agreeing, self.adam.agreeing)
        return tuple(Computed(rmsprop.variant, adam.variant) for rmsprop, adam in pairs)


def match(probe: ProbeOutput) -> Match:
    """Train in every way, and compare."""
    return Match(*(_match(probe, optimizer) for optimizer in OPTIMIZERS))


def _match(probe: ProbeOutput, optimizer: Optimizer) -> OptimizerMatch:
    candidates = variants(optimizer, probe.epsilons(optimizer))
    paths = trajectories(optimizer, candidates)
    training = probe.training(optimizer)
    probabilities = np.abs(paths.probabilities - probe.all_probabilities).max(axis=1)
    losses = np.abs(paths.losses - training.all_losses)
    weights = np.abs(paths.weights - training.all_weights).max(axis=1)
    distances = np.max([probabilities, losses.max(axis=1), weights], axis=0)
    by_epoch = np.column_stack([probabilities, losses, np.full(len(candidates), np.inf)])  # inf: no later than the end
    epochs = (by_epoch > LOSS_LIMIT).argmax(axis=1)
    found = [Near(*each) for each in zip(candidates, distances.tolist(), epochs.tolist(), strict=True)]
    return OptimizerMatch(
        optimizer, tuple(sorted(found, key=lambda near: (not near.agrees, -near.epoch, near.distance)))
    )
