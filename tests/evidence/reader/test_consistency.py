"""Numbers that do not go together are named, with what explains them; those of a run are never called wrong."""

from __future__ import annotations

import functools
import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import replace
from math import floor
from pathlib import Path

import pytest

from repro import metrics, registry
from repro.chapter import Chapter, Experiment
from repro.evidence.reader.consistency import checked, corrected, findings
from repro.evidence.reader.data_facts import DataFacts, data_facts
from repro.evidence.reader.finding import Finding
from repro.evidence.reader.reader_numbers import READ_SPLITS, ReaderNumbers, SplitNumbers, read_numbers
from repro.metrics import Matrix
from repro.records import Record, Results

RESULTS = Results(Path(__file__).parents[3] / "results")
IMDB, ONE = registry.experiment("imdb_lstm/model_one")
PRINTED = "9159 1161 3341 11339"
"""Model one on test: accuracy 0.81992, sensitivity 0.90712, specificity 0.73272."""


@functools.cache
def records(chapter: str) -> list[Record]:
    return RESULTS.records(chapter)[0]


@functools.cache
def facts(chapter: str, experiment: str) -> DataFacts:
    found = data_facts(registry.experiment(f"{chapter}/{experiment}")[1], records(chapter))
    assert found
    return found


def a_run(variation: str = "", engine: str = "fast") -> Record:
    """A committed run of model one."""
    asked = ("model_one", variation, engine, "source", 1)
    return next(
        each
        for each in records("imdb_lstm")
        if (each.experiment, each.variation, each.engine, each.settings.numerics, each.seed) == asked
    )


def written(matrix: Matrix) -> str:
    return " ".join(str(count) for row in matrix for count in row)


def saved(folder: Path, history: Mapping[str, object]) -> Path:
    path = folder / "history.json"
    path.write_text(json.dumps(dict(history)))
    return path


def found(**given: object) -> tuple[list[Finding], ReaderNumbers]:
    """What is found in numbers for model one, and the numbers as they are read then."""
    numbers = read_numbers(IMDB, ONE, **given)  # type: ignore[arg-type]
    these = findings(numbers, facts("imdb_lstm", "model_one"))
    return these, corrected(numbers, these)


def kinds(these: list[Finding]) -> list[tuple[str, str]]:
    return [(each.severity, each.kind) for each in these]


# What is known of the data
def test_rows_and_classes_come_from_the_records() -> None:
    of_reviews = facts("imdb_lstm", "model_one")
    assert of_reviews.counts == {"train": (12_500, 12_500), "test": (12_500, 12_500)}
    assert (of_reviews.fitted, of_reviews.held_out, of_reviews.labels, of_reviews.complete) == (20_000, 5_000, 1, True)
    assert of_reviews.held_out_counts is not None  # from the runs that were evaluated on them
    assert sum(of_reviews.held_out_counts) == 5_000
    assert of_reviews.rows("validation") == 5_000
    assert of_reviews.train_rows == 25_000
    of_comments = facts("jigsaw_multilabel", "lstm")
    assert (of_comments.labels, of_comments.complete, of_comments.held_out) == (6, False, 0)
    assert of_comments.train_rows is None
    assert of_comments.rows("validation") == 6 * of_comments.rows_held_out


def test_without_a_result_nothing_is_known() -> None:
    assert data_facts(ONE, []) is None
    assert data_facts(ONE, [a_run("evaluating_held_out")]) is None


# No false alarm
def float32(number: float) -> str:
    """As Keras prints it: float32, with the digits of float64."""
    return repr(struct.unpack("f", struct.pack("f", number))[0])


FORMS: dict[str, Callable[[float], str]] = {
    "2 digits": lambda number: f"{number:.2f}",
    "3 digits": lambda number: f"{number:.3f}",
    "4 digits": lambda number: f"{number:.4f}",
    "7 digits, as R prints": lambda number: f"{number:.7g}",
    "3 digits, cut": lambda number: f"{floor(number * 1000) / 1000:.3f}",
    "float32": float32,
}


def numbers_of(
    chapter: Chapter, experiment: Experiment, record: Record, form: Callable[[float], str], history: Path
) -> ReaderNumbers:
    """What a reader who made this run would give; of odd seeds the matrices too."""
    given = {split: record.evaluation[split] for split in READ_SPLITS if split in record.evaluation}
    two = len(chapter.classes) == 2
    return read_numbers(
        chapter,
        experiment,
        accuracy=[f"{split}:{form(each.accuracy)}" for split, each in given.items()],
        loss=[f"{split}:{form(each.loss)}" for split, each in given.items()],
        sensitivity=[f"{split}:{form(each.sensitivity)}" for split, each in given.items() if two],
        specificity=[f"{split}:{form(each.specificity)}" for split, each in given.items() if two],
        auc=[f"{split}:{form(each.pooled_auc)}" for split, each in given.items() if each.pooled_auc],
        matrix=[f"{split}:{written(each.matrix)}" for split, each in given.items()] if record.seed % 2 else (),
        history=saved(history, record.history) if record.history else None,
    )


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", registry.chapters())
def test_the_numbers_of_a_run_give_no_contradiction(name: str, form: str, tmp_path: Path) -> None:
    """Nor an explanation, unless the run differs in what is explained, or moved so little that its means agree."""
    chapter = registry.chapter(name)
    explained = {
        "evaluating_held_out": "held-out rows",
        "validating_on_test": "validated on test",
        "adagrad": "while training",
    }
    for experiment in chapter.experiments:
        for record in (each for each in records(name) if each.experiment == experiment.name):
            numbers = numbers_of(chapter, experiment, record, FORMS[form], tmp_path)
            these = findings(numbers, facts(name, experiment.name))
            allowed = {("explanation", explained.get(record.variation, ""))}
            if record.settings.epochs != experiment.epochs and record.history:
                assert ("explanation", "number of epochs") in kinds(these)
                allowed.add(("explanation", "number of epochs"))
            told = {each for each in kinds(these) if each[0] != "note"}
            assert told <= allowed, f"{record.stem}: {[each.text for each in these]}"
            assert corrected(numbers, these).splits or numbers.history


def test_explanations_are_given_of_every_run_that_they_hold_for(tmp_path: Path) -> None:
    for variation, kind in (("evaluating_held_out", "held-out rows"), ("validating_on_test", "validated on test")):
        runs = [each for each in records("imdb_lstm") if each.experiment == "model_one" and each.variation == variation]
        assert runs
        for record in runs:
            numbers = numbers_of(IMDB, ONE, record, FORMS["7 digits, as R prints"], tmp_path)
            assert ("explanation", kind) in kinds(findings(numbers, facts("imdb_lstm", "model_one")))


# The matrix and the data
def test_a_transposed_matrix_is_named_and_turned() -> None:
    matrix = a_run().evaluation["test"].matrix
    turned = tuple(zip(*matrix, strict=True))
    these, read = found(matrix=[written(turned)])
    assert kinds(these) == [("explanation", "transposed")]
    assert "It is read so" in these[0].text
    assert read.splits["test"].matrix == matrix

    these, read = found(matrix=[written(matrix)], transposed=True)
    assert kinds(these) == [("explanation", "transposed")]
    assert "Do not call it transposed" in these[0].text
    assert read.splits["test"].matrix == matrix
    assert "row for each actual" not in read.said_back()[0]


def test_a_matrix_of_the_held_out_rows_is_judged_as_validation() -> None:
    run = a_run("evaluating_held_out").evaluation["train"]
    these, read = found(matrix=[f"train:{written(run.matrix)}"], accuracy=[f"train:{run.accuracy:.4f}"])
    assert kinds(these) == [("explanation", "held-out rows")]
    assert list(read.splits) == ["validation"]


def test_a_transposed_matrix_of_the_held_out_rows_is_turned_and_judged_as_validation() -> None:
    matrix = a_run("evaluating_held_out").evaluation["train"].matrix
    these, read = found(matrix=[f"train:{written(tuple(zip(*matrix, strict=True)))}"])
    assert kinds(these) == [("explanation", "held-out rows"), ("explanation", "transposed")]
    assert read.splits["validation"].matrix == matrix


def test_numbers_are_not_moved_onto_others() -> None:
    run = a_run("evaluating_held_out").evaluation["train"]
    these, read = found(matrix=[f"train:{written(run.matrix)}"], loss=["validation:0.4134"])
    assert kinds(these) == [("explanation", "held-out rows")]
    assert read.said_back() == ["validation: loss 0.4134"]


def test_a_matrix_of_the_fitted_rows_is_named() -> None:
    these, _ = found(matrix=["train:8000 1500 1969 8531"])
    assert kinds(these) == [("explanation", "fitted rows")]


def test_a_matrix_of_another_split_is_moved_there() -> None:
    chapter, experiment = registry.experiment("rotten_tomatoes/lstm")
    run = next(each for each in records("rotten_tomatoes"))
    numbers = read_numbers(chapter, experiment, matrix=[f"train:{written(run.evaluation['test'].matrix)}"])
    these = findings(numbers, facts("rotten_tomatoes", "lstm"))
    assert kinds(these) == [("explanation", "another split")]
    assert list(corrected(numbers, these).splits) == ["test"]


def test_a_matrix_of_another_data_set_is_named() -> None:
    these, _ = found(matrix=["430 70 110 390"])
    assert kinds(these) == [("contradiction", "another data set")]
    assert "1,000" in these[0].text
    assert "25,000" in these[0].text


def test_a_matrix_of_a_sample_is_not_held_against_its_size() -> None:
    chapter, experiment = registry.experiment("jigsaw_multilabel/lstm")
    numbers = read_numbers(chapter, experiment, matrix=["900000 20000 1000 9000"])
    assert findings(numbers, facts("jigsaw_multilabel", "lstm")) == []


def test_a_matrix_of_as_many_rows_as_are_held_out_but_of_other_classes_is_named_once() -> None:
    for split in ("train", "test"):
        these, read = found(matrix=[f"{split}:1831 332 669 2168"])
        assert kinds(these) == [("contradiction", "another data set")]
        assert "5,000 rows, as many as are held out" in these[0].text
        assert "not their classes, 2,531 and 2,469" in these[0].text
        assert list(read.splits) == [split]
    these, _ = found(matrix=["validation:1831 332 669 2168"])
    assert kinds(these) == [("contradiction", "other classes")]
    assert "the classes of the held-out rows have 2,531 and 2,469" in these[0].text


def test_a_matrix_with_other_classes_is_named() -> None:
    these, _ = found(matrix=["9100 1161 3341 11398"])
    assert kinds(these) == [("contradiction", "other classes")]


def test_a_matrix_whose_classes_are_the_other_way_round_is_turned() -> None:
    """Seen where the classes are not equally frequent: the held-out rows."""
    matrix = a_run("evaluating_held_out").evaluation["train"].matrix
    these, read = found(matrix=[f"validation:{written(tuple(row[::-1] for row in matrix[::-1]))}"])
    assert kinds(these) == [("explanation", "classes exchanged")]
    assert read.splits["validation"].matrix == matrix


def test_a_matrix_of_one_label_is_named() -> None:
    chapter, experiment = registry.experiment("jigsaw_multilabel/lstm")
    of_comments = replace(facts("jigsaw_multilabel", "lstm"), complete=True)
    one = next(iter(records("jigsaw_multilabel")[0].evaluation["validation"].labels.values()))
    these = findings(read_numbers(chapter, experiment, matrix=[written(one.matrix)]), of_comments)
    assert kinds(these) == [("explanation", "one label")]


# Accuracy, rates and loss
def test_an_accuracy_that_is_not_the_matrixs_is_named() -> None:
    matrix = "9160 1160 3340 11340"  # 0.82000
    these, _ = found(matrix=[matrix], accuracy=["0.8137"])
    assert kinds(these) == [("contradiction", "accuracy and matrix")]
    assert found(matrix=[matrix], accuracy=["0.8200"])[0] == []
    assert kinds(found(matrix=[matrix], accuracy=["0.8199"])[0]) == [("contradiction", "accuracy and matrix")]
    cut = found(matrix=[PRINTED], accuracy=["81.9%"])[0]  # of 81.992, as in the source's table
    assert kinds(cut) == [("note", "printed")]


def test_an_accuracy_of_the_fitted_rows_beside_a_matrix_of_all_is_fits_own() -> None:
    run = next(
        each
        for each in records("imdb_lstm")
        if each.experiment == "model_one"
        and not each.variation
        and 0.1 < each.history["accuracy"][-1] * 25_000 % 1 < 0.9
    )
    accuracy = run.history["accuracy"][-1]  # a share of 20,000 rows, and not of 25,000
    these, read = found(matrix=[f"train:{written(run.evaluation['train'].matrix)}"], accuracy=[f"train:{accuracy}"])
    assert kinds(these) == [("explanation", "while training")]
    assert read.splits["train"] == SplitNumbers(matrix=run.evaluation["train"].matrix)


def test_a_share_of_mistakes_in_place_of_the_accuracy_is_named() -> None:
    these, read = found(matrix=[PRINTED], accuracy=["0.18008"])
    assert kinds(these)[0] == ("explanation", "classes exchanged")
    assert read.splits["test"].accuracy is not None
    assert read.splits["test"].accuracy.value == 0.81992


def test_exchanged_predictions_in_the_matrix_are_named() -> None:
    these, read = found(matrix=["3341 11339 9159 1161"], accuracy=["0.81992"])
    assert kinds(these)[0] == ("explanation", "classes exchanged")
    assert read.splits["test"].matrix == ((9159, 1161), (3341, 11339))


@pytest.mark.parametrize("both", [True, False])
def test_rates_of_the_other_class_are_named(both: bool) -> None:
    """As caret gives them, which takes the first class as the positive one."""
    rates = {"sensitivity": ["0.733"], "specificity": ["0.907"] if both else []}
    these, read = found(matrix=[PRINTED], **rates)
    assert kinds(these)[0] == ("explanation", "rates exchanged")
    assert "caret" in these[0].text
    assert (read.splits["test"].sensitivity, read.splits["test"].specificity) == (None, None)


@pytest.mark.parametrize(("sensitivity", "specificity"), [("0.7724", "0.8875"), ("0.8875", "0.7724")])
def test_predictive_values_in_place_of_rates_are_named(sensitivity: str, specificity: str) -> None:
    these, _ = found(matrix=[PRINTED], sensitivity=[sensitivity], specificity=[specificity])
    assert kinds(these)[0] == ("explanation", "rates by rows")


def test_rates_that_are_not_the_matrixs_are_named() -> None:
    these, _ = found(matrix=[PRINTED], sensitivity=["0.807"], specificity=["0.733"])
    assert kinds(these) == [("contradiction", "rates and matrix")]


def test_an_accuracy_is_the_mean_of_the_rates_without_a_matrix() -> None:
    rates = {"sensitivity": ["0.907"], "specificity": ["0.733"]}
    assert kinds(found(accuracy=["0.82"], **rates)[0]) == [("note", "rates of either class")]
    these, _ = found(accuracy=["0.85"], **rates)
    assert kinds(these) == [("contradiction", "accuracy and rates")]


@pytest.mark.parametrize(
    ("given", "limit"),
    [
        (
            {"accuracy": ["0.82"], "sensitivity": ["0.5"]},
            "With a sensitivity of 50 % on test, the accuracy is at most 75 %, since half of the rows are positive; "
            "yours is 82 %.",
        ),
        (
            {"accuracy": ["0.40"], "specificity": ["0.983"]},
            "With a specificity of 98.3 % on test, the accuracy is at least 49.15 %, since half of the rows are "
            "negative; yours is 40 %.",
        ),
        (
            {"accuracy": ["validation:0.85"], "sensitivity": ["validation:0.60"]},  # of 2,469 of 5,000 rows
            "With a sensitivity of 60 % on validation, the accuracy is at most 80.248 %, since 49.38 % of the rows are "
            "positive; yours is 85 %.",
        ),
    ],
)
def test_an_accuracy_that_one_rate_does_not_allow_is_named_with_the_limit(
    given: dict[str, list[str]], limit: str
) -> None:
    these, _ = found(**given)
    assert kinds(these)[0] == ("contradiction", "accuracy and rates")
    assert these[0].text == f"{limit} They are of two trainings, or one is mistyped."


def test_one_rate_is_that_of_the_other_class_where_only_so_it_goes_with_the_accuracy() -> None:
    uneven = replace(facts("imdb_lstm", "model_one"), counts={"train": (12_500, 12_500), "test": (20_000, 5_000)})
    numbers = read_numbers(IMDB, ONE, accuracy=["0.860"], specificity=["0.500"])
    these = findings(numbers, uneven)
    assert kinds(these) == [("explanation", "rates exchanged")]
    assert "it does if this is of the other class" in these[0].text
    assert corrected(numbers, these).said_back() == ["test: accuracy 86.0 %, sensitivity 50.0 %"]


def test_predictive_values_are_named_without_a_matrix() -> None:
    these, read = found(accuracy=["0.81992"], sensitivity=["0.77241"], specificity=["0.88750"])
    assert kinds(these) == [("explanation", "rates by rows")]
    assert read.said_back() == ["test: accuracy 81.992 %"]


def test_exchanged_rates_are_seen_without_a_matrix_where_the_classes_differ_in_size() -> None:
    uneven = replace(facts("imdb_lstm", "model_one"), counts={"train": (12_500, 12_500), "test": (20_000, 5_000)})
    numbers = read_numbers(IMDB, ONE, accuracy=["0.860"], specificity=["0.700"], sensitivity=["0.900"])
    these = findings(numbers, uneven)
    assert kinds(these) == [("explanation", "rates exchanged")]
    assert corrected(numbers, these).said_back() == ["test: accuracy 86.0 %, specificity 90.0 %, sensitivity 70.0 %"]


def test_rates_that_may_be_of_either_class_are_noted() -> None:
    """Where classes are equally frequent, nothing shows whether they are exchanged."""
    these, _ = found(sensitivity=["0.911"], specificity=["0.752"])
    assert kinds(these) == [("note", "rates of either class")]
    assert 'unless you set positive = "1"' in these[0].text
    assert found(sensitivity=["0.911"])[0] == []
    assert found(sensitivity=["0.832"], specificity=["0.832"])[0] == []
    uneven = replace(facts("imdb_lstm", "model_one"), counts={"train": (12_500, 12_500), "test": (20_000, 5_000)})
    shown = read_numbers(IMDB, ONE, accuracy=["0.784"], sensitivity=["0.911"], specificity=["0.752"])
    assert findings(shown, uneven) == []


def test_accuracy_and_loss_in_each_others_place_are_exchanged() -> None:
    for loss in ("0.8137", "81.37"):
        these, read = found(accuracy=["0.41"], loss=[loss])
        assert kinds(these) == [("explanation", "accuracy and loss exchanged")]
        test = read.splits["test"]
        assert test.accuracy is not None
        assert test.loss is not None
        assert (test.accuracy.value, test.loss.value) == pytest.approx((0.8137, 0.41))
        assert "an accuracy of 81.37 % and a loss of 0.41" in these[0].text
    with_matrix, _ = found(accuracy=["0.3997"], loss=["0.81992"], matrix=[PRINTED])
    assert kinds(with_matrix)[0] == ("explanation", "accuracy and loss exchanged")


def test_a_matrix_may_show_that_accuracy_and_loss_are_not_exchanged() -> None:
    these, read = found(accuracy=["0.41"], loss=["0.8137"], matrix=[PRINTED])
    assert kinds(these) == [("contradiction", "accuracy and matrix")]
    assert read.splits["test"].matrix == ((9159, 1161), (3341, 11339))


@pytest.mark.parametrize(("loss", "meant"), [("40", 0.40), ("38.04", 0.3804)])
@pytest.mark.parametrize("accuracy", [[], ["0.83"]])
def test_a_loss_a_hundred_times_too_large_is_read_as_its_hundredth(
    loss: str, meant: float, accuracy: list[str]
) -> None:
    these, read = found(loss=[loss], accuracy=accuracy)
    assert kinds(these) == [("explanation", "loss in percent")]
    test = read.splits["test"]
    assert test.loss is not None
    assert test.loss.value == pytest.approx(meant)


@pytest.mark.parametrize("given", [{"loss": ["300"]}, {"loss": ["38.04"], "accuracy": ["0.60"]}, {"loss": ["3"]}])
def test_a_loss_far_above_guessing_whose_hundredth_is_unusual_is_noted(given: dict[str, list[str]]) -> None:
    assert kinds(found(**given)[0]) == [("note", "loss above guessing")]


def test_a_loss_below_what_the_mistakes_cost_is_named() -> None:
    """Each wrong row costs ln 2 at least."""
    these, _ = found(accuracy=["0.820"], loss=["0.110"])
    assert kinds(these) == [("contradiction", "loss and accuracy")]
    assert found(accuracy=["0.820"], loss=["0.130"])[0] == []


def test_keras_accuracy_of_several_outputs_is_named() -> None:
    chapter, experiment = registry.experiment("jigsaw_multilabel/lstm")
    run = records("jigsaw_multilabel")[0].evaluation["validation"]
    for given in ({"matrix": [written(run.matrix)]}, {"loss": [f"{run.loss:.4f}"]}):
        numbers = read_numbers(chapter, experiment, accuracy=["0.12"], **given)  # type: ignore[arg-type]
        these = findings(numbers, facts("jigsaw_multilabel", "lstm"))
        assert kinds(these) == [("explanation", "accuracy of the largest output")]
        assert corrected(numbers, these).splits["validation"].accuracy is None


# Shares of whole rows
def test_an_accuracy_that_is_no_share_of_the_rows_is_named() -> None:
    these, _ = found(accuracy=["0.819931"])
    assert kinds(these) == [("contradiction", "no share of the rows")]
    assert found(accuracy=["0.8199"])[0] == []  # too few digits to tell


def test_a_rate_that_is_no_share_of_its_class_is_named() -> None:
    these, _ = found(sensitivity=["0.90716"])  # a multiple of 1/25,000
    assert kinds(these) == [("contradiction", "no share of the rows")]
    assert "12,500" in these[0].text


def test_a_train_accuracy_of_the_fitted_rows_is_named() -> None:
    these, _ = found(accuracy=["train:0.81235"])
    assert kinds(these) == [("explanation", "fitted rows")]


def test_an_accuracy_of_another_split_is_named() -> None:
    chapter, experiment = registry.experiment("rotten_tomatoes/lstm")
    on_test = records("rotten_tomatoes")[1].evaluation["test"].accuracy  # by chance, that of the first fits train too
    numbers = read_numbers(chapter, experiment, accuracy=[f"train:{on_test:.8f}"])
    these = findings(numbers, facts("rotten_tomatoes", "lstm"))
    assert kinds(these) == [("explanation", "another split")]
    assert list(corrected(numbers, these).splits) == ["test"]


# The history
@pytest.mark.parametrize("engine", ["fast", "keras"])
def test_numbers_of_the_last_epoch_given_for_train_are_named(engine: str, tmp_path: Path) -> None:
    history = a_run(engine=engine).history
    loss, accuracy = history["loss"][-1], history["accuracy"][-1]
    these, read = found(
        loss=[f"train:{loss:.4f}"], accuracy=[f"train:{accuracy:.4f}"], history=saved(tmp_path, history)
    )
    assert kinds(these) == [("explanation", "while training")]
    assert read.splits == {}
    assert read.history


def test_validation_numbers_given_for_test_are_named(tmp_path: Path) -> None:
    run = a_run()
    best = run.history["val_accuracy"].index(max(run.history["val_accuracy"]))
    for epoch in (best, -1):
        loss, accuracy = run.history["val_loss"][epoch], run.history["val_accuracy"][epoch]
        these, read = found(loss=[f"{loss:.4f}"], accuracy=[f"{accuracy:.4f}"], history=saved(tmp_path, run.history))
        assert kinds(these) == [("explanation", "validation as test")]
        assert read.splits == {}


def test_test_numbers_equal_those_of_a_history_that_was_validated_on_test(tmp_path: Path) -> None:
    run = a_run("validating_on_test")
    loss, accuracy = run.history["val_loss"][-1], run.history["val_accuracy"][-1]
    these, read = found(loss=[f"{loss:.7f}"], accuracy=[f"{accuracy:.5f}"], history=saved(tmp_path, run.history))
    assert kinds(these) == [("explanation", "validated on test")]
    assert read.splits["test"].accuracy


def test_another_share_held_out_is_named(tmp_path: Path) -> None:
    curve = {
        "loss": [0.5, 0.4],
        "acc": [0.8001, 0.8201],
        "val_loss": [0.5, 0.4],
        "val_acc": [6_001 / 7_500, 6_101 / 7_500],
    }
    these, _ = found(history=saved(tmp_path, curve))
    assert ("explanation", "share of other rows") in kinds(these)
    assert "7,500" in " ".join(each.text for each in these)
    curve = {"loss": [0.5, 0.4], "acc": [20_001 / 25_000, 20_502 / 25_000]}
    these, _ = found(history=saved(tmp_path, curve))
    assert ("explanation", "share of other rows") in kinds(these)
    assert ("note", "validation missing") in kinds(these)


@pytest.mark.parametrize("epochs", [5, 12])
def test_another_number_of_epochs_is_named(epochs: int, tmp_path: Path) -> None:
    these, _ = found(history=saved(tmp_path, {"loss": [0.5] * epochs, "val_loss": [0.5] * epochs}))
    assert kinds(these) == [("explanation", "number of epochs")]
    assert ("fewer" if epochs == 5 else "more") in these[0].text


def test_a_diverged_training_is_named(tmp_path: Path) -> None:
    these, _ = found(history=saved(tmp_path, {"loss": [0.5, float("nan")], "val_loss": [0.5, float("nan")]}))
    assert kinds(these) == [("explanation", "diverged")]
    assert "epoch 2" in these[0].text


# Nothing learned
@pytest.mark.parametrize("given", [{"accuracy": ["0.5"], "loss": ["0.6931"]}, {"accuracy": ["0.5036"]}])
def test_nothing_learned_is_noted(given: dict[str, list[str]]) -> None:
    assert kinds(found(**given)[0]) == [("note", "nothing learned")]


def test_one_class_for_all_rows_with_certainty_is_noted() -> None:
    for accuracy in ("0.5", "0.50"):
        these, _ = found(accuracy=[accuracy], loss=["7.97"])
        assert kinds(these) == [("note", "nothing learned")]
        assert "one class, with certainty" in these[0].text


@pytest.mark.parametrize("loss", [[], ["1.386"], ["12.1"]])
@pytest.mark.parametrize("split", ["test", "validation"])
def test_nothing_learned_of_four_classes_is_noted(split: str, loss: list[str]) -> None:
    """Of a sample too, whose classes may be less even than a reader's."""
    chapter, experiment = registry.experiment("stacked_lstm/stacked")
    numbers = read_numbers(chapter, experiment, split=split, accuracy=["0.25"], loss=loss)  # type: ignore[arg-type]
    assert kinds(findings(numbers, facts("stacked_lstm", "stacked"))) == [("note", "nothing learned")]


def test_the_most_frequent_of_uneven_classes_for_all_rows_is_noted() -> None:
    chapter, experiment = registry.experiment("rotten_tomatoes/lstm")
    for accuracy, learned in (("0.5178", False), ("0.20", True)):
        these = findings(read_numbers(chapter, experiment, accuracy=[accuracy]), facts("rotten_tomatoes", "lstm"))
        assert kinds(these) == ([] if learned else [("note", "nothing learned")])


def test_one_answer_for_all_rows_is_noted() -> None:
    these, _ = found(matrix=["0 0 12500 12500"])
    assert kinds(these) == [("note", "nothing learned")]


def test_an_accuracy_near_chance_with_another_loss_is_not_noted() -> None:
    assert found(accuracy=["0.5036"], loss=["0.9"])[0] == []


def test_below_chance_the_classes_are_exchanged() -> None:
    these, read = found(accuracy=["0.1801"], matrix=["3341 11339 9159 1161"], sensitivity=["0.0929"])
    assert kinds(these)[0] == ("explanation", "below chance")
    test = read.splits["test"]
    assert test.matrix is not None
    assert test.accuracy is not None
    assert test.sensitivity is not None
    assert test.accuracy.value == pytest.approx(0.8199)
    assert test.sensitivity.allows(metrics.recall(test.matrix, 1))


def test_below_chance_a_loss_must_allow_that_the_classes_are_exchanged() -> None:
    """A small loss is of the right labels: it cannot go with so many mistakes."""
    these, read = found(accuracy=["0.18"], loss=["0.40"])
    assert kinds(these) == [("explanation", "below chance")]
    assert read.said_back()[0].startswith("test: accuracy 82 %")
    these, read = found(accuracy=["0.18"], loss=["2.1"])
    assert kinds(these) == [("note", "below chance")]
    assert "may be exchanged" in these[0].text
    assert "or a number is mistyped" in these[0].text


def test_below_chance_with_more_classes_the_labels_are_in_another_order() -> None:
    chapter, experiment = registry.experiment("stacked_lstm/stacked")
    these = findings(read_numbers(chapter, experiment, accuracy=["0.05"]), facts("stacked_lstm", "stacked"))
    assert kinds(these) == [("note", "below chance")]


# The source's own numbers
def test_the_sources_own_numbers_are_recognized() -> None:
    for result in IMDB.results:
        numbers = read_numbers(
            IMDB,
            next(each for each in IMDB.experiments if each.name == result.experiment),
            loss=[f"{result.split}:{result.loss}"],
            accuracy=[f"{result.split}:{result.accuracy}"],
        )
        these = findings(numbers, facts("imdb_lstm", "model_one"))
        assert kinds(these) == [("note", "printed")]


def test_the_sources_own_rates_are_recognized_exchanged() -> None:
    these, read = found(sensitivity=["0.7327"], specificity=["0.9071"], accuracy=["0.8199"])
    assert kinds(these) == [("explanation", "rates exchanged"), ("note", "printed")]
    assert read.said_back() == ["test: accuracy 81.99 %, specificity 73.27 %, sensitivity 90.71 %"]


def test_the_sources_own_matrix_is_recognized_with_both_classes_turned_round() -> None:
    these, read = found(matrix=["11339 3341 1161 9159"])
    assert kinds(these) == [("explanation", "classes exchanged"), ("note", "printed")]
    assert read.splits["test"].matrix == ((9159, 1161), (3341, 11339))


def test_the_sources_numbers_for_another_model_are_recognized() -> None:
    these, _ = found(loss=["0.3854687"], accuracy=["0.82868"])
    assert kinds(these) == [("explanation", "printed for another")]
    assert "model_two on test" in these[0].text


def test_the_gravest_finding_comes_first() -> None:
    these, _ = found(matrix=["9159 3341 1161 11339"], accuracy=["train:0.819931"])
    assert kinds(these) == [
        ("contradiction", "no share of the rows"),
        ("explanation", "transposed"),
        ("note", "printed"),
    ]


# Whether there was anything to disagree
def of_chapter(name: str, **given: object) -> bool:
    chapter, experiment = registry.experiment(name)
    return checked(read_numbers(chapter, experiment, **given), facts(chapter.name, experiment.name))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "given",
    [
        {"accuracy": ["0.81992"]},
        {"sensitivity": ["0.90712"]},
        {"accuracy": ["0.82"], "loss": ["0.41"]},
        {"accuracy": ["0.82"], "sensitivity": ["0.91"]},
        {"matrix": [PRINTED]},
    ],
)
def test_numbers_that_could_disagree_are_checked(given: dict[str, object]) -> None:
    assert of_chapter("imdb_lstm/model_one", **given)


@pytest.mark.parametrize(
    "given",
    [
        {"accuracy": ["0.82"]},
        {"accuracy": ["train:0.84", "test:0.82"]},
        {"loss": ["0.3997277"]},
        {"sensitivity": ["0.91"], "specificity": ["0.73"]},
    ],
)
def test_numbers_that_could_not_disagree_are_not_checked(given: dict[str, object]) -> None:
    assert not of_chapter("imdb_lstm/model_one", **given)


def test_a_matrix_of_a_sample_is_not_checked_unless_something_stands_beside_it() -> None:
    assert not of_chapter("jigsaw_multilabel", matrix=["1 2 3 4"])
    assert of_chapter("jigsaw_multilabel", matrix=["1 2 3 4"], accuracy=["0.5"])
    assert not of_chapter("jigsaw_multilabel", accuracy=["0.97123456"])


def test_a_history_is_checked_if_it_has_digits_or_numbers_beside_it(tmp_path: Path) -> None:
    coarse = saved(tmp_path, {"loss": [0.5] * 10, "accuracy": [0.75] * 10})
    assert not of_chapter("imdb_lstm/model_one", history=coarse)
    assert of_chapter("imdb_lstm/model_one", history=coarse, accuracy=["0.82"])
    assert not of_chapter("imdb_lstm/model_one", history=coarse, accuracy=["validation:0.82"])
    assert of_chapter("imdb_lstm/model_one", history=saved(tmp_path, a_run().history))
