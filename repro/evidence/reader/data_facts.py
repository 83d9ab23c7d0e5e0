"""The rows of a chapter's data by split and class, as the records of its runs show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from repro.chapter import Experiment
from repro.evaluation import Split
from repro.evidence.reader.reader_numbers import READ_SPLITS
from repro.evidence.reader.rounded import Rounded
from repro.records import Record


@dataclass(frozen=True)
class DataFacts:
    """The rows of the data by split, and their classes."""

    counts: Mapping[Split, tuple[int, ...]]
    """Rows of class 0, 1, ...; where rows have several labels, of all labels of all rows."""
    labels: int
    """How many labels a row has; 1 where it has a class."""
    fitted: int
    """Of the training rows, those that weights are fitted to."""
    held_out: int
    """The other training rows, which `fit` validates on."""
    held_out_counts: tuple[int, ...] | None
    """Their classes, if a run was evaluated on them alone."""
    complete: bool
    """Whether a reader's data should have as many rows: not if ours are a sample, or the embedded corpus."""
    seen: tuple[tuple[float, float], ...]
    """Loss and accuracy of each run on each split; not of other classifiers, whose loss says little."""

    def is_usual(self, loss: Rounded, accuracy: Rounded | None) -> bool:
        """Whether a run has about this loss, with about this accuracy if one is given: within a quarter, 3 points."""
        return any(
            abs(loss.value - other_loss) <= 0.25 * other_loss + loss.half
            and (accuracy is None or abs(accuracy.value - other_accuracy) <= 0.03 + accuracy.half)
            for other_loss, other_accuracy in self.seen
        )

    def rows(self, split: Split) -> int | None:
        """The rows of a split, as often as they are counted in its matrix; None if that is not known."""
        if split == "validation" and "validation" not in self.counts:
            return self.held_out or None
        return sum(self.counts[split]) if split in self.counts else None

    def classes(self, split: Split) -> tuple[int, ...] | None:
        """The rows of each class of a split; None if they are not known."""
        if split == "validation" and "validation" not in self.counts:
            return self.held_out_counts
        return self.counts.get(split)

    @property
    def rows_held_out(self) -> int:
        """The rows that are validated on while training, of whichever kind; 0 if there are none."""
        return self.held_out or sum(self.counts.get("validation", ())) // self.labels

    @property
    def train_rows(self) -> int | None:
        """The training rows of a reader's data, held-out ones included; None if his may be more or fewer."""
        return sum(self.counts["train"]) // self.labels if self.complete else None

    @property
    def whole_rows(self) -> bool:
        """Whether an accuracy is a share of a known number of rows."""
        return self.complete and self.labels == 1

    @property
    def named_splits(self) -> list[Split]:
        """The splits that a reader can name."""
        return [split for split in self.counts if split in READ_SPLITS]

    @property
    def fitted_counts(self) -> tuple[int, ...] | None:
        """The classes of the fitted rows, if those of the held-out rows are known."""
        if not self.held_out_counts:
            return None
        return tuple(a - b for a, b in zip(self.counts["train"], self.held_out_counts, strict=True))


def data_facts(experiment: Experiment, records: Iterable[Record]) -> DataFacts | None:
    """The facts from records of a chapter, of variations too; None if no record has the results needed.

    experiment: as in the source. Of the records, those of the same data as the first one count.
    """
    counts: dict[Split, tuple[int, ...]] = {}
    held_out_counts = None
    seen: list[tuple[float, float]] = []
    first: Record | None = None
    labels = 1
    for record in records:
        if not record.evaluation or (first and record.data.label != first.data.label):
            continue
        first = first or record
        of_classes = {
            split: tuple(map(sum, zip(*each.matrix, strict=True))) for split, each in record.evaluation.items()
        }
        if not record.settings.classifier:
            seen += [(each.loss, each.accuracy) for each in record.evaluation.values()]
        if record.settings.evaluates_held_out:
            if record.settings.validation_split == experiment.validation_split:
                held_out_counts = of_classes["train"]
        elif not counts:
            counts, labels = of_classes, len(record.evaluation["train"].labels) or 1
    if not first or not counts:
        return None
    rows = first.data.train_rows
    fitted = experiment.fitted_rows(rows)
    complete = first.data.kind == "real"
    return DataFacts(counts, labels, fitted, rows - fitted, held_out_counts, complete, tuple(seen))
