"""What readers type, paste and save is understood, and nonsense ends in an error of two lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro import registry
from repro.errors import ReproError
from repro.evidence.reader import rounded
from repro.evidence.reader.pasted_matrix import read_matrix
from repro.evidence.reader.reader_history import ReaderHistory, read_history
from repro.evidence.reader.reader_numbers import ReaderNumbers, read_numbers

IMDB, MODEL_ONE = registry.experiment("imdb_lstm/model_one")
JIGSAW, MULTILABEL = registry.experiment("jigsaw_multilabel/lstm")
PHRASES, FIVE = registry.experiment("rotten_tomatoes/lstm")
RNN, ONE_LSTM = registry.experiment("imdb_rnn/lstm")
PRINTED = ((9159, 1161), (3341, 11339))


def numbers(**given: object) -> ReaderNumbers:
    return read_numbers(IMDB, MODEL_ONE, **given)  # type: ignore[arg-type]


def fault(error: ReproError) -> str:
    """The text of an error, which has two lines, neither of them empty."""
    lines = str(error).splitlines()
    assert len(lines) == 2
    assert all(lines)
    return str(error)


# Single numbers
@pytest.mark.parametrize(
    ("text", "value", "half", "said"),
    [
        ("0.8137", 0.8137, 5e-5, "81.37 %"),
        (".8137", 0.8137, 5e-5, "81.37 %"),
        ("81.37", 0.8137, 5e-5, "81.37 %"),
        ("81.37%", 0.8137, 5e-5, "81.37 %"),
        (" 81.37 % ", 0.8137, 5e-5, "81.37 %"),
        ("0,8137", 0.8137, 5e-5, "81.37 %"),
        (",8137", 0.8137, 5e-5, "81.37 %"),
        ("81,37 %", 0.8137, 5e-5, "81.37 %"),
        ("8.137e-1", 0.8137, 5e-5, "81.37 %"),
        ("0.82", 0.82, 0.005, "82 %"),
        ("82", 0.82, 0.005, "82 %"),
        ("81.4%", 0.814, 0.0005, "81.4 %"),
        ("1", 1, 0, "100 %"),
        ("0", 0, 0, "0 %"),
        ("100", 1, 0.005, "100 %"),
        ("1.5%", 0.015, 0.0005, "1.5 %"),
        ("0.8%", 0.008, 0.0005, "0.8 %"),
        ("0.8199200034141541", 0.81992, 5e-17, "81.99200034141541 %"),
    ],
)
def test_shares_and_percentages_are_both_understood(text: str, value: float, half: float, said: str) -> None:
    share = rounded.share(text, "accuracy")
    assert share.value == pytest.approx(value, abs=1e-8)
    assert share.half == pytest.approx(half)
    assert share.text == said


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("1.7", "no share"),
        ("-0.1", "negative"),
        ("-0", "negative"),
        ("101%", "more than all"),
        ("250", "more than all"),
        ("nan", "no number"),
        ("inf", "no number"),
        ("", "nothing"),
        ("  ", "nothing"),
        ("%", "no number"),
        ("eighty", "no number"),
        ("0.8 0.9", "no number"),
        ("1.234.567", "no number"),
        ("0x1", "no number"),
        ("1e999", "too large"),
        ("9" * 50, "no number"),
    ],
)
def test_what_is_no_share_is_refused(text: str, wrong: str) -> None:
    with pytest.raises(ReproError) as error:
        rounded.share(text, "accuracy")
    assert wrong in fault(error.value)


def test_between_a_share_and_a_percentage_the_sign_is_asked_for() -> None:
    with pytest.raises(ReproError, match=r"write 1\.7%"):
        rounded.share("1.7", "accuracy")
    assert rounded.share("1.7%", "accuracy").value == pytest.approx(0.017)


@pytest.mark.parametrize(("text", "value", "half"), [("0.41", 0.41, 0.005), ("0,41", 0.41, 0.005), ("2", 2, 0.5)])
def test_a_loss_keeps_its_digits(text: str, value: float, half: float) -> None:
    assert rounded.loss(text)[:2] == pytest.approx((value, half))


@pytest.mark.parametrize(
    ("text", "wrong"),
    [("-1", "negative"), ("NaN", "diverged"), ("inf", "diverged"), ("", "nothing"), ("1e400", "large")],
)
def test_what_is_no_loss_is_refused(text: str, wrong: str) -> None:
    with pytest.raises(ReproError) as error:
        rounded.loss(text)
    assert wrong in fault(error.value)


def test_a_number_may_be_cut_or_rounded_but_is_no_other() -> None:
    share = rounded.share("0.819", "accuracy")
    assert share.allows(0.8185)
    assert share.allows(0.81999)
    assert not share.allows(0.82)
    assert not share.allows(0.8184)


def test_float32_digits_are_allowed_for() -> None:
    assert rounded.share("0.8199200034141541", "accuracy").allows(0.81992)
    assert not rounded.share("0.8199200034141541", "accuracy").allows(0.81996)


@given(st.text())
def test_any_text_is_a_share_from_0_to_1_or_an_error(text: str) -> None:
    try:
        share = rounded.share(text, "accuracy")
    except ReproError as error:
        fault(error)
    else:
        assert 0 <= share.value <= 1


@given(st.from_regex(r"[+-]?[0-9]{0,5}[.,]?[0-9]{0,5}(e[+-]?[0-9]{1,4})? ?%?", fullmatch=True))
def test_any_number_is_understood_or_an_error(text: str) -> None:
    for read in (rounded.loss, lambda text: rounded.share(text, "accuracy")):
        try:
            number = read(text)
        except ReproError:
            continue
        assert number.low <= number.value <= number.high


# Matrices
@pytest.mark.parametrize(
    "text",
    [
        "9159 1161 3341 11339",
        "9159, 1161, 3341, 11339",
        "9159,1161;3341,11339",
        "9159\t1161\n3341\t11339\n",
        "9,159 1,161 3,341 11,339",
        "9,159, 1,161, 3,341, 11,339",
        "9,159; 1,161; 3,341; 11,339",
        "[[9159 1161]\n [3341 11339]]",
        "[[9159, 1161], [3341, 11339]]",
        "((9159, 1161), (3341, 11339))",
        "array([[ 9159,  1161],\n       [ 3341, 11339]], dtype=int64)",
        "tf.Tensor(\n[[ 9159  1161]\n [ 3341 11339]], shape=(2, 2), dtype=int32)",
        "cm = [[9159, 1161], [3341, 11339]]",
        "9159.0 1161. 3.341e3 11339",
        "c(9159, 1161, 3341, 11339)",
        "matrix(c(9159, 3341, 1161, 11339), nrow = 2)",
        "matrix(c(9159, 1161, 3341, 11339), nrow = 2, byrow = TRUE)",
        "structure(c(9159L, 3341L, 1161L, 11339L), dim = c(2L, 2L), dimnames = list(Predicted = c('0', '1')))",
        "      [,1]  [,2]\n[1,] 9159  1161\n[2,] 3341 11339",
        "         Actual\nPredicted     0     1\n        0  9159  1161\n        1  3341 11339",
        "   \n        0     1\n  0  9159  1161\n  1  3341 11339",
        "         Actual\nPredicted     1     0\n        1 11339  3341\n        0  1161  9159",
        "         Actual\nPredicted      0      1\n        0  9,159  1,161\n        1  3,341 11,339",
        "pred      1     2\n   1  9159  1161\n   2  3341 11339",
        "Predicted    0     1\n    FALSE 9159  1161\n    TRUE  3341 11339",
        "Prediction negative positive\n  negative 9159 1161\n  positive 3341 11339",
        "    neg pos\nneg 9159 1161\npos 3341 11339",
        "        good  bad\n   good 9159 1161\n   bad 3341 11339",
        "Actual        0      1\nPredicted             \n0          9159   1161\n1          3341  11339",
        "Confusion Matrix and Statistics\n\n          Reference\nPrediction     0     1\n         0  9159  1161\n"
        "         1  3341 11339\n\n               Accuracy : 0.8199\n                 95% CI : (0.815, 0.8246)\n",
        "         Predicted\nActual     0     1\n      0  9159  3341\n      1  1161 11339",
        "Predicted     0     1\nActual              \n0          9159  3341\n1          1161 11339",
        "         Actual\nPredicted     0     1   Sum\n      0    9159  1161 10320\n      1    3341 11339 14680\n"
        "      Sum 12500 12500 25000",
        "         Actual\nPredicted     0     1\n      0    9159  1161\n      1    3341 11339\n      Sum 12500 12500",
        "    Actual\nPredicted     0     1   Sum\n      0    9159  1161 10320\n      1    3341 11339 14680",
        "    \n       0     1   Sum\n  0    9159  1161 10320\n  1    3341 11339 14680\n  Sum 12500 12500 25000",
        "Actual        0      1    All\nPredicted\n0          9159   1161  10320\n1          3341  11339  14680\n"
        "All       12500  12500  25000",
    ],
)
def test_a_matrix_is_read_as_r_python_and_pandas_print_it(text: str) -> None:
    assert read_matrix(text, IMDB.classes, False).matrix == PRINTED


def test_a_transposed_matrix_is_turned() -> None:
    assert read_matrix("9159 3341 1161 11339", IMDB.classes, True) == (PRINTED, True)


def test_headings_decide_what_the_rows_are() -> None:
    by_actual = "         Predicted\nActual     0     1\n      0  9159  3341\n      1  1161 11339"
    assert read_matrix(by_actual, IMDB.classes, False).transposed
    assert read_matrix(by_actual, IMDB.classes, True).matrix == PRINTED
    by_predicted = "         Actual\nPredicted     0     1\n        0  9159  1161\n        1  3341 11339"
    with pytest.raises(ReproError, match="--transposed") as error:
        read_matrix(by_predicted, IMDB.classes, True)
    fault(error.value)


def test_a_class_that_was_never_predicted_may_be_missing() -> None:
    r_prints = "         Actual\nPredicted     0     1\n        1 12500 12500"
    assert read_matrix(r_prints, IMDB.classes, False).matrix == ((0, 0), (12500, 12500))
    by_actual = "      Predicted\nActual     0\n     0 12500\n     1 12500"
    assert read_matrix(by_actual, IMDB.classes, False).matrix == ((12500, 12500), (0, 0))


@pytest.mark.parametrize(("right", "wrong"), [("10320", "10321"), ("Sum 12500", "Sum 12501"), ("25000", "25001")])
def test_sums_that_are_none_are_named(right: str, wrong: str) -> None:
    text = "      0     1   Sum\n0    9159  1161 10320\n1    3341 11339 14680\nSum 12500 12500 25000"
    with pytest.raises(ReproError, match=f"{int(wrong.split()[-1]):,} stands under Sum") as error:
        read_matrix(text.replace(right, wrong), IMDB.classes, False)
    fault(error.value)


def test_a_table_of_five_classes_with_names_of_two_words() -> None:
    rows = "\n".join(f"{name} {' '.join(str(10 * i + j) for j in range(5))}" for i, name in enumerate(PHRASES.classes))
    matrix = read_matrix(f"  Actual\nPredicted {' '.join(PHRASES.classes)}\n{rows}", PHRASES.classes, False).matrix
    assert matrix == tuple(tuple(10 * i + j for j in range(5)) for i in range(5))


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "no count"),
        ("9159 1161 3341", "3 counts where 4"),
        ("1 2 3 4 5 6 7 8 9", "9 counts where 4"),
        ("   0 1 2\n0 1 2 3\n1 1 2 3\n2 3 4 5", "counts where 4"),
        ("    neg neu pos\nneg 1 2 3\nneu 1 2 3\npos 3 4 5", "no count"),
        ("-1 2 3 4", "from 0 on"),
        ("1 2 3 1e300", "from 0 on"),
        ("1.5 2 3 4", "whole numbers"),
        ("0.366 0.046 0.134 0.454", "whole numbers"),
        ("0 0 0 0", "no row"),
        ("nan 1 2 3", "no count"),
        ("a b c d", "no count"),
        ("c(1, 2, 3, 4", "no count"),
    ],
)
def test_what_is_no_matrix_of_the_classes_is_refused(text: str, wrong: str) -> None:
    with pytest.raises(ReproError) as error:
        read_matrix(text, IMDB.classes, False)
    assert wrong in fault(error.value)
    assert "2 times 2 counts" in str(error.value)


def test_a_small_table_is_none_of_more_classes() -> None:
    with pytest.raises(ReproError, match="5 times 5"):
        read_matrix("Predicted 0 1\n0 9159 1161\n1 3341 11339", PHRASES.classes, False)


NUMBERS = ("0", "1", "7", "12,500", "-3", "0.5", "1e5", "1e999", "²", "٣")
NAMES = ("Actual", "Predicted", "TRUE", "negative", "pos", "matrix(", "c(", ")", "dtype=int64")
WORDS = st.sampled_from((*NUMBERS, *NAMES, "[", "]", ",", ";", ":", "[,1]", "\n", "\n "))


@given(st.one_of(st.text(), st.lists(WORDS, max_size=30).map(" ".join)), st.booleans())
def test_any_text_is_a_matrix_or_an_error(text: str, transposed: bool) -> None:
    for classes in (IMDB.classes, PHRASES.classes):
        try:
            matrix = read_matrix(text, classes, transposed).matrix
        except ReproError as error:
            fault(error)
        else:
            assert [len(row) for row in matrix] == [len(classes)] * len(classes)
            assert all(count >= 0 for row in matrix for count in row)


# Histories
CURVES = {"loss": (0.5, 0.4), "accuracy": (0.75, 0.8), "val_loss": (0.6, 0.5), "val_accuracy": (0.7, 0.75)}
COLUMNS = {"loss": [0.5, 0.4], "acc": [0.75, 0.8], "val_loss": [0.6, 0.5], "val_acc": [0.7, 0.75]}
EPOCHS = [dict(zip(COLUMNS, row, strict=True)) for row in zip(*COLUMNS.values(), strict=True)]
R_COLUMNS = ("epoch", "value", "metric", "data")
LONG = [
    (epoch + 1, CURVES[name][epoch], name.removeprefix("val_"), "validation" if name.startswith("val_") else "training")
    for name in CURVES
    for epoch in (0, 1)
]
"""Rows of R's `as.data.frame(history)`: epoch, value, metric, data."""


def long_csv(heading: str, separator: str, row_names: bool) -> str:
    rows = [[f'"{i}"'] * row_names + list(map(str, row)) for i, row in enumerate(LONG, 1)]
    return "".join(f"{line}\n" for line in (heading, *map(separator.join, rows)))


def saved(folder: Path, content: str) -> ReaderHistory:
    path = folder / "history"
    path.write_text(content, encoding="utf-8")
    return read_history(path, MODEL_ONE)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(json.dumps(COLUMNS), id="history.history"),
        pytest.param(json.dumps(COLUMNS).replace("acc", "binary_accuracy"), id="other names"),
        pytest.param(json.dumps({"params": {"epochs": [2]}, "metrics": COLUMNS}), id="R's history by jsonlite"),
        pytest.param(json.dumps({"history": COLUMNS}), id="inside history"),
        pytest.param(json.dumps(EPOCHS), id="list of epochs"),
        pytest.param(json.dumps({n: {"0": a, "1": b} for n, (a, b) in COLUMNS.items()}), id="pandas' to_json"),
        pytest.param(json.dumps([dict(zip(R_COLUMNS, row, strict=True)) for row in LONG]), id="R's frame as JSON"),
        pytest.param(
            "epoch,accuracy,loss,val_accuracy,val_loss\n0,0.75,0.5,0.7,0.6\n1,0.8,0.4,0.75,0.5\n", id="CSVLogger"
        ),
        pytest.param(
            "epoch;accuracy;loss;val_accuracy;val_loss\r\n1;0,8;0,4;0,75;0,5\r\n0;0,75;0,5;0,7;0,6\r\n", id="semicolons"
        ),
        pytest.param("\ufeff,loss,acc,val_loss,val_acc\n0,0.5,75,0.6,70\n1,0.4,80,0.5,75\n", id="pandas, in percent"),
        pytest.param(long_csv("epoch,value,metric,data", ",", False), id="R"),
        pytest.param(long_csv('"","epoch","value","metric","data"', ",", True), id="R with row names"),
        pytest.param(
            "  epoch value   metric       data\n"
            + "".join(f"{i} {epoch} {value} {name} {part}\n" for i, (epoch, value, name, part) in enumerate(LONG, 1)),
            id="R's data frame as printed",
        ),
        pytest.param(
            "   loss   acc  val_loss  val_acc\n0  0.5  0.75  0.6  0.7\n1  0.4  0.80  0.5  0.75\n", id="pandas"
        ),
        pytest.param(long_csv("epoch\tvalue\tmetric\tdata", "\t", True), id="R's write.table"),
    ],
)
def test_a_history_is_read_as_keras_in_python_and_r_leaves_it(tmp_path: Path, content: str) -> None:
    history = saved(tmp_path, content)
    assert history.curves == CURVES
    assert history.epochs == 2
    assert history.ignored == ()
    assert history.diverged is None


def test_a_single_epoch_of_r_has_no_list(tmp_path: Path) -> None:
    assert saved(tmp_path, '{"loss": 0.5, "acc": 0.75}').curves == {"loss": (0.5,), "accuracy": (0.75,)}


def test_other_columns_are_said_back(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("epoch,lr,loss\n0,0.001,0.5\n")
    given = numbers(history=path)
    assert given.history == ReaderHistory({"loss": (0.5,)}, None, ("lr",))
    assert given.said_back() == ["history: 1 epoch of loss; not used: lr"]


def test_the_auc_is_read_where_the_source_follows_it(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("epoch,auc_1,accuracy,loss,val_auc_1\n0,0.9,0.99,0.1,0.95\n")
    history = read_history(path, MULTILABEL)
    assert history.curves == {"loss": (0.1,), "auc": (0.9,), "val_auc": (0.95,)}
    assert history.ignored == ("accuracy",)


def test_epochs_that_never_took_place_are_left_out(tmp_path: Path) -> None:
    """R's `as.data.frame` has them as missing, if training stopped early."""
    history = saved(tmp_path, "epoch,value,metric,data\n1,0.5,loss,training\n2,0.4,loss,training\n3,NA,loss,training\n")
    assert history.curves == {"loss": (0.5, 0.4)}


@pytest.mark.parametrize(
    "content",
    ["epoch,loss,accuracy\n0,0.5,0.7\n1,nan,0.5\n2,nan,0.5\n", '{"loss": [0.5, NaN, NaN], "acc": [0.7, 0.5, 0.5]}'],
)
def test_a_history_ends_where_the_loss_was_no_longer_finite(tmp_path: Path, content: str) -> None:
    history = saved(tmp_path, content)
    assert history.diverged == 2
    assert history.curves == {"loss": (0.5,), "accuracy": (0.7,)}


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ('{"loss": [0.5, 0.4', "cut off"),
        ("[1, 2]", "neither an object"),
        ("{}", "neither an object"),
        ('{"loss": [0.5, 0.4], "acc": [0.7]}', "not of the same length: loss 2, acc 1"),
        ('{"lr": [0.5, 0.4]}', "neither loss nor accuracy"),
        ('{"loss": []}', "no epoch"),
        ('{"loss": [null]}', "no epoch"),
        ('{"loss": ["low"]}', "no number"),
        ('{"loss": [[0.5]]}', "no number"),
        ('{"loss": [0.5], "acc": [true]}', "no number"),
        ('{"loss": [-0.5]}', "cannot be"),
        ('{"acc": [1.7]}', "cannot be"),
        ('{"acc": [170]}', "cannot be"),
        ('{"loss": [0.5, null, 0.4]}', "missing"),
        ('{"acc": [0.5], "accuracy": [0.5]}', "two columns of accuracy"),
        ("loss", "no epoch"),
        ("just some text", "no epoch"),
        ('"', "no epoch"),
        ("loss,acc\n0.5\n", "row 1 has 1 values"),
        ("loss,loss\n0.5,0.5\n", "two columns of one name"),
        ("epoch,loss\n0,0.5\n0,0.4\n", "several runs"),
        ("epoch,loss\n0,0.5\n2,0.4\n", "followed by 2"),
        ("epoch,loss\none,0.5\n", "no whole number"),
        ("epoch,value,metric,data\n1,0.5,loss,training\n1,0.4,loss,training\n", "several runs"),
    ],
)
def test_what_is_no_history_is_refused(tmp_path: Path, content: str, wrong: str) -> None:
    with pytest.raises(ReproError) as error:
        saved(tmp_path, content)
    assert wrong in fault(error.value)
    assert str(tmp_path / "history") in str(error.value)


@pytest.mark.parametrize(
    "printed",
    [
        "Final epoch (plot to see history):\n        loss: 0.3749\n    accuracy: 0.8441\n",
        "# A tibble: 2 x 4\n  epoch value metric data\n  <int> <dbl> <fct> <fct>\n1 1 0.5 loss training\n",
        "  epoch value metric\n1 1 0.5 loss\n [ reached 'max' / getOption(\"max.print\") -- omitted 3 rows ]\n",
    ],
)
def test_what_r_prints_and_is_no_table_ends_with_how_to_write_one(tmp_path: Path, printed: str) -> None:
    with pytest.raises(ReproError) as error:
        saved(tmp_path, printed)
    assert 'write.csv(as.data.frame(history), "history.csv", row.names = FALSE)' in fault(error.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.csv", tmp_path, tmp_path / "binary"):
        (tmp_path / "binary").write_bytes(b"\x93NUMPY\xff\xfe")
        with pytest.raises(ReproError, match="cannot be read") as error:
            read_history(path, MODEL_ONE)
        fault(error.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.sampled_from(["NA", "nan", "loss", "0.5", ""]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["loss", "acc", "val_loss", "epoch", "metrics", "history", "value", "metric"]), inner
        )
    ),
    max_leaves=20,
)
CELLS = st.sampled_from(
    ["epoch", "loss", "acc", "value", "metric", "data", "0", "1", "0.5", "NA", "nan", "inf", "-1", '"']
)
TABLES = st.lists(st.lists(CELLS, max_size=5).map(",".join), max_size=6).map("\n".join)


@given(content=st.one_of(st.text(), JSON.map(json.dumps), TABLES))
def test_any_file_is_a_history_or_an_error(tmp_path_factory: pytest.TempPathFactory, content: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any-history"
    path.write_bytes(content.encode("utf-8", "surrogatepass"))
    try:
        history = read_history(path, MODEL_ONE)
    except ReproError as error:
        fault(error)
    else:
        assert {len(curve) for curve in history.curves.values()} == {history.epochs}
        assert history.epochs or history.diverged


# All together
def test_numbers_are_said_back_by_split() -> None:
    given = numbers(accuracy=["0.8137", "val:82,75 %"], loss=["0.4134"], matrix=["9159 1161 3341 11339"])
    assert given.said_back() == [
        "validation: accuracy 82.75 %",
        "test: accuracy 81.37 %, loss 0.4134, a matrix of 25,000 rows (accuracy 81.992 %)",
    ]
    turned = numbers(matrix=["9159 3341 1161 11339"], transposed=True)
    assert turned.said_back()[0].endswith("given with a row for each actual class")
    assert turned.splits["test"].matrix == PRINTED


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"accuracy": ["0.8"]}, "accuracy 80 % (75 to 85, as typed)"),
        ({"accuracy": ["82"]}, "accuracy 82 % (81.5 to 82.5, as typed)"),
        ({"accuracy": ["99.9", "train:1"]}, "accuracy 99.9 %"),
        ({"accuracy": ["100"]}, "accuracy 100 % (99.5 to 100, as typed)"),
        ({"loss": ["0.4"]}, "loss 0.4 (0.35 to 0.45, as typed)"),
        ({"loss": ["0"]}, "loss 0 (0 to 0.5, as typed)"),
        ({"loss": ["0.413"]}, "loss 0.413"),
    ],
)
def test_how_a_number_of_few_digits_is_understood_is_said_back(given: dict[str, object], said: str) -> None:
    assert numbers(**given).said_back()[-1] == f"test: {said}"


def test_what_numbers_for_train_are_taken_for_is_said_back() -> None:
    given = numbers(accuracy=["train:0.8275"])
    assert given.said_back(25_000) == [
        "train (evaluate() on all 25,000 rows, not the last line of fit()): accuracy 82.75 %"
    ]
    assert given.said_back() == ["train (evaluate() on all rows, not the last line of fit()): accuracy 82.75 %"]


def test_a_number_without_a_split_is_of_the_one_named_or_of_the_headline() -> None:
    assert list(numbers(accuracy=["0.8"]).splits) == ["test"]
    assert list(numbers(accuracy=["0.8"], split="train").splits) == ["train"]
    assert list(numbers(accuracy=["val:0.8"], split="train").splits) == ["validation"]
    assert list(read_numbers(JIGSAW, MULTILABEL, auc=["0.98"]).splits) == ["validation"]


def test_a_pasted_table_may_have_colons() -> None:
    pasted = "Accuracy : 0.82\n          Reference\nPrediction 0 1\n 0 9159 1161\n 1 3341 11339"
    assert numbers(matrix=[pasted]).splits["test"].matrix == PRINTED


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({}, "no numbers"),
        ({"accuracy": ["0.8", "test:0.9"]}, "two values of accuracy were given for test"),
        ({"matrix": ["1 2 3 4", "1 2 3 4"]}, "two values of the matrix"),
        ({"accuracy": ["tset:0.8"]}, "did you mean 'test'"),
        ({"accuracy": ["unseen:0.8"]}, "no split 'unseen'"),
        ({"accuracy": ["0.8"], "split": "unseen"}, "cannot be judged"),
        ({"auc": ["0.9"]}, "no AUCs of imdb_lstm"),
        ({"loss": ["0.4"], "transposed": True}, "--transposed"),
    ],
)
def test_what_cannot_be_judged_is_refused(given: dict[str, object], wrong: str) -> None:
    with pytest.raises(ReproError) as error:
        numbers(**given)
    assert wrong in fault(error.value)


def test_rates_of_two_classes_are_refused_where_there_are_five() -> None:
    with pytest.raises(ReproError, match="5 classes"):
        read_numbers(PHRASES, FIVE, sensitivity=["0.8"])


def test_validation_is_refused_where_nothing_is_held_out() -> None:
    with pytest.raises(ReproError, match="holds no rows out"):
        read_numbers(RNN, ONE_LSTM, accuracy=["validation:0.8"])
