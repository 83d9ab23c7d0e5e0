"""Whether the judge knows our own runs: it keeps its level, accuses nobody without reason, and finds the slips."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from repro import registry
from repro.evidence.judging.candidates import candidates
from repro.evidence.judging.recognition import SHOWN, Recognised, recognise
from repro.evidence.run_groups import read_groups
from repro.records import Results
from repro.report.recognition_tables import recognition
from repro.report.table import contents

RESULTS = Path(__file__).parents[3] / "results"
MODELS = ("imdb_lstm/model_one", "imdb_lstm/model_two")


@cache
def recognised(name: str) -> list[Recognised]:
    chapter, experiment = registry.experiment(name)
    groups = read_groups(chapter, Results(RESULTS)).groups
    return list(recognise(chapter, experiment, candidates(groups, experiment.name)))


def slips(name: str, shown: str) -> list[Recognised]:
    return [
        each
        for each in recognised(name)
        if each.shown.name == shown and each.candidate.variation and each.candidate.variation.kind == "slip"
    ]


@pytest.mark.parametrize("name", MODELS)
def test_a_run_is_plausible_as_what_it_is_in_nineteen_cases_of_twenty(name: str) -> None:
    for shown in SHOWN:
        of_shown = [each for each in recognised(name) if each.shown is shown]
        share = sum(each.own for each in of_shown) / sum(each.n for each in of_shown)
        least = 0.85 if shown.history else 0.9  # few runs do not show how so many numbers vary together
        assert least <= share < 1, f"{shown.name}: {share:.1%}"


@pytest.mark.parametrize("name", MODELS)
def test_of_unchanged_runs_one_in_twenty_is_asked_about_a_change(name: str) -> None:
    unchanged = [each for each in recognised(name) if not each.candidate.variation]
    assert unchanged
    for each in unchanged:
        assert each.accused <= max(1, 0.1 * each.n), f"{each.candidate.name}, {each.shown.name}: {each.accused}"


@pytest.mark.parametrize("name", MODELS)
def test_each_slip_that_shows_is_named_first_or_second_in_most_of_its_runs(name: str) -> None:
    """A slip shows if most of its runs are not those of unchanged runs. With the history, most slips do."""
    showing = [each for each in slips(name, "these and the history") if each.unchanged < each.n / 2]
    assert len(showing) >= 4
    for each in showing:
        assert each.first + each.second > each.n / 2, each.candidate.name


def test_the_committed_tables_are_those_of_the_records(committed_results: None) -> None:
    for name in MODELS:
        chapter, experiment = registry.experiment(name)
        made = recognition(chapter, experiment.name, recognised(name))
        for path, content in contents([made], RESULTS / "tables" / "judge" / chapter.name).items():
            assert path.read_bytes() == content, f"{path}: `repro recognise {chapter.name}` writes it"
