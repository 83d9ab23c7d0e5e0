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
from repro.evidence.judging.judgement import Judgement, judge
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
    assert found.best_unchanged.likeness.p > 0.3


def test_a_slip_that_shows_is_named() -> None:
    name, way = "imdb_lstm/model_two", "source, truncating_after"
    found = judged(name, accuracy=mean(name, way, "test", "accuracy"), loss=mean(name, way, "test", "loss"))
    assert found.outcome == "explained"
    assert way in names(found)[:2]


def test_numbers_that_nothing_gives_are_like_none() -> None:
    found = judged("imdb_lstm/model_two", accuracy="0.93", loss="0.19")
    assert found.outcome == "unlike"
    assert not found.suspects


def test_a_little_too_far_out_with_no_better_explanation_is_unusual_only() -> None:
    """Of a run that unchanged runs nearly give, nothing more is said."""
    name = "imdb_lstm/model_four"  # of which no changes were run
    losses = [run.evaluation["test"].loss for run in candidate(name, "source").runs]
    found = judge(given(name, loss=f"{max(losses) + 0.004:.4f}"), [each for each in known(name) if not each.variation])
    assert found.outcome == "unusual"


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
    name = "imdb_lstm/model_two"
    curves, others = history(name, "source, epochs_5", 5)
    found = judge(given(name, curves), others)
    assert found.outcome == "explained"
    assert names(found) == ["source, epochs_5"]
    assert found.compared_epochs is None


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


def test_what_follows_from_other_numbers_is_not_compared_twice() -> None:
    with_matrix = given("imdb_lstm/model_one", accuracy="0.81992", loss="0.4", matrix="9159 1161 3341 11339")
    assert [each.name for each in coordinates(with_matrix)] == ["test loss", "test specificity", "test sensitivity"]
    with_rates = given("imdb_lstm/model_one", accuracy="0.81992", sensitivity="0.907", specificity="0.733")
    assert [each.name for each in coordinates(with_rates)] == ["test specificity", "test sensitivity"]
    with_one = given("imdb_lstm/model_one", accuracy="0.81992", sensitivity="0.907")
    assert [each.name for each in coordinates(with_one)] == ["test sensitivity", "test accuracy"]


def test_the_rows_that_fit_holds_out_are_compared_by_the_last_epoch() -> None:
    (found,) = coordinates(given("imdb_lstm/model_one", accuracy="validation:0.8"))
    run = candidate("imdb_lstm/model_one", "source").runs[0]
    assert found.of(run) == run.history["val_accuracy"][-1]


def test_a_known_software_leaves_the_other_unchanged_runs_out() -> None:
    name = "imdb_lstm/model_two"
    kept = [each for each in known(name) if each.variation or each.numerics == "stock"]
    found = judge(given(name, accuracy="0.8327"), kept)
    assert [each.candidate.numerics for each in found.unchanged] == ["stock"]
