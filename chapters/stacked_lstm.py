"""Four classes of news: two stacked LSTM layers. The model only, so far.

Source: the article "LSTM for text classification in Python" (Analytics Vidhya). It names no data, no vocabulary size,
no length and no result: those are assumed here.
"""

# %% What it needs
from __future__ import annotations

from repro.backend import keras
from repro.chapter import Chapter, Experiment
from repro.numerics import Gates
from repro.parameters import dense, dropout, embedding, lstm

# %% Model
VOC_SIZE = 5_000  # assumed
SENT_LENGTH = 20  # assumed


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


# %% The chapter
CHAPTER = Chapter(
    name="stacked_lstm",
    title="Four classes, two stacked LSTM layers",
    source='the article "LSTM for text classification in Python" (Analytics Vidhya)',
    stack="tf.keras 2.x of 2021: sigmoid gates",
    lstm={"gates": "sigmoid"},
    corpus="AG News (assumed): 120,000 news items to train on, 7,600 to test on; four topics.",
    classes=("world", "sports", "business", "science and technology"),
    experiments=(
        Experiment(
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
            validation_split=0.0,
        ),
    ),
)
