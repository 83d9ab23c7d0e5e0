"""A confusion matrix as a reader pastes it: plain counts, as Python or NumPy print it, or R's own print."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from repro.errors import ReproError
from repro.metrics import Matrix

MOST = 10**12
"""More rows than this are no count of texts."""

_INDEX = re.compile(r"\[(?:\d+,|,\d+)\]")  # R's names of rows and columns that have none: [1,] [,1]
_WRAPPING = re.compile(
    r"\b(?:np\.|numpy\.|tf\.)?(?:array|asarray|matrix|tensor|Tensor)(?=\()|,?\s*dtype\s*=\s*[\w.'<]+|,?\s*shape\s*=\s*\([^()]*\)|^\s*\w+\s*(?:<-|=)|[\[\](){}]"
)
_BY_COLUMN = re.compile(r"\b(?:structure|matrix)\s*\(\s*c\s*\(([^()]*)\)(.*)", re.DOTALL)
_IN_R = re.compile(r"\bc\s*\(([^()]*)\)")
_BY_ROW = re.compile(r"byrow\s*=\s*T(?:RUE)?\b")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")
_COUNT = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?L?")
_LOGICAL = {"FALSE": "0", "TRUE": "1", "False": "0", "True": "1"}  # of a table of `probability > 0.5`
_SUM = re.compile("sum|all|total", re.IGNORECASE)  # as R's addmargins and pandas' crosstab name it
_PREDICTED = re.compile(r"pred|guess|y_?hat", re.IGNORECASE)
_ACTUAL = re.compile(r"actual|true|truth|reference|observed|target|label|test|train", re.IGNORECASE)


class Pasted(NamedTuple):
    """A matrix, and how it stood in the text."""

    matrix: Matrix
    """`[predicted][actual]`"""
    transposed: bool
    """Whether the rows of the text are the actual classes."""


class _Table(NamedTuple):
    rows: Matrix
    """As they stand in the text."""
    rows_are_actual: bool | None
    """What the headings say; None if they do not say."""


def read_matrix(text: str, classes: Sequence[str], transposed: bool) -> Pasted:
    """The matrix in a text. `transposed`: the rows of the text are the actual classes; headings may say so too.

    The counts stand row by row, apart by spaces, commas, semicolons or new lines, with brackets or without; of R's
    `matrix(c(...))` and `structure(c(...))`, column by column, as R means it. A table with names of rows and columns
    may lack a class that was never predicted, and have sums, as R's `addmargins` and pandas' `margins` add them. Raises
    ReproError for anything else.
    """
    table = _table(text, classes) or _Table(_plain(text, classes), None)
    if table.rows_are_actual is False and transposed:
        raise ReproError(
            "the heading of the matrix says that its rows are the predicted classes\n"
            "Do not call it transposed: that is for rows of actual classes"
        )
    if not any(map(any, table.rows)):
        raise ReproError(f"the matrix has no row that was counted\n{_needed(classes)}")
    turned = transposed or table.rows_are_actual is True
    return Pasted(_flipped(table.rows) if turned else table.rows, turned)


def _flipped(matrix: Matrix) -> Matrix:
    return tuple(zip(*matrix, strict=True))


def _needed(classes: Sequence[str]) -> str:
    k = len(classes)
    example = ', such as "9159 1161 3341 11339"' if k == 2 else ""
    return f"Give {k} times {k} counts row by row, as R's table(Predicted, Actual) prints them{example}"


# Counts without names
def _plain(text: str, classes: Sequence[str]) -> Matrix:
    by_column = False
    if found := _BY_COLUMN.search(text):
        text, by_column = found[1], not _BY_ROW.search(found[2])
    elif found := _IN_R.search(text):
        text = found[1]
    bare = _WRAPPING.sub(" ", _INDEX.sub(" ", text))
    k = len(classes)
    words = [word.strip(",") for word in re.split(r"[\s;|]+", bare)]
    words = [word for word in words if word]
    if len(words) == k * k and all(_THOUSANDS.fullmatch(word) or "," not in word for word in words):
        words = [word.replace(",", "") for word in words]
    else:
        words = [each for word in words for each in word.split(",") if each]
    counts = [_count(word, classes) for word in words]
    if len(counts) != k * k:
        found_counts = f"{len(counts)} counts" if len(counts) != 1 else "1 count"
        raise ReproError(
            f"the matrix has {found_counts if counts else 'no count'} where {k * k} are needed\n{_needed(classes)}"
        )
    rows = tuple(tuple(counts[i * k : (i + 1) * k]) for i in range(k))
    return _flipped(rows) if by_column else rows


def _count(word: str, classes: Sequence[str]) -> int:
    shown = repr(word if len(word) <= 30 else f"{word[:27]}...")
    if not _COUNT.fullmatch(word):
        raise ReproError(f"the matrix has {shown}, which is no count\n{_needed(classes)}")
    try:
        number = Decimal(word.removesuffix("L"))
    except InvalidOperation:  # an exponent beyond what Decimal takes
        number = Decimal(-1)
    if number < 0 or number > MOST:
        raise ReproError(f"the matrix has {shown}: counts go from 0 on\n{_needed(classes)}")
    if number != int(number):
        raise ReproError(f"the matrix has {shown}: counts of rows are whole numbers, not shares\n{_needed(classes)}")
    return int(number)


# Tables with names of rows and columns
def _table(text: str, classes: Sequence[str]) -> _Table | None:
    """The table in a text whose rows and columns are named after the classes; None if there is none.

    Lines with a colon are the statistics that caret prints around it.
    """
    for name in classes:
        text = re.sub(re.escape(name), name.replace(" ", "_"), text, flags=re.IGNORECASE)
    lines = [line.replace('"', "").split() for line in text.splitlines() if line.strip() and ":" not in line]
    k = len(classes)
    for start in range(max(1, len(lines) - k - 1), len(lines)):  # one more for sums
        for columns in range(k + 1, 0, -1):
            for heading in range(start - 1, -1, -1):
                found = _named(lines[:start], heading, lines[start:], columns, classes)
                if found:
                    return found
    return None


def _named(
    above: list[list[str]], heading: int, body: list[list[str]], columns: int, classes: Sequence[str]
) -> _Table | None:
    """The table whose columns are named by the last words of line `heading` above its `body`; None if it is none."""
    names = above[heading][-columns:]
    if len(names) < columns or any(len(row) != columns + 1 for row in body):
        return None
    down = [row[0] for row in body]
    sum_across, sum_down = (bool(_SUM.fullmatch(each[-1])) for each in (names, down))
    places = _places(names[:-1] if sum_across else names, down[:-1] if sum_down else down, classes)
    if places is None:
        return None
    counts = [
        [_count(word.replace(",", "") if _THOUSANDS.fullmatch(word) else word, classes) for word in row[1:]]
        for row in body
    ]
    if sum_across:
        _check_sums(names[-1], counts[: len(places[1])])
    if sum_down:
        _check_sums(down[-1], zip(*counts, strict=True))
    cells = {(i, j): counts[row][column] for row, i in enumerate(places[1]) for column, j in enumerate(places[0])}
    k = range(len(classes))
    rows = tuple(tuple(cells.get((i, j), 0) for j in k) for i in k)
    beside, over, under = above[heading][:-columns], above[:heading], above[heading + 1 :]
    if under:  # pandas, and R's ftable: the name of the rows stands below that of the columns
        return _Table(rows, _rows_are_actual(under[-1], beside))
    return _Table(rows, _rows_are_actual(beside, over[-1] if over else []))


def _check_sums(name: str, lines: Iterable[Sequence[int]]) -> None:
    """Raises ReproError unless the last count of each row, or column, is the sum of those before."""
    for *counts, given in lines:
        if sum(counts) != given:
            raise ReproError(
                f"{given:,} stands under {name} in the matrix, but the counts add up to {sum(counts):,}\n"
                f"Mend it, or give the matrix without {name}"
            )


def _places(across: list[str], down: list[str], classes: Sequence[str]) -> tuple[list[int], list[int]] | None:
    """The classes that the names of columns and rows stand for; None unless each is one, and one side has them all."""
    k = len(classes)
    both = [_LOGICAL.get(name, name) for name in (*across, *down)] if k == 2 else [*across, *down]
    found: list[int]
    if not both:  # a table of sums alone
        return None
    if all(name.isascii() and name.isdigit() and len(name) < 4 for name in both):
        first = 0 if max(map(int, both)) < k else 1
        found = [int(name) - first for name in both]
    else:
        known = [name.replace(" ", "_").casefold() for name in classes]
        likely = [_likely(name.casefold(), known) for name in both]
        if all(len(each) == 1 for each in likely):
            found = [each[0] for each in likely]
        elif across == down:  # other names, in the order of the classes
            found = [*range(k), *range(k)]
        else:
            return None
    columns, rows = found[: len(across)], found[len(across) :]
    fit = all(0 <= place < k for place in found) and k in (len(columns), len(rows))
    distinct = len(set(columns)) == len(columns) and len(set(rows)) == len(rows)
    return (columns, rows) if fit and distinct else None


def _likely(name: str, known: Sequence[str]) -> list[int]:
    """The places of the known names that begin with this one, or of the one that it is."""
    return [known.index(name)] if name in known else [i for i, each in enumerate(known) if each.startswith(name)]


def _rows_are_actual(rows: list[str], columns: list[str]) -> bool | None:
    """What the names of the two variables say; None if they say nothing, or not the same."""
    said = {_is_actual(" ".join(rows)), None if (of := _is_actual(" ".join(columns))) is None else not of} - {None}
    return said.pop() if len(said) == 1 else None


def _is_actual(name: str) -> bool | None:
    if _PREDICTED.search(name):
        return False
    return True if _ACTUAL.search(name) else None
