"""Reads the texts in a file of the user's: a text a line, or a column of a csv or tsv file.

They may be hostile: no message quotes one.
"""

from __future__ import annotations

import codecs
import sys
from pathlib import Path

from repro.datasets import delimited
from repro.datasets.content import HEAD, look
from repro.errors import DataInvalid, ReproError, cause


def texts_in(file: str, column: str | None) -> list[str]:
    """The texts of a file, from the first line or row on, blank ones too, so that their numbers stay.

    file: its path, or `-` for standard input. A `.csv` or `.tsv` file has a header, and the texts are those of
        `column`; in a tsv file a quote is a character like others. Of any other file, each line is a text.

    Raises DataInvalid, saying where, for what is not UTF-8 or not as such a file should be, and ReproError if `column`
    is missing or has no meaning.
    """
    delimiter = {".csv": ",", ".tsv": "\t"}.get(Path(file).suffix.lower())
    if delimiter is None and column is not None:
        raise ReproError(f"--column goes with a file that ends in .csv or .tsv, not with {file}")
    if file == "-":
        return lines("standard input", sys.stdin.buffer.read())
    try:
        content = Path(file).read_bytes()
    except OSError as error:
        raise DataInvalid(f"{file} cannot be read: {cause(error)}.") from error
    if delimiter is None:
        return lines(file, content)
    titles = delimited.titles(content, delimiter)
    shown = delimited.shown(titles)
    known = f"its columns are {', '.join(shown)}" if set(shown) - {"?"} else "it has no header"
    if column is None:
        raise ReproError(f"which column of {file} has the texts? --column NAME; {known}")
    if column not in titles:
        raise DataInvalid(f"{file} has no column {column!r}; {known}.")
    rows = delimited.read(file, content, columns=(column,), header=True, delimiter=delimiter, quoted=delimiter == ",")
    return rows.texts(column, blank=True)


def lines(name: str, content: bytes) -> list[str]:
    """The lines of a text file in UTF-8, with or without a byte order mark, without their ends. Raises DataInvalid."""
    if content and (other := look(content[:HEAD], ".txt")) is not None and other.what != "empty":
        raise DataInvalid(f"{name} is {other.what}. {other.remedy or 'Save it as text in UTF-8.'}")
    content = content.removeprefix(codecs.BOM_UTF8)
    texts: list[str] = []
    for number, line in enumerate(content.removesuffix(b"\n").split(b"\n") if content else [], 1):
        if b"\0" in line:
            raise DataInvalid(f"{name}: line {number:,}: a NUL character. It is damaged, or no text file.")
        try:
            texts.append(line.decode().removesuffix("\r"))
        except UnicodeDecodeError as error:
            raise DataInvalid(f"{name}: line {number:,}: the byte {line[error.start]:#04x} is not UTF-8.") from error
    return texts
