"""Prints numbers and finds names as R does."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

WIDTH = 80
"""Characters in a line: R's `getOption("width")`."""


def place(key: str | int, labels: Sequence[str]) -> int:
    """The index, from 0, of a label, or of R's position, which counts from 1."""
    if isinstance(key, str) and key in labels:
        return labels.index(key)
    if not isinstance(key, str) and 1 <= key <= len(labels):
        return key - 1
    raise KeyError(f"subscript out of bounds: {key!r}, of {', '.join(labels)}")


def label(level: object) -> str:
    """R's `as.character()`."""
    if isinstance(level, bool | np.bool_):  # NumPy's own stay in an array of objects
        return str(level).upper()
    return number(float(level), 15) if isinstance(level, float | np.floating) else str(level)


def number(value: float, digits: int = 7) -> str:
    """As R prints a number: up to `digits` significant digits, without zeros at the end; the shorter notation."""
    if not math.isfinite(value):
        return {"nan": "NaN", "inf": "Inf", "-inf": "-Inf"}[str(float(value))]
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".")
    significant = len(mantissa.lstrip("-").replace(".", ""))
    fixed = f"{value:.{max(significant - 1 - int(exponent), 0)}f}"
    scientific = f"{mantissa}e{exponent}"
    return fixed if len(fixed) <= len(scientific) else scientific
