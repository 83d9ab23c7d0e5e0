"""Four classes of news: two stacked LSTM layers with ReLU inside.

Source: the article "LSTM for text classification in Python" (Analytics Vidhya). It names no data, no vocabulary size,
no length and no result: what is assumed in their place is marked, here and wherever a result is shown. Its prose and
code are not repeated.

The walkthrough numbers words, pads the texts to one length, holds out a tenth with the same share of each class, trains
for 120 epochs, and evaluates on that tenth. That words are hashed is assumed. With ReLU in place of tanh, the state of
an LSTM has no bounds, so such a network can diverge. A run that diverges is stopped at once, and its record says where.

Below stand the data, the model, what the source claims, its errata, and then the walkthrough itself, step by step.

To study: read Data and Model, then go to "The walkthrough itself" at the end. What stands between is for checking the
source.

    python -m chapters.stacked_lstm        goes through it as the source did (-h explains the options)
    repro show stacked_lstm                prints the facts of this chapter
    repro run stacked_lstm --seeds 1-3     trains the model with three seeds, faster
"""

# %% What it needs
from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from repro.backend import keras
from repro.chapter import (
    Chapter,
    Claim,
    Classifier,
    DataChoice,
    Erratum,
    Experiment,
    Limit,
    Measured,
    Needed,
    Recording,
    Runs,
    Stack,
    Variation,
    by_classifier,
)
from repro.datasets import ag_news
from repro.datasets.dataset import Dataset, Preparation
from repro.layers import dense, dropout, embedding, lstm
from repro.numerics import Gates
from repro.text import Reading, read_hashed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from repro.datasets.description import Description

# %% Data: AG News, in place of data that the source does not name
VOC_SIZE = 5_000  # assumed
SENT_LENGTH = 20  # assumed, as are zeros and cuts at the front
PREPARATION = Preparation(
    words="hashed", num_words=VOC_SIZE, maxlen=SENT_LENGTH, held_out=0.1, random_state=42, stratified=True
)
TOPICS = ("world", "sports", "business", "science and technology")


def data(choice: DataChoice = "real") -> Dataset:
    """The news, title and description as one text (assumed), as numbers, `(rows, 20)`; a tenth held out (printed)."""
    return ag_news.load(choice, PREPARATION).dataset


def describe(choice: DataChoice = "real") -> Description:
    """The news, counted: rows, topics, lengths."""
    return ag_news.load(choice, PREPARATION).describe()


def encode(texts: Sequence[str], choice: DataChoice = "real") -> Reading:
    """Texts as inputs of the model, `(rows, 20) int32`. Hashing needs no data, so `choice` does not matter."""
    return read_hashed(texts, VOC_SIZE, SENT_LENGTH)


def predictions(dataset: Dataset, probabilities: NDArray[np.float32]) -> Iterator[Sequence[object]]:
    """A header, and a line for each test item: its likeliest topic, and the probability of each topic."""
    yield ("row", "topic", *TOPICS)
    for number, row in enumerate(probabilities, 1):
        yield (number, TOPICS[row.argmax()], *map(str, row))


# %% Model
HEAD = (128, 128, 64, 32)  # units of the dense layers that are commented out


def stacked_model(gates: Gates = "sigmoid") -> keras.Model:
    """Two LSTM layers with ReLU, 225,000 / 89,088 / 0 / 131,584 / 0 / 4,128 / 0 / 132 parameters.

    They are derived, the first one with the assumed vocabulary.
    """
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


def wide_head_model(gates: Gates = "sigmoid") -> keras.Model:
    """The same with the wider dense layers that stand commented out in the source."""
    dense_head = [part for units in HEAD for part in (keras.layers.Dense(units, "relu"), keras.layers.Dropout(0.2))]
    return keras.Sequential(
        [
            keras.Input((SENT_LENGTH,)),
            keras.layers.Embedding(VOC_SIZE, 45),
            keras.layers.LSTM(128, activation="relu", recurrent_activation=gates, return_sequences=True),
            keras.layers.Dropout(0.2),
            keras.layers.LSTM(128, activation="relu", recurrent_activation=gates),
            keras.layers.Dropout(0.2),
            *dense_head,
            keras.layers.Dense(4, activation="softmax"),
        ]
    )


STACKED = Experiment(
    name="stacked",
    model=stacked_model,
    layers=(
        embedding(VOC_SIZE, 45),
        lstm(128, 45, activation="relu", return_sequences=True),
        dropout(0.2),
        lstm(128, 128, activation="relu"),
        dropout(0.2),
        dense(32, 128, "relu"),
        dropout(0.2),
        dense(4, 32, "softmax"),
    ),
    optimizer="adam",
    loss="sparse_categorical_crossentropy",
    epochs=120,
    batch_size=64,
    validation_split=0.0,  # the tenth that is held out is drawn before; the source evaluates on it too
    place="the article's listings",
)

# %% Variations: the open question of the source, and the classifiers that a claim needs
BEFORE_HEAD = STACKED.layers[:5]
WIDE_HEAD = (
    *BEFORE_HEAD,
    *(part for n, units in zip((128, *HEAD), HEAD, strict=False) for part in (dense(units, n, "relu"), dropout(0.2))),
    dense(4, HEAD[-1], "softmax"),
)
CLASSIFIERS: dict[str, tuple[str, Classifier]] = {
    "decision_tree": ("a decision tree", "DecisionTreeClassifier"),
    "random_forest": ("a random forest", "RandomForestClassifier"),
    "linear_svm": ("a linear support vector machine", "LinearSVC"),
}
VARIATIONS = (
    Variation(
        "wide_head",
        "open question",
        "dense layers of 128, 128, 64 and 32 units with dropout after each",
        trained={"model": wide_head_model, "layers": WIDE_HEAD},
        question="did you build the wide dense head?",
    ),
    *(
        Variation(
            name,
            "check",
            f"{words} of the words one by one",
            trained=by_classifier(kind),
            question=f"did you take {words}?",
        )
        for name, (words, kind) in CLASSIFIERS.items()
    ),
)

# %% What the source claims
FEW, MANY = 20, 120  # of the numbers of epochs that it lists: 20, 120, 2000, 20000


def gain(runs: Runs) -> float:
    """By how much the accuracy on the held-out tenth is higher after many epochs than after few, -1 to 1."""
    curve = runs["stacked"].history["val_accuracy"]
    return curve[MANY - 1] - curve[FEW - 1]


def beats(classifier: str) -> Claim:
    other = Needed("stacked", classifier)

    def ahead(runs: Runs) -> float:
        return runs["stacked"].evaluation["validation"].accuracy - runs[other].evaluation["validation"].accuracy

    return Claim(
        text=f"An LSTM beats a classifier that looks at words one by one: {CLASSIFIERS[classifier][0]}.",
        holds=lambda runs: ahead(runs) > 0,
        measured=Measured("LSTM minus classifier", ahead, "points"),
        needs=("stacked", other),
        place="the article's text",
        assumed="in accuracy on the held-out tenth; scikit-learn's defaults, on the same words weighted by TF-IDF",
    )


CLAIMS = (
    Claim(
        text=f"In some cases, more epochs raise the accuracy: {MANY} against {FEW}.",
        holds=lambda runs: gain(runs) > 0,
        measured=Measured(f"after {MANY} minus after {FEW}", gain, "points"),
        needs=("stacked",),
        place="the article's text",
        exists=True,
        assumed=f"on the held-out tenth, after epochs {MANY} and {FEW} of one run: with the same seed, a run of {FEW} "
        f"epochs is the beginning of one of {MANY}",
    ),
    *map(beats, CLASSIFIERS),
)

# %% What the source got wrong
ERRATA = (
    Erratum("The text calls the 64 of a batch the number of batches in an epoch."),
    Erratum("The rows that validate are also the rows that the model is tested on at the end."),
    Erratum(
        "The first LSTM layer gets an input_shape though it stands in the middle of the stack, and it is the shape of "
        "the whole data set."
    ),
)

# %% What was recorded with its source's Keras, to be replayed here: 20 steps on one batch of 64 rows of random words
# The limits of losses and weights are three times what Keras 3 on TensorFlow, corrected, was seen to differ by then.
RECORDING = Recording(
    experiment="stacked",
    start="other_chapters/stacked4.npz",
    steps=(20,),
    stacks=(
        Stack("its source's", "other_chapters/stacked4_source.npz", "source", Limit(3 * 4e-7, 3 * 5e-6, 1e-5)),
        Stack("Keras 2.15", "other_chapters/stacked4.npz", "keras2"),
    ),
    dropout=False,
)

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
    preparation=PREPARATION,
    preparation_place="the article's listings, without the numbers but those of the draw; the others are assumed",
    data=data,
    describe=describe,
    encode=encode,
    headline="validation",
    extras=("AG News' own test rows are scored; what the source evaluates on is the tenth that it holds out",),
    predictions=predictions,
    assumed="AG News, title and description as one text, words hashed by md5 into a vocabulary of 5,000, the last 20 "
    "words, zeros at the front",
    claims=CLAIMS,
    errata=ERRATA,
    variations=VARIATIONS,
    open_experiments=(
        "a wider dense head, commented out in the source: 128, 128, 64 and 32 units with dropout after each",
    ),
    recordings=(RECORDING,),
)

# %% The walkthrough itself, step by step. First its options
# A script takes them from its command line. In a notebook, change this call, for instance to
#     options = walkthrough.options(CHAPTER, data="embedded", epochs=1)
# Every cell from here on runs only as a script or in a notebook: whoever imports the module trains nothing.
if __name__ == "__main__":
    from math import isfinite

    from repro import metrics, numerics, r, walkthrough
    from repro.evaluation import Evaluation

    options = walkthrough.options(CHAPTER, epochs=120)

# %% A text as numbers, and padded at the front to 20 numbers
if __name__ == "__main__":
    text = "Shares of the football club fell by a tenth."
    numbers = encode([text]).x
    print(text, numbers.words[0], numbers[0], sep="\n")

# %% Load the news as such rows, and hold out a tenth with the same share of each topic
if __name__ == "__main__":
    dataset = walkthrough.load(options)
    assert dataset.x_validation is not None
    assert dataset.y_validation is not None
    x_train, y_train = dataset.x_train[:], dataset.y_train
    x_validation, y_validation = dataset.x_validation[:], dataset.y_validation
    print(f"training news {x_train.shape}, of each topic:", r.table(y_train))
    print(f"held-out news {x_validation.shape}, of each topic:", r.table(y_validation))

# %% Build the model
if __name__ == "__main__":
    walkthrough.seed(options)
    model = stacked_model()
    model.summary()

# %% Compile and fit
# optimizer="adam" would make the steps of today's Keras; this one makes those of the source's (docs/parity.md).
# `repro run` trains in the same way, but takes the rows in an order of its own: it can be resumed after every epoch.
if __name__ == "__main__":
    adam = numerics.optimizer("adam", "source")
    model.compile(optimizer=adam, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    validation = (x_validation, y_validation)
    fitted = model.fit(x_train, y_train, epochs=options.epochs, batch_size=64, validation_data=validation, verbose=2)
    this_run = {"stacked": walkthrough.ThisRun(dataset.provenance, fitted.history)}
    if not isfinite(fitted.history["loss"][-1]):
        print("The network has diverged: its loss is no longer a finite number.")

# %% An extra of ours: loss and accuracy by epoch. The source says that more epochs can raise the accuracy
if __name__ == "__main__":
    walkthrough.draw_curves(fitted.history, "stacked", options)

# %% Evaluate and predict the held-out tenth
if __name__ == "__main__":
    loss, accuracy = model.evaluate(x_validation, y_validation, verbose=0)
    predicted = model.predict(x_validation, verbose=0).argmax(axis=1)
    print(f"validation loss {loss:.4f}, validation accuracy {accuracy:.4f}")
    print(r.table(Predicted=predicted, Actual=y_validation))
    matrix = metrics.confusion(predicted, y_validation, len(TOPICS))
    this_run["stacked"].evaluation["validation"] = Evaluation(loss=loss, matrix=matrix)

# %% An extra of ours: the same on AG News' own test rows, and a file of their topics
if __name__ == "__main__":
    assert dataset.y_test is not None  # every item has a topic
    x_test, y_test = dataset.x_test[:], dataset.y_test
    loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
    probabilities = model.predict(x_test, verbose=0)
    predicted = probabilities.argmax(axis=1)
    print(f"test loss {loss:.4f}, test accuracy {accuracy:.4f}")
    print(r.table(Predicted=predicted, Actual=y_test))
    matrix = metrics.confusion(predicted, y_test, len(TOPICS))
    this_run["stacked"].evaluation["test"] = Evaluation(loss=loss, matrix=matrix)
    walkthrough.write_csv(predictions(dataset, probabilities), "topics.csv", options)

# %% The comparison: what the source printed, this run, and our runs over seeds
if __name__ == "__main__":
    print(walkthrough.comparison(this_run, options))
