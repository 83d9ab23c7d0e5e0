"""How the kernels are compiled: to machine code of this processor, kept on disk, without Python's global lock.

The code is kept in the folder that NUMBA_CACHE_DIR names, else in `kernels` in the cache folder (`repro.cache`).
"""

from __future__ import annotations

import functools
import hashlib
import os
import pickle
import sys
import warnings
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core.serialize import dumps

from repro.cache import writable_folder
from repro.errors import DataWarning, ReproError
from repro.files import not_writable, write_atomically

_numba: Any = numba.config

Function = TypeVar("Function", bound=Callable[..., Any])

SOURCES = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))).digest()
"""Of the text of all kernels. One that calls another holds the code of that one too."""


def kernel(function: Function) -> Function:
    """Compile `function` for each combination of types that it is called with.

    A product and a sum may become one instruction (`contract`); nothing else of the order of operations changes, so
    that the same processor gives the same bits. What is divided by zero is infinite, as in NumPy.

    Raises ReproError if NUMBA_CACHE_DIR names a folder that cannot be written, or no folder can be.
    """
    with _numba_told(_folder()):
        compiled: Any = numba.njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract"})(function)
    name = f"{function.__module__}.{function.__qualname__}.{sys.implementation.cache_tag}"
    compiled._cache._cache_file = _Kept(Path(compiled._cache.cache_path), name)
    return cast("Function", compiled)


class _Kept:
    """The versions of a kernel on disk, each in a file of its own, which says what it was compiled from and for.

    Numba by itself keeps a list of them, which two processes that compile at once may each replace by their own, and
    looks only at the source file that the function is in, so that it takes up what was compiled before another changed.
    """

    made_of = numba.__version__, SOURCES

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = name

    def load(self, key: Hashable) -> Any:
        """What was kept under `key`, the types and the processor; None if there is nothing, or it is out of date."""
        try:
            with self._path(key).open("rb") as file:
                if pickle.load(file) != self.made_of:
                    return None
                kept, code = pickle.load(file)
        except Exception:  # it is not there, or damaged, which makes pickle raise half a dozen kinds of errors
            return None
        return code if kept == key else None

    def save(self, key: Hashable, code: Any) -> None:
        """Keep it, all of it or nothing. A warning says if that fails: then it is compiled again the next time."""
        try:
            write_atomically(self._path(key), pickle.dumps(self.made_of) + dumps((key, code)))  # type: ignore[no-untyped-call]
        except ReproError as error:
            warnings.warn(f"compiled code is not kept for the next time: {error}", DataWarning, stacklevel=2)

    def _path(self, key: Any) -> Path:
        """What it is for decides the name; what it was made of does not, so that new code takes the place of old."""
        types, processor, _ = key
        digest = hashlib.sha256(repr((types, processor)).encode()).hexdigest()
        return self.folder / f"{self.name}.{digest[:16]}.nbc"


@functools.cache
def _folder() -> Path:
    if named := _numba.CACHE_DIR:
        if (fault := not_writable(Path(named))) is not None:
            raise ReproError(
                f"nothing can be written to {named} ({fault}); unset NUMBA_CACHE_DIR or name another folder with it"
            )
        return Path(named)
    return writable_folder("kernels")


@contextmanager
def _numba_told(folder: Path) -> Iterator[None]:
    """Have numba keep what it compiles in `folder`, and what others have compiled where they chose."""
    before = _numba.CACHE_DIR
    _numba.CACHE_DIR = os.fspath(folder)
    try:
        yield
    finally:
        _numba.CACHE_DIR = before
