"""What differs between two runs or two groups: how they were made, where histories part, and what is beyond chance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from math import isnan, nan

import msgspec
import numpy as np
import pytest
from conftest import EMBEDDED, REAL, MakeRecord
from numpy.typing import NDArray
from scipy.stats import ttest_1samp, ttest_ind, ttest_rel

from repro.evidence.contrast import (
    NOT_STATED,
    GroupDifference,
    common_epochs,
    differences,
    on_same_data,
    parting,
    same_outcome,
    share_of_pairs,
    stated,
)
from repro.records import Record


# How they were made
def test_two_records_of_two_seeds_differ_in_the_seed_alone(make_record: MakeRecord) -> None:
    found = stated([make_record(seed=1, when="2026")], [make_record(seed=2, when="2027", seconds=(9.0,))])
    assert [(each.part, each.name, each.first, each.second) for each in found if each.differs] == [
        ("run", "seed", (1,), (2,))
    ]
    assert {each.part for each in found} == {"run", "settings", "data", "preparation"}


def test_what_only_one_record_states_differs(make_record: MakeRecord) -> None:
    first = make_record(versions={"numpy": "2.4", "keras": "3.15"})
    second = make_record(versions={"numpy": "2.4"}, machine={"cores": "2"})
    assert [(each.name, each.first, each.second) for each in stated([first], [second]) if each.differs] == [
        ("keras", ("3.15",), (NOT_STATED,)),
        ("cores", (NOT_STATED,), ("2",)),
    ]


def test_groups_differ_in_what_not_all_of_both_have(make_record: MakeRecord) -> None:
    def group(*numpy: str) -> list[Record]:
        return [make_record(seed=seed, versions={"numpy": each}) for seed, each in enumerate(numpy)]

    (found,) = [each for each in stated(group("1", "2", "1"), group("2", "1", "1")) if each.name == "numpy"]
    assert (found.differs, found.varies) == (False, True)
    (found,) = [each for each in stated(group("1", "2"), group("1", "1")) if each.name == "numpy"]
    assert (found.differs, found.first, found.second) == (True, ("1", "2"), ("1",))


def test_copies_and_kinds_of_data_do_not_compare_and_preparations_do(make_record: MakeRecord) -> None:
    record = make_record()
    rebuilt = msgspec.structs.replace(REAL, edition="rebuilt", source_sha256="9" * 64)
    more_words = msgspec.structs.replace(record, data=msgspec.structs.replace(record.data, sha256="8" * 64))
    assert on_same_data(record, more_words)
    assert not on_same_data(record, make_record(data=rebuilt))
    assert not on_same_data(record, make_record(data=EMBEDDED))
    fewer_rows = msgspec.structs.replace(record.data, train_rows=20_000)
    assert not on_same_data(record, msgspec.structs.replace(record, data=fewer_rows))


# Two runs
def with_history(record: Record, **history: Sequence[float]) -> Record:
    return msgspec.structs.replace(record, history={name: tuple(values) for name, values in history.items()})


def test_the_outcome_is_equal_whatever_the_time_and_the_machine(make_record: MakeRecord) -> None:
    again = make_record(seed=2, engine="keras", when="2027", seconds=(1.0,), machine={"cores": "8"})
    assert same_outcome(make_record(), again)
    assert not same_outcome(make_record(), make_record(weights_sha256="1" * 64))
    assert not same_outcome(make_record(), make_record("model_two"))


def test_histories_part_in_the_first_epoch_and_measure_that_differ(make_record: MakeRecord) -> None:
    first = with_history(make_record(), loss=[0.6, 0.5, 0.4], val_loss=[0.7, 0.6, 0.5])
    second = with_history(make_record(), loss=[0.6, 0.5, 0.3], val_loss=[0.7, 0.6 + 1e-12, 0.9])
    found = parting(first, second)
    assert found is not None
    assert found[:5] == (2, "val_loss", 0.6, 0.6 + 1e-12, 3)
    assert found.last == pytest.approx(0.4)


def test_histories_are_compared_in_what_both_have(make_record: MakeRecord) -> None:
    longer = with_history(make_record(), loss=[0.6, 0.5, 0.4], accuracy=[0.7, 0.8, 0.9])
    shorter = with_history(make_record(), loss=[0.6, 0.5], auc=[0.1, 0.2])
    assert common_epochs(longer, shorter) == 2
    assert parting(longer, shorter) is None
    assert common_epochs(longer, with_history(make_record(), auc=[0.1])) == 0


def numbered(make_record: MakeRecord, values: Sequence[float]) -> tuple[list[Record], Callable[[Record], float]]:
    """Records of seed 0, 1, ..., and a number of each."""
    return [make_record(seed=seed) for seed in range(len(values))], lambda record: values[record.seed]


def test_the_share_counts_the_pairs_that_are_as_far_apart(make_record: MakeRecord) -> None:
    values = [0.0, 1.0, 3.0, 7.0, nan, 8.0]
    runs, number = numbered(make_record, values)
    apart = [abs(one - other) for one, other in combinations([0.0, 1.0, 3.0, 7.0, 8.0], 2)]
    assert share_of_pairs(-3.0, runs, number) == sum(each >= 3 for each in apart) / 10
    assert share_of_pairs(0.0, runs, number) == 1
    assert isnan(share_of_pairs(nan, runs, number))
    assert isnan(share_of_pairs(1.0, runs[:4], number))


def test_runs_that_are_equal_show_no_chance_differences(make_record: MakeRecord) -> None:
    assert isnan(share_of_pairs(1.0, *numbered(make_record, [0.3] * 6)))
    assert share_of_pairs(1.0, *numbered(make_record, [0.3] * 5 + [0.4])) == 0


@pytest.mark.parametrize("others", [18, 30])
def test_two_seeds_are_rarely_further_apart_than_the_others(make_record: MakeRecord, others: int) -> None:
    """In 1,000 draws with heavy tails; what the docstring says, with three standard errors."""
    random = np.random.default_rng(3)
    shares = []
    for _ in range(1_000):
        values = random.standard_t(3, others + 2).tolist()
        runs, number = numbered(make_record, values)
        shares.append(share_of_pairs(values[1] - values[0], runs[2:], number))
    assert np.mean(np.array(shares) <= 0.1) == pytest.approx(0.11, abs=0.03)
    assert np.mean(np.array(shares) <= 0.05) == pytest.approx(0.07, abs=0.03)


# Two groups
def groups(
    make_record: MakeRecord, first: NDArray[np.float64], second: NDArray[np.float64], start: int = 0
) -> list[GroupDifference]:
    """Compare `(runs, numbers)` of seeds 0, 1, ... with those of seeds `start`, `start` + 1, ..."""
    one = [make_record(seed=seed) for seed in range(len(first))]
    other = [make_record("model_two", seed=start + seed) for seed in range(len(second))]
    rows = {id(record): row for record, row in zip((*one, *other), (*first, *second), strict=True)}
    numbers = [lambda record, place=place: float(rows[id(record)][place]) for place in range(first.shape[1])]
    return differences(one, other, numbers)


def drawn(seed: int, runs: int, numbers: int = 1) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(size=(runs, numbers))


def test_shared_seeds_are_compared_by_pairs_and_shown_alone(make_record: MakeRecord) -> None:
    first, second = drawn(1, 12), drawn(2, 7)
    (found,) = groups(make_record, first, second, start=4)
    low, high = ttest_rel(second[:, 0], first[4:11, 0]).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.p == pytest.approx(ttest_rel(second[:, 0], first[4:11, 0]).pvalue)
    assert found.first.mean == pytest.approx(first[4:11].mean())
    assert found.difference == pytest.approx(found.second.mean - found.first.mean)
    assert found.n == 7


@pytest.mark.parametrize("start", [4, 8])
def test_fewer_shared_seeds_are_compared_by_welchs_test(make_record: MakeRecord, start: int) -> None:
    first, second = drawn(1, 8), 1 + 2 * drawn(2, 6)
    (found,) = groups(make_record, first, second, start=start)
    tested = ttest_ind(second[:, 0], first[:, 0], equal_var=False)
    assert (found.low, found.high) == pytest.approx((*tested.confidence_interval(0.95),))
    assert found.p == pytest.approx(tested.pvalue)
    assert (found.first.n, found.second.n, found.n) == (8, 6, 6)


@pytest.mark.parametrize("start", [0, 50])
def test_if_nothing_matters_higher_and_lower_are_rare_among_all_numbers(make_record: MakeRecord, start: int) -> None:
    """In 600 comparisons of eight independent numbers; 5 % are allowed, with three standard errors."""
    found, alone = 0, 0
    for seed in range(600):
        verdicts = [each.verdict for each in groups(make_record, drawn(seed, 6, 8), drawn(7000 + seed, 6, 8), start)]
        found += not {"higher", "lower"}.isdisjoint(verdicts)
        alone += any(verdict.startswith("perhaps") for verdict in verdicts)
    assert found / 600 < 0.05 + 3 * (0.05 * 0.95 / 600) ** 0.5
    assert alone / 600 > 0.15  # what the correction is for


@pytest.mark.parametrize(
    ("shifts", "verdict"),
    [
        ([0.1, 0.2, 0.3, 0.2, 0.1], "higher"),
        ([-0.1, -0.2, -0.3, -0.2, -0.1], "lower"),
        ([0.1, -0.2, 0.3, -0.2, 0.1], "no difference seen"),
        ([0.0] * 5, "equal in all seeds"),
        ([0.1, 0.2, 0.3, 0.2], "too few seeds"),
        ([-90.0, -1.0, -60.0, 0.1, -40.0], "other in some runs"),
    ],
)
def test_the_verdict_on_pairs(make_record: MakeRecord, shifts: list[float], verdict: str) -> None:
    plain = drawn(1, 9)
    (found,) = groups(make_record, plain, plain[: len(shifts)] + np.array(shifts)[:, None])
    assert found.verdict == verdict


def test_a_number_that_would_differ_alone_is_only_perhaps_different(make_record: MakeRecord) -> None:
    plain = drawn(1, 5, 8)
    other = plain + drawn(3, 5, 8)
    other[:, 0] = plain[:, 0] + [0.1, 0.35, 0.2, 0.3, 0.0]
    found, *_ = groups(make_record, plain, other)
    assert found.low > 0
    assert found.corrected > 0.05
    assert found.verdict == "perhaps higher"


@pytest.mark.parametrize("start", [0, 50])
def test_a_number_that_varies_in_neither_group_needs_no_test(make_record: MakeRecord, start: int) -> None:
    first, second = drawn(1, 6, 3), drawn(2, 6, 3)
    first[:, :2], second[:, 0], second[:, 1] = 0.7, 0.7, 0.1
    same, exact, varying = groups(make_record, first, second, start)
    assert (same.verdict, exact.verdict) == ("equal in all seeds", "lower in all seeds")
    assert exact.difference == pytest.approx(-0.6)
    assert all(isnan(each) for each in (exact.low, exact.high, exact.p, exact.corrected))
    assert varying.corrected == varying.p  # the only one that was tested


@pytest.mark.parametrize("start", [0, 50])
def test_beside_a_group_that_does_not_vary_the_others_variation_decides(make_record: MakeRecord, start: int) -> None:
    varying = drawn(1, 8)
    (found,) = groups(make_record, varying, np.full((8, 1), 0.4), start)
    tested = ttest_1samp(varying[:, 0], 0.4)
    low, high = tested.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((0.4 - high, 0.4 - low))
    assert found.p == pytest.approx(tested.pvalue)


def test_a_number_that_one_group_lacks_has_no_verdict_and_hides_no_other(make_record: MakeRecord) -> None:
    first, second = drawn(1, 6, 2), 9 + drawn(2, 6, 2)
    second[:, 0] = nan
    lacking, other = groups(make_record, first, second)
    assert lacking.verdict == "no runs"
    assert other.verdict == "higher"
    assert other.corrected == pytest.approx(other.p)
