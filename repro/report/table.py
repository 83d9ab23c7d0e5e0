"""A table in all its forms: aligned text, Markdown, CSV, LaTeX."""

from __future__ import annotations

import csv
import io
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tabulate import tabulate

from repro.files import write_if_new

WIDTH, WIDEST = 115, 84
"""Characters in a line, and in a cell, of aligned text, at most; what is longer is wrapped."""

Cell = str | int | float | None


@dataclass(frozen=True)
class Table:
    """A table for readers, with rates in percent, and the same for programs, with rates from 0 to 1."""

    name: str
    caption: str
    headers: tuple[str, ...]
    rows: list[tuple[str, ...]]
    csv_headers: tuple[str, ...]
    csv_rows: list[tuple[Cell, ...]]
    align: tuple[str, ...]
    labels: int
    """How many columns, from the left, name the row; for readers a name is not repeated from row to row."""

    @cached_property
    def text(self) -> str:
        """As aligned text, with its caption above."""
        return f"{textwrap.fill(self.caption, WIDTH)}\n\n{self._formatted('simple')}\n"

    def files(self) -> dict[str, str]:
        """The contents of its files by their endings: aligned text, Markdown, CSV, LaTeX."""
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerows([self.csv_headers, *self.csv_rows])
        return {
            ".txt": self.text,
            ".md": f"{self.caption}\n\n{self._formatted('pipe')}\n",
            ".csv": buffer.getvalue(),
            ".tex": f"% {self.caption}\n{self._formatted('latex_booktabs')}\n",
        }

    def _formatted(self, style: str) -> str:
        rows = [self._shortened(above, row) for above, row in zip([(), *self.rows], self.rows, strict=False)]
        # Only where something is too wide: tabulate takes what it wraps for a number if it can, and fails at 25,000.
        wide = [any(len(row[column]) > WIDEST for row in rows) for column in range(len(self.headers))]
        widths = {"maxcolwidths": [WIDEST if each else None for each in wide]} if style == "simple" else {}
        return str(tabulate(rows, self.headers, style, colalign=self.align, disable_numparse=True, **widths))

    def _shortened(self, above: tuple[str, ...], row: tuple[str, ...]) -> tuple[str, ...]:
        same = next((i for i in range(self.labels) if above[i : i + 1] != row[i : i + 1]), self.labels)
        return ("",) * same + row[same:]


def write(made: Iterable[Table], folder: Path) -> Path:
    """Write tables into a folder in all their forms; returns the folder. Raises ReproError if that fails.

    A file that has these bytes already is left alone.
    """
    for table in made:
        for ending, content in table.files().items():
            write_if_new(folder / f"{table.name}{ending}", content.encode())
    return folder
