"""A chapter as the page shows it: what stands in each of its parts, in plain values for the template."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from repro.chapter import Chapter
from repro.check import Checked
from repro.evidence.intervals import COVERAGE
from repro.evidence.run_groups import GroupedRecords, RunGroup, data_in_words, main_group, seeds
from repro.evidence.source_numbers import calibrate_source, judge, source_numbers
from repro.evidence.variations import VariedRuns, varied_runs
from repro.report.data_table import data_table
from repro.report.describe import prepared
from repro.report.page.drawing_set import Drawing, DrawingSet
from repro.report.page.drawn_group import drawing_sets
from repro.report.page.drawn_layers import layers
from repro.report.page.drawn_lengths import lengths
from repro.report.page.page_claims import Statement, claims_by_verdict, errata
from repro.report.page.page_findings import (
    JudgedNumber,
    Score,
    checked_in_words,
    claim_counts,
    reproduced,
    sentences,
)
from repro.report.page.page_tables import PageTable, entries_table, page_table
from repro.report.page.run_notes import RunNotes
from repro.report.quantities import ACCURACY, signed
from repro.report.record_tables import SOURCE, comparison, per_class
from repro.report.table import Entry, readers, words
from repro.report.variation_tables import on_split, split_shown
from repro.report.verdict_tables import claim_verdicts, printed

NOT_JUDGED = Score(0, 0)


class ModelPart(NamedTuple):
    """A model with its settings."""

    name: str
    settings: tuple[tuple[str, str], ...]
    drawing: Drawing


@dataclass(frozen=True, kw_only=True)
class ChapterPart:
    """All that the page says of a chapter."""

    name: str
    title: str
    about: tuple[tuple[str, str], ...]
    checked: Checked
    checked_in_words: str
    models: tuple[ModelPart, ...]
    commands: tuple[tuple[str, str], ...]
    """What they do, and the commands."""
    errata: tuple[Statement, ...]
    group: str = ""
    """What the runs were made from and how, in one line; empty without runs."""
    data: str = ""
    """What the runs were made from, in a few words."""
    seeds: str = ""
    note: str = ""
    """The id of the note on them."""
    found: tuple[str, ...] = ()
    numbers: int = 0
    """How many numbers the source printed of its runs, times aside."""
    reproduced: Score = NOT_JUDGED
    claim_counts: dict[str, int] = field(default_factory=dict)
    tables: tuple[PageTable, ...] = ()
    drawings: tuple[DrawingSet, ...] = ()
    claims: tuple[tuple[str, tuple[Statement, ...]], ...] = ()
    """By verdict: the title, the claims."""
    varied: PageTable | None = None
    varied_drawings: tuple[DrawingSet, ...] = ()
    data_table: PageTable | None = None
    lengths: DrawingSet | None = None
    others: tuple[PageTable, ...] = ()
    """The results of the other groups of runs."""


def chapter_part(chapter: Chapter, known: GroupedRecords, checked: Checked, notes: RunNotes) -> ChapterPart:
    """What the page says of a chapter by its records."""
    shown = known.shown
    group = main_group(shown)
    complete = [each.description for each in shown if each.description and each.description.data.kind == "real"]
    facts = ChapterPart(
        name=chapter.name,
        title=chapter.title,
        about=tuple(_about(chapter)),
        checked=checked,
        checked_in_words=checked_in_words(checked),
        models=tuple(_models(chapter)),
        commands=tuple(_commands(chapter)),
        errata=tuple(errata(chapter, complete[:1])),
    )
    return _with_runs(facts, group, shown, notes) if group else facts


def _with_runs(facts: ChapterPart, group: RunGroup, shown: Sequence[RunGroup], notes: RunNotes) -> ChapterPart:
    chapter = group.chapter
    judged = [
        JudgedNumber(number, judge(number, group.records)) for number in source_numbers(chapter) if number.unit != "s"
    ]
    judged = [each for each in judged if each.verdict.n]
    calibration = calibrate_source(chapter, group.records) if group.comparable else None
    verdicts = claim_verdicts(group) if group.beside_source else []
    drawings = drawing_sets(group)
    description = group.description
    return replace(
        facts,
        group=group.caption,
        data=_data(group),
        seeds=_seeds(group),
        note=notes.of(chapter, group.records),
        found=tuple(sentences(group, judged, calibration, verdicts)),
        numbers=len(judged),
        reproduced=reproduced(judged) if group.comparable else NOT_JUDGED,
        claim_counts=claim_counts(verdicts),
        tables=tuple(_tables(group, notes)),
        drawings=tuple(each for each in drawings if each.name != "variations"),
        claims=tuple(claims_by_verdict(group, verdicts, notes)) if group.beside_source else (),
        varied=_varied(group, notes),
        varied_drawings=tuple(each for each in drawings if each.name == "variations"),
        data_table=page_table("The data, counted", data_table(chapter, description)) if description else None,
        lengths=lengths(chapter, description) if description else None,
        others=tuple(_comparison(each, notes, _way(each)) for each in shown if each is not group and each.with_results),
    )


def _data(group: RunGroup) -> str:
    """`the real data, a rebuilt copy`; of a sample, with the number of its rows."""
    data = group.provenance
    rows = f", {data.train_rows + data.validation_rows:,} rows" if data.kind == "sample" else ""
    return f"{data_in_words(data)}{rows}"


def _seeds(group: RunGroup) -> str:
    """`32 seeds`, `one run`; of experiments with other numbers of seeds, `10 to 32 seeds`."""
    counts = sorted({len(group.of(each.name)) for each in group.chapter.experiments if group.of(each.name)})
    if not counts:
        return "no runs without a variation"
    if counts == [1]:
        return "one run of each model" if len(group.chapter.experiments) > 1 else "one run"
    return seeds(group.records) if len(counts) == 1 else f"{counts[0]} to {counts[-1]} seeds"


def _way(group: RunGroup) -> str:
    epochs = f", {group.epochs} epochs" if group.epochs else ""
    return f"On {_data(group)}, numerics {group.numerics}, engine {group.engine}{epochs}"


def _about(chapter: Chapter) -> Iterator[tuple[str, str]]:
    yield "source", chapter.source
    yield "software", chapter.stack
    yield "data", chapter.corpus
    yield "prepared", prepared(chapter.preparation)
    if chapter.assumed:
        yield "assumed", chapter.assumed
    if chapter.extras:
        yield "added", "; ".join(chapter.extras)
    if chapter.open_experiments:
        yield "left open", "; ".join(chapter.open_experiments)


def _models(chapter: Chapter) -> Iterator[ModelPart]:
    for each in chapter.experiments:
        held_out = f"the last {each.validation_split:.0%} of the rows held out" if each.validation_split else ""
        settings = [
            ("optimizer", each.optimizer),
            ("loss", each.loss),
            ("epochs", str(each.epochs)),
            ("batch size", str(each.batch_size)),
            ("validation", held_out),
            ("printed in", each.place),
        ]
        yield ModelPart(each.name, tuple((name, text) for name, text in settings if text), layers(chapter, each))


def _commands(chapter: Chapter) -> Iterator[tuple[str, str]]:
    yield "goes through the walkthrough as the source did, in Keras", f"python -m chapters.{chapter.name}"
    yield "prints all facts of the chapter", f"repro show {chapter.name}"
    yield "trains its models with five seeds", f"repro run {chapter.name} --seeds 1-5"
    yield "trains them by Keras, the reference", f"repro run {chapter.name} --engine keras"
    if chapter.variations:
        yield "trains them with one thing changed, for each thing", f"repro run {chapter.name} --vary all"
    yield "makes the tables", f"repro table {chapter.name}"


def _tables(group: RunGroup, notes: RunNotes) -> Iterator[PageTable]:
    """What the source printed beside ours, if it printed anything; otherwise, or besides, our results."""
    chapter = group.chapter
    if group.with_results and group.beside_source and source_numbers(chapter):
        yield page_table(
            "What the source printed of its runs, and what ours give",
            printed(group),
            ("ours", "95 % (t)", "95 % (order)", "smaller"),
            lambda row: notes.of(chapter, group.evaluated(row["model"])),
        )
    if group.with_results:
        yield _comparison(group, notes, "Each model on each part of the data")
        if (len(chapter.classes) > 2 or chapter.labels) and group.held_out:
            each = per_class(group)
            yield page_table(
                "Each label" if chapter.labels else "Each class against all others",
                *(each, each.headers[each.labels + 2 :]),
                lambda row: notes.of(chapter, group.evaluated(row["model"])),
            )


def _comparison(group: RunGroup, notes: RunNotes, title: str) -> PageTable:
    table = comparison(group)

    def note(row: dict[str, str]) -> str:
        return "" if row["from"] == SOURCE else notes.of(group.chapter, group.evaluated(row["model"]))

    return page_table(title, table, table.headers[table.headers.index("from") + 1 :], note)


def _varied(group: RunGroup, notes: RunNotes) -> PageTable | None:
    """What each variation changes; None if none was trained."""
    found = varied_runs(group)
    if not found:
        return None
    rows = [_variation(group, each) for each in found]
    runs = {(each.experiment.name, each.variation.name): each.runs for each in found}
    return entries_table(
        "What one change does",
        "Accuracy: the mean difference from the runs of the same seeds in which nothing was changed, in points, with "
        f"its {COVERAGE:.0%} interval. Even if nothing mattered, one interval in {round(1 / (1 - COVERAGE))} would "
        f"leave out 0. Noticed: in how many runs the accuracy lies outside the {COVERAGE:.0%} interval for one more "
        "run with nothing changed. Slip: a mistake that readers make; open question: the source proposes to try it; "
        f"check: what a claim or a caveat needs. {group.caption}.",
        rows,
        2,
        ("accuracy", "interval", "noticed", "verdict"),
        lambda row: notes.of(group.chapter, runs[row["model"], row["variation"]]),
    )


def _variation(group: RunGroup, each: VariedRuns) -> list[Entry]:
    split = split_shown(group.chapter, each)
    change = each.change(on_split(ACCURACY, split))
    paired, n = bool(change.pairs), change.difference.n
    bounds = [signed(ACCURACY, bound) for bound in (change.difference.low, change.difference.high)] if n > 1 else []
    noticed = "" if change.noticed is None else f"{change.noticed} of {change.varied.n}"
    diverged = f", {each.diverged} diverged" if each.diverged else ""
    return [
        *words(model=each.experiment.name, variation=each.variation.name),
        readers("what is changed", each.variation.change, "left"),
        readers("kind", each.variation.kind, "left"),
        readers("on", split, "left"),
        readers("accuracy", signed(ACCURACY, change.difference.mean) if paired else ""),
        readers("interval", " to ".join(bounds)),
        readers("noticed", noticed + diverged),
        readers("verdict", change.verdict, "left"),
    ]
