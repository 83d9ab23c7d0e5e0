"""Numbers words by how often they occur, as Keras' `Tokenizer` does."""

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
    generator. A TypeError says if it is one text alone, or which text, counted from 0, is not a string.
    """

    word_counts: dict[str, int]
    """How often each word occurs, in the order in which the words came first."""
    words: list[str]
    """All words, the most frequent first, equally frequent ones as they came first; number n is `words[n - 1]`.

    The oov token comes before all others. If the texts have it too, it stands here twice and has the later number.
    """
    word_index: dict[str, int]
    """The number of each word, whatever `num_words` is."""

    _seen: defaultdict[bytes, int]
    """The position of each word, in the order in which the words came; END has position 0."""
    _times: NDArray[np.int64]
    """How often each word occurs, by its position."""

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
        oov_token: stands for words that are not kept, with the number 1; without it, these are left out.

        Raises TypeError or ValueError if an argument is not what it should be.
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
    def of_words(cls, words: Sequence[str], num_words: int | None = None, *, filters: str = FILTERS) -> Self:
        """The tokenizer that has these `words`, ready to encode. It knows no counts: `fit` begins anew.

        Raises TypeError if the words are not strings.
        """
        tokenizer = cls(num_words, filters=filters)
        tokenizer._number(strings(words, "word"))
        return tokenizer

    @property
    def num_words(self) -> int | None:
        """Only numbers below it are given; None or 0: all. It may be set after the words were counted."""
        return self._num_words

    @num_words.setter
    def num_words(self, num_words: int | None) -> None:
        self._num_words = None if num_words is None else at_least(0, num_words, "num_words")
        if self._kept is not None:
            self._number(self.words)

    def fit(self, texts: Iterable[str]) -> Self:
        """Count the words of the texts, on top of those counted before: Keras' `fit_on_texts`."""
        self._count(several(texts, "fit"))
        return self

    def fit_encode(self, texts: Iterable[str]) -> Ragged:
        """`fit(texts).encode(texts)` in 0.6 of the time: it splits the texts once."""
        counted = self._count(several(texts, "fit_encode"))
        numbers = np.fromiter(self._numbers_of(self._seen), np.int32, len(self._seen))
        return rows(numbers[positions] for positions in counted)

    def encode(self, texts: Iterable[str]) -> Ragged:
        """The numbers of the texts' words, a row for each text: Keras' `texts_to_sequences`.

        Raises ValueError before `fit`, when no word is known.
        """
        return rows(self._encoded(several(texts, "encode")))

    def encode_each(self, texts: Iterable[str]) -> Iterator[NDArray[np.int32]]:
        """The rows of `encode`, each `(words,) int32`, one at a time: Keras' `texts_to_sequences_generator`.

        Texts are taken some at a time too. Errors as `encode`.
        """
        encoded = self._encoded(several(texts, "encode_each"))
        return (row for numbers in encoded for row in rows([numbers]))

    def decode(self, sequences: Iterable[Iterable[int]]) -> list[str]:
        """The words that have the numbers, with spaces between, a text for each row: Keras' `sequences_to_texts`.

        A number that `encode` does not give, such as 0 that pads, becomes the oov token, or is left out without one.

        Raises ValueError before `fit`, and if the sequences are not lists of numbers.
        """
        self._check_fitted("decode")
        kept = {
            number: word for word, number in self.word_index.items() if not self.num_words or number < self.num_words
        }
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

    @property
    def vocabulary(self) -> dict[str, int]:
        """The words that `encode` gives a number of their own, and these numbers; empty before `fit`."""
        return {to_word(word): number for word, number in (self._kept or {}).items() if word != END}

    def _count(self, texts: Iterable[str]) -> list[NDArray[np.int32]]:
        """Count the texts' words on top of the others and number all anew.

        Returns the texts' words as positions in `_seen`, an array for some texts at a time.
        """
        position, known = self._seen.__getitem__, len(self._seen)
        try:
            counted = list(numbered(texts, self._rule(), lambda words: map(position, words)))
        except BaseException:  # whatever it is, leave no word that was not counted
            for word in list(self._seen)[known:]:
                del self._seen[word]
            self._seen.default_factory = count(known).__next__
            raise
        times = np.zeros(len(self._seen), np.int64)
        times[: len(self._times)] = self._times
        for positions in counted:
            np.add.at(times, positions, 1)
        self._times = times

        self._rank([to_word(word) for word in list(self._seen)[1:]])
        return counted

    def _remember(self, counts: Mapping[str, int]) -> None:
        """Begin with these words, in the order in which they came, and how often each occurred."""
        self.word_counts, self.words, self.word_index = dict(counts), [], {}
        self._seen = defaultdict(count(len(counts) + 1).__next__, {END: 0})
        self._seen.update(zip(map(to_bytes, counts), count(1)))
        self._times = np.array([0, *counts.values()], np.int64)

    def _rank(self, words: list[str]) -> None:
        """Number the words that were counted, given in the order in which they came."""
        times = self._times[1:]
        self.word_counts = dict(zip(words, times.tolist(), strict=True))
        ranked = [words[position] for position in np.argsort(-times, kind="stable").tolist()]
        self._number(ranked if self.oov_token is None else [self.oov_token, *ranked])

    def _number(self, words: list[str]) -> None:
        self.words = words
        self.word_index = dict(zip(words, count(1)))
        numbers = range(1, self.num_words) if self.num_words else count(1)
        ranked = zip(words, numbers, strict=False)  # ends with the shorter
        self._kept = {to_bytes(word): number for word, number in ranked if self.word_index[word] == number}
        self._kept[END] = END_NUMBER
        self._not_kept = 0 if self.oov_token is None else self.word_index[self.oov_token]

    def _numbers_of(self, words: Iterable[bytes]) -> Iterator[int]:
        assert self._kept is not None
        return map(self._kept.get, words, repeat(self._not_kept))
