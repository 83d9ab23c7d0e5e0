"""What every corpus gives a chapter: rows of word numbers, their labels, and where they come from."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

import msgspec

from repro.text.checks import Side
from repro.text.words import FILTERS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from repro.text import Padded

    Inputs = NDArray[np.int32] | Padded

Kind = Literal["real", "sample", "embedded"]
"""The complete public set; a part of it; or a small corpus that this package generates."""

Edition = Literal["original", "rebuilt", "excerpt", "unverified", "generated"]
"""The publisher's own files; copies rebuilt from the texts; known parts of them; the user's files, whose checksums are
not known; the output of a generator."""

Text = TypeVar("Text")


class Preparation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the texts of a corpus become rows of numbers. A record has all of it written out, defaults too."""

    words: Literal["ranked", "counted", "hashed"]
    """Where the number of a word comes from: from the ranks that the corpus has, from its count in the training texts
    (Keras' `Tokenizer`), or from a hash of its letters (Keras' `one_hot`, with md5)."""
    num_words: int
    """The numbers of words are below it."""
    maxlen: int
    """Numbers in a row."""
    padding: Side = "pre"
    truncating: Side = "pre"
    filters: str = FILTERS
    """The characters that separate words. Ranked reviews are split already; there, the filters split a user's text."""
    replacements: tuple[tuple[str, str], ...] = ()
    """(old, new): plain replacements in the lower-cased texts, one after the other, before they are split."""
    held_out: float = 0.0
    """The share of the training texts that is drawn at random and not trained on: scikit-learn's `test_size`."""
    random_state: int | None = None
    """The seed of that draw."""
    stratified: bool = False
    """Whether the draw takes the same share of each class."""
    index_from: int = 3
    """A word of rank r has the number r + index_from, where words are ranked; 3 in Keras."""
    ranks_exchanged: int | None = None
    """Where words are ranked: of every so many ranks, the last two words exchange theirs."""


class Provenance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where the arrays of a data set come from; stands in every record."""

    name: str
    kind: Kind
    edition: Edition
    source_sha256: str
    """Of the file that was read; of the files' checksums if they are several; of the texts of an embedded corpus."""
    sha256: str
    """`fingerprint` of the prepared arrays, as they are kept."""
    train_rows: int
    """Without `validation_rows`."""
    test_rows: int
    validation_rows: int = 0
    """Rows that the source held out at random."""
    preparation: Preparation | None = None
    """What made the arrays of the texts; None in records of an earlier edition, which did not say."""

    @property
    def label(self) -> str:
        """`embedded`, `sample`, or kind and edition: `real-original`, `real-rebuilt`."""
        return f"{self.kind}-{self.edition}" if self.kind == "real" else self.kind


@dataclass(frozen=True, kw_only=True)
class LabelledTexts(Generic[Text]):
    """The texts of a corpus with their labels, as its files or its generator give them, before any preparation."""

    train_texts: Sequence[Text]
    train_labels: NDArray[np.int32]
    """`(rows,) int32`, the class; or `(rows, labels) int32`, 0 or 1, where a text can have several labels."""
    test_texts: Sequence[Text]
    test_labels: NDArray[np.int32] | None
    """Likewise; -1 in rows that have no label. None if no row has one."""
    test_ids: Sequence[str] | None = None
    """What a file of predictions calls the test rows."""


Corpus = LabelledTexts[str]


@dataclass(frozen=True)
class Dataset:
    """A corpus ready for training.

    x_...: `(rows, maxlen) int32`, word numbers, 0 where padded.
    y_...: `(rows,) int32`, the class; or `(rows, labels) int32`, 0 or 1, where a text can have several labels.
    """

    x_train: Inputs
    y_train: NDArray[np.int32]
    x_test: Inputs
    y_test: NDArray[np.int32] | None
    """-1 in rows that have no label: those are predicted, not scored. None if no row has one."""
    provenance: Provenance
    x_validation: Inputs | None = None
    """What the source held out at random, where it did; never fitted to."""
    y_validation: NDArray[np.int32] | None = None
    test_ids: NDArray[np.str_] | None = None
    """`(test rows,)`: what a file of predictions calls them."""
    unseen: NDArray[np.bool_] | None = None
    """`(test rows,)`: True where the text is not one of the training texts, in corpora that repeat texts."""


def fingerprint(*arrays: NDArray[np.generic]) -> str:
    """sha256 (hex) over dtype, shape and C-order bytes of the arrays, in turn."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(array.reshape(-1).view("uint8").data)
    return digest.hexdigest()


def fingerprint_of_texts(corpus: Corpus) -> str:
    """sha256 (hex) over a line for each row, training rows first: labels, tab, text, with `\\n` for newlines."""
    digest = hashlib.sha256()
    for texts, labels in ((corpus.train_texts, corpus.train_labels), (corpus.test_texts, corpus.test_labels)):
        rows: list[list[int]] = [[]] * len(texts) if labels is None else labels.reshape(len(texts), -1).tolist()
        for text, row in zip(texts, rows, strict=True):
            digest.update(f"{' '.join(map(str, row))}\t".encode() + text.encode("unicode_escape") + b"\n")
    return digest.hexdigest()
