"""The table of classes, each against all others, or of labels: sensitivity and specificity where there are many."""

from __future__ import annotations

from repro import metrics
from repro.evaluation import Evaluation, LabelEvaluation
from repro.report.cases import cases
from repro.report.measures import OF_A_CLASS, OF_A_LABEL, average, cells, deviation, rounded
from repro.report.table import Cell, Table
from repro.report.variants import Variant, seeds


def per_class(variant: Variant) -> Table:
    """Each class against all others, or each label: how well it is told, on each split but train."""
    of_labels = bool(variant.chapter.labels)
    names, kinds = (variant.chapter.labels, OF_A_LABEL) if of_labels else (variant.chapter.classes, OF_A_CLASS)
    rows: list[tuple[str, ...]] = []
    csv_rows: list[tuple[Cell, ...]] = []
    for case in cases(variant):
        for place, name in enumerate(names if case.split != "train" else ()):
            label = (case.experiment.name, case.split, name)
            parts = [
                evaluation.labels[name] if of_labels else _against_rest(evaluation, place) for evaluation in case.found
            ]
            positive = sum(row[1] for row in parts[0].matrix)
            rows.append((*label, str(positive), *cells(kinds, parts)))
            values = [[kind.of(part) for part in parts] for kind in kinds]
            numbers = [number for each in values for number in (average(each), deviation(each))]
            csv_rows.append((*label, positive, len(parts), *map(rounded, numbers)))
    what, against = ("label", "") if of_labels else ("class", " against all others")
    return Table(
        name="labels" if of_labels else "classes",
        caption=f"{variant.caption}. Each {what}{against} ({seeds(variant.with_results)}): rates in percent, precision "
        "blank where nothing is predicted to be of it.",
        headers=("model", "data", what, "rows", *(kind.name for kind in kinds)),
        rows=rows,
        csv_headers=(
            *("model", "data", what, "rows", "seeds"),
            *(f"{kind.name.lower()}_{number}" for kind in kinds for number in ("mean", "sd")),
        ),
        csv_rows=csv_rows,
        align=("left",) * 3 + ("right",) * (1 + len(kinds)),
        labels=2,
    )


def _against_rest(evaluation: Evaluation, place: int) -> LabelEvaluation:
    return LabelEvaluation(matrix=metrics.one_against_rest(evaluation.matrix, place), auc=None, roc=())
