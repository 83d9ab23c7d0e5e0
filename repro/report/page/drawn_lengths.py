"""How long the training texts are, and what `maxlen` leaves of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from repro.chapter import Chapter
from repro.datasets.description import Description, Lengths
from repro.report.data_table import about
from repro.report.page.drawing_set import Drawing, DrawingSet
from repro.report.page.svg import WIDTH, Scale, Sheet

LEFT, RIGHT, TOP, BOTTOM, HEIGHT = 52, WIDTH - 12, 44, 196, 230
MOST_BINS = 70
ROUND = (1, 2, 5)
SHOWN = 0.99
"""The share of the texts that the axis has room for, at least: a few are many times as long as the others."""


def lengths(chapter: Chapter, description: Description) -> DrawingSet:
    """The texts as numbers; where they are cleaned, in words between spaces too."""
    texts = description.halves["train"]
    drawings = [_panel("numbers in a training text, before it is cut", texts.lengths, description.maxlen)]
    if texts.words:
        drawings.append(_panel("words between spaces of a training text, after cleaning", texts.words, None))
    return DrawingSet("lengths", "How long the texts are", about(chapter, description), tuple(drawings))


def _panel(what: str, counts: Sequence[int], maxlen: int | None) -> Drawing:
    known = Lengths(counts)
    longest = max(int(np.quantile(known.each, SHOWN, method="higher")), maxlen or 0)
    width = bin_width(longest - known.shortest + 1)
    edges = np.arange(known.shortest // width * width, longest + width + 1, width)
    bins = np.histogram(known.each, edges)[0].tolist()
    beyond = int((known.each >= edges[-1]).sum())
    across, height = Scale(edges[0], edges[-1], LEFT, RIGHT), Scale(0, 1.05 * max(bins), BOTTOM, TOP)
    sheet = Sheet(HEIGHT)
    sheet.y_axis(height, LEFT, RIGHT, height.ticks(5))
    sheet.x_axis(across, BOTTOM, BOTTOM + 3, [tick for tick in across.ticks() if tick == int(tick)])
    sheet.text(0, TOP - 10, "texts")
    sheet.text(RIGHT, HEIGHT - 4, "length", anchor="end")
    steps = [(LEFT + 0.0, BOTTOM + 0.0)]
    for left, right, count in zip(edges[:-1].tolist(), edges[1:].tolist(), bins, strict=True):
        steps += [(across.at(edge), height.at(count)) for edge in (left, right)]
    steps.append((RIGHT, BOTTOM))
    sheet.area(steps, "ours bars")
    told = [f"{len(known.each):,} texts of {known.shortest:,} to {known.longest:,}, median {known.median:g}"]
    entries = [(f"median {known.median:g}", known.median, "other line dashed")]
    if maxlen is not None:
        entries.append((f"maxlen {maxlen:,}", float(maxlen), "line"))
        cut, _ = known.cut(maxlen)
        told.append(f"{cut / len(known.each):.1%} are longer than maxlen, {maxlen:,}")
    if beyond:
        sheet.text(RIGHT, TOP - 10, f"{beyond:,} are longer →", anchor="end")
    for _, length, style in entries:
        sheet.line([(across.at(length), TOP), (across.at(length), BOTTOM)], style)
    sheet.legend([(name, style) for name, _, style in entries], LEFT, 14)
    return sheet.drawing(what, f"{what}: {'; '.join(told)}.")


def bin_width(lengths: int) -> int:
    """How many whole lengths a bin takes, so that there are at most `MOST_BINS`: 1, 2, 5, 10, ..."""
    widths = (digit * int(10**power) for power in range(9) for digit in ROUND)
    return next(width for width in widths if width * MOST_BINS >= lengths)
