"""Finds the trained model that a command is to use: the newest one that fits the data that are here."""

from __future__ import annotations

from pathlib import Path

from repro.chapter import Chapter, Experiment
from repro.datasets.choice import Word
from repro.errors import ReproError
from repro.records import Record, Results


def newest_trained(
    chapter: Chapter, experiment: Experiment, results: Results, data: Word | Path | None
) -> tuple[Record, Word | Path]:
    """The newest record whose weights are here and whose data are those here; and the choice that loads these data.

    data: what the model was trained on; None for the real data, or a sample of them, if there is such a model, and
    otherwise the embedded corpus: a quick try on it must not hide the model that took hours. Variations are left out.

    Raises ReproError, with the command that trains one, if there is none; and if the data cannot be had.
    """
    name = f"{chapter.name}/{experiment.name}"
    records = [
        record
        for record in results.records(chapter.name)[0]
        if record.experiment == experiment.name
        and not record.variation  # another model, or the same on rows that are prepared in another way
        and results.weights_path(chapter.name, record.stem).exists()
        and (data is None or (record.data.kind == "embedded") == (data == "embedded"))
    ]
    if not records:
        on = "" if data is None else f", trained on the {'embedded corpus' if data == 'embedded' else 'real data'},"
        how = f"{name} --data embedded" if data == "embedded" else name
        how += f" --results {results.root}" if results.root != Path("results") else ""
        place = results.root if results.root.is_absolute() else f"./{results.root}"
        raise ReproError(
            f"no trained weights of {name}{on} are in {place} (--results names another folder); train it: "
            f"repro run {how}"
        )
    newest = max(records, key=lambda record: (record.data.kind != "embedded", record.when))
    choice: Word | Path = data or ("embedded" if newest.data.kind == "embedded" else "real")
    here = chapter.data(choice).provenance.sha256
    fitting = [record for record in records if record.data.sha256 == here]
    if not fitting:  # another corpus would number other words
        raise ReproError(f"{newest.stem} was trained on other data than those here; train on these: repro run {name}")
    return max(fitting, key=lambda record: record.when), choice
