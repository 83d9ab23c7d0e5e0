"""The tables of a chapter, from its records alone: the same records give the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from repro import metrics
from repro.chapter import Experiment
from repro.evaluation import Evaluation, LabelEvaluation, Split
from repro.evidence.run_groups import RunGroup, seeds
from repro.report.quantities import (
    OF_A_CLASS,
    OF_A_LABEL,
    measures_of,
    rounded,
    spread,
)
from repro.report.table import Entry, Table, both, programs, readers, words
from repro.report.variation_tables import variation_tables
from repro.report.verdict_tables import verdict_tables

SOURCE = "source"
"""Where a line of a table comes from, if not from our runs."""


def tables(group: RunGroup) -> list[Table]:
    """The comparison with the source, the confusion matrices, and what else the chapter and its records give.

    That is: classes or labels one by one, if they are more than two; the verdicts on the source's numbers and claims,
    except on the embedded corpus; and the variations.
    """
    chapter = group.chapter
    if not group.records:
        return variation_tables(group)
    made = [comparison(group), confusion(group)]
    if (len(chapter.classes) > 2 or chapter.labels) and group.held_out:
        made.append(per_class(group))
    return made + verdict_tables(group) + variation_tables(group)


class Line(NamedTuple):
    """One model on one split, by the source or by runs of ours."""

    experiment: Experiment
    split: Split
    who: str
    """`SOURCE`, `seed 1` or `3 seeds`."""
    evaluations: list[Evaluation]
    """The source's, or one for each of our runs."""


def lines(group: RunGroup, *, one_by_one: bool = False) -> Iterator[Line]:
    """Each model on each split: what the source printed, if it may be shown; and our runs, together or one by one."""
    for experiment in group.chapter.experiments:
        records = group.evaluated(experiment.name)
        for split in group.splits if records else ():
            if printed := group.printed(experiment.name, split):
                yield Line(experiment, split, SOURCE, [printed])
            for some in [[record] for record in records] if one_by_one else [records]:
                yield Line(experiment, split, seeds(some), [record.evaluation[split] for record in some])


def comparison(group: RunGroup) -> Table:
    """The measures of each model on each split: the source's, and ours over seeds."""

    def row(line: Line) -> list[Entry]:
        printed = group.printed(line.experiment.name, line.split)
        layers = lstm_layers(line.experiment)
        entries = [
            *words(model=line.experiment.name),
            both("LSTM layers", layers, layers, "lstm_layers", "left"),
            *words(optimizer=line.experiment.optimizer, data=line.split),
            readers("from", line.who, "left"),
            *programs(seeds=len(line.evaluations)),
        ]
        for measure in measures_of(group.chapter):
            entries += programs(**{f"{measure.key}_printed": rounded(measure.of(printed)) if printed else None})
            entries += measure.entries(line.evaluations)
        return entries

    together = ", of all labels together" if group.chapter.labels else ""
    return Table.of(
        "comparison",
        f"{group.caption}. Loss, and rates in percent{together}; ours: mean ± standard deviation over seeds."
        + _notes(group),
        [row(line) for line in lines(group)],
        csv_rows=[row(line) for line in lines(group) if line.who != SOURCE],
        labels=4,
    )


def _notes(group: RunGroup) -> str:
    """What the source evaluates on, if not the test rows; what this suite adds; and what `unseen` means."""
    chapter, notes = group.chapter, ""
    if chapter.headline != "test" and chapter.headline in group.splits:
        notes += f" The source evaluates on {chapter.headline}."
    if chapter.extras:
        notes += f" Extras of ours: {'; '.join(chapter.extras)}."
    if "unseen" in group.splits:
        evaluation = group.with_results[0].evaluation
        share = 1 - metrics.total(evaluation["unseen"].matrix) / metrics.total(evaluation["test"].matrix)
        notes += f" {share:.1%} of the test texts occur in training too, when they are prepared; unseen: the others."
    return notes


def confusion(group: RunGroup) -> Table:
    """The confusion matrix of each model on each split, as R's `table(Predicted, Actual)`: rows predicted.

    Readers see the mean over seeds, programs get each matrix.
    """
    classes = range(len(group.chapter.classes))

    def row(line: Line, predicted: int) -> list[Entry]:
        counts = [[evaluation.matrix[predicted][actual] for evaluation in line.evaluations] for actual in classes]
        return [
            *words(model=line.experiment.name, data=line.split, **{"from": line.who}),
            both("Predicted", predicted, str(predicted), "predicted", "left"),
            *(both(f"Actual {i}", counts[i][0], spread(counts[i], 1), f"actual_{i}") for i in classes),
        ]

    together = ", of all labels together" if group.chapter.labels else ""
    return Table.of(
        "confusion",
        f"{group.caption}. Rows predicted, columns actual{together}; "
        + ", ".join(f"{number} = {name}" for number, name in enumerate(group.chapter.classes)),
        [row(line, predicted) for line in lines(group) for predicted in classes],
        csv_rows=[row(line, predicted) for line in lines(group, one_by_one=True) for predicted in classes],
        labels=3,
    )


def per_class(group: RunGroup) -> Table:
    """Each class against all others, or each label: how well it is told, on each split but train."""
    chapter = group.chapter
    what, against = ("label", "") if chapter.labels else ("class", " against all others")
    rows = []
    for line in lines(group):
        for place, name in enumerate(chapter.labels or chapter.classes):
            if line.who == SOURCE or line.split == "train":
                continue
            parts = [each.labels[name] if chapter.labels else _against_rest(each, place) for each in line.evaluations]
            positive = sum(row[1] for row in parts[0].matrix)
            entries = [
                *words(model=line.experiment.name, data=line.split, **{what: name}),
                both("rows", positive, str(positive)),
                *programs(seeds=len(parts)),
            ]
            for measure in OF_A_LABEL if chapter.labels else OF_A_CLASS:
                entries += measure.entries(parts)
            rows.append(entries)
    return Table.of(
        "labels" if chapter.labels else "classes",
        f"{group.caption}. Each {what}{against} ({seeds(group.with_results)}): rates in percent, precision "
        "blank where nothing is predicted to be of it.",
        rows,
        labels=2,
    )


def _against_rest(evaluation: Evaluation, place: int) -> LabelEvaluation:
    return LabelEvaluation(matrix=metrics.one_against_rest(evaluation.matrix, place), auc=None, roc=())


def lstm_layers(experiment: Experiment) -> str:
    """`1`, `2`, or `1, both ways`."""
    recurrent = [layer for layer in experiment.layers if layer.recurrent]
    both_ways = any(layer.directions == 2 for layer in recurrent)
    return f"{len(recurrent)}, both ways" if both_ways else str(len(recurrent))
