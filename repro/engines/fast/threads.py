"""Tasks on several threads. Each task's outcome is its own, so it does not matter which thread takes it, or when."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

Task = Callable[[int], object]
"""Called with the number of the thread that takes it, from 0; two tasks at a time never get the same number."""


class Threads:
    """The calling thread, and others that help it."""

    def __init__(self, number: int) -> None:
        """number: of all threads, at least 1."""
        self.number = number
        self._others = ThreadPoolExecutor(number - 1) if number > 1 else None

    def run(self, tasks: Sequence[Task]) -> None:
        """Do all tasks, the first ones first. The first exception of one is raised when all threads have stopped."""
        todo = deque(tasks)

        def work(thread: int) -> None:
            try:
                while todo:
                    try:
                        task = todo.popleft()
                    except IndexError:  # another thread was faster
                        return
                    task(thread)
            except BaseException:
                todo.clear()
                raise

        helpers = range(1, min(self.number, len(tasks)))
        others = [self._others.submit(work, thread) for thread in helpers] if self._others else []
        try:
            work(0)
        finally:
            for other in others:
                other.exception()  # waits
        for other in others:
            other.result()


def parts(size: int, least: int, most: int = 16) -> list[slice]:
    """Split `range(size)` into at most so many parts of about equal size, none but a single one below `least`."""
    number = max(1, min(most, size // least))
    length = math.ceil(size / number) if size else 1
    return [slice(start, min(start + length, size)) for start in range(0, max(size, 1), length)]
