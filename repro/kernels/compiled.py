"""Compiles the kernels to machine code of this processor, kept on disk, that runs without Python's global lock.

The code is kept in the folder that NUMBA_CACHE_DIR names, otherwise in `kernels` in the cache folder (`repro.cache`).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import sys
import warnings
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from filelock import FileLock
from numba.core.serialize import dumps
from numba.extending import intrinsic

from repro.errors import DataWarning, ReproError
from repro.files import write_atomically
from repro.kernels.stamp import SOURCES, folder

_numba: Any = numba.config
_types: Any = numba.types

Function = TypeVar("Function", bound=Callable[..., Any])


def kernel(function: Function) -> Function:
    """Compile `function` for each combination of argument types that it is called with.

    A product and a sum may become one instruction (`contract`). Nothing else changes the order of operations, so the
    same processor gives the same bits. Division by zero gives infinity, as in NumPy.

    Raises ReproError if NUMBA_CACHE_DIR names a folder that cannot be written, or no folder can be.
    """
    users_folder, _numba.CACHE_DIR = _numba.CACHE_DIR, os.fspath(folder())
    try:
        compiled: Any = numba.njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract"})(function)
    finally:
        _numba.CACHE_DIR = users_folder
    name = f"{function.__module__}.{function.__qualname__}.{sys.implementation.cache_tag}"
    # Not in numba's folder, which is another one for each place where this package is installed.
    compiled._cache._cache_file = CodeOnDisk(folder() / SOURCES.hex()[:16], name)
    return cast("Function", compiled)


def _borrowed(typing_context, value):  # type: ignore[no-untyped-def]
    """The same array, or a tuple of arrays and of tuples, that does not count who uses it; inside compiled code.

    Every slice of an array counts, in memory that all threads share, which takes half the time of a small time step. To
    be used on the arguments of a kernel, which live as long as its call, and on nothing else.
    """

    def without_count(context: Any, builder: Any, kind: Any, value: Any) -> Any:
        if isinstance(kind, _types.Array):
            array = context.make_array(kind)(context, builder, value)
            array.meminfo = array.meminfo.type(None)
            return array._getvalue()
        if isinstance(kind, _types.BaseTuple):
            members = enumerate(kind.types)
            return context.make_tuple(
                builder, kind, [without_count(context, builder, t, builder.extract_value(value, i)) for i, t in members]
            )
        return value

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return without_count(context, builder, signature.return_type, arguments[0])

    return value(value), code


borrowed: Any = intrinsic(_borrowed)


class CodeOnDisk:
    """The compiled versions of a kernel, each in a file that states what it was compiled from and for.

    It replaces numba's own index of the versions, which has two faults: two processes that compile at once can each
    overwrite the other's index; and numba looks only at the source file of the kernel itself, so it would load code
    that was compiled before another kernel changed.

    A version is compiled by one process: others that need it at the time wait, and load it.
    """

    made_of = numba.__version__, SOURCES

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = name
        self._locks: dict[Path, FileLock] = {}

    def load(self, key: Hashable) -> Any:
        """The code for `key` (argument types and processor); None if there is none, or it is out of date.

        After None, `save` is to follow: until then other processes wait for it.
        """
        code = self._read(key)
        if code is None:
            self._lock(self._path(key))
            code = self._read(key)  # another process may have compiled it meanwhile
            if code is not None:
                self._unlock(self._path(key))
        return code

    def save(self, key: Hashable, code: Any) -> None:
        """Write the code, whole or not at all. If that fails, warn: the kernel is compiled again the next time."""
        try:
            write_atomically(self._path(key), pickle.dumps(self.made_of) + dumps((key, code)))  # type: ignore[no-untyped-call]
        except ReproError as error:
            warnings.warn(f"compiled code is not kept for the next time: {error}", DataWarning, stacklevel=2)
        finally:
            self._unlock(self._path(key))

    def _read(self, key: Hashable) -> Any:
        try:
            with self._path(key).open("rb") as file:
                if pickle.load(file) != self.made_of:
                    return None
                key_on_disk, code = pickle.load(file)
        except Exception:  # the file is missing, or damaged, for which pickle raises half a dozen kinds of errors
            return None
        return code if key_on_disk == key else None

    def _lock(self, path: Path) -> None:
        """Wait for the right to compile. It ends with the process, or where there are no locks it is not needed."""
        lock = FileLock(path.with_suffix(".lock"), fallback_to_soft=False, thread_local=False)
        with contextlib.suppress(OSError):  # a file system without locks, or that cannot be written: `save` warns
            lock.acquire()
            self._locks[path] = lock

    def _unlock(self, path: Path) -> None:
        if (lock := self._locks.pop(path, None)) is not None:
            lock.release()

    def _path(self, key: Any) -> Path:
        """Named after types and processor, not after the sources, so that new code replaces the old."""
        types, processor, _ = key
        digest = hashlib.sha256(repr((types, processor)).encode()).hexdigest()
        return self.folder / f"{self.name}.{digest[:16]}.nbc"
