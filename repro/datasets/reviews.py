"""The IMDB reviews as a chapter asks for them: the real ones, wherever they are, or the embedded ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro.datasets import embedded, imdb
from repro.datasets.store import folder_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from repro.chapter import DataChoice
    from repro.datasets.dataset import Dataset, Preparation
    from repro.datasets.description import Description


def load(choice: DataChoice, preparation: Preparation) -> Dataset:
    """As `keras.datasets.imdb.load_data(num_words)` and `pad_sequences(maxlen)` give them: x `(rows, maxlen) int32`.

    Raises DataUnavailable and DataInvalid.
    """
    if choice == "embedded":
        return embedded.load(preparation)
    return imdb.load(folder_of(choice), preparation)


def describe(choice: DataChoice, preparation: Preparation) -> Description:
    """The same data, counted. Errors as `load`."""
    if choice == "embedded":
        return embedded.describe(preparation)
    return imdb.describe(folder_of(choice), preparation)


def encode(text: str, choice: DataChoice, preparation: Preparation) -> NDArray[np.int32]:
    """A text of the user's as one row like those of `load`: `(1, maxlen) int32`. Errors as `load`."""
    index = embedded.word_index() if choice == "embedded" else imdb.word_index(folder_of(choice))
    return imdb.encode(text, index, num_words=preparation.num_words, maxlen=preparation.maxlen)
