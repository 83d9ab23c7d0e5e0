"""Many runs on many machines: hands them to the workers of a Dask cluster, and keeps what they leave.

A worker makes one run at a time. The caller chooses which, so that it can give a run whose worker died to another one,
with its last checkpoint. Data go to one worker, and from there to the others that need them, once to each.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
import numpy as np
from distributed import CancelledError, Client, Future, KilledWorker, LocalCluster
from distributed.comm import CommClosedError

from repro.errors import ReproError, cause
from repro.files import write_atomically
from repro.records import Record, Results
from repro.runs import cluster_worker
from repro.runs.backlog import Backlog
from repro.runs.cluster_process import RunMade
from repro.runs.run import Run
from repro.runs.sweep import Progress, interrupts_ignored, share_cores
from repro.text import Padded, Ragged

if TYPE_CHECKING:
    from repro.datasets.dataset import Dataset, Inputs

CONNECTING = 10.0
"""Seconds to wait for the scheduler."""

CONNECTED = ("running", "connecting")
"""The states of a client that has not given up its scheduler."""

INTERVAL = 0.5
"""Seconds between two rounds of questions to the workers."""

GATHERING = 60.0
"""Seconds to wait for the files of a run that has ended."""

MOST_DEATHS = 3
"""Workers that may die while they make the same run; it may be what kills them."""


def sweep_on(
    address: str,
    runs: Sequence[Run],
    results: Results,
    *,
    jobs: int | None = None,
    threads: int | None = None,
    progressed: Callable[[Progress], None],
    finished: Callable[[int, Record], None],
    tell: Callable[[str], None],
) -> None:
    """Train `runs` on the workers of a cluster; the rest is as in `sweep`.

    address: of the scheduler, `tcp://HOST:PORT`; or `local`, which starts a cluster on this machine.
    jobs: runs side by side at most; as many as there are workers if None.
    threads: of each run; as many as its worker has if None.

    A run whose worker dies is given to another one and goes on from its last checkpoint.

    Raises ReproError if the scheduler cannot be reached or is lost, if a worker has other software than this process,
    and if `MOST_DEATHS` workers die of one run.
    """
    for logger in ("distributed", "distributed.client"):
        logging.getLogger(logger).setLevel(logging.CRITICAL)  # what goes wrong is said here
    with connected(address, len(runs), jobs, threads) as client:
        backlog = Backlog(runs, results, finished=finished, tell=tell)
        sweep = _Sweep(client, address, runs, results, backlog, jobs, threads, progressed, finished, tell)
        try:
            while sweep.under_way or backlog:
                with contextlib.suppress(CommClosedError):  # the client is connecting anew
                    sweep.look_after_workers()
                    sweep.hear_news()
                    sweep.collect()
                    sweep.start_runs()
                time.sleep(INTERVAL)
        except Exception as error:
            if isinstance(error, ReproError) or client.status in CONNECTED:
                raise
            raise ReproError(f"lost the scheduler at {address}; the same command resumes when it is back") from error
        finally:
            sweep.stop()
            backlog.close()


@contextlib.contextmanager
def connected(address: str, runs: int, jobs: int | None, threads: int | None) -> Iterator[Client]:
    """A client of the scheduler at `address`; for `local`, of a cluster for `runs` that ends with the context.

    Raises ReproError if no scheduler answers.
    """
    with contextlib.ExitStack() as stack:
        if address == "local":
            side_by_side, of_each = share_cores(runs, jobs, threads)
            with interrupts_ignored():  # the workers go on ignoring them
                cluster = LocalCluster(
                    n_workers=side_by_side,
                    threads_per_worker=of_each,
                    memory_limit=None,
                    dashboard_address=None,
                    silence_logs=logging.CRITICAL,
                )
            scheduler: Any = stack.enter_context(cluster)
        else:
            scheduler = address
        try:
            client = Client(scheduler, timeout=CONNECTING, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise ReproError(
                f"no scheduler answers at {address} within {CONNECTING:.0f} seconds; is `dask scheduler` running there?"
            ) from error
        yield stack.enter_context(client)


def check_address(address: str) -> None:
    """Raises ReproError unless `address` is `local` or may be that of a scheduler."""
    try:
        parts = urlsplit(address)
        complete = parts.scheme in ("tcp", "tls", "ws", "wss") and parts.hostname and parts.port
    except ValueError:  # a port that is none
        complete = False
    if not complete and address != "local":
        raise ReproError(f"--cluster {address!r}: neither local nor the address of a scheduler, as tcp://HOST:8786")


@dataclasses.dataclass
class _Attempt:
    """A run on a worker."""

    position: int
    worker: str
    future: Future[RunMade]
    saved: int = 0
    """The epochs in the checkpoint that the worker has sent."""


class _Sweep:
    """The state of `sweep_on`."""

    def __init__(
        self,
        client: Client,
        address: str,
        runs: Sequence[Run],
        results: Results,
        backlog: Backlog,
        jobs: int | None,
        threads: int | None,
        progressed: Callable[[Progress], None],
        finished: Callable[[int, Record], None],
        tell: Callable[[str], None],
    ) -> None:
        self.client, self.address, self.runs, self.results, self.backlog = client, address, runs, results, backlog
        self.jobs, self.threads = jobs or len(runs), threads
        self.progressed, self.finished, self.tell = progressed, finished, tell
        self.under_way: dict[str, _Attempt] = {}
        self.workers: dict[str, int] = {}
        """The threads of each worker whose software was checked."""
        self.data: dict[str, Future[Dataset]] = {}
        """By fingerprint: where the workers get them from."""
        self.deaths: Counter[int] = Counter()
        self.waiting = False

    def look_after_workers(self) -> None:
        """Check those that have come; take back the runs of those that are gone."""
        there = dict(self.client.nthreads())
        for worker, found in self.client.run(
            cluster_worker.software, workers=list(there.keys() - self.workers.keys()), on_error="return"
        ).items():
            if isinstance(found, OSError):  # it is gone again
                continue
            if isinstance(found, Exception):
                raise ReproError(f"worker {worker} has not this package, or another edition of it: {found}")
            _check_same(worker, found)
            self.workers[worker] = there[worker]
        self.workers = {worker: threads for worker, threads in self.workers.items() if worker in there}
        for name, attempt in list(self.under_way.items()):
            if attempt.worker not in there or attempt.future.status in ("cancelled", "lost"):
                self._take_back(name)
        if not self.workers and not self.waiting:
            self.tell(f"{self.address} has no workers; waiting for some")
        self.waiting = not self.workers

    def start_runs(self) -> None:
        """Give a run to each worker that has none, as long as there are runs."""
        busy = {attempt.worker for attempt in self.under_way.values()}
        for worker in self.workers.keys() - busy:
            if len(self.under_way) == self.jobs or (position := self.backlog.next()) is None:
                return
            self._start(position, worker)

    def _start(self, position: int, worker: str) -> None:
        run = self.runs[position]
        data = self._data(run, worker)
        if data is None:
            self.backlog.again(position)
            return
        name = f"{run.stem}-{uuid.uuid4().hex}"
        future = self.client.submit(
            cluster_worker.make,
            dataclasses.replace(run, data="real"),  # a path is none of the worker's business
            data,
            name=name,
            checkpoint=self._checkpoint(run),
            threads=self.threads or self.workers[worker],
            key=name,
            workers=[worker],
            pure=False,
        )
        self.under_way[name] = _Attempt(position, worker, future)

    def _checkpoint(self, run: Run) -> bytes | None:
        path = self.results.checkpoint_path(run.chapter, run.stem)
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ReproError(f"{path} cannot be read: {cause(error)}") from error

    def _data(self, run: Run, worker: str) -> Future[Dataset] | None:
        """The data of a run, which `worker` is sent unless they are on another one already. None if it is gone."""
        key = run.provenance.sha256
        if key not in self.data or self.data[key].status != "finished":
            dataset = _plain(run.load())
            try:
                self.data[key] = self.client.scatter(dataset, workers=[worker], hash=False)
            except (OSError, KeyError):  # the scheduler's answers for a worker that it no longer has
                return None
        return self.data[key]

    def hear_news(self) -> None:
        """Show how far the runs are, and keep their checkpoints."""
        known = {name: attempt.saved for name, attempt in self.under_way.items()}
        busy = [attempt.worker for attempt in self.under_way.values()]
        for answers in self.client.run(cluster_worker.news, known, workers=busy, on_error="ignore").values():
            for name, news in answers.items():
                attempt = self.under_way[name]
                run = self.runs[attempt.position]
                if news.checkpoint is not None:
                    write_atomically(self.results.checkpoint_path(run.chapter, run.stem), news.checkpoint)
                    attempt.saved = news.saved
                if news.epoch:
                    self.progressed(Progress(attempt.position, news.epoch, news.batches))

    def collect(self) -> None:
        """Write what runs that have ended have left. Raises the error of one that has failed."""
        for name, attempt in list(self.under_way.items()):
            if not attempt.future.done() or attempt.future.status in ("cancelled", "lost"):
                continue
            try:
                made = attempt.future.result(timeout=GATHERING)
            except (cluster_worker.Stopped, KilledWorker, CancelledError, TimeoutError):
                self._take_back(name)  # it took this process for dead, its own was killed, or its worker died now
                continue
            del self.under_way[name]
            self.finished(attempt.position, self._written(self.runs[attempt.position], made))
            self.backlog.end(attempt.position)

    def _written(self, run: Run, made: RunMade) -> Record:
        """Write what a run has left; return its record."""
        if made.predictions is not None:
            write_atomically(self.results.predictions_path(run.chapter, run.stem), made.predictions)
        if made.weights is not None:
            write_atomically(self.results.weights_path(run.chapter, run.stem), made.weights)
        record = msgspec.json.decode(made.record, type=Record)
        self.results.write(record)
        self.results.checkpoint_path(run.chapter, run.stem).unlink(missing_ok=True)
        return record

    def _take_back(self, name: str) -> None:
        """Put back a run whose worker, or the process in which it trained, is gone."""
        attempt = self.under_way.pop(name)
        self.deaths[attempt.position] += 1
        run = self.runs[attempt.position].name
        if self.deaths[attempt.position] == MOST_DEATHS:
            raise ReproError(f"{run}: {MOST_DEATHS} workers died while they made it, perhaps for want of memory")
        self.tell(f"{run}: its worker is gone; another one goes on")
        self.backlog.again(attempt.position)
        attempt.future.cancel()

    def stop(self) -> None:
        """Have the workers end the runs that are under way."""
        if self.client.status != "running":
            return
        with contextlib.suppress(CommClosedError):
            busy = {attempt.worker for attempt in self.under_way.values()} & self.client.nthreads().keys()
            self.client.run(cluster_worker.stop, list(self.under_way), workers=list(busy), on_error="ignore")
            self.client.cancel([attempt.future for attempt in self.under_way.values()])


def _check_same(worker: str, found: dict[str, str]) -> None:
    """Raises ReproError if a worker has other software than this process."""
    here = cluster_worker.software()
    for name in here.keys() | found.keys():
        if here.get(name) != found.get(name):
            raise ReproError(
                f"worker {worker} has {name} {found.get(name, '(none)')}, here it is {here.get(name, '(none)')}; "
                "a run needs the same on all machines"
            )


def _plain(dataset: Dataset) -> Dataset:
    """The same data, in arrays that are not mapped from files."""

    def inputs(x: Inputs) -> Inputs:
        if isinstance(x, Padded):
            words = Ragged(np.asarray(x.words.values), np.asarray(x.words.offsets))
            return Padded(words, x.maxlen, padding=x.padding)
        return np.asarray(x)

    changed: dict[str, Any] = {}
    for field in dataclasses.fields(dataset):
        value = getattr(dataset, field.name)
        if isinstance(value, np.ndarray | Padded):
            changed[field.name] = inputs(value)
    return dataclasses.replace(dataset, **changed)
