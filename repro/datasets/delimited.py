"""Reads csv and tsv files strictly; a message about a fault says where it is.

The texts may be hostile, and a damaged file may have them where labels belong: no message quotes a text.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from repro.errors import DataInvalid

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST = 100_000
"""Characters of a text; twenty times the longest comment of the corpora."""
LONGEST_ID = 100
"""Characters of an id; a longer one is a text in the wrong column, and an array of ids has room for the longest."""
QUOTABLE = 12
"""Characters of a value that a message may quote."""

_FIELD_LIMIT = (1 << 31) - 1
"""Characters that the csv module may read into one field: any, so that `texts` can say where a field is too long."""
_NO_TEXT = re.compile("[\0\udc80-\udcff]")
"""What no text has: a NUL character; a byte that is not UTF-8, decoded with `surrogateescape`."""
_TITLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,30}")
"""What looks like the title of a column, and may be quoted: a file without a header begins with a text."""
_QUOTED = r'"(?:[^"]++|"")*+"'
_DELIMITERS = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "vertical bars"}
_ANOTHER = "Is it the file of another data set?"


@dataclass(frozen=True)
class Rows:
    """The columns of a file, all values as text."""

    name: str
    """What messages call the file."""
    columns: dict[str, list[str]]
    lines: Sequence[int]
    """The line of the file in which each row begins, from 1."""

    def __len__(self) -> int:
        return len(self.lines)

    def integers(self, column: str, allowed: Collection[int]) -> NDArray[np.int32]:
        """`(rows,) int32`: the column as numbers, written as Python writes them. DataInvalid for all but `allowed`."""
        number = {str(value): value for value in allowed}
        values = self.columns[column]
        try:
            return np.fromiter(map(number.__getitem__, values), np.int32, len(values))
        except KeyError:
            row = next(row for row, value in enumerate(values) if value not in number)
        value, wanted = values[row], ", ".join(map(str, sorted(allowed)))
        what = ascii(value) if len(value) <= QUOTABLE else f"a value of {len(value):,} characters"
        raise self.fault(row, column, f"{what} is none of {wanted}")

    def texts(self, column: str, *, blank: bool = False, longest: int = LONGEST) -> list[str]:
        """The column as it is. DataInvalid for a text of more than `longest` characters.

        blank: accept texts of nothing but white space.
        """
        values = self.columns[column]
        for row, value in enumerate(values):
            if len(value) > longest:
                raise self.fault(
                    row,
                    column,
                    f"the text has {len(value):,} characters, more than {longest:,}; "
                    "so long a text usually means a quote that is not closed",
                )
            if not blank and (not value or value.isspace()):
                raise self.fault(row, column, "the text is blank")
        return values

    def unique(self, column: str) -> list[str]:
        """The column of ids as it is. DataInvalid for one that is blank, very long, or there twice."""
        first: dict[str, int] = {}
        values = self.texts(column, blank=True, longest=LONGEST_ID)
        for row, value in enumerate(values):
            if not value or value.isspace():
                raise self.fault(row, column, "the value is blank")
            before = first.setdefault(value, row)
            if before != row:
                raise self.fault(row, column, f"the same value as in row {before + 1:,} (line {self.lines[before]:,})")
        return values

    def places(self, column: str, wanted: Sequence[str], whose: str) -> NDArray[np.int64]:
        """`(len(wanted),)`: the row of each wanted value of `column`, which has those and no others, each once.

        whose: what messages call the wanted values. Raises DataInvalid.
        """
        place = {value: row for row, value in enumerate(self.unique(column))}
        if place.keys() != set(wanted):
            raise DataInvalid(f"{self.name}: its {column}s are not those of {whose}.")
        return np.array([place[value] for value in wanted], np.int64)

    def fault(self, row: int, column: str, what: str) -> DataInvalid:
        """The error to raise for the value of `column` in the row with this index, from 0."""
        return DataInvalid(f"{self.name}: {_row(row, self.lines[row])}, column {column}: {what}.")


def read(
    name: str, content: bytes, *, columns: Sequence[str], header: bool, delimiter: str = ",", quoted: bool = True
) -> Rows:
    """The rows of a csv or tsv file in UTF-8, with or without a byte order mark, with line ends of any one kind.

    name: what messages call the file: a path, or `x.zip: train.csv`.
    columns: with a header, those that are needed, in any order, with any others between them; without one, all.
    quoted: a value may stand in double quotes and then hold delimiters, line ends and doubled quotes; line ends stay as
        they are. If not, a quote is a character like others.

    Raises DataInvalid if the file is empty, has no rows or lacks columns, if a row has too few or too many values, and
    for bytes that are no UTF-8, NUL characters and quotes in wrong places.
    """
    file = _File(name, content.removeprefix(codecs.BOM_UTF8), columns, header, delimiter, quoted)
    if not file.content.strip():
        raise DataInvalid(f"{name} is empty.")
    if b"\0" in file.content:
        raise file.first_fault()

    csv.field_size_limit(max(csv.field_size_limit(), _FIELD_LIMIT))  # of the whole process, so never lowered
    records = file.records()
    titles = list(columns)
    if header:
        _, titles = next(records)
        file.check_titles(titles)
    values: list[list[str]] = []
    lines: list[int] = []
    for line, record in records:
        if len(record) != len(titles):
            raise file.wrong_width(len(values), line, record, titles)
        values.append(record)
        lines.append(line)
    if not values:
        raise DataInvalid(f"{name} has a header but no rows.")
    places = {column: titles.index(column) for column in columns}
    return Rows(name, {column: [record[place] for record in values] for column, place in places.items()}, lines)


def titles(content: bytes, delimiter: str) -> list[str]:
    """The values in the first line of a file, as far as they can be read."""
    first = content.removeprefix(codecs.BOM_UTF8).partition(b"\n")[0].decode(errors="replace")
    try:
        return next(csv.reader([first.rstrip("\r")], delimiter=delimiter), [])
    except csv.Error:  # too long for a header
        return []


def shown(titles: Sequence[str]) -> list[str]:
    """The first titles for a message, `?` for what does not look like one."""
    return [title if _TITLE.fullmatch(title) else "?" for title in titles[:20]]


@dataclass(frozen=True)
class _File:
    """What `read` was given, without the byte order mark."""

    name: str
    content: bytes
    columns: Sequence[str]
    header: bool
    delimiter: str
    quoted: bool

    @cached_property
    def end(self) -> Literal["\n", "\r"]:
        """What ends lines: a line feed, after a carriage return or not; in files of old Macs, a carriage return."""
        return "\r" if b"\r" in self.content and b"\n" not in self.content else "\n"

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Each record, the header included, with the line in which it begins; raises DataInvalid."""
        # Nothing is translated, so that texts keep the line ends that they have.
        stream = io.TextIOWrapper(io.BytesIO(self.content), encoding="utf-8", newline=self.end)
        quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if self.quoted else csv.QUOTE_NONE
        reader = csv.reader(stream, delimiter=self.delimiter, quoting=quoting, strict=True)
        line = 1
        try:
            for values in reader:
                yield line, values
                line = reader.line_num + 1
        except (csv.Error, UnicodeDecodeError) as error:
            raise self.first_fault() from error

    def check_titles(self, titles: Sequence[str]) -> None:
        """Raise DataInvalid if the header lacks a column or has it twice."""
        needed = ", ".join(self.columns)
        if not set(titles) & set(self.columns):
            self._check_delimiter(titles)
            raise DataInvalid(f"{self.name}: line 1 is not a header; the columns needed are {needed}. {_ANOTHER}")
        if missing := [column for column in self.columns if column not in titles]:
            raise DataInvalid(
                f"{self.name}: the header lacks {', '.join(missing)}; needed are {needed}, "
                f"there are {', '.join(shown(titles))}."
            )
        for column in self.columns:
            if titles.count(column) > 1:
                raise DataInvalid(f"{self.name}: the header has column {column} twice.")

    def wrong_width(self, row: int, line: int, values: Sequence[str], titles: Sequence[str]) -> DataInvalid:
        """The error for a row with another number of values than there are columns."""
        fault = f"{self.name}: {_row(row, line)}: "
        if not values:
            return DataInvalid(f"{fault}the line is empty.")
        fault += f"{len(values)} value{'s' * (len(values) > 1)} where there are {len(titles)} columns"
        if not self.header and not row:
            self._check_delimiter(values)
            return DataInvalid(f"{fault}: {', '.join(titles)}. {_ANOTHER}")
        if len(values) < len(titles):
            fault += f"; column {self._title(len(values), titles)} has none"
            if line >= self.content.count(self.end.encode()):
                fault += ". The file may be cut short"
        return DataInvalid(f"{fault}.")

    def _check_delimiter(self, values: Sequence[str]) -> None:
        """Raise DataInvalid if another delimiter would give the columns from these values of line 1."""
        line = self.delimiter.join(values).replace("\r", " ").replace("\n", " ")
        for delimiter, called in _DELIMITERS.items():
            if delimiter == self.delimiter:
                continue
            (others,) = csv.reader([line], delimiter=delimiter)
            if set(self.columns) <= set(others) if self.header else len(others) == len(self.columns):
                raise DataInvalid(
                    f"{self.name}: the values are separated by {called}. Save it with {_DELIMITERS[self.delimiter]}."
                )

    def first_fault(self) -> DataInvalid:
        """The error for the first quote in a wrong place, NUL character or byte that is not UTF-8.

        Goes through the values one by one: the csv module is much faster, but does not say in which value it stopped.
        """
        text = self.content.decode(errors="surrogateescape")
        bad = _NO_TEXT.search(text)
        delimiter = re.escape(self.delimiter)
        plain = rf"[^{delimiter}\r\n]*+"
        value = rf'{_QUOTED}|(?!"){plain}' if self.quoted else plain
        value_and_end = re.compile(rf"({value})(?:({delimiter})|\r?{self.end}|\r?\Z)")
        record = index = start = at = 0
        titles = [] if self.header else list(self.columns)
        match = value_and_end.match(text)
        while match and match.end() > at and not (bad and bad.start() < match.end()):
            if self.header and record == 0:
                titles.append(match[1].strip('"'))
            at = match.end()
            record, index, start = (record, index + 1, start) if match[2] else (record + 1, 0, at)
            match = value_and_end.match(text, at)

        fault, end = self._misquoted(text, at)
        if bad and (match or bad.start() < end):
            start, fault = bad.start(), _no_text(text, bad[0])
        line = text.count(self.end, 0, start) + 1
        if self.header and record == 0:
            return DataInvalid(f"{self.name}: header (line {line}): {fault}")
        place = f"{_row(record - self.header, line)}, column {self._title(index, titles)}"
        return DataInvalid(f"{self.name}: {place}: {fault}")

    def _misquoted(self, text: str, at: int) -> tuple[str, int]:
        """What is wrong with the value that begins at `at`, and where it ends."""
        fault, end = "a carriage return stands outside quotes.", at
        if self.quoted and text[at : at + 1] == '"':
            closed = re.compile(_QUOTED).match(text, at)
            if closed is None:
                return "a quote is opened and never closed.", len(text)
            end = closed.end()
            if text[end : end + 1] != "\r":
                fault = "text follows a closing quote; is a quote before it not doubled, or not closed?"
        rest = re.compile(rf"[^{re.escape(self.delimiter)}\r\n]*").match(text, end)
        return fault, rest.end() if rest else end

    def _title(self, index: int, titles: Sequence[str]) -> str:
        """What to call a column: its title if that is one of ours, otherwise its number from 1."""
        return titles[index] if index < len(titles) and titles[index] in self.columns else str(index + 1)


def _row(row: int, line: int) -> str:
    """A row, by its index from 0, for messages."""
    return f"row {row + 1:,} (line {line:,})"


def _no_text(text: str, character: str) -> str:
    """What is wrong with a text that has this character of `_NO_TEXT`."""
    if character == "\0":
        return "a NUL character. The file is damaged, or no text file."
    # Of a damaged file, most characters of several bytes are right; in another encoding they are by chance.
    wrong, right = (len(re.findall(part, text)) for part in ("[\udc80-\udcff]+", "[^\0-\x7f\udc80-\udcff]"))
    hint = " Is the file in Windows-1252? Save it as UTF-8." * (wrong > right)
    return f"the byte {ord(character) - 0xDC00:#04x} is not UTF-8.{hint}"
