"""The tables of what the runs say about a source: its numbers one by one, all of them together, and its claims."""

from __future__ import annotations

from math import isfinite

from repro.chapter import Claim, DataClaim
from repro.datasets.description import Description
from repro.evidence.calibration import LEVEL, Calibration
from repro.evidence.claims import ClaimVerdict, Summary, verdicts
from repro.evidence.intervals import COVERAGE
from repro.evidence.run_groups import RunGroup, seeds
from repro.evidence.source_numbers import SourceNumber, calibrate_source, judge, source_numbers
from repro.evidence.verdicts import NumberVerdict
from repro.report.quantities import percent_or_plain, rounded
from repro.report.table import Entry, Table, Value, both, programs, readers, words

MEASURED = (
    "Measured over the seeds: the mean with its 95 % interval; for a ratio the median, and the range of the middle "
    "90 %. Claims about time are judged by the runs of Keras."
)
"""How `measured_in_words` is to be read."""


def verdict_tables(group: RunGroup) -> list[Table]:
    """What the records of a group without a variation say; nothing by the embedded corpus."""
    if not group.beside_source:
        return []
    made = []
    if source_numbers(group.chapter):
        made.append(printed(group))
    if group.comparable and (calibration := calibrate_source(group.chapter, group.records)):
        made.append(calibrated(group, calibration))
    if group.chapter.claims or group.chapter.data_claims:
        made.append(claims(group))
    return made


def printed(group: RunGroup) -> Table:
    """Each number that the source printed of its runs, the same of ours, and the verdict if both may be compared."""
    rows = [_number(group, number) for number in source_numbers(group.chapter)]
    beside = "" if group.comparable else ", which had the complete data"
    return Table.of(
        "printed",
        f"{group.caption}. What the source printed of its run{beside}, and the same of ours "
        f"({seeds(group.with_results)}): mean ± standard deviation; where one more run of ours lies with a "
        f"probability of {COVERAGE:.0%}: by Student's t, which supposes a normal distribution and decides the verdict, "
        "and by order statistics, which suppose nothing (of fewer than 39 runs: from the smallest to the largest, "
        "which covers less); how many of ours are smaller.",
        [row for row in rows if row],
        labels=2,
        widest=40,
    )


def _number(group: RunGroup, number: SourceNumber) -> list[Entry]:
    """A row; none without runs."""
    verdict = judge(number, group.records)
    if not verdict.n + verdict.missing:
        return []
    ours = [value for value in map(number.of, group.evaluated(number.experiment)) if isfinite(value)]
    shown = percent_or_plain(ours, number.places, is_share=number.is_share)
    judged = group.comparable and number.unit != "s"  # the times of other engines, on other machines
    return [
        *words(model=number.experiment, data=number.split, what=number.what),
        both("source", number.value, _shown(number, number.value) + f" {number.unit}".rstrip(), "printed"),
        readers("ours", shown),
        readers("95 % (t)", _interval(number, verdict.low, verdict.high) if judged else ""),
        readers("95 % (order)", _interval(number, verdict.ordered.low, verdict.ordered.high) if judged else ""),
        readers("smaller", f"{verdict.below} of {verdict.n}" if judged and verdict.n else ""),
        readers("verdict", verdict.verdict if judged else "", "left"),
        *_for_programs(verdict, judged=judged),
    ]


def _for_programs(verdict: NumberVerdict, *, judged: bool) -> list[Entry]:
    low, high, coverage = verdict.ordered
    of_verdict: dict[str, Value] = {
        "low": rounded(verdict.low),
        "high": rounded(verdict.high),
        "ordered_low": rounded(low),
        "ordered_high": rounded(high),
        "ordered_coverage": rounded(coverage),
        "below": verdict.below,
        "above": verdict.above,
        "distance": rounded(verdict.distance),
        "verdict": verdict.verdict,
    }
    return [
        *programs(seeds=verdict.n, missing=verdict.missing, mean=rounded(verdict.mean), sd=rounded(verdict.sd)),
        *programs(**(of_verdict if judged else dict.fromkeys(of_verdict))),
    ]


def _shown(number: SourceNumber, value: float) -> str:
    return f"{100 * value if number.is_share else value:,.{number.places}f}"


def _interval(number: SourceNumber, low: float, high: float) -> str:
    return f"{_shown(number, low)} to {_shown(number, high)}" if isfinite(low) else ""


def calibrated(group: RunGroup, calibration: Calibration) -> Table:
    """All numbers of the source together: how it would stand out if it were one of our seeds."""
    counts = calibration.outside_of_seeds
    usual = f"{sum(counts) / len(counts):.1f} (at most {max(counts)})"
    distance, p_distance = calibration.distance, calibration.p_distance
    row = [
        both("numbers", calibration.numbers, str(calibration.numbers)),
        both("outside", calibration.outside, str(calibration.outside)),
        readers("outside, our seeds", usual),
        both("p", rounded(calibration.p_outside), f"{calibration.p_outside:.2f}", "p_outside"),
        both("distance", _optional(distance), "" if distance is None else f"{distance:.1f}"),
        both("p of it", _optional(p_distance), "" if p_distance is None else f"{p_distance:.2f}", "p_distance"),
        both("verdict", calibration.verdict, calibration.verdict, align="left"),
        *programs(
            seeds=calibration.n,
            missing=calibration.missing,
            outside_mean=rounded(sum(counts) / len(counts)),
            outside_most=max(counts),
        ),
    ]
    return Table.of(
        "calibration",
        f"{group.caption}. The source as a whole, by {calibration.n} seeds. The source and our seeds are compared one "
        "by one with all the others: how many of its numbers lie outside the others' 95 % intervals, and how far all "
        "of them together lie from the others' (Mahalanobis). p: the share of all that stand out at least as much; up "
        f"to {LEVEL} the source's run lies outside ours.",
        [row],
        labels=0,
    )


def _optional(number: float | None) -> float | None:
    return None if number is None else rounded(number)


def claim_verdicts(group: RunGroup) -> list[ClaimVerdict]:
    """The verdicts on the chapter's claims, those about time by the runs of Keras."""
    by_keras = None
    if group.engine == "fast":
        by_keras = group.by_keras.and_varied if group.by_keras else []
    return verdicts(group.chapter, group.and_varied, by_keras)


def claims(group: RunGroup) -> Table:
    """What the source concluded, and what our runs say of it; and what it says of its data."""
    rows = []
    for verdict in claim_verdicts(group):
        low, high = verdict.interval
        decided = verdict.seeds > 0
        claim = verdict.claim
        assumed = f" [{claim.assumed}]" if claim.assumed else ""
        chance = f" (by chance {claim.by_chance})" if claim.by_chance else ""
        rows.append(
            [
                both("claim", claim.text, claim.text + assumed, align="left"),
                readers("seeds", f"{verdict.holds} of {verdict.seeds}{chance}" if decided else ""),
                readers("share", f"{low:.0%} to {high:.0%}" if decided and not verdict.claim.exists else ""),
                both("verdict", verdict.verdict, verdict.verdict, align="left"),
                readers("measured", measured_in_words(claim, verdict.measured), "left"),
                *_claim_for_programs(verdict),
            ]
        )
    for of_data in group.chapter.data_claims:
        answer, word = data_verdict(of_data, group.description)
        rows.append(
            [
                *words(claim=of_data.text),
                readers("seeds", ""),
                readers("share", ""),
                both("verdict", word, word, align="left"),
                readers("measured", "", "left"),
                *programs(place=of_data.place, assumed="", needs="the data", by_chance="", holds=answer, seeds=None),
                *programs(low=None, high=None),
                *_summary_for_programs(None),
            ]
        )
    exists = any(claim.exists for claim in group.chapter.claims)
    return Table.of(
        "claims",
        f"{group.caption}. The source's claims; in how many seeds our runs bear them out; Wilson's {COVERAGE:.0%} "
        "interval for the share of all seeds; verdict: whether that lies above one half (holds), below (fails) or on "
        "both sides (open). In brackets: what was assumed. By chance: how often one of several models would be the "
        "best if they were equally good. "
        + MEASURED
        + " What the source says can happen is shown by one seed." * exists,
        rows,
        labels=0,
        widest=48,
    )


def data_verdict(claim: DataClaim, description: Description | None) -> tuple[int | None, str]:
    """Whether the counted data bear out what the source says of them: 1, 0, or None if nobody counted; and in words."""
    answer = None if description is None else int(claim.holds(description))
    return answer, {1: "holds in the data", 0: "fails in the data", None: "not counted yet"}[answer]


def measured_in_words(claim: Claim, summary: Summary | None) -> str:
    """`test accuracy, two minus one: +1.23 points (+0.98 to +1.48)`."""
    if claim.measured is None or summary is None or not summary.n:
        return ""
    what, _, unit = claim.measured
    if unit == "times":
        return f"{what}: {summary.median:.2f} times ({summary.p5:.2f} to {summary.p95:.2f})"
    factor, places = (100, 2) if unit == "points" else (1, 4)
    mean, low, high = (f"{factor * number:+.{places}f}" for number in (summary.mean, summary.low, summary.high))
    interval = f" ({low} to {high})" if isfinite(summary.low) else ""
    return f"{what}: {mean} {unit}".rstrip() + interval


def _claim_for_programs(verdict: ClaimVerdict) -> list[Entry]:
    claim, (low, high) = verdict.claim, verdict.interval
    return [
        *programs(place=claim.place, assumed=claim.assumed, needs="; ".join(map(str, claim.needs))),
        *programs(by_chance=claim.by_chance),
        *programs(holds=verdict.holds, seeds=verdict.seeds, low=rounded(low), high=rounded(high)),
        *_summary_for_programs(verdict.measured, claim),
    ]


def _summary_for_programs(summary: Summary | None, claim: Claim | None = None) -> list[Entry]:
    measured = claim.measured if claim else None
    numbers = summary._asdict() if summary else dict.fromkeys(Summary._fields)
    del numbers["n"]
    return [
        *programs(measured=measured.what if measured else None, unit=measured.unit if measured else None),
        *programs(**{f"measured_{name}": _optional(number) for name, number in numbers.items()}),
    ]
