"""Keeps the numbers in README.md and docs/ equal to the files in results/ that they come from.

A number in a Markdown file stands between two comments, which a reader of the page does not see; the first says where
the number comes from:

    <!--= tables/imdb_rnn/real-rebuilt-source-keras/comparison.csv data=test '{accuracy_mean:.1%}' -->83.3%<!--/-->

- `PATH.csv COLUMN=VALUE COLUMN!=VALUE COLUMN~PART ... TEMPLATE`: the one row that has these values, does not have them,
  or has these parts of values, in a template of `str.format`. A cell that is a number can be formatted as one, and a
  share of 1 in points of percent: `{difference:+.1p}` makes `-1.7` of `-0.0171`.
- `PATH.csv COLUMN=VALUE ... rows`: the number of rows that have these values.
- `PATH.csv COLUMN=VALUE ... each TEMPLATE`: a line for each row that has these values; `none so far` if there is none.
- `PATH.md PATTERN`: the first group of a regular expression that matches once in the file.
- `PATH.md`: the whole table in the file, without its caption.

A path is relative to the folder of results. The words of a marker are split as a shell does.

The output of a command stands between two such comments too, in a block of code, after the command itself:

    <!--$ 3 repro judge imdb_lstm/model_one --accuracy 0.8137 -->...<!--/-->

The number says how many of its paragraphs are shown; without one, all are.
"""

from __future__ import annotations

import csv
import re
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from repro.errors import ReproError, cause

Thing = TypeVar("Thing")

_MARKER = re.compile(r"<!--= (?P<source>.*?) -->(?P<text>.*?)<!--/-->", re.DOTALL)
_COMMAND = re.compile(
    r"<!--\$ (?P<source>(?P<paragraphs>\d+ )?repro (?P<command>.*?)) -->(?P<text>.*?)<!--/-->", re.DOTALL
)


def filled(page: str, results: Path, run: Callable[[list[str]], str]) -> str:
    """The text of a page with all marked numbers and outputs as the results have them now.

    run: takes the words of a command of `repro`; returns what it prints.

    Raises ReproError, quoting the marker, if it names no file, not exactly one row or match, or an unknown column; and
    as the commands do.
    """

    def show(marker: re.Match[str]) -> str:
        paragraphs = run(shlex.split(marker["command"])).rstrip("\n").split("\n\n")
        shown = paragraphs[: int(marker["paragraphs"])] if marker["paragraphs"] else paragraphs
        cut = ["..."] if len(shown) < len(paragraphs) else []
        output = "\n\n".join([f"$ repro {marker['command']}", *shown, *cut])
        return f"<!--$ {marker['source']} -->\n\n```\n{output}\n```\n\n<!--/-->"

    def fill(marker: re.Match[str]) -> str:
        source = marker["source"]
        try:
            text = _text(shlex.split(source), results)
        except (OSError, ValueError, LookupError) as error:
            reason = cause(error) if isinstance(error, OSError) else error
            raise ReproError(f"<!--= {source} -->: {reason}") from error
        return f"<!--= {source} -->{text}<!--/-->"

    return _COMMAND.sub(show, _MARKER.sub(fill, page))


def _text(words: list[str], results: Path) -> str:
    path = results / words[0]
    match path.suffix, words[1:]:
        case ".csv", [*selectors, "rows"]:
            return str(len(_rows(path, selectors)))
        case ".csv", [*selectors, "each", template]:
            lines = [_in_template(row, template) for row in _rows(path, selectors)]
            return "\n\n" + "\n".join(lines or ["none so far"]) + "\n\n"
        case ".csv", [*selectors, template]:
            (row,) = _one(_rows(path, selectors), "rows")
            return _in_template(row, template)
        case ".md", [pattern]:
            (match,) = _one(re.findall(pattern, path.read_text(encoding="utf-8")), "matches")
            return str(match)
        case ".md", []:
            _, table = path.read_text(encoding="utf-8").strip().split("\n\n")
            return f"\n\n{table}\n\n"
    raise ValueError("neither a row of a .csv file nor a match in a .md file")


def _in_template(row: Mapping[str, str], template: str) -> str:
    return template.format(**{column: _number(cell) for column, cell in row.items()})


def _rows(path: Path, selectors: list[str]) -> list[dict[str, str]]:
    def selected(row: Mapping[str, str]) -> bool:
        for selector in selectors:
            column, relation, wanted = re.split("(!=|[=~])", selector, maxsplit=1)
            found = wanted in row[column] if relation == "~" else row[column] == wanted
            if found == (relation == "!="):
                return False
        return True

    with path.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if selected(row)]


def _one(things: list[Thing], what: str) -> list[Thing]:
    if len(things) != 1:
        raise ValueError(f"{len(things)} {what} where one is needed")
    return things


class _Share(float):
    """A number that can be formatted in points of percent."""

    def __format__(self, spec: str) -> str:
        return format(100 * self, f"{spec[:-1]}f") if spec.endswith("p") else format(float(self), spec)


def _number(cell: str) -> str | float:
    """The number that a cell is, an int if it is whole; other cells as they are."""
    for kind in (int, _Share):
        try:
            return kind(cell)
        except ValueError:
            continue
    return cell
