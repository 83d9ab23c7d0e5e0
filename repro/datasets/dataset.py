"""What every corpus gives a chapter: four arrays and where they come from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Kind = Literal["real", "sample", "embedded"]
"""The complete public set, a part of it, or a small corpus that this package generates."""

Edition = Literal["original", "rebuilt", "generated"]
"""The publisher's own file, a copy rebuilt from the texts, or the output of a generator."""


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """Where the arrays of a data set come from; stands in every record."""

    name: str
    kind: Kind
    edition: Edition
    source_sha256: str
    """Of the file that was read; for an embedded corpus, of its texts."""
    sha256: str
    """Of the prepared arrays: `fingerprint(x_train, y_train, x_test, y_test)`."""
    train_rows: int
    test_rows: int

    @property
    def label(self) -> str:
        """`embedded`, or kind and edition: `real-original`, `real-rebuilt`."""
        return self.kind if self.kind == "embedded" else f"{self.kind}-{self.edition}"


@dataclass(frozen=True)
class Dataset:
    """A corpus ready for training.

    x_train, x_test: `(rows, maxlen) int32`, word numbers, 0 where padded.
    y_train, y_test: `(rows,) int32`, the class.
    """

    x_train: NDArray[np.int32]
    y_train: NDArray[np.int32]
    x_test: NDArray[np.int32]
    y_test: NDArray[np.int32]
    provenance: Provenance


def fingerprint(*arrays: NDArray[np.generic]) -> str:
    """sha256 (hex) over dtype, shape and C-order bytes of the arrays, in turn."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(array.reshape(-1).view("uint8").data)
    return digest.hexdigest()
