"""The IMDB reviews as a chapter asks for them: the real ones, wherever they are, or the embedded ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro.datasets import embedded, imdb
from repro.datasets.choice import DataChoice, decide

if TYPE_CHECKING:
    from collections.abc import Sequence

    from repro.datasets.dataset import Dataset, Preparation
    from repro.datasets.description import Description
    from repro.text import Reading


def load(choice: DataChoice, preparation: Preparation) -> Dataset:
    """As `keras.datasets.imdb.load_data(num_words)` and `pad_sequences(maxlen)` give them: x `(rows, maxlen) int32`.

    Raises DataUnavailable and DataInvalid.
    """
    if decide(choice) == "embedded":
        return embedded.load(preparation)
    return imdb.load(choice, preparation)


def describe(choice: DataChoice, preparation: Preparation) -> Description:
    """The same data, counted. Errors as `load`."""
    if decide(choice) == "embedded":
        return embedded.describe(preparation)
    return imdb.describe(choice, preparation)


def encode(texts: Sequence[str], choice: DataChoice, preparation: Preparation) -> Reading:
    """A user's texts as rows like those of `load`. Errors as `load`."""
    index = embedded.word_index() if decide(choice) == "embedded" else imdb.word_index(choice)
    return imdb.encode(texts, index, num_words=preparation.num_words, maxlen=preparation.maxlen)
