"""Tables as the page shows them: cells that say where their numbers come from, headers that can be sorted by."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

from repro.report.table import Align, Entry, Table

WIDEST_LINE = 24
"""Characters of a text that is not wrapped."""


class PageCell(NamedTuple):
    """What stands in a row and column."""

    text: str
    note: str = ""
    """The id of the note that says where the number comes from; empty if it is none of ours."""
    repeated: bool = False
    """Whether the row above says the same: a reader need not read it again, unless the rows are sorted."""


class PageTable(NamedTuple):
    """A table of the page. Its first columns name the row."""

    title: str
    """The caption."""
    about: str
    """How it is to be read, and what it was made from."""
    headers: tuple[str, ...]
    align: tuple[Align, ...]
    rows: tuple[tuple[PageCell, ...], ...]
    labels: int
    """How many columns, from the left, name the row: one at least."""

    def classes(self, column: int) -> str:
        """What the style has to know of a column: whether it is `right`, or `wide` with text that may be wrapped."""
        if self.align[column] == "right":
            return "right"
        return "wide" if any(len(row[column].text) > WIDEST_LINE for row in self.rows) else ""


Row = Sequence[str]
NoteOf = Callable[[dict[str, str]], str]
"""Takes a row, by its headers; returns the id of the note on its numbers of ours."""


def page_table(title: str, table: Table, ours: Collection[str] = (), note: NoteOf = lambda row: "") -> PageTable:
    """A table of the report for the page.

    ours: the columns with numbers of ours, which `note` says more about.
    """
    return _made(title, table.caption, table.headers, table.align, table.rows, max(table.labels, 1), ours, note)


def entries_table(
    title: str,
    about: str,
    rows: Iterable[Sequence[Entry]],
    labels: int,
    ours: Collection[str] = (),
    note: NoteOf = lambda row: "",
) -> PageTable:
    """A table that the page alone has, of rows as those of the report; `title`, `about` and the rest as above."""
    return page_table(title, Table.of(title, about, list(rows), labels=labels), ours, note)


def _made(
    title: str,
    about: str,
    headers: Sequence[str],
    align: Sequence[str],
    rows: Sequence[Row],
    labels: int,
    ours: Collection[str],
    note: NoteOf,
) -> PageTable:
    """The table without the columns that are empty in all rows."""
    there = [place for place in range(len(headers)) if any(row[place] for row in rows)]
    headers, align = [headers[place] for place in there], [align[place] for place in there]
    labels, rows = sum(place < labels for place in there), [[row[place] for place in there] for row in rows]
    made: list[tuple[PageCell, ...]] = []
    for above, row in zip([[], *rows], rows, strict=False):
        same = next((i for i in range(labels) if above[i : i + 1] != row[i : i + 1]), labels)
        about_row = note(dict(zip(headers, row, strict=True)))
        made.append(
            tuple(
                PageCell(text, about_row if text and header in ours else "", place < same)
                for place, (header, text) in enumerate(zip(headers, row, strict=True))
            )
        )
    sides: tuple[Align, ...] = tuple("right" if side == "right" else "left" for side in align)
    return PageTable(title, about, tuple(headers), sides, tuple(made), labels)


def saved_table(title: str, markdown: str) -> PageTable | None:
    """A table as `repro` wrote it in Markdown: the caption, an empty line, the table; None if it is none."""
    lines = markdown.splitlines()
    about = next((line for line in lines if line.strip()), "")
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines if line.startswith("|")]
    if len(rows) < 2 or about.startswith("|") or len({len(row) for row in rows}) != 1:
        return None
    headers, marks, *cells = rows
    filled: list[list[str]] = []
    for row in cells:  # where a name is that of the row above, the file has nothing
        named = next((i for i, cell in enumerate(row) if cell), 0)
        filled.append([*(filled[-1][:named] if filled else [""] * named), *row[named:]])
    align: list[Align] = ["right" if mark.endswith(":") else "left" for mark in marks]
    labels = max(1, next((i for i, side in enumerate(align) if side == "right"), 1))
    return _made(title, about, headers, align, filled, labels, (), lambda row: "")
