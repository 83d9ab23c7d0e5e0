"""The processes of the contestants, as the bench sees them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType

import msgspec

from repro import backend
from repro.bench.messages import Job, Reply

LIBRARIES = ("KERAS_BACKEND", "OPENBLAS_NUM_THREADS", "OPENBLAS_CORETYPE")
"""Variables that libraries read when they are loaded, besides those of `backend.ENVIRONMENT`."""

_OWN = {"stock-jax": {"KERAS_BACKEND": "jax"}, "torch-1": {"OMP_NUM_THREADS": "1"}}
"""What a contestant is told by variables."""


class Failed(Exception):
    """A process could not do its job; says why."""


class Process:
    """Use as a context; the process is there until the end of it."""

    def __init__(self, job: Job) -> None:
        # For what it leaves behind, however it ends.
        self._folder = tempfile.TemporaryDirectory(prefix="repro-bench-", ignore_cleanup_errors=True)
        self._log = Path(self._folder.name) / "log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "repro.bench.worker"],
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment(job.contestant) | {"TMPDIR": self._folder.name},
                start_new_session=True,  # the terminal interrupts the bench alone, which ends the others
            )
        self._say(msgspec.json.encode(job))

    def __enter__(self) -> Process:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)  # those that it started too
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        self._folder.cleanup()

    @property
    def pid(self) -> int:
        return self._process.pid

    def ready(self) -> Reply:
        """Wait until it has started and warmed up, once. Raises Failed."""
        return self._reply()

    def measure(self, amount: int) -> Reply:
        """Have it do this much. Raises Failed."""
        self._say(str(amount).encode())
        return self._reply()

    def _say(self, line: bytes) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # the missing reply will tell
            self._process.stdin.write(line + b"\n")

    def _reply(self) -> Reply:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise Failed(f"its process ended by itself with {self._process.wait()}{self._last_words()}")
        reply = msgspec.json.decode(line, type=Reply)
        if reply.error:
            raise Failed(reply.error)
        return reply

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").split("\n")
        return next((f": {line.strip()}" for line in reversed(lines) if line.strip()), "")


def environment(contestant: str) -> dict[str, str]:
    """Of its process: the user's, without what this suite, or the user, may have set for libraries."""
    ours = {*backend.ENVIRONMENT, *LIBRARIES}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return kept | _OWN.get(contestant, {})
