"""Words numbered by how often they occur, as by Keras' `Tokenizer`."""

from __future__ import annotations

from collections import defaultdict
from itertools import count, repeat
from typing import TYPE_CHECKING, Self

import numpy as np

from repro.text.checks import at_least, several, string, strings
from repro.text.ragged import ragged
from repro.text.words import END, END_NUMBER, FILTERS, Rule, numbered, rows, to_bytes, to_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from repro.text.ragged import Ragged


class Tokenizer:
    """`keras.src.legacy.preprocessing.text.Tokenizer`, number for number: its rules are the source of these.

    Texts are a list of strings, or whatever else gives strings one after the other: a column of a table, an array, a
    generator. All that take texts raise TypeError if they get one text alone, and if one of the texts is not a string,
    with its place, from 0.
    """

    counts: dict[str, int]
    """How often each word occurs, in the order in which they came first: Keras' `word_counts`."""
    words: list[str]
    """All words, the most frequent first, equally frequent ones as they came first; number n is `words[n - 1]`.

    The oov token is the first of all. If the texts have it too, it stands here twice and has the later number.
    """
    index: dict[str, int]
    """The number of each word, `num_words` or not: Keras' `word_index`."""

    _seen: defaultdict[bytes, int]
    """The words as they came, with their places; END first."""
    _times: NDArray[np.int64]
    """How often each of them occurs, by its place."""

    def __init__(
        self,
        num_words: int | None = None,
        *,
        filters: str = FILTERS,
        lower: bool = True,
        split: str = " ",
        char_level: bool = False,
        oov_token: str | None = None,
    ) -> None:
        """num_words: only numbers below it are given. None or 0: all.

        filters, lower, split, char_level: how texts become words, see `Rule`.
        oov_token: has the number 1, given for words that are not kept; without it these are left out.

        Raises TypeError or ValueError if one of them is not what it should be.
        """
        self.filters = filters
        self.lower = lower
        self.split = split
        self.char_level = char_level
        self._rule()  # which checks them
        self.oov_token = None if oov_token is None else string(oov_token, "oov_token", "give a word, or None")
        self._kept: dict[bytes, int] | None = None
        self.num_words = num_words
        self._remember({})

    @classmethod
    def of_words(
        cls,
        words: Sequence[str],
        num_words: int | None = None,
        *,
        filters: str = FILTERS,
        lower: bool = True,
        split: str = " ",
        char_level: bool = False,
        oov_token: str | None = None,
    ) -> Self:
        """The tokenizer that has these `words`, ready to encode. It knows no counts: `fit` begins anew.

        Raises TypeError if the words are not strings, ValueError if the oov token is not among them.
        """
        tokenizer = cls(
            num_words, filters=filters, lower=lower, split=split, char_level=char_level, oov_token=oov_token
        )
        words = strings(words, "word")
        if oov_token is not None and oov_token not in words:
            raise ValueError(f"the oov token {oov_token!r} is not among the words")
        tokenizer._number(words)
        return tokenizer

    @property
    def num_words(self) -> int | None:
        """Only numbers below it are given; None or 0: all. It may be set when the words have been counted."""
        return self._num_words

    @num_words.setter
    def num_words(self, num_words: int | None) -> None:
        self._num_words = None if num_words is None else at_least(0, num_words, "num_words")
        if self._kept is not None:
            self._number(self.words)

    def fit(self, texts: Iterable[str]) -> Self:
        """Counts the words of the texts, on top of those counted before: Keras' `fit_on_texts`."""
        self._count(several(texts, "fit"))
        return self

    def fit_encode(self, texts: Iterable[str]) -> Ragged:
        """`fit(texts).encode(texts)`, but splits the texts once: it takes 0.6 of the time."""
        counted = self._count(several(texts, "fit_encode"))
        numbers = np.fromiter(self._numbers_of(self._seen), np.int32, len(self._seen))
        return rows(numbers[places] for places in counted)

    def encode(self, texts: Iterable[str]) -> Ragged:
        """The numbers of the texts' words, a row for each text: Keras' `texts_to_sequences`.

        Raises ValueError before `fit`, when no word is known.
        """
        return rows(self._encoded(several(texts, "encode")))

    def encode_each(self, texts: Iterable[str]) -> Iterator[NDArray[np.int32]]:
        """The rows of `encode`, each `(words,) int32`, one after the other, of texts that come one after the other.

        Keras' `texts_to_sequences_generator`. Errors as `encode`.
        """
        encoded = self._encoded(several(texts, "encode_each"))
        return (row for numbers in encoded for row in rows([numbers]))

    def decode(self, sequences: Iterable[Iterable[int]]) -> list[str]:
        """The words that have the numbers, with spaces between, a text for each row: Keras' `sequences_to_texts`.

        A number that `encode` does not give, as 0 that pads, stands for the oov token, or is left out if there is none.

        Raises ValueError before `fit`, and if the sequences are not lists of numbers.
        """
        self._check_fitted("decode")
        kept = {number: word for word, number in self.index.items() if not self.num_words or number < self.num_words}
        words = [[kept.get(number, self.oov_token) for number in row] for row in ragged(sequences).tolist()]
        return [" ".join(word for word in row if word is not None) for row in words]

    def _rule(self) -> Rule:
        return Rule(self.filters, self.lower, self.split, self.char_level)

    def _check_fitted(self, function: str) -> None:
        if self._kept is None:
            raise ValueError(f"{function}() comes after fit(): the tokenizer knows no words yet")

    def _encoded(self, texts: Iterable[str]) -> Iterator[NDArray[np.int32]]:
        self._check_fitted("encode")
        return numbered(texts, self._rule(), self._numbers_of)

    def keeps(self, word: str) -> bool:
        """Whether `encode` gives the word a number of its own."""
        return self._kept is not None and to_bytes(word) in self._kept

    def _count(self, texts: Iterable[str]) -> list[NDArray[np.int32]]:
        """Renews `counts`, `words` and `index`; returns the texts' words as places in `_seen`, some texts at a time."""
        place, known = self._seen.__getitem__, len(self._seen)
        try:
            counted = list(numbered(texts, self._rule(), lambda words: map(place, words)))
        except BaseException:  # whatever it is, leave no word that was not counted
            for word in list(self._seen)[known:]:
                del self._seen[word]
            self._seen.default_factory = count(known).__next__
            raise
        times = np.zeros(len(self._seen), np.int64)
        times[: len(self._times)] = self._times
        for places in counted:
            np.add.at(times, places, 1)
        self._times = times

        self._rank([to_word(word) for word in list(self._seen)[1:]])
        return counted

    def _remember(self, counts: Mapping[str, int]) -> None:
        """What `_count` goes on from: words as they came, and how often each occurred."""
        self.counts, self.words, self.index = dict(counts), [], {}
        self._seen = defaultdict(count(len(counts) + 1).__next__, {END: 0})
        self._seen.update(zip(map(to_bytes, counts), count(1)))
        self._times = np.array([0, *counts.values()], np.int64)

    def _rank(self, words: list[str]) -> None:
        """Numbers the words that were counted, which come as they came in the texts."""
        times = self._times[1:]
        self.counts = dict(zip(words, times.tolist(), strict=True))
        ranked = [words[place] for place in np.argsort(-times, kind="stable").tolist()]
        self._number(ranked if self.oov_token is None else [self.oov_token, *ranked])

    def _number(self, words: list[str]) -> None:
        self.words = words
        self.index = dict(zip(words, count(1)))
        numbers = range(1, self.num_words) if self.num_words else count(1)
        ranked = zip(words, numbers, strict=False)  # ends with the shorter
        self._kept = {to_bytes(word): number for word, number in ranked if self.index[word] == number}
        self._kept[END] = END_NUMBER
        self._not_kept = 0 if self.oov_token is None else self.index[self.oov_token]

    def _numbers_of(self, words: Iterable[bytes]) -> Iterator[int]:
        assert self._kept is not None
        return map(self._kept.get, words, repeat(self._not_kept))
