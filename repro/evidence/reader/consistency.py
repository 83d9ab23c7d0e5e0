"""Whether a reader's numbers agree with each other and with the data, and what explains it if they do not.

No run is asked here: counts, rates and the rows of the data decide. Every comparison allows for the digits given, cut
or rounded, and for what float32 does to the last ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

from repro.evaluation import Split
from repro.evidence.reader.data_facts import DataFacts
from repro.evidence.reader.finding import Finding, Severity
from repro.evidence.reader.history_consistency import may_show_rows, of_history
from repro.evidence.reader.reader_numbers import ReaderNumbers, SplitNumbers
from repro.evidence.reader.split_consistency import SplitConsistency


def findings(numbers: ReaderNumbers, facts: DataFacts) -> list[Finding]:
    """What the numbers show, the gravest first. Numbers that are those of a run give no contradiction."""
    found = of_history(numbers.history, numbers.experiment, facts) if numbers.history else []
    for split, given in numbers.splits.items():
        found += SplitConsistency(numbers, facts, split, given).read()
    order = get_args(Severity)
    return sorted(found, key=lambda each: order.index(each.severity))


def checked(numbers: ReaderNumbers, facts: DataFacts) -> bool:
    """Whether there was anything that could have disagreed, with the data or with the other numbers given."""
    history = numbers.history
    if history and (numbers.splits.keys() - {"validation"} or may_show_rows(history, facts)):
        return True
    return any(_is_checked(split, given, facts) for split, given in numbers.splits.items())


def _is_checked(split: Split, given: SplitNumbers, facts: DataFacts) -> bool:
    rates = [each for each in (given.specificity, given.sensitivity) if each]
    if given.matrix:
        beside = given.accuracy or rates or given.loss
        return bool(beside) or (facts.complete and facts.rows(split) is not None)
    if given.loss and given.accuracy:
        return True
    if not facts.whole_rows:
        return False
    counts = facts.classes(split)
    shares = [(given.accuracy, facts.rows(split))]
    if counts and len(counts) == 2:
        shares += [(given.specificity, counts[0]), (given.sensitivity, counts[1])]
    enough_digits = any(share.tells(rows) for share, rows in shares if share and rows)
    return enough_digits or bool(given.accuracy and rates and counts)


def corrected(numbers: ReaderNumbers, found: Sequence[Finding]) -> ReaderNumbers:
    """The numbers as the findings read them."""
    last = {each.split: each.corrected for each in found if each.split and each.corrected is not None}
    splits = {split: given for split, given in numbers.splits.items() if split not in last}
    for replaced in last.values():
        for split, given in replaced.items():
            splits.setdefault(split, given)
    return replace(numbers, splits={split: splits[split] for split in get_args(Split) if split in splits})
