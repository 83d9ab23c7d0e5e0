"""The numbers of one split as they are read so far, and what was found in them."""

from __future__ import annotations

from dataclasses import replace

from repro import metrics
from repro.evaluation import Split
from repro.evidence.reader.data_facts import DataFacts
from repro.evidence.reader.finding import Finding, FindingKind, Severity
from repro.evidence.reader.reader_numbers import ReaderNumbers, SplitNumbers
from repro.evidence.reader.rounded import Rounded, exact_share

NOTHING = SplitNumbers()


class SplitReading:
    """What each check of a split's numbers starts from, and what it leaves to the next."""

    def __init__(self, numbers: ReaderNumbers, facts: DataFacts, split: Split, given: SplitNumbers) -> None:
        self.numbers, self.facts, self.split, self.given = numbers, facts, split, given
        self.placed = split
        """The split that the numbers are of, as far as they tell."""
        self.counts, self.rows = facts.classes(split), facts.rows(split)
        """The classes and the number of the rows that they are of, if known."""
        self.two_classes = len(numbers.chapter.classes) == 2
        self.found: list[Finding] = []

    def say(self, kind: FindingKind, severity: Severity, text: str) -> None:
        self.found.append(Finding(kind, severity, text, self.split))

    def read_as(self, kind: FindingKind, text: str, given: SplitNumbers, placed: Split | None = None) -> None:
        """An explanation, by which the numbers are others, or of another split, than they were given as.

        If other numbers were given for that split, those count.
        """
        self.given = given
        if placed:
            self.placed, self.counts, self.rows = placed, self.facts.classes(placed), self.facts.rows(placed)
        kept = self.placed == self.split or self.placed not in self.numbers.splits
        left = {self.placed: given} if kept and replace(given, transposed=False) != NOTHING else {}
        self.found.append(Finding(kind, "explanation", text, self.split, left))

    @property
    def from_fit(self) -> bool:
        """Whether the rows are held out by `fit`, and of our runs only the history has numbers of them."""
        return self.placed == "validation" and self.numbers.experiment.validation_split > 0

    @property
    def accuracy(self) -> Rounded | None:
        """Of the matrix, or as given."""
        matrix = self.given.matrix
        return exact_share(metrics.accuracy(matrix)) if matrix else self.given.accuracy
