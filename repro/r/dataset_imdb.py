"""R's `dataset_imdb` and `dataset_imdb_word_index`."""

from __future__ import annotations

from repro.datasets import imdb
from repro.datasets.choice import DataChoice
from repro.datasets.imdb import Imdb


def dataset_imdb(
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
    *,
    folder: DataChoice | None = None,
) -> Imdb:
    """`dataset_imdb()`: the IMDB reviews, `$train$x` as `.train.x`. Arguments and errors are those of `imdb.sequences`.

    folder: where the real data lie; otherwise they are looked for, or fetched.

    With `maxlen`, the Keras of 2019 cut the reviews that were left after the 25,000th, so that reviews of the test half
    came to be trained on; here, as in Keras today, each half keeps its own.
    """
    return imdb.sequences(
        folder,
        num_words=num_words,
        skip_top=skip_top,
        maxlen=maxlen,
        seed=seed,
        start_char=start_char,
        oov_char=oov_char,
        index_from=index_from,
    )


def dataset_imdb_word_index(*, folder: DataChoice | None = None) -> dict[str, int]:
    """`dataset_imdb_word_index()`: the words and their ranks, 1 for the most frequent one.

    A word of rank n has the number n + 3 in `dataset_imdb()`, whose `index_from` is 3: 1 marks the start of a review, 2
    stands for the words that were not kept. R has no function that makes words of numbers again; its users write

        word_index = r.dataset_imdb_word_index()
        words = {rank + 3: word for word, rank in word_index.items()}
        " ".join(words.get(number, "?") for number in train_x[0].tolist())

    Arguments and errors are those of `imdb.word_index`.
    """
    return imdb.word_index(folder)
