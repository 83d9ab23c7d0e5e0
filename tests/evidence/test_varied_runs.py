"""Variations beside the plain runs: by pairs of the same seed, by the same engine, and shown without plain runs too."""

from __future__ import annotations

from math import isnan, nan, sqrt
from statistics import fmean, mean, stdev

import msgspec
import numpy as np
import pytest
from conftest import EMBEDDED, REAL, MakeRecord
from scipy import stats

from chapters.imdb_lstm import CHAPTER
from repro.evaluation import Evaluation
from repro.evidence.run_groups import GroupedRecords, RunGroup, group_records
from repro.evidence.variations import VariedRuns, varied_runs
from repro.records import Record
from repro.runs.run import settings


def varied(make_record: MakeRecord, variation: str, seed: int, right: int = 20_000, **changes: object) -> Record:
    """A run of model one's variation, or of model one itself, that classifies so many test rows rightly."""
    chapter = CHAPTER.varied(variation)
    experiment = chapter.experiments[0]
    record = make_record(seed=seed, variation=variation, epochs=experiment.epochs)
    tested = Evaluation(loss=0.5, matrix=((12_500, 25_000 - right), (0, right - 12_500)))
    return msgspec.structs.replace(
        record,
        settings=settings(chapter, experiment, "source", experiment.epochs),
        data=msgspec.structs.replace(record.data, preparation=chapter.preparation),
        evaluation={"train": tested, "test": tested},
        **changes,
    )


def grouped(*records: Record) -> GroupedRecords:
    return GroupedRecords(*group_records(CHAPTER, records), [])


def only_one(*records: Record) -> VariedRuns:
    (group,) = grouped(*records).shown
    (found,) = varied_runs(group)
    return found


def accuracy(record: Record) -> float:
    return record.evaluation["test"].accuracy


def test_the_difference_is_the_mean_of_the_pairs_with_the_interval_of_the_paired_t_test(
    make_record: MakeRecord,
) -> None:
    plain = [20_000, 20_500, 19_800, 21_000, 20_200, 20_400, 20_100]
    other = [20_300, 20_600, 20_400, 21_100, 20_900, 20_500, 19_000]
    records = [varied(make_record, "", seed, right) for seed, right in enumerate(plain, 1)]
    records += [varied(make_record, "sigmoid_gates", seed, right) for seed, right in enumerate(other, 2)]  # 2 to 8
    change = only_one(*records).change(accuracy)

    pairs = [(after - before) / 25_000 for before, after in zip(plain[1:], other[:-1], strict=True)]
    assert change.pairs == pytest.approx(pairs)
    interval = stats.ttest_rel(other[:-1], plain[1:]).confidence_interval(0.95)
    assert (change.difference.low, change.difference.high) == pytest.approx([each / 25_000 for each in interval])
    assert change.varied.n == 7
    assert change.varied.mean == pytest.approx(mean(other) / 25_000)

    half = stats.t.ppf(0.975, 6) * stdev(plain) * sqrt(1 + 1 / 7) / 25_000
    assert change.half_width == pytest.approx(half)
    outside = [right for right in other if abs(right - mean(plain)) / 25_000 > half]
    assert outside == [19_000]
    assert change.offsets == pytest.approx([(right - mean(plain)) / 25_000 for right in other])
    assert change.noticed == 1
    assert change.share_noticed == pytest.approx(1 / 7)


@pytest.mark.parametrize(
    ("differences", "word"),
    [
        ([10, 20, 30, 20, 10], "higher"),
        ([-10, -20, -30, -20, -10], "lower"),
        ([10, -20, 30, -20, 10], "no difference seen"),
        ([0, 0, 0, 0, 0], "no difference seen"),
        ([10, 10, 10, 10, 10], "higher"),
        ([10, 20, 30, 20], "too few seeds"),
        ([-9000, -100, -6000, 10, -4000], "other in some runs"),  # three of five that learn little
        ([-9000, -100, 6000, 10, 30], "no difference seen"),  # two of five: that chance explains
    ],
)
def test_a_difference_is_seen_where_the_interval_leaves_out_0_and_the_seeds_are_not_too_few(
    make_record: MakeRecord, differences: list[int], word: str
) -> None:
    records = [varied(make_record, "", seed, 20_000 + 77 * seed) for seed in range(9)]
    records += [
        varied(make_record, "no_shuffling", seed, 20_000 + 77 * seed + difference)
        for seed, difference in enumerate(differences)
    ]
    assert only_one(*records).change(accuracy).verdict == word


@pytest.mark.parametrize(("plain", "other"), [(20, 5), (5, 5), (20, 20), (5, 20)])
def test_if_nothing_matters_another_verdict_is_rare(make_record: MakeRecord, plain: int, other: int) -> None:
    """In 2,000 simulated sweeps; the level that the docstring states, one in 15, with three standard errors."""
    random = np.random.default_rng(8)
    records = [varied(make_record, "", seed) for seed in range(plain)]
    records += [varied(make_record, "batch_32", seed) for seed in range(other)]
    runs = only_one(*records)
    found = 0
    for _ in range(2_000):
        drawn = iter(random.normal(size=plain + other).tolist())
        numbers = {id(record): next(drawn) for record in (*runs.plain, *runs.runs)}

        def number(record: Record, numbers: dict[int, float] = numbers) -> float:
            return numbers[id(record)]

        found += runs.change(number).verdict != "no difference seen"
    assert found / 2_000 < 1 / 15 + 3 * (1 / 15 * 14 / 15 / 2_000) ** 0.5


def test_a_run_equal_to_plain_runs_that_are_all_equal_is_not_noticed(make_record: MakeRecord) -> None:
    right = 20_005  # the mean of three times this accuracy differs from it in the last bit
    plain = [varied(make_record, "", seed, right) for seed in (1, 2, 3)]
    slip = [varied(make_record, "batch_32", 1, right), varied(make_record, "batch_32", 2, right + 1)]
    assert fmean([accuracy(record) for record in plain]) != accuracy(plain[0])
    assert only_one(*plain, *slip).change(accuracy).noticed == 1


def test_runs_without_a_number_and_without_a_partner_are_in_no_pair(make_record: MakeRecord) -> None:
    def number(record: Record) -> float:
        return nan if record.seed == 2 else accuracy(record)

    records = [varied(make_record, "", seed) for seed in (1, 2, 3)]
    records += [varied(make_record, "batch_32", seed, 20_100) for seed in (2, 3, 4)]
    change = only_one(*records).change(number)
    assert list(change.pairs) == pytest.approx([0.004])
    assert (change.varied.n, change.difference.n) == (2, 1)
    assert change.verdict == "too few seeds"


def test_without_plain_runs_there_is_no_difference(make_record: MakeRecord) -> None:
    change = only_one(*[varied(make_record, "batch_32", seed) for seed in (1, 2)]).change(accuracy)
    assert (change.pairs, change.verdict, change.noticed) == ((), "", None)
    assert isnan(change.difference.mean)
    assert isnan(change.share_noticed)
    assert change.varied.mean == pytest.approx(0.8)


def test_models_come_first_then_kinds_then_the_order_of_the_chapter(make_record: MakeRecord) -> None:
    names = ["epochs_30", "no_shuffling", "padding_after", "units_16"]
    records = [varied(make_record, "", 1), *(varied(make_record, name, 1) for name in names)]
    (group,) = grouped(*records).shown
    shown = [(each.variation.kind, each.variation.name) for each in varied_runs(group)]
    assert shown == [
        ("open question", "units_16"),
        ("slip", "padding_after"),
        ("slip", "no_shuffling"),
        ("check", "epochs_30"),
    ]


# Engines
def by_engine(*records: Record) -> dict[str, list[tuple[str, str, set[str]]]]:
    """By the engine of a shown group: its variations, what trained them, and what trained the plain runs beside."""
    return {
        group.engine: [
            (each.variation.name, each.engine, {record.engine for record in each.plain}) for each in varied_runs(group)
        ]
        for group in grouped(*records).shown
    }


def test_a_variation_stands_beside_plain_runs_by_its_own_engine_if_there_are_any(make_record: MakeRecord) -> None:
    fast, keras = (varied(make_record, "", 1, engine=engine) for engine in ("fast", "keras"))
    slip = varied(make_record, "no_shuffling", 1, engine="keras")
    assert by_engine(fast, slip) == {"fast": [("no_shuffling", "keras", {"fast"})]}
    assert by_engine(fast, keras, slip) == {"fast": [], "keras": [("no_shuffling", "keras", {"keras"})]}


def test_a_model_that_one_engine_alone_knows_is_shown_by_the_others_too(make_record: MakeRecord) -> None:
    fast, keras = (varied(make_record, "", 1, engine=engine) for engine in ("fast", "keras"))
    simple = varied(make_record, "simple_rnn", 1, engine="keras")
    shown = [("simple_rnn", "keras", {"keras"})]
    assert by_engine(fast, keras, simple) == {"fast": shown, "keras": shown}


def test_a_classifier_stands_beside_the_model_whatever_trained_that(make_record: MakeRecord) -> None:
    fast, keras = (varied(make_record, "", 1, engine=engine) for engine in ("fast", "keras"))
    classifier = varied(make_record, "linear_svm", 1, engine="scikit-learn")
    assert by_engine(fast, keras, classifier) == {
        engine: [("linear_svm", "scikit-learn", {engine})] for engine in ("fast", "keras")
    }


# What is shown
def test_plain_groups_are_shown_and_variations_in_them(make_record: MakeRecord) -> None:
    known = grouped(varied(make_record, "", 1), varied(make_record, "no_shuffling", 1), make_record(epochs=2))
    assert len(known.groups) == 3
    assert {group.name for group in known.shown} == {"real-original-source", "real-original-source-2-epochs"}


def names_of(group: RunGroup) -> list[str]:
    return [each.variation.name for each in varied_runs(group)]


def test_variations_that_no_plain_group_has_are_shown_in_a_group_without_records(make_record: MakeRecord) -> None:
    alone = [varied(make_record, name, 1) for name in ("no_shuffling", "padding_after")]
    alone.append(varied(make_record, "linear_svm", 1, engine="scikit-learn"))
    alone.append(varied(make_record, "simple_rnn", 1, engine="keras"))
    (group,) = grouped(*alone).shown
    assert (group.name, group.records) == ("real-original-source", ())
    assert names_of(group) == ["padding_after", "no_shuffling", "simple_rnn", "linear_svm"]
    again = varied(make_record, "no_shuffling", 1, engine="keras")
    assert {each.name: names_of(each) for each in grouped(*alone, again).shown} == {
        "real-original-source": ["padding_after", "no_shuffling", "simple_rnn", "linear_svm"],
        "real-original-source-keras": ["no_shuffling"],
    }
    plain = make_record("model_two")  # of another model
    (group,) = grouped(plain, *alone).shown
    assert group.records == (plain,)
    assert names_of(group) == ["padding_after", "no_shuffling", "simple_rnn", "linear_svm"]


def test_a_group_without_records_says_what_its_variations_were_trained_on(make_record: MakeRecord) -> None:
    (real,) = grouped(varied(make_record, "no_shuffling", 1)).shown
    assert real.caption == "imdb_lstm on the real data, numerics source, engine fast"
    (embedded,) = grouped(
        make_record(data=EMBEDDED, variation="no_shuffling", settings=real.varied[0].records[0].settings)
    ).shown
    assert embedded.caption.startswith("imdb_lstm on the embedded corpus")
    assert "not to be compared" in embedded.caption


def test_variations_of_another_sample_than_the_plain_runs_are_left_out_by_name(make_record: MakeRecord) -> None:
    sample = msgspec.structs.replace(REAL, kind="sample", edition="unverified")
    other = msgspec.structs.replace(sample, source_sha256="7" * 64)
    plain = make_record(data=sample)
    slip = varied(make_record, "no_shuffling", 1)
    slip = msgspec.structs.replace(slip, data=msgspec.structs.replace(other, preparation=slip.data.preparation))
    known = grouped(plain, slip)
    assert [group.records for group in known.groups] == [(plain,)]
    assert [str(error) for error in known.outdated] == [
        f"{slip.stem}: its sample data are not those of the runs without a variation"
    ]
    assert names_of(grouped(slip).shown[0]) == ["no_shuffling"]
