"""What is measured, and with how much work. The functions of the sections measure one part each and return its rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from statistics import median
from typing import TYPE_CHECKING

import msgspec

from repro import registry
from repro.bench import CONTESTANTS, SECTIONS, Section, in_keras, preparation
from repro.bench.jobs import JobKind, Reply, lengths, training_rows
from repro.bench.processes import Turns, warmed_up
from repro.bench.results import Row
from repro.datasets.choice import DataChoice
from repro.errors import DataUnavailable, ReproError

if TYPE_CHECKING:
    from repro.chapter import Chapter, Experiment
    from repro.datasets.dataset import Dataset

Part = Callable[[], list[Row]]
"""Measures one part of the bench."""

FORWARD_AND_BACK = 3
"""Products with each weight in a training step: one forward, two for the derivatives by its input and by itself."""

STOCK_SECONDS = 2.0
"""Wall time for which stock Keras trains in a round, unless a number of batches is asked for."""
FEWEST = 4
"""Batches of a round, at least, if none are asked for."""
TRIAL = 2
"""Batches that show the pace of stock Keras."""
PRODUCTS = 3
"""Matrix products in a round."""
MOST_ARITHMETIC = 7e11
"""FLOP that predicting may take, about; it sets the number of test rows. All 25,000 reviews take less."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How `repro bench` was called."""

    choice: DataChoice
    rounds: int
    batches: int | None
    """Of a round; None for as many as stock Keras trains in `STOCK_SECONDS`."""
    sweep_epochs: int
    contestants: Sequence[str]
    """The names of those that train."""
    say: Callable[[str], None]
    """Called with a line about what is being done."""


def parts(targets: Sequence[str], sections: Collection[Section], asked: Asked) -> list[Part]:
    """What is to be measured of the experiments that `targets` name; no target and no section stand for all.

    Raises ReproError for an unknown name, data that cannot be had, and if there is nothing to measure.
    """
    selected = registry.select(targets or registry.chapters())
    chapters = list({chapter.name: chapter for chapter, _ in selected}.values())
    for chapter in chapters:
        chapter.data(asked.choice)  # fails now, or is prepared for all
    # The sweep trains the smallest model of all: with it, starting a process weighs most.
    swept = min(registry.select(registry.chapters()), key=lambda pair: pair[1].parameters)
    known: dict[Section, list[Part]] = {
        "training": [partial(training, *pair, asked) for pair in selected],
        "evaluation": [partial(evaluation, *pair, asked) for pair in selected],
        "data": [partial(data, each, asked) for each in chapters if preparation.comparable(each, asked.choice)],
        "sweep": [partial(sweep, *swept, asked)] if swept in selected else [],
    }
    wanted = [part for section in sections or SECTIONS for part in known[section]]
    if not wanted:
        raise ReproError(f"nothing to measure: the sweep trains {_name(*swept)}, and embedded reviews are not prepared")
    return wanted


def full_sizes(asked: Asked) -> list[Part]:
    """An epoch of each experiment whose source printed how many rows it trained on and how long that took."""
    everything = registry.select(registry.chapters())
    return [partial(full_size, *pair, asked) for pair in everything if in_keras.printed(*pair)]


def training(chapter: Chapter, experiment: Experiment, asked: Asked) -> list[Row]:
    """Some batches of an epoch, or all of them.

    Amounts: `batches`, `rows`, `words` (padding left out), and the same of an epoch, `epoch_...`; `steps` of a row,
    padding included; `flop` of all LSTM layers at one step of one row; `rate`, the FLOP/s of one thread in a large
    matrix product, at best; `waited`, the share of its wall time that this thread waited for a core that did other
    work. FLOP: one multiplication or addition of float32 numbers.
    """
    dataset, name = chapter.data(asked.choice), _name(chapter, experiment)
    size, fitted = experiment.batch_size, experiment.fitted_rows(len(dataset.x_train))
    asked.say(f"{name}, training: the contestants start")
    kinds: dict[str, JobKind] = {**dict.fromkeys(asked.contestants, "train"), "product": "product"}
    with warmed_up(name, asked.choice, kinds) as turns:
        batches = max(1, min(asked.batches or _paced(turns, asked.contestants), fitted // size))
        epoch_batches = math.ceil(fitted / size)
        asked.say(f"  {batches} of {epoch_batches} batches, {_times(asked.rounds)}")
        replies = turns.rounds(asked.rounds, dict.fromkeys(kinds, batches) | {"product": PRODUCTS})
    if "product" in turns.skipped:
        raise ReproError(f"the rate of a matrix product could not be measured: {turns.skipped['product']}")
    products = [reply.seconds for reply in replies.pop("product")]
    rows, words = training_rows(experiment, dataset, batches), lengths(dataset.x_train)
    amounts = {
        "batches": batches,
        "epoch_batches": epoch_batches,
        "rows": len(rows),
        "epoch_rows": fitted,
        "words": int(words[rows].sum()),
        "epoch_words": int(words[:fitted].sum()),
        "steps": dataset.x_train.shape[1],
        "flop": FORWARD_AND_BACK * flop_of_a_step(experiment),
        "rate": PRODUCTS * in_keras.PRODUCT_FLOP / min(each.cpu for each in products),
        "waited": max(0.0, 1 - median(each.cpu for each in products) / median(each.wall for each in products)),
    }
    return _rows(_row("training", name, dataset, asked.rounds, amounts), replies, turns.skipped)


def _paced(turns: Turns, contestants: Iterable[str]) -> int:
    """The batches that stock Keras, or the first contestant that can, trains in `STOCK_SECONDS`."""
    for name in ("stock", *contestants):
        for trial in turns.rounds(1, {name: TRIAL}).get(name, []):
            return max(FEWEST, round(STOCK_SECONDS / trial.seconds.wall * TRIAL))
    raise ReproError(f"nothing could be measured: {next(iter(turns.skipped.values()))}")


def flop_of_a_step(experiment: Experiment) -> int:
    """Forward, of all LSTM layers at one step of one row: each weight, biases left out, multiplies and adds once."""
    layers = [layer for layer in experiment.layers if layer.recurrent]
    return sum(2 * layer.directions * 4 * layer.units * (layer.units + layer.inputs) for layer in layers)


def evaluation(chapter: Chapter, experiment: Experiment, asked: Asked) -> list[Row]:
    """The test rows predicted, or as many as take `MOST_ARITHMETIC`. Amounts: `rows`, `of_rows`."""
    dataset, name = chapter.data(asked.choice), _name(chapter, experiment)
    of_rows, steps = dataset.x_test.shape
    rows = min(of_rows, int(MOST_ARITHMETIC / (steps * flop_of_a_step(experiment))))
    asked.say(f"{name}, evaluation: {rows:,} of {of_rows:,} test rows, {_times(asked.rounds)}")
    row = _row("evaluation", name, dataset, asked.rounds, {"rows": rows, "of_rows": of_rows})
    return _measured(row, name, asked, {"fast": "predict", "stock": "predict"}, rows, all_needed=False)


def data(chapter: Chapter, asked: Asked) -> list[Row]:
    """A data set prepared by this suite (`suite`) and by `keras`, or opened as it was kept (`kept`).

    Amounts: `texts`.
    """
    dataset = chapter.data(asked.choice)
    made = dataset.provenance
    asked.say(f"{chapter.name}, data: {_times(asked.rounds)}")
    texts = made.train_rows + made.validation_rows + made.test_rows
    row = _row("data", chapter.name, dataset, asked.rounds, {"texts": texts})
    jobs: dict[str, JobKind] = {"suite": "prepare", "keras": "prepare", "kept": "open"}
    return _measured(row, _name(chapter, chapter.experiments[0]), asked, jobs, 1)


def sweep(chapter: Chapter, experiment: Experiment, asked: Asked) -> list[Row]:
    """Several seeds, side by side by `repro run` (`fast`) and one after the other by stock Keras.

    Amounts: `seeds`, `workers`, `epochs`, and `stock_epochs`, those of each seed that stock Keras trains.
    """
    name, epochs = _name(chapter, experiment), asked.sweep_epochs
    asked.say(f"{name}, sweep: {len(in_keras.SEEDS)} seeds, {epochs} epochs")
    amounts: dict[str, int | float] = {
        "seeds": len(in_keras.SEEDS),
        "workers": in_keras.WORKERS,
        "epochs": epochs,
        "stock_epochs": min(epochs, in_keras.STOCK_EPOCHS),
    }
    row = _row("sweep", name, chapter.data(asked.choice), 1, amounts)
    return _measured(row, name, asked, {"fast": "sweep", "stock": "sweep"}, epochs)


def full_size(chapter: Chapter, experiment: Experiment, asked: Asked) -> list[Row]:
    """An epoch at the size of its source, trained by the fast engine.

    Its rows are as long as those of the data, or as those of the embedded corpus where the data cannot be had.
    Amounts: those of `in_keras.printed`, and `words`.
    """
    try:
        dataset = chapter.data(asked.choice)
    except DataUnavailable as error:
        asked.say(f"{str(error).splitlines()[0]} The rows will be as long as those of the embedded corpus.")
        return full_size(chapter, experiment, replace(asked, choice="embedded"))
    name, amounts = _name(chapter, experiment), in_keras.printed(chapter, experiment)
    asked.say(f"{name}, an epoch of {amounts['rows']:,} rows with the fast engine")
    return _measured(_row("full size", name, dataset, 1, amounts), name, asked, {"fast": "full size"}, 1)


def _name(chapter: Chapter, experiment: Experiment) -> str:
    return f"{chapter.name}/{experiment.name}"


def _times(rounds: int) -> str:
    return "once" if rounds == 1 else f"{rounds} times in turns"


def _row(section: Section, name: str, dataset: Dataset, rounds: int, amounts: dict[str, int | float]) -> Row:
    """What the rows of a part have in common."""
    data = dataset.provenance.label
    return Row(
        section=section, name=name, contestant="", data=data, when="", rounds=rounds, threads="1", amounts=amounts
    )


def _measured(
    row: Row, name: str, asked: Asked, kinds: Mapping[str, JobKind], amount: int, *, all_needed: bool = True
) -> list[Row]:
    """The rows of contestants who do the same amount of work.

    Raises ReproError if one of them fails; with `all_needed=False`, only if all do.
    """
    with warmed_up(name, asked.choice, kinds) as turns:
        replies = turns.rounds(row.rounds, dict.fromkeys(kinds, amount))
    for contestant, why in turns.skipped.items():
        if all_needed:
            raise ReproError(f"{name}: {contestant} could not be measured: {why}")
    return _rows(row, replies, turns.skipped)


def _rows(row: Row, replies: Mapping[str, Sequence[Reply]], skipped: Mapping[str, str]) -> list[Row]:
    """`row` for each contestant, first of those who were measured."""
    row = msgspec.structs.replace(row, when=datetime.now(UTC).isoformat(timespec="seconds"))
    rows = []
    for contestant, each in replies.items():
        cpu, wall = [reply.seconds.cpu for reply in each], [reply.seconds.wall for reply in each]
        facts = each[-1].facts
        rows.append(
            msgspec.structs.replace(
                row,
                contestant=contestant,
                threads=CONTESTANTS[contestant].threads if contestant in CONTESTANTS else "1",
                cpu_best=round(min(cpu), 6),
                cpu_median=round(median(cpu), 6),
                wall_best=round(min(wall), 6),
                wall_median=round(median(wall), 6),
                peak_mib=round(each[-1].peak_mib, 1),
                amounts=row.amounts | {name: fact for name, fact in facts.items() if isinstance(fact, int)},
                **{name: fact for name, fact in facts.items() if isinstance(fact, str)},
            )
        )
    return rows + [msgspec.structs.replace(row, contestant=name, skipped=why) for name, why in skipped.items()]
