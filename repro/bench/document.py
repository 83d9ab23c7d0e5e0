"""What was measured, for readers: all tables in one Markdown document, and a summary."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from repro.bench import OTHERS, Section
from repro.bench.estimate import estimate
from repro.bench.results import Bench, Row
from repro.bench.tables import (
    LABELS,
    WAITED,
    Parts,
    arithmetic,
    data,
    evaluation,
    figures,
    full_size,
    ratio,
    start,
    sweep,
    table,
    training,
)
from repro.files import write_atomically
from repro.report.table import Table

MAKERS: dict[Section, list[Callable[[Parts], Table]]] = {
    "training": [training, arithmetic],
    "evaluation": [evaluation],
    "data": [data],
    "sweep": [sweep],
    "start": [start],
    "full size": [full_size],
}
"""What makes the tables of a section."""


def document(bench: Bench) -> str:
    """Everything, in Markdown."""
    parts = ["# What it costs, measured side by side", *about(bench)]
    for each in tables(bench):
        parts += [f"## {each.name}", each.files()[".md"].rstrip()]
    return "\n\n".join(parts) + "\n"


def write(bench: Bench, path: Path) -> Path:
    """Write the document, and its summary, beside the file of the bench; return the document's path.

    Raises ReproError if that fails.
    """
    write_atomically(path.with_suffix(".md"), document(bench).encode())
    write_atomically(path.with_name("summary.md"), summary(bench).files()[".md"].encode())
    return path.with_suffix(".md")


def about(bench: Bench) -> list[str]:
    """Where, when and with what it was measured: a paragraph each."""
    days = sorted(row.when[:10] for row in bench.rows)
    machine = f"{bench.machine['processor']}, {bench.machine['cores']} cores, {bench.machine['system']}"
    packages = ", ".join(f"{name} {version}" for name, version in bench.versions.items())
    openblas = [f" The fast engine multiplies with OpenBLAS {row.openblas}." for row in bench.rows if row.openblas]
    waited = max((row.amounts.get("waited", 0) for row in bench.rows), default=0)
    busy = f"Other work was on the cores: one thread alone waited for a core up to {waited:.0%} of its time."
    return [
        f"{machine}. {days[0] if days[0] == days[-1] else f'{days[0]} to {days[-1]}'}.",
        f"{packages}.{openblas[-1] if openblas else ''}",
        *([busy] if waited > WAITED else []),
    ]


def tables(bench: Bench) -> list[Table]:
    """The summary, the estimate, and the tables of each section, as far as they were measured."""
    made = [each for each in (summary(bench), estimate(bench)) if each and each.rows]
    for section, makers in MAKERS.items():
        if parts := {name: rows for (of, name), rows in bench.parts.items() if of == section}:
            made += [make(parts) for make in makers]
    return made


def summary(bench: Bench) -> Table:
    """The times that a reader asks for first, for each experiment that the fast engine and others trained."""
    rows: list[tuple[str, ...]] = []
    for (section, name), part in bench.parts.items():
        trained = {row.contestant: row for row in part if not row.skipped}
        if section != "training" or not ({"fast", "fast-1"} <= trained.keys() and set(OTHERS) & trained.keys()):
            continue
        mib = [f"{trained[each].peak_mib:,.0f}" for each in ("fast", "stock") if each in trained]
        predicted = {row.contestant: row for row in bench.parts.get(("evaluation", name), []) if not row.skipped}
        both = "fast" in predicted and set(OTHERS) & predicted.keys()
        rows.append(
            (
                name,
                *_beside_the_best(trained, "fast", "wall"),
                *_beside_the_best(trained, "fast-1", "cpu"),
                ", ".join(mib),
                _beside_the_best(predicted, "fast", "wall")[2] if both else "",
            )
        )
    return table(
        "summary",
        "Seconds of an epoch with the fast engine: wall time of a run on all cores, and processor time of a run on one "
        "thread. Best other: the least that stock Keras, XLA, JAX or PyTorch took, on their own threads, or PyTorch on "
        "one. ×: how many times as long the best other and stock Keras took. Prediction ×: the same for the test rows, "
        "in wall time.",
        (
            *("experiment", "wall s", "best other", "×", "stock ×"),
            *("CPU s", "best other", "×", "stock ×", "MiB: fast, stock", "prediction ×"),
        ),
        rows,
        labels=0,
    )


def _beside_the_best(rows: dict[str, Row], fast: str, clock: Literal["cpu", "wall"]) -> tuple[str, str, str, str]:
    """What `fast` took, the least that one of `OTHERS` took, and how many times as long that and stock Keras took."""
    best = {name: min(getattr(row, clock)) for name, row in rows.items()}
    taken, other = best[fast], min(best.keys() & OTHERS, key=lambda name: best[name])
    stock = ratio(best["stock"] / taken) if "stock" in best else ""
    return figures(taken), f"{figures(best[other])} {LABELS[other]}", ratio(best[other] / taken), stock
