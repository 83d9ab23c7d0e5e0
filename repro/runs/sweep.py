"""Many runs side by side, each on one thread of a process of its own."""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from repro.errors import DataWarning, ReproError
from repro.records import Record, Results
from repro.runs.run import Run

if TYPE_CHECKING:
    from multiprocessing.queues import Queue


class Step(NamedTuple):
    """How far a run has come: it has done `batches` batches of its epoch number `epoch`, which counts from 1."""

    run: int
    epoch: int
    batches: int


EVERY = 0.1
"""Seconds between two reports of one run, at least."""


def workers(runs: int) -> int:
    """As many as there are runs, but no more than the cores that this process may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(runs, cores))


def sweep(
    runs: Sequence[Run],
    results: Results,
    *,
    jobs: int,
    progressed: Callable[[Step], None],
    finished: Callable[[int, Record], None],
) -> None:
    """Train `runs` on `jobs` workers; calls `progressed` as they go on, `finished` with a run's position at its end.

    If a run fails or the user interrupts, all workers are stopped and the error is raised: ReproError for what a user
    can mend. Stopped runs go on from their last epoch when they are asked for again.
    """
    context = multiprocessing.get_context("spawn")  # TensorFlow does not survive a fork
    channel: Queue[Step] = context.Queue()
    pool = ProcessPoolExecutor(jobs, context, initializer=_begin, initargs=(channel,))
    try:
        with _interrupts_ignored():  # by the workers, for what is ignored at their start stays so
            waiting = {pool.submit(_work, position, run, results): position for position, run in enumerate(runs)}
        while waiting:
            done, _ = wait(waiting, timeout=EVERY, return_when=FIRST_COMPLETED)
            for step in _received(channel):
                progressed(step)
            for future in done:
                finished(waiting.pop(future), future.result())
    except BrokenProcessPool as error:
        raise ReproError("a worker was killed, perhaps for want of memory; fewer side by side: --jobs 1") from error
    except BaseException:
        for child in multiprocessing.active_children():
            child.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """The terminal interrupts all processes; the main one alone answers, and stops the others."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _received(channel: Queue[Step]) -> list[Step]:
    received = []
    try:
        while True:
            received.append(channel.get_nowait())
    except queue.Empty:
        return received


# In a worker
_channel: Queue[Step]


def _begin(channel: Queue[Step]) -> None:
    global _channel
    _channel = channel
    warnings.simplefilter("ignore", DataWarning)  # the main process has given it
    threading.Thread(target=_end_with_main_process, daemon=True).start()


def _end_with_main_process() -> None:
    """If the main process is killed it cannot stop its workers."""
    main = multiprocessing.parent_process()
    assert main is not None
    main.join()
    os._exit(1)


def _work(position: int, run: Run, results: Results) -> Record:
    from repro.runs.train import train  # which starts Keras: in the workers only

    last = 0.0

    def report(epoch: int, batches: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= EVERY:
            last = now
            _channel.put(Step(position, epoch, batches))

    return train(run, results, report)
