"""What the runs say about a source's claims."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from repro.chapter import Chapter, Claim, Needed
from repro.records import Record


class Verdict(NamedTuple):
    """In how many seeds the runs bear a claim out, and in how many they can decide it."""

    claim: Claim
    holds: int
    seeds: int
    """0 if nobody has made the runs that the claim needs."""


def verdicts(chapter: Chapter, records: Iterable[Record]) -> list[Verdict]:
    """A verdict on each claim of the chapter, by every seed that has results of all the runs that the claim needs.

    records: made in one way, but for variations.
    """
    by_seed: dict[int, dict[str | Needed, Record]] = defaultdict(dict)
    for record in records:
        if not record.diverged:
            name, variation = record.experiment, record.variation
            by_seed[record.seed][Needed(name, variation) if variation else name] = record

    def verdict(claim: Claim) -> Verdict:
        complete = [runs for runs in by_seed.values() if _decides(claim, runs)]
        return Verdict(claim, sum(claim.holds(runs) for runs in complete), len(complete))

    return [verdict(claim) for claim in chapter.claims]


def _decides(claim: Claim, runs: Mapping[str | Needed, Record]) -> bool:
    """Whether all runs that the claim needs are there, by one engine, since it may be about time; or by classifiers."""
    if not runs.keys() >= set(claim.needs):
        return False
    return len({runs[need].engine for need in claim.needs if not runs[need].settings.classifier}) == 1
