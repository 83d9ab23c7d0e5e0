"""Whole trainings recorded in R, and the records of ours that may stand beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from repro.errors import ReproError
from repro.evaluation import Evaluation, Split
from repro.numerics import Numerics
from repro.parity.recorded import FromR, matrix, read_json
from repro.records import Record

NUMERICS_OF: dict[str, Numerics] = {"R 2019": "source", "R 2024": "keras2", "R keras3": "stock"}
"""Which of our numerics stands for which of R's stacks."""


class Training(NamedTuple):
    """One model trained in R for ten epochs, from Keras' own initial weights."""

    stack: str
    seed: int
    experiment: str
    """`model_one`"""
    history: Mapping[str, tuple[float, ...]]
    """By epoch: `loss`, `acc`, `val_loss`, `val_acc`."""
    evaluation: Mapping[Split, Evaluation]


def trainings(folder: Path) -> list[Training]:
    """All that are in `tests/reference`, the given folder. Raises ReproError if there are none."""
    found = []
    for stack, name in FromR.STACKS.items():
        for path in sorted((folder / name).glob("full_seed*.json")):
            (seed,) = re.findall(r"\d+", path.stem)
            for model, trained in read_json(path)["models"].items():
                history = {key: tuple(values) for key, values in trained["history"].items()}
                splits: tuple[Split, ...] = ("train", "test")
                evaluation = {split: _evaluation(trained[split]) for split in splits}
                found.append(Training(stack, int(seed), f"model_{model}", history, evaluation))
    if not found:
        raise ReproError(
            f"{folder} holds no recorded trainings; --reference names the folder that comes with the tests"
        )
    return found


def _evaluation(trained: Mapping[str, Mapping[str, float]]) -> Evaluation:
    return Evaluation(loss=trained["evaluate"]["loss"], matrix=matrix(trained["table"]))


def beside(training: Training, records: Iterable[Record]) -> list[Record]:
    """Our runs of the same model on the real data with the numerics of R's stack that have a result, by seed.

    Of one engine: the one that made more of them, the fast one if both made as many.
    """
    whole = [
        record
        for record in records
        if (record.experiment, record.settings.numerics) == (training.experiment, NUMERICS_OF[training.stack])
        and record.data.kind == "real"
        and record.settings.epochs == len(training.history["loss"])
        and record.evaluation
    ]
    fast, keras = ([record for record in whole if record.engine == engine] for engine in ("fast", "keras"))
    return sorted(fast if len(fast) >= len(keras) else keras, key=lambda record: record.seed)
