"""Rotten Tomatoes phrases: five classes from negative to positive. The model only, so far.

Source: the article "LSTM recurrent neural network Keras example" (Towards Data Science, 2019).
"""

# %% What it needs
from __future__ import annotations

from repro import numerics
from repro.backend import keras
from repro.chapter import Chapter, Experiment
from repro.numerics import Gates
from repro.numerics.activations import hard_sigmoid
from repro.parameters import dense, dropout, embedding, lstm

# %% Model
NUM_WORDS = 8_192
MAXLEN = 53  # the longest cleaned training phrase (derived)


# The LSTM of Keras 2.2 had Keras 2's hard_sigmoid for its gates and drew a dropout mask for each of them. Both are
# spelled out here, since they changed later.
def model(gates: Gates = hard_sigmoid, mask_per_gate: bool = True) -> keras.Model:
    """2,097,152 / 0 / 525,312 / 65,792 / 0 / 1,285 parameters (derived)."""
    return keras.Sequential(
        [
            keras.Input((MAXLEN,)),
            keras.layers.Embedding(NUM_WORDS, 256),
            keras.layers.SpatialDropout1D(0.3),
            numerics.lstm(
                256, mask_per_gate=mask_per_gate, recurrent_activation=gates, dropout=0.3, recurrent_dropout=0.3
            ),
            keras.layers.Dense(256, activation="relu"),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(5, activation="softmax"),
        ]
    )


# %% The chapter
CHAPTER = Chapter(
    name="rotten_tomatoes",
    title="Rotten Tomatoes phrases, five classes",
    source='the article "LSTM recurrent neural network Keras example" (Towards Data Science, 2019)',
    stack="multi-backend Keras 2.2 (derived): hard_sigmoid gates, one dropout mask for each gate",
    lstm={"gates": hard_sigmoid, "mask_per_gate": True},
    corpus="Kaggle's Movie Review Sentiment Analysis: 156,060 phrases to train on, 66,292 to test on.",
    classes=("negative", "somewhat negative", "neutral", "somewhat positive", "positive"),
    experiments=(
        Experiment(
            name="lstm",
            model=model,
            layers=(
                embedding(NUM_WORDS, 256),
                dropout(0.3, "SpatialDropout1D"),
                lstm(256, 256, "dropout 0.3", "recurrent_dropout 0.3"),
                dense(256, 256, "relu"),
                dropout(0.3),
                dense(5, 256, "softmax"),
            ),
            optimizer="adam",
            loss="categorical_crossentropy",
            epochs=8,
            batch_size=512,
            validation_split=0.1,
        ),
    ),
)
