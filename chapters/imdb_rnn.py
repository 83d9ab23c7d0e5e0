"""IMDB reviews with 20,000 words: positive or negative? One LSTM layer.

Source: the article "Text Classification with RNN" (Towards AI, A. Brahmane), and its author's public script. Its
numbers are repeated here; its prose and code are not.

The walkthrough first shows on three sentences how words become numbers, sentences rows of one length, and numbers
vectors; then it trains one LSTM layer for five epochs and reports its test accuracy. All its settings are printed in
the article, unless they are marked as derived, as assumed, or as taken from the author's script.

Below stand the demonstration, the data, the model, what the source printed, its errata, and then the walkthrough
itself, step by step.

To study: read The demonstration, Data and Model, then go to "The walkthrough itself" at the end. What stands between is
for checking the source.

    python -m chapters.imdb_rnn        goes through it as the source did (-h explains the options)
    repro show imdb_rnn                prints the facts of this chapter
    repro run imdb_rnn --seeds 1-3     trains the model with three seeds, faster
"""

# %% What it needs
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from repro.backend import keras
from repro.chapter import (
    Chapter,
    DataChoice,
    Erratum,
    Example,
    Experiment,
    Fact,
    Limit,
    Printed,
    PrintedValue,
    Recording,
    Stack,
    Variation,
)
from repro.datasets import imdb
from repro.datasets.dataset import Dataset, Preparation
from repro.datasets.description import Lengths
from repro.layers import dense, embedding, lstm
from repro.numerics import Gates
from repro.text import Reading, one_hot, pad_sequences

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from repro.datasets.description import Description

# %% Where things stand in the source: the headings of the article, the second by its translation
PREPROCESSING = '"Preprocessing the Data"'
BUILDING = "the section on building the model"
COMPILING = "the section on compiling"

# %% The demonstration: words become numbers, sentences rows, numbers vectors
# The sentences and the padded rows are printed; the number of words and of dimensions stand in the author's script. The
# printed numbers come from Python's own hash, which is salted anew at every start, so nobody can get them again. With
# md5, the numbers are always the same.
SENTENCES = ("Fast cars are good", "Football is a famous sport", "Be happy Be positive")
PRINTED_ROWS = ((364, 50, 95, 313), (527, 723, 350, 333, 722), (238, 216, 238, 775))  # then zeros up to ten
VOCABULARY = 1_000
LENGTH = 10
DIMENSIONS = 5


def numbers() -> list[list[int]]:
    """Each sentence as numbers: a word is hashed to a number from 1 to 999."""
    return [one_hot(sentence, VOCABULARY) for sentence in SENTENCES]


def rows() -> NDArray[np.int32]:
    """The numbers padded at the end: `(3, 10) int32`."""
    return pad_sequences(numbers(), LENGTH, padding="post")


def vectors() -> NDArray[np.float32]:
    """The rows as an embedding with its initial weights gives them: `(3, 10, 5) float32`."""
    embedded: NDArray[np.float32] = keras.ops.convert_to_numpy(keras.layers.Embedding(VOCABULARY, DIMENSIONS)(rows()))
    return embedded


def zeros_stand_at_the_end() -> bool:
    return all(
        list(row) == words + [0] * (LENGTH - len(words)) and 0 not in words
        for words, row in zip(numbers(), rows(), strict=True)
    )


def demonstration() -> list[str]:
    """Each sentence, its printed row, and ours."""
    lines = []
    for sentence, printed, ours in zip(SENTENCES, PRINTED_ROWS, rows().tolist(), strict=True):
        filled = [*printed, *[0] * (LENGTH - len(printed))]
        lines += [sentence, f"  printed  {aligned(filled)}", f"  by md5   {aligned(ours)}"]
    return lines


def aligned(numbers: list[int]) -> str:
    return " ".join(f"{number:>3}" for number in numbers)


EXAMPLES = (
    Example("Three sentences as padded rows of numbers", f"{PREPROCESSING}, listing and output", demonstration),
)

FACTS = (
    Fact(
        'A repeated word gets one number: in "Be happy Be positive" the first and the third, printed and ours.',
        lambda: all(row[0] == row[2] != row[1] for row in (PRINTED_ROWS[2], numbers()[2])),
    ),
    Fact(
        "A sentence has as many numbers as words, printed and ours.",
        lambda: [*map(len, PRINTED_ROWS)] == [*map(len, numbers())] == [4, 5, 4],
    ),
    Fact("Padded rows have the words in front and zeros at the end.", zeros_stand_at_the_end),
    Fact(
        "An embedding makes an array (3, 10, 5) of the rows (derived: the script prints it).",
        lambda: vectors().shape == (3, 10, 5),
    ),
)

# %% Data: 50,000 reviews in all (printed), 25,000 to train on and 25,000 to test on
NUM_WORDS = 20_000  # printed, under the listing of the embedding
MAXLEN = 100  # from the author's script, as is the size of the vectors, 128; padding and cutting happen at the front
PREPARATION = Preparation(words="ranked", num_words=NUM_WORDS, maxlen=MAXLEN)


def data(choice: DataChoice = "real") -> Dataset:
    """The reviews as `imdb.load_data(num_words=20000)` and `pad_sequences(maxlen=100)` give them."""
    return imdb.load(choice, PREPARATION).dataset


def describe(choice: DataChoice = "real") -> Description:
    """The reviews, counted: rows, classes, lengths."""
    return imdb.load(choice, PREPARATION).describe()


def encode(texts: Sequence[str], choice: DataChoice = "real") -> Reading:
    """Texts as inputs of the model, `(rows, 100) int32`."""
    return imdb.encode(texts, imdb.word_index(choice), num_words=NUM_WORDS, maxlen=MAXLEN)


def vocabulary(choice: DataChoice = "real") -> dict[str, int]:
    """The words with a number below 20,000, and their numbers, from 4."""
    return imdb.vocabulary(imdb.word_index(choice), NUM_WORDS)


# %% Model
def lstm_model(gates: Gates = "sigmoid") -> keras.Model:
    """One LSTM layer, 2,560,000 / 131,584 / 129 parameters (derived)."""
    return keras.Sequential(
        [
            keras.Input((MAXLEN,)),
            keras.layers.Embedding(NUM_WORDS, 128),
            keras.layers.LSTM(128, recurrent_activation=gates),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )


def two_layer_model(gates: Gates = "sigmoid") -> keras.Model:
    """Two stacked LSTM layers, which the source proposes to try."""
    return keras.Sequential(
        [
            keras.Input((MAXLEN,)),
            keras.layers.Embedding(NUM_WORDS, 128),
            keras.layers.LSTM(128, recurrent_activation=gates, return_sequences=True),
            keras.layers.LSTM(128, recurrent_activation=gates),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )


LSTM = Experiment(
    name="lstm",
    model=lstm_model,
    layers=(embedding(NUM_WORDS, 128), lstm(128, 128), dense(1, 128, "sigmoid")),
    optimizer="rmsprop",
    loss="binary_crossentropy",
    epochs=5,
    batch_size=128,
    validation_split=0.0,
    place=f"{BUILDING} and {COMPILING}, listings; the author's script for maxlen and the size of the vectors",
)

# %% Variations: what the source proposes to try
TWO_LAYERS = (
    *(embedding(NUM_WORDS, 128), lstm(128, 128, return_sequences=True), lstm(128, 128)),
    dense(1, 128, "sigmoid"),
)
VARIATIONS = (
    Variation("epochs_2", "open question", "2 epochs", trained={"epochs": 2}, question="did you train for 2 epochs?"),
    Variation(
        "epochs_10", "open question", "10 epochs", trained={"epochs": 10}, question="did you train for 10 epochs?"
    ),
    Variation(
        "batch_32",
        "open question",
        "batches of 32",
        trained={"batch_size": 32},
        question="did you train in batches of 32, Keras' default?",
    ),
    Variation(
        "two_layers",
        "open question",
        "two LSTM layers",
        trained={"model": two_layer_model, "layers": TWO_LAYERS},
        question="did you stack two LSTM layers?",
    ),
)

# %% What the source printed
PRINTED = (Printed("reviews in all", 50_000, "rows", 25_000 + 25_000, '"Importing Data", text'),)
VALUES = (
    PrintedValue(
        experiment="lstm",
        what="accuracy (close to); on test by the author's script, which prints a test accuracy",
        value=84,
        unit="%",
        places=0,
        ours=lambda record: record.evaluation["test"].accuracy,
        place=f"{COMPILING}, text after the fit listing",
    ),
)


# %% What the source got wrong
def few_are_that_short(description: Description) -> bool:
    """No review has 5 words or fewer, and fewer than one in a hundred has 18 or fewer; the start mark is not a word."""
    halves = description.halves.values()
    fewest = min(Lengths(half.lengths).shortest for half in halves) - 1
    short = sum(Lengths(half.lengths).padded(18 + 2)[0] for half in halves)
    return fewest > 5 and short < sum(half.rows for half in halves) / 100


ERRATA = (
    Erratum(
        "The text says that some reviews have 4 or 5 words and some 17 or 18; the shortest have 10 (train) and 6 "
        "(test), and hardly any has fewer than 18.",
        in_data=few_are_that_short,
    ),
)

# %% What was recorded with its source's Keras, to be replayed here: 20 steps on one batch of 64 rows of random words
# The limits of losses and weights are three times what Keras 3 on TensorFlow, corrected, was seen to differ by then.
RECORDING = Recording(
    experiment="lstm",
    start="other_chapters/imdb_rnn.npz",
    steps=(20,),
    stacks=(Stack("its source's", "other_chapters/imdb_rnn_source.npz", "source", Limit(3 * 7e-7, 3 * 7e-6, 1e-5)),),
    dropout=False,
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
    preparation=PREPARATION,
    preparation_place=f"{BUILDING}, text under the listing of the embedding (num_words); the author's script (maxlen)",
    data=data,
    describe=describe,
    encode=encode,
    vocabulary=vocabulary,
    printed=PRINTED,
    values=VALUES,
    facts=FACTS,
    examples=EXAMPLES,
    errata=ERRATA,
    variations=VARIATIONS,
    open_experiments=(
        "other numbers of epochs and other batch sizes: the text warns of overfitting",
        "stacked LSTM layers, which the text says make a network deeper",
    ),
    recordings=(RECORDING,),
)

# %% The walkthrough itself, step by step. First its options
# A script takes them from its command line. In a notebook, change this call, for instance to
#     options = walkthrough.options(CHAPTER, data="embedded", epochs=1)
# Every cell from here on runs only as a script or in a notebook: whoever imports the module trains nothing.
if __name__ == "__main__":
    from repro import metrics, numerics, r, walkthrough
    from repro.evaluation import Evaluation

    options = walkthrough.options(CHAPTER, epochs=5)

# %% The demonstration: three sentences as numbers, padded at the end; the printed rows, and the same by md5
if __name__ == "__main__":
    print(*demonstration(), sep="\n")

# %% The same rows as vectors of five numbers, by an embedding with its initial weights
if __name__ == "__main__":
    walkthrough.seed(options)
    print(vectors().shape, "the first sentence:", vectors()[0], sep="\n")

# %% Load the reviews, padded and cut at the front to 100 numbers, and look at them
if __name__ == "__main__":
    dataset = walkthrough.load(options)
    assert dataset.y_test is not None  # every review has a label
    x_train, y_train, x_test, y_test = dataset.x_train[:], dataset.y_train, dataset.x_test[:], dataset.y_test
    print(f"training reviews {x_train.shape}, of each class:", r.table(y_train))
    print(f"test reviews {x_test.shape}, of each class:", r.table(y_test))
    print("the first training review:", x_train[0], sep="\n")

# %% Build the model
if __name__ == "__main__":
    walkthrough.seed(options)
    model = lstm_model()
    model.summary()

# %% Compile and fit
# optimizer="rmsprop" would make the steps of today's Keras; this one makes those of the source's (docs/parity.md).
# `repro run` trains in the same way, but takes the rows in an order of its own: it can be resumed after every epoch.
if __name__ == "__main__":
    rmsprop = numerics.optimizer("rmsprop", "source")
    model.compile(optimizer=rmsprop, loss="binary_crossentropy", metrics=["accuracy"])
    fitted = model.fit(x_train, y_train, epochs=options.epochs, batch_size=128, verbose=2)
    this_run = {"lstm": walkthrough.ThisRun(dataset.provenance, fitted.history)}

# %% Evaluate on the test reviews, and predict them
if __name__ == "__main__":
    loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
    print(f"test loss {loss:.4f}, test accuracy {accuracy:.4f}")
    predicted = (model.predict(x_test, verbose=0)[:, 0] > 0.5).astype("int32")
    print(r.table(Predicted=predicted, Actual=y_test))
    matrix = metrics.confusion(predicted, y_test, len(CHAPTER.classes))
    this_run["lstm"].evaluation["test"] = Evaluation(loss=loss, matrix=matrix)

# %% The comparison: what the source printed, this run, and our runs over seeds
if __name__ == "__main__":
    print(walkthrough.comparison(this_run, options))
