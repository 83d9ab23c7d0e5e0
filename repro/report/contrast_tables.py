"""The tables of what came of two runs, or of two groups of runs, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any, NamedTuple, get_args

from repro.evaluation import Split
from repro.evidence.calibration import calibrate
from repro.evidence.contrast import (
    GroupDifference,
    common_epochs,
    differences,
    parting,
    same_outcome,
    share_of_pairs,
    shared_seeds,
)
from repro.evidence.intervals import COVERAGE, FEWEST, finite
from repro.evidence.named_runs import NamedRuns, how_made
from repro.evidence.variations import Number
from repro.evidence.verdicts import NumberVerdict, judge_printed
from repro.records import Record
from repro.report.quantities import MAJORITY, Measure, measures_of, signed
from repro.report.standing import where
from repro.report.table import Entry, Table, both, programs, readers, words
from repro.report.variation_tables import on_split

PARTING = ("epoch", "measure", "a", "b", "last_epoch", "last_difference")
"""What programs call the fields of a `contrast.Parting`."""
NO_VARIATION = "does not vary"
"""In the place of an interval, where runs of all seeds are equal."""


class Outcomes(NamedTuple):
    """What came of both: a table, and the sentences above and below it."""

    above: str
    table: Table | None
    below: str
    """Whether they differ beyond chance."""
    content: dict[str, Any]
    """For programs, besides the table."""


class Compared(NamedTuple):
    """A measure on a split, by which runs are compared."""

    split: Split
    measure: Measure

    @property
    def name(self) -> str:
        """`loss on test`"""
        return f"{self.measure.name} on {self.split}"

    @property
    def number(self) -> Number:
        """Takes a record; NaN if it does not have the number."""
        return on_split(self.measure, self.split)

    def shown(self, records: Sequence[Record]) -> str:
        """Mean ± standard deviation over records that have results, or the number of the only one."""
        return self.measure.shown([record.evaluation[self.split] for record in records])

    @property
    def label(self) -> list[Entry]:
        """The first entries of its row."""
        return words(data=self.split, measure=self.measure.name)


def outcome(first: NamedRuns, second: NamedRuns) -> Outcomes:
    """What came of two runs, two groups of runs, or a run and a group."""
    if first.single and second.single:
        return _two_runs(first, second)
    compared = _compared(first, second)
    if not compared:
        return Outcomes("", None, _nothing_shared(first, second), {"compared": "nothing"})
    return (_run_in_group if first.single or second.single else _two_groups)(first, second, compared)


def _compared(first: NamedRuns, second: NamedRuns) -> list[Compared]:
    """What both have, split by split. The share of the majority class is the data's, not the runs'."""
    known = measures_of(second.chapter)
    measures = [each for each in measures_of(first.chapter) if each in known and each is not MAJORITY]
    one, other = ({split for record in runs.records for split in record.evaluation} for runs in (first, second))
    return [Compared(split, measure) for split in get_args(Split) if split in one & other for measure in measures]


def _nothing_shared(first: NamedRuns, second: NamedRuns) -> str:
    for letter, runs in (("A", first), ("B", second)):
        if not any(record.evaluation for record in runs.records):
            return f"{letter} has no results: the loss was no longer finite."
    return "A and B were evaluated on different splits."


def _known(number: float) -> float | None:
    return number if isfinite(number) else None


# Two runs


def _two_runs(first: NamedRuns, second: NamedRuns) -> Outcomes:
    (one,), (other,) = first.records, second.records
    parted = parting(one, other)
    content = {
        "compared": "two runs",
        "outcome_equal": same_outcome(one, other),
        "common_epochs": common_epochs(one, other),
        "histories_part": dict(zip(PARTING, parted, strict=True)) if parted else None,
    }
    above, compared = _histories(one, other), _compared(first, second)
    if same_outcome(one, other) or not compared:
        below = "" if same_outcome(one, other) else _nothing_shared(first, second)
        return Outcomes(above, None, below, content)

    others, whose = _others(first, second)
    shares = {each: share_of_pairs(each.number(other) - each.number(one), others, each.number) for each in compared}
    enough = len(others) >= FEWEST
    rows = []
    for each, share in shares.items():
        a, b = each.number(one), each.number(other)
        row = [
            *each.label,
            both("A", _known(a), each.shown([one]), "a"),
            both("B", _known(b), each.shown([other]), "b"),
            both("B - A", _known(b - a), signed(each.measure, b - a) if isfinite(b - a) else "", "difference"),
        ]
        row += [readers("as far apart", _percent(share) if isfinite(share) else "")] if enough else []
        rows.append([*row, *programs(share_of_pairs_as_far_apart=_known(share))])
    caption = "Loss, and rates in percent; differences of rates in points."
    if enough:
        caption += f" As far apart: of the {len(others)} other runs made as {whose}, the share of the pairs that "
        caption += "differ as much or more."
    below = _usual(shares, others, (one, other))
    if how_made(one) != how_made(other):
        below += f" {_by_groups(first, second)}"
    return Outcomes(above, Table.of("results", caption, rows, labels=1), below, content)


def _histories(one: Record, other: Record) -> str:
    """Whether the outcomes are equal, and where the histories part."""
    if same_outcome(one, other):
        return "The outcomes are equal bit for bit: histories, evaluations and trained weights."
    epochs, parted = common_epochs(one, other), parting(one, other)
    if not epochs:
        return "There is no measure that both have by epoch."
    if parted is None:
        ended = "So are the trained weights." if one.weights_sha256 == other.weights_sha256 else ""
        both_have = f"the {epochs} epochs" if epochs > 1 else "the epoch"
        return f"The histories are equal, bit for bit, in {both_have} that both have. {ended}"
    name = parted.measure.replace("val_", "validation ")
    apart = f"{parted.first:.4f} in A, {parted.second:.4f} in B, {_distance(parted.second - parted.first)} apart"
    later = f" After epoch {epochs}, they are {_distance(parted.last)} apart." if epochs > parted.epoch else ""
    return f"The histories part in epoch {parted.epoch}: {name} {apart}.{later}"


def _distance(difference: float) -> str:
    return f"{abs(difference):.2g}"


def _others(first: NamedRuns, second: NamedRuns) -> tuple[list[Record], str]:
    """Runs of other seeds, whose pairs show how far the seed alone leads apart, and as what they were made.

    Those that were made as both A and B were; if these were made differently, as the one with more such runs.
    """
    (one,), (other,) = first.records, second.records
    alike, whose = max((first.alike, "A was"), (second.alike, "B was"), key=lambda each: len(each[0]))
    if how_made(one) == how_made(other):
        whose = "A and B were"
    return [record for record in alike if record.seed not in (one.seed, other.seed)], whose


def _usual(shares: dict[Compared, float], others: Sequence[Record], pair: tuple[Record, Record]) -> str:
    """Whether the seed alone leads as far apart, and what can have led there."""
    one, other = pair
    same_seed, made_alike = one.seed == other.seed, how_made(one) == how_made(other)
    known = {each: share for each, share in shares.items() if isfinite(share)}
    larger = [each.name for each, share in known.items() if not share]
    n = len(others)
    if n < FEWEST:
        sentences = [f"Too few other runs to say what differences the seed alone makes: {n}, and it takes {FEWEST}."]
    elif larger:
        sentences = [f"Larger than between any two of the {n} other runs: {', '.join(larger)}."]
    elif not known:
        sentences = []
    elif made_alike and not same_seed:
        sentences = ["Nothing unusual: the seed alone makes such differences."]
    else:
        sentences = ["Two seeds alone differ as much, so one pair cannot show what makes the difference."]
    if n >= FEWEST and (equal := [each.name for each in shares if _equal(each, others)]):
        numbers = "all numbers" if len(equal) == len(shares) else ", ".join(equal)
        sentences.append(f"The {n} other runs are equal in {numbers}: there, the seed makes no difference.")
    if n >= FEWEST and common_epochs(one, other):
        sentences.append("The histories are not part of this verdict.")
    if made_alike and same_seed:
        sentences.append("A and B have one seed, and were made alike: their software or machines led them apart.")
    return " ".join(sentences)


def _by_groups(first: NamedRuns, second: NamedRuns) -> str:
    """What shows whether a change matters that one of two runs has: if there are groups, a command in its own line."""
    if not first.group or not second.group:
        return f"Groups of {FEWEST} seeds or more would show whether the change matters."
    sizes = [len(runs.alike) for runs in (first, second)]
    wanting = "" if min(sizes) >= FEWEST else f", with {FEWEST} seeds in each (now {sizes[0]} and {sizes[1]})"
    return f"The two groups show whether the change matters{wanting}:\nrepro compare {first.group} {second.group}"


def _equal(compared: Compared, records: Sequence[Record]) -> bool:
    """Whether several runs are equal in a number, bit for bit."""
    numbers = finite(map(compared.number, records))
    return len(numbers) > 1 and len(set(numbers)) == 1


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.1 else f"{share:.1%}"


# Two groups


def _two_groups(first: NamedRuns, second: NamedRuns, compared: Sequence[Compared]) -> Outcomes:
    one, other = ([record for record in runs.records if record.evaluation] for runs in (first, second))
    shared = shared_seeds(one, other)
    paired = len(shared) >= FEWEST
    found = dict(zip(compared, differences(one, other, [each.number for each in compared]), strict=True))
    over = "seeds"
    how = f"the difference of the means with its {COVERAGE:.0%} interval (Welch's t test, as fewer than {FEWEST} seeds "
    how += "are in both groups)"
    if paired:
        one, other = ([record for record in group if record.seed in shared] for group in (one, other))
        over = f"the {len(shared)} seeds that are in both groups"
        how = f"the mean difference within these pairs with its {COVERAGE:.0%} interval"
    caption = (
        f"Mean ± standard deviation over {over}; loss, and rates in percent. B - A: {how}; of rates in points. The "
        f"verdicts hold for all {len(compared)} numbers together (Holm's correction)"
    )
    perhaps = any(difference.verdict.startswith("perhaps") for difference in found.values())
    caption += "; perhaps: the number alone would differ beyond chance." if perhaps else "."
    rows = [_group_row(each, difference, (one, other)) for each, difference in found.items()]
    content = {"compared": "two groups", "paired": paired, "shared_seeds": shared}
    return Outcomes("", Table.of("results", caption, rows, labels=1), _differing(found, (one, other)), content)


def _group_row(each: Compared, found: GroupDifference, groups: Sequence[Sequence[Record]]) -> list[Entry]:
    row = each.label
    for letter, records, summary in zip("AB", groups, found[:2], strict=True):
        key = letter.lower()
        row.append(readers(f"{letter}, {len(records)} seeds", each.shown(records)))
        row += programs(**{f"{key}_n": summary.n, f"{key}_mean": _known(summary.mean), f"{key}_sd": _known(summary.sd)})
    low, mean, high = (
        signed(each.measure, number) if isfinite(number) else "" for number in (found.low, found.difference, found.high)
    )
    interval = f"{low} to {high}" if low else ""
    return [
        *row,
        both("B - A", _known(found.difference), mean, "difference"),
        readers(f"{COVERAGE:.0%} interval", interval if found.varies else NO_VARIATION),
        *programs(low=_known(found.low), high=_known(found.high), p=_known(found.p)),
        *programs(p_corrected=_known(found.corrected)),
        *words(verdict=found.verdict),
    ]


SENTENCES = {
    "higher": "Beyond chance, higher in B: {}.",
    "lower": "Beyond chance, lower in B: {}.",
    "perhaps higher": "Perhaps higher in B: {}.",
    "perhaps lower": "Perhaps lower in B: {}.",
    "other in some runs": "Other in some runs of B, more than by chance: {}.",
    "equal in all seeds": "Equal in all seeds: {}.",
    "higher in all seeds": "Higher in B, without any variation: {}.",
    "lower in all seeds": "Lower in B, without any variation: {}.",
}
"""By verdict, what is said of the numbers that have it. The others are not named."""


def _differing(found: dict[Compared, GroupDifference], groups: Sequence[Sequence[Record]]) -> str:
    """Which numbers differ beyond chance."""
    if all(difference.n < FEWEST for difference in found.values()):
        counts = " and ".join(str(len(records)) for records in groups)
        return f"Too few seeds to say what differs: {counts}, and it takes {FEWEST} in each group."
    certain = any(each.verdict.startswith(("higher", "lower")) for each in found.values())
    sentences = [] if certain else ["No difference is certain."]
    for verdict, sentence in SENTENCES.items():
        names = [each.name for each, difference in found.items() if difference.verdict == verdict]
        sentences += [sentence.format(", ".join(names))] if names else []
    for letter, records in zip("AB", groups, strict=True):
        sentences += _unvarying(letter, records, list(found))
    return " ".join(sentences)


def _unvarying(letter: str, records: Sequence[Record], compared: Sequence[Compared]) -> list[str]:
    """A sentence on the numbers in which all runs of a group are equal; none if there is no such number."""
    equal = [each.name for each in compared if _equal(each, records)]
    if not equal:
        return []
    numbers = "all numbers" if len(equal) == len(compared) else ", ".join(equal)
    return [f"Equal in the {len(records)} runs of {letter}, and so without variation over seeds: {numbers}."]


# A run and a group


def _run_in_group(first: NamedRuns, second: NamedRuns, compared: Sequence[Compared]) -> Outcomes:
    run, group = (first, second) if first.single else (second, first)
    run_letter, group_letter = ("A", "B") if first.single else ("B", "A")
    (record,) = run.records
    evaluated = [each for each in group.records if each.evaluation]
    others = [each for each in evaluated if (each.chapter, each.stem) != (record.chapter, record.stem)]
    places = {
        each: judge_printed(each.number(record), map(each.number, others))
        for each in compared
        if isfinite(each.number(record))
    }
    too_few = f"Too few seeds to say whether {run_letter} lies among them: {len(others)}, and it takes {FEWEST}."
    varying = {each: place for each, place in places.items() if not _equal(each, others)}
    inside = sum(place.inside for place in varying.values())
    content: dict[str, Any] = {
        "compared": "run and group",
        "others": len(others),
        "varying": len(varying),
        "inside": inside,
        "p": None,
    }
    if not others:
        return Outcomes("", None, too_few, content)
    itself = f", without seed {record.seed}" if len(others) < len(evaluated) else ""
    caption = (
        f"Loss, and rates in percent. {group_letter}: mean ± standard deviation over seeds{itself}. {COVERAGE:.0%} "
        f"interval: where one more run of {group_letter} would lie with that probability."
    )
    rows = [_place_row(each, place, record, others, (run_letter, group_letter)) for each, place in places.items()]
    table = Table.of("results", caption, rows, labels=1)
    if len(others) < FEWEST:
        return Outcomes("", table, too_few, content)
    exact = _unvarying(group_letter, others, list(places))
    if exact:
        seed, others_of = f"{run_letter}'s seed {record.seed}", f"other seeds of {run_letter}"
        exact.append(f"There, the difference is exact for {seed}, and says nothing of {others_of}.")
    if not varying:
        return Outcomes("", table, " ".join(exact), content)
    below = " ".join([f"{inside} of {run_letter}'s {len(varying)} numbers lie inside.", *exact])
    numbers = [[each.number(one) for each in varying] for one in others]
    complete = [row for row in numbers if len(finite(row)) == len(row)]
    if len(complete) > 1:
        calibration = calibrate([place.printed for place in varying.values()], complete, ["run"] * len(varying))
        content["p"] = calibration.p
        beside = where(calibration, f"{group_letter}'s runs")
        below += f" Taken together, {run_letter} lies {beside}."
    return Outcomes("", table, below, content)


def _place_row(
    each: Compared, place: NumberVerdict, record: Record, others: Sequence[Record], letters: tuple[str, str]
) -> list[Entry]:
    run, group = letters
    decided, varies = place.n >= FEWEST, not _equal(each, others)
    low, high = (_in_range(each.measure, number) for number in (place.low, place.high))
    verdict = "inside" if place.inside else "outside"
    if not varies:
        verdict = "equal" if place.below == place.above else f"{run} is {'lower' if place.above else 'higher'}"
    shown = [readers(run, each.shown([record])), readers(f"{group}, {len(others)} seeds", each.shown(others))]
    return [
        *each.label,
        *(shown if run == "A" else reversed(shown)),
        readers(f"{COVERAGE:.0%} interval", (f"{low} to {high}" if varies else NO_VARIATION) if decided else ""),
        both("runs below", place.below, f"{place.below} of {place.n}" if varies else "", "runs_below"),
        *words(verdict=verdict if decided else "too few seeds"),
        *programs(number=place.printed, n=place.n, mean=_known(place.mean), sd=_known(place.sd)),
        *programs(low=_known(place.low) if varies else None, high=_known(place.high) if varies else None),
    ]


def _in_range(measure: Measure, number: float) -> str:
    """An end of an interval; a rate goes from 0 to 100 %."""
    return f"{100 * min(max(number, 0), 1):.2f}" if measure.rate else f"{number:.4f}"
