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


def test_usual_numbers_are_said_back_and_nothing_is_wrong() -> None:
    text = told("imdb_lstm/model_one", "--accuracy", "81.37%", "--loss", "0.41")
    assert "test: accuracy 81.37 %, loss 0.41" in text
    assert "They agree with each other and with the data." in text
    assert re.search(r"Nothing is wrong: \d+ of \d+ unchanged runs \(numerics source\) lie", text)
    assert "Such numbers cannot tell an unchanged run from these changes:" in text
    assert "The runs were made on the real data" in text


def test_a_slip_is_asked_about_with_the_runs_that_are_like_it() -> None:
    text = told("imdb_lstm/model_two", "--accuracy", "0.8137", "--loss", "0.41")
    assert re.search(r"No unchanged run of ours is like this: none of \d+ unchanged runs", text)
    assert re.search(
        r"With `truncating_after` \(the first 200 words\), as far out as yours are \d+ of \d+ runs: did you cut", text
    )


def test_numbers_like_none_are_sent_on_to_the_settings_and_the_software() -> None:
    text = told("imdb_lstm/model_two", "--accuracy", "0.93", "--loss", "0.19")
    assert "None of our runs is like this" in text
    assert "repro fingerprint" in text


def test_a_transposed_matrix_is_read_the_right_way_round() -> None:
    text = told("imdb_lstm/model_three", "--matrix", "10916 1584 2500 10000")
    assert "is transposed" in text
    assert "Apart from that, nothing is wrong" in text
    assert "test specificity 87.33 %" in text


def test_runs_on_a_sample_are_called_so() -> None:
    assert "But the runs were made on a sample of the data" in told("jigsaw_multilabel/lstm", "--auc", "0.78")


def test_the_known_software_alone_stands_for_unchanged_runs() -> None:
    text = told("imdb_lstm/model_two", "--accuracy", "0.833", "--numerics", "stock")
    assert "nothing, under numerics stock" in text
    assert "under numerics source" not in text


def test_the_same_is_said_to_programs() -> None:
    arguments = ["judge", "imdb_lstm/model_two", "--accuracy", "0.8137", "--loss", "0.41", "--output", "json"]
    result = CliRunner().invoke(main, [*arguments, "--results", str(ROOT / "results")])
    said = json.loads(result.output)
    assert said["outcome"] == "explained"
    assert said["asked_about"] == "truncating_after"
    assert said["numbers"] == {"test loss": 0.41, "test accuracy": 0.8137}
    unchanged = next(each for each in said["candidates"] if each["numerics"] == "source" and not each["variation"])
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
        ["imdb_lstm/model_one", "--on-runs", "--accuracy", "0.8"],
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


def test_without_records_the_reader_hears_how_to_get_some(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["judge", "imdb_lstm/model_one", "--accuracy", "0.8", "--results", str(tmp_path)])
    assert "no runs of this experiment" in " ".join(result.output.split())
