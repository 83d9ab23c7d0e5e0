"""A number as a reader gives it: read from text, with how far it may be rounded.

Shares are understood as shares (`0.8137`) and in percent (`81.37`, `81.37%`), with a decimal point or comma.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from math import ceil, floor, isfinite, prod
from typing import NamedTuple

from repro.errors import ReproError

_NUMBER = re.compile(r"([+-]?)([0-9]{1,40}(?:[.,][0-9]{0,40})?|[.,][0-9]{1,40})(?:e([+-]?[0-9]{1,3}))?", re.IGNORECASE)
_NOT_A_NUMBER = re.compile(r"[+-]?(nan|na|inf|infinity)", re.IGNORECASE)

FLOAT32 = 2.0**-22
"""The relative error that is always allowed: Keras computes in float32, and prints all of its digits. A mean over
batches is off by up to a few units in the last place, which is 2^-24 to 2^-23 of the number."""

COARSE = 0.005
"""Half a unit of a number with two digits after the point. From here on, rounding is most of what is not known."""


class Rounded(NamedTuple):
    """A number with its digits."""

    value: float
    """A share goes from 0 to 1."""
    half: float
    """Half a unit of the last digit given, in the unit of `value`: 0.005 for `0.82`; 0 if the number is exact."""
    text: str
    """As it is called in sentences: `81.37 %`, `0.41`."""

    def understood(self, scale: int) -> str:
        """How it is said back; where half a unit is 0.005 or more, with what may be meant: `80 % (75 to 85, as typed)`.

        scale: 100 for a share, which is said in percent; 1 for a loss.
        """
        if self.half < COARSE:
            return self.text
        low, high = (scale * number for number in (self.value - self.half, self.value + self.half))
        return f"{self.text} ({max(0, low):.6g} to {high if scale == 1 else min(100, high):.6g}, as typed)"

    @property
    def low(self) -> float:
        """The smallest number that may be meant: what rounds to `value`."""
        return self.value - self.half - FLOAT32 * abs(self.value)

    @property
    def high(self) -> float:
        """The largest number that may be meant: readers, and sources, also cut digits off.

        A number that is a whole unit of the last digit larger is not cut to `value`.
        """
        noise = FLOAT32 * abs(self.value)
        return self.value + max(self.half + noise, 2 * self.half - noise)

    def allows(self, number: float) -> bool:
        """Whether the number, rounded or cut to as many digits, may have been given as this."""
        return self.low <= number <= self.high

    def counts(self, rows: int) -> range:
        """Of how many of `rows` rows this can be the share: the whole numbers between `low` and `high`.

        If there are none, it is no share of so many rows: the GRIM test (Brown & Heathers, "The GRIM test: a simple
        technique detects numerous anomalies in the reporting of results in psychology", Social Psychological and
        Personality Science 8, 2017).
        """
        return range(max(0, ceil(self.low * rows)), min(rows, floor(self.high * rows)) + 1)

    @property
    def opposite(self) -> Rounded:
        """The share of the other rows."""
        return self._replace(value=1 - self.value, text=percent(1 - self.value))

    def tells(self, rows: int) -> bool:
        """Whether a share has digits enough to tell rows: a random one would mostly be no share of so many."""
        return (self.high - self.low) * rows < 0.5


def tell_runs_apart(numbers: Iterable[Rounded], times: int) -> bool:
    """Whether it is hardly chance if these numbers of one run are equal to those of another, compared so many times.

    The accuracies, and the losses, of two runs of a model lie a few hundredths apart.
    """
    return times * prod(min(1.0, (number.high - number.low) / 0.02) for number in numbers) < 0.003


def with_digits(values: Sequence[float]) -> list[Rounded]:
    """Shares of one column of a file, all with as many digits as the longest has: zeros at the end are left out."""
    unit = min((_digit(Decimal(repr(value))) for value in values), default=Decimal(1))
    return [Rounded(value, float(unit) / 2, f"{100 * value:.6g} %") for value in values]


def exact_share(value: float) -> Rounded:
    """A share that is known exactly, since it was computed from counts."""
    return Rounded(value, 0.0, f"{100 * value:.4g} %")


def percent(share: float) -> str:
    """A share in sentences: `81.992 %`."""
    return f"{100 * share:.5g} %"


def share(text: str, what: str) -> Rounded:
    """A share from text; `what` names it in errors: `accuracy`.

    With a percent sign, or from 2 on, it is a percentage; up to 1 it is a share, and `1` is all of them. Between 1 and
    2 it could be a share by mistake, and hardly a percentage: then the sign is needed. `0` and `1` are exact.
    Raises ReproError for what is no number, or is below 0 or above 100 %.
    """
    bare = text.strip()
    percent = bare.endswith("%")
    number = _decimal(bare.removesuffix("%"), text, what)
    needed = f"{what} goes from 0 to 1, or from 0 to 100 %"
    if number.is_signed():
        raise ReproError(f"{what} {_shown(text)} is negative\n{needed}")
    if 1 < number < 2 and not percent:
        raise ReproError(f"{what} {_shown(text)} is no share, for it is above 1\nFor a percentage, write {bare}%")
    percent = percent or number > 1
    if number > (100 if percent else 1):
        raise ReproError(f"{what} {_shown(text)} is more than all rows\n{needed}")
    of_one = number.scaleb(-2) if percent else number
    whole = not percent and number in (0, 1) and _digit(number) >= 1
    said = f"{number if percent else number.scaleb(2):f} %"
    return Rounded(float(of_one), 0.0 if whole else float(_digit(of_one)) / 2, said)


def loss(text: str) -> Rounded:
    """A loss from text: a finite number from 0 on. Raises ReproError for anything else."""
    if _NOT_A_NUMBER.fullmatch(text.strip()):
        raise ReproError(
            f"the loss {_shown(text)} is no number: the training diverged, and later weights mean nothing\n"
            "Give the history, the losses by epoch, to see where"
        )
    number = _decimal(text, text, "loss")
    if number.is_signed():
        raise ReproError(f"loss {_shown(text)} is negative\nThe loss of a classifier is 0 or more")
    return Rounded(float(number), float(_digit(number)) / 2, f"{number:f}" if number < 10**6 else f"{number:.6g}")


def _digit(number: Decimal) -> Decimal:
    """One unit of the last digit."""
    return Decimal((0, (1,), int(number.as_tuple().exponent)))


def _decimal(bare: str, text: str, what: str) -> Decimal:
    found = _NUMBER.fullmatch(bare.strip())
    if not found:
        empty = "nothing was given" if not text.strip() else f"{_shown(text)} is no number"
        raise ReproError(f"{what}: {empty}\nGive a number such as 0.8137" + ("" if what == "loss" else " or 81.37%"))
    sign, digits, exponent = found.groups()
    number = Decimal(f"{sign}{digits.replace(',', '.')}e{exponent or 0}")
    if not isfinite(float(number)):
        raise ReproError(f"{what} {_shown(text)} is too large to be one\nGive a number such as 0.8137")
    return number


def _shown(text: str) -> str:
    """A text in an error: on one line, and not too long."""
    line = " ".join(text.split())
    return repr(line if len(line) <= 40 else f"{line[:37]}...")
