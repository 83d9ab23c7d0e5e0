"""What the generators share: drawing words and filling templates."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

SEED = 1

Item = TypeVar("Item")


def lists(**items: str) -> dict[str, list[str]]:
    """Each list by its name, its items being separated by commas."""
    return {name: re.split(r",\s+", text) for name, text in items.items()}


def templates(text: str) -> tuple[str, ...]:
    """The templates in a text, separated by bars; where its lines break does not matter."""
    return tuple(" ".join(template.split()) for template in text.split("|"))


class Writer:
    """Writes texts, the same ones for the same seed."""

    # Of Random it uses random() alone: the one method that Python promises never to change.
    def __init__(self, seed: int, lists: Mapping[str, Sequence[str]]) -> None:
        self.random = random.Random(seed).random
        self.lists = lists
        self.seen: set[str] = set()

    def chance(self, share: float) -> bool:
        """True in this share of the calls."""
        return self.random() < share

    def pick(self, items: Sequence[Item]) -> Item:
        """One of the items, each as likely as the others."""
        return items[int(self.random() * len(items))]

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """The items in any order."""
        return sorted(items, key=lambda _: self.random())

    def fill(self, template: str, **given: str) -> str:
        """The template with every name in braces replaced by what is given, or else by an item of that list, filled."""
        return re.sub(
            r"{(\w+)}", lambda name: given.get(name[1]) or self.fill(self.pick(self.lists[name[1]]), **given), template
        )

    def new(self, write: Callable[[], str]) -> str:
        """What `write` writes, as often as it takes to get what was not written before."""
        while (text := write()) in self.seen:
            pass
        self.seen.add(text)
        return text


def capital(sentence: str) -> str:
    """The sentence with a capital letter in front."""
    return sentence[0].upper() + sentence[1:]


def numbers(labels: Sequence[int] | Sequence[Sequence[int]]) -> NDArray[np.int32]:
    """The labels as an array that nobody can change: a generated corpus is kept for the next caller."""
    array = np.array(labels, np.int32)
    array.flags.writeable = False
    return array
