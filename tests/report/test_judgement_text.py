"""What a reader is told: each outcome in words, and what stands beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from repro import registry
from repro.cli import main
from repro.evidence.judging.answer import Answer, answer_by
from repro.evidence.judging.candidates import Candidate, candidates
from repro.evidence.judging.judge import judge
from repro.evidence.reader.reader_numbers import read_numbers
from repro.evidence.run_groups import read_groups
from repro.records import Results
from repro.report.judgement_text import as_data
from repro.report.judgement_text import told as as_text

ROOT = Path(__file__).parents[2]


@cache
def known(name: str) -> tuple[Candidate, ...]:
    chapter, experiment = registry.experiment(name)
    return tuple(candidates(read_groups(chapter, Results(ROOT / "results")).groups, experiment.name))


def told(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(main, ["judge", *arguments, "--results", str(ROOT / "results")])
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def test_usual_numbers_are_said_back_and_nothing_is_unusual() -> None:
    text = told("imdb_lstm/model_one", "--accuracy", "81.37%", "--loss", "0.41")
    assert "test: accuracy 81.37 %, loss 0.41" in text
    assert "They agree with each other and with the data." in text
    assert re.search(
        r"Nothing unusual\. \d+ of \d+ unchanged runs \(on the source's software\) lie as far out as", text
    )
    assert re.search(r"you may have made one of them: ([^;]+ \(\w+\); ){3}and \d+ more\.", text)
    assert "Our runs were made on the real data" in text


def test_texts_with_several_labels_are_counted_once_in_what_was_understood() -> None:
    name = "jigsaw_multilabel/lstm"
    numbers = read_numbers(*registry.experiment(name), auc=["train:0.9"])
    answered = answer_by(numbers, known(name))
    assert answered.facts
    of_all = answered._replace(facts=replace(answered.facts, complete=True))
    (line,) = as_data(of_all)["understood"]
    assert f"evaluate() on all {known(name)[0].runs[0].data.train_rows:,} rows" in line


def test_a_slip_is_asked_about_with_the_runs_that_are_like_it() -> None:
    text = told("imdb_lstm/model_two", "--accuracy", "0.8137", "--loss", "0.41", "--numerics", "source")
    assert re.search(r"Unusual\. Your numbers lie outside all \d+ unchanged runs \(on the source's software\)", text)
    assert re.search(
        r"like those of runs with `truncating_after` \(the first 200 words\): \d+ of \d+ of these lie", text
    )
    assert "Did you cut long reviews at the end (truncating='post')?" in text
    assert "These give such numbers too: the chapter's model_one." in text


def test_numbers_like_none_are_sent_on_to_the_settings_and_the_software() -> None:
    text = told("imdb_lstm/model_two", "--accuracy", "0.93", "--loss", "0.19")
    assert "None of our runs is like this" in text
    assert "repro fingerprint" in text


def test_a_transposed_matrix_is_read_the_right_way_round() -> None:
    text = told("imdb_lstm/model_three", "--matrix", "10916 1584 2500 10000")
    assert "is transposed" in text
    assert re.search(r"Apart from that: (Nothing|Not clearly) unusual", text)
    assert "test specificity 87.33%" in text


def test_runs_on_a_sample_are_called_so() -> None:
    text = told("jigsaw_multilabel/lstm", "--auc", "0.78")
    assert "Whether they are usual cannot be said: our runs were made on a sample of the data" in text


def test_the_known_software_alone_stands_for_unchanged_runs() -> None:
    text = told("imdb_lstm/model_two", "--accuracy", "0.833", "--numerics", "stock", "--all")
    assert "nothing, on today's Keras 3" in text
    assert "nothing, on the source's software" not in text


def test_the_same_is_said_to_programs() -> None:
    arguments = ["judge", "imdb_lstm/model_two", "--accuracy", "0.8137", "--loss", "0.41", "--output", "json"]
    result = CliRunner().invoke(main, [*arguments, "--results", str(ROOT / "results")])
    said = json.loads(result.output)
    assert said["outcome"] in ("explained", "likelier")
    assert said["asked_about"] == "truncating_after"
    assert said["numbers"] == {"test loss": 0.41, "test accuracy": 0.8137}
    unchanged = next(each for each in said["candidates"] if each["numerics"] == "source" and not each["is_changed"])
    assert unchanged["possible"] is False
    assert unchanged["lower"]["test loss"] == unchanged["runs"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["imdb_lstm/model_one"],
        ["imdb_lstm/model_one", "--accuracy", "1.7"],
        ["imdb_lstm/model_one", "--accuracy", "nan"],
        ["imdb_lstm/model_one", "--matrix", "1 2 3"],
        ["imdb_lstm/model_one", "--matrix", "1 2 3 -4"],
        ["imdb_lstm/model_nine", "--accuracy", "0.8"],
        ["imdb_lstm", "--accuracy", "0.8"],
        ["imdb_lstm/model_one", "--history", "there-is-none.csv"],
        ["rotten_tomatoes/lstm", "--sensitivity", "0.8"],
    ],
)
def test_nonsense_gets_two_lines_and_exit_code_2(arguments: Sequence[str]) -> None:
    result = CliRunner().invoke(main, ["judge", *arguments, "--results", str(ROOT / "results")])
    assert result.exit_code == 2
    assert 1 <= len(result.output.strip().splitlines()) <= 2, result.output


def test_an_unknown_option_of_a_measure_is_named() -> None:
    result = CliRunner().invoke(main, ["judge", "imdb_lstm/model_one", "--accurcy", "0.8"])
    assert result.exit_code == 2
    assert "--accuracy" in result.output


def test_without_records_the_reader_hears_what_to_do(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["judge", "imdb_lstm/model_one", "--accuracy", "0.8", "--results", str(tmp_path)])
    assert result.exit_code == 2
    assert "Name another folder with --results, or make runs" in result.output


def test_numerics_without_runs_are_refused_with_those_that_have_some() -> None:
    result = CliRunner().invoke(
        main,
        [
            "judge",
            "stacked_lstm/stacked",
            "--accuracy",
            "0.8",
            "--numerics",
            "stock",
            "--results",
            str(ROOT / "results"),
        ],
    )
    assert result.exit_code == 2
    assert "there are: source" in result.output


def test_numbers_outside_all_runs_are_named_though_together_they_may_be_usual() -> None:
    text = told("imdb_lstm/model_three", "--accuracy", "0.8137", "--loss", "0.4101")
    assert "Not clearly unusual." in text
    assert "By itself, your test loss is above, your test accuracy is below that of all 32." in text


def test_a_rounded_number_is_compared_with_rounded_ones() -> None:
    """The lowest loss of the runs is 0.371, which is 0.37."""
    assert "below that of all" not in told("imdb_lstm/model_four", "--loss", "0.37")


def test_numbers_that_contradict_each_other_are_compared_with_nothing() -> None:
    text = told("imdb_lstm/model_one", "--accuracy", "0.82", "--sensitivity", "0.95", "--specificity", "0.3")
    assert "Mend this first" in text
    assert "beside the runs'" not in text


@pytest.mark.parametrize(
    "numbers",
    [
        ["--matrix", "9160 1160 3340 11340", "--accuracy", "0.8137"],
        ["--matrix", "9159 1161 3341 11339", "--sensitivity", "0.807", "--specificity", "0.733"],
        ["--accuracy", "0.85", "--sensitivity", "0.907", "--specificity", "0.733"],
        ["--accuracy", "validation:0.85", "--sensitivity", "validation:0.907", "--specificity", "validation:0.733"],
    ],
    ids=["accuracy and matrix", "rates and matrix", "accuracy and rates", "accuracy and rates of held-out rows"],
)
def test_of_numbers_that_contradict_each_other_none_is_said_to_be_compared(numbers: Sequence[str]) -> None:
    text = told("imdb_lstm/model_one", *numbers)
    assert "mistyped" in text
    assert "compared" not in text.replace("what contradicts itself is not compared with runs", "")


def test_runs_on_other_software_are_named_before_any_change() -> None:
    runs = next(each for each in known("imdb_lstm/model_two") if each.name == "stock").runs
    best = max(runs, key=lambda run: run.evaluation["test"].accuracy)
    numbers = ["--accuracy", f"{best.evaluation['test'].accuracy:.4f}", "--loss", f"{best.evaluation['test'].loss:.4f}"]
    text = told("imdb_lstm/model_two", *numbers, "--numerics", "keras2")

    assert "Did you" not in text


def test_what_is_said_never_contradicts_itself() -> None:
    """Over a grid of numbers: what is called unlike all runs, or usual, or outside, is."""
    name = "imdb_lstm/model_two"
    for accuracy in ("0.5", "0.65", "0.78", "0.81", "0.825", "0.83", "0.84", "0.85", "0.87", "0.93"):
        for loss in ("0.2", "0.33", "0.36", "0.38", "0.41", "0.5", "0.69"):
            numbers = read_numbers(*registry.experiment(name), accuracy=[accuracy], loss=[loss])
            answer = Answer(numbers, None, [], False, judge(numbers, known(name)))
            text, judgement = " ".join(as_text(answer).split()), answer.judgement
            if "None of our runs is like this" in text:
                assert not any(each.plausible for each in judgement.unchanged)
                assert not judgement.possible
                assert "give such numbers" not in text
            if "Nothing unusual" in text or "Not clearly unusual" in text or "Not unusual" in text:
                assert judgement.best_unchanged.plausible
            if "lie outside all" in text:
                assert judgement.best_unchanged.unusual.as_large == 0
            if "?" in text:
                assert judgement.asked
                assert judgement.asked.plausible or judgement.outcome == "other software"


def test_a_model_without_runs_of_changes_is_said_to_have_none() -> None:
    assert "No changes were run for this model" in told("imdb_lstm/model_four", "--accuracy", "0.93", "--loss", "0.19")


def test_programs_are_told_of_too_few_runs_and_of_contradictions_too() -> None:
    name = "imdb_lstm/model_two"
    numbers = read_numbers(*registry.experiment(name), accuracy=["0.8137"], loss=["0.41"])
    few = [replace(each, runs=each.runs[:4]) for each in known(name)]
    said = as_data(Answer(numbers, None, [], False, judge(numbers, few)))
    assert (said["outcome"], said["remarks"], said["asked_about"], said["candidates"]) == ("too few runs", [], None, [])
    mistyped = ["--accuracy", "0.82", "--sensitivity", "0.95", "--specificity", "0.3", "--output", "json"]
    contradictory = json.loads(told(name, *mistyped))
    assert contradictory["verdict"].startswith("Mend this first")
    assert (contradictory["remarks"], contradictory["asked_about"]) == ([], None)
