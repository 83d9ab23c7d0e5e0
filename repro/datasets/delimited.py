"""Strict reading of csv and tsv files, with messages that say where a fault is.

The texts may be hostile, and a damaged file may have them where labels belong: no message quotes a text.
"""

from __future__ import annotations

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
    from _csv import Reader

    from numpy.typing import NDArray

LONGEST = 100_000
"""Characters; twenty times the longest comment of the corpora."""
QUOTABLE = 12
"""Characters of a value that a message may quote."""

_FIELD_LIMIT = (1 << 31) - 1
"""Characters that the csv module may read into one field: any, so that `texts` can say where a field is too long."""
_BOM = b"\xef\xbb\xbf"
_SEVERAL_BYTES = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
"""A character of several bytes, in UTF-8."""
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
        wanted = ", ".join(map(str, sorted(allowed)))
        raise self.fault(row, column, f"{_shown(values[row])} is none of {wanted}")

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
        """The column as it is. DataInvalid for a value that is blank or occurs twice."""
        first: dict[str, int] = {}
        values = self.columns[column]
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
        return DataInvalid(f"{self.name}: {_place(row, self.lines[row])}, column {column}: {what}.")


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
    file = _File(name, content.removeprefix(_BOM), columns, header, delimiter, quoted)
    file.check_characters()

    csv.field_size_limit(max(csv.field_size_limit(), _FIELD_LIMIT))  # of the whole process, so never lowered
    records = file.records()
    titles = list(columns)
    if header:
        _, titles = next(records)
        file.check_titles(titles)
    width = len(titles)
    values: list[list[str]] = []
    lines: list[int] = []
    for line, record in records:
        if len(record) != width:
            raise file.wrong_width(len(values), line, record, titles)
        values.append(record)
        lines.append(line)
    if not values:
        raise DataInvalid(f"{name} has a header but no rows.")
    places = {column: titles.index(column) for column in columns}
    return Rows(name, {column: [record[place] for record in values] for column, place in places.items()}, lines)


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
        reader = self._reader(stream, strict=True)
        line, record = 1, 0
        try:
            for values in reader:
                yield line, values
                line, record = reader.line_num + 1, record + 1
        except csv.Error as error:
            raise self._misquoted(record, line, str(error)) from error
        except UnicodeDecodeError:
            raise self._not_utf8() from None

    def check_characters(self) -> None:
        """Raise DataInvalid if there is nothing, or what no text has."""
        if not self.content.strip():
            raise DataInvalid(f"{self.name} is empty.")
        if (at := self.content.find(b"\0")) >= 0:
            raise DataInvalid(f"{self._at(at)}: a NUL character. The file is damaged, or no text file.")

    def check_titles(self, titles: Sequence[str]) -> None:
        """Raise DataInvalid if the header lacks a column or has it twice."""
        there = [title for title in titles if title in self.columns]
        needed = ", ".join(self.columns)
        if not there:
            self._check_delimiter(titles)
            raise DataInvalid(f"{self.name}: line 1 is not a header; the columns needed are {needed}. {_ANOTHER}")
        if missing := [column for column in self.columns if column not in titles]:
            # One that has needed columns is a header, not a text. Still, only what looks like a title is quoted.
            listed = [title if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,30}", title) else "?" for title in titles]
            raise DataInvalid(
                f"{self.name}: the header lacks {', '.join(missing)}; needed are {needed}, "
                f"there are {', '.join(listed[:20])}."
            )
        for column in self.columns:
            if titles.count(column) > 1:
                raise DataInvalid(f"{self.name}: the header has column {column} twice.")

    def wrong_width(self, row: int, line: int, values: Sequence[str], titles: Sequence[str]) -> DataInvalid:
        """The error for a row with another number of values than there are columns."""
        fault = f"{self.name}: {_place(row, line)}: "
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
        line = self.delimiter.join(values)
        for delimiter, called in _DELIMITERS.items():
            if delimiter == self.delimiter:
                continue
            (found,) = csv.reader([line.replace("\r", " ").replace("\n", " ")], delimiter=delimiter)
            if set(self.columns) <= set(found) if self.header else len(found) == len(self.columns):
                raise DataInvalid(
                    f"{self.name}: the values are separated by {called}. Save it with {_DELIMITERS[self.delimiter]}."
                )

    def _not_utf8(self) -> DataInvalid:
        try:
            self.content.decode()
        except UnicodeDecodeError as error:
            byte = f"{self.content[error.start]:#04x}"
            wrong = self.content.decode(errors="replace").count("\ufffd") - self.content.count("\ufffd".encode())
            # Of a damaged file, most characters of several bytes are right; in another encoding they are by chance.
            other = wrong > len(_SEVERAL_BYTES.findall(self.content))
            hint = " Is the file in Windows-1252? Save it as UTF-8." * other
            return DataInvalid(f"{self._at(error.start)}: the byte {byte} is not UTF-8.{hint}")
        raise AssertionError("what cannot be decoded piece by piece cannot be decoded whole")

    def _misquoted(self, record: int, line: int, message: str) -> DataInvalid:
        """The error for a record that the csv module does not accept."""
        fault = "is not valid csv"
        for part, meaning in (
            ("unexpected end", "a quote is opened and never closed"),
            ("expected after", "text follows a closing quote; is a quote before it not doubled, or not closed?"),
            ("new-line", "a carriage return stands outside quotes"),
        ):
            if part in message:
                fault = meaning
        rest = self.content.split(self.end.encode(), line - 1)[-1].decode(errors="replace")
        return DataInvalid(f"{self._in(record, line, self._field_that_fails(rest))}: {fault.removesuffix('.')}.")

    def _field_that_fails(self, text: str) -> int:
        """The index of the first value in `text` that does not end at a delimiter or at the end of a line."""
        delimiter = re.escape(self.delimiter)
        quoted = r'"(?:[^"]++|"")*+"|' if self.quoted else ""
        plain = rf'(?!")[^{delimiter}\r\n]*+' if self.quoted else rf"[^{delimiter}\r\n]*+"
        value = re.compile(rf"(?:{quoted}{plain})(?={delimiter}|\r?{self.end}|\r?\Z)")
        index = at = 0
        while (match := value.match(text, at)) and text[match.end() : match.end() + 1] == self.delimiter:
            index, at = index + 1, match.end() + 1
        return index

    def _at(self, offset: int) -> str:
        """The file and the place of a byte."""
        text = self.content[:offset].decode(errors="replace")
        line = text.count(self.end) + 1
        try:
            records = list(self._reader(io.StringIO(f"{text}x", newline=self.end), strict=False))
        except csv.Error:  # there is another fault before this one
            return f"{self.name}: line {line:,}"
        return self._in(len(records) - 1, line, len(records[-1]) - 1)

    def _in(self, record: int, line: int, index: int) -> str:
        """The file, the row and the column, for messages."""
        if self.header and record == 0:
            return f"{self.name}: header (line {line})"
        titles = self.columns
        if self.header:
            text = self.content.decode(errors="replace")
            titles = next(self._reader(io.StringIO(text, newline=self.end), strict=False))
        return f"{self.name}: {_place(record - self.header, line)}, column {self._title(index, titles)}"

    def _title(self, index: int, titles: Sequence[str]) -> str:
        """What to call a column: its title if that is one of ours, else its number from 1."""
        return titles[index] if index < len(titles) and titles[index] in self.columns else str(index + 1)

    def _reader(self, stream: io.TextIOBase, *, strict: bool) -> Reader:
        return csv.reader(
            stream,
            delimiter=self.delimiter,
            quoting=csv.QUOTE_MINIMAL if self.quoted else csv.QUOTE_NONE,
            strict=strict,
        )


def _place(row: int, line: int) -> str:
    """A row, by its index from 0, for messages."""
    return f"row {row + 1:,} (line {line:,})"


def _shown(value: str) -> str:
    """A value of a label column for a message; not if it is long, as a text that slipped into the column is."""
    return ascii(value) if len(value) <= QUOTABLE else f"a value of {len(value):,} characters"
