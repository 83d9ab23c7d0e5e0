"""Four classes of news: two stacked LSTM layers with ReLU inside.

Source: the article "LSTM for text classification in Python" (Analytics Vidhya). It names no data, no vocabulary size,
no length and no result: what is assumed in their place is marked, here and wherever a result is shown. Its prose and
code are not repeated.

The walkthrough numbers words, pads the texts to one length, holds out a tenth with the same share of each class, and
trains for 120 epochs; that words are hashed is assumed. ReLU in place of tanh leaves the state of an LSTM without
bounds: such a network can diverge. A run that does is stopped at once, and its record says where.

    python -m chapters.stacked_lstm    trains the model
    repro show stacked_lstm            prints what stands below
"""

# %% What it needs
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from repro.backend import keras
from repro.chapter import Chapter, Claim, DataChoice, Erratum, Experiment
from repro.datasets import ag_news
from repro.datasets.dataset import Dataset
from repro.numerics import Gates
from repro.parameters import dense, dropout, embedding, lstm
from repro.records import Record
from repro.text import Reading, read_hashed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# %% Data: AG News, in place of data that the source does not name
VOC_SIZE = 5_000  # assumed
SENT_LENGTH = 20  # assumed, as are zeros and cuts at the front
TOPICS = ("world", "sports", "business", "science and technology")


def data(choice: DataChoice = "real") -> Dataset:
    """The news, title and description as one text (assumed), as numbers, `(rows, 20)`; a tenth held out (printed)."""
    return ag_news.load(choice, voc_size=VOC_SIZE, maxlen=SENT_LENGTH, test_size=0.1, random_state=42).dataset


def encode(texts: Sequence[str], choice: DataChoice = "real") -> Reading:
    """News of the user's as inputs of the model, `(rows, 20) int32`: hashing needs no data."""
    return read_hashed(texts, VOC_SIZE, SENT_LENGTH)


def predictions(dataset: Dataset, probabilities: NDArray[np.float32]) -> Iterator[Sequence[object]]:
    """A line for each test item: its most probable topic, and the probability of each."""
    yield ("row", "topic", *TOPICS)
    for row, each in enumerate(probabilities, 1):
        yield (row, TOPICS[each.argmax()], *map(str, each))


# %% Model
def model(gates: Gates = "sigmoid") -> keras.Model:
    """225,000 / 89,088 / 0 / 131,584 / 0 / 4,128 / 0 / 132 parameters (derived, with the assumed vocabulary)."""
    return keras.Sequential(
        [
            keras.Input((SENT_LENGTH,)),
            keras.layers.Embedding(VOC_SIZE, 45),
            keras.layers.LSTM(128, activation="relu", recurrent_activation=gates, return_sequences=True),
            keras.layers.Dropout(0.2),
            keras.layers.LSTM(128, activation="relu", recurrent_activation=gates),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(4, activation="softmax"),
        ]
    )


STACKED = Experiment(
    name="stacked",
    model=model,
    layers=(
        embedding(VOC_SIZE, 45),
        lstm(128, 45, "relu", "return_sequences"),
        dropout(0.2),
        lstm(128, 128, "relu"),
        dropout(0.2),
        dense(32, 128, "relu"),
        dropout(0.2),
        dense(4, 32, "softmax"),
    ),
    optimizer="adam",
    loss="sparse_categorical_crossentropy",
    epochs=120,
    batch_size=64,
    validation_split=0.0,  # the tenth that is held out is drawn before
)

# %% What the source claims
FEW = 10  # epochs


def more_epochs_help(runs: Mapping[str, Record]) -> bool:
    curve = runs["stacked"].history["val_accuracy"]
    return max(curve[FEW:]) > max(curve[:FEW]) + 0.005


CLAIMS = (
    Claim(
        "More epochs can raise the accuracy.",
        more_epochs_help,
        needs=("stacked",),
        assumed=f"after epoch {FEW}, validation accuracy rises more than half a point above the best before",
    ),
)

# %% What the source got wrong
ERRATA = (Erratum("The text calls the 64 of a batch the number of batches in an epoch.", shown=None),)

# %% The chapter
CHAPTER = Chapter(
    name="stacked_lstm",
    title="Four classes, two stacked LSTM layers",
    source='the article "LSTM for text classification in Python" (Analytics Vidhya)',
    stack="tf.keras 2.x of 2021: sigmoid gates",
    lstm={"gates": "sigmoid"},
    corpus="AG News (assumed): 120,000 news items to train on, a tenth of them held out, and 7,600 to test on; four "
    "topics. Title and description as one text, its words hashed into 4,999 numbers, the last 20 words kept.",
    classes=TOPICS,
    experiments=(STACKED,),
    data=data,
    encode=encode,
    predictions=predictions,
    assumed="AG News, title and description as one text, words hashed by md5 into a vocabulary of 5,000, the last 20 "
    "words, zeros at the front",
    claims=CLAIMS,
    errata=ERRATA,
)

# %% Run it
if __name__ == "__main__":
    from repro.cli import run_chapter

    run_chapter(CHAPTER.name)
