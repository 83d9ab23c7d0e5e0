"""The contestants' turns: what is measured, with how much work, and what is kept of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from types import TracebackType

from repro.bench import arithmetic, full_size, preparation, sweeps
from repro.bench.contestants import CONTESTANTS, NAMES, Name, missing
from repro.bench.found import (
    FullSize,
    Prediction,
    Preparation,
    Sweep,
    Swept,
    Times,
    Training,
    spread,
)
from repro.bench.messages import Job, Kind, Reply, Seconds
from repro.bench.processes import Failed, Process
from repro.bench.rows import lengths, training_rows
from repro.chapter import Chapter, Experiment
from repro.datasets.choice import DataChoice, decide
from repro.errors import ReproError

Say = Callable[[str], None]
"""Called with a line on what goes on."""

STOCK_SECONDS = 2.0
"""Wall time that stock Keras trains for in a round, unless a number of batches is asked for, ..."""
FEWEST = 4
"""... or it does not come as far as that many batches."""
TRIAL = 2
"""Batches by which its pace is found."""
PRODUCTS = 3
"""In a round."""
MOST_ARITHMETIC = 7e11
"""FLOP of the test rows that are predicted, about: 25,000 reviews take less with any model."""
STOCK_EPOCHS = 2
"""Of each seed of stock Keras' sweep; the others, like the second, are reckoned."""


class Turns:
    """Several processes that do the same by turns. Use as a context; they are there until the end of it.

    Whoever fails is left out from then on.
    """

    def __init__(self, jobs: Mapping[str, Job]) -> None:
        self.processes: dict[str, Process] = {}
        self.skipped: dict[str, str] = {}
        self.facts: dict[str, Mapping[str, str | float]] = {}
        self._stack = ExitStack()
        with ExitStack() as started:
            for name, job in jobs.items():
                self.processes[name] = started.enter_context(Process(job))
            for name in jobs:
                self._ask(name, Process.ready)
            self._stack = started.pop_all()

    def __enter__(self) -> Turns:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def rounds(self, number: int, amounts: Mapping[str, int]) -> dict[str, list[Reply]]:
        """The replies of each to `amounts` of work, asked for `number` times in turns.

        Raises ReproError if all failed.
        """
        replies: dict[str, list[Reply]] = {name: [] for name in amounts}
        for _ in range(number):
            for name, amount in amounts.items():
                if name in self.processes and (reply := self._ask(name, partial(Process.measure, amount=amount))):
                    replies[name].append(reply)
        if not self.processes:
            raise ReproError(f"nothing could be measured: {next(iter(self.skipped.values()))}")
        return {name: replies[name] for name in self.processes if name in replies}

    def _ask(self, name: str, what: Callable[[Process], Reply]) -> Reply | None:
        try:
            reply = what(self.processes[name])
        except Failed as error:
            del self.processes[name]
            self.skipped[name] = str(error)
            return None
        self.facts[name] = reply.facts
        return reply


def training(
    chapter: Chapter,
    experiment: Experiment,
    choice: DataChoice,
    *,
    rounds: int,
    batches: int | None,
    names: Sequence[Name] = NAMES,
    say: Say,
) -> tuple[Training, str]:
    """So many `batches` of an epoch, None for as many as stock Keras trains in `STOCK_SECONDS`.

    Also returns the kernels of the fast engine's OpenBLAS.
    """
    dataset = chapter.data(choice)
    size, fitted = experiment.batch_size, experiment.fitted_rows(len(dataset.x_train))
    jobs, skipped = _jobs("train", names, chapter, experiment, choice)
    say(f"{_name(chapter, experiment)}, training: {len(jobs)} contestants start")
    with Turns({**jobs, "product": _job("product", "", chapter, experiment, choice)}) as turns:
        batches = max(1, min(batches or _paced(turns, jobs), fitted // size))
        epoch_batches = math.ceil(fitted / size)
        say(f"  {batches} of {epoch_batches} batches, {_times(rounds)}")
        replies = turns.rounds(rounds, {**dict.fromkeys(jobs, batches), "product": PRODUCTS})
    if "product" in turns.skipped:
        raise ReproError(f"the rate of a matrix product could not be measured: {turns.skipped['product']}")
    measured = _measured(replies)
    product = measured.pop("product")
    words = lengths(dataset.x_train)
    rows = training_rows(experiment, dataset, batches)
    made = Training(
        data=dataset.provenance.label,
        when=_now(),
        rounds=rounds,
        batches=batches,
        epoch_batches=epoch_batches,
        rows=len(rows),
        epoch_rows=fitted,
        words=int(words[rows].sum()),
        epoch_words=int(words[:fitted].sum()),
        steps=dataset.x_train.shape[1],
        flop_of_a_word=arithmetic.FORWARD_AND_BACK * arithmetic.flop_of_a_word(experiment),
        rate=PRODUCTS * arithmetic.PRODUCT_FLOP / product.cpu.best,
        waited=max(0.0, 1 - product.cpu.median / product.wall.median),
        contestants=measured,
        skipped=skipped | turns.skipped,
        left_out=str(turns.facts.get("torch", {}).get("left out", "")),
    )
    return made, _openblas(turns)


def _paced(turns: Turns, names: Iterable[str]) -> int:
    """The batches that stock Keras, or the first that can, trains in `STOCK_SECONDS`."""
    for name in ("stock", *names):
        for trial in turns.rounds(1, {name: TRIAL}).get(name, []):
            return max(FEWEST, round(STOCK_SECONDS / trial.seconds.wall * TRIAL))
    raise ReproError(f"nothing could be measured: {next(iter(turns.skipped.values()))}")


def evaluation(
    chapter: Chapter, experiment: Experiment, choice: DataChoice, *, rounds: int, say: Say
) -> tuple[Prediction, str]:
    """All test rows, or as many as take `MOST_ARITHMETIC`. Also returns the kernels of the fast engine's OpenBLAS."""
    dataset = chapter.data(choice)
    of_rows, steps = dataset.x_test.shape
    rows = min(of_rows, int(MOST_ARITHMETIC / (steps * arithmetic.flop_of_a_word(experiment))))
    say(f"{_name(chapter, experiment)}, evaluation: {rows:,} of {of_rows:,} test rows, {_times(rounds)}")
    jobs, skipped = _jobs("predict", ("fast", "stock"), chapter, experiment, choice)
    with Turns(jobs) as turns:
        replies = turns.rounds(rounds, dict.fromkeys(jobs, rows))
    made = Prediction(
        data=dataset.provenance.label,
        when=_now(),
        rounds=rounds,
        rows=rows,
        of_rows=of_rows,
        contestants=_measured(replies),
        skipped=skipped | turns.skipped,
    )
    return made, _openblas(turns)


def data(chapter: Chapter, choice: DataChoice, *, rounds: int, say: Say) -> Preparation | None:
    """None if there is nothing to compare."""
    if not preparation.known(chapter, choice):
        return None
    say(f"{chapter.name}, data: {_times(rounds)}")
    experiment = chapter.experiments[0]
    jobs = {
        "suite": _job("prepare", "suite", chapter, experiment, choice),
        "keras": _job("prepare", "keras", chapter, experiment, choice),
        "kept": _job("open", "suite", chapter, experiment, choice),
    }
    with Turns(jobs) as turns:
        replies = turns.rounds(rounds, dict.fromkeys(jobs, 1))
    if turns.skipped:
        raise ReproError(f"{chapter.name}, data: {next(iter(turns.skipped.values()))}")
    return Preparation(
        data=chapter.data(choice).provenance.label,
        when=_now(),
        rounds=rounds,
        texts=int(turns.facts["suite"]["texts"]),
        equal=turns.facts["suite"]["sha256"] == turns.facts["keras"]["sha256"],
        contestants=_measured(replies),
    )


def sweep(chapter: Chapter, experiment: Experiment, choice: DataChoice, *, epochs: int, say: Say) -> Sweep:
    """`experiment`, that of `sweeps`, with several seeds: by `repro run`, and by stock Keras one after the other."""
    label = chapter.data(choice).provenance.label
    say(f"{sweeps.EXPERIMENT}, sweep: {len(sweeps.SEEDS)} seeds, {epochs} epochs")
    fast = _once(_job("sweep", "fast", chapter, experiment, choice), epochs)
    timed = min(epochs, STOCK_EPOCHS)
    stock = _once(_job("sweep", "stock", chapter, experiment, choice), timed)
    others = len(sweeps.SEEDS) * (epochs - timed)
    epoch = Seconds(*(float(stock.facts.get(f"epoch_{kind}", 0)) for kind in ("cpu", "wall")))
    reckoned = Seconds(stock.seconds.cpu + others * epoch.cpu, stock.seconds.wall + others * epoch.wall)
    return Sweep(
        data=label,
        when=_now(),
        seeds=len(sweeps.SEEDS),
        workers=sweeps.WORKERS,
        epochs=epochs,
        fast=Swept(seconds=_rounded(fast.seconds), timed_epochs=epochs),
        stock=Swept(seconds=_rounded(reckoned), timed_epochs=timed),
    )


def at_full_size(chapter: Chapter, experiment: Experiment, choice: DataChoice, *, say: Say) -> tuple[FullSize, str]:
    """`experiment` is that of `full_size`. Also returns the kernels of the fast engine's OpenBLAS."""
    label = chapter.data(choice).provenance.label
    printed = full_size.printed(chapter)
    say(f"{full_size.EXPERIMENT}, an epoch of {printed.training_rows:,} rows with the fast engine")
    reply = _once(_job("full-size", "fast", chapter, experiment, choice), 1)
    made = FullSize(
        lengths=label,
        when=_now(),
        rows=printed.training_rows,
        validation_rows=printed.validation_rows,
        words=int(reply.facts["words"]),
        seconds=_rounded(reply.seconds),
        peak_mib=reply.peak_mib,
        printed=printed.seconds,
    )
    return made, str(reply.facts["openblas"])


def _once(job: Job, amount: int) -> Reply:
    """Raises ReproError if it fails."""
    try:
        with Process(job) as process:
            process.ready()
            return process.measure(amount)
    except Failed as error:
        raise ReproError(f"{job.experiment}: {job.contestant} could not be measured: {error}") from error


def _jobs(
    kind: Kind, names: Sequence[Name], chapter: Chapter, experiment: Experiment, choice: DataChoice
) -> tuple[dict[str, Job], dict[str, str]]:
    """Those of the contestants that are installed; and why the others are not among them."""
    skipped = {str(name): reason for name in names if (reason := missing(name))}
    return {name: _job(kind, name, chapter, experiment, choice) for name in names if name not in skipped}, skipped


def _job(kind: Kind, contestant: str, chapter: Chapter, experiment: Experiment, choice: DataChoice) -> Job:
    return Job(kind, contestant, _name(chapter, experiment), str(decide(choice)))


def _name(chapter: Chapter, experiment: Experiment) -> str:
    return f"{chapter.name}/{experiment.name}"


def _measured(replies: Mapping[str, Sequence[Reply]]) -> dict[str, Times]:
    threads = {str(name): contestant.threads for name, contestant in CONTESTANTS.items()}
    return {
        name: Times(
            cpu=spread([reply.seconds.cpu for reply in each]),
            wall=spread([reply.seconds.wall for reply in each]),
            peak_mib=round(each[-1].peak_mib, 1),
            threads=threads.get(name, "1"),
        )
        for name, each in replies.items()
    }


def _rounded(seconds: Seconds) -> Seconds:
    return Seconds(round(seconds.cpu, 3), round(seconds.wall, 3))


def _openblas(turns: Turns) -> str:
    return str(turns.facts.get("fast", {}).get("openblas", ""))


def _times(rounds: int) -> str:
    return "once" if rounds == 1 else f"{rounds} times in turns"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
