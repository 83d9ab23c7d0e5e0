"""Words numbered by a hash of their letters, as by Keras' `one_hot` and `hashing_trick`: no vocabulary is needed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from repro.text.words import END, END_NUMBER, FILTERS, numbered, rows, to_words, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from repro.text.ragged import Ragged

HashFunction = Literal["md5", "salted"] | Callable[[str], int]
"""`md5` gives the same numbers every time, `salted`, Python's own `hash`, others in each process."""


def one_hot(
    text: str, n: int, *, hash_function: HashFunction = "md5", filters: str = FILTERS, lower: bool = True
) -> list[int]:
    """A number from 1 to n - 1 for each word: `hashing_trick(text, n, hash_function, filters, lower)`.

    Different words may get the same number. Keras' `one_hot` takes "salted" for its hash function.

    Raises ValueError if n is below 2, and for a hash function of another name.
    """
    number = _numbering(n, hash_function)
    return [number(word) for word in words_of(text, filters, lower)]


def hashed(
    texts: Iterable[str], n: int, *, hash_function: HashFunction = "md5", filters: str = FILTERS, lower: bool = True
) -> Ragged:
    """`one_hot` of many texts, a row for each; a word is hashed once. Raises ValueError as `one_hot` does."""
    numbers = _Hashed(_numbering(n, hash_function))
    return rows(numbered(texts, filters, lower, lambda words: map(numbers.__getitem__, words)))


class _Hashed(dict[bytes, int]):
    """Words numbered once each, when they are first asked for."""

    def __init__(self, number: Callable[[str], int]) -> None:
        super().__init__({END: END_NUMBER})
        self.number = number

    def __missing__(self, word: bytes) -> int:
        self[word] = number = self.number(*to_words([word]))
        return number


def _numbering(n: int, hash_function: HashFunction) -> Callable[[str], int]:
    """Keras' rule: the hash modulo n - 1, plus 1."""
    if n < 2:
        raise ValueError(f"n = {n} leaves no number for a word: it must be 2 or more")
    if callable(hash_function):
        function = hash_function
    elif hash_function in _FUNCTIONS:
        function = _FUNCTIONS[hash_function]
    else:
        raise ValueError(f"unknown hash function {hash_function!r}: give {' or '.join(_FUNCTIONS)} or a function")
    return lambda word: function(word) % (n - 1) + 1


def _md5(word: str) -> int:
    # Keras' cannot hash a lone surrogate; everything else gets its number.
    return int(hashlib.md5(word.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest(), 16)


_FUNCTIONS: dict[str, Callable[[str], int]] = {"md5": _md5, "salted": hash}
