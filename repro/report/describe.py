"""A chapter in words and numbers: what `repro show` prints."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterator, Sequence

from tabulate import tabulate

from repro.chapter import Chapter, Erratum, Experiment
from repro.datasets.dataset import Preparation
from repro.datasets.description import Description
from repro.report.data import current, described
from repro.text import FILTERS

WIDTH = 110


def describe(chapter: Chapter, descriptions: Sequence[Description]) -> str:
    """Source, data, models layer by layer with the formulas worked out, printed numbers, examples, claims and errata.

    descriptions: of the chapter's data, as they were counted; those that are prepared otherwise now are passed over.
    """
    return "\n".join(_lines(chapter, current(chapter, descriptions))) + "\n"


def _lines(chapter: Chapter, descriptions: Sequence[Description]) -> Iterator[str]:
    yield f"{chapter.name}: {chapter.title}"
    yield ""
    for what, text in (("source", chapter.source), ("stack", chapter.stack), ("data", chapter.corpus)):
        yield _wrapped(f"{what:<9}", text)
    yield _wrapped(f"{'prepared':<9}", _prepared(chapter.preparation))
    yield _wrapped(" " * 9, f"printed in {chapter.preparation_place}")
    yield _wrapped(f"{'classes':<9}", ", ".join(f"{number} {name}" for number, name in enumerate(chapter.classes)))
    if chapter.labels:
        yield _wrapped(f"{'labels':<9}", ", ".join(chapter.labels))
    if chapter.headline != "test":
        yield _wrapped(f"{'headline':<9}", f"what the source evaluates on: {chapter.headline}")
    if chapter.assumed:
        yield _wrapped(f"{'assumed':<9}", chapter.assumed)
    for extra in chapter.extras:
        yield _wrapped(f"{'extra':<9}", f"of ours: {extra}")
    for description in descriptions:
        yield from ("", textwrap.indent(described(chapter, description).text, "  ").rstrip())
    if not descriptions:
        yield from ("", f"  The data were not counted yet: repro data describe {chapter.name}")
    for experiment in chapter.experiments:
        yield from _experiment(experiment)
    if chapter.results:
        yield from _results(chapter)
    if chapter.printed:
        yield from ("", "Also printed")
        for p in chapter.printed:
            relation = f"{p.relation} " if p.relation else ""
            yield _wrapped("   -  ", f"{p.what}: {relation}{_number(p.value)} {p.unit}, derived {_number(p.derived)}")
            yield _place(p.place)
    if chapter.values:
        yield from ("", "Printed of its run")
        for v in chapter.values:
            yield _wrapped("   -  ", f"{v.experiment}, {v.what}: {v.value:,.{v.places}f} {v.unit}".rstrip())
            yield _place(v.place)
    if chapter.figures:
        yield from ("", "Drawn in the source, without numbers")
        yield from (_wrapped("   -  ", text) for text in chapter.figures)
    if chapter.facts:
        yield from ("", "Stated, and shown here without a run")
        for number, fact in enumerate(chapter.facts, 1):
            yield _wrapped(f"  {number:>2}  ", fact.text)
    for example in chapter.examples:
        yield from ("", example.title, _place(example.place))
        yield from (_wrapped("      ", line, indent=8) for line in example.lines())
    yield from _claims(chapter, descriptions)
    if chapter.errata:
        yield from ("", "Errata of the source")
        for number, erratum in enumerate(chapter.errata, 1):
            yield _wrapped(f"  {number:>2}  ", erratum.text)
            yield f"      {_shown(erratum, descriptions)}"
    if chapter.open_experiments:
        yield from ("", "Open experiments that the source names")
        yield from (_wrapped("   -  ", text) for text in chapter.open_experiments)


def _prepared(preparation: Preparation) -> str:
    words = {"ranked": "numbered by rank", "counted": "numbered by their count", "hashed": "hashed by md5"}
    said = [
        f"words {words[preparation.words]}, num_words {preparation.num_words:,}",
        f"maxlen {preparation.maxlen:,}, padding {preparation.padding}, truncating {preparation.truncating}",
    ]
    if preparation.replacements:
        said.append(f"{len(preparation.replacements)} replacements")
    if preparation.filters != FILTERS:
        said.append(f"filters {preparation.filters}")
    if preparation.held_out:
        stratified = ", the same of each class" if preparation.stratified else ""
        said.append(f"{preparation.held_out:.0%} drawn with seed {preparation.random_state} and held out{stratified}")
    return "; ".join(said)


def _claims(chapter: Chapter, descriptions: Sequence[Description]) -> Iterator[str]:
    if chapter.claims or chapter.data_claims:
        yield from ("", "Claims")
    for number, claim in enumerate(chapter.claims, 1):
        yield _wrapped(f"  {number:>2}  ", claim.text)
        yield _place(claim.place)
        if claim.assumed:
            yield _wrapped("      assumed: ", claim.assumed)
        if others := [str(each) for each in claim.needs if not isinstance(each, str)]:
            yield _wrapped("      needs: ", "; ".join(others))
    for number, about in enumerate(chapter.data_claims, len(chapter.claims) + 1):
        held = [each for each in descriptions if each.data.kind == "real"]
        answers = [f"{'holds' if about.holds(each) else 'does not hold'} in {each.data.label}" for each in held]
        yield _wrapped(f"  {number:>2}  ", about.text)
        yield _place(about.place)
        yield f"      {', '.join(answers) or 'not counted in the complete data yet'}"


def _experiment(experiment: Experiment) -> Iterator[str]:
    epochs = "1 epoch" if experiment.epochs == 1 else f"{experiment.epochs} epochs"
    share = f"{experiment.validation_split:.0%}"
    held_out = f", the last {share} of the rows held out, before any shuffling" if experiment.validation_split else ""
    yield from ("", f"{experiment.name}: {experiment.optimizer}, {experiment.loss}, {epochs}")
    yield f"  in batches of {experiment.batch_size}{held_out}"
    yield _wrapped("  printed in ", experiment.place)
    if experiment.counts_place:
        yield _wrapped("  counts in ", experiment.counts_place)
    rows = [
        (layer.description, layer.formula, f"{layer.parameters:,}", _printed(layer.printed))
        for layer in experiment.layers
    ]
    rows.append(("total", "", f"{experiment.parameters:,}", _printed(experiment.printed_total)))
    yield _table(rows, ("layer", "formula", "derived", "printed"), ("left", "left", "right", "right"))


def _results(chapter: Chapter) -> Iterator[str]:
    yield from ("", "Printed results (at the right, the source's own table)")
    yield "  over all rows of a split, those held out included; matrix: rows predicted, columns actual, class 1 where"
    yield "  the probability is above 0.5; specificity: the accuracy on class 0; sensitivity: on class 1"
    rows = []
    for r in chapter.results:
        matrix = " / ".join(" ".join(map(str, row)) for row in r.matrix)
        loss, *rates = r.in_table
        rows.append(
            (r.experiment, r.split, f"{r.loss:.7f}", f"{r.accuracy:.5f}", matrix, loss, *(f"{x} %" for x in rates))
        )
    headers = ("model", "data", "loss", "accuracy", "matrix", "loss", "accuracy", "specificity", "sensitivity")
    yield _table(rows, headers, ("left",) * 2 + ("right",) * 7)
    for place, results in itertools.groupby(chapter.results, key=lambda result: result.place):
        yield _wrapped(f"  {', '.join(f'{r.experiment} {r.split}' for r in results)}: in ", place)


def _shown(erratum: Erratum, descriptions: Sequence[Description]) -> str:
    checks = [] if erratum.shown is None else [("by its check", erratum.shown())]
    if erratum.in_data is not None:
        complete = [each for each in descriptions if each.data.kind == "real"]
        checks += [(f"by the data, {each.data.label}", erratum.in_data(each)) for each in complete]
        if not complete:
            return "to be shown by the complete data, which were not counted yet"
    if not checks:
        return "stated: the source's text and code are not part of this suite"
    return "; ".join(f"{'shown' if shown else 'NOT shown'} {how}" for how, shown in checks)


def _place(place: str) -> str:
    return _wrapped("      in ", place)


def _number(number: float) -> str:
    return f"{number:,}" if isinstance(number, int) or number == int(number) else f"{number:.5g}"


def _printed(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _table(rows: Sequence[tuple[str, ...]], headers: tuple[str, ...], align: tuple[str, ...]) -> str:
    text = tabulate(rows, headers, tablefmt="simple" if headers else "plain", colalign=align, disable_numparse=True)
    return textwrap.indent(text, "  ")


def _wrapped(start: str, text: str, indent: int | None = None) -> str:
    further = " " * (len(start) if indent is None else indent)
    return textwrap.fill(text, WIDTH, initial_indent=start, subsequent_indent=further, drop_whitespace=indent is None)
