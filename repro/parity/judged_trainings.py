"""What the judge of readers' numbers says of trainings that were recorded on R's stacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from repro.chapter import Chapter
from repro.evidence.judging.candidates import Candidate, candidates
from repro.evidence.judging.judgement import Judgement, judge
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
    known: dict[str, list[Candidate]] = {}
    for training in trainings:
        name = training.experiment
        experiment = next(each for each in chapter.experiments if each.name == name)
        known[name] = known.get(name) or candidates(groups, name)
        chosen = [each for each in known[name] if each.variation or each.numerics == training.numerics]
        history = {NAMES.get(column, column): values for column, values in training.history.items()}
        for shown in SHOWN:
            judgement = judge(as_reader(chapter, experiment, training.evaluation, history, shown), chosen)
            if judgement.unchanged:
                yield JudgedTraining(training, shown, judgement)
