"""The IMDB reviews as a chapter asks for them: the real ones, wherever they are, or the embedded ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro.datasets import embedded, imdb
from repro.datasets.choice import DataChoice, decide

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from repro.datasets.dataset import Dataset, Preparation
    from repro.datasets.description import Description


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


def encode(text: str, choice: DataChoice, preparation: Preparation) -> NDArray[np.int32]:
    """A text of the user's as one row like those of `load`: `(1, maxlen) int32`. Errors as `load`."""
    index = embedded.word_index() if decide(choice) == "embedded" else imdb.word_index(choice)
    return imdb.encode(text, index, num_words=preparation.num_words, maxlen=preparation.maxlen)
