"""Whole trainings that were recorded on R's stacks, and the runs of ours that may stand beside them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from repro.chapter import Chapter
from repro.errors import ReproError
from repro.evaluation import Evaluation, Split
from repro.numerics import Numerics
from repro.parity.recorded import matrix, read_json
from repro.records import Record, Settings

SPLITS: tuple[Split, ...] = ("train", "test")

Caller = Literal["R", "Python"]
"""The language that called Keras. Python called it as R does, with the defaults of R's package."""
CALLERS: tuple[Caller, ...] = get_args(Caller)


class RecordedTraining(NamedTuple):
    """One model trained with one seed on the Keras of one of R's stacks, from its own initial weights."""

    stack: str
    """The name of R's stack."""
    caller: Caller
    numerics: Numerics
    """Ours that compute as that stack did."""
    seed: int
    experiment: str
    """`model_one`"""
    history: Mapping[str, tuple[float, ...]]
    """By epoch: `loss`, `acc`, `val_loss`, `val_acc`."""
    evaluation: Mapping[Split, Evaluation]


def recorded_trainings(chapter: Chapter, folder: Path) -> list[RecordedTraining]:
    """All trainings of the chapter's models in the folder of recordings, by stack, caller (R first), seed and model.

    Raises ReproError if the chapter has some, and none of them is there.
    """
    sources = [
        (recording, stack, caller, files)
        for recording in chapter.recordings
        for stack in recording.stacks
        for caller, files in zip(CALLERS, (stack.trainings, stack.trainings_from_python), strict=True)
        if files
    ]
    trainings = []
    for recording, stack, caller, files in sources:
        name = Path(stack.file).stem  # what the file of trainings calls the model, too
        for path in folder.glob(files):
            (seed,) = re.findall(r"\d+", path.stem)
            trained = read_json(path)["models"][name]
            history = {key: tuple(values) for key, values in trained["history"].items()}
            evaluation = {
                split: Evaluation(loss=trained[split]["evaluate"]["loss"], matrix=matrix(trained[split]["table"]))
                for split in SPLITS
            }
            trainings.append(
                RecordedTraining(
                    stack.name, caller, stack.numerics, int(seed), recording.experiment, history, evaluation
                )
            )
    if sources and not trainings:
        raise ReproError(
            f"{folder} holds no recorded trainings; only a clone of the project has them, in tests/reference: "
            "--reference names that folder"
        )
    order = list(dict.fromkeys((stack.name, caller) for _, stack, caller, _ in sources))
    return sorted(trainings, key=lambda training: (order.index((training.stack, training.caller)), training.seed))


def beside(training: RecordedTraining, records: Iterable[Record]) -> list[Record]:
    """Our runs of the same model on the real data, with the numerics of R's stack, that have a result; by seed.

    Of one engine, one copy of the data and one way to train: those with most such runs; of two, the fast engine.
    """
    runs = [
        record
        for record in records
        if (record.experiment, record.settings.numerics) == (training.experiment, training.numerics)
        and record.data.kind == "real"
        and not record.variation
        and record.settings.epochs == len(training.history["loss"])
        and record.evaluation
    ]
    alike: dict[tuple[str, str, Settings], list[Record]] = defaultdict(list)
    for record in runs:
        if record.engine in ("fast", "keras"):
            alike[record.engine, record.data.sha256, record.settings].append(record)
    most = max(alike.values(), key=lambda some: (len(some), some[0].engine == "fast"), default=[])
    return sorted(most, key=lambda record: record.seed)
