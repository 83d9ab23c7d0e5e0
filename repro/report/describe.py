"""A chapter in words and numbers: what `repro show` prints."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from tabulate import tabulate

from repro.chapter import Chapter, Claim, DataClaim, Erratum, Experiment, Printed, Variation
from repro.datasets.dataset import Preparation
from repro.datasets.description import Description
from repro.report.data_table import current, data_table
from repro.text import FILTERS

WIDTH = 110
WIDEST_CHANGE = 70
"""Characters in a line of what a variation changes."""


def describe(chapter: Chapter, descriptions: Sequence[Description]) -> str:
    """Source, data, models layer by layer with the formulas worked out, printed numbers, examples, claims and errata.

    descriptions: of the chapter's data, as they were counted; those of data prepared in another way are not shown.
    """
    return "\n".join(_lines(chapter, current(chapter, descriptions))) + "\n"


def _lines(chapter: Chapter, descriptions: Sequence[Description]) -> Iterator[str]:
    complete = [description for description in descriptions if description.data.kind == "real"]
    yield f"{chapter.name}: {chapter.title}"
    yield ""
    about = [
        ("source", chapter.source),
        ("stack", chapter.stack),
        ("data", chapter.corpus),
        ("prepared", prepared(chapter.preparation)),
        ("", f"printed in {chapter.preparation_place}"),
        ("classes", ", ".join(f"{number} {name}" for number, name in enumerate(chapter.classes))),
        ("labels", ", ".join(chapter.labels)),
        ("headline", f"what the source evaluates on: {chapter.headline}" if chapter.headline != "test" else ""),
        ("assumed", chapter.assumed),
        *(("extra", f"of ours: {extra}") for extra in chapter.extras),
    ]
    yield from (_wrapped(f"{what:<9}", text) for what, text in about if text)
    for description in descriptions:
        yield from ("", textwrap.indent(data_table(chapter, description).text, "  ").rstrip())
    if not descriptions:
        yield from ("", f"  The data were not counted yet: repro data describe {chapter.name}")
    for experiment in chapter.experiments:
        yield from _experiment(experiment)
    if chapter.results:
        yield from _results(chapter)
    yield from _listed("Also printed", [(_derived(printed), _place(printed.place)) for printed in chapter.printed])
    values = [(f"{v.experiment}, {v.what}: {v.value:,.{v.places}f} {v.unit}", _place(v.place)) for v in chapter.values]
    yield from _listed("Printed of its run", values)
    yield from _listed("Drawn in the source, without numbers", [(text,) for text in chapter.figures])
    facts = [(fact.text,) for fact in chapter.facts]
    yield from _listed("Stated, and shown here without a run", facts, numbered=True)
    for example in chapter.examples:
        yield from ("", example.title, _place(example.place))
        yield from (_wrapped("      ", line, indent=8) for line in example.lines())
    claims = [
        *(_claim(chapter, claim) for claim in chapter.claims),
        *(_data_claim(claim, complete) for claim in chapter.data_claims),
    ]
    yield from _listed("Claims", claims, numbered=True)
    errata = [(erratum.text, f"      {shown_how(erratum, complete)}") for erratum in chapter.errata]
    yield from _listed("Errata of the source", errata, numbered=True)
    yield from _listed("Open experiments that the source names", [(text,) for text in chapter.open_experiments])
    if chapter.variations:
        yield from ("", "Variations, each with one thing changed")
        yield f"  all of them: repro run {chapter.name} --vary all; one: --vary NAME"
        rows = [(each.name, each.kind, _change(each)) for each in chapter.variations]
        yield _table(rows, ("name", "kind", "what is changed"), labels=3)


def _listed(title: str, entries: Iterable[Sequence[str]], *, numbered: bool = False) -> Iterator[str]:
    """A section of entries, each a text with lines below it, behind a dash or a number; empty without entries."""
    for number, (text, *below) in enumerate(entries, 1):
        if number == 1:
            yield from ("", title)
        yield _wrapped(f"  {number:>2}  " if numbered else "   -  ", text.rstrip())
        yield from below


def prepared(preparation: Preparation) -> str:
    words = {"ranked": "numbered by rank", "counted": "numbered by their count", "hashed": "hashed by md5"}
    parts = [
        f"words {words[preparation.words]}, num_words {preparation.num_words:,}",
        f"maxlen {preparation.maxlen:,}, padding {preparation.padding}, truncating {preparation.truncating}",
    ]
    if preparation.replacements:
        parts.append(f"{len(preparation.replacements)} replacements")
    if preparation.filters != FILTERS:
        parts.append(f"filters {preparation.filters}")
    if preparation.held_out:
        stratified = ", the same of each class" if preparation.stratified else ""
        parts.append(f"{preparation.held_out:.0%} drawn with seed {preparation.random_state} and held out{stratified}")
    return "; ".join(parts)


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
        *(
            (layer.description, layer.formula.numbers or "nothing to learn", layer.parameters, layer.printed)
            for layer in experiment.layers
        ),
        ("total", "", experiment.parameters, experiment.printed_total),
    ]
    cells = [(name, formula, f"{n:,}", "" if shown is None else f"{shown:,}") for name, formula, n, shown in rows]
    yield _table(cells, ("layer", "formula", "derived", "printed"), labels=2)


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
    yield _table(rows, headers, labels=2)
    for place, results in itertools.groupby(chapter.results, key=lambda result: result.place):
        yield _wrapped(f"  {', '.join(f'{r.experiment} {r.split}' for r in results)}: in ", place)


def _derived(printed: Printed) -> str:
    """A printed number beside the derived one."""
    value, derived = (
        f"{number:,}" if isinstance(number, int) or number == int(number) else f"{number:.5g}"
        for number in (printed.value, printed.derived)
    )
    return f"{printed.what}: {f'{printed.relation} '.lstrip()}{value} {printed.unit}, derived {derived}"


def _change(variation: Variation) -> str:
    """What a variation changes, and in which experiments if not in all; wrapped."""
    limits = [f"only {', '.join(variation.only)}"] if variation.only else []
    limits += [f"engine {variation.engine}"] if variation.engine else []
    limited = f" ({'; '.join(limits)})" if limits else ""
    return textwrap.fill(f"{variation.change}{limited}", WIDEST_CHANGE)


def _claim(chapter: Chapter, claim: Claim) -> Sequence[str]:
    lines = [claim.text, _place(claim.place)]
    if claim.assumed:
        lines.append(_wrapped("      assumed: ", claim.assumed))
    lines += [_wrapped("      needs: ", command) for command in commands_of(chapter, claim)]
    return lines


def commands_of(chapter: Chapter, claim: Claim) -> Iterator[str]:
    """The commands that make what a claim needs besides the experiments as in the source.

    A claim about time needs runs by Keras.
    """
    yield from (f"repro run {chapter.name}/{each}" for each in claim.needs if not isinstance(each, str))
    if claim.of_time:
        plain = [f"{chapter.name}/{each}" for each in claim.needs if isinstance(each, str)]
        yield f"repro run {' '.join(plain)} --engine keras"


def _data_claim(claim: DataClaim, complete: Sequence[Description]) -> Sequence[str]:
    answers = [f"{'holds' if claim.holds(each) else 'does not hold'} in {each.data.label}" for each in complete]
    answer = ", ".join(answers) or "not counted in the complete data yet"
    return [claim.text, _place(claim.place), f"      {answer}"]


def shown_how(erratum: Erratum, complete: Sequence[Description]) -> str:
    """Whether the checks of an erratum show it: those on the chapter, and those on complete data."""
    checks = [] if erratum.shown is None else [("by its check", erratum.shown())]
    if erratum.in_data is not None:
        checks += [(f"by the data, {each.data.label}", erratum.in_data(each)) for each in complete]
        if not complete:
            return "to be shown by the complete data, which were not counted yet"
    if not checks:
        return "stated: the source's text and code are not part of this suite"
    return "; ".join(f"{'shown' if shown else 'NOT shown'} {how}" for how, shown in checks)


def _place(place: str) -> str:
    return _wrapped("      in ", place)


def _table(rows: Sequence[Sequence[str]], headers: Sequence[str], *, labels: int) -> str:
    """Aligned text: the first columns to the left, numbers to the right."""
    align = ["left"] * labels + ["right"] * (len(headers) - labels)
    return textwrap.indent(tabulate(rows, headers, "simple", colalign=align, disable_numparse=True), "  ")


def _wrapped(start: str, text: str, indent: int | None = None) -> str:
    """Lines of at most `WIDTH` characters; those after the first begin below the text, or at `indent`."""
    further = " " * (len(start) if indent is None else indent)
    return textwrap.fill(text, WIDTH, initial_indent=start, subsequent_indent=further, drop_whitespace=indent is None)
