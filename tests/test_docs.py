"""README and docs: their numbers are those of results/, their examples run, their links lead somewhere."""

from __future__ import annotations

import csv
import re
from collections import Counter
from functools import partial
from pathlib import Path
from statistics import correlation
from typing import Any

import pytest

from repro import registry
from repro.check import check
from repro.cli.docs import output_of
from repro.errors import DataWarning
from repro.evidence.intervals import COVERAGE
from repro.evidence.two_samples import LEVEL, POWER
from repro.parity.trainings import recorded_trainings
from repro.records import Results
from repro.report.markers import filled

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES = (README, *sorted((ROOT / "docs").glob("*.md")))
RESULTS = ROOT / "results"
TABLES = RESULTS / "tables"


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def rows(table: str) -> list[dict[str, str]]:
    with (TABLES / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.usefixtures("committed_results")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_marked_numbers_and_outputs_are_those_of_the_results(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)  # as in the README, the commands name no folder of results
    assert filled(text(page), RESULTS, partial(output_of, results=Path("results"))) == text(page)


def test_the_readme_can_be_read_by_a_tired_person() -> None:
    assert len(text(README).splitlines()) <= 200
    assert len(re.sub(r"<!--.*?-->", "", text(README)).split()) <= 2_000


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_and_sections(page: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", text(page)):
        path, _, section = target.partition("#")
        file = page.parent / path if path else page
        assert file.exists(), target
        titles = re.findall(r"^#+ (.+)$", text(file), re.MULTILINE) if section else []
        assert not section or section in [re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles]


def verdict_on(claim: str) -> str:
    """The verdict on the one claim of imdb_lstm that has these words."""
    claims = rows("imdb_lstm/real-rebuilt-source/claims")
    (verdict,) = [row["verdict"] for row in claims if claim in row["claim"]]
    return verdict


def varied(model: str, variation: str) -> dict[str, str]:
    """What a variation of a model of imdb_lstm changes on test."""
    found = rows("imdb_lstm/real-rebuilt-source/variations")
    (row,) = [row for row in found if (row["model"], row["variation"], row["data"]) == (model, variation, "test")]
    return row


@pytest.mark.usefixtures("committed_results")
def test_the_words_beside_the_verdicts_hold() -> None:
    """What README and the evidence page say besides the numbers, which are generated."""
    (calibration,) = rows("imdb_lstm/real-rebuilt-source/calibration")
    assert calibration["verdict"] == "the source's run lies among ours"
    assert verdict_on("has the lowest test loss") in ("fails", "open")
    for claim in ("beats rmsprop (model one) in test accuracy", "Two layers (model three) take longer"):
        assert verdict_on(claim) == "holds"
    for model in ("one", "two", "three", "four"):
        for measure in ("loss", "accuracy"):
            assert verdict_on(f"Model {model}'s {measure} is slightly worse on test") == "holds"
    for claim in ("Model one favours positives on test", "Model two favours negatives on test"):
        assert verdict_on(claim) in ("fails", "open")


@pytest.mark.usefixtures("committed_results")
def test_the_words_beside_the_variations_hold() -> None:
    """Cutting and padding at the end shows in each run; today's gates in hardly any."""
    assert float(varied("model_two", "both_after")["accuracy_noticed"]) == 1
    assert float(varied("model_two", "sigmoid_gates")["accuracy_noticed"]) <= 0.2
    assert varied("model_one", "linear_svm")["accuracy_verdict"] == "no difference seen"


@pytest.mark.usefixtures("committed_results")
def test_what_the_evidence_page_says_of_the_other_chapters_holds() -> None:
    assert {row["sensitivity_mean"] for row in rows("jigsaw_multilabel/sample-source/comparison")} == {"0.0"}
    runs, _ = Results(RESULTS).records("stacked_lstm")
    assert not any(run.diverged for run in runs)


def test_what_the_parity_page_says_of_whole_trainings_holds() -> None:
    recorded = recorded_trainings(registry.chapter("imdb_lstm"), ROOT / "tests" / "reference")
    by_r = Counter((one.stack, one.experiment) for one in recorded if one.caller == "R")
    assert sorted(by_r.values()) == [1] * 8 + [3] * 4  # three seeds of four models in 2019, one in each other stack
    assert {one.stack for one in recorded if one.caller == "Python"} == {"R 2019"}
    assert (COVERAGE, LEVEL, POWER) == (0.95, 0.05, 0.8)
    for model in {experiment for _, experiment in by_r}:
        on_test = [one.evaluation["test"] for one in recorded if (one.stack, one.experiment) == ("R 2019", model)]
        rates = zip(*((each.specificity, each.sensitivity) for each in on_test), strict=True)
        assert correlation(*rates) < -0.9  # they mirror each other


def test_what_make_reproduce_prints_first_is_what_the_check_says() -> None:
    assert check(registry.chapters().values()).summary in text(README)


def examples(page: Path) -> list[str]:
    return re.findall(r"```python\n(.*?)```", text(page), re.DOTALL)


def test_the_readmes_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = examples(README)
    monkeypatch.chdir(tmp_path)
    with pytest.warns(DataWarning, match="that came with the package"):
        exec(example, {})
    assert (tmp_path / "results/tables/imdb_lstm").is_dir()


def test_the_example_for_r_users_gives_what_it_says() -> None:
    (example,) = examples(ROOT / "docs/parity.md")
    names: dict[str, object] = {}
    exec(example, names)
    lines = [line.split("  # ") for line in example.splitlines() if "  # " in line]
    assert len(lines) == 2
    for call, says in lines:
        value = eval(call, names)
        assert (value if isinstance(value, list) else value.tolist()) == eval(says)


def test_the_chapter_to_begin_with_is_complete() -> None:
    (example,) = examples(ROOT / "docs/chapters.md")
    names: dict[str, Any] = {"__name__": "example"}
    exec(example, names)
    assert not check([names["CHAPTER"]]).faults
