"""A reader's numbers beside those of the runs, and what he may have run."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from repro.evidence.coordinates import Coordinate
from repro.evidence.finding import Finding
from repro.evidence.intervals import deviation
from repro.evidence.judgement import Judged, Judgement
from repro.evidence.reader_numbers import ReaderNumbers
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
            name, values = _name(judged), judged.values[:, place].tolist()
            lower = judged.lower(place, each.given.value)
            row += [
                both(name, fmean(values), _spread(each, values)),
                both(f"lower ({name})" if judged is first else "lower", lower, f"{lower} of {len(values)}"),
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


def _name(judged: Judged) -> str:
    variation = judged.candidate.variation
    return variation.name if variation else judged.candidate.numerics


def ways(judgement: Judgement) -> Table:
    """The unchanged ways to run the experiment, and the changes that are possible."""
    rows = [
        [
            *words(run=_name(each), change=_change(each)),
            both("as far out", each.likeness.rank.as_far, f"{each.likeness.rank.as_far} of {each.likeness.rank.n}"),
            both("p", each.likeness.p, f"{each.likeness.p:.2f}"),
        ]
        for each in [*judgement.unchanged, *(each for each in judgement.changed if each.plausible)]
    ]
    excluded = ", ".join(_name(each) for each in judgement.changed if not each.plausible)
    caption = (
        "What was run, the likeliest first: how many runs lie as far out as yours, and the probability of that, p."
    )
    seldom = f" With these changes, runs are seldom like yours: {excluded}." if excluded else ""
    return Table.of("ways", caption + seldom, rows, labels=0)


def _change(judged: Judged) -> str:
    variation = judged.candidate.variation
    return variation.change if variation else f"nothing, under numerics {judged.candidate.numerics}"


def as_data(numbers: ReaderNumbers, findings: Sequence[Finding], judgement: Judgement, verdict: str) -> dict[str, Any]:
    """The same for programs: shares from 0 to 1."""
    asked = named(judgement)
    return {
        "experiment": f"{numbers.chapter.name}/{numbers.experiment.name}",
        "understood": numbers.said_back(),
        "findings": [{"kind": each.kind, "severity": each.severity, "text": each.text} for each in findings],
        "outcome": judgement.outcome,
        "verdict": verdict,
        "asked_about": _name(asked) if asked else None,
        "numbers": {each.name: each.given.value for each in judgement.coordinates},
        "candidates": [
            {
                "numerics": each.candidate.numerics,
                "variation": each.candidate.variation.name if each.candidate.variation else "",
                "change": _change(each),
                "runs": each.likeness.rank.n,
                "as_far_out": each.likeness.rank.as_far,
                "p": each.likeness.p,
                "plausible": each.plausible,
                "log_density": each.likeness.log_density,
                "lower": {
                    one.name: each.lower(place, one.given.value) for place, one in enumerate(judgement.coordinates)
                },
            }
            for each in judgement.all
        ],
    }
