"""Texts split into words as Keras' `text_to_word_sequence` splits them: one text, or many at once."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from repro.text.ragged import Ragged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
"""The characters that Keras takes for spaces by default."""

TEXTS_AT_ONCE = 256
"""So few that their words stay in the processor's cache: with some thousands it takes a third longer."""

END, END_NUMBER = b"\xff", -1
"""Stand after the words of each text. UTF-8 has no byte above 0xf4."""

# bytes.split() splits at these too, Keras only at spaces, so that they may be part of a word.
_WHITE = b"\t\n\v\f\r"
_HIDDEN = b"\xf9\xfa\xfb\xfc\xfd"
_HIDE, _SHOW = bytes.maketrans(_WHITE, _HIDDEN), bytes.maketrans(_HIDDEN, _WHITE)


def words_of(text: str, filters: str = FILTERS, lower: bool = True) -> list[str]:
    """`text_to_word_sequence(text, filters, lower)`: lower-cased first, filtered next, split at spaces alone."""
    if lower:
        text = text.lower()
    return [word for word in text.translate(str.maketrans(filters, " " * len(filters))).split(" ") if word]


def to_bytes(word: str) -> bytes:
    """A word as `numbered` hands it on: UTF-8, lone surrogates too, white space hidden."""
    return word.encode("utf-8", "surrogatepass").translate(_HIDE)


def to_words(words: Iterable[bytes]) -> list[str]:
    """The words that are these bytes: the inverse of `to_bytes`, for words without a space."""
    return b" ".join([*words, b""]).translate(_SHOW).decode("utf-8", "surrogatepass").split(" ")[:-1]


def numbered(
    texts: Iterable[str], filters: str, lower: bool, number: Callable[[list[bytes]], Iterable[int]]
) -> Iterator[NDArray[np.int32]]:
    """The words of some texts at a time, and END after each text's, as the numbers that `number` gives them."""
    ascii_filters = "".join(filter(str.isascii, filters)).encode()
    other_filters = [character for character in filters if not character.isascii()]
    table = bytes.maketrans(_WHITE + ascii_filters, _HIDDEN + b" " * len(ascii_filters))
    if lower:
        table = bytes(range(256)).lower().translate(table)
    left = iter(texts)
    while some := list(islice(left, TEXTS_AT_ONCE)):
        if lower:  # ASCII texts are lower-cased by the table
            some = [text if text.isascii() else text.lower() for text in some]
        for character in other_filters:
            some = [text.replace(character, " ") for text in some]
        joined = (b" " + END + b" ").join([text.encode("utf-8", "surrogatepass") for text in some])
        words = [*joined.translate(table).split(), END]
        yield np.fromiter(number(words), np.int32, len(words))


def rows(batches: Iterable[NDArray[np.int32]]) -> Ragged:
    """The numbers above 0, in rows that END_NUMBER ends; words with the number 0 are left out."""
    values, offsets, total = [np.zeros(0, np.int32)], [np.zeros(1, np.int64)], 0
    for numbers in batches:
        kept = numbers > 0
        offsets.append(total + np.cumsum(kept)[numbers == END_NUMBER])
        values.append(numbers[kept])
        total += len(values[-1])
    return Ragged(np.concatenate(values), np.concatenate(offsets))
