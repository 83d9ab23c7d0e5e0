"""Tables, as aligned text, Markdown and LaTeX for readers, and as CSV for programs.

A row is declared once for both: each of its entries names its column, its value, and how readers see it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple

from tabulate import tabulate

from repro.files import csv_text, write_if_new

WIDTH = 115
"""Characters in a line of aligned text, at most."""
WIDEST = 84
"""Characters in a cell of aligned text, at most, unless a table says otherwise; what is longer is wrapped."""

Align = Literal["left", "right"]
Value = str | int | float | None


class Entry(NamedTuple):
    """One cell of a table and its column, for readers and for programs. The functions below make entries."""

    header: str | None
    """The column for readers; None if they do not see it."""
    shown: str
    align: Align
    name: str | None
    """The column for programs; None if they do not get it."""
    value: Value


def words(**columns: str) -> list[Entry]:
    """Entries that are the same for readers and programs, by the names of their columns."""
    return [Entry(name, text, "left", name, text) for name, text in columns.items()]


def both(header: str, value: Value, shown: str, name: str | None = None, align: Align = "right") -> Entry:
    """An entry whose value readers see in another form. The name of its column is the header if no other is given."""
    return Entry(header, shown, align, name or header, value)


def readers(header: str, shown: str, align: Align = "right") -> Entry:
    """An entry that programs do not get."""
    return Entry(header, shown, align, None, None)


def programs(**columns: Value) -> list[Entry]:
    """Entries that readers do not see, by the names of their columns."""
    return [Entry(None, "", "left", name, value) for name, value in columns.items()]


@dataclass(frozen=True)
class Table:
    """A table for readers, with rates in percent, and the same for programs, with rates from 0 to 1."""

    name: str
    caption: str
    headers: tuple[str, ...]
    rows: list[tuple[str, ...]]
    csv_headers: tuple[str, ...]
    csv_rows: list[tuple[Value, ...]]
    align: tuple[str, ...]
    labels: int
    """How many columns, from the left, name the row; readers do not see a name again in the next row."""
    widest: int = WIDEST
    """Characters in a cell of aligned text, at most."""

    @classmethod
    def of(
        cls,
        name: str,
        caption: str,
        rows: Sequence[Sequence[Entry]],
        *,
        csv_rows: Sequence[Sequence[Entry]] | None = None,
        labels: int,
        widest: int = WIDEST,
    ) -> Table:
        """The table of these rows, whose entries are in the same columns. `csv_rows`: those for programs, if others."""
        seen = [[entry for entry in row if entry.header is not None] for row in rows]
        given = [[entry for entry in row if entry.name is not None] for row in (rows if csv_rows is None else csv_rows)]
        return cls(
            name=name,
            caption=caption,
            headers=tuple(entry.header or "" for entry in seen[0]) if seen else (),
            rows=[tuple(entry.shown for entry in row) for row in seen],
            csv_headers=tuple(entry.name or "" for entry in given[0]) if given else (),
            csv_rows=[tuple(entry.value for entry in row) for row in given],
            align=tuple(entry.align for entry in seen[0]) if seen else (),
            labels=labels,
            widest=widest,
        )

    @cached_property
    def text(self) -> str:
        """Aligned text, with the caption above."""
        return f"{textwrap.fill(self.caption, WIDTH)}\n\n{self._formatted('simple')}\n"

    def files(self) -> dict[str, str]:
        """The contents of its files by their endings: aligned text, Markdown, CSV, LaTeX."""
        return {
            ".txt": self.text,
            ".md": f"{self.caption}\n\n{self._formatted('pipe')}\n",
            ".csv": csv_text([self.csv_headers, *self.csv_rows]),
            ".tex": f"% {self.caption}\n{self._formatted('latex_booktabs')}\n",
        }

    def _formatted(self, style: str) -> str:
        rows = [self._shortened(above, row) for above, row in zip([(), *self.rows], self.rows, strict=False)]
        if style == "simple":
            rows = [tuple(map(self._wrapped, row)) for row in rows]
        return str(tabulate(rows, self.headers, style, colalign=self.align, disable_numparse=True))

    def _wrapped(self, cell: str) -> str:
        """The cell in lines; tabulate takes what it wraps for a number if it can, and fails at 25,000."""
        return cell if len(cell) <= self.widest else "\n".join(textwrap.wrap(cell, self.widest))

    def _shortened(self, above: tuple[str, ...], row: tuple[str, ...]) -> tuple[str, ...]:
        """The row without the names that it shares with the row above."""
        same = next((i for i in range(self.labels) if above[i : i + 1] != row[i : i + 1]), self.labels)
        return ("",) * same + row[same:]


def contents(tables: Iterable[Table], folder: Path) -> dict[Path, bytes]:
    """What `write` writes into a folder, by path."""
    return {
        folder / f"{table.name}{ending}": content.encode()
        for table in tables
        for ending, content in table.files().items()
    }


def write(tables: Iterable[Table], folder: Path) -> Path:
    """Write tables into a folder in all their forms; returns the folder. Raises ReproError if that fails.

    A file that has these bytes already is left alone.
    """
    for path, content in contents(tables, folder).items():
        write_if_new(path, content)
    return folder
