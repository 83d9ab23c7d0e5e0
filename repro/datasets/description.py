"""What a data set consists of, counted: rows, classes, lengths of texts, what `maxlen` does to them, repeated texts."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec
import numpy as np

from repro.datasets.dataset import Preparation, Provenance

if TYPE_CHECKING:
    from numpy.typing import NDArray

Half = Literal["train", "test"]
"""All training texts, those that are held out of the training included; and all test texts."""


class Texts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The texts of one half of a corpus, counted before they are padded and cut."""

    rows: int
    classes: tuple[int, ...]
    """Rows of class 0, 1, ...; where a text can have several labels, rows that have each of them."""
    unlabelled: int = 0
    """Rows in none of these: without a label, or with none of several labels."""
    lengths: tuple[int, ...]
    """How many texts have 0, 1, 2, ... numbers: what `maxlen` is held against."""
    words: tuple[int, ...] = ()
    """How many have 0, 1, 2, ... words by `split(" ")`, where the texts are cleaned: a blank text has one, an empty."""
    repeated: int
    """Texts that are equal to an earlier one."""
    repeated_cleaned: int | None = None
    """The same after the replacements, where the texts are cleaned."""
    in_training: int | None = None
    """Of the test texts: those that are equal to a training text (cleaned, where the texts are)."""
    replaced: tuple[int, ...] = ()
    """In how many texts each replacement of the preparation finds something to replace, in their order."""


class Description(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A data set, counted. It is kept beside the records of runs on these data."""

    data: Provenance
    halves: dict[Half, Texts]

    @property
    def maxlen(self) -> int:
        """Numbers in a prepared row."""
        return self.preparation.maxlen

    @property
    def preparation(self) -> Preparation:
        assert self.data.preparation is not None  # `describe` was given one
        return self.data.preparation


def counted(
    texts: Sequence[Hashable],
    lengths: NDArray[np.int64],
    labels: NDArray[np.int32] | None,
    classes: int,
    *,
    cleaned: Sequence[str] | None = None,
    replaced: tuple[int, ...] = (),
    training: Collection[Hashable] | None = None,
) -> Texts:
    """Count the texts of one half.

    texts: as they are in the files. lengths: `(rows,) int64`, numbers of each, before it is cut.
    labels: `(rows,)` of classes, -1 where there is none, or `(rows, labels)` of 0 and 1; None if no row has one.
    classes: how many classes, or labels, there are.
    cleaned: the texts after the replacements, if there are any. training: the training texts, for the test texts.
    """
    if labels is None:
        labels = np.full(len(texts), -1, np.int32)
    if labels.ndim == 2:
        by_class, unlabelled = (labels == 1).sum(axis=0), (labels < 1).all(axis=1).sum()
    else:
        by_class, unlabelled = np.bincount(labels[labels >= 0], minlength=classes), (labels < 0).sum()
    said = texts if cleaned is None else cleaned
    return Texts(
        rows=len(texts),
        classes=tuple(by_class.tolist()),
        unlabelled=int(unlabelled),
        lengths=tuple(np.bincount(lengths).tolist()),
        words=() if cleaned is None else tuple(np.bincount([len(text.split(" ")) for text in cleaned]).tolist()),
        repeated=len(texts) - len(set(texts)),
        repeated_cleaned=None if cleaned is None else len(cleaned) - len(set(cleaned)),
        in_training=None if training is None else sum(text in training for text in said),
        replaced=replaced,
    )


def replacements_found(texts: Sequence[str], replacements: Sequence[tuple[str, str]]) -> tuple[int, ...]:
    """In how many texts each replacement finds something, after those before it: as `text.clean` applies them."""
    found = Counter[int]()
    for text in texts:
        text = text.lower()
        for place, (old, new) in enumerate(replacements):
            if old in text:
                found[place] += 1
                text = text.replace(old, new)
    return tuple(found[place] for place in range(len(replacements)))


class Lengths:
    """Numbers that follow from how many texts have 0, 1, 2, ... numbers or words."""

    def __init__(self, counts: Sequence[int]) -> None:
        self.counts = counts
        self.rows = sum(counts)

    @property
    def shortest(self) -> int:
        return next(length for length, texts in enumerate(self.counts) if texts)

    @property
    def longest(self) -> int:
        return len(self.counts) - 1

    @property
    def median(self) -> float:
        """The middle length, or the mean of the two in the middle."""
        below = list(itertools.accumulate(self.counts))
        middle = [(self.rows - 1) // 2, self.rows // 2]
        return sum(next(length for length, total in enumerate(below) if total > place) for place in middle) / 2

    def cut(self, maxlen: int) -> tuple[int, float]:
        """How many texts are longer than `maxlen`, and how many numbers they lose, on the mean of these."""
        return self._beyond((length - maxlen, texts) for length, texts in enumerate(self.counts))

    def padded(self, maxlen: int) -> tuple[int, float]:
        """How many texts are shorter than `maxlen`, and how many zeros they get, on the mean of these."""
        return self._beyond((maxlen - length, texts) for length, texts in enumerate(self.counts))

    @staticmethod
    def _beyond(differences: Iterator[tuple[int, int]]) -> tuple[int, float]:
        larger = [(difference, texts) for difference, texts in differences if difference > 0]
        rows = sum(texts for _, texts in larger)
        return rows, sum(difference * texts for difference, texts in larger) / rows if rows else 0.0
