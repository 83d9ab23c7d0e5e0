"""Finds the variants that agree with what a probe printed."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

from repro.fingerprint.probe_file import ProbeOutput
from repro.fingerprint.trajectories import Trajectories, trajectories
from repro.fingerprint.variants import OPTIMIZERS, Computed, Optimizer, Variant, variants

LIMIT = 2e-5
"""How far a probe's numbers may be from those of a variant that agrees.

The probe computes in float32, the variants in float64. After 48 steps they are up to 1.3e-6 apart in all recorded
stacks, and any two variants at least 6e-4 (`tests/fingerprint`). The limit lies between, by about the same factor.
"""

LOSS_LIMIT = 2e-6
"""The same for a loss, or a probability, by itself: up to 5e-7 apart in all recorded stacks."""


class Near(NamedTuple):
    """A variant, and how far it is from the probe."""

    variant: Variant
    distance: float
    """The largest absolute difference of a probability, a loss or a weight."""


class OptimizerMatch(NamedTuple):
    """The training with one optimizer beside all variants."""

    optimizer: Optimizer
    ranked: tuple[Near, ...]
    """The nearest first."""
    parts: str
    """Where the probe parts from the nearest, in words."""

    @property
    def agreeing(self) -> tuple[Near, ...]:
        """The variants that agree: none, one, or several that cannot be told apart."""
        return tuple(near for near in self.ranked if near.distance <= LIMIT)

    @property
    def nearest(self) -> Near:
        """The nearest variant, whether or not it agrees."""
        return self.ranked[0]

    @property
    def next_distance(self) -> float:
        """How far the nearest variant is that does not agree."""
        return next(near.distance for near in self.ranked if near.distance > LIMIT)


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
    apart = np.max(
        [
            np.abs(paths.probabilities - probe.all_probabilities).max(axis=1),
            np.abs(paths.losses - training.all_losses).max(axis=1),
            np.abs(paths.weights - training.all_weights).max(axis=1),
        ],
        axis=0,
    )
    order = np.argsort(apart, kind="stable")
    ranked = tuple(Near(candidates[index], float(apart[index])) for index in order)
    return OptimizerMatch(optimizer, ranked, _parting(probe, optimizer, paths, int(order[0])))


def _parting(probe: ProbeOutput, optimizer: Optimizer, paths: Trajectories, index: int) -> str:
    """Where the probe is first further than rounding from the variant with this index."""
    if np.abs(paths.probabilities[index] - probe.all_probabilities).max() > LOSS_LIMIT:
        return "before the first step: the probabilities differ"
    far = np.abs(paths.losses[index] - probe.training(optimizer).all_losses) > LOSS_LIMIT
    if far.any():
        epoch = int(far.argmax()) + 1
        return f"in epoch {epoch} (steps {2 * epoch - 1} and {2 * epoch})"
    return "in the weights after the last step; the losses of all epochs agree"
