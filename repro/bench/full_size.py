"""An epoch of `jigsaw_multilabel` on as many comments as its source trained and validated on. Starts Keras."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from repro import registry
from repro.bench.messages import Job, Seconds, timed
from repro.bench.rows import SEED, lengths
from repro.bench.suite import openblas
from repro.text import Padded, Ragged

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from repro.chapter import Chapter

EXPERIMENT = "jigsaw_multilabel/lstm"

MEDIAN_WORDS, SPREAD = 36, 1.1
"""Of comments made up, with the standard deviation of the logarithm of their numbers of words: about as in Jigsaw."""


class Printed(NamedTuple):
    """What the source printed."""

    training_rows: int
    validation_rows: int
    seconds: float
    """Of the epoch."""


def printed(chapter: Chapter) -> Printed:
    """What the chapter says that its source printed."""
    counts = {each.what: each.value for each in chapter.printed}
    seconds = next(each.value for each in chapter.values if each.unit == "s")
    return Printed(int(counts["training rows"]), int(counts["validation rows"]), seconds)


class FullSize:
    """Made-up words, as many in a comment as in one of the data drawn at random; `embedded`: lengths made up too."""

    facts: dict[str, str | float]

    def __init__(self, job: Job) -> None:
        from repro.backend import make_deterministic
        from repro.engines import make_trainer
        from repro.engines.base import HeldOut
        from repro.runs.train import compiled

        chapter, self._experiment = registry.experiment(EXPERIMENT)
        found = chapter.data(job.data)
        random = np.random.default_rng(SEED)
        source, maxlen = printed(chapter), found.x_train.shape[1]
        rows = source.training_rows + source.validation_rows
        if job.data == "embedded":
            drawn = np.clip(random.lognormal(np.log(MEDIAN_WORDS), SPREAD, rows), 1, maxlen).astype(np.int64)
        else:
            drawn = random.choice(lengths(found.x_train), rows)
        vocabulary = self._experiment.layers[0].inputs
        x = Padded(made_up(drawn, vocabulary, random), maxlen)
        y = (random.random((rows, len(chapter.labels))) < 0.1).astype(np.int32)
        self._dataset = dataclasses.replace(found, x_train=x, y_train=y)
        self._fitted, held_out = np.split(np.arange(rows), [source.training_rows])
        self._held_out = HeldOut(x, y, held_out)
        make_deterministic(SEED)
        model = compiled(chapter, self._experiment, "source")
        self._trainer = make_trainer("fast", model, chapter, self._experiment, SEED)
        self.facts = {"words": int(drawn[self._fitted].sum()), "openblas": openblas()}

    def warm_up(self) -> None:
        self._trainer.train(self._dataset, self._fitted[: self._experiment.batch_size], 0)

    def measure(self, amount: int) -> Seconds:
        """So many epochs with validation."""

        def epochs() -> None:
            for epoch in range(amount):
                self._trainer.train(self._dataset, self._fitted, epoch, held_out=self._held_out)

        return timed(epochs)


def made_up(lengths: NDArray[np.int64], vocabulary: int, random: np.random.Generator) -> Ragged:
    """Rows of these lengths of numbers from 1 to below `vocabulary`; number n is about n times as rare as 1."""
    reached = np.cumsum(1 / np.arange(1, vocabulary))
    values = np.searchsorted(reached, random.random(lengths.sum()) * reached[-1]) + 1
    return Ragged(values.astype(np.int32), np.insert(np.cumsum(lengths), 0, 0))
