"""IMDB reviews: positive or negative? Four LSTM models, after a walkthrough in R.

Source: "Text classification using long short-term memory network", a chapter of "Advanced Deep Learning with R"
(B. Rai, Packt 2019), which uses the R package keras. Its numbers are repeated here; its prose and code are not.

The walkthrough takes reviews as the numbers of their words, keeps the numbers below 500 and the last 200 words of each
review, and trains four small models for ten epochs: one LSTM layer with two optimizers, two stacked layers, and one
that reads in both directions. It compares them by loss, accuracy, sensitivity and specificity. All its settings are
printed in the source, unless they are marked as derived or assumed.

    python -m chapters.imdb_lstm --seeds 1     trains the four models
    repro show imdb_lstm                       prints what stands below
"""

# %% What it needs
from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from itertools import pairwise
from statistics import mean, median
from typing import TYPE_CHECKING

from repro import metrics
from repro.backend import keras
from repro.chapter import (
    Build,
    Chapter,
    Claim,
    DataChoice,
    Erratum,
    Experiment,
    Printed,
    PrintedResult,
    Split,
)
from repro.datasets import reviews
from repro.datasets.dataset import Dataset
from repro.numerics import Gates
from repro.numerics.activations import hard_sigmoid
from repro.parameters import Layer, bidirectional, dense, embedding, lstm, simple_rnn
from repro.records import Evaluation, Record

if TYPE_CHECKING:
    from repro.text import Reading

# %% Data: 25,000 reviews to train on and 25,000 to test on, 12,500 of each class in both (printed)
NUM_WORDS = 500  # numbers below 500: the 496 most frequent words, since those begin at 4 (derived); others become 2
MAXLEN = 200  # zeros are put, and words cut off, at the front


def data(choice: DataChoice = "real") -> Dataset:
    """The reviews as R's `dataset_imdb(num_words = 500)` and `pad_sequences(maxlen = 200)` give them."""
    return reviews.load(choice, num_words=NUM_WORDS, maxlen=MAXLEN)


def encode(texts: Sequence[str], choice: DataChoice = "real") -> Reading:
    """Reviews of the user's as inputs of the models, `(rows, 200) int32`."""
    return reviews.encode(texts, choice, num_words=NUM_WORDS, maxlen=MAXLEN)


# %% Models
# R's layer_lstm() had Keras 2's hard_sigmoid for its gates by default when the book appeared. It is spelled out here,
# since Keras 3 would take sigmoid, and means another function by "hard_sigmoid".
def model_one(gates: Gates = hard_sigmoid) -> keras.Model:
    """One LSTM layer: 16,000 / 8,320 / 33 parameters. Model two has the same layers and another optimizer."""
    return keras.Sequential(
        [
            keras.Input((MAXLEN,)),
            keras.layers.Embedding(NUM_WORDS, 32),
            keras.layers.LSTM(32, recurrent_activation=gates),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )


def model_three(gates: Gates = hard_sigmoid) -> keras.Model:
    """Two stacked LSTM layers, 16,000 / 8,320 / 8,320 / 33: the first passes its output on at every word."""
    return keras.Sequential(
        [
            keras.Input((MAXLEN,)),
            keras.layers.Embedding(NUM_WORDS, 32),
            keras.layers.LSTM(32, recurrent_activation=gates, return_sequences=True),
            keras.layers.LSTM(32, recurrent_activation=gates),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )


def model_four(gates: Gates = hard_sigmoid) -> keras.Model:
    """An LSTM layer in both directions: 16,000 / 16,640 / 65 parameters."""
    return keras.Sequential(
        [
            keras.Input((MAXLEN,)),
            keras.layers.Embedding(NUM_WORDS, 32),
            keras.layers.Bidirectional(keras.layers.LSTM(32, recurrent_activation=gates)),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )


# %% Experiments: the models with their parameter counts, derived and printed, and their settings
EMBEDDING = embedding(NUM_WORDS, 32, printed=16_000)
LSTM = lstm(32, 32, printed=8_320)

LAYERS_ONE = (EMBEDDING, LSTM, dense(1, 32, "sigmoid", printed=33))
LAYERS_THREE = (  # only the total is printed
    embedding(NUM_WORDS, 32),
    lstm(32, 32, "return_sequences"),
    lstm(32, 32),
    dense(1, 32, "sigmoid"),
)
LAYERS_FOUR = (EMBEDDING, bidirectional(lstm(32, 32), printed=16_640), dense(1, 64, "sigmoid", printed=65))


def experiment(name: str, model: Build, layers: tuple[Layer, ...], optimizer: str, printed_total: int) -> Experiment:
    """The settings are the same for all four, but for the optimizer."""
    return Experiment(
        name=name,
        model=model,
        layers=layers,
        optimizer=optimizer,
        loss="binary_crossentropy",
        epochs=10,
        batch_size=128,
        validation_split=0.2,
        printed_total=printed_total,
    )


ONE, TWO, THREE, FOUR = MODELS = ("model_one", "model_two", "model_three", "model_four")
EXPERIMENTS = (
    experiment(ONE, model_one, LAYERS_ONE, "rmsprop", 24_353),
    experiment(TWO, model_one, LAYERS_ONE, "adam", 24_353),
    experiment(THREE, model_three, LAYERS_THREE, "adam", 32_673),
    experiment(FOUR, model_four, LAYERS_FOUR, "adam", 32_705),
)


# %% What the source printed
# Loss and accuracy over all 25,000 rows of a split, the held-out fifth included; the matrix, table(Predicted, Actual),
# class 1 where the probability is above 0.5; and what its comparison table made of loss, accuracy, specificity and
# sensitivity.
RESULTS = (
    PrintedResult(ONE, "train", 0.3749587, 0.82752, ((9258, 1070), (3242, 11430)), (".375", "82.8", "74.1", "91.4")),
    PrintedResult(ONE, "test", 0.3997277, 0.81992, ((9159, 1161), (3341, 11339)), (".399", "81.9", "73.3", "90.7")),
    PrintedResult(TWO, "train", 0.3601628, 0.84340, ((11122, 2537), (1378, 9963)), (".360", "84.3", "88.9", "79.7")),
    PrintedResult(TWO, "test", 0.3854687, 0.82868, ((10870, 2653), (1630, 9847)), (".385", "82.9", "86.9", "78.8")),
    PrintedResult(THREE, "train", 0.3396379, 0.85504, ((11245, 2369), (1255, 10131)), (".339", "85.5", "90.0", "81.0")),
    PrintedResult(THREE, "test", 0.3761043, 0.83664, ((10916, 2500), (1584, 10000)), (".376", "83.7", "87.3", "80.0")),
    PrintedResult(FOUR, "train", 0.3410529, 0.85232, ((10597, 1789), (1903, 10711)), (".341", "85.2", "84.8", "85.7")),
    PrintedResult(FOUR, "test", 0.3737377, 0.83448, ((10344, 1982), (2156, 10518)), (".374", "83.4", "82.8", "84.1")),
)


def row(model: str, split: Split) -> PrintedResult:
    return next(result for result in RESULTS if (result.experiment, result.split) == (model, split))


def gap(model: str) -> float:
    """Between sensitivity and specificity on test, in points, as the comparison table shows them."""
    _, _, specificity, sensitivity = row(model, "test").in_table
    return round(abs(float(sensitivity) - float(specificity)), 1)


PRINTED = (
    Printed("training reviews", 25_000, "rows", metrics.total(row(ONE, "train").matrix)),
    Printed("test reviews", 25_000, "rows", metrics.total(row(ONE, "test").matrix)),
    Printed("positive test reviews", 12_500, "rows", sum(line[1] for line in row(ONE, "test").matrix)),
    Printed("a simple RNN(32) in place of the LSTM(32)", 2_080, "parameters", simple_rnn(32, 32).parameters),
    Printed("gap between sensitivity and specificity on test, model four", 1.3, "points", gap(FOUR)),
    Printed("gap between sensitivity and specificity on test, model three", 7.3, "points", gap(THREE)),
)

# %% What the source claims, each as a question to the runs of one seed
Runs = Mapping[str, Record]  # the runs of one seed by experiment, each as its record


def stays_close(runs: Runs) -> bool:
    history = runs[ONE].history
    gaps = [valid - train for train, valid in zip(history["loss"], history["val_loss"], strict=True)]
    return mean(gaps[-5:]) < 0.05


def swing(run: Record) -> float:
    return mean(abs(after - before) for before, after in pairwise(run.history["val_loss"][1:]))


def on_test(runs: Runs, model: str) -> Evaluation:
    return runs[model].evaluation["test"]


def lean(runs: Runs, model: str) -> float:
    """How much more accurate a model is on positive test reviews than on negative ones, -1 to 1."""
    return on_test(runs, model).sensitivity - on_test(runs, model).specificity


def ten_epochs_do(runs: Runs) -> bool:
    curves = [run.history["val_accuracy"] for run in runs.values()]
    return all(max(curve[8:]) <= max(curve[:8]) + 0.005 for curve in curves)


def size_and_time(runs: Runs) -> bool:
    sizes = lstm(32, 32).parameters == 4 * simple_rnn(32, 32).parameters
    twice = bidirectional(lstm(32, 32)).parameters == 2 * lstm(32, 32).parameters
    return sizes and twice and median(runs[FOUR].seconds) > median(runs[TWO].seconds)


CLAIMS = (
    Claim(
        "Model one shows no overfitting: its training and validation curves stay close.",
        stays_close,
        needs=(ONE,),
        assumed="close: validation loss less than 0.05 above training loss, on the mean of the last five epochs",
    ),
    Claim(
        "With rmsprop the validation loss swings more from epoch to epoch than with adam.",
        lambda runs: swing(runs[ONE]) > swing(runs[TWO]),
        needs=(ONE, TWO),
        assumed="swing: mean change from epoch to epoch, from the second epoch on",
    ),
    Claim(
        "Model one favours positives (sensitivity above specificity); models two and three favour negatives.",
        lambda runs: lean(runs, ONE) > 0 > max(lean(runs, TWO), lean(runs, THREE)),
        needs=(ONE, TWO, THREE),
        assumed="on the test reviews",
    ),
    Claim(
        "Adam beats rmsprop in test accuracy, and a second LSTM layer beats one.",
        lambda runs: on_test(runs, ONE).accuracy < on_test(runs, TWO).accuracy < on_test(runs, THREE).accuracy,
        needs=(ONE, TWO, THREE),
    ),
    Claim(
        "Model four has the lowest test loss of the four.",
        lambda runs: min(MODELS, key=lambda model: on_test(runs, model).loss) == FOUR,
        needs=MODELS,
    ),
    Claim(
        "Model four has the smallest gap between sensitivity and specificity.",
        lambda runs: min(MODELS, key=lambda model: abs(lean(runs, model))) == FOUR,
        needs=MODELS,
        assumed="on the test reviews",
    ),
    Claim(
        "Model three has the highest test accuracy.",
        lambda runs: max(MODELS, key=lambda model: on_test(runs, model).accuracy) == THREE,
        needs=MODELS,
    ),
    Claim(
        "Ten epochs are enough: more would not improve validation accuracy.",
        ten_epochs_do,
        needs=MODELS,
        assumed="in no model do epochs nine and ten beat the best epoch before by more than half a point; none is "
        "trained for longer than ten",
    ),
    Claim(
        "An LSTM layer has four times the parameters of a simple RNN layer, so it trains slower; a bidirectional one "
        "has twice the LSTM's.",
        size_and_time,
        needs=(TWO, FOUR),
        assumed="no simple RNN is trained; instead, the median epoch of model four takes longer than that of model two",
    ),
)


# %% What the source got wrong, each with the check that shows it
def exact_and_shown(result: PrintedResult) -> list[tuple[float, str]]:
    """The exact numbers behind one row of the comparison table (loss, three percentages), and how it shows them."""
    rates = (result.accuracy, result.specificity, result.sensitivity)
    return list(zip((result.loss, *(100 * rate for rate in rates)), result.in_table, strict=True))


def shortened(exact: float, shown: str) -> str:
    """How a number was shortened: `cut` or `rounded up`; `either` where both give what is shown; else `wrong`."""
    unit = Decimal(1).scaleb(-len(shown.partition(".")[2]))
    cut, rounded = (Decimal(repr(exact)).quantize(unit, rounding) for rounding in (ROUND_DOWN, ROUND_HALF_UP))
    kinds = {cut: "cut", rounded: "rounded up"} if cut != rounded else {cut: "either"}
    return kinds.get(Decimal(shown), "wrong")


def table_cuts_and_rounds() -> bool:
    kinds = {shortened(exact, shown) for result in RESULTS for exact, shown in exact_and_shown(result)}
    return kinds == {"cut", "rounded up", "either"}


ERRATA = (
    Erratum(
        "The comparison table cuts some figures (.88976, .86960 and .81992 to 88.9, 86.9 and 81.9 %, the losses .3997 "
        "and .3396 to .399 and .339) and rounds others up (.82868 and .83664 to 82.9 and 83.7 %).",
        shown=table_cuts_and_rounds,
    ),
    Erratum(
        "The call that predicts the test classes does not parse as printed: a mistyped pipe and a mistyped variable.",
        shown=None,
    ),
)

# %% The chapter
CHAPTER = Chapter(
    name="imdb_lstm",
    title="IMDB reviews in R: four LSTM models",
    source='"Text classification using long short-term memory network", a chapter of "Advanced Deep Learning with R" '
    "(B. Rai, Packt 2019)",
    stack="R keras 2.2.5 over TensorFlow 1.14 or 2.0 (derived from the date, recorded in tests/reference): "
    "hard_sigmoid gates, RMSprop's epsilon outside the root",
    lstm={"gates": hard_sigmoid},
    corpus="IMDB: 25,000 reviews to train on, 25,000 to test on, half of them positive; num_words 500 (the 496 most "
    "frequent words), the last 200 words of each review. Positive is class 1.",
    classes=("negative", "positive"),
    experiments=EXPERIMENTS,
    data=data,
    encode=encode,
    printed=PRINTED,
    results=RESULTS,
    claims=CLAIMS,
    errata=ERRATA,
    open_experiments=(
        "the number of frequent words",
        "padding and truncation before or after",
        "the maximum length: it advises one near the median",
        "the number of units",
        "another optimizer",
    ),
)

# %% Run it
if __name__ == "__main__":
    from repro.cli import run_chapter

    run_chapter(CHAPTER.name)
