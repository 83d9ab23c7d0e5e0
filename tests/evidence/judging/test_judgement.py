"""What a reader's numbers mean: each outcome, on the committed runs and on made-up ones."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from statistics import fmean

import pytest

from repro import registry
from repro.evaluation import Split
from repro.evidence.judging.candidates import Candidate, candidates
from repro.evidence.judging.coordinates import coordinates
from repro.evidence.judging.judge import judge
from repro.evidence.judging.judgement import Judgement
from repro.evidence.reader.reader_history import ReaderHistory
from repro.evidence.reader.reader_numbers import ReaderNumbers, read_numbers
from repro.evidence.run_groups import read_groups
from repro.records import Results

RESULTS = Results(Path(__file__).parents[3] / "results")


@cache
def known(name: str) -> tuple[Candidate, ...]:
    chapter, experiment = registry.experiment(name)
    return tuple(candidates(read_groups(chapter, RESULTS).groups, experiment.name))


def candidate(name: str, way: str) -> Candidate:
    return next(each for each in known(name) if each.name == way)


def given(name: str, history: ReaderHistory | None = None, **texts: str) -> ReaderNumbers:
    if not texts:
        return ReaderNumbers(*registry.experiment(name), {}, history)
    numbers = read_numbers(*registry.experiment(name), **{what: [text] for what, text in texts.items()})  # type: ignore[arg-type]
    return replace(numbers, history=history)


def judged(name: str, history: ReaderHistory | None = None, **texts: str) -> Judgement:
    return judge(given(name, history, **texts), known(name))


def mean(name: str, way: str, split: Split, what: str) -> str:
    return f"{fmean(getattr(run.evaluation[split], what) for run in candidate(name, way).runs):.4f}"


def names(judgement: Judgement) -> list[str]:
    return [each.candidate.name for each in judgement.suspects]


@pytest.mark.parametrize("model", ["model_one", "model_two", "model_three", "model_four"])
def test_what_the_source_printed_is_usual(model: str) -> None:
    chapter, _ = registry.experiment(f"imdb_lstm/{model}")
    splits: tuple[Split, ...] = ("train", "test")
    printed = [chapter.result(model, split) for split in splits]
    numbers = read_numbers(
        *registry.experiment(f"imdb_lstm/{model}"),
        loss=[f"{each.split}:{each.loss}" for each in printed if each],
        matrix=[f"{each.split}:{' '.join(str(n) for row in each.matrix for n in row)}" for each in printed if each],
    )
    assert judge(numbers, known(f"imdb_lstm/{model}")).outcome == "usual"


@pytest.mark.parametrize("digits", [2, 3, 5])
def test_the_middle_of_the_runs_is_usual_with_any_number_of_digits(digits: int) -> None:
    name = "imdb_lstm/model_two"
    accuracy, loss = (float(mean(name, "source", "test", what)) for what in ("accuracy", "loss"))
    found = judged(name, accuracy=f"{accuracy:.{digits}f}", loss=f"{loss:.{digits}f}")
    assert found.outcome == "usual"
    assert found.best_unchanged.unusual.p > 0.3


def test_a_slip_that_shows_is_named() -> None:
    name, way = "imdb_lstm/model_two", "source, truncating_after"
    found = judged(name, accuracy=mean(name, way, "test", "accuracy"), loss=mean(name, way, "test", "loss"))
    assert found.outcome in ("explained", "likelier")
    assert found.asked
    assert way in names(found)[:2]


def test_numbers_that_nothing_gives_are_like_none() -> None:
    found = judged("imdb_lstm/model_two", accuracy="0.93", loss="0.19")
    assert found.outcome == "unlike"
    assert not found.suspects


def test_a_little_too_far_out_with_no_explanation_is_unusual_only() -> None:
    name = "imdb_lstm/model_four"  # of which no changes were run
    losses = [run.evaluation["test"].loss for run in candidate(name, "source").runs]
    alone = [candidate(name, "source")]
    assert judge(given(name, loss=f"{max(losses) + 0.015:.4f}"), alone).outcome == "unusual"


def test_better_numbers_than_all_runs_are_not_excused_by_runs_that_failed() -> None:
    """Some trainings of model one fail. None is better than usual by as much."""
    found = judged("imdb_lstm/model_one", accuracy="0.88", loss="0.30")
    assert not found.best_unchanged.plausible
    assert judged("imdb_lstm/model_one", accuracy="0.93", loss="0.20").outcome == "unlike"


def test_a_change_that_spoils_trainings_does_not_explain_better_numbers() -> None:
    """Its numbers are spread so widely that some density is left on the other side."""
    found = judged("imdb_lstm/model_two", accuracy="0.8645", loss="0.3641")
    assert "source, both_after" not in names(found)


def test_the_numbers_of_another_model_are_known_as_its() -> None:
    name, run = "imdb_lstm/model_one", candidate("imdb_lstm/model_two", "source").runs[2]
    others = [each.without_seed(run.seed) for each in known(name)]
    numbers = ReaderNumbers(*registry.experiment(name), {}, ReaderHistory(run.history))
    found = judge(numbers, others)
    assert found.outcome in ("likelier", "explained")
    assert "source, model_two" in names(found)[:2]


@pytest.mark.parametrize("digits", [2, 3])
def test_each_run_is_usual_with_few_digits_too(digits: int) -> None:
    """Many runs have the same number then; none of them is farther out than the others."""
    name, implausible = "imdb_lstm/model_two", 0
    runs = candidate(name, "source").runs
    for run in runs:
        others = [each.without_seed(run.seed) for each in known(name)]
        accuracy = f"{run.evaluation['test'].accuracy:.{digits}f}"
        implausible += not judge(given(name, accuracy=accuracy), others).best_unchanged.plausible
    assert implausible <= 0.07 * len(runs)


def test_numbers_that_no_run_has_are_left_out_and_named() -> None:
    """The second chapter on reviews holds nothing out."""
    name = "imdb_rnn/lstm"
    some = [replace(each, runs=each.runs * 3) for each in known(name)]
    curves = {"loss": (0.4, 0.3, 0.25, 0.2, 0.18), "val_loss": (0.4, 0.4, 0.4, 0.4, 0.4)}
    found = judge(given(name, ReaderHistory(curves)), some)
    assert found.unchanged
    assert found.not_compared == tuple(f"val_loss in epoch {epoch}" for epoch in (1, 2, 3, 5))


def test_a_matrix_without_a_class_is_judged_by_the_others() -> None:
    numbers = given("imdb_lstm/model_one", matrix="12000 0 13000 0")
    assert [each.name for each in coordinates(numbers)] == ["test specificity", "test accuracy"]


def test_with_few_runs_nothing_is_said() -> None:
    few = [replace(each, runs=each.runs[:4]) for each in known("imdb_lstm/model_two")]
    found = judge(given("imdb_lstm/model_two", accuracy="0.83"), few)
    assert found.outcome == "too few runs"
    assert found.too_few


def test_nothing_is_compared_with_no_runs() -> None:
    assert judge(given("imdb_lstm/model_two", accuracy="0.83"), []).outcome == "too few runs"


def history(name: str, way: str, epochs: int) -> tuple[ReaderHistory, list[Candidate]]:
    """The first epochs of a run, and the candidates without the runs of its seed: some have the same history."""
    run = candidate(name, way).runs[0]
    curves = {curve: values[:epochs] for curve, values in run.history.items()}
    return ReaderHistory(curves), [each.without_seed(run.seed) for each in known(name)]


def test_a_history_of_five_epochs_is_that_of_runs_with_five() -> None:
    name, way, right = "imdb_lstm/model_two", "source, epochs_5", 0
    runs = candidate(name, way).runs
    for run in runs:
        others = [each.without_seed(run.seed) for each in known(name)]
        found = judge(given(name, ReaderHistory(run.history)), others)
        assert not found.unchanged
        assert found.compared_epochs is None
        right += found.outcome == "explained" and names(found) == [way]
    assert right > 0.6 * len(runs)


def test_of_a_history_with_other_epochs_than_any_run_those_of_both_are_compared() -> None:
    name = "imdb_lstm/model_two"
    curves, others = history(name, "source", 7)
    found = judge(given(name, curves, accuracy="0.99"), others)
    assert found.compared_epochs == 7
    assert {each.name.rpartition(" ")[2] for each in found.coordinates} == {"1", "2", "4", "7"}
    assert found.outcome == "usual"
    curves, others = history(name, "source", 10)
    longer = ReaderHistory({curve: (*values, values[-1], values[-1]) for curve, values in curves.curves.items()})
    assert judge(given(name, longer), others).compared_epochs == 10


def test_padding_at_the_end_shows_in_the_history_though_not_in_the_accuracy() -> None:
    name, way = "imdb_lstm/model_one", "source, padding_after"
    run = next(run for run in candidate(name, way).runs if run.evaluation["test"].accuracy > 0.80)
    others = [each.without_seed(run.seed) for each in known(name)]
    accuracy = f"{run.evaluation['test'].accuracy:.4f}"
    assert judge(given(name, accuracy=accuracy), others).outcome == "usual"
    found = judge(given(name, ReaderHistory(run.history), accuracy=accuracy), others)
    assert found.outcome == "explained"
    assert names(found)[0] == way


def compared(numbers: ReaderNumbers) -> list[str]:
    return [each.name for each in coordinates(numbers) if each.is_compared]


def test_what_follows_from_other_numbers_is_not_compared_twice() -> None:
    with_matrix = given("imdb_lstm/model_one", accuracy="0.81992", loss="0.4", matrix="9159 1161 3341 11339")
    assert compared(with_matrix) == ["test loss", "test specificity", "test sensitivity"]
    with_rates = given("imdb_lstm/model_one", accuracy="0.81992", sensitivity="0.907", specificity="0.733")
    assert compared(with_rates) == ["test specificity", "test sensitivity"]
    with_one = given("imdb_lstm/model_one", accuracy="0.81992", sensitivity="0.907")
    assert compared(with_one) == ["test sensitivity", "test accuracy"]


def test_the_rows_that_fit_holds_out_are_compared_by_the_last_epoch() -> None:
    (found,) = coordinates(given("imdb_lstm/model_one", accuracy="validation:0.8"))
    run = candidate("imdb_lstm/model_one", "source").runs[0]
    assert found.of(run) == run.history["val_accuracy"][-1]


def test_a_known_software_leaves_the_other_unchanged_runs_out() -> None:
    name = "imdb_lstm/model_two"
    found = judge(given(name, accuracy="0.8327"), known(name), "stock")
    assert [each.candidate.numerics for each in found.unchanged] == ["stock"]
