"""Toxic comments: six labels, each yes or no. The model only, so far.

Source: the article "Text classification: from bag-of-words to BERT, part 5: recurrent neural network" (Analytics Vidhya
on Medium, A. Sen), and its author's public notebook.
"""

# %% What it needs
from __future__ import annotations

from repro import numerics
from repro.backend import keras
from repro.chapter import Chapter, Experiment
from repro.numerics import Gates
from repro.parameters import dense, embedding, lstm

# %% Model
NUM_WORDS = 20_000
MAXLEN = 1_000
LABELS = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")


# With recurrent dropout, the LSTM of TensorFlow 2.4 drew a dropout mask for each gate. It is spelled out here, since
# other versions drew one for all.
def model(gates: Gates = "sigmoid", mask_per_gate: bool = True) -> keras.Model:
    """2,560,000 / 131,584 / 774 parameters."""
    return keras.Sequential(
        [
            keras.Input((MAXLEN,)),
            keras.layers.Embedding(NUM_WORDS, 128),
            numerics.lstm(
                128, mask_per_gate=mask_per_gate, recurrent_activation=gates, dropout=0.2, recurrent_dropout=0.2
            ),
            keras.layers.Dense(6, activation="sigmoid"),
        ]
    )


# %% The chapter
CHAPTER = Chapter(
    name="jigsaw_multilabel",
    title="Jigsaw toxic comments, six labels",
    source='the article "Text classification: from bag-of-words to BERT, part 5: recurrent neural network" '
    "(Analytics Vidhya on Medium, A. Sen)",
    stack="Keras 2.4 over TensorFlow 2.4: sigmoid gates, one dropout mask for each gate (derived)",
    lstm={"gates": "sigmoid", "mask_per_gate": True},
    corpus="Kaggle's Toxic Comment Classification Challenge: 159,571 comments to train on, 153,164 to test on.",
    classes=LABELS,
    experiments=(
        Experiment(
            name="lstm",
            model=model,
            layers=(
                embedding(NUM_WORDS, 128, printed=2_560_000),
                lstm(128, 128, "dropout 0.2", "recurrent_dropout 0.2", printed=131_584),
                dense(6, 128, "sigmoid", printed=774),
            ),
            optimizer="adam",
            loss="binary_crossentropy",
            epochs=1,
            batch_size=128,
            validation_split=0.0,
            printed_total=2_692_358,
        ),
    ),
)
