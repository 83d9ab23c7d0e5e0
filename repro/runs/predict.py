"""Classifies texts with a trained model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repro import registry
from repro.chapter import Chapter, Experiment
from repro.datasets.choice import DataChoice, decide
from repro.engines import Engine, make_trainer
from repro.environment import cores
from repro.records import Record, Results
from repro.runs.checkpoints import load_model
from repro.runs.train import compiled
from repro.runs.trained import newest_trained

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from repro.datasets.dataset import Inputs


@dataclass(frozen=True)
class Prediction:
    """How a model classifies one text."""

    answer: str | None
    """The most probable class; or the labels with a probability above 0.5, `none` if there are none. None if the model
    knows no word that it reads: all such texts would get the same answer."""
    probabilities: dict[str, float]
    """By class or label, 0 to 1; empty if there is no answer."""
    words: int
    """The number of words in the text."""
    read: int
    """The number of words that the model reads: the last ones, up to `maxlen`."""
    known: int
    """The number of words, among those it reads, that the model knows."""


def predict(
    name: str, texts: Sequence[str], results: Results, data: DataChoice | None = None
) -> tuple[list[Prediction], Record]:
    """Classify each text with the newest trained model of the experiment `name`, `CHAPTER/EXPERIMENT`.

    data: what the model was trained on: `real`, `embedded`, or the folder of the real data, which gives the words
        their numbers. None takes that of the real data, if one was trained.

    Returns the predictions and the record of the model.

    Starts Keras. Raises ReproError if nothing was trained, or those data cannot be had.
    """
    chapter, experiment = registry.experiment(name)
    record, choice = newest_trained(chapter, experiment, results, None if data is None else decide(data))
    reading = chapter.encode(texts, choice)
    known_rows = reading.x[np.flatnonzero(reading.known)]
    probabilities = iter(_probabilities(chapter, experiment, record, results, known_rows))
    predictions = []
    for words, read, known in zip(*(numbers.tolist() for numbers in reading[1:]), strict=True):
        by_name = next(probabilities) if known else {}
        predictions.append(Prediction(_answer(chapter, by_name), by_name, words, read, known))
    return predictions, record


def _probabilities(
    chapter: Chapter, experiment: Experiment, record: Record, results: Results, x: Inputs
) -> list[dict[str, float]]:
    """By class or label, for each row of x `(rows, maxlen) int32`, computed by the engine that trained the model."""
    if not len(x):
        return []
    model = compiled(chapter, experiment, record.settings.numerics)
    model.set_weights(load_model(results, record).get_weights())
    engine: Engine = "fast" if record.engine == "fast" else "keras"
    trainer = make_trainer(engine, model, chapter, experiment, record.seed, threads=cores())
    probabilities: NDArray[np.float32] = trainer.predict(x).probabilities
    names = chapter.labels or chapter.classes
    if len(names) == 2 and probabilities.shape[1] == 1:
        probabilities = np.hstack([1 - probabilities, probabilities])
    # Through str, a float32 becomes the fewest digits that identify it.
    return [dict(zip(names, map(float, map(str, row)), strict=True)) for row in probabilities]


def _answer(chapter: Chapter, by_name: dict[str, float]) -> str | None:
    if not by_name:
        return None
    if chapter.labels:
        return ", ".join(name for name, probability in by_name.items() if probability > 0.5) or "none"
    return max(by_name, key=by_name.__getitem__)
