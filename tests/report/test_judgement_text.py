"""What a reader is told: each outcome in words, and what stands beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from repro.cli import main

ROOT = Path(__file__).parents[2]


def told(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(main, ["judge", *arguments, "--results", str(ROOT / "results")])
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def test_usual_numbers_are_said_back_and_nothing_is_unusual() -> None:
    text = told("imdb_lstm/model_one", "--accuracy", "81.37%", "--loss", "0.41")
    assert "test: accuracy 81.37 %, loss 0.41" in text
    assert "They agree with each other and with the data." in text
    assert re.search(r"Nothing unusual\. \d+ of \d+ unchanged runs \(on the source's software\) are as unusual", text)
    assert "Such numbers cannot tell an unchanged run from these changes:" in text
    assert "Our runs were made on the real data" in text


def test_a_slip_is_asked_about_with_the_runs_that_are_like_it() -> None:
    text = told("imdb_lstm/model_two", "--accuracy", "0.8137", "--loss", "0.41")
    assert re.search(r"Unusual\. None of \d+ unchanged runs \(on the source's software\) is as unusual", text)
    assert re.search(r"With `truncating_after` \(the first 200 words\), \d+ of \d+ runs are as unusual as yours", text)
    assert "did you cut long reviews at the end (truncating='post')?" in text


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
    assert "nothing, on the Keras 3 of today" in text
    assert "nothing, on the source's software" not in text


def test_the_same_is_said_to_programs() -> None:
    arguments = ["judge", "imdb_lstm/model_two", "--accuracy", "0.8137", "--loss", "0.41", "--output", "json"]
    result = CliRunner().invoke(main, [*arguments, "--results", str(ROOT / "results")])
    said = json.loads(result.output)
    assert said["outcome"] == "explained"
    assert said["asked_about"] == "truncating_after"
    assert said["numbers"] == {"test loss": 0.41, "test accuracy": 0.8137}
    unchanged = next(each for each in said["candidates"] if each["numerics"] == "source" and not each["is_changed"])
    assert unchanged["plausible"] is False
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


def test_without_records_the_reader_hears_where_to_call_it(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["judge", "imdb_lstm/model_one", "--accuracy", "0.8", "--results", str(tmp_path)])
    assert result.exit_code == 2
    assert "Call this in the project's folder" in result.output


def test_numerics_without_runs_are_refused_with_those_that_have_some() -> None:
    result = CliRunner().invoke(main, ["judge", "stacked_lstm/stacked", "--accuracy", "0.8", "--numerics", "stock"])
    assert result.exit_code == 2
    assert "there are: source" in result.output


def test_numbers_outside_all_runs_are_named_though_together_they_are_not_unusual() -> None:
    text = told("imdb_lstm/model_three", "--accuracy", "0.8137", "--loss", "0.41")
    assert "Nothing unusual" not in text


def test_a_model_without_runs_of_changes_is_said_to_have_none() -> None:
    assert "no changes were run for this model" in told("imdb_lstm/model_four", "--accuracy", "0.93", "--loss", "0.19")
