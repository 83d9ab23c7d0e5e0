"""What the runs say about a source's claims."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from repro.chapter import Chapter, Claim
from repro.records import Record


class Verdict(NamedTuple):
    """A claim, and in how many of the seeds that can decide it the runs bear it out."""

    claim: Claim
    holds: int
    seeds: int


def verdicts(chapter: Chapter, records: Iterable[Record]) -> list[Verdict]:
    """Each claim of the chapter, asked of every seed that has records of all the experiments it needs."""
    by_seed: dict[int, dict[str, Record]] = defaultdict(dict)
    for record in records:
        by_seed[record.seed][record.experiment] = record

    def verdict(claim: Claim) -> Verdict:
        asked = [runs for runs in by_seed.values() if runs.keys() >= set(claim.needs)]
        return Verdict(claim, sum(claim.holds(runs) for runs in asked), len(asked))

    return [verdict(claim) for claim in chapter.claims]
