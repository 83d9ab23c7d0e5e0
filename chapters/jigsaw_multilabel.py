"""Toxic comments: six labels, each yes or no. One LSTM layer with dropout over comments of up to 1,000 words.

Source: the article "Text classification: from bag-of-words to BERT, part 5: recurrent neural network" (Analytics Vidhya
on Medium, A. Sen), and its author's public notebook, on the data of Kaggle's "Toxic Comment Classification Challenge".
Its numbers are repeated here; its prose and code are not.

The walkthrough turns comments into the numbers of their 20,000 most frequent words, pads each comment to 1,000 numbers,
and trains for one epoch on three quarters of the comments. It follows the area under the ROC curve, and writes a file
for Kaggle. All its settings are printed in the source, unless they are marked as derived or assumed.

The comments contain abuse. Nothing here prints one of them.

Below stand the data, the model, what the source printed, its errata, and then the walkthrough itself, step by step.

To study: read Data and Model, then go to "The walkthrough itself" at the end. What stands between is for checking the
source.

    python -m chapters.jigsaw_multilabel        goes through it as the source did (-h explains the options)
    repro show jigsaw_multilabel                prints the facts of this chapter
    repro run jigsaw_multilabel --seeds 1-3     trains the model with three seeds, several times as fast
"""

# %% What it needs
from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from repro import numerics
from repro.backend import keras
from repro.chapter import (
    Chapter,
    DataChoice,
    Erratum,
    Example,
    Experiment,
    Limit,
    Outcome,
    Printed,
    PrintedValue,
    Recording,
    Stack,
    Variation,
)
from repro.datasets import embedded, jigsaw
from repro.datasets.dataset import Dataset, Preparation
from repro.datasets.jigsaw import LABELS, TEST_ROWS, TRAIN_ROWS
from repro.datasets.prepare import Prepared
from repro.layers import dense, embedding, lstm
from repro.numerics import Gates
from repro.text import Reading, Tokenizer, read_by

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from repro.datasets.description import Description

# %% Where things stand in the source
ARTICLE = "the article's text"
NOTEBOOK = "the author's notebook, and the article's pictures of it"

# %% Data: 159,571 comments with labels, and 153,164 to write predictions for (printed)
NUM_WORDS = 20_000  # numbers below 20,000: the 19,999 most frequent words (derived); others are left out
MAXLEN = 1_000
RANDOM_STATE = 123
PREPARATION = Preparation(words="counted", num_words=NUM_WORDS, maxlen=MAXLEN, held_out=0.25, random_state=RANDOM_STATE)

# What the source shows of the complete data: the first words of the index, the first numbers of the first comment, and
# how many different words there are. A test compares them with the real data, where they are at hand.
INDEX_BEGINS = ("the", "to", "of", "and", "a")
FIRST_COMMENT_BEGINS = (688, 75, 1, 126, 130, 177, 29)
DISTINCT_WORDS = 210_337


def prepared(choice: DataChoice) -> Prepared:
    """The comments as numbers, and the words that the numbers stand for."""
    return jigsaw.load(choice, PREPARATION)


def data(choice: DataChoice = "real") -> Dataset:
    """The comments as numbers, `(rows, 1000)`, and their six labels; `train_test_split` holds out a quarter."""
    return prepared(choice).dataset


def describe(choice: DataChoice = "real") -> Description:
    """The comments, counted: rows, labels, lengths."""
    return prepared(choice).describe()


def tokenizer(choice: DataChoice = "real") -> Tokenizer:
    """Numbers words as it was fitted to all training comments."""
    return Tokenizer.of_words(prepared(choice).words, NUM_WORDS)


def encode(texts: Sequence[str], choice: DataChoice = "real") -> Reading:
    """Texts as inputs of the model, `(rows, 1000) int32`."""
    return read_by(tokenizer(choice), texts, MAXLEN)


def vocabulary(choice: DataChoice = "real") -> dict[str, int]:
    """The words that have a number below 20,000, and their numbers."""
    return tokenizer(choice).vocabulary


def step_by_step() -> list[str]:
    """A comment as text, as numbers, and padded, the last 50 places. It is a harmless one, of the embedded corpus."""
    corpus = embedded.comments()
    labelled = zip(corpus.train_texts, corpus.train_labels, strict=True)
    comment = next(text for text, labels in labelled if not any(labels))
    row = encode([comment], "embedded").x[0]
    return [comment, " ".join(map(str, row[row > 0])), " ".join(map(str, row[-50:]))]


EXAMPLES = (
    Example(
        "A comment as text, as numbers, and padded, the last 50 places (a comment of the embedded corpus)",
        NOTEBOOK,
        step_by_step,
    ),
)


def predictions(dataset: Dataset, probabilities: NDArray[np.float32]) -> Iterator[Sequence[object]]:
    """Kaggle's submission file: a header, and a line for each test comment with its six probabilities."""
    assert dataset.test_ids is not None
    yield ("id", *LABELS)
    for comment, row in zip(dataset.test_ids, probabilities, strict=True):
        yield (comment, *map(str, row))  # the fewest digits that tell float32 numbers apart


# %% Model
# With recurrent dropout, the LSTM of TensorFlow 2.4 drew a dropout mask for each gate. It is spelled out here, since
# other versions drew one mask for all gates.
def lstm_model(gates: Gates = "sigmoid", mask_per_gate: bool = True) -> keras.Model:
    """One LSTM layer with dropout, and an output for each label: 2,560,000 / 131,584 / 774 parameters."""
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


def two_layer_model(gates: Gates = "sigmoid", mask_per_gate: bool = True) -> keras.Model:
    """Two stacked LSTM layers, which the source proposes to try."""
    options = {"recurrent_activation": gates, "dropout": 0.2, "recurrent_dropout": 0.2}
    return keras.Sequential(
        [
            keras.Input((MAXLEN,)),
            keras.layers.Embedding(NUM_WORDS, 128),
            numerics.lstm(128, mask_per_gate=mask_per_gate, return_sequences=True, **options),
            numerics.lstm(128, mask_per_gate=mask_per_gate, **options),
            keras.layers.Dense(6, activation="sigmoid"),
        ]
    )


LSTM = Experiment(
    name="lstm",
    model=lstm_model,
    layers=(
        embedding(NUM_WORDS, 128, printed=2_560_000),
        lstm(128, 128, dropout=0.2, recurrent_dropout=0.2, printed=131_584),
        dense(6, 128, "sigmoid", printed=774),
    ),
    optimizer="adam",
    loss="binary_crossentropy",
    epochs=1,
    batch_size=128,
    validation_split=0.0,  # the quarter that is held out is drawn before
    place=f"{NOTEBOOK}, listings",
    counts_place=f"{NOTEBOOK}, model summary",
    printed_total=2_692_358,
    metric="auc",
)

# %% Variations: what the source proposes to try; and more epochs, since a sample has fewer batches in one
TWO_LAYERS = (
    embedding(NUM_WORDS, 128),
    lstm(128, 128, dropout=0.2, recurrent_dropout=0.2, return_sequences=True),
    lstm(128, 128, dropout=0.2, recurrent_dropout=0.2),
    dense(6, 128, "sigmoid"),
)
VARIATIONS = (
    Variation(
        "epochs_11",
        "open question",
        "11 epochs, which have as many batches in a sample of 9 % as one has in the complete data",
        trained={"epochs": 11},
        question="did you train for 11 epochs?",
    ),
    Variation(
        "two_layers",
        "open question",
        "two LSTM layers",
        trained={"model": two_layer_model, "layers": TWO_LAYERS},
        engine="keras",
        question="did you stack two LSTM layers?",
    ),
    Variation(
        "learning_rate_0.01",
        "open question",
        "learning rate 0.01",
        trained={"learning_rate": 0.01},
        question="did you set the learning rate to 0.01?",
    ),
    Variation(
        "batch_32",
        "open question",
        "batches of 32",
        trained={"batch_size": 32},
        question="did you train in batches of 32, Keras' default?",
    ),
)

# %% What the source printed
HELD_OUT = math.ceil(TRAIN_ROWS / 4)  # scikit-learn rounds the share up

PRINTED = (
    Printed("comments with labels", 159_571, "rows", TRAIN_ROWS, NOTEBOOK),
    Printed("test comments", 153_164, "rows", TEST_ROWS, NOTEBOOK),
    Printed("training rows", 119_678, "rows", TRAIN_ROWS - HELD_OUT, NOTEBOOK),
    Printed("validation rows", 39_893, "rows", HELD_OUT, NOTEBOOK),
    Printed("batches in an epoch", 935, "batches", math.ceil((TRAIN_ROWS - HELD_OUT) / LSTM.batch_size), NOTEBOOK),
)


def pooled_auc(run: Outcome) -> float:
    auc = run.evaluation["validation"].pooled_auc
    assert auc is not None
    return auc


def kaggle_score(run: Outcome) -> float:
    """The mean of the six areas on the test comments with released labels; NaN on a sample, which need not be fair."""
    auc = run.evaluation["test"].mean_auc if run.data.kind == "real" and "test" in run.evaluation else None
    return math.nan if auc is None else auc


VALUES = (
    PrintedValue("lstm", "loss while training", 0.0886, "", 4, lambda run: run.history["loss"][-1], NOTEBOOK),
    PrintedValue("lstm", "pooled AUC while training", 0.9333, "", 4, lambda run: run.history["auc"][-1], NOTEBOOK),
    PrintedValue("lstm", "validation loss", 0.0534, "", 4, lambda run: run.evaluation["validation"].loss, NOTEBOOK),
    PrintedValue("lstm", "validation pooled AUC", 0.9799, "", 4, pooled_auc, f"{NOTEBOOK}; {ARTICLE}: 0.98"),
    PrintedValue("lstm", "Kaggle's score, mean AUC (about)", 96, "%", 0, kaggle_score, ARTICLE),
    PrintedValue("lstm", "time for the epoch", 3_232, "s", 0, lambda run: run.seconds[-1], NOTEBOOK),
)

# %% What the source got wrong
ERRATA = (
    Erratum("The line that prints the summary lacks a parenthesis."),
    Erratum("Two sections carry the number 5."),
    Erratum(
        "The text says that dropout drops outputs of a layer; in Keras' LSTM, dropout masks the layer's inputs and "
        "recurrent_dropout its state."
    ),
)

# %% What was recorded with its source's Keras, to be replayed here: 20 steps on one batch of 64 rows of random words
# The limits of losses and weights are three times what Keras 3 on TensorFlow, corrected, was seen to differ by then.
RECORDING = Recording(
    experiment="lstm",
    start="other_chapters/jigsaw.npz",
    steps=(20,),
    stacks=(
        Stack("its source's", "other_chapters/jigsaw_source.npz", "source", Limit(3 * 2e-7, 3 * 3e-7, 1e-5)),
        Stack("Keras 2.15", "other_chapters/jigsaw.npz", "keras2"),
    ),
    dropout=False,
)

# %% The chapter
CHAPTER = Chapter(
    name="jigsaw_multilabel",
    title="Jigsaw toxic comments, six labels",
    source='the article "Text classification: from bag-of-words to BERT, part 5: recurrent neural network" '
    "(Analytics Vidhya on Medium, A. Sen), and its author's public notebook",
    stack="Keras 2.4 over TensorFlow 2.4: sigmoid gates, one dropout mask for each gate (derived: there is recurrent "
    "dropout)",
    lstm={"gates": "sigmoid", "mask_per_gate": True},
    corpus="Kaggle's Toxic Comment Classification Challenge: 159,571 comments to train on, a quarter of them held out, "
    "and 153,164 to test on, of which some have released labels; the 19,999 most frequent of 210,337 words (first the, "
    "to, of, and, a), zeros at the front up to 1,000. About one comment in ten has a label. Keras' AUC pools the six "
    "labels into one curve and takes 200 thresholds; Kaggle scores the mean of six exact areas. Both are reported.",
    classes=("no", "yes"),
    labels=LABELS,
    experiments=(LSTM,),
    preparation=PREPARATION,
    preparation_place=f"{NOTEBOOK}, listings",
    data=data,
    describe=describe,
    encode=encode,
    vocabulary=vocabulary,
    headline="validation",
    extras=("the test comments with released labels are scored; the source has Kaggle's score alone",),
    predictions=predictions,
    printed=PRINTED,
    values=VALUES,
    examples=EXAMPLES,
    errata=ERRATA,
    variations=VARIATIONS,
    open_experiments=(
        "more LSTM layers",
        "epochs, learning rate, batch size, early stopping",
        "named as alternatives and not built: six networks, or six output layers, in place of one layer of six",
    ),
    recordings=(RECORDING,),
)

# %% The walkthrough itself, step by step. First its options
# A script takes them from its command line. In a notebook, change this call, for instance to
#     options = walkthrough.options(CHAPTER, data="embedded", epochs=1)
# Every cell from here on runs only as a script or in a notebook: whoever imports the module trains nothing.
if __name__ == "__main__":
    import time

    from repro import walkthrough

    options = walkthrough.options(CHAPTER, epochs=1)

# %% Load the comments as numbers, and look at them: the first words of the index, and how many words there are
if __name__ == "__main__":
    dataset = walkthrough.load(options)
    words = prepared(options.data).words
    print(f"{len(words):,} different words; the most frequent: {', '.join(words[:5])}")

# %% A comment as text, as numbers, and padded, the last 50 places
if __name__ == "__main__":
    print(*step_by_step(), sep="\n")

# %% Pad all comments to 1,000 numbers, and hold out a quarter of those with labels
if __name__ == "__main__":
    assert dataset.x_validation is not None
    assert dataset.y_validation is not None
    x_train, y_train = dataset.x_train[:], dataset.y_train
    x_validation, y_validation = dataset.x_validation[:], dataset.y_validation
    x_test = dataset.x_test[:]
    print(f"training {x_train.shape}, validation {x_validation.shape}, test {x_test.shape}")
    print("training comments with each label:", dict(zip(LABELS, y_train.sum(axis=0).tolist(), strict=True)))

# %% Build the model
if __name__ == "__main__":
    walkthrough.seed(options)
    model = lstm_model()
    model.summary()

# %% Compile and fit, and take the time
# optimizer="adam" would make the steps of today's Keras; this one makes those of the source's (docs/parity.md).
# `repro run` trains in the same way, but takes the rows in an order of its own: it can be resumed after every epoch.
if __name__ == "__main__":
    adam = numerics.optimizer("adam", "source")
    model.compile(optimizer=adam, loss="binary_crossentropy", metrics=[keras.metrics.AUC(name="auc")])
    validation = (x_validation, y_validation)
    start = time.perf_counter()
    fitted = model.fit(x_train, y_train, epochs=options.epochs, batch_size=128, validation_data=validation, verbose=2)
    seconds = (time.perf_counter() - start) / options.epochs
    print(f"{seconds:,.0f} s for an epoch")
    this_run = {"lstm": walkthrough.ThisRun(dataset.provenance, fitted.history, (seconds,) * options.epochs)}

# %% Evaluate on the held-out quarter: Keras' AUC pools the six labels into one curve
if __name__ == "__main__":
    loss, auc = model.evaluate(x_validation, y_validation, verbose=0)
    print(f"validation loss {loss:.4f}, pooled AUC {auc:.4f}")

# %% Kaggle scores the mean of six areas, one for each label
if __name__ == "__main__":
    from repro.scoring import Outputs, score

    evaluation = score(CHAPTER, LSTM, Outputs(model.predict(x_validation, verbose=0), None), y_validation)
    for label, rates in evaluation.labels.items():
        print(f"{label:>13}: AUC {rates.auc}")
    print(f"mean AUC {evaluation.mean_auc}")
    this_run["lstm"].evaluation["validation"] = evaluation

# %% Predict the test comments, and write the file for Kaggle
if __name__ == "__main__":
    probabilities = model.predict(x_test, verbose=0)
    walkthrough.write_csv(predictions(dataset, probabilities), "submission.csv", options)

# %% An extra of ours: score the test comments whose labels Kaggle has released
if __name__ == "__main__":
    if dataset.y_test is not None:
        this_run["lstm"].evaluation["test"] = score(CHAPTER, LSTM, Outputs(probabilities, None), dataset.y_test)

# %% The comparison: what the source printed, this run, and our runs over seeds
if __name__ == "__main__":
    print(walkthrough.comparison(this_run, options))
