"""What every corpus gives a chapter: rows of word numbers, their labels, and where they come from."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from repro.text import Padded

    Inputs = NDArray[np.int32] | Padded

Kind = Literal["real", "sample", "embedded"]
"""The complete public set, a part of it, or a small corpus that this package generates."""

Edition = Literal["original", "rebuilt", "excerpt", "unverified", "generated"]
"""The publisher's own files; copies rebuilt from the texts; known parts of them; files of the user's with the right
columns, whose checksums are not known; the output of a generator."""


class Provenance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where the arrays of a data set come from; stands in every record."""

    name: str
    kind: Kind
    edition: Edition
    source_sha256: str
    """Of the file that was read, or of the files' checksums; for an embedded corpus, of its texts."""
    sha256: str
    """`fingerprint` of the prepared arrays, as they are kept."""
    train_rows: int
    """Without `validation_rows`."""
    test_rows: int
    validation_rows: int = 0
    """Rows that the source held out at random."""
    lengths: tuple[int, ...] = ()
    """How many training texts have 0, 1, 2, ... words, where the source shows that."""

    @property
    def label(self) -> str:
        """`embedded`, `sample`, or kind and edition: `real-original`, `real-rebuilt`."""
        return f"{self.kind}-{self.edition}" if self.kind == "real" else self.kind


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """The texts of a corpus with their labels, as its files or its generator give them, before any preparation."""

    train_texts: Sequence[str]
    train_labels: NDArray[np.int32]
    """`(rows,) int32`, the class; or `(rows, labels) int32`, 0 or 1, where a text can have several labels."""
    test_texts: Sequence[str]
    test_labels: NDArray[np.int32] | None
    """Likewise; -1 in rows that have no label. None if no row has one."""
    test_ids: Sequence[str] | None = None
    """What a file of predictions calls the test rows."""


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
