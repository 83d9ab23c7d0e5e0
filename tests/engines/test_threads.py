"""A run on several threads: the bits are those of one thread, and what goes wrong in one of them comes out."""

from __future__ import annotations

import dataclasses
import threading
import time
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from repro import registry
from repro.backend import chosen, make_deterministic
from repro.engines.fast.optimizers import LEAST
from repro.engines.fast.threads import Threads, parts
from repro.engines.fast.trainer import FastTrainer
from repro.runs.train import compiled

pytestmark = pytest.mark.skipif(chosen() != "tensorflow", reason="the engine is the same on every backend")

EXPERIMENTS = [
    "imdb_lstm/model_one",
    "imdb_lstm/model_three",
    "imdb_lstm/model_four",
    "imdb_rnn/lstm",
    "jigsaw_multilabel/lstm",
    "rotten_tomatoes/lstm",
    "stacked_lstm/stacked",
]
"""One for each kind of layer, dropout, loss and optimizer."""

ROWS, LENGTH = 150, 12
"""Enough for four shards, and one with fewer rows than the others."""


def trained(name: str, numerics: Any, threads: int, optimizer: str | None = None) -> list[NDArray[Any]]:
    """The losses of some steps, the weights and the optimizer's state after them, and predictions.

    optimizer: instead of the experiment's.
    """
    chapter, experiment = registry.experiment(name)
    experiment = dataclasses.replace(experiment, optimizer=optimizer or experiment.optimizer)
    make_deterministic(1)
    trainer = FastTrainer(compiled(chapter, experiment, numerics), chapter, experiment, 1, threads=threads)
    random = np.random.default_rng(3)
    x = random.integers(1, 300, (ROWS, LENGTH)).astype(np.int32)
    x[np.arange(LENGTH) < random.integers(0, LENGTH, ROWS)[:, None]] = 0
    outputs = trainer.model.output_shape[-1]
    binary = experiment.loss == "binary_crossentropy"
    y = random.integers(0, 2 if binary else outputs, (ROWS, outputs) if outputs > 1 and binary else ROWS)
    losses = [trainer.step(x, y.astype(np.int32)) for _ in range(3)]
    trainer.store()
    state = [np.array(variable) for variable in trainer.model.optimizer.variables]
    return [np.array(losses), *trainer.weights(), *state, trainer.predict(x).probabilities]


@pytest.mark.parametrize("numerics", ["source", "stock"])
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_bits_of_a_run_do_not_depend_on_the_number_of_threads(name: str, numerics: str) -> None:
    alone = trained(name, numerics, 1)
    for threads in (2, 3, 16):
        for one, other in zip(alone, trained(name, numerics, threads), strict=True):
            assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("numerics", ["source", "stock"])
@pytest.mark.parametrize("optimizer", ["sgd", "adagrad", "nadam"])
def test_nor_do_they_with_optimizers_that_no_chapter_uses(optimizer: str, numerics: str) -> None:
    """With so many words that several threads update them."""
    alone = trained("imdb_rnn/lstm", numerics, 1, optimizer)
    assert alone[1].size >= 2 * LEAST  # the embedding
    for one, other in zip(alone, trained("imdb_rnn/lstm", numerics, 3, optimizer), strict=True):
        assert one.tobytes() == other.tobytes()


def test_all_threads_work_at_once_and_each_task_is_done_once() -> None:
    barrier = threading.Barrier(3, timeout=20)
    done: list[tuple[int, int]] = []

    def task(number: int, thread: int) -> None:
        if number < 3:
            barrier.wait()
        done.append((number, thread))

    tasks = [lambda thread, number=number: task(number, thread) for number in range(40)]
    Threads(3).run(tasks)
    assert sorted(number for number, _ in done) == list(range(40))
    assert {thread for _, thread in done} == {0, 1, 2}


@pytest.mark.parametrize("threads", [1, 3])
def test_an_exception_in_a_thread_is_raised_when_the_others_have_stopped(threads: int) -> None:
    running: list[int] = []

    def fails(thread: int) -> None:
        raise ArithmeticError("a fault")

    def takes_time(thread: int) -> None:
        running.append(thread)
        time.sleep(0.1)
        running.remove(thread)

    group = Threads(threads)
    with pytest.raises(ArithmeticError, match="a fault"):
        group.run([takes_time, fails, *[takes_time] * 20])
    assert not running
    group.run([takes_time] * 3)  # it still can be used


@pytest.mark.parametrize(("size", "least", "most"), [(0, 5, 16), (1, 5, 16), (100, 5, 16), (100, 30, 16), (99, 1, 2)])
def test_parts_cover_everything_once_and_are_not_too_small(size: int, least: int, most: int) -> None:
    split = parts(size, least, most)
    covered = [number for part in split for number in range(size)[part]]
    assert covered == list(range(size))
    assert len(split) <= most
    assert len(split) == 1 or min(part.stop - part.start for part in split[:-1]) >= least
