"""The judge is told what R itself got: trainings on R's stacks must be found usual, and none of them like nothing."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

from chapters.imdb_lstm import CHAPTER
from repro.evidence.run_groups import read_groups
from repro.parity.judged_trainings import JudgedTraining, judge_trainings
from repro.parity.trainings import recorded_trainings
from repro.records import Results

ROOT = Path(__file__).parents[2]


@cache
def judged() -> tuple[JudgedTraining, ...]:
    trainings = recorded_trainings(CHAPTER, ROOT / "tests" / "reference")
    return tuple(judge_trainings(CHAPTER, trainings, read_groups(CHAPTER, Results(ROOT / "results")).groups))


def test_nine_trainings_of_ten_on_rs_stacks_are_usual() -> None:
    by_shown = Counter(each.shown.name for each in judged())
    usual = Counter(each.shown.name for each in judged() if each.judgement.outcome == "usual")
    assert len(by_shown) == 4
    assert {name: usual[name] / count >= 0.88 for name, count in by_shown.items()} == dict.fromkeys(by_shown, True)


def test_hardly_any_of_them_is_asked_about_a_change_and_none_is_like_nothing() -> None:
    outcomes = Counter(each.judgement.outcome for each in judged())
    assert outcomes["unlike"] == 0
    assert outcomes["explained"] + outcomes["suspected"] <= 0.05 * len(judged())
