"""How the kernels are compiled: to machine code of this processor, kept on disk, without Python's global lock."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

SOURCES = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))).digest()
"""Of the text of all kernels. One that calls another holds the code of that one too."""


def kernel(function: Function) -> Function:
    """Compile `function` for each combination of types that it is called with.

    A product and a sum may become one instruction (`contract`); nothing else of the order of operations changes, so
    that the same processor gives the same bits. What is divided by zero is infinite, as in NumPy.
    """
    compiled: Any = numba.njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract"})(function)
    # By itself numba looks only at the file that a function is in, and takes up what was compiled before a change of
    # another one.
    compiled._cache._cache_file._source_stamp = SOURCES
    return cast("Function", compiled)
