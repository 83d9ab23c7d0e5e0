"""The work of an epoch with validation on as many rows as its source had, by the fast engine. Starts Keras."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from repro import registry
from repro.bench.amounts import lengths
from repro.bench.in_keras import engine_trainer
from repro.bench.jobs import SEED, Job, Seconds, Work, timed
from repro.engines.base import HeldOut
from repro.environment import openblas
from repro.text import Padded, Ragged

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from repro.chapter import Chapter, Experiment


def printed(chapter: Chapter, experiment: Experiment) -> dict[str, int | float]:
    """`rows`, `validation_rows` and `printed_seconds` of an epoch in the source; empty if one is not printed."""
    rows = {each.what: int(each.value) for each in chapter.printed}
    seconds = [each.value for each in chapter.values if each.unit == "s" and each.experiment == experiment.name]
    if not seconds or not {"training rows", "validation rows"} <= rows.keys():
        return {}
    train, validation = rows["training rows"], rows["validation rows"]
    return {"rows": train, "validation_rows": validation, "printed_seconds": seconds[0]}


def work(job: Job) -> Work:
    """The fast engine trains epochs with validation, on as many rows as the source had.

    Words and labels are made up; the lengths of the rows are drawn from the data.
    """
    chapter, experiment = registry.experiment(job.experiment)
    dataset, source = chapter.data(job.data), printed(chapter, experiment)
    train, maxlen = int(source["rows"]), dataset.x_train.shape[1]
    rows = train + int(source["validation_rows"])
    random = np.random.default_rng(SEED)
    drawn = random.choice(lengths(dataset.x_train), rows)
    x = Padded(made_up(drawn, experiment.layers[0].inputs, random), maxlen)
    y = (random.random((rows, len(chapter.labels))) < 0.1).astype(np.int32)
    fitted, others = np.split(np.arange(rows), [train])
    dataset, held_out = dataclasses.replace(dataset, x_train=x, y_train=y), HeldOut(x, y, others)
    trainer = engine_trainer(job, chapter, experiment)
    trainer.train(dataset, fitted[: experiment.batch_size], 0)

    def measure(epochs: int) -> Seconds:
        return timed(lambda: [trainer.train(dataset, fitted, each, held_out=held_out) for each in range(epochs)])

    return Work(measure, {"words": int(drawn[fitted].sum()), "openblas": openblas()})


def made_up(lengths: NDArray[np.int64], vocabulary: int, random: np.random.Generator) -> Ragged:
    """Rows of these lengths of numbers from 1 to below `vocabulary`; number n is about n times as rare as 1."""
    reached = np.cumsum(1 / np.arange(1, vocabulary))
    values = np.searchsorted(reached, random.random(lengths.sum()) * reached[-1]) + 1
    return Ragged(values.astype(np.int32), np.insert(np.cumsum(lengths), 0, 0))
