"""Rotten Tomatoes phrases: five classes from negative to positive. One LSTM layer, dropout before, in and after it.

Source: the article "LSTM recurrent neural network Keras example" (Towards Data Science, 2019), on the data of Kaggle's
"Movie Review Sentiment Analysis (Kernels Only)". Its numbers are repeated here; its prose and code are not.

The walkthrough takes phrases of film reviews, spells out contractions, keeps punctuation marks as words, pads all
phrases to the longest one, and trains for eight epochs. It draws how long the phrases are, and loss and accuracy by
epoch; its text prints no result as a number. All its settings are printed in the source, unless they are marked as
derived or assumed.

Below stand the data, the model, what the source printed, what it claims, its errata, and then the walkthrough itself,
step by step.

To study: read Data and Model, then go to "The walkthrough itself" at the end. What stands between is for checking the
source.

    python -m chapters.rotten_tomatoes        goes through it as the source did (-h explains the options)
    repro show rotten_tomatoes                prints the facts of this chapter
    repro run rotten_tomatoes --seeds 1-3     trains the model with three seeds, faster
"""

# %% What it needs
from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from repro import numerics
from repro.backend import keras
from repro.chapter import (
    Chapter,
    Claim,
    DataChoice,
    DataClaim,
    Erratum,
    Experiment,
    Limit,
    Measured,
    Needed,
    Outcome,
    Printed,
    Recording,
    Stack,
    Variation,
)
from repro.datasets import rotten_tomatoes
from repro.datasets.dataset import Dataset, Preparation
from repro.datasets.prepare import Prepared
from repro.layers import dense, dropout, embedding, lstm
from repro.numerics import Gates
from repro.numerics.activations import hard_sigmoid
from repro.text import Reading, Tokenizer, clean, read_by, words_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from repro.datasets.description import Description

# %% Where things stand in the source: all of it in the article's section "Code"
CODE = 'section "Code"'

# %% Data: 156,060 phrases to train on, 66,292 to predict (printed: more than 150,000, and more than 60,000)
NUM_WORDS = 8_192
MAXLEN = 53  # words of the longest cleaned training phrase (derived); the longest of test has 56, 50 of them numbered
FILTERS = '"#$%&()*+-/:;<=>@[\\]^_`{|}~'  # comma, full stop, exclamation mark and question mark stay words

# Plain replacements in the lower-cased phrase, one after the other in this order; then runs of white space collapse.
# Two have a typographic apostrophe and miss a plain one. The source's list also has the pattern \s+, which as a plain
# string occurs nowhere.
REPLACEMENTS = (
    ("i'm", "i am"),
    ("'re", " are"),
    ("let’s", "let us"),
    ("'s", " is"),
    ("'ve", " have"),
    ("can't", "can not"),
    ("cannot", "can not"),
    ("shan’t", "shall not"),
    ("n't", " not"),
    ("'d", " would"),
    ("'ll", " will"),
    ("'scuse", "excuse"),
    (",", " ,"),
    (".", " ."),
    ("!", " !"),
    ("?", " ?"),
)
PREPARATION = Preparation(
    words="counted", num_words=NUM_WORDS, maxlen=MAXLEN, filters=FILTERS, replacements=REPLACEMENTS
)


def prepared(choice: DataChoice) -> Prepared:
    """The phrases as numbers, and the words that the numbers stand for: those of the training phrases (printed)."""
    return rotten_tomatoes.load(choice, PREPARATION)


def data(choice: DataChoice = "real") -> Dataset:
    """The phrases, cleaned, as numbers, padded at the front: `(156060, 53)` and `(66292, 53)`."""
    return prepared(choice).dataset


def describe(choice: DataChoice = "real") -> Description:
    """The phrases, counted before and after cleaning: rows, classes, lengths, repeated phrases."""
    return prepared(choice).describe()


def tokenizer(choice: DataChoice = "real") -> Tokenizer:
    """Numbers words as it was fitted to the cleaned training phrases."""
    return Tokenizer.of_words(prepared(choice).words, NUM_WORDS, filters=FILTERS)


def encode(texts: Sequence[str], choice: DataChoice = "real") -> Reading:
    """Texts as inputs of the model, `(rows, 53) int32`."""
    return read_by(tokenizer(choice), clean(texts, REPLACEMENTS), MAXLEN)


def vocabulary(choice: DataChoice = "real") -> dict[str, int]:
    """The words and marks that have a number below 8,192, and their numbers."""
    return tokenizer(choice).vocabulary


def predictions(dataset: Dataset, probabilities: NDArray[np.float32]) -> Iterator[Sequence[object]]:
    """Kaggle's submission file, an extra of ours: a header, and a line for each test phrase, with its answer."""
    assert dataset.test_ids is not None
    yield ("PhraseId", "Sentiment")
    yield from zip(dataset.test_ids, probabilities.argmax(axis=1).tolist(), strict=True)


# %% Model
# In Keras 2.2, the gates of an LSTM were Keras 2's hard_sigmoid, and each gate had a dropout mask. Both are spelled out
# here, since they changed later.
def lstm_model(gates: Gates = hard_sigmoid, mask_per_gate: bool = True) -> keras.Model:
    """One LSTM layer between two dropout layers, 2,097,152 / 0 / 525,312 / 65,792 / 0 / 1,285 parameters (derived)."""
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


def model_without_dropout(gates: Gates = hard_sigmoid, mask_per_gate: bool = True) -> keras.Model:
    """The same without any dropout, to see what it prevents. Without it there are no masks."""
    return keras.Sequential(
        [
            keras.Input((MAXLEN,)),
            keras.layers.Embedding(NUM_WORDS, 256),
            keras.layers.LSTM(256, recurrent_activation=gates),
            keras.layers.Dense(256, activation="relu"),
            keras.layers.Dense(5, activation="softmax"),
        ]
    )


LSTM = Experiment(
    name="lstm",
    model=lstm_model,
    layers=(
        embedding(NUM_WORDS, 256),
        dropout(0.3, "SpatialDropout1D"),
        lstm(256, 256, dropout=0.3, recurrent_dropout=0.3),
        dense(256, 256, "relu"),
        dropout(0.3),
        dense(5, 256, "softmax"),
    ),
    optimizer="adam",
    loss="categorical_crossentropy",
    epochs=8,
    batch_size=512,
    validation_split=0.1,  # the last rows: none of their phrases stands earlier, but ten do once cleaned (derived)
    place=f"{CODE}, listings from the tokenizer to the fit",
)

# %% Variation: what a claim of the source needs
WITHOUT_DROPOUT = (
    *(embedding(NUM_WORDS, 256), lstm(256, 256), dense(256, 256, "relu")),
    dense(5, 256, "softmax"),
)
VARIATIONS = (
    Variation(
        "no_dropout",
        "check",
        "no dropout anywhere",
        trained={"model": model_without_dropout, "layers": WITHOUT_DROPOUT},
        question="did you leave out dropout?",
    ),
)

# %% What the source printed
PRINTED = (
    Printed("training phrases", 150_000, "rows", rotten_tomatoes.TRAIN_ROWS, f"{CODE}, text", relation="more than"),
    Printed("test phrases", 60_000, "rows", rotten_tomatoes.TEST_ROWS, f"{CODE}, text", relation="more than"),
)

# %% What the source claims
NO_DROPOUT = Needed("lstm", "no_dropout")


def rise(run: Outcome) -> float:
    """How far the loss on the held-out rows has risen, after the last epoch, from its lowest value."""
    return run.history["val_loss"][-1] - min(run.history["val_loss"])


CLAIMS = (
    Claim(
        text="Dropout prevents overfitting.",
        holds=lambda runs: rise(runs["lstm"]) < rise(runs[NO_DROPOUT]) / 2,
        needs=("lstm", NO_DROPOUT),
        measured=Measured(
            "rise with dropout minus rise without", lambda runs: rise(runs["lstm"]) - rise(runs[NO_DROPOUT])
        ),
        place=f"{CODE}, text between the model and the fit",
        assumed="overfitting: how far the loss on the held-out rows rises from its lowest to the last epoch; prevents: "
        "it rises less than half as far as without any dropout",
    ),
)
DATA_CLAIMS = (
    DataClaim(
        text="Some phrases are repeated.",
        holds=lambda description: description.halves["train"].repeated > 0,
        place=f"{CODE}, text before the training data",
    ),
)


# %% What the source got wrong; the errata on 'scuse and on contractions were found here
def never_found(description: Description) -> tuple[str, ...]:
    """The replacements that find nothing in the training phrases."""
    phrases_changed = description.halves["train"].replaced
    return tuple(old for (old, _), changed in zip(REPLACEMENTS, phrases_changed, strict=True) if not changed)


ERRATA = (
    Erratum(
        r"The list of replacements has the pattern \s+, which stands for white space in a regular expression; replaced "
        "as a plain string it finds nothing.",
        shown=lambda: "so  what".replace(r"\s+", " ") == "so  what",
    ),
    Erratum(
        "The replacement of 'scuse by excuse comes after that of 's, which has made \" iscuse\" of it by then.",
        shown=lambda: clean(["'scuse me"], REPLACEMENTS) == ["iscuse me"],
    ),
    Erratum(
        "Six of the replacements find nothing in the training phrases: i'm, can't and cannot since contractions are "
        'split there already ("ca n\'t" becomes "ca not", "wo n\'t" "wo not", and "i \'m" stays), let’s and shan’t for '
        "their typographic apostrophe too, and 'scuse.",
        shown=lambda: clean(["ca n't", "wo n't", "i 'm"], REPLACEMENTS) == ["ca not", "wo not", "i 'm"],
        in_data=lambda description: len(never_found(description)) == 6,
    ),
    Erratum("The text says that zeros are put at the end of a phrase; the code puts them at the front."),
    Erratum("The text calls the 512 rows of a batch reviews; they are phrases, many of one sentence."),
    Erratum(
        "The text says that the tokenizer removes all punctuation by default; an apostrophe stays.",
        shown=lambda: words_of("don't stop!") == ["don't", "stop"],
    ),
)

# %% What was recorded with its source's Keras, to be replayed here: 20 steps on one batch of 64 rows of random words
# The limits of losses and weights are three times what Keras 3 on TensorFlow, corrected, was seen to differ by then.
RECORDING = Recording(
    experiment="lstm",
    start="other_chapters/rotten.npz",
    steps=(20,),
    stacks=(
        Stack("its source's", "other_chapters/rotten_source.npz", "source", Limit(3 * 3e-5, 3 * 1e-5, 1e-3)),
        Stack("Keras 2.15", "other_chapters/rotten.npz", "keras2"),
    ),
    dropout=False,
)

# %% The chapter
CHAPTER = Chapter(
    name="rotten_tomatoes",
    title="Rotten Tomatoes phrases, five classes",
    source='the article "LSTM recurrent neural network Keras example" (Towards Data Science, 2019)',
    stack="multi-backend Keras 2.2 (derived: it reads the history under the key acc, which 2.3 renamed): hard_sigmoid "
    "gates, one dropout mask for each gate (implementation 1)",
    lstm={"gates": hard_sigmoid, "mask_per_gate": True},
    corpus="Kaggle's Movie Review Sentiment Analysis: 156,060 phrases to train on, 66,292 to test on, whole sentences "
    "and their parts down to single words; the 8,191 most frequent words and marks, zeros at the front up to 53. "
    "Kaggle gives no labels of the test phrases: they come from the Stanford Sentiment Treebank, for scoring only.",
    classes=("negative", "somewhat negative", "neutral", "somewhat positive", "positive"),
    experiments=(LSTM,),
    preparation=PREPARATION,
    preparation_place=f"{CODE}, listings of the cleaning and the tokenizer; maxlen follows from the phrases",
    data=data,
    describe=describe,
    encode=encode,
    vocabulary=vocabulary,
    extras=(
        "the test phrases are scored, by the labels of the Stanford Sentiment Treebank; the source has none",
        "Kaggle's submission file; the source writes none",
    ),
    predictions=predictions,
    printed=PRINTED,
    figures=(
        "how long the phrases are, in words by split(' '), as a density in ten bins: ours is lengths.png",
        "training and validation loss by epoch, and accuracy by epoch: ours are in curves.png",
    ),
    claims=CLAIMS,
    data_claims=DATA_CLAIMS,
    variations=VARIATIONS,
    errata=ERRATA,
    recordings=(RECORDING,),
)

# %% The walkthrough itself, step by step. First its options
# A script takes them from its command line. In a notebook, change this call, for instance to
#     options = walkthrough.options(CHAPTER, data="embedded", epochs=1)
# Every cell from here on runs only as a script or in a notebook: whoever imports the module trains nothing.
if __name__ == "__main__":
    from repro import metrics, r, walkthrough
    from repro.evaluation import Evaluation

    options = walkthrough.options(CHAPTER, epochs=8)

# %% Load the phrases, and look at the classes
if __name__ == "__main__":
    dataset = walkthrough.load(options)
    print(
        f"{len(dataset.x_train):,} training and {len(dataset.x_test):,} test phrases; training phrases of each class:"
    )
    print(r.table(dataset.y_train))

# %% A sentence cleaned, as numbers, and padded at the front to the longest phrase
if __name__ == "__main__":
    text = "I can't say that it's good, can you?"
    numbers = encode([text], options.data).x
    print(text, *clean([text], REPLACEMENTS), numbers.words[0], numbers[0], sep="\n")

# %% How long the phrases are: the source draws those at the right
if __name__ == "__main__":
    walkthrough.draw_lengths(options)

# %% Pad all phrases, and make of each class a vector: 1 in its place, 0 in the others
if __name__ == "__main__":
    x_train, x_test = dataset.x_train[:], dataset.x_test[:]
    y_train = keras.utils.to_categorical(dataset.y_train, len(CHAPTER.classes))
    print(f"x_train {x_train.shape}, y_train {y_train.shape}")

# %% Build the model
if __name__ == "__main__":
    walkthrough.seed(options)
    model = lstm_model()
    model.summary()

# %% Compile and fit; the last tenth of the training phrases is held out
# optimizer="adam" would make the steps of today's Keras; this one makes those of the source's (docs/parity.md).
# `repro run` trains in the same way, but takes the rows in an order of its own: it can be resumed after every epoch.
if __name__ == "__main__":
    adam = numerics.optimizer("adam", "source")
    model.compile(optimizer=adam, loss="categorical_crossentropy", metrics=["accuracy"])
    fitted = model.fit(x_train, y_train, epochs=options.epochs, batch_size=512, validation_split=0.1, verbose=2)
    this_run = {"lstm": walkthrough.ThisRun(dataset.provenance, fitted.history)}

# %% Loss and accuracy by epoch
if __name__ == "__main__":
    walkthrough.draw_curves(fitted.history, "lstm", options)

# %% Extras of ours: predict the test phrases, and write the file for Kaggle
if __name__ == "__main__":
    probabilities = model.predict(x_test, verbose=0)
    walkthrough.write_csv(predictions(dataset, probabilities), "submission.csv", options)

# %% And score them by the labels of the Stanford Sentiment Treebank, where they are at hand (-1 where it has none)
if __name__ == "__main__":
    if dataset.y_test is not None:
        labelled = dataset.y_test >= 0
        actual, predicted = dataset.y_test[labelled], probabilities[labelled].argmax(axis=1)
        targets = keras.utils.to_categorical(actual, len(CHAPTER.classes))
        loss, accuracy = model.evaluate(x_test[labelled], targets, verbose=0)
        print(f"test loss {loss:.4f}, test accuracy {accuracy:.4f}")
        print(r.table(Predicted=predicted, Actual=actual))
        matrix = metrics.confusion(predicted, actual, len(CHAPTER.classes))
        this_run["lstm"].evaluation["test"] = Evaluation(loss=loss, matrix=matrix)

# %% The comparison: what the source printed, this run, and our runs over seeds
if __name__ == "__main__":
    print(walkthrough.comparison(this_run, options))
