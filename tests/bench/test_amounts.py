"""The amount of work that is measured: clocks, the rows that all contestants get alike, and their arithmetic."""

from __future__ import annotations

import time

import numpy as np
import pytest

from repro import registry
from repro.bench import (
    amounts,
)
from repro.bench.jobs import timed
from repro.text import Padded, pad_sequences, ragged


def test_processor_time_is_not_waiting() -> None:
    seconds = timed(lambda: time.sleep(0.2))
    assert seconds.wall >= 0.2
    assert seconds.cpu < 0.1


@pytest.mark.parametrize(
    ("experiment", "flop"),
    [
        ("imdb_lstm/model_one", 2 * (32 + 32) * 4 * 32),
        ("imdb_lstm/model_three", 2 * 2 * (32 + 32) * 4 * 32),
        ("imdb_lstm/model_four", 2 * 2 * (32 + 32) * 4 * 32),
        ("jigsaw_multilabel/lstm", 2 * (128 + 128) * 4 * 128),
        ("stacked_lstm/stacked", 2 * (45 + 128) * 4 * 128 + 2 * (128 + 128) * 4 * 128),
    ],
)
def test_each_weight_of_an_lstm_multiplies_and_adds_once_in_a_step(experiment: str, flop: int) -> None:
    assert amounts.flop_of_a_step(registry.experiment(experiment)[1]) == flop


def test_however_many_batches_are_measured_their_rows_are_as_long_as_those_of_the_epoch() -> None:
    chapter, experiment = registry.experiment("imdb_lstm/model_one")
    dataset = chapter.data("embedded")
    words = amounts.lengths(dataset.x_train)[:4_000]
    measured = amounts.training_rows(experiment, dataset, 28)
    for batches in range(amounts.GROUP, 29, amounts.GROUP):
        fewer = amounts.training_rows(experiment, dataset, batches)
        assert fewer.tolist() == measured[: 128 * batches].tolist()
        assert words[fewer].mean() == pytest.approx(words.mean(), rel=0.01)
        assert words[fewer].std() == pytest.approx(words.std(), rel=0.02)
    means = words[measured].reshape(28, 128).mean(axis=1)
    assert np.ptp(means) > 0.02 * words.mean()  # batches differ, as those of a run do
    assert len(set(measured.tolist())) == len(measured)


def test_more_batches_than_an_epoch_has_are_those_of_the_next_epoch() -> None:
    chapter, experiment = registry.experiment("imdb_lstm/model_one")
    rows = amounts.training_rows(experiment, chapter.data("embedded"), 40)
    assert len(rows) == 40 * 128
    assert sorted(rows[:4_000].tolist()) == list(range(4_000))
    assert rows[4_000:].tolist() == rows[: 40 * 128 - 4_000].tolist()


def test_neighbours_by_length_go_to_different_groups() -> None:
    order = amounts.spread(np.array([60, 10, 50, 20, 40, 30, 70, 80]), 4)
    assert sorted(order.tolist()) == list(range(8))
    for pair in ({1, 3}, {5, 4}, {2, 0}, {6, 7}):  # the shortest two, ..., the longest two
        assert len(pair & set(order[:4].tolist())) == 1


def test_as_many_test_rows_are_predicted_as_the_arithmetic_lets(monkeypatch: pytest.MonkeyPatch) -> None:
    chapter, experiment = registry.experiment("imdb_lstm/model_one")
    dataset = chapter.data("embedded")
    assert amounts.predicted_rows(experiment, dataset).tolist() == list(range(2_000))
    monkeypatch.setattr(amounts, "MOST_ARITHMETIC", 500 * 200 * amounts.flop_of_a_step(experiment))
    some, words = amounts.predicted_rows(experiment, dataset), amounts.lengths(dataset.x_test)
    assert len(set(some.tolist())) == 500
    assert words[some].mean() == pytest.approx(words.mean(), rel=0.01)


def test_words_are_counted_without_padding() -> None:
    words = ragged([[1, 2, 3], [], [4]])
    assert amounts.lengths(Padded(words, 2)).tolist() == [2, 0, 1]
    assert amounts.lengths(pad_sequences(words, 2)).tolist() == [2, 0, 1]
