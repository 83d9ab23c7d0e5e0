"""The IMDB reviews as a chapter asks for them: the real ones, wherever they are, or the embedded ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro.datasets import embedded, imdb
from repro.datasets.choice import DataChoice, decide

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from repro.datasets.dataset import Dataset


def load(choice: DataChoice, *, num_words: int, maxlen: int) -> Dataset:
    """As `keras.datasets.imdb.load_data(num_words)` and `pad_sequences(maxlen)` give them: x `(rows, maxlen) int32`.

    Raises DataUnavailable and DataInvalid.
    """
    if decide(choice) == "embedded":
        return embedded.load(num_words=num_words, maxlen=maxlen)
    return imdb.load(choice, num_words=num_words, maxlen=maxlen)


def encode(text: str, choice: DataChoice, *, num_words: int, maxlen: int) -> NDArray[np.int32]:
    """A text of the user's as one row like those of `load`: `(1, maxlen) int32`. Errors as `load`."""
    index = embedded.word_index() if decide(choice) == "embedded" else imdb.word_index(choice)
    return imdb.encode(text, index, num_words=num_words, maxlen=maxlen)
