"""The README's numbers are those of results/, and its example gives what it says."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from repro import registry
from repro.check import check

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TABLES = ROOT / "results/tables"
SPACES = re.compile(r"\s+")


@pytest.fixture(autouse=True)
def committed_results() -> None:
    """A user's own runs may have changed the tables, on another processor those of the same seeds too."""
    git = shutil.which("git")
    changed = [git, "-C", str(ROOT), "diff", "--quiet", "HEAD", "--", "results/tables"] if git else ["false"]
    if (ROOT / ".git").exists() and subprocess.run(changed, check=False).returncode:
        pytest.skip("results/tables has runs of your own; the README's numbers are those of the committed tables")


def rows(table: str) -> list[dict[str, str]]:
    with (TABLES / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def spread(row: dict[str, str], measure: str, *, rate: bool = True, places: int = 2) -> str:
    factor = 100 if rate else 1
    mean = f"{factor * float(row[f'{measure}_mean']):.{places}f}"
    return f"{mean} ± {factor * float(row[f'{measure}_sd']):.{places}f}" if row[f"{measure}_sd"] else mean


def test_the_comparison_with_the_book_is_the_table_in_results() -> None:
    _, table = (TABLES / "imdb_lstm/real-rebuilt-source/comparison.md").read_text(encoding="utf-8").split("\n\n")
    assert table.strip() in README


@pytest.mark.parametrize(
    ("variant", "split"),
    [
        ("rotten_tomatoes/real-original-source", "test"),
        ("rotten_tomatoes/real-original-source", "unseen"),
        ("stacked_lstm/sample-source-keras", "validation"),
        ("stacked_lstm/sample-source-keras", "test"),
    ],
)
def test_the_other_chapters_numbers_are_those_in_results(variant: str, split: str) -> None:
    (row,) = (row for row in rows(f"{variant}/comparison") if row["data"] == split)
    loss = spread(row, "loss", rate=False, places=4)
    said = f"accuracy {spread(row, 'accuracy')} %, macro F1 {spread(row, 'macro_f1')} %"
    (line,) = (line for line in README.splitlines() if f"| {loss} |" in line)
    assert said in line
    if row["majority_class_mean"] and "always" in line:
        assert f"always neutral: {100 * float(row['majority_class_mean']):.2f} %" in line


def test_imdb_rnn_and_jigsaw_have_their_numbers_too() -> None:
    (imdb,) = (row for row in rows("imdb_rnn/real-rebuilt-source-keras/comparison") if row["data"] == "test")
    assert (
        f"| {spread(imdb, 'loss', rate=False, places=4)} | accuracy close to 84 % | {spread(imdb, 'accuracy')} % |"
        in README
    )
    (jigsaw,) = (row for row in rows("jigsaw_multilabel/sample-source-keras/comparison") if row["data"] == "validation")
    aucs = (f"{name} AUC {spread(jigsaw, f'{name}_auc', rate=False, places=4)}" for name in ("pooled", "mean"))
    assert f"| {', '.join(aucs)} |" in README
    assert f"| {spread(jigsaw, 'loss', rate=False, places=4)} |" in README


def test_the_claims_that_the_readme_sums_up_hold_in_as_many_seeds() -> None:
    found = rows("imdb_lstm/real-rebuilt-source/claims")
    assert f"into {len(found)} statements" in SPACES.sub(" ", README)

    def holds(part: str) -> set[str]:
        return {f"{row['holds']} of {row['seeds']}" for row in found if part in row["claim"]}

    assert holds("Adam (model two) beats rmsprop (model one) in train") == {"10 of 10"}
    assert holds("slightly worse on test") == {"10 of 10"}
    assert holds("Two layers (model three) take longer") == {"10 of 10"}
    assert holds("Model one favours positives") == {"3 of 10"}
    assert holds("favours negatives") == {"5 of 10"}
    assert holds("beats both models of one layer in test") == {"5 of 10"}
    assert holds("Model four has the smallest gap") == {"3 of 10"}
    assert holds("Model four has the lowest test loss") == {"1 of 10"}
    assert {row["claim"][:9] for row in found if (row["holds"], row["seeds"]) == ("0", "10")} == {
        "Model one",
        "Two direc",
    }
    by_keras = {row["claim"]: row["holds"] for row in rows("imdb_lstm/real-rebuilt-source-keras/claims")}
    assert by_keras["Two directions (model four) take longer to train than two layers (model three)."] == "6"


def test_the_lengths_of_the_reviews_are_those_in_results() -> None:
    counted = {row["what"]: row for row in rows("imdb_lstm/data-real-rebuilt/data")}
    median, total = counted["median"], counted["rows"]
    assert f"{float(median['train']):g} numbers in train and {float(median['test']):g} in test" in README
    cut, padded = (int(counted[what]["train"]) / int(total["train"]) for what in ("cut to 200", "padded to 200"))
    assert f"cuts {100 * cut:.1f} % of the training reviews and pads {100 * padded:.1f} %" in README


def test_what_make_reproduce_prints_first_is_what_the_check_says() -> None:
    assert check(registry.chapters().values()).summary in README


def test_the_example_for_r_users_gives_what_it_says() -> None:
    (example,) = re.findall(r"```python\n(from repro import r\n.*?)```", README, re.DOTALL)
    names: dict[str, object] = {}
    exec(example, names)
    lines = [line.split("  # ") for line in example.splitlines() if "  # " in line]
    assert len(lines) == 2
    for call, says in lines:
        found = eval(call, names)
        assert (found if isinstance(found, list) else found.tolist()) == eval(says)
