"""Whether the judge knows what a run is: each of our runs plays a reader once, without the runs of its seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from repro.chapter import Chapter, Experiment
from repro.evaluation import Evaluation, Split
from repro.evidence.intervals import FEWEST
from repro.evidence.judging.candidates import Candidate
from repro.evidence.judging.coordinates import coordinates
from repro.evidence.judging.panel import Panel
from repro.evidence.reader.reader_history import ReaderHistory
from repro.evidence.reader.reader_numbers import ReaderNumbers, SplitNumbers
from repro.evidence.reader.rounded import Rounded, exact_share


class Shown(NamedTuple):
    """Which of a run's numbers the judge is shown."""

    name: str
    """In words: `test loss and accuracy`."""
    splits: tuple[Split, ...]
    matrix: bool
    history: bool


SHOWN = (
    Shown("test loss and accuracy", ("test",), matrix=False, history=False),
    Shown("test loss and matrix", ("test",), matrix=True, history=False),
    Shown("loss and matrix, train and test", ("train", "test"), matrix=True, history=False),
    Shown("these and the history", ("train", "test"), matrix=True, history=True),
)


class Recognised(NamedTuple):
    """What the judge says of a candidate's own runs."""

    candidate: Candidate
    shown: Shown
    own: int
    """In how many of the runs the numbers are plausible under the candidate itself."""
    unchanged: int
    """In how many they are plausible under some unchanged candidate."""
    first: int
    """In how many it is the first change that is named."""
    second: int
    """In how many the second."""
    decided: int
    """In how many it is named first, and for sure."""
    accused: int
    """In how many another change than it is named for sure."""

    @property
    def n(self) -> int:
        """How many runs played a reader."""
        return len(self.candidate.runs)


def recognise(chapter: Chapter, experiment: Experiment, known: Sequence[Candidate]) -> Iterator[Recognised]:
    """Judge each run of each candidate that has enough of them, for each of `SHOWN`."""
    for shown in SHOWN:
        panels: dict[tuple[int, int], Panel] = {}
        for candidate in known:
            if len(candidate.runs) > FEWEST and not candidate.classifies and not candidate.other_experiment:
                yield _recognised(chapter, experiment, candidate, known, shown, panels)


def _recognised(
    chapter: Chapter,
    experiment: Experiment,
    candidate: Candidate,
    known: Sequence[Candidate],
    shown: Shown,
    panels: dict[tuple[int, int], Panel],
) -> Recognised:
    """panels: those that were made for these numbers, by seed and number of epochs."""
    counts = dict.fromkeys(("own", "unchanged", "first", "second", "decided", "accused"), 0)
    for run in candidate.runs:
        asked = coordinates(as_reader(chapter, experiment, run.evaluation, run.history, shown))
        key = run.seed, candidate.epochs if shown.history else 0
        if key not in panels:
            others = [each.without_seed(run.seed) for each in known if each.epochs == candidate.epochs or not key[1]]
            panels[key] = Panel(asked, others)
        judgement = replace(
            panels[key].judge([each.given.value for each in asked]),
            is_of_other_epochs=bool(key[1]) and candidate.epochs != experiment.epochs,
        )
        named = [each.candidate.name for each in judgement.suspects]
        asked_about = judgement.asked.candidate.name if judgement.asked else ""
        counts["own"] += any(each.plausible for each in judgement.all if each.candidate.name == candidate.name)
        counts["unchanged"] += any(each.plausible for each in judgement.unchanged)
        counts["first"] += named[:1] == [candidate.name]
        counts["second"] += named[1:2] == [candidate.name]
        counts["decided"] += asked_about == candidate.name
        counts["accused"] += asked_about not in ("", candidate.name)
    return Recognised(candidate, shown, **counts)


def as_reader(
    chapter: Chapter,
    experiment: Experiment,
    evaluation: Mapping[Split, Evaluation],
    history: Mapping[str, tuple[float, ...]],
    shown: Shown,
) -> ReaderNumbers:
    """The numbers of a run as a reader would give them."""
    splits: dict[Split, SplitNumbers] = {}
    for split in shown.splits:
        loss, matrix = Rounded(evaluation[split].loss, 0.0, ""), evaluation[split].matrix
        splits[split] = (
            SplitNumbers(loss=loss, matrix=matrix)
            if shown.matrix
            else SplitNumbers(loss=loss, accuracy=exact_share(evaluation[split].accuracy))
        )
    return ReaderNumbers(chapter, experiment, splits, ReaderHistory(history) if shown.history else None)
