"""The tables of a chapter, from its records alone: the same records give the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import NamedTuple

from repro.chapter import Experiment, PrintedResult, Split
from repro.evidence import verdicts
from repro.records import Evaluation, Record
from repro.report import table
from repro.report.table import Cell, Table
from repro.report.variants import Variant, seeds

MEASURES = ("loss", "accuracy", "specificity", "sensitivity")
SPLITS: tuple[Split, ...] = ("train", "test")


def tables(variant: Variant) -> list[Table]:
    """The comparison with the source, the confusion matrices, and, where they can be compared, the claims."""
    found = [comparison(variant), confusion(variant)]
    return [*found, claims(variant)] if variant.comparable and variant.chapter.claims else found


class Case(NamedTuple):
    """One model on one split: what the source printed, if that may be shown, and our records by seed."""

    experiment: Experiment
    split: Split
    source: PrintedResult | None
    records: list[Record]


def cases(variant: Variant) -> Iterator[Case]:
    """Every model that has records, on train and on test."""
    for experiment in variant.chapter.experiments:
        if records := variant.of(experiment.name):
            for split in SPLITS:
                yield Case(experiment, split, variant.printed(experiment.name, split), records)


def comparison(variant: Variant) -> Table:
    """Loss, accuracy, specificity, sensitivity of each model on each split: the source's and ours over seeds."""
    rows: list[tuple[str, ...]] = []
    csv_rows: list[tuple[Cell, ...]] = []
    for experiment, split, source, records in cases(variant):
        label = (experiment.name, lstm_layers(experiment), experiment.optimizer, split)
        if source:
            rows.append((*label, "source", *cells_of([[number] for number in measured(source)])))
        ours = list(zip(*(measured(record.evaluation[split]) for record in records), strict=True))
        rows.append((*label, seeds(records), *cells_of(ours)))
        printed = measured(source) if source else (None,) * len(MEASURES)
        numbers = [(p, mean(values), deviation(values)) for p, values in zip(printed, ours, strict=True)]
        csv_rows.append((*label, len(records), *(rounded(number) for three in numbers for number in three)))
    kinds = [f"{measure}_{kind}" for measure in MEASURES for kind in ("printed", "mean", "sd")]
    return Table(
        name="comparison",
        caption=f"{variant.caption}. Loss, and rates in percent; ours: mean ± standard deviation over seeds.",
        headers=("model", "LSTM layers", "optimizer", "data", "from", *MEASURES),
        rows=rows,
        csv_headers=("model", "lstm_layers", "optimizer", "data", "seeds", *kinds),
        csv_rows=csv_rows,
        align=("left",) * 5 + ("right",) * 4,
        labels=4,
    )


def confusion(variant: Variant) -> Table:
    """The confusion matrix of each model on each split, as R's `table(Predicted, Actual)`: rows predicted."""
    classes = range(len(variant.chapter.classes))
    rows: list[tuple[str, ...]] = []
    csv_rows: list[tuple[Cell, ...]] = []
    for experiment, split, source, records in cases(variant):
        label = (experiment.name, split)
        ours = [(f"seed {record.seed}", record.evaluation[split].matrix) for record in records]
        known = [("source", source.matrix), *ours] if source else ours
        csv_rows += [(*label, who, predicted, *matrix[predicted]) for who, matrix in known for predicted in classes]
        if source:
            rows += [(*label, "source", str(predicted), *map(str, source.matrix[predicted])) for predicted in classes]
        for predicted in classes:
            cells = [spread([matrix[predicted][actual] for _, matrix in ours], 1) for actual in classes]
            rows.append((*label, seeds(records), str(predicted), *cells))
    headers = tuple(f"Actual {actual}" for actual in classes)
    return Table(
        name="confusion",
        caption=f"{variant.caption}. Rows predicted, columns actual; "
        + ", ".join(f"{number} = {name}" for number, name in enumerate(variant.chapter.classes)),
        headers=("model", "data", "from", "Predicted", *headers),
        rows=rows,
        csv_headers=("model", "data", "from", "predicted", *(f"actual_{actual}" for actual in classes)),
        csv_rows=csv_rows,
        align=("left",) * 4 + ("right",) * len(headers),
        labels=3,
    )


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
    """Write the tables of a variant in all their forms; returns their folder. Raises ReproError if that fails."""
    return table.write(made, results / "tables" / variant.chapter.name / variant.name)


def measured(outcome: PrintedResult | Evaluation) -> tuple[float, ...]:
    """Loss, accuracy, specificity and sensitivity, as `MEASURES` names them."""
    return tuple(getattr(outcome, measure) for measure in MEASURES)


def cells_of(values: Sequence[Sequence[float]]) -> list[str]:
    """The cells of one row of the comparison, rates in percent, from the values of each measure over seeds."""
    loss, *rates = values
    return [spread(loss, 4), *(spread([100 * rate for rate in each], 2) for each in rates)]


def lstm_layers(experiment: Experiment) -> str:
    """`1`, `2`, or `1, both ways`."""
    recurrent = [layer for layer in experiment.layers if layer.recurrent]
    both_ways = any(layer.kind == "Bidirectional" for layer in recurrent)
    return f"{len(recurrent)}, both ways" if both_ways else str(len(recurrent))


def deviation(values: Sequence[float]) -> float | None:
    """The standard deviation of a sample; None for a single value."""
    return stdev(values) if len(values) > 1 else None


def spread(values: Sequence[float], places: int) -> str:
    """`mean ± standard deviation`, or the value itself if there is one."""
    if len(values) == 1:
        return str(values[0]) if isinstance(values[0], int) else f"{values[0]:.{places}f}"
    return f"{mean(values):.{places}f} ± {stdev(values):.{places}f}"


def rounded(number: float | None) -> float | None:
    """To seven places, so that the last digits of a sum do not depend on its order."""
    return None if number is None else round(number, 7)
