"""What a data set consists of, counted: rows, classes, lengths of texts, what `maxlen` does to them, repeated texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np

from repro.datasets.dataset import LabelledTexts, Preparation, Provenance
from repro.text import clean

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
    """How many texts have 0, 1, 2, ... numbers: the lengths that `maxlen` cuts."""
    words: tuple[int, ...] = ()
    """How many cleaned texts have 0, 1, 2, ... words by `split(" ")`; an empty text has one. Empty where texts are not
    cleaned."""
    repeated: int
    """Texts that are equal to an earlier one."""
    repeated_cleaned: int | None = None
    """The same after the replacements, where the texts are cleaned."""
    in_training: int | None = None
    """Test texts that are equal to a training text (both cleaned, where the texts are cleaned)."""
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
        """How the texts become rows."""
        assert self.data.preparation is not None  # only records of an earlier edition lack it
        return self.data.preparation


def count_texts(
    data: Provenance,
    corpus: LabelledTexts[Any],
    train_lengths: NDArray[np.int64],
    test_lengths: NDArray[np.int64],
) -> Description:
    """Count a corpus. The lengths are `(rows,) int64`: numbers of each text, before it is cut."""
    assert data.preparation is not None
    replacements, train_labels = data.preparation.replacements, corpus.train_labels
    classes = train_labels.shape[1] if train_labels.ndim == 2 else int(train_labels.max()) + 1
    halves: dict[Half, Texts] = {}
    training: set[Hashable] | None = None
    parts: list[tuple[Half, Sequence[Any], NDArray[np.int32] | None, NDArray[np.int64]]] = [
        ("train", corpus.train_texts, train_labels, train_lengths),
        ("test", corpus.test_texts, corpus.test_labels, test_lengths),
    ]
    for half, texts, labels, lengths in parts:
        texts = [text if isinstance(text, str) else text.tobytes() for text in texts]
        cleaned = clean(texts, replacements) if replacements else None
        compared = texts if cleaned is None else cleaned
        by_class, unlabelled = _counted(labels, len(texts), classes)
        halves[half] = Texts(
            rows=len(texts),
            classes=by_class,
            unlabelled=unlabelled,
            lengths=tuple(np.bincount(lengths).tolist()),
            words=() if cleaned is None else tuple(np.bincount([len(text.split(" ")) for text in cleaned]).tolist()),
            repeated=len(texts) - len(set(texts)),
            repeated_cleaned=None if cleaned is None else len(cleaned) - len(set(cleaned)),
            in_training=None if training is None else sum(text in training for text in compared),
            replaced=replacements_found(texts, replacements) if replacements else (),
        )
        training = set(compared)
    return Description(data=data, halves=halves)


def _counted(labels: NDArray[np.int32] | None, rows: int, classes: int) -> tuple[tuple[int, ...], int]:
    """`Texts.classes` and `Texts.unlabelled`; labels as in `Corpus`."""
    if labels is None:
        return (0,) * classes, rows
    if labels.ndim == 2:
        return tuple((labels == 1).sum(axis=0).tolist()), int((labels < 1).all(axis=1).sum())
    return tuple(np.bincount(labels[labels >= 0], minlength=classes).tolist()), int((labels < 0).sum())


def replacements_found(texts: Sequence[str], replacements: Sequence[tuple[str, str]]) -> tuple[int, ...]:
    """In how many texts each replacement finds something, after those before it: as `text.clean` applies them."""
    counts = Counter[int]()
    for text in texts:
        text = text.lower()
        for number, (old, new) in enumerate(replacements):
            if old in text:
                counts[number] += 1
                text = text.replace(old, new)
    return tuple(counts[number] for number in range(len(replacements)))


class Lengths:
    """Statistics of lengths, from how many texts have 0, 1, 2, ... numbers or words."""

    def __init__(self, counts: Sequence[int]) -> None:
        self.each = np.repeat(np.arange(len(counts)), counts)
        """`(texts,) int64`: the length of each text, in increasing order."""

    @property
    def shortest(self) -> int:
        return int(self.each[0])

    @property
    def longest(self) -> int:
        return int(self.each[-1])

    @property
    def median(self) -> float:
        """The middle length, or the mean of the two in the middle."""
        return float(np.median(self.each))

    def cut(self, maxlen: int) -> tuple[int, float]:
        """How many texts are longer than `maxlen`, and how many numbers they lose on average."""
        return _beyond(self.each - maxlen)

    def padded(self, maxlen: int) -> tuple[int, float]:
        """How many texts are shorter than `maxlen`, and how many zeros they get on average."""
        return _beyond(maxlen - self.each)


def _beyond(differences: NDArray[np.int64]) -> tuple[int, float]:
    larger = differences[differences > 0]
    return len(larger), float(larger.mean()) if len(larger) else 0.0
