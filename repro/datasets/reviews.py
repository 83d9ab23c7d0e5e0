"""The IMDB reviews as a chapter asks for them: the real ones, wherever they are, or the embedded ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro.datasets import embedded, imdb
from repro.datasets.store import folder_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from repro.chapter import DataChoice
    from repro.datasets.dataset import Dataset
    from repro.text import Reading


def load(choice: DataChoice, *, num_words: int, maxlen: int) -> Dataset:
    """As `keras.datasets.imdb.load_data(num_words)` and `pad_sequences(maxlen)` give them: x `(rows, maxlen) int32`.

    Raises DataUnavailable and DataInvalid.
    """
    if choice == "embedded":
        return embedded.load(num_words=num_words, maxlen=maxlen)
    return imdb.load(folder_of(choice), num_words=num_words, maxlen=maxlen)


def encode(texts: Sequence[str], choice: DataChoice, *, num_words: int, maxlen: int) -> Reading:
    """A user's texts as rows like those of `load`. Errors as `load`."""
    index = embedded.word_index() if choice == "embedded" else imdb.word_index(folder_of(choice))
    return imdb.encode(texts, index, num_words=num_words, maxlen=maxlen)
