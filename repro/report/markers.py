"""Keeps the numbers in README.md and docs/ equal to the files in results/ that they come from.

A number in a Markdown file stands between two comments, which a reader of the page does not see; the first says where
the number comes from:

    <!--= tables/imdb_rnn/real-rebuilt-source-keras/comparison.csv data=test '{accuracy_mean:.1%}' -->83.3%<!--/-->

- `PATH.csv COLUMN=VALUE ... TEMPLATE`: the one row with these values, in a template of `str.format`; a cell that is a
  number can be formatted as one.
- `PATH.md PATTERN`: the first group of a regular expression that matches once in the file.
- `PATH.md`: the whole table in the file, without its caption.

A path is relative to the folder of results. The words of a marker are split as a shell does.
"""

from __future__ import annotations

import csv
import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from repro.errors import ReproError, cause

_MARKER = re.compile(r"<!--= (?P<source>.*?) -->(?P<text>.*?)<!--/-->", re.DOTALL)


def filled(page: str, results: Path) -> str:
    """The text of a page with all marked numbers as the results have them now.

    Raises ReproError, quoting the marker, if it names no file, not exactly one row or match, or an unknown column.
    """

    def fill(marker: re.Match[str]) -> str:
        source = marker["source"]
        try:
            text = _text(shlex.split(source), results)
        except (OSError, ValueError, LookupError) as error:
            reason = cause(error) if isinstance(error, OSError) else error
            raise ReproError(f"<!--= {source} -->: {reason}") from error
        return f"<!--= {source} -->{text}<!--/-->"

    return _MARKER.sub(fill, page)


def _text(words: list[str], results: Path) -> str:
    path = results / words[0]
    match path.suffix, words[1:]:
        case ".csv", [*selectors, template]:
            return template.format(**_row(path, dict(selector.split("=", 1) for selector in selectors)))
        case ".md", [pattern]:
            matches = re.findall(pattern, path.read_text(encoding="utf-8"))
            if len(matches) != 1:
                raise ValueError(f"{len(matches)} matches where one is needed")
            return str(matches[0])
        case ".md", []:
            _, table = path.read_text(encoding="utf-8").strip().split("\n\n")
            return f"\n\n{table}\n\n"
    raise ValueError("neither a row of a .csv file nor a match in a .md file")


def _row(path: Path, wanted: Mapping[str, str]) -> dict[str, str | float]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if all(row[column] == value for column, value in wanted.items())]
    if len(rows) != 1:
        raise ValueError(f"{len(rows)} rows where one is needed")
    return {column: _number(cell) for column, cell in rows[0].items()}


def _number(cell: str) -> str | float:
    """The number that a cell is, an int if it is whole; other cells as they are."""
    for kind in (int, float):
        try:
            return kind(cell)
        except ValueError:
            continue
    return cell
