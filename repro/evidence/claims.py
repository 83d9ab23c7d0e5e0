"""What the runs say about a source's claims."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
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

    records: made in one way, but for the number of epochs.
    """
    as_in_source = {experiment.name: experiment.epochs for experiment in chapter.experiments}
    by_seed: dict[int, dict[str | Needed, Record]] = defaultdict(dict)
    for record in records:
        if not record.diverged:
            name, epochs = record.experiment, record.settings.epochs
            runs = name if epochs == as_in_source[name] else Needed(name, epochs=epochs)
            by_seed[record.seed][runs] = record

    def verdict(claim: Claim) -> Verdict:
        complete = [runs for runs in by_seed.values() if runs.keys() >= set(claim.needs)]
        return Verdict(claim, sum(claim.holds(runs) for runs in complete), len(complete))

    return [verdict(claim) for claim in chapter.claims]
