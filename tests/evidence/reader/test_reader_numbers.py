"""What readers type, paste and save is understood, and nonsense ends in an error of two lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reader_texts import (
    CURVES,
    DIVERGED,
    HISTORIES,
    LOSSES,
    MATRICES,
    NO_HISTORIES,
    NO_LOSSES,
    NO_MATRICES,
    NO_SHARES,
    NO_TABLES_OF_R,
    PRINTED,
    SHARES,
)

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
    SHARES,
)
def test_shares_and_percentages_are_both_understood(text: str, value: float, half: float, said: str) -> None:
    share = rounded.share(text, "accuracy")
    assert share.value == pytest.approx(value, abs=1e-8)
    assert share.half == pytest.approx(half)
    assert share.text == said


@pytest.mark.parametrize(
    ("text", "wrong"),
    NO_SHARES,
)
def test_what_is_no_share_is_refused(text: str, wrong: str) -> None:
    with pytest.raises(ReproError) as error:
        rounded.share(text, "accuracy")
    assert wrong in fault(error.value)


def test_between_a_share_and_a_percentage_the_sign_is_asked_for() -> None:
    with pytest.raises(ReproError, match=r"write 1\.7%"):
        rounded.share("1.7", "accuracy")
    assert rounded.share("1.7%", "accuracy").value == pytest.approx(0.017)


@pytest.mark.parametrize(("text", "value", "half"), LOSSES)
def test_a_loss_keeps_its_digits(text: str, value: float, half: float) -> None:
    assert rounded.loss(text)[:2] == pytest.approx((value, half))


@pytest.mark.parametrize(
    ("text", "wrong"),
    NO_LOSSES,
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
    MATRICES,
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
    with pytest.raises(ReproError, match="Do not call it transposed") as error:
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
    NO_MATRICES,
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
NAMES = ("Actual", "Predicted", "Sum", "TRUE", "negative", "pos", "matrix(", "c(", ")", "dtype=int64")
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
def saved(folder: Path, content: str) -> ReaderHistory:
    path = folder / "history"
    path.write_text(content, encoding="utf-8")
    return read_history(path, MODEL_ONE)


@pytest.mark.parametrize("content", HISTORIES.values(), ids=HISTORIES)
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
    DIVERGED,
)
def test_a_history_ends_where_the_loss_was_no_longer_finite(tmp_path: Path, content: str) -> None:
    history = saved(tmp_path, content)
    assert history.diverged == 2
    assert history.curves == {"loss": (0.5,), "accuracy": (0.7,)}


@pytest.mark.parametrize(
    ("content", "wrong"),
    NO_HISTORIES,
)
def test_what_is_no_history_is_refused(tmp_path: Path, content: str, wrong: str) -> None:
    with pytest.raises(ReproError) as error:
        saved(tmp_path, content)
    assert wrong in fault(error.value)
    assert str(tmp_path / "history") in str(error.value)


@pytest.mark.parametrize(
    "printed",
    NO_TABLES_OF_R,
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
        ({"loss": ["0.4"], "transposed": True}, "transposed says how a matrix is to be read"),
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
