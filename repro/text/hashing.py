"""Words numbered by a hash of their letters, as by Keras' `one_hot` and `hashing_trick`: no vocabulary is needed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from repro.text.checks import integer, one, several
from repro.text.words import END, END_NUMBER, FILTERS, Remembered, Rule, numbered, rows, to_word

if TYPE_CHECKING:
    from collections.abc import Iterable

    from repro.text.ragged import Ragged

HashFunction = Literal["md5", "salted"] | Callable[[str], int]
"""`md5` gives the same numbers every time, `salted`, Python's own `hash`, others in each process."""

LARGEST = 2**31
"""The highest `n` whose numbers fit into int32."""


def one_hot(
    text: str,
    n: int,
    *,
    hash_function: HashFunction = "md5",
    filters: str = FILTERS,
    lower: bool = True,
    split: str = " ",
) -> list[int]:
    """A number from 1 to n - 1 for each word: `hashing_trick(text, n, hash_function, filters, lower, split)`.

    Different words may get the same number. Keras' `one_hot` takes "salted" for its hash function.

    Raises ValueError if n is below 2, and for a hash function of another name; TypeError if `text` is not a string or
    n not a whole number.
    """
    words = Rule(filters, lower, split).words(one(text, "one_hot"))
    return list(map(_numbering(n, hash_function), words))


def hashed(
    texts: Iterable[str],
    n: int,
    *,
    hash_function: HashFunction = "md5",
    filters: str = FILTERS,
    lower: bool = True,
    split: str = " ",
) -> Ragged:
    """`one_hot` of many texts, a row for each; a word is hashed once.

    Raises the errors of `one_hot`; TypeError names the text that is not a string.
    """
    if integer(n, "n") > LARGEST:
        raise ValueError(f"n = {n} is too large: numbers are int32, so it must be {LARGEST:,} or less")
    number = _numbering(n, hash_function)
    numbers: Remembered[bytes, int] = Remembered(lambda word: number(to_word(word)))
    numbers[END] = END_NUMBER
    rule = Rule(filters, lower, split)
    return rows(numbered(several(texts, "hashed"), rule, lambda words: map(numbers.__getitem__, words)))


def _numbering(n: int, hash_function: HashFunction) -> Callable[[str], int]:
    """Keras' rule: the hash modulo n - 1, plus 1."""
    if integer(n, "n") < 2:
        raise ValueError(f"n = {n} leaves no number for a word: it must be 2 or more")
    if callable(hash_function):
        theirs = hash_function
        return lambda word: integer(theirs(word), f"the hash of {word!r}") % (n - 1) + 1
    if isinstance(hash_function, str) and hash_function in _FUNCTIONS:
        function = _FUNCTIONS[hash_function]
        return lambda word: function(word) % (n - 1) + 1
    raise ValueError(f"unknown hash function {hash_function!r}: give {' or '.join(_FUNCTIONS)} or a function")


def _md5(word: str) -> int:
    # Keras' cannot hash a lone surrogate; everything else gets its number.
    return int(hashlib.md5(word.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest(), 16)


_FUNCTIONS: dict[str, Callable[[str], int]] = {"md5": _md5, "salted": hash}
