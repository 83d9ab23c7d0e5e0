"""Splits texts into words as Keras' `text_to_word_sequence` does: one text, or many at once."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from repro.text.checks import no_text, one, string
from repro.text.ragged import Ragged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    Splitter = Callable[[list[str]], list[bytes]]
    """Turns texts into their words, as `to_bytes` gives them, with END after the words of each text."""

Key = TypeVar("Key")
Value = TypeVar("Value")

FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
"""The characters that Keras replaces by spaces by default."""

TEXTS_AT_ONCE = 256
"""Few enough that their words stay in the processor's cache: with some thousands it takes a third longer."""

END, END_NUMBER = b"\xff", -1
"""What stands after the words of each text. UTF-8 has no byte above 0xf4."""
_GAP = b"\xfe"

# bytes.split() splits at these. Keras splits only at `split`, so they may be part of a word and are hidden.
_WHITE = b" \t\n\v\f\r"
_HIDDEN = b"\xf8\xf9\xfa\xfb\xfc\xfd"
_HIDE, _SHOW = bytes.maketrans(_WHITE, _HIDDEN), bytes.maketrans(_HIDDEN, _WHITE)


@dataclass(frozen=True)
class Rule:
    """How a text becomes words: the arguments of Keras' Tokenizer with these names."""

    filters: str = FILTERS
    """Each of these characters is replaced by `split`."""
    lower: bool = True
    split: str = " "
    """One character or several: the separator of words."""
    char_level: bool = False
    """Every character is a word; `filters` and `split` do not count."""

    def __post_init__(self) -> None:
        string(self.filters, "filters", 'its characters are taken for spaces, none of them if it is ""')
        if not string(self.split, "split", "it is what stands between words"):
            raise ValueError('split is "": it must have a character; with char_level, every character is a word')

    def words(self, text: str) -> list[str]:
        """Lower-cased first, filtered next, then split."""
        if self.lower:
            text = text.lower()
        if self.char_level:
            return list(text)
        return [word for word in self._filtered(text).split(self.split) if word]

    def splitter(self) -> Splitter:
        """`words` of many texts at once. It raises any kind of error if one of them is not a string."""
        if self.char_level:
            return self._by_character()
        if len(self.split) == 1 and self.split.isascii() and not self.split.isupper():  # which `lower` takes away
            return self._by_bytes()
        return self._by_strings()

    def _filtered(self, text: str) -> str:
        return text.translate(dict.fromkeys(map(ord, self.filters), self.split))

    def _by_bytes(self) -> Splitter:
        """The fastest: one table of bytes does it all, except for characters of several bytes."""
        separators = "".join(filter(str.isascii, self.filters + self.split)).encode() + _GAP
        other_filters = [character for character in self.filters if not character.isascii()]
        table = bytes.maketrans(_WHITE + separators, _HIDDEN + b" " * len(separators))
        if self.lower:
            table = bytes(range(256)).lower().translate(table)

        def split(texts: list[str]) -> list[bytes]:
            if self.lower:  # ASCII texts are lower-cased by the table
                texts = [text if text.isascii() else text.lower() for text in texts]
            for character in other_filters:
                texts = [text.replace(character, self.split) for text in texts]
            return [*_end_to_end(texts).translate(table).split(), END]

        return split

    def _by_strings(self) -> Splitter:
        separator = to_bytes(self.split)
        table = bytes.maketrans(_WHITE + _GAP, _HIDDEN + b" ")

        def split(texts: list[str]) -> list[bytes]:
            texts = [self._filtered(text.lower() if self.lower else text) for text in texts]
            return [*_end_to_end(texts).translate(table).replace(separator, b" ").split(), END]

        return split

    def _by_character(self) -> Splitter:
        characters = Remembered(to_bytes)

        def split(texts: list[str]) -> list[bytes]:
            words: list[bytes] = []
            for text in texts:
                text = str.lower(text) if self.lower else str.__str__(text)  # these accept strings only
                words += map(characters.__getitem__, text)
                words.append(END)
            return words

        return split


class Remembered(dict[Key, Value]):
    """What a function gives for each key, computed when it is first asked for."""

    def __init__(self, function: Callable[[Key], Value]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, key: Key) -> Value:
        self[key] = value = self._function(key)
        return value


def words_of(text: str, filters: str = FILTERS, lower: bool = True, split: str = " ") -> list[str]:
    """`text_to_word_sequence(text, filters, lower, split)`: lower-cased first, filtered next, then split.

    Raises TypeError if `text`, `filters` or `split` is not a string, ValueError if `split` is empty.
    """
    return Rule(filters, lower, split).words(one(text, "words_of"))


def to_bytes(word: str) -> bytes:
    """A word as a splitter gives it: UTF-8, lone surrogates too, white space hidden."""
    return word.encode("utf-8", "surrogatepass").translate(_HIDE)


def to_word(word: bytes) -> str:
    """The word that is these bytes: the inverse of `to_bytes`."""
    return word.translate(_SHOW).decode("utf-8", "surrogatepass")


def numbered(
    texts: Iterable[str], rule: Rule, number: Callable[[list[bytes]], Iterable[int]]
) -> Iterator[NDArray[np.int32]]:
    """The words of the texts, some texts at a time, and END after each text, as the numbers that `number` gives them.

    Raises TypeError, naming the text, if one is not a string.
    """
    split = rule.splitter()
    left, first = iter(texts), 0
    while some := list(islice(left, TEXTS_AT_ONCE)):
        try:
            words = split(some)
        except Exception:  # to check each text beforehand would cost time
            for row, text in enumerate(some, first):
                if not isinstance(text, str):
                    raise no_text(row, text) from None
            raise
        yield np.fromiter(number(words), np.int32, len(words))
        first += len(some)


def rows(batches: Iterable[NDArray[np.int32]]) -> Ragged:
    """A row of numbers for each text, which END_NUMBER ends; words with the number 0 are left out."""
    values, offsets, total = [np.zeros(0, np.int32)], [np.zeros(1, np.int64)], 0
    for numbers in batches:
        kept = numbers > 0
        offsets.append(total + np.cumsum(kept)[numbers == END_NUMBER])
        values.append(numbers[kept])
        total += len(values[-1])
    return Ragged(np.concatenate(values), np.concatenate(offsets))


def _end_to_end(texts: list[str]) -> bytes:
    return (_GAP + END + _GAP).join([text.encode("utf-8", "surrogatepass") for text in texts])
