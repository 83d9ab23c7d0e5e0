"""How the kernels are compiled: to machine code of this processor, kept on disk, without Python's global lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def kernel(function: Function) -> Function:
    """Compile `function` for each combination of types that it is called with.

    A product and a sum may become one instruction (`contract`); nothing else of the order of operations changes, so
    that the same processor gives the same bits. What is divided by zero is infinite, as in NumPy.
    """
    compiled: Any = numba.njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract"})(function)
    return cast("Function", compiled)
