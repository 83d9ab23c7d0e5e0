"""The numbers of a source among ours: which they are, their verdicts, and where a seed or the source lies."""

from __future__ import annotations

import math

import msgspec
import pytest
from conftest import MakeRecord, spread_out

from chapters import imdb_lstm, imdb_rnn, rotten_tomatoes
from repro.evaluation import Evaluation
from repro.evidence.source_numbers import calibrate_source, judge, numbers_of_runs, source_numbers, stand

CHAPTER = imdb_lstm.CHAPTER


def test_a_book_prints_four_measures_of_each_model_on_each_split_and_four_values() -> None:
    numbers = source_numbers(CHAPTER)
    assert len(numbers) == 4 * 2 * 4 + 4
    assert sum(number.value == 0.90712 for number in numbers) == 1
    assert {number.unit for number in numbers} == {"", "%", "times", "points"}


def test_the_verdict_on_a_number_is_by_the_runs_of_its_experiment(make_record: MakeRecord) -> None:
    records = [record for seed in range(1, 9) for record in spread_out(make_record, seed)]
    number = source_numbers(CHAPTER)[1]
    assert (number.experiment, number.split, number.what) == ("model_one", "train", "accuracy")
    verdict = judge(number, records)
    ours = [record.evaluation["train"].accuracy for record in records if record.experiment == "model_one"]
    assert verdict.n == 8
    assert verdict.mean == pytest.approx(sum(ours) / 8)
    assert verdict.verdict == "reproduced"
    diverged = [msgspec.structs.replace(record, evaluation={}) for record in records]
    assert judge(number, diverged).n == 0


def test_values_are_rounded_as_the_source_rounds_them(make_record: MakeRecord) -> None:
    (accuracy,) = source_numbers(imdb_rnn.CHAPTER)
    matrix = ((8_300, 1_750), (1_700, 8_250))
    record = make_record("imdb_rnn/lstm", evaluation={"test": Evaluation(loss=0.4, matrix=matrix)})
    assert record.evaluation["test"].accuracy == 0.8275
    assert accuracy.of(record) == 0.83


def test_a_source_like_our_seeds_lies_among_them_and_another_outside(make_record: MakeRecord) -> None:
    seeds = [spread_out(make_record, seed) for seed in range(1, 31)]
    among = calibrate_source(CHAPTER, [record for runs in seeds for record in runs])
    assert among
    assert (among.n, among.numbers) == (30, 32)
    assert among.verdict == "the source's run lies among ours"
    elsewhere = calibrate_source(
        CHAPTER, [record for seed in range(1, 31) for record in spread_out(make_record, seed, 12)]
    )
    assert elsewhere
    assert elsewhere.outside > 16
    assert elsewhere.verdict == "the source's run lies outside ours"


def test_a_seed_that_lacks_a_model_does_not_count(make_record: MakeRecord) -> None:
    records = [*spread_out(make_record, 1), *spread_out(make_record, 2), *spread_out(make_record, 3)[:3]]
    found = calibrate_source(CHAPTER, records)
    assert found
    assert found.n == 2
    assert calibrate_source(CHAPTER, records[:4]) is None


def test_a_seed_stands_among_the_others_without_itself(make_record: MakeRecord) -> None:
    others = [record for seed in range(1, 31) for record in spread_out(make_record, seed)]
    mine = spread_out(make_record, 7)
    found = stand(CHAPTER, mine, others)
    assert found
    assert (found.seeds, found.numbers) == (29, 32)
    assert found.inside >= 28
    far = stand(CHAPTER, spread_out(make_record, 31, -14), others)
    assert far
    assert far.inside < 16
    assert stand(CHAPTER, mine[:3], others) is None
    assert stand(CHAPTER, mine, others[: 4 * 5]) is not None
    assert stand(CHAPTER, mine, others[: 4 * 4]) is None


def test_where_a_source_prints_no_number_the_headline_is_compared(make_record: MakeRecord) -> None:
    record = make_record("rotten_tomatoes/lstm", evaluation={"test": Evaluation(loss=0.9, matrix=((1, 0), (1, 2)))})
    assert [of(record) for _, of in numbers_of_runs(rotten_tomatoes.CHAPTER)] == [0.9, 0.75]
    without = msgspec.structs.replace(record, evaluation={"train": record.evaluation["test"]})
    assert all(math.isnan(of(without)) for _, of in numbers_of_runs(rotten_tomatoes.CHAPTER))
