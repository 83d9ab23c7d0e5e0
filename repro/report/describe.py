"""A chapter in words and numbers: what `repro show` prints."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from tabulate import tabulate

from repro.chapter import Chapter, Erratum, Experiment

WIDTH = 110


def describe(chapter: Chapter) -> str:
    """Source, data, models layer by layer with the formulas worked out, printed numbers, claims and errata."""
    return "\n".join(_lines(chapter)) + "\n"


def _lines(chapter: Chapter) -> Iterator[str]:
    yield f"{chapter.name}: {chapter.title}"
    yield ""
    for what, text in (("source", chapter.source), ("stack", chapter.stack), ("data", chapter.corpus)):
        yield _wrapped(f"{what:<8}", text)
    yield _wrapped(f"{'classes':<8}", ", ".join(f"{number} {name}" for number, name in enumerate(chapter.classes)))
    if chapter.labels:
        yield _wrapped(f"{'labels':<8}", ", ".join(chapter.labels))
    if chapter.assumed:
        yield _wrapped(f"{'assumed':<8}", chapter.assumed)
    for experiment in chapter.experiments:
        yield from _experiment(experiment)
    if chapter.results:
        yield from _results(chapter)
    if chapter.printed:
        yield from ("", "Also printed")
        rows = [(p.what, p.unit, f"{p.value:,}", f"{p.derived:,}") for p in chapter.printed]
        yield _table(rows, ("what", "unit", "printed", "derived"), ("left", "left", "right", "right"))
    if chapter.values:
        yield from ("", "Printed of its run")
        values = [(v.experiment, v.what, f"{v.value:,.{v.places}f}", v.unit) for v in chapter.values]
        yield _table(values, ("model", "what", "printed", "unit"), ("left", "left", "right", "left"))
    if chapter.facts:
        yield from ("", "Shown by example")
        for number, fact in enumerate(chapter.facts, 1):
            yield _wrapped(f"  {number:>2}  ", fact.text)
    if chapter.claims:
        yield from ("", "Claims")
        for number, claim in enumerate(chapter.claims, 1):
            yield _wrapped(f"  {number:>2}  ", claim.text)
            if claim.assumed:
                yield _wrapped("      assumed: ", claim.assumed)
    if chapter.errata:
        yield from ("", "Errata of the source")
        for number, erratum in enumerate(chapter.errata, 1):
            yield _wrapped(f"  {number:>2}  ", erratum.text)
            yield f"      {_shown(erratum)}"
    if chapter.open_experiments:
        yield from ("", "Open experiments that the source names")
        yield from (f"   -  {text}" for text in chapter.open_experiments)


def _experiment(experiment: Experiment) -> Iterator[str]:
    epochs = "1 epoch" if experiment.epochs == 1 else f"{experiment.epochs} epochs"
    held_out = f", the last {experiment.validation_split:.0%} of rows held out" if experiment.validation_split else ""
    yield from ("", f"{experiment.name}: {experiment.optimizer}, {experiment.loss}, {epochs}")
    yield f"  in batches of {experiment.batch_size}{held_out}"
    rows = [
        (layer.description, layer.formula, f"{layer.parameters:,}", _printed(layer.printed))
        for layer in experiment.layers
    ]
    rows.append(("total", "", f"{experiment.parameters:,}", _printed(experiment.printed_total)))
    yield _table(rows, ("layer", "formula", "derived", "printed"), ("left", "left", "right", "right"))


def _results(chapter: Chapter) -> Iterator[str]:
    yield from ("", "Printed results (matrix: rows predicted, columns actual; at the right, the source's own table)")
    rows = []
    for r in chapter.results:
        matrix = " / ".join(" ".join(map(str, row)) for row in r.matrix)
        loss, *rates = r.in_table
        rows.append(
            (r.experiment, r.split, f"{r.loss:.7f}", f"{r.accuracy:.5f}", matrix, loss, *(f"{x} %" for x in rates))
        )
    headers = ("model", "data", "loss", "accuracy", "matrix", "loss", "accuracy", "specificity", "sensitivity")
    yield _table(rows, headers, ("left",) * 2 + ("right",) * 7)


def _shown(erratum: Erratum) -> str:
    if erratum.shown is None:
        return "stated: the source's code is not part of this suite"
    return "shown by its check" if erratum.shown() else "NOT shown by its check"


def _printed(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _table(rows: Sequence[tuple[str, ...]], headers: tuple[str, ...], align: tuple[str, ...]) -> str:
    text = tabulate(rows, headers, tablefmt="simple" if headers else "plain", colalign=align, disable_numparse=True)
    return textwrap.indent(text, "  ")


def _wrapped(start: str, text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent=start, subsequent_indent=" " * len(start))
