"""What was measured, for readers: tables, and all of them in one Markdown document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from repro.bench import CONTESTANTS, Section
from repro.bench.results import Bench, Row
from repro.files import write_atomically
from repro.report.table import Table
from repro.runs.progress import duration

Parts = Mapping[str, Sequence[Row]]
"""The rows of a section by the name of their part."""

WAITED = 0.05
"""The document mentions waiting if its share of the time is above this."""

TIMES = "CPU: processor time of all threads. ×: how many times as long Keras as installed took, best to best."
TIMES_HEADERS = ("CPU s", "median", "wall s", "median", "CPU ×", "wall ×")

LABELS = {name: contestant.label for name, contestant in CONTESTANTS.items()} | {
    "suite": "this suite",
    "keras": "Keras",
    "kept": "kept arrays opened",
}


def document(bench: Bench) -> str:
    """Everything, in Markdown."""
    parts = ["# What it costs, measured side by side", *about(bench)]
    for table in tables(bench):
        parts += [f"## {table.name}", table.files()[".md"].rstrip()]
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
    """A table for each section that was measured; two for training."""
    makers: dict[Section, list[Callable[[Parts], Table]]] = {
        "training": [training, arithmetic],
        "evaluation": [evaluation],
        "data": [data],
        "sweep": [sweep],
        "full size": [full_size],
    }
    made = []
    for section, makers_of in makers.items():
        if parts := {name: rows for (of, name), rows in bench.parts.items() if of == section}:
            made += [make(parts) for make in makers_of]
    return made


def summary(bench: Bench) -> Table:
    """The times that a reader asks for first, for each experiment that the fast engine and stock Keras trained."""
    rows: list[tuple[str, ...]] = []
    for (section, name), part in bench.parts.items():
        times = {row.contestant: row for row in part if not row.skipped}
        if section != "training" or not {"fast", "stock"} <= times.keys():
            continue
        fast, stock = times["fast"], times["stock"]
        scale = fast.amounts["epoch_rows"] / fast.amounts["rows"]
        others = [times[other] for other in ("stock-xla", "stock-jax", "torch-1") if other in times]
        predicted = {row.contestant: row for row in bench.parts.get(("evaluation", name), []) if not row.skipped}
        both = {"fast", "stock"} <= predicted.keys()
        rows.append(
            (
                *(name, _seconds(scale * fast.cpu_best), _seconds(scale * stock.cpu_best), *_ratios(fast, stock)),
                ", ".join(_seconds(scale * other.cpu_best) for other in others),
                f"{fast.peak_mib:,.0f}, {stock.peak_mib:,.0f}",
                _ratios(predicted["fast"], predicted["stock"])[0] if both else "",
            )
        )
    return _table(
        "summary",
        f"Seconds of processor time of an epoch, and how many times as long stock Keras took. {TIMES}",
        (
            "experiment",
            "fast",
            "stock Keras",
            "CPU ×",
            "wall ×",
            "XLA, JAX, PyTorch",
            "MiB: fast, stock",
            "prediction ×",
        ),
        rows,
        labels=0,
    )


def training(parts: Parts) -> Table:
    """The time of an epoch of each experiment by contestant."""
    notes = dict.fromkeys(row.note for row in _timed(parts) if row.note)
    waited = any(row.amounts["waited"] > WAITED and row.contestant == "torch" for row in _timed(parts))
    busy = "PyTorch's threads keep the cores busy while they wait for one another, longer where other work is there too"
    return _table(
        "training",
        f"{_rounds(parts)}, for an epoch without validation. Some batches were measured, the same for all, with rows "
        f"as long as the others on average; the times are scaled to the epoch. {TIMES} The fast engine and what is "
        "marked so run on one thread, the others on as many as they take by themselves. The fast engine and the "
        "reference engine (Keras, one thread) compute with the numerics of the source, the others as installed. MiB: "
        "the most memory of the process, which held the measured batches only."
        + _sentences([*notes, *([busy] if waited else []), *_skipped(parts)]),
        ("experiment", "data", "batches", "", *TIMES_HEADERS, "MiB"),
        [
            (*cells, f"{row.peak_mib:.0f}")
            for row, cells in _beside(parts, "stock", "{batches:,} of {epoch_batches:,}", scaled=True)
        ],
    )


def arithmetic(parts: Parts) -> Table:
    """The arithmetic of training as a share of what the machine can do."""
    rows: list[tuple[str, ...]] = []
    for row in _timed(parts):
        amounts = row.amounts
        flop = amounts["steps"] * amounts["flop"]  # of a row
        machine, reached = amounts["rate"], amounts["rows"] * flop / row.cpu_best
        of_words = f"{amounts['words'] * amounts['flop'] / row.cpu_best / machine:.1%}"
        rows.append(
            (
                *(row.name, f"{amounts['epoch_rows'] * flop / 1e9:.0f}", f"{machine / 1e9:.0f}"),
                *(LABELS[row.contestant], f"{reached / 1e9:.1f}", f"{reached / machine:.1%}"),
                of_words if row.contestant == "fast" else "",
            )
        )
    return _table(
        "arithmetic",
        "GFLOP: what the LSTM layers' matrix products take in an epoch, 2 × weights × 3 for each step of each row. "
        "Rate: the GFLOP/s of one thread in a float32 product of 2048 × 2048 matrices. GFLOP/s: what each contestant "
        "reached per second of processor time, if all steps of all rows are counted; of all steps: its share of the "
        "rate. The fast engine skips padding: the last column is its share if words alone are counted.",
        ("experiment", "GFLOP", "rate", "", "GFLOP/s", "of all steps", "of the words"),
        rows,
    )


def evaluation(parts: Parts) -> Table:
    """The time in which a model predicts the test rows."""
    return _table(
        "evaluation",
        f"{_rounds(parts)}, for predicting the test rows, or as many as stand here. Stock Keras predicts 500 at once. "
        f"{TIMES}" + _sentences(_skipped(parts)),
        ("experiment", "data", "rows", "", *TIMES_HEADERS),
        [cells for _, cells in _beside(parts, "stock", "{rows:,} of {of_rows:,}")],
    )


def data(parts: Parts) -> Table:
    """The time from texts to arrays."""
    made = {(row.name, row.contestant): row.sha256 for row in _timed(parts)}
    unequal = [f"the arrays of {name} are not equal" for name in parts if made[name, "suite"] != made[name, "keras"]]
    return _table(
        "data",
        f"{_rounds(parts)}, for making padded arrays from texts in memory (reviews: from their file of numbers), by "
        f"this suite and by Keras' load_data, legacy Tokenizer, hashing_trick and pad_sequences. {TIMES}"
        + _sentences(unequal or ["both made the same arrays"]),
        ("chapter", "data", "texts", "", *TIMES_HEADERS),
        [cells for _, cells in _beside(parts, "keras", "{texts}")],
    )


def sweep(parts: Parts) -> Table:
    """The time that several seeds take, to the end of their evaluation."""
    ((fast, stock),) = parts.values()
    seeds, workers, epochs = (fast.amounts[name] for name in ("seeds", "workers", "epochs"))
    rows = [
        (f"fast, {workers} workers", f"{epochs} of {epochs}", fast),
        ("stock Keras, one after the other", f"{fast.amounts['stock_epochs']} of {epochs}", stock),
    ]
    return _table(
        "sweep",
        f"{seeds} seeds of {fast.name} on {fast.data} data, each {epochs} epochs with validation, then evaluation on "
        "train and test: the time from the start of the first process to the end of the last. The fast engine works "
        "under repro run, which writes records and weights too. With stock Keras, later epochs are taken to last as "
        "long as those timed.",
        ("", "epochs timed", "CPU s", "wall s", "runs an hour", "CPU ×", "wall ×"),
        [
            (
                *(label, timed, _seconds(row.cpu_best), _seconds(row.wall_best)),
                *(f"{3600 * seeds / row.wall_best:.0f}", *_ratios(row, stock)),
            )
            for label, timed, row in rows
        ],
        labels=0,
    )


def full_size(parts: Parts) -> Table:
    """The time of an epoch at the size of its source."""
    ((row,),) = parts.values()
    printed = row.amounts["printed_seconds"]
    return _table(
        "full size",
        f"An epoch of {row.name.partition('/')[0]} with validation, on as many rows as its source had, by the fast "
        f"engine. Words are made up, lengths are drawn from the data ({row.data}). The source printed "
        f"{duration(printed)} for its epoch, on its own machine.",
        ("rows", "words", "validation rows", "CPU s", "wall s", "MiB", "printed s"),
        [
            (
                *(str(row.amounts[name]) for name in ("rows", "words", "validation_rows")),
                *(_seconds(row.cpu_best), _seconds(row.wall_best), f"{row.peak_mib:.0f}", f"{printed:.0f}"),
            )
        ],
        labels=0,
    )


def _timed(parts: Parts) -> list[Row]:
    return [row for part in parts.values() for row in part if not row.skipped]


def _rounds(parts: Parts) -> str:
    rounds = sorted({row.rounds for row in _timed(parts)})
    return (
        "Seconds" if rounds == [1] else f"Seconds, best and median of {' or '.join(map(str, rounds))} rounds in turns"
    )


def _skipped(parts: Parts) -> list[str]:
    """Who took no part and why; with the names of the parts, unless it was all of them."""
    where: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, part in parts.items():
        for row in part:
            if row.skipped:
                where[LABELS[row.contestant], row.skipped].append(name)
    some = {who: "" if len(names) == len(parts) else f" in {', '.join(names)}" for who, names in where.items()}
    return [f"{label} did not take part{names}: {why}" for (label, why), names in some.items()]


def _sentences(notes: Iterable[str]) -> str:
    return "".join(f" {note[0].upper()}{note[1:]}." for note in notes)


def _beside(parts: Parts, base: str, amount: str, *, scaled: bool = False) -> Iterator[tuple[Row, tuple[str, ...]]]:
    """Rows with their cells: amount of work, contestant, times, and how many times as long the contestant `base` took.

    amount: how the amount of work is written, a format of `Row.amounts`. scaled: the times are scaled to an epoch.
    """
    for row in _timed(parts):
        scale = row.amounts["epoch_rows"] / row.amounts["rows"] if scaled else 1
        times = (_seconds(scale * each) for each in (row.cpu_best, row.cpu_median, row.wall_best, row.wall_median))
        ratios = [_ratios(row, other) for other in _timed({row.name: parts[row.name]}) if other.contestant == base]
        label = (row.name, row.data, amount.format(**row.amounts), LABELS[row.contestant])
        yield row, (*label, *times, *(ratios or [("", "")])[0])


def _ratios(row: Row, base: Row) -> tuple[str, str]:
    cpu, wall = base.cpu_best / row.cpu_best, base.wall_best / row.wall_best
    return _ratio(cpu), _ratio(wall)


def _ratio(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio < 100 else f"{ratio:.0f}"


def _seconds(seconds: float) -> str:
    """Three figures: `137`, `13.7`, `1.37`, `0.137`."""
    places = 0 if seconds >= 100 else 1 if seconds >= 10 else 2 if seconds >= 1 else 3
    return f"{seconds:.{places}f}"


def _table(name: str, caption: str, headers: tuple[str, ...], rows: list[tuple[str, ...]], *, labels: int = 3) -> Table:
    """A table for readers: programs read the JSON file. The columns of labels and the next one stand to the left.

    A number in these columns has no comma: tabulate cannot wrap such cells.
    """
    left = labels + 1
    align = ("left",) * left + ("right",) * (len(headers) - left)
    return Table(name, caption, headers, rows, csv_headers=(), csv_rows=[], align=align, labels=labels)
