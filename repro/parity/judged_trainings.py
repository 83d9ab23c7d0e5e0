"""What the judge of readers' numbers says of trainings that were recorded on R's stacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from repro.chapter import Chapter
from repro.evidence.judging.candidates import candidates
from repro.evidence.judging.coordinates import coordinates
from repro.evidence.judging.judgement import Judgement
from repro.evidence.judging.panel import Panel
from repro.evidence.judging.recognition import SHOWN, Shown, as_reader
from repro.evidence.run_groups import RunGroup
from repro.parity.trainings import RecordedTraining

NAMES = {"acc": "accuracy", "val_acc": "val_accuracy"}
"""What the Keras of 2019 called the columns of a history."""


class JudgedTraining(NamedTuple):
    """A recorded training whose numbers played a reader's."""

    training: RecordedTraining
    shown: Shown
    judgement: Judgement


def judge_trainings(
    chapter: Chapter, trainings: Iterable[RecordedTraining], groups: Sequence[RunGroup]
) -> Iterator[JudgedTraining]:
    """Judge each training by our runs with the numerics of its stack, for each of `SHOWN`; those with runs enough."""
    panels: dict[tuple[str, str], Panel] = {}
    for training in trainings:
        name = training.experiment
        experiment = next(each for each in chapter.experiments if each.name == name)
        history = {NAMES.get(column, column): values for column, values in training.history.items()}
        for shown in SHOWN:
            asked = coordinates(as_reader(chapter, experiment, training.evaluation, history, shown))
            key = name, shown.name
            if key not in panels:
                alike = [each for each in candidates(groups, name) if each.epochs == experiment.epochs]
                panels[key] = Panel(asked, alike)
            values = {each.name: each.given.value for each in asked}
            judgement = panels[key].judge([values[each.name] for each in panels[key].asked], training.numerics)
            if judgement.unchanged:
                yield JudgedTraining(training, shown, judgement)
