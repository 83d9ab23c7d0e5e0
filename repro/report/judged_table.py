"""What the judge says of trainings that were recorded on R's stacks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import get_args

from repro.evidence.judging.judgement import Outcome
from repro.parity.judged_trainings import JudgedTraining
from repro.report.quantities import rounded
from repro.report.table import Table, both, words

OUTCOMES: tuple[Outcome, ...] = tuple(each for each in get_args(Outcome) if each != "too few runs")


def judged_trainings(judged: Sequence[JudgedTraining]) -> list[Table]:
    """A row for each stack, caller and set of numbers that the judge was shown; no table if nothing was judged."""
    if not judged:
        return []
    rows = []
    for (stack, caller, shown), alike in _grouped(judged).items():
        outcomes = Counter(each.judgement.outcome for each in alike)
        farthest = max(each.judgement.best_unchanged.times_farthest for each in alike)
        rows.append(
            [
                *words(stack=stack, caller=caller, shown=shown),
                both("trainings", len(alike), str(len(alike))),
                *(both(outcome, outcomes[outcome], str(outcomes[outcome])) for outcome in OUTCOMES),
                both("farthest", rounded(farthest), f"{farthest:.1f}"),
            ]
        )
    usual = sum(each.judgement.outcome == "usual" for each in judged)
    caption = (
        f"What the judge says of trainings recorded on R's stacks, by our runs with the same numerics: {usual} of "
        f"{len(judged)} times it finds nothing unusual. Likelier, suspected, explained: it asks about a change. "
        "Unlike: no run is like this. Farthest: how many times as far out as the farthest of our runs such a training "
        "is at most."
    )
    return [Table.of("judged", caption, rows, labels=2)]


def _grouped(judged: Sequence[JudgedTraining]) -> dict[tuple[str, str, str], list[JudgedTraining]]:
    grouped: dict[tuple[str, str, str], list[JudgedTraining]] = defaultdict(list)
    for each in judged:
        grouped[each.training.stack, each.training.caller, each.shown.name].append(each)
    return grouped
