"""What was found, in sentences made of the numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from repro.check import Checked
from repro.evidence.calibration import Calibration
from repro.evidence.claims import ClaimVerdict
from repro.evidence.run_groups import RunGroup, seeds
from repro.evidence.source_numbers import SourceNumber
from repro.evidence.verdicts import NumberVerdict
from repro.report.quantities import ACCURACY, MAJORITY, MEAN_AUC, percent, spread
from repro.report.standing import where

KINDS_OF_VERDICTS = ("holds", "fails", "open", "seen", "no runs yet")
"""How verdicts on claims begin, in the order in which they are counted."""


_VERBS = {
    "holds": ("holds", "hold"),
    "fails": ("fails", "fail"),
    "open": ("is open", "are open"),
    "seen": ("says what can happen", "say what can happen"),
    "no runs yet": ("waits for runs", "wait for runs"),
}


class JudgedNumber(NamedTuple):
    """A number of a source with its verdict."""

    number: SourceNumber
    verdict: NumberVerdict


class Score(NamedTuple):
    """How many of several."""

    good: int
    of: int


def reproduced(judged: Sequence[JudgedNumber]) -> Score:
    """How many of the numbers that could be judged are reproduced."""
    decided = [each for each in judged if each.verdict.verdict != "too few runs"]
    return Score(sum(each.verdict.verdict == "reproduced" for each in decided), len(decided))


def claim_counts(verdicts: Sequence[ClaimVerdict]) -> dict[str, int]:
    """How many claims have each kind of verdict, those with none left out."""
    counts = Counter(kind_of(each) for each in verdicts)
    return {kind: counts[kind] for kind in KINDS_OF_VERDICTS if counts[kind]}


def kind_of(verdict: ClaimVerdict) -> str:
    """`holds`, `seen`: how the verdict begins."""
    return next(kind for kind in KINDS_OF_VERDICTS if verdict.verdict.startswith(kind))


def sentences(
    group: RunGroup, judged: Sequence[JudgedNumber], calibration: Calibration | None, verdicts: Sequence[ClaimVerdict]
) -> list[str]:
    """What the runs of a chapter's group say of its source, in a few short sentences."""
    said = [*_of_numbers(group, judged, calibration), *_of_claims(verdicts)]
    return [*said, *([] if group.comparable and reproduced(judged).of else _of_results(group))]


def _of_numbers(group: RunGroup, judged: Sequence[JudgedNumber], calibration: Calibration | None) -> list[str]:
    if not group.with_results:
        return ["No run in which nothing was changed has results."]
    if not judged:
        return ["The source prints no numbers of its runs that could be compared."]
    if not group.comparable:
        return [f"{_numbers(len(judged))} not judged, since these runs are of {_not_the_sources(group)}."]
    score = reproduced(judged)
    if not score.of:
        return [f"{_numbers(len(judged))} not judged yet: {seeds(group.with_results)} of ours are too few."]
    good = f"{score.good} of the {score.of} numbers that the source prints of its runs are reproduced"
    if score.of == 1:
        good = f"The one number that the source prints of its runs is {'' if score.good else 'not '}reproduced"
    if calibration and calibration.decides:
        return [f"{good}; taken together, its run lies {where(calibration, 'ours')} (p = {calibration.p:.2f})."]
    return [f"{good}."]


def _not_the_sources(group: RunGroup) -> str:
    """What forbids the comparison of a group's numbers with printed ones."""
    if group.provenance.kind == "real":
        return "another number of epochs"
    return "a sample of the data" if group.provenance.kind == "sample" else "other data"


def _numbers(count: int) -> str:
    return "The source's one number is" if count == 1 else f"The source's {count} numbers are"


def _of_claims(verdicts: Sequence[ClaimVerdict]) -> list[str]:
    if not verdicts:
        return []
    counts = claim_counts(verdicts)
    if len(verdicts) == 1:
        return [f"Its one claim: {verdicts[0].verdict}."]
    return [f"Of its {len(verdicts)} claims, {counted(counts)}."]


def counted(counts: Mapping[str, int]) -> str:
    """`29 hold, 5 fail and 1 is open`: how many claims have each kind of verdict."""
    one, several = 0, 1
    return _listed([f"{n} {_VERBS[kind][one if n == 1 else several]}" for kind, n in counts.items()])


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def checked_in_words(checked: Checked) -> str:
    """What was checked, without what there is none of; what is wrong, if anything is."""
    if checked.faults:
        return "; ".join(checked.faults)
    printed = f", and {checked.printed} of them what is printed" if checked.printed else ""
    parts = [
        f"{checked.counts} parameter counts by formula equal Keras' own{printed}",
        f"{checked.others} other printed numbers follow" if checked.others else "",
        f"{checked.facts} facts hold" if checked.facts else "",
        f"{checked.errata} errata are shown by their checks" if checked.errata else "",
    ]
    return "; ".join(filter(None, parts))


def _of_results(group: RunGroup) -> list[str]:
    """What our runs reach on what the source evaluates on; of the one experiment, since several have a table."""
    if not group.with_results:
        return []
    split = group.chapter.headline if group.chapter.headline in group.splits else group.splits[-1]
    made = []
    for experiment in group.chapter.experiments:
        evaluations = [record.evaluation[split] for record in group.evaluated(experiment.name)]
        if evaluations:
            most_frequent = percent(MAJORITY.numbers(evaluations[:1]))
            parts = [
                f"accuracy {percent(ACCURACY.numbers(evaluations))} %, where always saying the most frequent class "
                f"gives {most_frequent} %"
            ]
            if group.chapter.labels:
                parts.append(f"mean AUC {spread(MEAN_AUC.numbers(evaluations), 3)}")
            runs = seeds(group.evaluated(experiment.name))
            made.append(f"Ours on {split}: {'; '.join(parts)} ({runs}).")
    return made[:1] if len(made) == 1 else []
