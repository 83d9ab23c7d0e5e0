"""Many runs side by side, each in a process of its own, on one thread or several."""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import threading
import time
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, Protocol

from repro.environment import cores
from repro.errors import DataWarning, ReproError
from repro.records import Record, Results
from repro.runs.backlog import Backlog
from repro.runs.compiling import start_compiling
from repro.runs.run import Run

if TYPE_CHECKING:
    from multiprocessing.queues import Queue


class Progress(NamedTuple):
    """How far a run has come."""

    run: int
    """Its position in the list of runs."""
    epoch: int
    """From 1."""
    batches: int
    """Batches of this epoch that are done."""


REPORT_INTERVAL = 0.1
"""Seconds, at least, between two reports of one run."""


class Sweep(Protocol):
    """`sweep`, or what does the same elsewhere."""

    def __call__(
        self,
        runs: Sequence[Run],
        results: Results,
        *,
        jobs: int | None = None,
        threads: int | None = None,
        progressed: Callable[[Progress], None],
        finished: Callable[[int, Record], None],
        tell: Callable[[str], None],
    ) -> None: ...


class Shares(NamedTuple):
    """How runs share the cores."""

    jobs: int
    """Runs side by side."""
    threads: int
    """Threads of each run."""


def share_cores(runs: int, jobs: int | None = None, threads: int | None = None) -> Shares:
    """Divide the cores that this process may use among `runs`, unless a number says otherwise.

    As many runs as there are go side by side, at most one for each core; each gets an equal part of the cores.
    """
    available = cores()
    if jobs is None:
        jobs = max(1, min(runs, available // (threads or 1)))
    return Shares(jobs, threads or max(1, available // jobs))


def sweep(
    runs: Sequence[Run],
    results: Results,
    *,
    jobs: int | None = None,
    threads: int | None = None,
    progressed: Callable[[Progress], None],
    finished: Callable[[int, Record], None],
    tell: Callable[[str], None],
) -> None:
    """Train `runs` on `jobs` worker processes, each with `threads`; where one is None, `share_cores` decides.

    Calls `progressed` while they train, and `finished` with a run's position and its record when it ends. Runs that
    another process is making, on the same folder of results, are waited for; `tell` is called with a line about that.

    If a run fails or the user interrupts, all workers are stopped and the error is raised: ReproError for what a user
    can mend. A stopped run resumes after its last finished epoch when it is asked for again.
    """
    jobs, threads = share_cores(len(runs), jobs, threads)
    context = multiprocessing.get_context("spawn")  # TensorFlow does not survive a fork
    channel: Queue[Progress] = context.Queue()
    pool = ProcessPoolExecutor(jobs, context, initializer=_begin, initargs=(channel,))
    under_way: dict[Future[Record], int] = {}
    backlog = Backlog(runs, results, finished=finished, tell=tell)
    started = False
    try:
        while under_way or backlog:
            while len(under_way) < jobs and (position := backlog.next()) is not None:
                if not started:
                    start_compiling(runs, context, tell)
                    started = True
                with interrupts_ignored():  # a worker that starts now goes on ignoring them
                    under_way[pool.submit(_work, position, runs[position], results, threads)] = position
            done = _ended(under_way)
            for progress in _received(channel):
                progressed(progress)
            for future in done:
                position = under_way.pop(future)
                finished(position, future.result())
                backlog.end(position)
    except BrokenProcessPool as error:
        raise ReproError("a worker was killed, perhaps for want of memory; fewer side by side: --jobs 1") from error
    except BaseException:
        for child in multiprocessing.active_children():
            child.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        backlog.close()


def _ended(under_way: Collection[Future[Record]]) -> set[Future[Record]]:
    """The runs that end within the next `REPORT_INTERVAL`, if any."""
    if under_way:
        return wait(under_way, timeout=REPORT_INTERVAL, return_when=FIRST_COMPLETED).done
    time.sleep(REPORT_INTERVAL)
    return set()


@contextmanager
def interrupts_ignored() -> Iterator[None]:
    """Let the main process alone answer an interrupt, which the terminal sends to all; it stops the others."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _received(channel: Queue[Progress]) -> list[Progress]:
    received = []
    try:
        while True:
            received.append(channel.get_nowait())
    except queue.Empty:
        return received


# What follows runs in a worker.
_channel: Queue[Progress]


def _begin(channel: Queue[Progress]) -> None:
    global _channel
    _channel = channel
    warnings.simplefilter("ignore", DataWarning)  # the main process has shown it
    threading.Thread(target=_end_with_main_process, daemon=True).start()


def _end_with_main_process() -> None:
    """Exit when the main process has ended: one that was killed could not stop its workers."""
    main = multiprocessing.parent_process()
    assert main is not None
    main.join()
    os._exit(1)


def _work(position: int, run: Run, results: Results, threads: int) -> Record:
    from repro.runs.train import train  # starts Keras, in the workers only

    last = 0.0

    def report(epoch: int, batches: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= REPORT_INTERVAL:
            last = now
            _channel.put(Progress(position, epoch, batches))

    return train(run, results, report, threads=threads)
