"""Checks what a user gives. Errors name what is wrong and say what to do; texts and rows are counted from 0."""

from __future__ import annotations

import math
import operator
import reprlib
from collections.abc import Iterable, Mapping
from typing import Literal, TypeVar, get_args

import numpy as np

Side = Literal["pre", "post"]
"""Where a row is filled up or cut: in front or at the end."""

Choice = TypeVar("Choice")


def several(texts: Iterable[str], function: str) -> Iterable[str]:
    """`texts`, to be iterated once. The texts themselves are checked when they are used.

    Raises TypeError, naming `function`, if it is one text, a table, a dict, or not iterable.
    """
    shape = getattr(texts, "shape", None)
    if isinstance(texts, str | bytes) or shape == ():
        raise TypeError(f"{function}() takes a list of texts; this is one text: put it in a list")
    if shape is not None and len(shape) != 1:
        raise TypeError(f"{function}() takes a list of texts, not a table of shape {tuple(shape)}: choose one column")
    if isinstance(texts, Mapping) or not isinstance(texts, Iterable):
        raise TypeError(f"{function}() takes a list of texts, not {_kind(texts)}")
    return texts.tolist() if isinstance(texts, np.ndarray) else texts  # NumPy's strings are slower than Python's


def one(text: str, function: str) -> str:
    """`text`. Raises TypeError, naming `function`, if it is not a string."""
    if not isinstance(text, str):
        raise TypeError(f"{function}() takes one text, a string, not {_kind(text)}")
    return text


def no_text(row: int, text: object, what: str = "text") -> TypeError:
    """The error for a text that is not a string: `text 1 is nan, not a string: drop or fill missing texts first`."""
    fault = f"{what} {row} is {_kind(text)}, not a string"
    if missing(text):
        return TypeError(f"{fault}: drop or fill missing {what}s first")
    if isinstance(text, bytes):
        return TypeError(f'{fault}: decode it first, as with .decode("utf-8")')
    return TypeError(fault)


def strings(values: Iterable[str], what: str) -> list[str]:
    """The values as a list. Raises TypeError, saying `what` they should be, if they are not a list of strings."""
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise TypeError(f"a list of {what}s is needed, not {_kind(values)}")
    values = list(values)
    for row, value in enumerate(values):
        if not isinstance(value, str):
            raise no_text(row, value, what)
    return values


def string(value: str, name: str, hint: str) -> str:
    """`value`. Raises TypeError, naming the argument, if it is not a string."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string, not {_kind(value)}: {hint}")
    return value


def integer(value: int, name: str) -> int:
    """`value` as Python's own number. Raises TypeError, naming the argument, if it is not a whole number."""
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool):
        raise TypeError(f"{name} must be a whole number, not {reprlib.repr(value)}")
    return number


def at_least(least: int, value: int, name: str) -> int:
    """`integer(value, name)`. Raises ValueError if it is below `least`."""
    number = integer(value, name)
    if number < least:
        raise ValueError(f"{name} must be {least} or more, not {number}")
    return number


def one_of(value: Choice, name: str, choices: object) -> Choice:
    """`value`. Raises ValueError, naming the argument, if it is none of the strings of `choices`, a Literal."""
    allowed = get_args(choices)
    if not isinstance(value, str) or value not in allowed:
        *others, last = (f'"{choice}"' for choice in allowed)
        raise ValueError(f"{name} must be {', '.join(others)} or {last}, not {value!r}")
    return value


def missing(value: object) -> bool:
    """Whether it stands for a missing value: None, NaN, or one of pandas' own."""
    nan = isinstance(value, float) and math.isnan(value)
    return value is None or nan or type(value).__name__ in ("NAType", "NaTType")  # which needs no pandas


def _kind(value: object) -> str:
    """What the value is, in a word or two: the value itself if that is short, otherwise its type."""
    if missing(value) or isinstance(value, bool | int | float):
        return str(value)
    if isinstance(value, str | bytes):
        return reprlib.repr(value)
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
