"""What `repro compare` says: how two runs, or two groups of runs, were made, what came of it, and what differs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from repro.evidence.contrast import NOT_STATED, Stated, on_same_data, stated
from repro.evidence.named_runs import NamedRuns, ranges
from repro.evidence.run_groups import COPIES, KINDS
from repro.records import Record
from repro.report.contrast_tables import outcome
from repro.report.table import WIDTH, Table, words

WIDEST_CELL = 38
"""Characters in a cell, at most: the layers of a model would make the table too wide."""
DIGITS = 8
"""Of a fingerprint, as in the names of records."""

NAMES = {
    "seed": "seeds",
    "loss": "loss function",
    "metric": "measure by epoch",
    "words": "how words are numbered",
    "num_words": "num_words",
    "source_sha256": "fingerprint of the files",
    "sha256": "fingerprint of the rows",
    "index_from": "offset of the words' ranks",
    "random_state": "seed of what is held out",
}
"""What readers call a field of a record, if not by its own name with spaces."""
NOTHING = {"learning_rate": "the optimizer's default", "row_order": "new in every epoch"}
"""What an empty field means, if not `none`."""


class Contrast(NamedTuple):
    """What differs between A and B."""

    text: str
    """For readers, in lines of `WIDTH` characters."""
    content: dict[str, Any]
    """For programs, of JSON's types: rates from 0 to 1, None for what is missing."""

    def __str__(self) -> str:
        return self.text


def contrast(first: NamedRuns, second: NamedRuns) -> Contrast:
    """What differs between two runs, two groups of runs, or a run and a group."""
    facts = stated(first.records, second.records)
    comparable = on_same_data(first.records[0], second.records[0])
    came = outcome(first, second)
    losses = _losses(first, second) if came.table else ""
    parts = [
        "" if comparable else _filled(_not_comparable(first, second)),
        "\n".join([*_head("A", first), *_head("B", second)]),
        _made(facts),
        _filled(came.above),
        came.table.text.rstrip() if came.table else "",
        _filled(losses),
        _filled(came.below),
    ]
    content = {
        "comparable": comparable,
        "losses_comparable": comparable and not losses,
        "a": _named(first),
        "b": _named(second),
        "differences": [
            {"part": fact.part, "name": fact.name, "a": list(fact.first), "b": list(fact.second)}
            for fact in facts
            if fact.differs
        ],
        **came.content,
        "results": _for_programs(came.table),
        "conclusion": came.below.replace("\n", " "),
    }
    return Contrast("\n\n".join(filter(None, parts)), msgspec.json.decode(msgspec.json.encode(content)))


def _filled(text: str) -> str:
    """In lines of `WIDTH` characters; a line that the text begins stays one that begins."""
    return "\n".join(textwrap.fill(line, WIDTH, break_on_hyphens=False) for line in text.splitlines())


def _named(runs: NamedRuns) -> dict[str, Any]:
    return {"name": runs.name, "seeds": [record.seed for record in runs.records], "not_used": runs.not_used}


def _for_programs(table: Table | None) -> list[dict[str, Any]]:
    """The rows of a table by the names of its columns."""
    return [dict(zip(table.csv_headers, row, strict=True)) for row in table.csv_rows] if table else []


def _not_comparable(first: NamedRuns, second: NamedRuns) -> str:
    a, b = (_data(runs.records[0]) for runs in (first, second))
    made = f"A was made on {a}, B on {b}" if a != b else f"A and B were made on other rows of {a}"
    return f"The results are not comparable: {made}."


def _losses(first: NamedRuns, second: NamedRuns) -> str:
    """What to know of the losses where a classifier stands beside a network, or beside another classifier."""
    a, b = (runs.records[0].settings.classifier for runs in (first, second))
    if a == b:
        return ""
    trained = f"{a} and {b} were" if a and b else f"{a or b} was"
    return f"Do not compare the losses: {trained} not trained by this loss."


def _data(record: Record) -> str:
    """`the real data of imdb (a rebuilt copy)`"""
    data = record.data
    copy = f" ({COPIES[data.edition]})" if data.edition in COPIES else ""
    return f"{KINDS[data.kind]} of {data.name}{copy}"


def _head(letter: str, runs: NamedRuns) -> Iterator[str]:
    """What A or B is: its name; seeds, engine and data; and what else the name could have meant."""
    record = runs.records[0]
    stem = f"{record.chapter}/{record.stem}"
    known = not runs.single or runs.name == stem
    yield f"{letter}: {runs.name}" if known else f"{letter}: {runs.name}, which is {stem}"
    seeds = f"seed {record.seed}" if runs.single else f"{len(runs.records)} seeds ({_seeds(runs.records)})"
    diverged = [each for each in runs.records if not each.evaluation]
    stopped = f"; no results of seed {_seeds(diverged)}: the loss was no longer finite" if diverged else ""
    lines = [f"{seeds}, engine {record.engine}, on {_data(record)}{stopped}"]
    lines += [f"not used: {'; '.join(runs.not_used)}"] if runs.not_used else []
    for line in lines:
        yield textwrap.fill(line, WIDTH, initial_indent="   ", subsequent_indent="   ")


def _seeds(records: Iterable[Record]) -> str:
    return ranges(record.seed for record in records)


def _made(facts: Sequence[Stated]) -> str:
    """The table of what differs in how both were made, and what to know of the rest."""
    rows = [
        words(
            part=fact.part,
            what=NAMES.get(fact.name, fact.name.replace("_", " ")),
            A=_values(fact.name, fact.first),
            B=_values(fact.name, fact.second),
        )
        for fact in facts
        if fact.differs
    ]
    equal = dict.fromkeys(fact.part for fact in facts)
    for fact in facts:
        if fact.differs:
            equal.pop(fact.part, None)
    rest = "Nothing differs in how they were made, as far as the records say."
    if rows:
        rest = "All else is equal." + (f" Nothing differs in: {', '.join(equal)}." if equal else "")
    mixed = [f"{fact.name} ({fact.part})" for fact in facts if fact.varies and fact.name != "seed"]
    rest += f" Not the same in all runs of each group: {', '.join(mixed)}." if mixed else ""
    if not rows:
        return _filled(rest)
    table = Table.of("made", "What differs in how they were made:", rows, labels=1, widest=WIDEST_CELL)
    return f"{table.text}\n{_filled(rest)}"


def _values(name: str, values: tuple[Any, ...]) -> str:
    if name == "seed":
        return ranges(sorted(values))
    return "; ".join(_value(name, value) for value in values)


def _value(name: str, value: Any) -> str:
    """A value as readers see it."""
    if value in (None, "", ()):
        return NOTHING.get(name, "none")
    if value == NOT_STATED:
        return NOT_STATED
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, tuple):
        return ", ".join(value) if isinstance(value[0], str) else f"{len(value)} of them"
    if name.endswith("sha256"):
        return str(value)[:DIGITS]
    return repr(value) if name == "filters" else str(value)
