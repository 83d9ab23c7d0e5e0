"""R's functions give, and print, what was recorded from R."""

from __future__ import annotations

import functools
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro import r
from repro.datasets import imdb
from repro.evaluation import Split
from repro.numerics.activations import hard_sigmoid
from repro.registry import chapter
from repro.text import Padded, Side, ragged

REFERENCE = Path(__file__).parents[1] / "reference" / "r_2019"
MODELS = ("one", "two", "three", "four")


@functools.cache
def real_reviews() -> tuple[r.Reviews, r.Reviews]:
    """As all that needs them here loads them."""
    return r.dataset_imdb(num_words=500)


def recorded(name: str) -> Any:
    return json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))


def model(name: str, *, weights: str | None = None) -> keras.Sequential:
    """A model of the walkthrough, its layers named as in R, where a layer is made before the one it is piped after."""

    def lstm(name: str = "lstm", **options: bool) -> keras.layers.LSTM:
        return keras.layers.LSTM(32, recurrent_activation=hard_sigmoid, name=name, **options)

    if name == "three":
        middle = [lstm("lstm_1", return_sequences=True), lstm()]
    elif name == "four":
        middle = [keras.layers.Bidirectional(lstm(), name="bidirectional")]
    else:
        middle = [lstm()]
    made: keras.Sequential = keras.Sequential(
        [
            keras.Input((None,)),
            keras.layers.Embedding(500, 32, name="embedding"),
            *middle,
            keras.layers.Dense(1, activation="sigmoid", name="dense"),
        ],
        name="sequential",
    )
    made.compile(loss="binary_crossentropy", metrics=["acc"], jit_compile=False)
    if weights:
        arrays = np.load(REFERENCE / f"{name}.npz")
        made.set_weights([arrays[f"{weights}_{i}"] for i in range(len(made.weights))])
    return made


@pytest.fixture(scope="module")
def probabilities() -> keras.Sequential:
    """A model that gives its three inputs out as they are."""
    made: keras.Sequential = keras.Sequential([keras.Input((3,)), keras.layers.Identity()])
    made.compile(loss="mse")
    return made


# Data


@pytest.mark.real_data
def test_the_real_reviews_are_those_of_r(real_data: Path) -> None:
    """Recorded from the rebuilt file; in Keras' own, some words have other ranks."""
    (train_x, train_y), (test_x, test_y) = real_reviews()
    for split, x, y in (("train", train_x, train_y), ("test", test_x, test_y)):
        expected = recorded("data")[split]
        padded = r.pad_sequences(x, maxlen=200)
        assert list(padded.shape) == expected["x_shape"]
        assert padded[0].tolist() == expected["x_first_row"]
        assert hashlib.sha256(padded.tobytes()).hexdigest() == expected["x_sha256_int32_c"]
        assert hashlib.sha256(y.tobytes()).hexdigest() == expected["y_sha256_int32"]
        assert r.table(y).counts.tolist() == list(expected["y_table"].values())
        assert max(map(len, x)) == expected["raw_length"]["max"]


@pytest.mark.parametrize("folder", ["/data", Path("/data"), None])
def test_all_arguments_reach_the_loader(folder: str | Path | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder as it is given: as text or as a path."""
    given_: dict[str, object] = {}

    def sequences(folder: object, **arguments: object) -> tuple[()]:
        given_.update(arguments, folder=folder)
        raise LookupError

    monkeypatch.setattr(imdb, "sequences", sequences)
    with pytest.raises(LookupError):
        r.dataset_imdb(9, 8, 7, 6, 5, 4, 3, folder=folder)
    assert given_ == {
        "num_words": 9,
        "skip_top": 8,
        "maxlen": 7,
        "seed": 6,
        "start_char": 5,
        "oov_char": 4,
        "index_from": 3,
        "folder": folder,
    }
    monkeypatch.setattr(imdb, "word_index", lambda folder: given_.update(index_of=folder))
    r.dataset_imdb_word_index(folder=folder)
    assert given_["index_of"] == folder


@pytest.mark.real_data
def test_numbers_become_words_again_as_the_docstring_says(real_data: Path) -> None:
    (train_x, _), _ = r.dataset_imdb()
    recipe = [line.strip() for line in (r.dataset_imdb_word_index.__doc__ or "").splitlines() if line[:8] == " " * 8]
    found: dict[str, Any] = {"r": r, "train_x": train_x}
    exec("\n".join(recipe[:-1]), found)
    review = eval(recipe[-1], found)
    assert review.startswith("? this film was just brilliant casting location scenery story direction everyone's")


@given(
    sequences=st.lists(st.lists(st.integers(-99, 99), max_size=6), min_size=1, max_size=6),
    as_arrays=st.booleans(),
    maxlen=st.none() | st.integers(1, 8),
    dtype=st.sampled_from(["int32", "int64", "float32"]),
    padding=st.sampled_from(["pre", "post"]),
    truncating=st.sampled_from(["pre", "post"]),
    value=st.sampled_from([0, -1, 7, 0.5]),
)
def test_sequences_are_padded_as_by_keras(
    sequences: list[list[int]],
    as_arrays: bool,
    maxlen: int | None,
    dtype: str,
    padding: Side,
    truncating: Side,
    value: float,
) -> None:
    rows: list[Any] = [np.array(row, np.int32) for row in sequences] if as_arrays else sequences
    arguments = (maxlen, dtype, padding, truncating, value)
    np.testing.assert_array_equal(
        r.pad_sequences(rows, *arguments), keras.utils.pad_sequences(rows, *arguments), strict=True
    )


@pytest.mark.parametrize(
    ("sequences", "arguments", "message"),
    [
        ([1, 2], {}, "list of lists"),
        ([[[1]]], {}, "list of lists"),
        ([], {}, "maxlen is needed"),
        ([[1]], {"maxlen": 0}, "1 or more, not 0"),
        ([[1]], {"padding": "left"}, "not 'left'"),
        ([[1]], {"truncating": "left"}, "not 'left'"),
    ],
)
def test_what_cannot_be_padded_is_refused(sequences: Any, arguments: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        r.pad_sequences(sequences, **arguments)


# Models


@pytest.mark.parametrize("name", MODELS)
def test_the_summary_is_rs(name: str) -> None:
    assert r.summary(model(name)).splitlines() == recorded(name)["summary"]


def test_the_summary_cuts_long_names_and_counts_what_is_not_trained_apart() -> None:
    """As Keras 2 does: a column ends one place before the next begins."""
    layer = keras.layers.Dense(2, name="a_name_that_is_longer_than_its_column", trainable=False)
    lines = r.summary(keras.Sequential([keras.Input((3,)), layer])).splitlines()
    assert lines[4] == "a_name_that_is_longer_than_its_colu (None, 2)                       8           "
    assert lines[-4:-1] == ["Total params: 8", "Trainable params: 0", "Non-trainable params: 8"]


def test_only_a_sequential_model_with_shapes_has_a_summary() -> None:
    inputs = keras.Input((3,))
    for made in (keras.Model(inputs, keras.layers.Dense(1)(inputs)), keras.Sequential([keras.layers.Dense(1)])):
        with pytest.raises(ValueError, match=r"keras\.Sequential that begins with"):
            r.summary(made)


@pytest.mark.real_data
@pytest.mark.parametrize("name", MODELS)
def test_trained_weights_give_rs_classes_table_and_scores(name: str, real_data: Path) -> None:
    expected = np.load(REFERENCE / f"{name}.npz")
    _, test = real_reviews()
    x, y = r.pad_sequences(test.x[:512], maxlen=200), test.y[:512]
    trained = model(name, weights="w40")

    classes = r.predict_classes(trained, x)
    np.testing.assert_array_equal(classes, expected["pred"].reshape(512, 1).astype(np.int32), strict=True)
    assert str(r.table(Predicted=classes, Actual=y)).splitlines() == recorded(name)["table"]["printed"]

    scores = r.evaluate(trained, x, y)
    assert list(scores) == recorded(name)["evaluate_names_in_r"]
    assert scores == pytest.approx(recorded(name)["evaluate"], abs=1e-6)
    assert (scores[1], scores[2]) == (scores["loss"], scores["acc"])


def test_rows_of_unequal_length_are_refused(probabilities: keras.Sequential) -> None:
    """Keras would speak of other things."""
    rows = ragged([[1], [1, 2, 3]])
    for call in (lambda: r.predict_classes(probabilities, rows), lambda: r.evaluate(probabilities, rows, [0, 1])):
        with pytest.raises(TypeError, match=r"unequal length: make an array of them with r\.pad_sequences\("):
            call()


def test_the_rows_of_a_data_set_are_inputs_as_they_are(probabilities: keras.Sequential) -> None:
    x = Padded(ragged([[1], [1, 3, 2]]), 3)
    np.testing.assert_array_equal(r.predict_classes(probabilities, x), np.array([2, 1]), strict=True)
    assert r.evaluate(probabilities, x, x[:])["loss"] == 0


def test_the_loss_comes_first_then_the_metrics_as_compiled(probabilities: keras.Sequential) -> None:
    probabilities.compile(loss="mse", metrics=["mae", "acc"])
    scores = r.evaluate(probabilities, np.eye(3), np.eye(3))
    assert list(scores.items()) == [("loss", 0), ("mae", 0), ("acc", 1)]


def test_of_several_outputs_the_most_probable_is_the_class(probabilities: keras.Sequential) -> None:
    x = np.array([[0.1, 0.7, 0.2], [0.4, 0.2, 0.4], [0.0, 0.0, 1.0]])
    np.testing.assert_array_equal(r.predict_classes(probabilities, x), np.array([1, 0, 2]), strict=True)


def test_of_one_output_the_class_is_1_above_a_half() -> None:
    one = keras.Sequential([keras.Input((1,)), keras.layers.Identity()])
    x = np.array([[0.4], [0.5], [np.nextafter(np.float32(0.5), np.float32(1))]])
    np.testing.assert_array_equal(r.predict_classes(one, x), np.array([[0], [0], [1]], np.int32), strict=True)


# What R prints


@pytest.mark.parametrize("split", ["train", "test"])
def test_scores_print_as_in_the_source(split: Split) -> None:
    printed = chapter("imdb_lstm").result("model_one", split)
    assert printed is not None
    loss, accuracy = {"train": ("0.3749587", "0.82752"), "test": ("0.3997277", "0.81992")}[split]
    assert str(r.Scores(loss=printed.loss, acc=printed.accuracy)) == f"$loss\n[1] {loss}\n\n$acc\n[1] {accuracy}\n"


@pytest.mark.parametrize(
    ("number", "printed"),
    [
        (0.691860992461443, "0.691861"),
        (0.69359228760004, "0.6935923"),
        (0.99999999, "1"),
        (0, "0"),
        (-0.5, "-0.5"),
        (0.1 + 0.2, "0.3"),
        (0.00012345, "0.00012345"),
        (0.0001, "1e-04"),
        (1e-300, "1e-300"),
        (123456.789, "123456.8"),
        (12345678.9, "12345679"),
        (100000, "1e+05"),
        (float("nan"), "NaN"),
        (float("-inf"), "-Inf"),
    ],
)
def test_numbers_print_as_in_r(number: float, printed: str) -> None:
    """Recorded from R 4.2.2's print()."""
    assert str(r.Scores(loss=number)) == f"$loss\n[1] {printed}\n"


@pytest.mark.parametrize("name", MODELS)
def test_the_confusion_table_prints_as_in_r(name: str) -> None:
    """Model three never predicts class 0."""
    arrays = np.load(REFERENCE / f"{name}.npz")
    table = r.table(Predicted=arrays["pred"], Actual=arrays["actual"])
    assert str(table).splitlines() == recorded(name)["table"]["printed"]
    assert list(table.labels[0]) == recorded(name)["table"]["rows_predicted"]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("split", ["train", "test"])
def test_the_tables_of_whole_trainings_print_as_in_r(seed: int, name: str, split: str) -> None:
    expected = recorded(f"full_seed{seed}")["models"][name][split]["table"]
    cells = [
        (int(row), int(column), count)
        for row, counts in zip(expected["rows_predicted"], expected["counts"], strict=True)
        for column, count in zip(expected["cols_actual"], counts, strict=True)
    ]
    predicted, actual, counts = (np.array(values) for values in zip(*cells, strict=True))
    table = r.table(Predicted=np.repeat(predicted, counts), Actual=np.repeat(actual, counts))
    assert str(table).splitlines() == expected["printed"]
    assert [table[str(row), str(column)] for row, column, _ in cells] == counts.tolist()


FORTY_SIX = np.repeat(np.arange(46), np.arange(46) + 1)


@pytest.mark.parametrize(
    ("table", "printed"),
    [
        (r.table([0, 0, 1]), "\n0 1 \n2 1 "),
        (r.table(Class=["negative", "positive", "positive"]), "Class\nnegative positive \n       1        2 "),
        (r.table([0, 1], [0, 1]), "   \n    0 1\n  0 1 0\n  1 0 1"),
        (r.table(x=[1, 2, 3], Actual=[10, 10, 20]), "   Actual\nx   10 20\n  1  1  0\n  2  1  0\n  3  0  1"),
        (
            r.table([True, False, True], [0.5, 100_000, float("nan")]),
            "       \n        0.5 1e+05\n  FALSE   0     1\n  TRUE    1     0",
        ),
        (
            r.table(Newswire=FORTY_SIX),
            "Newswire\n"
            " 0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 \n"
            " 1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 \n"
            "26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 \n"
            "27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 ",
        ),
        (
            r.table(Predicted=np.arange(19) * 0, Actual=np.arange(101, 120)),
            "         Actual\n"
            "Predicted 101 102 103 104 105 106 107 108 109 110 111 112 113 114 115 116 117\n"
            "        0   1   1   1   1   1   1   1   1   1   1   1   1   1   1   1   1   1\n"
            "         Actual\n"
            "Predicted 118 119\n"
            "        0   1   1",
        ),
        (r.table(np.array(["b", None, "a", np.nan], object)), "\na b \n1 1 "),
        (r.table(np.array([True, np.bool_(False)], object)), "\nFALSE  TRUE \n    1     1 "),
        (r.table(np.array([np.float32(100_000), 0.5], object)), "\n  0.5 1e+05 \n    1     1 "),
        (r.table([]), "< table of extent 0 >"),
        (r.table([], []), "< table of extent 0 x 0 >"),
    ],
)
def test_tables_print_as_in_r(table: r.CrossTable, printed: str) -> None:
    """Recorded from R 4.2.2's print()."""
    assert str(table) == repr(table) == printed


def test_cells_are_found_by_rs_positions_and_by_labels() -> None:
    table = r.table(Predicted=np.array([[1], [1], [0]]), Actual=[0, 1, 1])
    assert [table[1, 1], table[1, 2], table[2, 1], table[2, 2]] == [0, 1, 1, 1]
    assert table["1", "0"] == table[2, "0"] == 1
    assert r.table([5, 5, 7])[1] == r.table([5, 5, 7])["5"] == 2


@pytest.mark.parametrize("keys", [(0, 1), (3, 1), (1, -1), ("2", "0")])
def test_no_cell_is_outside(keys: tuple[str | int, str | int]) -> None:
    with pytest.raises(KeyError, match="subscript out of bounds"):
        r.table([0, 1], [0, 1])[keys]


def test_a_list_of_scores_ends_with_its_last() -> None:
    for key in (0, 2, "acc"):
        with pytest.raises(KeyError, match="subscript out of bounds"):
            r.Scores(loss=1.0)[key]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: r.table(), "one factor or two, not 0"),
        (lambda: r.table([0], [0], [0]), "one factor or two, not 3"),
        (lambda: r.table([0, 1], [0]), "same length, not 2 and 1"),
        (lambda: r.table([0], [0])[1], "incorrect number of dimensions"),
    ],
)
def test_what_cannot_be_tabulated_is_refused(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_importing_it_does_not_start_tensorflow() -> None:
    code = "import sys, repro.r; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True, cwd=Path(r.__file__).parents[2])
    assert not {"keras", "tensorflow"} & set(loaded.split())
