"""What was measured, for readers: tables, and all of them in one Markdown document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from repro.bench.contestants import CONTESTANTS
from repro.report.table import Table
from repro.runs.progress import duration

if TYPE_CHECKING:
    from repro.bench.found import Found, FullSize, Prediction, Preparation, Sweep, Swept, Times, Training

STOCK = "stock"
"""What the others are held against."""

WAITED = 0.05
"""A share of waiting that is worth a line."""

TIMES_HEADERS = ("CPU s", "median", "wall s", "median", "CPU ×", "wall ×")

LABELS: dict[str, str] = {name: contestant.label for name, contestant in CONTESTANTS.items()}


def document(found: Found) -> str:
    """All of it, in Markdown."""
    parts = ["# What it costs, measured side by side", *about(found)]
    for table in tables(found):
        parts += [f"## {table.name}", table.files()[".md"].rstrip()]
    return "\n\n".join(parts) + "\n"


def about(found: Found) -> list[str]:
    """Where, when and with what: a paragraph each."""
    first, last = (found.whens[i][:10] for i in (0, -1))
    machine = f"{found.machine['processor']}, {found.machine['cores']} cores, {found.machine['system']}"
    packages = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    openblas = f" The fast engine multiplies with OpenBLAS {found.openblas}." if found.openblas else ""
    waited = max((each.waited for each in found.training.values()), default=0.0)
    busy = f"Other work was on the cores: while training, one thread waited for them up to {waited:.0%} of its time."
    return [
        f"{machine}. {first if first == last else f'{first} to {last}'}.",
        f"{packages}.{openblas}",
        *([busy] if waited > WAITED else []),
    ]


def tables(found: Found) -> list[Table]:
    """Of what was measured."""
    made = []
    if found.training:
        made += [training(found.training), arithmetic(found.training)]
    if found.evaluation:
        made.append(evaluation(found.evaluation))
    if found.data:
        made.append(data(found.data))
    if found.sweep:
        made.append(sweep(found.sweep))
    if found.full_size:
        made.append(full_size(found.full_size))
    return made


def training(found: Mapping[str, Training]) -> Table:
    """An epoch of each experiment, contestant by contestant."""
    rows: list[tuple[str, ...]] = []
    for name, each in found.items():
        label = (name, each.data, f"{each.batches:,} of {each.epoch_batches:,}")
        for contestant, times in each.contestants.items():
            cells = _times(times, each.contestants.get(STOCK), each.scale)
            rows.append((*label, LABELS[contestant], *cells, f"{times.peak_mib:.0f}"))
    notes = [f"PyTorch's {name} is without {each.left_out}" for name, each in found.items() if each.left_out]
    if any(each.waited > WAITED and "torch" in each.contestants for each in found.values()):
        notes.append("PyTorch's threads wait busily for one another, which takes long where other work is on the cores")
    return _table(
        "training",
        f"{_took(found)}, of an epoch without validation, scaled from the batches that were measured: the same for "
        f"all, with rows as long as the others on average. {_TIMES} Fast and what is marked so run on one thread, "
        "others on as many as they take by themselves. Fast and the reference engine, Keras on one thread, compute "
        "with the numerics of the source, the others as installed. MiB: the most memory of the process, which held "
        "the measured batches only." + _notes([*notes, *_skipped(found)]),
        ("experiment", "data", "batches", "", *TIMES_HEADERS, "MiB"),
        rows,
        labels=3,
    )


def arithmetic(found: Mapping[str, Training]) -> Table:
    """The same, as a share of what the machine can do."""
    rows: list[tuple[str, ...]] = []
    for name, each in found.items():
        steps = each.rows * each.steps
        label = (name, f"{each.epoch_rows * each.steps * each.flop_of_a_word / 1e9:.0f}", f"{each.rate / 1e9:.0f}")
        for contestant, times in each.contestants.items():
            rate = steps * each.flop_of_a_word / times.cpu.best
            of_words = f"{rate * each.words / steps / each.rate:.1%}" if contestant == "fast" else ""
            rows.append((*label, LABELS[contestant], f"{rate / 1e9:.1f}", f"{rate / each.rate:.1%}", of_words))
    return _table(
        "arithmetic",
        "What the LSTM layers' matrix products take, 2 × weights × 3 for each step of each row, in GFLOP an epoch; the "
        "rate of one thread in a float32 product of 2048 × 2048 matrices, GFLOP/s; and what each reached per second of "
        "processor time, as if it computed all steps of all rows, and its share of that rate. The fast engine does "
        "not compute the padding: the last column is its share with the words only.",
        ("experiment", "GFLOP", "rate", "", "GFLOP/s", "of all steps", "of the words"),
        rows,
        labels=3,
    )


def evaluation(found: Mapping[str, Prediction]) -> Table:
    """What models say of the test rows."""
    rows = [
        (*(name, each.data, f"{each.rows:,} of {each.of_rows:,}", LABELS[contestant]), *cells)
        for name, each in found.items()
        for contestant, times in each.contestants.items()
        for cells in [_times(times, each.contestants.get(STOCK))]
    ]
    return _table(
        "evaluation",
        f"{_took(found)}, of predicting the test rows, or so many of them, 500 at once with stock Keras. {_TIMES}"
        + _notes(_skipped(found)),
        ("experiment", "data", "rows", "", *TIMES_HEADERS),
        rows,
        labels=3,
    )


def data(found: Mapping[str, Preparation]) -> Table:
    """From texts to arrays."""
    named = {"suite": "this suite", "keras": "Keras", "kept": "kept arrays opened"}
    rows = [
        (*(name, each.data, str(each.texts), named[contestant]), *_times(times, each.contestants["keras"]))
        for name, each in found.items()
        for contestant, times in each.contestants.items()
    ]
    unequal = [f"the arrays of {name} are not equal" for name, each in found.items() if not each.equal]
    return _table(
        "data",
        f"{_took(found)}, of making padded arrays of texts in memory, or, of the reviews, of their file of numbers: by "
        f"this suite and by Keras' load_data, legacy Tokenizer and hashing_trick, and pad_sequences. {_TIMES}"
        + _notes(unequal or ["both made the same arrays"]),
        ("chapter", "data", "texts", "", *TIMES_HEADERS),
        rows,
        labels=3,
    )


def sweep(found: Sweep) -> Table:
    """Several seeds."""

    def row(label: str, swept: Swept) -> tuple[str, ...]:
        stock = found.stock.seconds
        return (
            *(label, f"{swept.timed_epochs} of {found.epochs}"),
            *(_seconds(swept.seconds.cpu), _seconds(swept.seconds.wall), f"{found.runs_per_hour(swept):.0f}"),
            *(_ratio(stock.cpu / swept.seconds.cpu), _ratio(stock.wall / swept.seconds.wall)),
        )

    rows = [row(f"fast, {found.workers} workers", found.fast), row("stock Keras, one after the other", found.stock)]
    return _table(
        "sweep",
        f"{found.seeds} seeds of imdb_lstm/model_one on {found.data} data, {found.epochs} epochs with validation, then "
        "evaluation on train and test, from the start of the first process to the end of the last: repro run, which "
        "writes records and weights too, and stock Keras, whose later epochs are reckoned as long as those timed.",
        ("", "epochs timed", "CPU s", "wall s", "runs an hour", "CPU ×", "wall ×"),
        rows,
        labels=0,
    )


def full_size(found: FullSize) -> Table:
    """The largest epoch of the sources."""
    made_up = "made up" if found.lengths == "embedded" else f"drawn from the comments ({found.lengths})"
    row = (
        *(str(found.rows), str(found.words), str(found.validation_rows)),
        *(_seconds(found.seconds.cpu), _seconds(found.seconds.wall)),
        *(f"{found.peak_mib:.0f}", f"{found.printed:.0f}"),
    )
    return _table(
        "full size",
        "An epoch of jigsaw_multilabel with validation, on as many rows as its source had, with the fast engine: words "
        f"made up, lengths {made_up}. Beside it what the source printed for its epoch, on its own machine: "
        f"{duration(found.printed)}.",
        ("rows", "words", "validation rows", "CPU s", "wall s", "MiB", "printed s"),
        [row],
        labels=0,
    )


_TIMES = "CPU: processor time of all threads. ×: how many times as long Keras as installed took, best by best."


def _took(found: Mapping[str, Training] | Mapping[str, Prediction] | Mapping[str, Preparation]) -> str:
    rounds = sorted({each.rounds for each in found.values()})
    return (
        "Seconds" if rounds == [1] else f"Seconds, best and median of {' or '.join(map(str, rounds))} rounds in turns"
    )


def _skipped(found: Mapping[str, Training] | Mapping[str, Prediction]) -> list[str]:
    of: dict[str, list[str]] = defaultdict(list)
    for name, each in found.items():
        for contestant, why in each.skipped.items():
            of[f"{LABELS.get(contestant, contestant)} did not take part{{}}: {why}"].append(name)
    return [note.format("" if len(names) == len(found) else f" in {', '.join(names)}") for note, names in of.items()]


def _notes(notes: Iterable[str]) -> str:
    return "".join(f" {note[0].upper()}{note[1:]}." for note in notes)


def _times(times: Times, stock: Times | None, scale: float = 1.0) -> tuple[str, ...]:
    seconds = (times.cpu.best, times.cpu.median, times.wall.best, times.wall.median)
    ratios = () if stock is None else (stock.cpu.best / times.cpu.best, stock.wall.best / times.wall.best)
    return (*(_seconds(scale * each) for each in seconds), *(map(_ratio, ratios) if ratios else ("", "")))


def _seconds(seconds: float) -> str:
    """Three figures: `137`, `13.7`, `1.37`, `0.137`."""
    places = 0 if seconds >= 100 else 1 if seconds >= 10 else 2 if seconds >= 1 else 3
    return f"{seconds:.{places}f}"


def _ratio(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio < 100 else f"{ratio:.0f}"


def _table(name: str, caption: str, headers: tuple[str, ...], rows: list[tuple[str, ...]], *, labels: int) -> Table:
    """The first columns, and what comes before numbers, to the left. The numbers themselves are in the JSON file.

    A cell that is a number has no comma: tabulate cannot wrap such cells.
    """
    left = labels + 1
    return Table(
        name=name,
        caption=caption,
        headers=headers,
        rows=rows,
        csv_headers=(),
        csv_rows=[],
        align=("left",) * left + ("right",) * (len(headers) - left),
        labels=labels,
    )
