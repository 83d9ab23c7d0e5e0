"""Where compiled kernels are kept, and whether they are there. Does not start numba."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import os
import sys
from pathlib import Path
from typing import Literal, get_args

import llvmlite.binding as llvm

from repro.cache import writable_folder
from repro.errors import ReproError
from repro.files import not_writable, write_atomically

SOURCES = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))).digest()
"""A digest of the text of all kernels: the compiled code of a kernel contains that of the kernels it calls."""


@functools.cache
def folder() -> Path:
    """The folder that NUMBA_CACHE_DIR names, otherwise `kernels` in the cache folder.

    Raises ReproError if NUMBA_CACHE_DIR names a folder that cannot be written, or no folder can be.
    """
    if named := os.environ.get("NUMBA_CACHE_DIR"):
        if (fault := not_writable(Path(named))) is not None:
            raise ReproError(
                f"nothing can be written to {named} ({fault}); unset NUMBA_CACHE_DIR or name another folder with it"
            )
        return Path(named)
    return writable_folder("kernels")


Step = Literal["sgd", "adagrad", "rmsprop", "adam", "nadam"]
"""The kernel for the steps of an optimizer, by the name that Keras knows it by, and that it has in `updates`."""
STEPS: tuple[Step, ...] = get_args(Step)

Kind = Literal["shared", "fixed point"] | Step
"""The kernels for networks whose padding all rows share; for those that read it row by row, which need both; a step."""


def is_stamped(kind: Kind) -> bool:
    """Whether all kernels of a kind were compiled from these sources, for this processor."""
    try:
        return _path(kind).read_bytes() == _stamp()
    except OSError:
        return False


def stamp(kind: Kind) -> None:
    """Note that they are. Raises ReproError if the folder cannot be written."""
    write_atomically(_path(kind), _stamp())


def _path(kind: Kind) -> Path:
    processor = hashlib.sha256(f"{llvm.get_host_cpu_name()} {llvm.get_host_cpu_features()}".encode()).hexdigest()
    return folder() / f"{kind.replace(' ', '-')}.{sys.implementation.cache_tag}.{processor[:16]}.stamp"


def _stamp() -> bytes:
    return SOURCES + importlib.metadata.version("numba").encode()
