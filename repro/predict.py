"""Classifies a text with a model that was trained here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from repro import registry
from repro.checkpoints import load_model
from repro.errors import ReproError
from repro.records import Record, Results


@dataclass(frozen=True)
class Prediction:
    """The probability of each class, 0 to 1, the most probable class, and the record whose weights were used."""

    probabilities: dict[str, float]
    label: str
    record: Record


def predict(name: str, text: str, results: Results, folder: Path | None) -> Prediction:
    """Classify `text` with the newest trained model of the experiment `name` (`CHAPTER/EXPERIMENT`). Starts Keras.

    folder: where the real data are, for the numbers of the words, if the model was trained on them; None to look in the
        usual places.

    Raises ReproError if nothing was trained, the text is empty, or the word index cannot be had.
    """
    chapter, experiment = registry.experiment(name)
    if not text.strip():
        raise ReproError("the text is empty")
    records = [
        record
        for record in results.records(chapter.name)[0]
        if record.experiment == experiment.name and results.weights_path(chapter.name, record.stem).exists()
    ]
    if not records or chapter.encode is None:
        raise ReproError(f"no trained weights of {name} are in {results.root}; train it: repro run {name}")
    record = max(records, key=lambda record: record.when)
    row = chapter.encode(text, "embedded" if record.data.kind == "embedded" else folder or "real")
    output = [float(p) for p in load_model(results, record).predict(row, verbose=0)[0]]
    probabilities = [1 - output[0], output[0]] if len(output) == 1 else output
    by_class = dict(zip(chapter.classes, probabilities, strict=True))
    return Prediction(by_class, max(by_class, key=by_class.__getitem__), record)
