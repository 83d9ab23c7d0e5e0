"""The facts of the chapter imdb_lstm: what was printed hangs together, and the errata and claims say what they say."""

from __future__ import annotations

import dataclasses
from collections import defaultdict

import pytest
from conftest import MakeRecord

from chapters import imdb_lstm
from repro import metrics
from repro.chapter import Erratum, Printed, PrintedResult
from repro.check import contradictions
from repro.datasets.imdb import encode
from repro.evidence import verdicts

RESULTS = [pytest.param(result, id=f"{result.experiment}-{result.split}") for result in imdb_lstm.RESULTS]


@pytest.mark.parametrize("result", RESULTS)
def test_every_printed_rate_follows_from_its_matrix(result: PrintedResult) -> None:
    assert metrics.total(result.matrix) == 25_000
    assert [sum(column) for column in zip(*result.matrix, strict=True)] == [12_500, 12_500]
    assert metrics.accuracy(result.matrix) == pytest.approx(result.accuracy, abs=1e-12)


RATES = {  # specificity and sensitivity as printed, in the order of the results
    ("model_one", "train"): (0.74064, 0.91440),
    ("model_one", "test"): (0.73272, 0.90712),
    ("model_two", "train"): (0.88976, 0.79704),
    ("model_two", "test"): (0.86960, 0.78776),
    ("model_three", "train"): (0.89960, 0.81048),
    ("model_three", "test"): (0.87328, 0.80000),
    ("model_four", "train"): (0.84776, 0.85688),
    ("model_four", "test"): (0.82752, 0.84144),
}


@pytest.mark.parametrize("result", RESULTS)
def test_specificity_and_sensitivity_are_the_printed_ones(result: PrintedResult) -> None:
    assert (result.specificity, result.sensitivity) == pytest.approx(RATES[result.experiment, result.split], abs=1e-12)


def test_the_comparison_table_cuts_exactly_the_figures_that_the_errata_name() -> None:
    cells: dict[str, set[str]] = defaultdict(set)
    for result in imdb_lstm.RESULTS:
        for exact, shown in imdb_lstm.exact_and_shown(result):
            cells[imdb_lstm.shortened(exact, shown)].add(shown)
    assert cells["cut"] == {"88.9", "86.9", "81.9", ".399", ".339"}
    assert cells["rounded up"] >= {"82.9", "83.7"}
    assert not cells["wrong"]


@pytest.mark.parametrize(
    ("exact", "shown", "how"),
    [
        (0.3997277, ".399", "cut"),
        (0.3997277, ".400", "rounded up"),
        (0.3749587, ".375", "rounded up"),
        (84.34, "84.3", "either"),
        (84.34, "84.4", "wrong"),
    ],
)
def test_how_a_number_was_shortened(exact: float, shown: str, how: str) -> None:
    assert imdb_lstm.shortened(exact, shown) == how


def test_the_erratum_that_can_be_checked_is_shown() -> None:
    table, call = imdb_lstm.ERRATA
    assert table.shown is not None
    assert table.shown()
    assert call.shown is None  # the source's code is not here


def test_every_other_printed_number_follows() -> None:
    assert not [printed.what for printed in imdb_lstm.PRINTED if printed.value != printed.derived]
    assert {printed.value for printed in imdb_lstm.PRINTED} == {25_000, 12_500, 2_080, 1.3, 7.3}


def test_a_printed_number_that_does_not_follow_is_named() -> None:
    wrong = Printed("a simple RNN", 2_081, "parameters", 2_080)
    chapter = dataclasses.replace(imdb_lstm.CHAPTER, printed=(wrong,), errata=(Erratum("none", lambda: False),))
    assert list(contradictions(chapter)) == [
        "imdb_lstm: a simple RNN: 2081 printed, 2080 derived",
        "imdb_lstm: not shown by its check: none",
    ]


def test_num_words_keeps_the_496_most_frequent_words() -> None:
    index = {f"w{rank}": rank for rank in range(1, 600)}
    found = encode(["w496 w497"], index, num_words=imdb_lstm.NUM_WORDS, maxlen=3)
    assert found.x[:].tolist() == [[1, 499, 2]]


def test_an_erratum_is_not_shown_when_the_table_rounds_throughout(monkeypatch: pytest.MonkeyPatch) -> None:
    rounded = [result for result in imdb_lstm.RESULTS if (result.experiment, result.split) == ("model_four", "test")]
    monkeypatch.setattr(imdb_lstm, "RESULTS", rounded)
    assert not imdb_lstm.table_cuts_and_rounds()


def test_the_printed_numbers_bear_out_what_the_source_concludes_from_them(make_record: MakeRecord) -> None:
    records = [make_record(name) for name in imdb_lstm.MODELS]
    by_number = dict(enumerate(verdicts(imdb_lstm.CHAPTER, records), 1))
    assert len(by_number) == 9
    for number in (3, 4, 5, 6, 7):  # the others need curves and times, which are not printed
        assert by_number[number].holds == by_number[number].seeds == 1, by_number[number].claim.text


@pytest.mark.parametrize(
    ("claim", "model", "history", "holds"),
    [
        (1, "model_one", {"loss": (0.4,) * 10, "val_loss": (0.44,) * 10}, True),
        (1, "model_one", {"loss": (0.4,) * 10, "val_loss": (0.46,) * 10}, False),
        (2, "model_one", {"val_loss": (0.4, 0.5) * 5}, True),
        (2, "model_one", {"val_loss": (0.4,) * 10}, False),
        (8, "model_four", {"val_accuracy": (0.8,) * 10}, True),
        (8, "model_four", {"val_accuracy": (0.8,) * 9 + (0.81,)}, False),
    ],
)
def test_claims_about_curves_can_hold_and_fail(
    make_record: MakeRecord, claim: int, model: str, history: dict[str, tuple[float, ...]], holds: bool
) -> None:
    level = dict.fromkeys(("loss", "accuracy", "val_loss", "val_accuracy"), (0.5,) * 10)
    slope = level | {"val_loss": tuple(0.5 - 0.01 * epoch for epoch in range(10))}
    runs = {name: make_record(name, history=slope) for name in imdb_lstm.MODELS}
    runs[model] = make_record(model, history=level | history)
    assert imdb_lstm.CLAIMS[claim - 1].holds(runs) is holds


def test_the_claim_about_time_looks_at_the_seconds_of_an_epoch(make_record: MakeRecord) -> None:
    runs = {name: make_record(name, seconds=(6.0,) * 10) for name in imdb_lstm.MODELS}
    assert not imdb_lstm.CLAIMS[8].holds(runs)
    runs["model_four"] = make_record("model_four", seconds=(12.0,) * 10)
    assert imdb_lstm.CLAIMS[8].holds(runs)


def test_a_seed_without_all_the_models_a_claim_needs_does_not_decide_it(make_record: MakeRecord) -> None:
    found = verdicts(imdb_lstm.CHAPTER, [make_record("model_one"), make_record("model_two", seed=2)])
    assert [v.seeds for v in found] == [1, 0, 0, 0, 0, 0, 0, 0, 0]
