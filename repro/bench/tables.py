"""A table for each section of what was measured, and of the limit that the machine sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median

from repro.bench import CONTESTANTS
from repro.bench.jobs import AGREEMENT
from repro.bench.results import Row
from repro.bench.start import STEPS
from repro.report.table import Table
from repro.runs.progress import duration

Parts = Mapping[str, Sequence[Row]]
"""The rows of a section by the name of their part."""

WAITED = 0.05
"""The document mentions waiting if its share of the time is above this."""

TIMES = (
    "CPU: processor time of all threads. ×: how many times as long Keras as installed took, best to best. Spread: by "
    "how much the slowest round exceeds the fastest; unsettled: the best two still differ by more than "
    f"{AGREEMENT:.0%}."
)
TIMES_HEADERS = ("CPU s", "median", "wall s", "median", "spread", "CPU ×", "wall ×")

LABELS = {name: contestant.label for name, contestant in CONTESTANTS.items()} | {
    "suite": "this suite",
    "keras": "Keras",
    "kept": "kept arrays opened",
    "compiled": "kernels compiled before",
    "to compile": "empty cache of kernels",
}


def training(parts: Parts) -> Table:
    """The time of an epoch of each experiment by contestant."""
    notes = dict.fromkeys(row.note for row in measured(parts) if row.note)
    waited = any(row.amounts["waited"] > WAITED and row.contestant == "torch" for row in measured(parts))
    busy = "PyTorch's threads keep the cores busy while they wait for one another, longer where other work is there too"
    return table(
        "training",
        f"{_rounds(parts)}, for an epoch without validation. Each contestant trained as many batches as stand under "
        "measured, in one random order with rows as long throughout as in the epoch; the times are scaled to the epoch "
        f"by the number of rows. {TIMES} Stock Keras, XLA, JAX and PyTorch run on as many threads as they take by "
        "themselves, but for what is marked. The fast engine and the reference engine (Keras, one thread) compute with "
        "the numerics of the source, the others as installed. MiB: the most memory of the process."
        + _sentences([*notes, *([busy] if waited else []), *_skipped(parts)]),
        ("experiment", "data", "batches", "", *TIMES_HEADERS, "measured", "MiB"),
        [
            (*cells, f"{row.amounts['batches']}", f"{row.peak_mib:.0f}")
            for row, cells in _beside(parts, "stock", "{epoch_batches}")
        ],
    )


def arithmetic(parts: Parts) -> Table:
    """The time that the arithmetic of an epoch would take in large products, beside what it took."""
    rows: list[tuple[str, ...]] = []
    for row in measured(parts):
        one = row.threads == "1"
        rate, taken = (row.amounts["rate"], row.cpu_best) if one else (row.amounts["cores_rate"], row.wall_best)
        words, steps = (row.amounts["flop"] * row.amounts[each] for each in ("epoch_words", "epoch_steps"))
        rows.append(
            (
                *(row.name, f"{steps / 1e9:.0f}", f"{words / 1e9:.0f}", LABELS[row.contestant]),
                *(f"{rate / 1e9:.0f}", figures(words / rate), figures(taken)),
                *(f"{flop / rate / taken:.1%}" for flop in (words, steps)),
            )
        )
    return table(
        "arithmetic",
        "GFLOP: what the LSTM layers' matrix products take in an epoch, 2 × weights × 3 for each step of each row; of "
        "words: for the steps that are words, not padding. GFLOP/s: the rate of the machine in float32 products of "
        "2048 × 2048 matrices, of one thread for those who have one, of all cores for the others. Limit: the time that "
        "the words take at this rate. Taken: processor time of one thread, or wall time of all. Share: the limit's of "
        "the time taken; of all steps: the same if padding is counted, which the fast engine skips. It also multiplies "
        "a word with the input weights once for a batch, wherever it stands.",
        ("experiment", "GFLOP", "of words", "", "GFLOP/s", "limit s", "taken s", "share", "of all steps"),
        rows,
    )


def evaluation(parts: Parts) -> Table:
    """The time in which a model predicts the test rows."""
    return table(
        "evaluation",
        f"{_rounds(parts)}, for predicting the test rows once, or as many as stand here; who is faster did it more "
        f"often. Stock Keras and PyTorch predict 500 at once. {TIMES}" + _sentences(_skipped(parts)),
        ("experiment", "data", "rows", "", *TIMES_HEADERS),
        [cells for _, cells in _beside(parts, "stock", "{rows:,} of {of_rows:,}")],
    )


def data(parts: Parts) -> Table:
    """The time from texts to arrays."""
    made = {(row.name, row.contestant): row.sha256 for row in measured(parts)}
    unequal = [f"the arrays of {name} are not equal" for name in parts if made[name, "suite"] != made[name, "keras"]]
    return table(
        "data",
        f"{_rounds(parts)}, for making padded arrays from texts in memory (reviews: from their file of numbers), by "
        f"this suite and by Keras' load_data, legacy Tokenizer, hashing_trick and pad_sequences. {TIMES}"
        + _sentences(unequal or ["both made the same arrays"]),
        ("chapter", "data", "texts", "", *TIMES_HEADERS),
        [cells for _, cells in _beside(parts, "keras", "{texts}")],
    )


def sweep(parts: Parts) -> Table:
    """The time that several seeds take, to the end of their evaluation."""
    (rows,) = parts.values()
    stock = rows[-1]
    seeds, cores, epochs, stock_epochs = (stock.amounts[name] for name in ("seeds", "cores", "epochs", "stock_epochs"))
    labels = {
        "fast": (f"fast, one after the other, {cores} threads each", epochs),
        "fast-1": (f"fast, {cores} side by side, one thread each", epochs),
        "stock": ("stock Keras, one after the other", stock_epochs),
    }
    return table(
        "sweep",
        f"{seeds} seeds of {stock.name} on {stock.data} data, each {epochs} epochs with validation, then evaluation on "
        "train and test: the time from the start of the first process to the end of the last. The fast engine works "
        "under repro run, which writes records and weights too. With stock Keras, later epochs are taken to last as "
        "long as those timed.",
        ("", "epochs timed", "CPU s", "wall s", "runs an hour", "CPU ×", "wall ×"),
        [
            (
                *(labels[row.contestant][0], f"{labels[row.contestant][1]} of {epochs}"),
                *(figures(row.cpu_best), figures(row.wall_best), f"{3600 * seeds / row.wall_best:.0f}"),
                *_ratios(row, stock),
            )
            for row in rows
        ],
        labels=0,
    )


def start(parts: Parts) -> Table:
    """The time until a run trains."""
    (rows,) = parts.values()
    return table(
        "start",
        f"{_rounds(parts)}, from the start of repro run {rows[0].name} to the end of its second batch, on "
        f"{rows[0].data} data that were prepared before; and the wall time of each step in the best round. Worker: the "
        "process that trains begins. Keras: it imports Keras and TensorFlow. Kernels: they are loaded or compiled, "
        "while the first batch is trained. Batch: the second one.",
        ("", *STEPS, "wall s", "median", "CPU s"),
        [
            (
                LABELS[row.contestant],
                *(figures(each) for each in (*(row.amounts[step] for step in STEPS), *_best_and_median(row.wall))),
                figures(row.cpu_best),
            )
            for row in rows
        ],
        labels=0,
    )


def full_size(parts: Parts) -> Table:
    """The time of an epoch at the size of its source."""
    (rows,) = parts.values()
    printed = rows[0].amounts["printed_seconds"]
    return table(
        "full size",
        f"An epoch of {rows[0].name.partition('/')[0]} with validation, on as many rows as its source had, by the fast "
        f"engine. Words are made up, lengths are drawn from the data ({rows[0].data}). The source printed "
        f"{duration(printed)} for its epoch, on its own machine.",
        ("", "rows", "words", "validation rows", "CPU s", "wall s", "MiB", "printed s"),
        [
            (
                LABELS[row.contestant],
                *(str(row.amounts[name]) for name in ("rows", "words", "validation_rows")),
                *(figures(row.cpu_best), figures(row.wall_best), f"{row.peak_mib:.0f}", f"{printed:.0f}"),
            )
            for row in rows
        ],
        labels=0,
    )


# Cells and captions
def measured(parts: Parts) -> list[Row]:
    """The rows of those who took part."""
    return [row for part in parts.values() for row in part if not row.skipped]


def _rounds(parts: Parts) -> str:
    rounds = sorted({len(row.wall) for row in measured(parts)})
    number = str(rounds[0]) if len(rounds) == 1 else f"{rounds[0]} to {rounds[-1]}"
    return "Seconds" if rounds == [1] else f"Seconds, best and median of {number} rounds in turns"


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


def _beside(parts: Parts, base: str, amount: str) -> Iterator[tuple[Row, tuple[str, ...]]]:
    """Rows with their cells: amount of work, contestant, times, and how many times as long the contestant `base` took.

    amount: how the amount of work is written, a format of `Row.amounts`.
    """
    for row in measured(parts):
        times = (figures(each) for clock in (row.cpu, row.wall) for each in _best_and_median(clock))
        spread = f"{row.spread:.1%}{'' if row.settled else ', unsettled'}" if len(row.wall) > 1 else ""
        ratios = [_ratios(row, other) for other in measured({row.name: parts[row.name]}) if other.contestant == base]
        label = (row.name, row.data, amount.format(**row.amounts), LABELS[row.contestant])
        yield row, (*label, *times, spread, *(ratios or [("", "")])[0])


def _best_and_median(times: Sequence[float]) -> tuple[float, float]:
    return min(times), median(times)


def _ratios(row: Row, base: Row) -> tuple[str, str]:
    return ratio(base.cpu_best / row.cpu_best), ratio(base.wall_best / row.wall_best)


def ratio(times: float) -> str:
    """`5.7`, `119`."""
    return f"{times:.1f}" if times < 100 else f"{times:.0f}"


def figures(number: float) -> str:
    """Three figures: `137`, `13.7`, `1.37`, `0.137`."""
    places = 0 if number >= 100 else 1 if number >= 10 else 2 if number >= 1 else 3
    return f"{number:.{places}f}"


def table(name: str, caption: str, headers: tuple[str, ...], rows: list[tuple[str, ...]], *, labels: int = 3) -> Table:
    """A table for readers: programs read the JSON file. The columns of labels and the next one stand to the left."""
    left = labels + 1
    align = ("left",) * left + ("right",) * (len(headers) - left)
    return Table(name, caption, headers, rows, csv_headers=(), csv_rows=[], align=align, labels=labels)
