"""IMDB reviews with 20,000 words: positive or negative? One LSTM layer.

Source: the article "Text Classification with RNN" (Towards AI, A. Brahmane), and its author's public script. Its
numbers are repeated here; its prose and code are not.

The walkthrough first shows on three sentences how words become numbers, sentences rows of one length, and numbers
vectors; then it trains one LSTM layer for five epochs and reports its test accuracy. All its settings are printed in
the article, unless they are marked as derived, as assumed, or as taken from the script.

    python -m chapters.imdb_rnn    trains the model
    repro show imdb_rnn            prints what stands below
"""

# %% What it needs
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from repro.backend import keras
from repro.chapter import Chapter, DataChoice, Experiment, Fact, PrintedValue
from repro.datasets import reviews
from repro.datasets.dataset import Dataset
from repro.numerics import Gates
from repro.parameters import dense, embedding, lstm
from repro.text import Reading, one_hot, pad_sequences

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# %% The demonstration: words become numbers, sentences rows, numbers vectors
# One sentence is the source's; the other two are assumed. The numbers that the source prints come from Python's own
# hash, which is salted anew at every start, and cannot be repeated; those of md5 can.
SENTENCES = ("Be happy Be positive", "The plot was thin but the cast was not", "I liked it")
VOCABULARY = 1_000
LENGTH = 10
DIMENSIONS = 5


def numbers() -> list[list[int]]:
    """Each word hashed to a number from 1 to 999."""
    return [one_hot(sentence, VOCABULARY) for sentence in SENTENCES]


def rows() -> NDArray[np.int32]:
    """The sentences filled up at the end: `(3, 10) int32`."""
    return pad_sequences(numbers(), LENGTH, padding="post")


def vectors() -> NDArray[np.float32]:
    """What an embedding that was not trained makes of the rows: `(3, 10, 5) float32`."""
    found: NDArray[np.float32] = keras.ops.convert_to_numpy(keras.layers.Embedding(VOCABULARY, DIMENSIONS)(rows()))
    return found


def zeros_stand_at_the_end() -> bool:
    return all(
        list(row) == words + [0] * (LENGTH - len(words)) and 0 not in words
        for words, row in zip(numbers(), rows(), strict=True)
    )


FACTS = (
    Fact(
        'A repeated word gets one number: in "Be happy Be positive", the first and the third.',
        lambda: numbers()[0][0] == numbers()[0][2],
    ),
    Fact("Padded rows have the words in front and zeros at the end.", zeros_stand_at_the_end),
    Fact("An embedding makes an array (3, 10, 5) of the rows.", lambda: vectors().shape == (3, 10, 5)),
)

# %% Data: 25,000 reviews to train on and 25,000 to test on
NUM_WORDS = 20_000  # printed
MAXLEN = 100  # from the author's script, as is the size of the vectors; zeros are put, and words cut off, at the front


def data(choice: DataChoice = "real") -> Dataset:
    """The reviews as `imdb.load_data(num_words=20000)` and `pad_sequences(maxlen=100)` give them."""
    return reviews.load(choice, num_words=NUM_WORDS, maxlen=MAXLEN)


def encode(texts: Sequence[str], choice: DataChoice = "real") -> Reading:
    """Reviews of the user's as inputs of the model, `(rows, 100) int32`."""
    return reviews.encode(texts, choice, num_words=NUM_WORDS, maxlen=MAXLEN)


# %% Model
def model(gates: Gates = "sigmoid") -> keras.Model:
    """2,560,000 / 131,584 / 129 parameters (derived)."""
    return keras.Sequential(
        [
            keras.Input((MAXLEN,)),
            keras.layers.Embedding(NUM_WORDS, 128),
            keras.layers.LSTM(128, recurrent_activation=gates),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )


LSTM = Experiment(
    name="lstm",
    model=model,
    layers=(embedding(NUM_WORDS, 128), lstm(128, 128), dense(1, 128, "sigmoid")),
    optimizer="rmsprop",
    loss="binary_crossentropy",
    epochs=5,
    batch_size=128,
    validation_split=0.0,
)

# %% What the source printed
VALUES = (
    PrintedValue("lstm", "test accuracy (close to)", 84, "%", 0, lambda record: record.evaluation["test"].accuracy),
)

# %% The chapter
CHAPTER = Chapter(
    name="imdb_rnn",
    title="IMDB reviews, 20,000 words",
    source='the article "Text Classification with RNN" (Towards AI, A. Brahmane), and its author\'s public script',
    stack="tf.keras 2.x of about 2020: sigmoid gates, RMSprop's epsilon outside the root",
    lstm={"gates": "sigmoid"},
    corpus="IMDB: 25,000 reviews to train on, 25,000 to test on, half of them positive; num_words 20,000, the last 100 "
    "words of each review. Positive is class 1.",
    classes=("negative", "positive"),
    experiments=(LSTM,),
    data=data,
    encode=encode,
    values=VALUES,
    facts=FACTS,
)

# %% Run it
if __name__ == "__main__":
    from repro.cli import run_chapter

    run_chapter(CHAPTER.name)
