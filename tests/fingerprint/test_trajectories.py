"""The replay of the probe: right gradients, and variants that are much further apart than rounding."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from repro.fingerprint import trajectories as trained
from repro.fingerprint.matching import LIMIT
from repro.fingerprint.probe_network import GateFunctions, gradients
from repro.fingerprint.probe_start import BATCH_SIZE, Array, ProbeWeights, probe_start
from repro.fingerprint.trajectories import Trajectories, trajectories
from repro.fingerprint.variants import OPTIMIZERS, Gates, Optimizer, variants

START = probe_start()
SIZES = [each.size for each in START.weights]


def unpacked(rows: Array) -> ProbeWeights:
    """ProbeWeights by variant from `(variants, all weights)`."""
    parts = np.split(rows, np.cumsum(SIZES)[:-1], axis=1)
    return ProbeWeights(*(part.reshape(-1, *like.shape) for part, like in zip(parts, START.weights, strict=True)))


def packed(weights: ProbeWeights) -> Array:
    return np.concatenate([each.reshape(len(each), -1) for each in weights], axis=1)


@pytest.mark.parametrize("gates", get_args(Gates))
def test_the_gradients_are_those_of_the_loss(gates: Gates) -> None:
    """Central differences, for all weights at once: each is moved in a variant of its own."""
    x, y = START.x[:BATCH_SIZE], START.y[:BATCH_SIZE]
    count, h = sum(SIZES), 1e-6
    point = np.concatenate([each.ravel() for each in START.weights])
    moved = unpacked(np.concatenate([point + h * np.eye(count), point - h * np.eye(count)]))
    losses = gradients(moved, x, y, GateFunctions([gates] * (2 * count))).loss
    found = gradients(unpacked(point[None]), x, y, GateFunctions([gates]))
    np.testing.assert_allclose(packed(found.weights)[0], (losses[:count] - losses[count:]) / (2 * h), atol=1e-9)


def test_a_word_that_occurs_once_has_the_square_of_its_gradient_and_others_have_not() -> None:
    x = np.arange(8)[None].repeat(1, axis=0)
    start = ProbeWeights(*(each[None] for each in START.weights))
    gates = GateFunctions(["sigmoid"])
    once = gradients(start, x, START.y[:1], gates)
    np.testing.assert_allclose(once.embedding_squares, once.weights.embedding**2, rtol=1e-12)
    twice = gradients(start, x // 2, START.y[:1], gates)
    assert not np.allclose(twice.embedding_squares[0, :4], twice.weights.embedding[0, :4] ** 2)


def all_numbers(paths: Trajectories) -> Array:
    return np.concatenate([paths.probabilities, paths.losses, paths.weights], axis=1)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_any_two_variants_are_much_further_apart_than_the_limit(optimizer: Optimizer) -> None:
    paths = trajectories(optimizer, variants(optimizer))
    numbers = all_numbers(paths)
    apart = np.abs(numbers[:, None] - numbers[None]).max(axis=2)
    np.fill_diagonal(apart, np.inf)
    assert apart.min() > 30 * LIMIT  # so a probe near the limit of one is far outside that of all others


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_start_moved_by_the_rounding_of_float32_ends_as_near(
    optimizer: Optimizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The training is not chaotic: what rounds otherwise agrees nevertheless."""
    before = all_numbers(trajectories(optimizer, variants(optimizer)))
    signs = np.random.default_rng(1)
    weights = ProbeWeights(*(each * (1 + 6e-8 * signs.choice([-1, 1], each.shape)) for each in START.weights))
    monkeypatch.setattr(trained, "probe_start", lambda: START._replace(weights=weights))
    assert np.abs(all_numbers(trajectories(optimizer, variants(optimizer))) - before).max() < LIMIT / 10


def test_rows_repeat_words_pad_in_front_and_leave_words_to_one_batch() -> None:
    """Otherwise some variants could not be told apart."""
    first, second = (set(START.x[begin : begin + BATCH_SIZE].ravel()) for begin in (0, BATCH_SIZE))
    assert first - second
    assert second - first
    assert all(len(set(row)) < len(row) for row in START.x)
    assert (START.x[:, 0] == 0).any()
    assert set(START.y) == {0, 1}
