"""What the generators share: drawing words and filling templates."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from repro.datasets.dataset import Corpus

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
        """The items in a random order."""
        return sorted(items, key=lambda _: self.random())

    def fill(self, template: str, **given: str) -> str:
        """The template with each name in braces replaced by what is given, otherwise by a filled item of that list."""
        return re.sub(
            r"{(\w+)}", lambda name: given.get(name[1]) or self.fill(self.pick(self.lists[name[1]]), **given), template
        )

    def new(self, write: Callable[[], str]) -> str:
        """A text of `write`, called again until it is one that was not written before."""
        while (text := write()) in self.seen:
            pass
        self.seen.add(text)
        return text


def capital(sentence: str) -> str:
    """The sentence with a capital letter in front."""
    return sentence[0].upper() + sentence[1:]


Labels = Sequence[int] | Sequence[Sequence[int]]
"""For each text its class; or 0 or 1 for each of its labels, -1 where a row has none."""


def corpus_of(
    train: tuple[Iterable[str], Labels], test: tuple[Iterable[str], Labels], test_ids: Iterable[str] | None = None
) -> Corpus:
    """The corpus of these texts and labels. Nobody can change it: it is kept for the next caller."""
    train_labels, test_labels = (np.array(labels, np.int32) for _, labels in (train, test))
    train_labels.flags.writeable = test_labels.flags.writeable = False
    return Corpus(
        train_texts=tuple(train[0]),
        train_labels=train_labels,
        test_texts=tuple(test[0]),
        test_labels=test_labels,
        test_ids=None if test_ids is None else tuple(test_ids),
    )
