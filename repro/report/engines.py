"""The fast engine's trainings beside the reference's: equal in distribution?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from statistics import mean, stdev

from repro.evaluation import Split
from repro.records import Record
from repro.report.measures import ACCURACY, LOSS, complete, rounded
from repro.report.table import Table

SPLIT: Split = "test"
MEASURES = (LOSS, ACCURACY)
FEWEST = 2
"""Runs of each engine."""


def engines(records: Iterable[Record]) -> Table | None:
    """Each model that both trained with the same data, numerics and epochs: means, and a test; None if there is none.

    The test is Kolmogorov's and Smirnov's of two samples, exact: p is the probability of distribution functions of the
    samples that are as far apart, or further, where both are samples of one distribution.
    """
    from scipy.stats import ks_2samp

    by_model: dict[tuple[str, ...], dict[str, list[Record]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        if record.engine in ("fast", "keras") and SPLIT in record.evaluation:
            made = record.settings
            key = (record.experiment, record.data.label, made.numerics, str(made.epochs))
            by_model[f"{record.chapter}/{key[0]}", *key[1:], record.data.sha256][record.engine].append(record)

    rows, csv_rows = [], []
    for (model, label, numerics, epochs, _), found in by_model.items():
        fast, keras = found["fast"], found["keras"]
        if min(len(fast), len(keras)) < FEWEST:
            continue
        for measure in MEASURES:
            samples = [complete([measure.of(record.evaluation[SPLIT]) for record in each]) for each in (keras, fast)]
            p = float(ks_2samp(*samples, method="exact").pvalue)
            shown = [measure.cell([record.evaluation[SPLIT] for record in each]) for each in (keras, fast)]
            counts = f"{len(keras)} and {len(fast)}"
            rows.append((model, numerics, counts, measure.name, *shown, f"{p:.2f}"))
            numbers = [number for sample in samples for number in (mean(sample), stdev(sample))]
            csv_rows.append(
                (model, label, numerics, epochs, measure.name, len(keras), len(fast), *map(rounded, [*numbers, p]))
            )
    if not rows:
        return None
    return Table(
        name="engines",
        caption="Whole trainings by Keras on TensorFlow, the reference, and by the fast engine, of the same models on "
        "the same data with the same seeds: loss and accuracy (in percent) on test, mean ± standard deviation over "
        "seeds; p: the two-sample Kolmogorov-Smirnov test, exact.",
        headers=("model", "numerics", "runs", "measure", "keras", "fast", "p"),
        rows=rows,
        csv_headers=(
            *("model", "data", "numerics", "epochs", "measure", "runs_keras", "runs_fast"),
            *("keras_mean", "keras_sd", "fast_mean", "fast_sd", "p"),
        ),
        csv_rows=csv_rows,
        align=("left",) * 4 + ("right",) * 3,
        labels=3,
    )
