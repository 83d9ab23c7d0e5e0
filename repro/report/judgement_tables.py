"""A reader's numbers beside those of the runs, and what he may have run."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from repro.evidence.intervals import deviation
from repro.evidence.judging.coordinates import Coordinate
from repro.evidence.judging.judgement import Judged, Judgement
from repro.report.table import Table, both, words


def named(judgement: Judgement) -> Judged | None:
    """The change that the reader is asked about, if there is one."""
    asks = judgement.outcome in ("explained", "suspected")
    return judgement.suspects[0] if asks else None


def beside_runs(judgement: Judgement) -> Table:
    """Each number beside those of the unchanged runs, and of the change that the reader is asked about."""
    first = named(judgement)
    shown = ([judgement.best_unchanged] if judgement.unchanged else []) + ([first] if first else [])
    rows = []
    for place, each in enumerate(judgement.coordinates):
        row = [*words(number=each.name), both("yours", each.given.value, each.given.text)]
        for judged in shown or judgement.changed[:1]:
            way, values = name(judged), judged.values[:, place].tolist()
            lower = judged.lower(place, each.given.value)
            row += [
                both(way, fmean(values), _spread(each, values)),
                both(f"lower ({way})" if judged is first else "lower", lower, f"{lower} of {len(values)}"),
            ]
        rows.append(row)
    caption = (
        "Your numbers beside the runs': mean ± standard deviation, and how many of the runs' are lower than yours."
    )
    return Table.of("numbers", caption, rows, labels=0)


def _spread(coordinate: Coordinate, values: Sequence[float]) -> str:
    if coordinate.is_share:
        return f"{fmean(values):.2%} ± {100 * deviation(values):.2f}"
    return f"{fmean(values):.4f} ± {deviation(values):.4f}"


def name(judged: Judged) -> str:
    """`padding_after`; of an unchanged run its numerics, `source`."""
    variation = judged.candidate.variation
    return variation.name if variation else judged.candidate.numerics


def ways(judgement: Judgement) -> Table:
    """The unchanged ways to run the experiment, and the changes that are possible."""
    rows = [
        [
            *words(run=name(each), change=change(each)),
            both("as far out", each.likeness.rank.as_far, f"{each.likeness.rank.as_far} of {each.likeness.rank.n}"),
            both("p", each.likeness.p, f"{each.likeness.p:.2f}"),
        ]
        for each in [*judgement.unchanged, *(each for each in judgement.changed if each.plausible)]
    ]
    excluded = ", ".join(name(each) for each in judgement.changed if not each.plausible)
    caption = (
        "What was run, the likeliest first: how many runs lie as far out as yours, and the probability of that, p."
    )
    seldom = f" With these changes, runs are seldom like yours: {excluded}." if excluded else ""
    return Table.of("ways", caption + seldom, rows, labels=0)


def change(judged: Judged) -> str:
    """What was changed, in words."""
    variation = judged.candidate.variation
    return variation.change if variation else f"nothing, under numerics {judged.candidate.numerics}"
