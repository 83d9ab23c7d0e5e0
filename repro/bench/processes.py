"""Starts a process for each contestant and has them work in turns; `main` is what runs in such a process.

A process reads a job and then amounts of work from standard input, a line each, and answers each line with a `Reply`.
"""

from __future__ import annotations

import contextlib
import importlib.util
import math
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from repro import backend
from repro.bench import CONTESTANTS
from repro.bench.jobs import Job, JobKind, Reply, Seconds, Work, agree, peak_mib
from repro.datasets.choice import DataChoice, decide
from repro.errors import DataWarning, ReproError

MORE = 2
"""Rounds more, at most, of a contestant whose rounds do not agree."""


class Failed(Exception):
    """A process could not do its job; the message says why."""


class Process:
    """The process of one contestant. Whoever starts it must close it."""

    def __init__(self, job: Job) -> None:
        # For whatever the process leaves behind, however it ends.
        self._folder = tempfile.TemporaryDirectory(prefix="repro-bench-", ignore_cleanup_errors=True)
        self._log = Path(self._folder.name) / "log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", "from repro.bench.processes import main; main()"],
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment(job.contestant) | {"TMPDIR": self._folder.name},
                start_new_session=True,  # the terminal interrupts the bench alone, which ends the others
            )
        self.pid = self._process.pid
        self._send(msgspec.json.encode(job))

    def close(self) -> None:
        """End the process and those that it started, whatever they are doing."""
        if self._process.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        self._folder.cleanup()

    def reply(self, amount: int | None = None) -> Reply:
        """The reply to an amount of work; None stands for the first reply, after warming up. Raises Failed."""
        if amount is not None:
            self._send(str(amount).encode())
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise Failed(f"its process ended by itself with {self._process.wait()}{self._last_words()}")
        reply = msgspec.json.decode(line, type=Reply)
        if reply.error:
            raise Failed(reply.error)
        return reply

    def _send(self, line: bytes) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # the missing reply will tell
            self._process.stdin.write(line + b"\n")

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").split("\n")
        return next((f": {line.strip()}" for line in reversed(lines) if line.strip()), "")


def environment(contestant: str) -> dict[str, str]:
    """The variables of a contestant's process: the user's, but for those that set up libraries, and its own."""
    removed = {*backend.ENVIRONMENT, *backend.UNSET, "KERAS_BACKEND"}
    kept = {name: value for name, value in os.environ.items() if name not in removed}
    own = CONTESTANTS[contestant].environment if contestant in CONTESTANTS else {}
    return {**kept, **own}


class Turns:
    """Processes that do the same work in turns; one that fails is left out from then on."""

    def __init__(self) -> None:
        self.processes: dict[str, Process] = {}
        self.skipped: dict[str, str] = {}
        """Who takes no part, and why."""

    def paced(self, names: Iterable[str], seconds: float) -> dict[str, int]:
        """The amount of work that takes each about so many seconds of wall time, 1 at least."""
        amounts: dict[str, int] = {}
        for name in names:
            amount = 1
            while name in self.processes and name not in amounts:
                # Two trials, since one may be slow by chance: then all rounds would be too short to be measured well.
                trials = [self.ask(name, amount) for _ in range(2) if name in self.processes]
                wall = min((reply.seconds.wall for reply in trials if reply), default=seconds)
                enough = math.ceil(amount * seconds / max(wall, 1e-6))
                if enough <= 4 * amount:  # what takes less than a quarter of the time is no measure of the pace
                    amounts[name] = enough
                amount = math.ceil(enough / 2)
        return amounts

    def rounds(self, number: int, amounts: Mapping[str, int]) -> dict[str, list[Reply]]:
        """Ask each for its amount of work, `number` times in turns; returns the replies of those that never failed.

        Those whose rounds do not agree yet get up to `MORE` more. Raises ReproError if all failed.
        """
        replies: dict[str, list[Reply]] = {name: [] for name in amounts}
        for turn in range(number + MORE):
            for name, amount in amounts.items():
                taken = [reply.seconds for reply in replies[name]]
                settled = agree([each.cpu for each in taken]) and agree([each.wall for each in taken])
                if not (settled and turn >= number) and name in self.processes and (reply := self.ask(name, amount)):
                    replies[name].append(reply)
        if not self.processes:
            raise ReproError(f"nothing could be measured: {next(iter(self.skipped.values()))}")
        return {name: each for name, each in replies.items() if name in self.processes}

    def ask(self, name: str, amount: int | None = None) -> Reply | None:
        """As `Process.reply`, but None for a process that fails. It is ended and left out from then on."""
        try:
            return self.processes[name].reply(amount)
        except Failed as error:
            self.processes.pop(name).close()
            self.skipped[name] = str(error)
            return None


@contextlib.contextmanager
def warmed_up(experiment: str, data: DataChoice, kinds: Mapping[str, JobKind]) -> Iterator[Turns]:
    """Processes that start and warm up side by side, one for each contestant in `kinds`. They end with the context.

    A contestant whose package is not installed is left out from the start.
    """
    turns = Turns()
    try:
        for name, kind in kinds.items():
            contestant = CONTESTANTS.get(name)
            if contestant and not importlib.util.find_spec(contestant.package):
                turns.skipped[name] = f"{contestant.package} is not installed"
            else:
                turns.processes[name] = Process(Job(kind, name, experiment, str(decide(data))))
        for name in list(turns.processes):
            turns.ask(name)
        yield turns
    finally:
        for process in turns.processes.values():
            process.close()


# What follows runs in the process of a contestant.
def main() -> None:
    """Work until standard input ends, since the bench has ended or was killed then."""
    replies = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever libraries print
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(lines,), daemon=True).start()
    warnings.simplefilter("ignore", DataWarning)  # the bench has shown it
    try:
        work = _work(msgspec.json.decode(lines.get(), type=Job))
        seconds = Seconds()
        while True:
            replies.write(_line(Reply(seconds=seconds, peak_mib=peak_mib(), facts=work.facts)))
            seconds = work.measure(int(lines.get()))
    except Exception as error:
        traceback.print_exc()
        what = (str(error).strip().splitlines() or [""])[0]
        replies.write(_line(Reply(peak_mib=peak_mib(), error=f"{type(error).__name__}: {what}")))


def _listen(lines: queue.SimpleQueue[bytes]) -> None:
    for line in sys.stdin.buffer:
        lines.put(line)
    os.killpg(0, signal.SIGKILL)  # this process, whatever it is doing, and those that it started


def _line(reply: Reply) -> bytes:
    return msgspec.json.encode(reply) + b"\n"


def _work(job: Job) -> Work:
    """Imports what the job needs and nothing else: libraries choose their threads when they are loaded."""
    match job.kind:
        case "prepare" | "open":
            from repro.bench.preparation import work
        case "product":
            from repro.bench.product import work
        case "sweep":
            from repro.bench.several_seeds import work
        case "start":
            from repro.bench.start import work
        case "full size":
            from repro.bench.full_size import work
        case _ if job.contestant in ("torch", "torch-1"):
            from repro.bench.in_torch import work
        case _:
            from repro.bench.in_keras import work
    return work(job)
