"""IMDB reviews with 20,000 words: one LSTM layer. The model only, so far.

Source: the article "Text Classification with RNN" (Towards AI, A. Brahmane), and its author's public script.
"""

# %% What it needs
from __future__ import annotations

from repro.backend import keras
from repro.chapter import Chapter, Experiment
from repro.numerics import Gates
from repro.parameters import dense, embedding, lstm

# %% Model
NUM_WORDS = 20_000  # printed
MAXLEN = 100  # from the author's script, as is the size of the vectors


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


# %% The chapter
CHAPTER = Chapter(
    name="imdb_rnn",
    title="IMDB reviews, 20,000 words",
    source='the article "Text Classification with RNN" (Towards AI, A. Brahmane)',
    stack="tf.keras 2.x of about 2020: sigmoid gates, RMSprop's epsilon outside the root",
    lstm={"gates": "sigmoid"},
    corpus="IMDB: 25,000 reviews to train on, 25,000 to test on; num_words 20,000, the last 100 words of each review.",
    classes=("negative", "positive"),
    experiments=(
        Experiment(
            name="lstm",
            model=model,
            layers=(embedding(NUM_WORDS, 128), lstm(128, 128), dense(1, 128, "sigmoid")),
            optimizer="rmsprop",
            loss="binary_crossentropy",
            epochs=5,
            batch_size=128,
            validation_split=0.0,
        ),
    ),
)
