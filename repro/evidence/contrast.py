"""What differs between two runs, or between two groups of runs: how they were made, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import isfinite, nan
from typing import Any, NamedTuple

import msgspec

from repro.evidence.claims import Summary, summarise
from repro.evidence.intervals import FEWEST, finite
from repro.evidence.two_samples import LEVEL, compare_means, holm, p_of_pairs
from repro.evidence.variations import ROUNDING, Number, change
from repro.records import Record

NOT_STATED = "not stated"
"""In the place of what a record does not say."""


class Stated(NamedTuple):
    """One thing that records state about how they were made, in two groups of them."""

    part: str
    """`run`, `settings`, `data`, `preparation`, `versions` or `machine`."""
    name: str
    """`batch_size`"""
    first: tuple[Any, ...]
    """The different values of the first group, in the order in which its records have them."""
    second: tuple[Any, ...]

    @property
    def differs(self) -> bool:
        """Whether one group has a value that the other does not have."""
        return set(self.first) != set(self.second)

    @property
    def varies(self) -> bool:
        """Whether there are several values in both groups, the same ones."""
        return len(self.first) > 1 and not self.differs


def stated(first: Sequence[Record], second: Sequence[Record]) -> list[Stated]:
    """Everything that the records of two groups state about how they were made. Times are left out."""
    of_first, of_second = (list(map(_of_record, records)) for records in (first, second))
    names = dict.fromkeys(key for each in (*of_first, *of_second) for key in each)
    parts = list(dict.fromkeys(part for part, _ in names))
    return [
        Stated(part, name, *(_values(group, (part, name)) for group in (of_first, of_second)))
        for part, name in sorted(names, key=lambda key: parts.index(key[0]))
    ]


def _of_record(record: Record) -> dict[tuple[str, str], Any]:
    """What one record states, by part and name; a value can be hashed."""
    run = {"chapter": record.chapter, "experiment": record.experiment, "variation": record.variation or None}
    data = msgspec.structs.asdict(record.data)
    preparation = data.pop("preparation")
    parts: dict[str, dict[str, Any]] = {
        "run": {**run, "seed": record.seed, "engine": record.engine},
        "settings": {**msgspec.structs.asdict(record.settings), "parameters": record.parameters},
        "data": data,
        "preparation": msgspec.structs.asdict(preparation) if preparation else {},
        "versions": record.versions,
        "machine": record.machine,
    }
    return {(part, name): value for part, values in parts.items() for name, value in values.items()}


def _values(records: Sequence[dict[tuple[str, str], Any]], key: tuple[str, str]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(each.get(key, NOT_STATED) for each in records))


def on_same_data(first: Record, second: Record) -> bool:
    """Whether both were made on the same rows of the same texts, however those were prepared."""

    def of(record: Record) -> tuple[object, ...]:
        data = record.data
        held = data.train_rows + data.validation_rows, data.test_rows
        return data.name, data.kind, data.edition, data.source_sha256, held

    return of(first) == of(second)


# Two runs


def same_outcome(first: Record, second: Record) -> bool:
    """Whether two runs have the same histories, evaluations and trained weights, bit for bit."""
    one, other = (
        (each.history, each.evaluation, each.weights_sha256, each.diverged, each.parameters) for each in (first, second)
    )
    return one == other


class Parting(NamedTuple):
    """Where the histories of two runs part: the first epoch that differs, and the first measure there that does."""

    epoch: int
    """From 1."""
    measure: str
    """`loss`, `val_accuracy`, ..."""
    first: float
    second: float
    last_epoch: int
    """The last epoch that both have, and how far they are apart there."""
    last: float


def common_epochs(first: Record, second: Record) -> int:
    """How many epochs both runs finished and can be compared in; 0 if they follow no measure in common."""
    shared = first.history.keys() & second.history.keys()
    return min((len(each.history[name]) for each in (first, second) for name in shared), default=0)


def parting(first: Record, second: Record) -> Parting | None:
    """Where two histories part; None if they are equal in all epochs and measures that both have."""
    names = [name for name in first.history if name in second.history]
    last = common_epochs(first, second)
    for epoch in range(last):
        for name in names:
            one, other = first.history[name], second.history[name]
            if one[epoch] != other[epoch]:
                apart = other[last - 1] - one[last - 1]
                return Parting(epoch + 1, name, one[epoch], other[epoch], last, apart)
    return None


def share_of_pairs(difference: float, others: Sequence[Record], number: Number) -> float:
    """In which share of the pairs of other runs a number differs as much, or more.

    NaN for fewer than `FEWEST` runs, and if these are equal: then no difference comes from the seed.
    Between two runs whose seeds alone differ, as those of the others do, a share of 10 % or less has a probability of
    about 10 %, and one of 5 % or less of 6 to 8 % (simulated with 18 and 30 others, with normal and heavier tails).
    """
    values = finite(map(number, others))
    if len(values) < FEWEST or len(set(values)) == 1 or not isfinite(difference):
        return nan
    apart = [abs(one - other) for one, other in combinations(values, 2)]
    return sum(each >= abs(difference) - ROUNDING for each in apart) / len(apart)


# Two groups


class GroupDifference(NamedTuple):
    """One number of two groups of runs: the second group's beside the first's. What the runs do not give is NaN."""

    first: Summary
    second: Summary
    """Of the runs that are compared: by pairs, those of shared seeds alone."""
    difference: float
    """Second minus first: the mean over pairs, or the difference of the means."""
    low: float
    high: float
    """The interval of the true difference; NaN where neither group varies, as then the difference is exact."""
    n: int
    """How many pairs there are; without pairs, how many runs the smaller group has."""
    p: float
    """Of the t test; NaN where neither group varies."""
    corrected: float
    """p corrected, by Holm, for all numbers that were compared."""
    equal: bool
    """Whether the number is equal in each pair."""
    in_some_runs: bool
    """Whether `variations.Change` finds a difference in some runs alone."""

    @property
    def varies(self) -> bool:
        """Whether one run of a group, at least, differs from another."""
        return bool(self.first.sd or self.second.sd)

    @property
    def verdict(self) -> str:
        """What the runs say of the number, in a few words.

        `equal`, `higher` and `lower in all seeds` need no test.
        `higher` and `lower` hold for all numbers together: if nothing matters, one of them is called so with a
        probability of `LEVEL` at most. `perhaps` stands where the number's own interval leaves out 0 and no more.
        """
        if not self.first.n or not self.second.n:
            return "no runs"
        if self.n < FEWEST:
            return "too few seeds"
        if self.equal:
            return "equal in all seeds"
        direction = "higher" if self.difference > 0 else "lower"
        if not self.varies:
            return f"{direction} in all seeds"
        if self.corrected <= LEVEL:
            return direction
        if self.p <= LEVEL:
            return f"perhaps {direction}"
        return "other in some runs" if self.in_some_runs else "no difference seen"


def shared_seeds(first: Sequence[Record], second: Sequence[Record]) -> list[int]:
    """The seeds with which both groups have a run with results, in rising order."""
    one, other = ({record.seed for record in records if record.evaluation} for records in (first, second))
    return sorted(one & other)


def differences(first: Sequence[Record], second: Sequence[Record], numbers: Sequence[Number]) -> list[GroupDifference]:
    """Compare numbers of two groups: by pairs of a seed if `FEWEST` seeds are shared, otherwise as two samples."""
    shared = shared_seeds(first, second)
    found = [
        _by_pairs(first, second, number, shared) if len(shared) >= FEWEST else _by_means(first, second, number)
        for number in numbers
    ]
    known = [place for place, each in enumerate(found) if each.n >= FEWEST and each.varies]
    corrected = dict(zip(known, holm([found[place].p for place in known]), strict=True))
    return [each._replace(corrected=corrected.get(place, nan)) for place, each in enumerate(found)]


def _by_pairs(
    first: Sequence[Record], second: Sequence[Record], number: Number, seeds: Sequence[int]
) -> GroupDifference:
    changed = change(second, first, number)
    mean = changed.difference
    of_first, of_second = (
        summarise(number(record) for record in records if record.seed in seeds) for records in (first, second)
    )
    tested = mean.n > 1 and bool(of_first.sd or of_second.sd)
    return GroupDifference(
        first=of_first,
        second=of_second,
        difference=mean.mean,
        low=mean.low if tested else nan,
        high=mean.high if tested else nan,
        n=mean.n,
        p=p_of_pairs(changed.pairs) if tested else nan,
        corrected=nan,
        equal=not any(changed.pairs),
        in_some_runs=changed.verdict == "other in some runs",
    )


def _by_means(first: Sequence[Record], second: Sequence[Record], number: Number) -> GroupDifference:
    one, other = finite(map(number, first)), finite(map(number, second))
    of_first, of_second = summarise(one), summarise(other)
    n = min(len(one), len(other))
    difference, low, high, p = of_second.mean - of_first.mean, nan, nan, nan
    if n > 1 and (of_first.sd or of_second.sd):
        difference, low, high, _, p = compare_means(other, one)
    equal = n > 1 and len({*one, *other}) == 1
    return GroupDifference(of_first, of_second, difference, low, high, n, p, nan, equal=equal, in_some_runs=False)
