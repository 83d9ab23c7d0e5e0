"""The tables of a chapter, from its records alone: the same records give the same bytes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from repro import metrics
from repro.chapter import Experiment
from repro.evidence.claims import Verdict, verdicts
from repro.report import table
from repro.report.cases import cases
from repro.report.measures import as_evaluation, average, cells, deviation, measures, rounded, spread, values
from repro.report.per_class import per_class
from repro.report.printed import printed_values
from repro.report.table import Cell, Table
from repro.report.variants import Variant, seeds


def tables(variant: Variant) -> list[Table]:
    """The comparison with the source, confusion matrices, and what else the chapter and its records give.

    That is: classes or labels one by one, if they are more than two; what else the source printed of its run; its
    claims. The last two, not of the embedded corpus.
    """
    chapter = variant.chapter
    found = [comparison(variant), confusion(variant)]
    if (len(chapter.classes) > 2 or chapter.labels) and variant.held_out:
        found.append(per_class(variant))
    if variant.beside_source and chapter.values:
        found.append(printed_values(variant))
    if variant.beside_source and (chapter.claims or chapter.data_claims):
        found.append(claims(variant))
    return found


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
    together = ", of all labels together" if variant.chapter.labels else ""
    return Table(
        name="comparison",
        caption=f"{variant.caption}. Loss, and rates in percent{together}; ours: mean ± standard deviation over seeds."
        + _evaluated(variant)
        + _extras(variant)
        + _repeated(variant),
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


def _evaluated(variant: Variant) -> str:
    """What the source evaluates on, where that is not the test rows."""
    headline = variant.chapter.headline
    return f" The source evaluates on {headline}." if headline != "test" and headline in variant.splits else ""


def _extras(variant: Variant) -> str:
    """What this suite adds to the source."""
    extras = variant.chapter.extras
    return f" Extras of ours: {'; '.join(extras)}." if extras else ""


def _repeated(variant: Variant) -> str:
    """What `unseen` means, with the share of the test rows that it leaves out."""
    if "unseen" not in variant.splits:
        return ""
    evaluation = variant.with_results[0].evaluation
    share = 1 - metrics.total(evaluation["unseen"].matrix) / metrics.total(evaluation["test"].matrix)
    return f" {share:.1%} of the test texts occur in training too, when they are prepared; unseen: the others."


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


def claims(variant: Variant) -> Table:
    """What the source concluded, and in how many seeds our runs bear it out; and what it says of its data."""
    found = verdicts(variant.chapter, (*variant.records, *variant.others))
    rows: list[tuple[str, ...]] = [(v.claim.text, _holds_in(v)) for v in found]
    csv_rows: list[tuple[Cell, ...]] = [
        (v.claim.text, v.claim.place, v.claim.assumed, "; ".join(map(str, v.claim.needs)), v.holds, v.seeds)
        for v in found
    ]
    for claim in variant.chapter.data_claims:
        holds = None if variant.description is None else claim.holds(variant.description)
        rows.append((claim.text, {True: "in the data", False: "not in the data", None: "not counted yet"}[holds]))
        csv_rows.append((claim.text, claim.place, "", "the data", None if holds is None else int(holds), None))
    return Table(
        name="claims",
        caption=f"{variant.caption}. The source's claims, and in how many seeds our runs bear them out."
        + " What the source says can happen is shown by one seed." * any(v.claim.exists for v in found),
        headers=("claim", "holds in"),
        rows=rows,
        csv_headers=("claim", "place", "assumed", "needs", "holds", "seeds"),
        csv_rows=csv_rows,
        align=("left", "right"),
        labels=0,
    )


def _holds_in(verdict: Verdict) -> str:
    if not verdict.seeds:
        return "no runs yet"
    return f"{'seen in ' * verdict.claim.exists}{verdict.holds} of {verdict.seeds}"


def write(made: Iterable[Table], variant: Variant, results: Path) -> Path:
    """Write the tables of a variant in all their forms; returns their folder. Raises ReproError if it fails."""
    return table.write(made, results / "tables" / variant.chapter.name / variant.name)


def lstm_layers(experiment: Experiment) -> str:
    """`1`, `2`, or `1, both ways`."""
    recurrent = [layer for layer in experiment.layers if layer.recurrent]
    both_ways = any(layer.directions == 2 for layer in recurrent)
    return f"{len(recurrent)}, both ways" if both_ways else str(len(recurrent))
