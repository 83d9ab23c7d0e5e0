"""The table of a chapter's data as they were counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from repro.chapter import Chapter
from repro.datasets.description import Description, Half, Lengths
from repro.evidence.run_groups import data_in_words
from repro.report.table import Entry, Table, both, words

HALVES: tuple[Half, ...] = ("train", "test")


def current(chapter: Chapter, descriptions: Iterable[Description]) -> list[Description]:
    """The descriptions of the data as the chapter prepares them now."""
    return [description for description in descriptions if description.preparation == chapter.preparation]


def data_folder(chapter: Chapter, description: Description) -> Path:
    """Where the table and the figure of the data go, under `tables` and `figures`."""
    return Path(chapter.name) / f"data-{description.data.label}"


def about(chapter: Chapter, description: Description) -> str:
    """One line that says what was counted."""
    data = description.data
    rows = data.validation_rows
    held_out = f" {rows:,} of the training rows are drawn at random and held out." if rows else ""
    return f"{chapter.name}: {data_in_words(data)}, counted.{held_out}"


def data_table(chapter: Chapter, description: Description) -> Table:
    """Rows, classes or labels, lengths, what `maxlen` does to them, and repeated texts; a column for each half."""
    mark = ", the start mark included" if description.preparation.words == "ranked" else ""
    return Table.of(
        "data",
        f"{about(chapter, description)} Lengths in numbers{mark}, before a row is padded and cut.",
        list(_rows(chapter, description)),
        labels=0,
    )


def _rows(chapter: Chapter, description: Description) -> Iterator[list[Entry]]:
    halves = [description.halves[half] for half in HALVES]
    lengths = [Lengths(half.lengths) for half in halves]
    maxlen = description.maxlen
    cleaned = ", after cleaning" if description.preparation.replacements else ""

    def share(what: str, counts: Sequence[int]) -> list[Entry]:
        return _row(what, counts, [f"{n:,} ({n / half.rows:.1%})" for n, half in zip(counts, halves, strict=True)])

    yield _count("rows", [half.rows for half in halves])
    for place, name in enumerate(chapter.labels or chapter.classes):
        yield share(name if chapter.labels else f"class {place}, {name}", [half.classes[place] for half in halves])
    if any(half.unlabelled for half in halves):
        what = "with none of the labels" if chapter.labels else "without a label"
        yield share(what, [half.unlabelled for half in halves])
    yield _count("shortest text", [each.shortest for each in lengths])
    yield _mean("median", [each.median for each in lengths], "g")
    yield _count("longest", [each.longest for each in lengths])
    if cleaned:
        yield _count("longest, in words between spaces", [Lengths(half.words).longest for half in halves])
    cut, padded = ([part(each, maxlen) for each in lengths] for part in (Lengths.cut, Lengths.padded))
    yield share(f"cut to {maxlen:,}", [rows for rows, _ in cut])
    yield _mean("numbers that these lose, mean", [lost for _, lost in cut], ".1f")
    yield share(f"padded to {maxlen:,}", [rows for rows, _ in padded])
    yield _mean("zeros that these get, mean", [zeros for _, zeros in padded], ".1f")
    yield _count("equal to an earlier text", [half.repeated for half in halves])
    if cleaned:
        yield _count("equal to an earlier text, after cleaning", [half.repeated_cleaned for half in halves])
    yield _count(f"equal to a training text{cleaned}", [half.in_training for half in halves])


def _count(what: str, counts: Sequence[int | None]) -> list[Entry]:
    return _row(what, counts, ["" if count is None else f"{count:,}" for count in counts])


def _mean(what: str, numbers: Sequence[float], form: str) -> list[Entry]:
    return _row(what, [round(number, 7) for number in numbers], [format(number, form) for number in numbers])


def _row(what: str, numbers: Sequence[float | None], shown: Sequence[str]) -> list[Entry]:
    """A row with a number for each half."""
    entries = zip(HALVES, numbers, shown, strict=True)
    return [*words(what=what), *(both(half, number, text) for half, number, text in entries)]
