"""Makes matrices of texts, a column for each word, as Keras' `Tokenizer` does."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Literal

import numpy as np

from repro.text.checks import one_of
from repro.text.ragged import Ragged, ragged
from repro.text.tokenizer import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

Mode = Literal["binary", "count", "tfidf", "freq"]
"""What a matrix has for a word of a text: 1; how often it occurs; that, weighted by rarity; its share of the words."""


class DocumentTokenizer(Tokenizer):
    """A `Tokenizer` that also counts in how many texts a word occurs, and makes matrices. Fitting takes longer.

    Its fields have the names of Keras' Tokenizer, and so of R.
    """

    word_docs: dict[str, int]
    """In how many texts each word occurs."""
    index_docs: dict[int, int]
    """The same by number; of sequences that were fitted to, in how many each number occurs."""

    @property
    def index_word(self) -> dict[int, str]:
        """The word of each number, from 1."""
        return {number: word for word, number in self.word_index.items()}

    @property
    def document_count(self) -> int:
        """How many texts and sequences it was fitted to."""
        return int(self._texts[0])

    def fit_sequences(self, sequences: Iterable[Iterable[int]]) -> DocumentTokenizer:
        """Count the rows in which each number occurs, for "tfidf": Keras' `fit_on_sequences`. Words stay unknown.

        Raises ValueError if the sequences are not lists of numbers.
        """
        rows = ragged(sequences).tolist()
        counted = Counter(self.index_docs)
        counted.update(chain.from_iterable(map(set, rows)))
        self.index_docs = dict(counted)
        self._texts[0] += len(rows)
        return self

    def matrix(self, sequences: Iterable[Iterable[int]], mode: Mode = "binary") -> NDArray[np.float64]:
        """Keras' `sequences_to_matrix`: `(rows, num_words) float64`, column n for the number n, 0 where a row lacks it.

        Without `num_words`, there are columns for all words. Column 0 is empty unless rows are padded: no word has 0.
        Higher numbers are left out, but "freq" divides by the count of all numbers in the row. "tfidf" is
        (1 + log c) log(1 + N / (1 + n)) for a word that occurs c times in the row, and in n of the N texts that the
        tokenizer was fitted to.

        Raises ValueError for another mode, for numbers below 0, and if the tokenizer was fitted to nothing where
        `num_words` is not given or the mode is "tfidf".
        """
        one_of(mode, "mode", Mode)
        columns = self.num_words or len(self.word_index) + 1
        if not self.num_words and not self.word_index:
            raise ValueError("the tokenizer knows no words: fit it to texts first, or give it num_words")
        if mode == "tfidf" and not self.document_count:
            raise ValueError('the tokenizer was fitted to no texts: "tfidf" needs to know in how many a word occurs')
        rows = ragged(sequences)
        counts = _counts(rows, columns)
        if mode == "binary":
            return np.minimum(counts, 1, out=counts)
        if mode == "freq":
            counts /= np.maximum(np.diff(rows.offsets), 1)[:, None]
        if mode == "tfidf":
            texts = np.array([self.index_docs.get(number, 0) for number in range(columns)])
            rarity = np.log(1 + self.document_count / (1 + texts))
            there = np.nonzero(counts)
            counts[there] = (1 + np.log(counts[there])) * rarity[there[1]]
        return counts

    def restore(
        self,
        word_counts: Mapping[str, int],
        word_docs: Mapping[str, int],
        index_docs: Mapping[int, int],
        word_index: Mapping[str, int],
        document_count: int,
    ) -> None:
        """Take over the fields of another tokenizer with these settings; words in the order in which they came.

        Raises ValueError if they do not fit together.
        """
        if word_counts.keys() != word_docs.keys():
            raise ValueError("word_counts and word_docs are not of the same words")
        self._remember(word_counts)
        if word_counts:
            self._rank(list(word_counts))
        elif word_index and (self.oov_token is None or self.oov_token in word_index):  # words that nobody counted
            self._number(sorted(word_index, key=word_index.__getitem__))
        if self.word_index != word_index:
            raise ValueError("word_index does not follow from word_counts; was it changed after the fit?")
        self.word_docs, self.index_docs = dict(word_docs), dict(index_docs)
        self._texts = np.array([document_count, *(word_docs[word] for word in word_counts)], np.int64)

    def _remember(self, counts: Mapping[str, int]) -> None:
        super()._remember(counts)
        self.word_docs, self.index_docs = {}, {}
        # By the positions in `_seen`: in how many texts each word occurs. END, at 0, occurs in each of the texts.
        self._texts = np.zeros(len(self._seen), np.int64)

    def _count(self, texts: Iterable[str]) -> list[NDArray[np.int32]]:
        counted = super()._count(texts)
        documents = np.zeros(len(self._seen), np.int64)
        documents[: len(self._texts)] = self._texts
        for positions in counted:
            text = np.cumsum(positions == 0)  # an END belongs to the next text here, which makes no difference
            np.add.at(documents, np.unique(text * len(documents) + positions) % len(documents), 1)
        self._texts = documents
        self.word_docs = dict(zip(self.word_counts, documents[1:].tolist(), strict=True))
        self.index_docs |= {self.word_index[word]: number for word, number in self.word_docs.items()}
        return counted


def _counts(rows: Ragged, columns: int) -> NDArray[np.float64]:
    """How often each number below `columns` occurs in each row: `(rows, columns)`."""
    row = np.repeat(np.arange(len(rows)), np.diff(rows.offsets))
    if len(low := np.flatnonzero(rows.values < 0)):
        raise ValueError(f"sequence {row[low[0]]} has a number below 0: {rows.values[low[0]]}")
    kept = rows.values < columns
    counts = np.zeros((len(rows), columns))
    np.add.at(counts.reshape(-1), row[kept] * columns + rows.values[kept], 1)
    return counts
