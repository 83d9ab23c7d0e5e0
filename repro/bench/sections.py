"""What is measured, and with how much work. The functions of the sections measure one part each and return its rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from statistics import median
from typing import TYPE_CHECKING

import msgspec

from repro import registry
from repro.bench import CONTESTANTS, SECTIONS, Section, preparation, product, several_seeds
from repro.bench.amounts import FORWARD_AND_BACK, GROUP, flop_of_a_step, lengths, predicted_rows
from repro.bench.full_size import printed
from repro.bench.jobs import CORES, JobKind, Reply
from repro.bench.processes import warmed_up
from repro.bench.results import Row
from repro.datasets.choice import DataChoice
from repro.errors import DataUnavailable, ReproError

if TYPE_CHECKING:
    from repro.chapter import Chapter, Experiment
    from repro.datasets.dataset import Dataset

Part = Callable[[], list[Row]]
"""Measures one part of the bench."""

Amounts = dict[str, int | float]

ROUND_SECONDS: Mapping[Section, float] = {"training": 2.0, "evaluation": 1.0, "data": 1.0}
"""Wall time of a round of each contestant, about; who takes longer for the least amount of work takes longer."""
PRODUCTS = 3
"""Matrix products of each thread in a round."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How `repro bench` was called."""

    choice: DataChoice
    rounds: int
    batches: int | None
    """Of a round; None for as many as each contestant trains in `ROUND_SECONDS`."""
    sweep_epochs: int
    contestants: Sequence[str]
    """The names of those that train and predict."""
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
    # Processes start with the smallest model of all: with it, their start weighs most.
    smallest = min(registry.select(registry.chapters()), key=lambda pair: pair[1].parameters)
    started = [smallest] if smallest in selected else []
    known: dict[Section, list[Part]] = {
        "training": [partial(training, *pair, asked) for pair in selected],
        "evaluation": [partial(evaluation, *pair, asked) for pair in selected],
        "data": [partial(data, each, asked) for each in chapters if preparation.comparable(each, asked.choice)],
        "sweep": [partial(sweep, *pair, asked) for pair in started],
        "start": [partial(starting, *pair, asked) for pair in started],
    }
    wanted = [part for section in sections or SECTIONS for part in known[section]]
    if not wanted:
        only = f"sweep and start are those of {_name(*smallest)}"
        raise ReproError(f"nothing to measure: {only}, and embedded reviews are not prepared")
    return wanted


def full_sizes(asked: Asked) -> list[Part]:
    """An epoch of each experiment whose source printed how many rows it trained on and how long that took."""
    everything = registry.select(registry.chapters())
    return [partial(full_size, *pair, asked) for pair in everything if printed(*pair)]


def training(chapter: Chapter, experiment: Experiment, asked: Asked) -> list[Row]:
    """An epoch without validation, of which each contestant trains as many batches as fill a round, or more than all.

    Amounts: `batches` that were measured, the contestant's own; `epoch_batches`, `epoch_rows`, `epoch_steps` and, with
    padding left out, `epoch_words`; `epochs` of a run; `flop` of all LSTM layers at one step of one row; `rate` and
    `cores_rate`, the FLOP/s of one thread and of all cores in large matrix products, at best; `waited`, the share of
    its wall time that the one thread waited for a core that did other work. FLOP: one multiplication or addition of
    float32 numbers.
    """
    dataset, name = chapter.data(asked.choice), _name(chapter, experiment)
    size, fitted = experiment.batch_size, experiment.fitted_rows(len(dataset.x_train))
    asked.say(f"{name}, training: the contestants start")
    machine: dict[str, JobKind] = {product.ONE: "product", product.ALL: "product"}
    kinds: dict[str, JobKind] = {**dict.fromkeys(asked.contestants, "train"), **machine}
    with warmed_up(name, asked.choice, kinds) as turns:
        trained = [each for each in asked.contestants if each in turns.processes]
        batches = dict.fromkeys(trained, asked.batches or 0)
        if not asked.batches:
            paced = turns.paced(trained, ROUND_SECONDS["training"])
            batches = {each: GROUP * math.ceil(amount / GROUP) for each, amount in paced.items()}
        if not batches:
            raise ReproError(f"{name}: nobody could be measured: {next(iter(turns.skipped.values()))}")
        fewest, most = (f"{number:,}" for number in (min(batches.values()), max(batches.values())))
        asked.say(f"  {fewest} to {most} batches, {_times(asked.rounds)}; an epoch has {fitted / size:.1f}")
        replies = turns.rounds(asked.rounds, batches | dict.fromkeys(machine, PRODUCTS))
    for each in machine:
        if each in turns.skipped:
            raise ReproError(f"the rate of matrix products could not be measured: {turns.skipped[each]}")
    one, cores = ([reply.seconds for reply in replies.pop(each)] for each in machine)
    amounts: Amounts = {
        "epoch_batches": math.ceil(fitted / size),
        "epoch_rows": fitted,
        "epoch_words": int(lengths(dataset.x_train)[:fitted].sum()),
        "epochs": experiment.epochs,
        "epoch_steps": fitted * dataset.x_train.shape[1],
        "flop": FORWARD_AND_BACK * flop_of_a_step(experiment),
        "rate": PRODUCTS * product.FLOP / min(each.cpu for each in one),
        "cores_rate": CORES * PRODUCTS * product.FLOP / min(each.wall for each in cores),
        "waited": max(0.0, 1 - median(each.cpu for each in one) / median(each.wall for each in one)),
    }
    scales = {each: fitted / (amount * size) for each, amount in batches.items()}
    own: dict[str, Amounts] = {each: {"batches": amount} for each, amount in batches.items()}
    return _rows(_row("training", name, dataset, amounts), replies, turns.skipped, scales, own)


def evaluation(chapter: Chapter, experiment: Experiment, asked: Asked) -> list[Row]:
    """The test rows predicted, or as many as take `amounts.MOST_ARITHMETIC`.

    Amounts: `rows`, `of_rows`; in a run, `validation_rows` after each epoch, and `evaluated_rows` after the last.
    """
    dataset, name = chapter.data(asked.choice), _name(chapter, experiment)
    rows, of_rows = len(predicted_rows(experiment, dataset)), len(dataset.x_test)
    trained, held_out = len(dataset.x_train), dataset.provenance.validation_rows
    amounts: Amounts = {
        "rows": rows,
        "of_rows": of_rows,
        "validation_rows": held_out or trained - experiment.fitted_rows(trained),
        "evaluated_rows": trained + held_out + of_rows,
    }
    asked.say(f"{name}, evaluation: {rows:,} of {of_rows:,} test rows, {_times(asked.rounds)}")
    kinds: dict[str, JobKind] = {each: "predict" for each in asked.contestants if CONTESTANTS[each].predicts}
    return _measured(_row("evaluation", name, dataset, amounts), asked, kinds)


def data(chapter: Chapter, asked: Asked) -> list[Row]:
    """A data set prepared by this suite (`suite`) and by `keras`, or opened as it was kept (`kept`).

    Amounts: `texts`.
    """
    dataset = chapter.data(asked.choice)
    made = dataset.provenance
    asked.say(f"{chapter.name}, data: {_times(asked.rounds)}")
    row = _row("data", chapter.name, dataset, {"texts": made.train_rows + made.validation_rows + made.test_rows})
    jobs: dict[str, JobKind] = {"suite": "prepare", "keras": "prepare", "kept": "open"}
    return _measured(row, asked, jobs)


def sweep(chapter: Chapter, experiment: Experiment, asked: Asked) -> list[Row]:
    """Several seeds: one after the other on all cores (`fast`), side by side on one thread each (`fast-1`), and one
    after the other by stock Keras.

    Amounts: `seeds`, `cores`, `epochs`, and `stock_epochs`, those of each seed that stock Keras trains.
    """
    name, epochs, seeds = _name(chapter, experiment), asked.sweep_epochs, len(several_seeds.SEEDS)
    asked.say(f"{name}, sweep: {seeds} seeds, {epochs} epochs")
    stock_epochs = min(epochs, several_seeds.STOCK_EPOCHS)
    amounts: Amounts = {"seeds": seeds, "cores": CORES, "epochs": epochs, "stock_epochs": stock_epochs}
    row = _row("sweep", name, chapter.data(asked.choice), amounts)
    return _measured(row, asked, {"fast": "sweep", "fast-1": "sweep", "stock": "sweep"}, epochs)


def starting(chapter: Chapter, experiment: Experiment, asked: Asked) -> list[Row]:
    """From the start of `repro run` to its second batch, with the kernels `compiled` before and not (`to compile`).

    Amounts: wall seconds of each of `start.STEPS`, in the best round.
    """
    name = _name(chapter, experiment)
    asked.say(f"{name}, start: {_times(asked.rounds)}")
    row = _row("start", name, chapter.data(asked.choice), {})
    return _measured(row, asked, {"compiled": "start", "to compile": "start"})


def full_size(chapter: Chapter, experiment: Experiment, asked: Asked) -> list[Row]:
    """An epoch at the size of its source, trained by the fast engine on all cores and on one thread.

    Its rows are as long as those of the data, or as those of the embedded corpus where the data cannot be had.
    Amounts: those of `printed`, and `words`.
    """
    try:
        dataset = chapter.data(asked.choice)
    except DataUnavailable as error:
        asked.say(f"{str(error).splitlines()[0]} The rows will be as long as those of the embedded corpus.")
        return full_size(chapter, experiment, replace(asked, choice="embedded"))
    name, amounts = _name(chapter, experiment), printed(chapter, experiment)
    asked.say(f"{name}, an epoch of {amounts['rows']:,} rows with the fast engine")
    kinds: dict[str, JobKind] = {"fast": "full size", "fast-1": "full size"}
    return _measured(_row("full size", name, dataset, amounts), asked, kinds, 1)


def _name(chapter: Chapter, experiment: Experiment) -> str:
    return f"{chapter.name}/{experiment.name}"


def _times(rounds: int) -> str:
    return "once" if rounds == 1 else f"{rounds} times in turns"


def _row(section: Section, name: str, dataset: Dataset, amounts: Amounts) -> Row:
    """What the rows of a part have in common."""
    label = dataset.provenance.label
    return Row(section=section, name=name, contestant="", data=label, when="", threads="1", amounts=amounts)


def _measured(row: Row, asked: Asked, kinds: Mapping[str, JobKind], amount: int | None = None) -> list[Row]:
    """The rows of contestants who do the same work: so much of it, once; or all of it, in rounds.

    A round has the work once, or as often as takes `ROUND_SECONDS` of the section. The times are those of the work done
    once. Raises ReproError if a contestant fails; in evaluation, if all do.
    """
    with warmed_up(row.name, asked.choice, kinds) as turns:
        if amount:
            replies, scales = turns.rounds(1, dict.fromkeys(kinds, amount)), {}
        else:
            seconds = ROUND_SECONDS.get(row.section)
            times = turns.paced(kinds, seconds) if seconds else dict.fromkeys(kinds, 1)
            replies, scales = turns.rounds(asked.rounds, times), {each: 1 / number for each, number in times.items()}
    for contestant, why in turns.skipped.items():
        if row.section != "evaluation":
            raise ReproError(f"{row.name}: {contestant} could not be measured: {why}")
    return _rows(row, replies, turns.skipped, scales)


def _rows(
    row: Row,
    replies: Mapping[str, Sequence[Reply]],
    skipped: Mapping[str, str],
    scales: Mapping[str, float] = {},
    own: Mapping[str, Amounts] = {},
) -> list[Row]:
    """`row` for each contestant, first of those who were measured.

    scales: what a contestant's times are multiplied by. own: the amounts that are a contestant's own.
    """
    row = msgspec.structs.replace(row, when=datetime.now(UTC).isoformat(timespec="seconds"))
    rows = []
    for contestant, each in replies.items():
        scale, facts = scales.get(contestant, 1.0), min(each, key=lambda reply: reply.seconds.wall).facts
        numbers = {name: fact for name, fact in facts.items() if not isinstance(fact, str)}
        rows.append(
            msgspec.structs.replace(
                row,
                contestant=contestant,
                threads=CONTESTANTS[contestant].threads if contestant in CONTESTANTS else "1",
                cpu=tuple(round(scale * reply.seconds.cpu, 6) for reply in each),
                wall=tuple(round(scale * reply.seconds.wall, 6) for reply in each),
                peak_mib=round(each[-1].peak_mib, 1),
                amounts=row.amounts | own.get(contestant, {}) | numbers,
                **{name: fact for name, fact in facts.items() if isinstance(fact, str)},
            )
        )
    return rows + [msgspec.structs.replace(row, contestant=name, skipped=why) for name, why in skipped.items()]
