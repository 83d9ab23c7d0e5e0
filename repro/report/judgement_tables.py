"""A reader's numbers beside those of the runs, and what he may have run."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from repro.evidence.intervals import deviation
from repro.evidence.judging.coordinates import Coordinate
from repro.evidence.judging.judgement import Judged, Judgement
from repro.evidence.judging.likeness import FEWEST_FOR_RANKS
from repro.report.table import Table, both, words


def beside_runs(judgement: Judgement) -> Table:
    """Each number beside those of the unchanged runs, and of the change that the reader is asked about."""
    asked = judgement.asked
    shown = ([judgement.best_unchanged] if judgement.unchanged else []) + ([asked] if asked else [])
    rows = []
    for place, each in enumerate(judgement.coordinates):
        row = [*words(number=each.name), both("yours", each.given.value, _shown(each, each.given.value))]
        for judged in shown:
            label, values = judged.candidate.label, judged.values[:, place].tolist()
            lower = judged.lower(place, each)
            row += [
                both(f"runs, {label}", fmean(values), _spread(each, values)),
                both(f"lower ({label})" if judged is asked else "lower", lower, f"{lower} of {len(values)}"),
            ]
        rows.append(row)
    caption = (
        "Your numbers beside the runs': mean ± standard deviation, and how many of the runs' are lower than yours."
    )
    return Table.of("numbers", caption, rows, labels=0)


def _shown(coordinate: Coordinate, value: float) -> str:
    return f"{100 * value:.2f}%" if coordinate.is_share else f"{value:.4f}"


def _spread(coordinate: Coordinate, values: Sequence[float]) -> str:
    if coordinate.is_share:
        return f"{100 * fmean(values):.2f}% ± {100 * deviation(values):.2f}"
    return f"{fmean(values):.4f} ± {deviation(values):.4f}"


def ways(judgement: Judgement) -> Table:
    """All that may have been run, unchanged first; each by likelihood."""
    rows = [
        [
            *words(run=each.candidate.label, change=each.candidate.change),
            both("as far out", each.unusual.as_large, f"{each.unusual.as_large} of {each.unusual.n}"),
            both("p", each.unusual.p, _p(each)),
            *words(possible="yes" if judgement.is_possible(each) else "no"),
        ]
        for each in judgement.all
    ]
    caption = (
        "What may have been run: unchanged, then changed, each in the order of how densely the runs lie about your "
        "numbers (the likelihood), not of p: runs that lie close together may come first with a smaller p. As far out: "
        "how many of these runs lie as far from their middle as your numbers do, or farther, each judged without "
        f"itself. p: the probability of that; with fewer than {FEWEST_FOR_RANKS} runs an estimate (~), otherwise at "
        "least 1 / (runs + 1). Possible: p is above 0.05, or above 0.01 where it is estimated for a change; no number "
        "by itself is far from those of the runs; and, where no unchanged runs give such numbers, the change moves "
        "numbers from those of the unchanged runs to the side on which yours lie."
    )
    return Table.of("ways", caption, rows, labels=0)


def _p(judged: Judged) -> str:
    return f"{'~' if judged.unusual.n < FEWEST_FOR_RANKS else ''}{judged.unusual.p:.2f}"
