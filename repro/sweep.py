"""Many runs side by side, each on one thread of a process of its own."""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, NamedTuple

from repro.errors import ReproError
from repro.records import Record, Results
from repro.training import Run, train

if TYPE_CHECKING:
    from multiprocessing.queues import Queue


class Progress(NamedTuple):
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
    progressed: Callable[[Progress], None],
    finished: Callable[[int, Record], None],
) -> None:
    """Train `runs` on `jobs` workers; calls `progressed` as they go on, `finished` with a run's position at its end.

    If a run fails or the user interrupts, all workers are stopped and the error is raised: ReproError for what a user
    can mend. Stopped runs go on from their last epoch when they are asked for again.
    """
    context = multiprocessing.get_context("spawn")  # TensorFlow does not survive a fork
    channel: Queue[Progress] = context.Queue()
    pool = ProcessPoolExecutor(jobs, context, initializer=_begin, initargs=(channel,))
    try:
        waiting = {pool.submit(_work, position, run, results): position for position, run in enumerate(runs)}
        while waiting:
            done, _ = wait(waiting, timeout=EVERY, return_when=FIRST_COMPLETED)
            for progress in _received(channel):
                progressed(progress)
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


def _received(channel: Queue[Progress]) -> list[Progress]:
    received = []
    try:
        while True:
            received.append(channel.get_nowait())
    except queue.Empty:
        return received


# In a worker
_channel: Queue[Progress]


def _begin(channel: Queue[Progress]) -> None:
    global _channel
    _channel = channel
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal interrupts all; the main process stops the workers


def _work(position: int, run: Run, results: Results) -> Record:
    last = 0.0
    main = multiprocessing.parent_process()
    assert main is not None

    def report(epoch: int, batches: int) -> None:
        nonlocal last
        if not main.is_alive():
            os._exit(1)  # it was killed and could not stop this worker
        now = time.monotonic()
        if now - last >= EVERY:
            last = now
            _channel.put(Progress(position, epoch, batches))

    return train(run, results, report)
