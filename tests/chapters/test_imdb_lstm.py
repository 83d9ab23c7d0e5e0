"""The facts of the chapter imdb_lstm: what was printed hangs together, and the errata and claims say what they say."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from pathlib import Path
from typing import Literal

import msgspec
import pytest
from conftest import MakeRecord

from chapters import imdb_lstm
from repro import metrics
from repro.chapter import Erratum, Needed, Printed, PrintedResult, Runs
from repro.check import contradictions
from repro.datasets.description import Lengths
from repro.datasets.imdb import encode
from repro.evaluation import Evaluation
from repro.evidence.claims import verdicts
from repro.records import Record

RESULTS = [pytest.param(result, id=f"{result.experiment}-{result.split}") for result in imdb_lstm.RESULTS]


@pytest.mark.parametrize("result", RESULTS)
def test_every_printed_rate_follows_from_its_matrix(result: PrintedResult) -> None:
    assert metrics.total(result.matrix) == 25_000
    assert [sum(column) for column in zip(*result.matrix, strict=True)] == [12_500, 12_500]
    assert metrics.accuracy(result.matrix) == pytest.approx(result.accuracy, abs=1e-12)


RATES = {  # specificity and sensitivity, derived from the printed matrices by hand; the source prints them shortened
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
def test_specificity_and_sensitivity_are_those_of_the_matrix(result: PrintedResult) -> None:
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


def test_the_errata_that_can_be_checked_are_shown() -> None:
    *checked, call = imdb_lstm.ERRATA
    assert [erratum.shown is not None and erratum.shown() for erratum in checked] == [True] * 3
    assert call.shown is None  # the source's code is not here


def test_the_gap_of_model_four_is_another_by_the_matrix_than_by_the_shortened_rates() -> None:
    assert imdb_lstm.gap("model_four", "test") == pytest.approx(1.392)
    assert imdb_lstm.gap_in_table("model_four") == 1.3
    assert imdb_lstm.gap("model_three", "test") == pytest.approx(7.328)
    assert imdb_lstm.gap("model_four", "train") == pytest.approx(0.912)


def test_every_other_printed_number_follows() -> None:
    assert not [printed.what for printed in imdb_lstm.PRINTED if not printed.follows]
    assert {printed.value for printed in imdb_lstm.PRINTED} == {25_000, 12_500, 2_080, 3, 1.3, 7, 1}
    assert 7.3 not in [printed.value for printed in imdb_lstm.PRINTED]  # "more than 7" is printed


@pytest.mark.parametrize(
    ("relation", "value", "derived", "follows"),
    [
        ("", 2_080, 2_080, True),
        ("", 2_081, 2_080, False),
        ("about", 3, 3.03, True),
        ("about", 3, 3.51, False),
        ("more than", 7, 7.3, True),
        ("more than", 7, 7.0, False),
    ],
)
def test_a_printed_number_follows_as_the_source_puts_it(
    relation: Literal["", "about", "more than"], value: float, derived: float, follows: bool
) -> None:
    assert Printed("a number", value, "", derived, "the text", relation).follows is follows


def test_a_printed_number_that_does_not_follow_is_named() -> None:
    wrong = Printed("a simple RNN", 2_081, "parameters", 2_080, "the text")
    chapter = dataclasses.replace(
        imdb_lstm.CHAPTER, printed=(wrong,), facts=(), errata=(Erratum("none", lambda: False),)
    )
    assert list(contradictions(chapter)) == [
        "imdb_lstm: a simple RNN: 2081 printed, 2080 derived",
        "imdb_lstm: not shown by its check: none",
    ]


def test_num_words_keeps_the_496_most_frequent_words() -> None:
    index = {f"w{rank}": rank for rank in range(1, 600)}
    found = encode(["w496 w497"], index, num_words=imdb_lstm.NUM_WORDS, maxlen=3)
    assert found.x[:].tolist() == [[1, 499, 2]]


def test_a_run_that_takes_no_positive_for_a_negative_does_not_stop_the_claims(make_record: MakeRecord) -> None:
    evaluation = {split: Evaluation(loss=9.0, matrix=((0, 0), (12_500, 12_500))) for split in ("train", "test")}
    found = verdicts(imdb_lstm.CHAPTER, [make_record(name, evaluation=evaluation) for name in imdb_lstm.MODELS])
    (about,) = (verdict for verdict in found if "about three times" in verdict.claim.text)
    assert (about.holds, about.seeds) == (0, 1)


def test_an_erratum_is_not_shown_when_the_table_rounds_throughout(monkeypatch: pytest.MonkeyPatch) -> None:
    rounded = [result for result in imdb_lstm.RESULTS if (result.experiment, result.split) == ("model_four", "test")]
    monkeypatch.setattr(imdb_lstm, "RESULTS", rounded)
    assert not imdb_lstm.table_cuts_and_rounds()


# Claims: each is one statement

BY_TEXT = {claim.text: claim for claim in imdb_lstm.CLAIMS}
OF_CURVES = ("does not overfit", "More than ten epochs", "strays further")
OF_TIMES = ("longer to train", "trains slower")


def test_no_two_claims_say_the_same_and_each_says_where_it_stands() -> None:
    assert len(BY_TEXT) == len(imdb_lstm.CLAIMS) == 54
    assert all(claim.place for claim in imdb_lstm.CLAIMS)


def test_the_printed_numbers_bear_out_what_the_source_concludes_from_them(make_record: MakeRecord) -> None:
    records = [make_record(name) for name in imdb_lstm.MODELS]
    asked = [
        verdict
        for verdict in verdicts(imdb_lstm.CHAPTER, records)
        if not any(part in verdict.claim.text for part in (*OF_CURVES, *OF_TIMES))  # which are not printed
    ]
    assert len(asked) == 35
    failing = [verdict.claim.text for verdict in asked if (verdict.holds, verdict.seeds) != (1, 1)]
    # The gap of model two is 8.184 points on test, that of model three 7.328, that of model one 17.44.
    assert not failing


def test_train_and_test_loss_and_accuracy_are_asked_apart(make_record: MakeRecord) -> None:
    """Rows swapped on test alone change the claims about test alone."""
    records = [make_record(name) for name in imdb_lstm.MODELS]
    before = {v.claim.text: v.holds for v in verdicts(imdb_lstm.CHAPTER, records)}
    one = records[0]
    test = one.evaluation["test"]
    mirrored = msgspec.structs.replace(test, matrix=tuple(row[::-1] for row in test.matrix[::-1]))
    records[0] = msgspec.structs.replace(one, evaluation=one.evaluation | {"test": mirrored})
    after = {v.claim.text: v.holds for v in verdicts(imdb_lstm.CHAPTER, records)}
    assert {text for text in before if before[text] != after[text]} == {
        "Model one favours positives on test: its sensitivity is above its specificity.",
        "Model one shows the same pattern on test as on train: it favours the same class.",
    }


@pytest.mark.parametrize(
    ("claim", "model", "history", "holds"),
    [
        ("Model one does not overfit: its loss", "model_one", {"loss": 0.4, "val_loss": 0.44}, True),
        ("Model one does not overfit: its loss", "model_one", {"loss": 0.4, "val_loss": 0.46}, False),
        ("Model three does not overfit: its accuracy", "model_three", {"accuracy": 0.8, "val_accuracy": 0.79}, True),
        ("Model three does not overfit: its accuracy", "model_three", {"accuracy": 0.8, "val_accuracy": 0.77}, False),
        ("Model three does not overfit: its accuracy", "model_three", {"accuracy": 0.8, "val_accuracy": 0.83}, False),
        ("Model one's loss on the held-out rows strays", "model_one", {"val_loss": 0.3}, True),
        ("Model one's loss on the held-out rows strays", "model_two", {"val_loss": 0.3}, False),
        ("Model one's accuracy on the held-out rows strays", "model_one", {"val_accuracy": 0.7}, True),
        ("Model one's accuracy on the held-out rows strays", "model_two", {"val_accuracy": 0.7}, False),
    ],
)
def test_claims_about_curves_can_hold_and_fail(
    make_record: MakeRecord, claim: str, model: str, history: dict[str, float], holds: bool
) -> None:
    flat = dict.fromkeys(("loss", "accuracy", "val_loss", "val_accuracy"), (0.5,) * 10)
    changed = flat | {name: (value,) * 10 for name, value in history.items()}
    runs: Runs = {name: make_record(name, history=changed if name == model else flat) for name in imdb_lstm.MODELS}
    (asked,) = (found for text, found in BY_TEXT.items() if text.startswith(claim))
    assert asked.holds(runs) is holds


@pytest.mark.parametrize(
    ("claim", "slow", "fast"),
    [
        ("Two layers (model three)", "model_three", "model_two"),
        ("Two directions (model four)", "model_four", "model_three"),
    ],
)
def test_claims_about_time_look_at_the_seconds_of_an_epoch(
    make_record: MakeRecord, claim: str, slow: str, fast: str
) -> None:
    (asked,) = (found for text, found in BY_TEXT.items() if text.startswith(claim))
    runs: dict[str | Needed, Record] = {name: make_record(name, seconds=(6.0,) * 10) for name in imdb_lstm.MODELS}
    assert not asked.holds(runs)
    assert set(asked.needs) == {slow, fast}
    runs[slow] = make_record(slow, seconds=(12.0,) * 10)
    assert asked.holds(runs)


def test_a_claim_about_longer_training_waits_for_longer_runs(make_record: MakeRecord) -> None:
    """It is not answered by the ten epochs of the source, and needs the runs of its own model alone."""
    text = "More than ten epochs would not raise model two's accuracy on the held-out rows much."

    def asked(*records: Record) -> tuple[int, int]:
        return next((v.holds, v.seeds) for v in verdicts(imdb_lstm.CHAPTER, records) if v.claim.text == text)

    def longer(seed: int, *late: float) -> Record:
        history = {"val_loss": (0.5,) * 30, "val_accuracy": (0.8,) * 10 + late}
        return make_record("model_two", variation="epochs_30", seed=seed, epochs=30, history=history)

    ten = make_record("model_two")
    assert asked(ten) == (0, 0)
    peak, gain = (0.8,) * 19 + (0.84,), (0.8,) * 15 + (0.811,) * 5
    assert asked(ten, longer(1, *peak), longer(2, *gain)) == (1, 2)  # one noisy epoch is no gain


def test_a_seed_without_all_the_runs_a_claim_needs_does_not_decide_it(make_record: MakeRecord) -> None:
    found = verdicts(imdb_lstm.CHAPTER, [make_record("model_one"), make_record("model_two", seed=2)])
    for verdict in found:
        alone = {"model_one": 1, "model_two": 1}.get(str(verdict.claim.needs[0]), 0)
        assert verdict.seeds == (alone if len(verdict.claim.needs) == 1 else 0), verdict.claim.text


# The data, counted


@pytest.mark.real_data
def test_the_real_reviews_have_the_lengths_that_are_derived(real_data: Path) -> None:
    description = imdb_lstm.describe(real_data)
    train, test = description.halves["train"], description.halves["test"]
    assert (train.classes, test.classes) == ((12_500, 12_500), (12_500, 12_500))
    lengths = Lengths(train.lengths)
    assert (lengths.median, Lengths(test.lengths).median) == (178, 174)
    assert lengths.cut(200)[0] / 25_000 == pytest.approx(0.427, abs=0.0005)
    assert lengths.padded(200)[0] / 25_000 == pytest.approx(0.570, abs=0.0005)
