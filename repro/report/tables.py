"""The tables of a chapter, from its records alone: the same records give the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import isfinite
from pathlib import Path
from typing import NamedTuple, get_args

from repro import metrics
from repro.chapter import Experiment, PrintedResult, Split
from repro.evidence import COVERAGE, prediction_interval, verdicts
from repro.records import Evaluation, Record
from repro.report import table
from repro.report.measures import as_evaluation, average, cells, deviation, measures, rounded, spread, values
from repro.report.table import Cell, Table
from repro.report.variants import Variant, seeds

SPLITS: tuple[Split, ...] = get_args(Split)


def tables(variant: Variant) -> list[Table]:
    """The comparison with the source, the confusion matrices, the classes or labels one by one if they are more than
    two, what else the source printed of its runs, and its claims, where they can be compared."""
    chapter = variant.chapter
    found = [comparison(variant), confusion(variant)]
    if len(chapter.classes) > 2 or chapter.labels:
        found.append(one_by_one(variant))
    if chapter.values and variant.epochs is None and variant.data != "embedded":
        found.append(printed_values(variant))
    return [*found, claims(variant)] if variant.comparable and chapter.claims else found


class Case(NamedTuple):
    """One model on one split: what the source printed, if that may be shown, and our records by seed."""

    experiment: Experiment
    split: Split
    source: PrintedResult | None
    records: list[Record]

    @property
    def found(self) -> list[Evaluation]:
        """Ours, by seed."""
        return [record.evaluation[self.split] for record in self.records]


def cases(variant: Variant) -> Iterator[Case]:
    """Every model on each split that its records were evaluated on."""
    for experiment in variant.chapter.experiments:
        records = variant.evaluated(experiment.name)
        for split in SPLITS:
            if records and split in records[0].evaluation:
                yield Case(experiment, split, variant.printed(experiment.name, split), records)


def comparison(variant: Variant) -> Table:
    """The measures of each model on each split: the source's and ours over seeds."""
    kinds = measures(variant.chapter)
    rows: list[tuple[str, ...]] = []
    csv_rows: list[tuple[Cell, ...]] = []
    for case in cases(variant):
        label = (case.experiment.name, lstm_layers(case.experiment), case.experiment.optimizer, case.split)
        printed: list[float | None] = [None] * len(kinds)
        if case.source:
            source = as_evaluation(case.source)
            printed = values(kinds, source)
            rows.append((*label, "source", *cells(kinds, [source])))
        rows.append((*label, seeds(case.records), *cells(kinds, case.found)))
        numbers: list[float | None] = []
        for kind, number in zip(kinds, printed, strict=True):
            ours = [kind.of(each) for each in case.found]
            numbers += [number, average(ours), deviation(ours)]
        csv_rows.append((*label, len(case.records), *map(rounded, numbers)))
    columns = [kind.name.replace(" ", "_").lower() for kind in kinds]
    return Table(
        name="comparison",
        caption=f"{variant.caption}. Loss, and rates in percent; ours: mean ± standard deviation over seeds.",
        headers=("model", "LSTM layers", "optimizer", "data", "from", *(kind.name for kind in kinds)),
        rows=rows,
        csv_headers=(
            *("model", "lstm_layers", "optimizer", "data", "seeds"),
            *(f"{column}_{what}" for column in columns for what in ("printed", "mean", "sd")),
        ),
        csv_rows=csv_rows,
        align=("left",) * 5 + ("right",) * len(kinds),
        labels=4,
    )


def confusion(variant: Variant) -> Table:
    """The confusion matrix of each model on each split, as R's `table(Predicted, Actual)`: rows predicted."""
    classes = range(len(variant.chapter.classes))
    rows: list[tuple[str, ...]] = []
    csv_rows: list[tuple[Cell, ...]] = []
    for case in cases(variant):
        label, source = (case.experiment.name, case.split), case.source
        ours = [(f"seed {record.seed}", record.evaluation[case.split].matrix) for record in case.records]
        known = [("source", source.matrix), *ours] if source else ours
        csv_rows += [(*label, who, predicted, *matrix[predicted]) for who, matrix in known for predicted in classes]
        if source:
            rows += [(*label, "source", str(predicted), *map(str, source.matrix[predicted])) for predicted in classes]
        for predicted in classes:
            counts = [spread([matrix[predicted][actual] for _, matrix in ours], 1) for actual in classes]
            rows.append((*label, seeds(case.records), str(predicted), *counts))
    headers = tuple(f"Actual {actual}" for actual in classes)
    together = ", of all labels together" if variant.chapter.labels else ""
    return Table(
        name="confusion",
        caption=f"{variant.caption}. Rows predicted, columns actual{together}; "
        + ", ".join(f"{number} = {name}" for number, name in enumerate(variant.chapter.classes)),
        headers=("model", "data", "from", "Predicted", *headers),
        rows=rows,
        csv_headers=("model", "data", "from", "predicted", *(f"actual_{actual}" for actual in classes)),
        csv_rows=csv_rows,
        align=("left",) * 4 + ("right",) * len(headers),
        labels=3,
    )


class Part(NamedTuple):
    """A class against all others, or a label: its counts, as of two classes, and its AUC if it has one."""

    matrix: metrics.Counts
    auc: float | None

    @property
    def rows(self) -> float:
        """How many rows are of the class, or have the label."""
        return sum(row[1] for row in self.matrix)


def one_by_one(variant: Variant) -> Table:
    """Each class against all others, or each label: how well it is told, on each split but train."""
    labels = bool(variant.chapter.labels)
    names = variant.chapter.labels or variant.chapter.classes
    rates: dict[str, Callable[[Part], float | None]] = {
        "sensitivity": lambda part: metrics.sensitivity(part.matrix),
        "specificity": lambda part: metrics.specificity(part.matrix),
        "precision": lambda part: metrics.precision(part.matrix, 1),
        "F1": lambda part: metrics.f1(part.matrix, 1),
    }
    rows: list[tuple[str, ...]] = []
    csv_rows: list[tuple[Cell, ...]] = []
    for case in cases(variant):
        if case.split == "train":
            continue
        for place, name in enumerate(names):
            parts = [_part(found, place, name) for found in case.found]
            label = (case.experiment.name, case.split)
            found = {
                rate: [number if number is not None and isfinite(number) else None for number in map(of, parts)]
                for rate, of in rates.items()
            }
            aucs = [part.auc for part in parts]
            shown = [spread([n and 100 * n for n in numbers], 2) for numbers in found.values()]
            rows.append((*label, name, f"{parts[0].rows:,}", *shown, *([spread(aucs, 4)] if labels else [])))
            numbers = [n for each in found.values() for n in (average(each), deviation(each))]
            numbers += [average(aucs), deviation(aucs)] if labels else []
            csv_rows.append((*label, name, parts[0].rows, len(parts), *map(rounded, numbers)))
    headers = [*rates, *(["AUC"] if labels else [])]
    what = "label" if labels else "class"
    against = "" if labels else " against all others"
    return Table(
        name="labels" if labels else "classes",
        caption=f"{variant.caption}. Each {what}{against} ({seeds(variant.records)}), rates in percent.",
        headers=("model", "data", what, "rows", *headers),
        rows=rows,
        csv_headers=(
            *("model", "data", what, "rows", "seeds"),
            *(f"{header.lower()}_{kind}" for header in headers for kind in ("mean", "sd")),
        ),
        csv_rows=csv_rows,
        align=("left",) * 3 + ("right",) * (1 + len(headers)),
        labels=2,
    )


def _part(found: Evaluation, place: int, name: str) -> Part:
    if found.labels:
        return Part(found.labels[name].matrix, found.labels[name].auc)
    return Part(metrics.one_against_rest(found.matrix, place), None)


def printed_values(variant: Variant) -> Table:
    """What the source printed of its run and the same of ours; with several seeds, whether the source's fits in."""
    rows: list[tuple[str, ...]] = []
    csv_rows: list[tuple[Cell, ...]] = []
    for value in variant.chapter.values:
        records = variant.evaluated(value.experiment)
        if not records:
            continue
        ours = [number if isfinite(number := value.ours(record)) else None for record in records]
        scale = 100 if value.unit == "%" else 1
        low, high = _interval(ours) if variant.comparable else (None, None)
        fits = "" if low is None or high is None else "yes" if low <= value.value / scale <= high else "no"
        unit = f" {value.unit}".rstrip()
        shown = spread(
            [number and scale * number for number in ours], max(value.places, 2) if scale == 100 else value.places
        )
        rows.append(
            (value.experiment, value.what, f"{value.value:,.{value.places}f}{unit}", shown and shown + unit, fits)
        )
        csv_rows.append(
            (
                value.experiment,
                value.what,
                value.value / scale,
                len(records),
                *map(rounded, (average(ours), deviation(ours), low, high)),
            )
        )
    beside = "" if variant.comparable else ", which had the complete data"
    return Table(
        name="printed",
        caption=f"{variant.caption}. What the source printed of its run{beside}, and the same of ours "
        f"({seeds(variant.records)}); fits: whether it lies where one more run of ours would with a probability of "
        f"{COVERAGE:.0%}.",
        headers=("model", "what", "source", "ours", "fits"),
        rows=rows,
        csv_headers=("model", "what", "printed", "seeds", "mean", "sd", "low", "high"),
        csv_rows=csv_rows,
        align=("left", "left", "right", "right", "left"),
        labels=1,
    )


def _interval(numbers: list[float | None]) -> tuple[float | None, float | None]:
    known = [number for number in numbers if number is not None]
    return prediction_interval(known) if len(known) == len(numbers) > 1 else (None, None)


def claims(variant: Variant) -> Table:
    """What the source concluded, and in how many seeds our runs bear it out."""
    found = verdicts(variant.chapter, variant.records)
    return Table(
        name="claims",
        caption=f"{variant.caption}. The source's claims, and in how many seeds our runs bear them out.",
        headers=("claim", "holds in"),
        rows=[(v.claim.text, f"{v.holds} of {v.seeds}") for v in found],
        csv_headers=("claim", "assumed", "holds", "seeds"),
        csv_rows=[(v.claim.text, v.claim.assumed, v.holds, v.seeds) for v in found],
        align=("left", "right"),
        labels=0,
    )


def write(made: Iterable[Table], variant: Variant, results: Path) -> Path:
    """Write the tables of a variant in all their forms; returns their folder. Raises ReproError if it fails."""
    return table.write(made, results / "tables" / variant.chapter.name / variant.name)


def lstm_layers(experiment: Experiment) -> str:
    """`1`, `2`, or `1, both ways`."""
    recurrent = [layer for layer in experiment.layers if layer.recurrent]
    both_ways = any(layer.kind == "Bidirectional" for layer in recurrent)
    return f"{len(recurrent)}, both ways" if both_ways else str(len(recurrent))
