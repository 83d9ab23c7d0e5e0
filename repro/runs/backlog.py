"""The runs that are still to be started. Other commands on the same folder of results may be making some of them.

A run is made under a lock, a file beside its checkpoint. The operating system takes the lock from a process that ends,
however it ends, so a run whose process was killed can be taken over at once.
"""

from __future__ import annotations

import contextlib
import errno
import warnings
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from repro.errors import DataWarning, ReproError, cause
from repro.records import Record, Results
from repro.runs.run import Run

NO_LOCKS = {errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP}
"""What a file system answers that has no locks."""


class RunLock:
    """The right to make one run, which one process has at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # No soft lock where there are no real ones: it would outlive its holder. The mode: other users' may share it.
        self._file = FileLock(path, blocking=False, fallback_to_soft=False, mode=0o666)

    def take(self) -> bool:
        """Take the lock, without waiting; False if another process has it.

        On a file system without locks nothing is taken, and a DataWarning says so. Raises ReproError if the file cannot
        be written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file.acquire()
        except Timeout:
            return False
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise ReproError(f"cannot write {self.path}: {cause(error, self.path.parent)}") from error
            what = f"{self.path.parent} is on a file system without locks ({cause(error)})"
            warnings.warn(f"{what}: do not start a second command on this folder", DataWarning, stacklevel=1)
        return True

    def give_back(self) -> None:
        """Delete the file and let go of the lock. Who opened it before notices, and opens a new one."""
        if self._file.is_locked:
            with contextlib.suppress(OSError):  # Windows deletes no open file; one that stays is in nobody's way
                self.path.unlink()
            self._file.release()


class Backlog:
    """Hands out runs to be started, each under its lock, which it holds until the run has ended.

    A run that another process is making is put last. When that process has let go of it, the run either has a record,
    which is taken as this run's, or is handed out: it goes on from the other's checkpoint.
    """

    def __init__(
        self,
        runs: Sequence[Run],
        results: Results,
        *,
        finished: Callable[[int, Record], None],
        tell: Callable[[str], None],
    ) -> None:
        """finished: called with the position of a run that another process has made, and its record.

        tell: called with a line to show when only runs of other processes are left.
        """
        self._runs, self._results, self._finished, self._tell = runs, results, finished, tell
        self._anew = {i for i, run in enumerate(runs) if results.finished(run.chapter, run.stem)}
        """Runs that are to be made although they have a record."""
        self._fresh = deque(range(len(runs)))
        self._elsewhere: list[int] = []
        self._told: set[int] = set()
        self._held: dict[int, RunLock] = {}

    def close(self) -> None:
        """Let go of all runs that were handed out."""
        for position in list(self._held):
            self.end(position)

    def __len__(self) -> int:
        """The number of runs that were not handed out yet."""
        return len(self._fresh) + len(self._elsewhere)

    def next(self) -> int | None:
        """The position of a run to be started now; None if there is none, now or at all. Raises as `RunLock.take`."""
        while self._fresh:
            position = self._fresh.popleft()
            if not (lock := self._lock(position)).take():
                self._elsewhere.append(position)
            elif self._is_to_be_made(position, lock):
                return position
        for position in list(self._elsewhere):
            if (lock := self._lock(position)).take():
                self._elsewhere.remove(position)
                if self._is_to_be_made(position, lock):
                    return position
            elif position not in self._told:
                self._told.add(position)
                self._tell(f"{self._runs[position].name}: another process is making it; waiting")
        return None

    def again(self, position: int) -> None:
        """Put back a run that was handed out and came to nothing."""
        self.end(position)
        self._fresh.appendleft(position)

    def end(self, position: int) -> None:
        """Let go of a run that was handed out."""
        self._held.pop(position).give_back()

    def _lock(self, position: int) -> RunLock:
        run = self._runs[position]
        return RunLock(self._results.lock_path(run.chapter, run.stem))

    def _is_to_be_made(self, position: int, lock: RunLock) -> bool:
        """Keep the lock if the run is to be made; give it back if another process has made it since it was planned."""
        run = self._runs[position]
        record = None if position in self._anew else self._results.finished(run.chapter, run.stem)
        if record:
            lock.give_back()
            self._finished(position, record)
            return False
        self._held[position] = lock
        return True
