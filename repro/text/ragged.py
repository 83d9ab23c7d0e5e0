"""Rows of unequal length."""

from __future__ import annotations

import operator
import reprlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any, overload

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray


@dataclass(frozen=True, eq=False, repr=False)
class Ragged(Sequence["NDArray[np.int32]"]):
    """A sequence of rows of unequal length, kept as two arrays: row i is `values[offsets[i]:offsets[i + 1]]`.

    Use it as a list of rows: `rows[0]` and `for row in rows` give each row as `(words,) int32`, a view of `values`; a
    slice gives a Ragged. What works on all rows at once takes `values` and `offsets`.
    """

    values: NDArray[np.int32]
    """`(total,) int32`: the rows, end to end."""
    offsets: NDArray[np.int64]
    """`(rows + 1,) int64`, from 0 to total: where each row begins, and the last one ends."""

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, row: int) -> NDArray[np.int32]: ...

    @overload
    def __getitem__(self, row: slice) -> Ragged: ...

    def __getitem__(self, row: int | slice) -> NDArray[np.int32] | Ragged:
        if isinstance(row, slice):
            start, stop, step = row.indices(len(self))
            if step != 1:
                return take(self, np.array(range(start, stop, step), np.int64))
            offsets = self.offsets[start : max(start, stop) + 1]
            return Ragged(self.values[offsets[0] : offsets[-1]], offsets - offsets[0])
        try:
            place = range(len(self))[operator.index(row)]
        except IndexError:
            raise IndexError(f"there is no row {row}: there are {len(self):,} rows") from None
        except TypeError:
            raise TypeError(f"a row has a number, not {row!r}; take(rows, numbers) gives several rows") from None
        return self.values[self.offsets[place] : self.offsets[place + 1]]

    def __iter__(self) -> Iterator[NDArray[np.int32]]:
        return (self.values[start:end] for start, end in pairwise(self.offsets.tolist()))

    def __contains__(self, row: object) -> bool:
        return any(np.array_equal(each, row) for each in self)  # type: ignore[arg-type]

    def __repr__(self) -> str:
        """The first numbers of the first rows."""
        return f"Ragged({reprlib.repr(self[: reprlib.aRepr.maxlist + 1].tolist())})"

    def tolist(self) -> list[list[int]]:
        """The rows as lists of Python's own numbers."""
        values = self.values.tolist()
        return [values[start:end] for start, end in pairwise(self.offsets.tolist())]


def take(rows: Ragged, numbers: NDArray[np.integer]) -> Ragged:
    """The rows with these numbers, `(n,)`, in this order; -1 is the last row, as in an array. Raises IndexError."""
    starts = rows.offsets[:-1][numbers]
    lengths = rows.offsets[1:][numbers] - starts
    return Ragged(rows.values[runs(starts, lengths)], offsets_of(lengths))


def ragged(sequences: Iterable[Iterable[int]]) -> Ragged:
    """The rows of a list of lists of numbers (or of arrays, or an object array of lists), end to end.

    Raises ValueError, naming the row, if the sequences are not lists of whole numbers that int32 can hold.
    """
    return sequences if isinstance(sequences, Ragged) else Ragged(*joined(sequences, np.int32))


def joined(sequences: Iterable[Iterable[Any]], dtype: DTypeLike) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """The numbers of all sequences, `(total,)` of `dtype`, and their offsets as in `Ragged`. Errors as `ragged`."""
    if isinstance(sequences, Ragged):
        return sequences.values.astype(dtype, copy=False), sequences.offsets
    if isinstance(sequences, str) or not isinstance(sequences, Iterable):
        raise ValueError(f"sequences must be a list of lists of numbers, not {reprlib.repr(sequences)}")
    rows: list[Any] = list(sequences)
    try:
        offsets = offsets_of([len(row) for row in rows])
        if rows and all(isinstance(row, np.ndarray) and row.ndim == 1 for row in rows):
            return np.concatenate(rows, dtype=dtype, casting="unsafe"), offsets
        if not any(isinstance(row, str | bytes) for row in rows):  # whose characters would pass for numbers: "12"
            return np.fromiter(chain.from_iterable(rows), dtype, count=int(offsets[-1])), offsets
    except (TypeError, ValueError, OverflowError) as error:
        raise _fault(rows, dtype) from error
    raise _fault(rows, dtype)


def _fault(rows: Sequence[Any], dtype: DTypeLike) -> ValueError:
    """The error that names the first row that is not a list of numbers."""

    def is_a_row(row: Any) -> bool:
        if isinstance(row, str | bytes):
            return False
        try:
            np.fromiter(row, dtype, count=len(row))
        except (TypeError, ValueError, OverflowError):
            return False
        return True

    number, row = next((number, row) for number, row in enumerate(rows) if not is_a_row(row))
    what = f"sequence {number} is {reprlib.repr(row)}"
    return ValueError(f"sequences must be a list of lists of numbers ({np.dtype(dtype)}): {what}")


def offsets_of(lengths: NDArray[np.int64] | Sequence[int]) -> NDArray[np.int64]:
    """`(rows + 1,) int64`: where rows of these lengths begin, and the last one ends, if they stand end to end."""
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def runs(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """start, start + 1, ... for each start, as many numbers as its length, end to end."""
    ends = np.cumsum(lengths)
    return np.arange(np.sum(lengths)) + np.repeat(starts + lengths - ends, lengths)
