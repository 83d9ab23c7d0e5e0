"""The data of a chapter as they were counted: a table and a figure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from repro.chapter import Chapter
from repro.datasets.description import Description, Half, Lengths
from repro.files import write_if_new
from repro.report import table
from repro.report.drawing import COLOURS, as_delivered, clear, png
from repro.report.table import Cell, Table
from repro.report.variants import COPIES, KINDS

HALVES: tuple[Half, ...] = ("train", "test")
BINS = 100
"""At most."""
TEN = 10
"""Matplotlib's default number of bins."""


def current(chapter: Chapter, descriptions: Iterable[Description]) -> list[Description]:
    """Those of the data as the chapter prepares them now."""
    return [description for description in descriptions if description.preparation == chapter.preparation]


def folder(chapter: Chapter, description: Description) -> Path:
    """Where its table and figure stand, under `tables` and `figures`."""
    return Path(chapter.name) / f"data-{description.data.label}"


def about(chapter: Chapter, description: Description) -> str:
    """One line that says what was counted."""
    data = description.data
    copy = f", {COPIES[data.edition]}" if data.edition in COPIES else ""
    held_out = f" {data.validation_rows:,} of the training rows are drawn at random and held out." * bool(
        data.validation_rows
    )
    return f"{chapter.name}: {KINDS[data.kind]}{copy}, counted.{held_out}"


class Line(NamedTuple):
    """One thing that was counted, in each half: as a reader sees it, and as numbers."""

    what: str
    shown: tuple[str, ...]
    numbers: tuple[Cell, ...]


def described(chapter: Chapter, description: Description) -> Table:
    """Rows, classes or labels, lengths, what `maxlen` does to them, and repeated texts; a column for each half."""
    lines = list(_lines(chapter, description))
    mark = ", the start mark included" if description.preparation.words == "ranked" else ""
    return Table(
        name="data",
        caption=f"{about(chapter, description)} Lengths in numbers{mark}, before a row is padded and cut.",
        headers=("what", *HALVES),
        rows=[(line.what, *line.shown) for line in lines],
        csv_headers=("what", *HALVES),
        csv_rows=[(line.what, *line.numbers) for line in lines],
        align=("left", "right", "right"),
        labels=0,
    )


def _lines(chapter: Chapter, description: Description) -> Iterator[Line]:
    halves = [description.halves[half] for half in HALVES]
    lengths = [Lengths(half.lengths) for half in halves]
    maxlen = description.maxlen
    cleaned = ", after cleaning" if description.preparation.replacements else ""

    def share(what: str, counts: Sequence[int]) -> Line:
        shown = (f"{count:,} ({count / half.rows:.1%})" for count, half in zip(counts, halves, strict=True))
        return Line(what, tuple(shown), tuple(counts))

    yield _count("rows", [half.rows for half in halves])
    for place, name in enumerate(chapter.labels or chapter.classes):
        yield share(name if chapter.labels else f"class {place}, {name}", [half.classes[place] for half in halves])
    if any(half.unlabelled for half in halves):
        yield share("with none of the labels" if chapter.labels else "without a label", [h.unlabelled for h in halves])
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


def _count(what: str, counts: Sequence[int | None]) -> Line:
    return Line(what, tuple("" if count is None else f"{count:,}" for count in counts), tuple(counts))


def _mean(what: str, numbers: Sequence[float], form: str) -> Line:
    return Line(what, tuple(format(number, form) for number in numbers), tuple(round(number, 7) for number in numbers))


@as_delivered()
def drawn(chapter: Chapter, description: Description) -> bytes:
    """How long the training texts are, with their median and what `maxlen` leaves, as a PNG.

    Where texts are cleaned, beside it the same in words between spaces, as a density in ten bins.
    """
    from matplotlib.figure import Figure

    texts = description.halves["train"]
    figure = Figure(figsize=(10 if texts.words else 7, 3.8), layout="constrained")
    panels = figure.subplots(1, 2 if texts.words else 1, squeeze=False)[0]
    panels[0].hist(range(len(texts.lengths)), _whole(texts.lengths), weights=texts.lengths, color=COLOURS["training"])
    clear(panels[0])
    median = Lengths(texts.lengths).median
    panels[0].axvline(median, color=COLOURS["validation"], linestyle="--", label=f"median, {median:g}")
    panels[0].axvline(description.maxlen, color="black", linewidth=1, label=f"maxlen, {description.maxlen:,}")
    panels[0].set_xlabel("numbers in a training text, before it is cut")
    panels[0].set_ylabel("texts")
    panels[0].legend(frameon=False, fontsize=9)
    if texts.words:
        lengths = [length for length, count in enumerate(texts.words) if count]
        counts = [count for count in texts.words if count]
        panels[1].hist(lengths, TEN, weights=counts, density=True, color=COLOURS["training"])
        clear(panels[1])
        panels[1].set_xlabel("words between spaces, after cleaning")
        panels[1].set_ylabel("density, in ten bins")
    figure.suptitle(textwrap.fill(about(chapter, description), 90), fontsize=10)
    return png(figure)


def _whole(counts: Sequence[int]) -> list[float]:
    """The edges of at most `BINS` bins, each for the same number of whole lengths."""
    shortest, longest = Lengths(counts).shortest, Lengths(counts).longest
    width = -(-(longest - shortest + 1) // BINS)
    return [edge - 0.5 for edge in range(shortest, longest + width + 1, width)]


def write(chapter: Chapter, description: Description, results: Path) -> Path:
    """Write the table in all its forms; returns its folder. Raises ReproError if it fails."""
    return table.write([described(chapter, description)], results / "tables" / folder(chapter, description))


def write_figure(chapter: Chapter, description: Description, results: Path) -> Path:
    """Write the figure; returns its path. Raises ReproError if it fails."""
    path = results / "figures" / folder(chapter, description) / "lengths.png"
    write_if_new(path, drawn(chapter, description))
    return path
