"""The table of what variations change, beside the plain runs of the same seeds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from math import nan

from repro.chapter import Chapter
from repro.evaluation import Split
from repro.evidence.intervals import COVERAGE
from repro.evidence.run_groups import RunGroup, seeds
from repro.evidence.variations import Change, Number, VariedRuns, varied_runs
from repro.records import Record
from repro.report.quantities import (
    ACCURACY,
    LOSS,
    MACRO_F1,
    MEAN_AUC,
    SENSITIVITY,
    SPECIFICITY,
    Measure,
    measures_of,
    rounded,
)
from repro.report.table import Entry, Table, programs, readers, words
from repro.runs.run import SCIKIT_LEARN

WIDEST_CELL = 36
"""Characters in a cell of aligned text, at most: some of what variations change would make the table too wide."""


def variation_tables(group: RunGroup) -> list[Table]:
    """The table of a plain group's variations; none if it has none to show.

    Readers see the split that the source evaluates on, programs all of them. A variation that changes what `train`
    means is shown on train: its other numbers are those of the plain runs.
    """
    found = varied_runs(group)
    if not found:
        return []
    rows, csv_rows = [], []
    for _, of_model in groupby(found, key=lambda each: each.experiment.name):
        block = list(of_model)
        rows += list(_block(group, block))
        csv_rows += [_for_programs(group.chapter, each, split) for each in block for split in _splits(each)]
    return [Table.of("variations", _caption(group, found), rows, csv_rows=csv_rows, labels=1, widest=WIDEST_CELL)]


def split_shown(chapter: Chapter, each: VariedRuns) -> Split:
    """The split on which readers see a variation."""
    known = _splits(each)
    return chapter.headline if chapter.headline in known and not each.experiment.evaluates_held_out else "train"


def split_of_all(chapter: Chapter, found: Iterable[VariedRuns]) -> Split:
    """The split on which readers see all variations but those that change what `train` means."""
    shown = (split_shown(chapter, each) for each in found if each.runs and not each.experiment.evaluates_held_out)
    return next(shown, chapter.headline)


def on_split(measure: Measure, split: Split) -> Number:
    """The measure of a run on this split."""
    return lambda record: measure.of(record.evaluation[split]) if split in record.evaluation else nan


def _splits(each: VariedRuns) -> list[Split]:
    """What the runs were evaluated on; `train` alone if all of them diverged."""
    return list(each.runs[0].evaluation) if each.runs else ["train"]


def _for_readers(chapter: Chapter) -> tuple[Measure, ...]:
    """The measures that fit into a line; the first one with its interval."""
    if chapter.labels:
        return ACCURACY, LOSS, SENSITIVITY, MEAN_AUC
    return (ACCURACY, LOSS, SPECIFICITY, SENSITIVITY) if len(chapter.classes) == 2 else (ACCURACY, LOSS, MACRO_F1)


def _block(group: RunGroup, block: Sequence[VariedRuns]) -> Iterator[list[Entry]]:
    """The lines of one model: its plain runs, and then its variations by kind, each kind under its name."""
    chapter, model = group.chapter, block[0].experiment.name
    measures = _for_readers(chapter)
    headline = split_of_all(chapter, block)

    def line(name: str, noticed: str, cells: Iterable[str]) -> list[Entry]:
        shown = (readers(measure.name, cell) for measure, cell in zip(measures, cells, strict=True))
        return [*words(model=model), readers("variation", name, "left"), readers("noticed", noticed), *shown]

    def plain(name: str, split: Split) -> list[Entry]:
        records = [record for record in group.evaluated(model) if split in record.evaluation]
        if not records:
            return line(name, "", [""] * len(measures))
        return line(name, seeds(records), [m.shown([record.evaluation[split] for record in records]) for m in measures])

    if group.evaluated(model):
        yield plain("nothing changed", headline)
    for (kind, split), alike in groupby(block, key=lambda each: (each.variation.kind, split_shown(chapter, each))):
        if split == headline:
            yield line(f"{kind}:", "", [""] * len(measures))
        else:
            yield plain(f"{kind}, on {split}:", split)
        for each in alike:
            changes = [each.change(on_split(measure, split)) for measure in measures]
            cells = [
                _cell(measure, change, each.runs, split, with_interval=not place)
                for place, (measure, change) in enumerate(zip(measures, changes, strict=True))
            ]
            yield line(f"{each.variation.name}: {each.variation.change}", _noticed(each, changes[0]), cells)


def _noticed(each: VariedRuns, change: Change) -> str:
    """`3 of 5`: how many runs, of how many, lie outside; if that is not known, `5 seeds`."""
    parts = [f"{each.diverged} diverged"] if each.diverged else []
    if each.runs:
        unknown = change.noticed is None
        parts.insert(0, seeds(each.runs) if unknown else f"{change.noticed} of {change.varied.n}")
    return ", ".join(parts)


def _cell(measure: Measure, change: Change, runs: Sequence[Record], split: Split, *, with_interval: bool) -> str:
    """`-1.23 [-1.60, -0.86]`; without plain runs of the same seeds, the variation's own numbers without a sign."""
    if not change.pairs:
        return measure.shown([record.evaluation[split] for record in runs]) if runs else ""
    scale, places = (100, 2) if measure.rate else (1, 4)
    mean, low, high = (
        f"{scale * number:+z.{places}f}"
        for number in (change.difference.mean, change.difference.low, change.difference.high)
    )
    return f"{mean} [{low}, {high}]" if with_interval and change.difference.n > 1 else mean


def _for_programs(chapter: Chapter, each: VariedRuns, split: Split) -> list[Entry]:
    """One variation of one model on one split."""
    entries = words(
        model=each.experiment.name,
        kind=each.variation.kind,
        variation=each.variation.name,
        change=each.variation.change,
        data=split,
        engine=each.engine,
        plain_engine=each.plain[0].engine if each.plain else "",
    )
    changes = {measure: each.change(on_split(measure, split)) for measure in measures_of(chapter)}
    entries += programs(
        seeds=len(each.runs),
        diverged=each.diverged,
        plain_seeds=len(each.plain),
        noticed_runs=changes[ACCURACY].noticed,
    )
    for measure, change in changes.items():
        key = measure.key
        numbers = {
            f"{key}_mean": change.varied.mean,
            f"{key}_sd": change.varied.sd,
            f"{key}_difference": change.difference.mean,
            f"{key}_low": change.difference.low,
            f"{key}_high": change.difference.high,
            f"{key}_difference_lowest": min(change.pairs, default=nan),
            f"{key}_difference_highest": max(change.pairs, default=nan),
            f"{key}_noticed": change.share_noticed,
        }
        entries += programs(**{f"{key}_pairs": change.difference.n})
        entries += programs(**{name: rounded(number) for name, number in numbers.items()})
        entries += programs(**{f"{key}_verdict": change.verdict})
    return entries


def _caption(group: RunGroup, found: Sequence[VariedRuns]) -> str:
    chapter = group.chapter
    paired = [each for each in found if each.paired]
    parts = [f"{group.caption}. Variations, each with one thing changed, on {split_of_all(chapter, found)}"]
    if paired:
        parts.append(
            f"With a sign: the mean difference from the runs of the same seeds in which nothing was changed, rates in "
            f"points, accuracy with its {COVERAGE:.0%} interval. Even if nothing mattered, one interval "
            f"in {round(1 / (1 - COVERAGE))} would leave out 0. Noticed: in how many runs the accuracy lies "
            f"outside the {COVERAGE:.0%} interval for one more run with nothing changed"
        )
    if len(paired) < len(found) or group.records:
        parts.append("Without a sign: mean ± standard deviation over seeds, rates in percent")
    foreign = {
        f"{each.variation.name} was trained by {each.engine}, and stands beside runs by {each.plain[0].engine}"
        for each in found
        if each.plain and each.engine not in (group.engine, SCIKIT_LEARN)
    }
    parts += sorted(foreign)
    if any(each.engine == SCIKIT_LEARN and each.plain for each in found):
        parts.append("A classifier stands beside the model of the same seed")
    if any(each.experiment.evaluates_held_out for each in found):
        parts.append("What is shown on train changes nothing else: the rest of its numbers are the unchanged runs'")
    return ". ".join(parts) + "."
