"""What many seeds of every chapter take, from the measured times of one run."""

from __future__ import annotations

from collections import defaultdict

from repro.bench.results import Bench, Row
from repro.bench.tables import figures, table
from repro.report.table import Table

SEEDS = 100
MACHINES = {"2 cores": 2, "16 cores": 16, "64 cores": 64, "10 × 16 cores": 160}
"""Their cores, by what they are called."""


def cpu_of_a_run(train: Row, predict: Row, start: Row) -> float:
    """Processor time of one run with the source's epochs, seconds: start, training, validation and evaluation."""
    of_a_row = predict.cpu_best / predict.amounts["rows"]
    epochs = train.amounts["epochs"]
    predicted = epochs * predict.amounts["validation_rows"] + predict.amounts["evaluated_rows"]
    return start.cpu_best + epochs * train.cpu_best + predicted * of_a_row


def estimate(bench: Bench) -> Table | None:
    """The hours of a sweep on several machines, by chapter; None if no experiment was measured in all it takes."""
    who = ("fast-1", "compiled")
    rows = {(row.section, row.name): row for row in bench.rows if row.contestant in who and not row.skipped}
    starts = [row for (section, _), row in rows.items() if section == "start"]
    runs: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)  # seconds and MiB
    for (section, name), train in rows.items():
        predict = rows.get(("evaluation", name))
        if section == "training" and predict and starts:
            seconds = cpu_of_a_run(train, predict, starts[0])
            runs[name.partition("/")[0], train.data].append((seconds, max(train.peak_mib, predict.peak_mib)))
    if not runs:
        return None
    everything = {**runs, ("all", ""): [each for chapter in runs.values() for each in chapter]}
    return table(
        "estimate",
        f"Hours that {SEEDS} seeds of each experiment take with the fast engine and the source's epochs, on the data "
        "that stand here (a complete set takes longer than a sample): start, training, validation and evaluation, as "
        "measured on one thread. Assumed: a core of these machines is as fast as one of this machine, also if all are "
        "busy; each run starts processes of its own; runs divide evenly among the cores, but each takes only one. "
        "MiB: the most memory of a run; a machine needs it once for each core.",
        ("chapter", "data", "experiments", "MiB", "CPU hours", *MACHINES),
        [
            (
                *(chapter, data, str(len(each)), f"{max(mib for _, mib in each):.0f}"),
                figures(SEEDS * sum(seconds for seconds, _ in each) / 3600),
                *(
                    figures(max(SEEDS * sum(seconds for seconds, _ in each) / cores, max(each)[0]) / 3600)
                    for cores in MACHINES.values()
                ),
            )
            for (chapter, data), each in everything.items()
        ],
        labels=1,
    )
