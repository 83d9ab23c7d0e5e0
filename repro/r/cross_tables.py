"""R's `table`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from repro.r.printing import WIDTH, label, place
from repro.text.checks import missing

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False, repr=False)
class CrossTable:
    """Counts by the levels of one factor, or of two: `t[1, 2]` by R's positions, `t["0", "1"]` by labels."""

    counts: NDArray[np.int64]
    """`(levels,) int64`, or `(levels of the rows, levels of the columns) int64`"""
    labels: tuple[tuple[str, ...], ...]
    """What the levels of each dimension are called: R's `dimnames`."""
    names: tuple[str, ...]
    """What the dimensions are called, `""` where they have no name."""

    def __getitem__(self, keys: str | int | tuple[str | int, ...]) -> int:
        keys = keys if isinstance(keys, tuple) else (keys,)
        if len(keys) != self.counts.ndim:
            raise ValueError(f"incorrect number of dimensions: {len(keys)}, of {self.counts.ndim}")
        return int(self.counts[tuple(map(place, keys, self.labels))])

    def __repr__(self) -> str:
        if not self.counts.size:
            return f"< table of extent {' x '.join(map(str, self.counts.shape))} >"
        return "\n".join(self._one_factor() if self.counts.ndim == 1 else self._two_factors())

    def _one_factor(self) -> Iterable[str]:
        texts = (self.labels[0], self.counts.astype(str).tolist())
        width = max(map(len, (*texts[0], *texts[1])))
        in_a_line = max(WIDTH // (width + 1), 1)
        yield self.names[0]
        for start in range(0, len(self.counts), in_a_line):
            for line in texts:
                yield "".join(f"{text:>{width}} " for text in line[start : start + in_a_line])

    def _two_factors(self) -> Iterable[str]:
        rows, columns = self.labels
        widest = max(map(len, rows))
        indent = max(len(self.names[0]) - widest, 2)
        margin = indent + widest
        widest_count = len(str(self.counts.max()))
        widths = [max(len(column), widest_count) + 1 for column in columns]
        start = 0
        while start < len(columns):
            end = start + 1
            while end < len(columns) and margin + sum(widths[start : end + 1]) < WIDTH:
                end += 1
            block = slice(start, end)
            yield " " * margin + self.names[1]
            yield self.names[0].ljust(margin) + _cells(columns[block], widths[block])
            for row, counts in zip(rows, self.counts, strict=True):
                yield (" " * indent + row).ljust(margin) + _cells(counts[block], widths[block])
            start = end


def table(*factors: ArrayLike, **named: ArrayLike) -> CrossTable:
    """`table()` of one factor, or of two (rows, columns): how often each level, or each pair, occurs.

    Levels are the distinct values in order, so a class that never occurs has no row. NaN and None, missing values in R,
    are not counted. Strings are in the order of their code points, as in R's locale C. A named argument names its
    dimension: R also takes names from variables, which Python does not see.

    Raises ValueError if there are no factors or more than two, or if they differ in length.
    """
    values = [np.asarray(factor).ravel(order="F") for factor in (*factors, *named.values())]
    if len(values) not in (1, 2):
        raise ValueError(f"table() takes one factor or two, not {len(values)}")
    if len({len(column) for column in values}) != 1:
        raise ValueError(f"all arguments must have the same length, not {' and '.join(str(len(v)) for v in values)}")

    known = list(map(_known, values))
    levels = [np.unique(column[is_known]) for column, is_known in zip(values, known, strict=True)]
    counted = np.logical_and.reduce(known)
    places = [np.searchsorted(level, column[counted]) for level, column in zip(levels, values, strict=True)]
    counts = np.zeros([len(level) for level in levels], np.int64)
    np.add.at(counts, tuple(places), 1)
    labels = tuple(tuple(map(label, level.tolist())) for level in levels)
    return CrossTable(counts, labels, ("",) * len(factors) + tuple(named))


def _known(column: NDArray[Any]) -> NDArray[np.bool_]:
    if column.dtype == object:
        return np.array([not missing(value) for value in column], np.bool_)
    known: NDArray[np.bool_] = column == column  # NaN equals nothing
    return known


def _cells(cells: Iterable[object], widths: Iterable[int]) -> str:
    return "".join(str(cell).rjust(width) for cell, width in zip(cells, widths, strict=True))
