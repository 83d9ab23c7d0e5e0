"""Classifies a text with a model that was trained here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from repro import registry
from repro.chapter import DataChoice
from repro.checkpoints import load_model
from repro.errors import ReproError
from repro.records import Record, Results


@dataclass(frozen=True)
class Prediction:
    """The probability of each class or label, 0 to 1, what follows, and the record whose weights were used."""

    probabilities: dict[str, float]
    verdict: str
    """The most probable class; or the labels with a probability above 0.5, `none` if there are none."""
    record: Record


def predict(name: str, text: str, results: Results, folder: Path | None) -> Prediction:
    """Classify `text` with the newest trained model of the experiment `name` (`CHAPTER/EXPERIMENT`). Starts Keras.

    folder: where the data are that the model was trained on, for the numbers of the words; None to look in the usual
        places.

    Raises ReproError if nothing was trained, the text is empty, or those data cannot be had.
    """
    chapter, experiment = registry.experiment(name)
    if not text.strip():
        raise ReproError("the text is empty")
    records = [
        record
        for record in results.records(chapter.name)[0]
        if record.experiment == experiment.name and results.weights_path(chapter.name, record.stem).exists()
    ]
    if not records:
        raise ReproError(f"no trained weights of {name} are in {results.root}; train it: repro run {name}")
    record = max(records, key=lambda record: record.when)
    choice: DataChoice = "embedded" if record.data.kind == "embedded" else folder or "real"
    if chapter.data(choice).provenance.sha256 != record.data.sha256:  # another corpus would number other words
        raise ReproError(f"{record.stem} was trained on other data than those here; train on these: repro run {name}")
    output = [float(p) for p in load_model(results, record).predict(chapter.encode(text, choice), verbose=0)[0]]
    if chapter.labels:
        by_label = dict(zip(chapter.labels, output, strict=True))
        given = [label for label, probability in by_label.items() if probability > 0.5]
        return Prediction(by_label, ", ".join(given) or "none", record)
    probabilities = [1 - output[0], output[0]] if len(output) == 1 else output
    by_class = dict(zip(chapter.classes, probabilities, strict=True))
    return Prediction(by_class, max(by_class, key=by_class.__getitem__), record)
