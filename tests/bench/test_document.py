"""What was measured: how it is kept, and how it is shown."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from repro.bench import (
    SECTIONS,
    Section,
    document,
    estimate,
    start,
    tables,
)
from repro.bench.results import Bench, Row, begin, load, save, versions
from repro.environment import machine
from repro.errors import ReproError

RESULTS = Path(__file__).parents[2] / "results/bench"
MACHINE = {"processor": "a processor", "cores": "2", "system": "Linux"}


# Kept
def row(section: Section, contestant: str, cpu: float, wall: float, **more: object) -> Row:
    common = {"name": "imdb_lstm/model_one", "data": "sample", "when": "2026-02-04T04:05:06+00:00"}
    times = {"cpu": (3 * cpu, cpu), "wall": (wall, wall), "peak_mib": 1_234.5}
    return msgspec.convert(
        {"section": section, "contestant": contestant, "threads": "1", **common, **times, "amounts": {}, **more}, Row
    )


TRAINED: dict[str, Any] = {
    "amounts": {"batches": 2, "epoch_batches": 20, "epoch_rows": 1_000, "epoch_words": 5_000, "epoch_steps": 10_000}
    | {"epochs": 3, "flop": 1_000_000, "rate": 1e9, "cores_rate": 2e9, "waited": 0.25},
    "when": "2026-02-03T04:05:06+00:00",
}
PREDICTED = {"amounts": {"rows": 1_000, "of_rows": 2_000, "validation_rows": 4_000, "evaluated_rows": 10_000}}
SWEPT = {"amounts": {"seeds": 4, "cores": 2, "epochs": 10, "stock_epochs": 2}}
FULL_SIZE = {"amounts": {"rows": 119_678, "validation_rows": 39_893, "words": 8_000_000, "printed_seconds": 3_232}}
TRAINING = (
    row("training", "fast", 20.0, 8.0, **TRAINED, threads="cores", openblas="0.3.30, Zen"),
    row("training", "fast-1", 16.0, 16.0, **TRAINED),
    row("training", "stock", 100.0, 60.0, **TRAINED, threads="default"),
    row("training", "stock-xla", 120.0, 40.0, **TRAINED, threads="default"),
    row("training", "torch-1", 80.0, 80.0, **TRAINED),
    row("training", "torch", 0.0, 0.0, **TRAINED, skipped="torch is not installed"),
)
PREPARED = (
    row("data", "suite", 1, 1, amounts={"texts": 50_000}, sha256="a"),
    row("data", "keras", 3, 3, amounts={"texts": 50_000}, sha256="a"),
    row("data", "kept", 0.01, 0.01, amounts={"texts": 50_000}),
)
WHOLE = Bench(
    machine=machine(),
    versions=versions(),
    rows=(
        *TRAINING,
        row("evaluation", "fast", 0.5, 0.25, **PREDICTED),
        row("evaluation", "fast-1", 0.5, 0.5, **PREDICTED),
        row("evaluation", "stock", 2.0, 1.0, **PREDICTED),
        *PREPARED,
        row("sweep", "fast", 50, 40, **SWEPT),
        row("sweep", "fast-1", 40, 30, **SWEPT),
        row("sweep", "stock", 400, 240, **SWEPT),
        row("start", "compiled", 4.0, 3.5, amounts=dict.fromkeys(start.STEPS, 0.5)),
        row("start", "to compile", 12.0, 11.5, amounts=dict.fromkeys(start.STEPS, 1.5)),
        row("full size", "fast", 210, 110, **FULL_SIZE),
        row("full size", "fast-1", 200, 202, **FULL_SIZE),
    ),
)


def test_what_was_kept_is_read_again_and_added_to(tmp_path: Path) -> None:
    path = tmp_path / "bench/bench.json"
    assert begin(path, whole=False) == Bench(machine=machine(), versions=versions())
    save(WHOLE, path)
    assert begin(path, whole=False) == load(path) == WHOLE
    assert len(path.read_text().splitlines()) == len(WHOLE.rows) + 2  # a row a line: git shows which part changed


def test_a_part_takes_the_place_of_its_old_rows_and_of_no_others() -> None:
    again = row("evaluation", "fast", 0.25, 0.25)
    bench = WHOLE.with_part([again])
    assert [each for each in bench.rows if each.section == "evaluation"] == [again]
    assert bench.rows.index(again) == len(TRAINING)
    assert len(bench.rows) == len(WHOLE.rows) - 2
    other = row("evaluation", "fast", 1.0, 1.0, name="imdb_rnn/lstm")
    assert WHOLE.with_part([other]).rows == (*WHOLE.rows, other)


@pytest.mark.parametrize("change", [{"machine": {**machine(), "cores": "1000"}}, {"versions": {"python": "2.7"}}])
def test_a_part_is_not_added_to_what_is_of_another_machine(change: dict[str, dict[str, str]], tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    save(msgspec.structs.replace(WHOLE, **change), path)
    with pytest.raises(ReproError, match=r"another machine or other versions.*\n.*--results"):
        begin(path, whole=False)
    assert begin(path, whole=True) == Bench(machine=machine(), versions=versions())


@pytest.mark.parametrize("schema", ["something else", "lstm-walkthroughs/bench/2"])
def test_a_file_that_is_none_of_ours_is_not_replaced_by_a_part(schema: str, tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    path.write_text(f'{{"schema": "{schema}"}}')
    with pytest.raises(ReproError, match=r"bench\.json.*\n.*--results"):
        begin(path, whole=False)
    assert not begin(path, whole=True).rows


def test_a_file_that_cannot_be_read_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    path.mkdir()
    for whole in (True, False):
        with pytest.raises(ReproError, match=r"bench\.json cannot be read: Is a directory$"):
            begin(path, whole=whole)


# Shown
def parts(*rows: Row) -> dict[str, list[Row]]:
    return {each.name: [other for other in rows if other.name == each.name] for each in rows}


def test_a_round_that_took_longer_shows_in_median_and_spread() -> None:
    fast, _, keras, *_ = tables.training(parts(*TRAINING)).rows
    assert fast[:4] == ("imdb_lstm/model_one", "sample", "20", "fast, all cores")
    assert fast[4:] == ("20.0", "40.0", "8.00", "8.00", "200.0%, unsettled", "5.0", "7.5", "2", "1234")
    assert keras[3:8] == ("stock Keras", "100", "200", "60.0", "60.0")
    settled = msgspec.structs.replace(TRAINING[0], cpu=(1.0, 1.04, 1.3))
    assert tables.training(parts(settled)).rows[0][8] == "30.0%"
    once = msgspec.structs.replace(TRAINING[0], cpu=(1.0,), wall=(1.0,))
    assert tables.training(parts(once)).rows[0][8] == ""


def test_without_stock_keras_there_is_no_ratio() -> None:
    (alone,) = tables.training(parts(TRAINING[0])).rows
    assert alone[9:11] == ("", "")


def test_the_summary_holds_the_fast_engine_against_the_best_of_the_others() -> None:
    """One run on all cores by wall time, one thread by processor time; the best is not the same contestant."""
    (line,) = document.summary(WHOLE).rows
    assert line[:5] == ("imdb_lstm/model_one", "8.00", "40.0 stock Keras, XLA", "5.0", "7.5")
    assert line[5:9] == ("16.0", "80.0 PyTorch, one thread", "5.0", "6.2")
    assert line[9:] == ("1,234, 1,234", "4.0")


def test_who_did_not_take_part_is_not_the_best() -> None:
    few = msgspec.structs.replace(WHOLE, rows=(*TRAINING[:3], TRAINING[-1]))
    assert document.summary(few).rows[0][2:4] == ("60.0 stock Keras", "7.5")
    alone = msgspec.structs.replace(WHOLE, rows=TRAINING[:2])
    assert document.summary(alone).rows == []


def test_the_time_of_an_epoch_is_held_against_the_machines_rate() -> None:
    """5,000 words of a million operations: 5 seconds of one thread, half of that on both cores."""
    fast, one, stock, *_ = tables.arithmetic(parts(*TRAINING)).rows
    assert fast == ("imdb_lstm/model_one", "10", "5", "fast, all cores", "2", "2.50", "8.00", "31.2%", "62.5%")
    assert one[3:] == ("fast, one thread", "1", "5.00", "16.0", "31.2%", "62.5%")
    assert stock[3:7] == ("stock Keras", "2", "2.50", "60.0")


def test_a_hundred_seeds_take_what_a_hundred_runs_take() -> None:
    """A run: a start of 4 s; 3 epochs of 16 s and 4,000 rows for validation; 10,000 rows at 1,000 in half a second."""
    of_a_run = 4 + 3 * (16 + 4 * 0.5) + 10 * 0.5
    made = estimate.estimate(WHOLE)
    assert made is not None
    chapter, everything = made.rows
    hours = f"{100 * of_a_run / 3600:.2f}"
    assert chapter[:5] == ("imdb_lstm", "sample", "1", "1234", hours)
    assert chapter[5:] == ("0.875", "0.109", "0.027", "0.018")  # the last: as long as the longest run at least
    assert everything[0] == "all"
    assert everything[4:] == chapter[4:]
    assert estimate.estimate(msgspec.structs.replace(WHOLE, rows=TRAINING)) is None


def test_the_start_is_shown_step_by_step() -> None:
    shown = [rows for (section, _), rows in WHOLE.parts.items() if section == "start"]
    made = tables.start({"imdb_lstm/model_one": shown[0]})
    assert made.headers[1:8] == start.STEPS
    assert made.rows[0] == ("kernels compiled before", *["0.500"] * 7, "3.50", "3.50", "4.00")
    assert made.rows[1][0] == "empty cache of kernels"


def test_who_did_not_take_part_and_what_was_left_out_is_said() -> None:
    other = row("training", "torch", 1, 1, **TRAINED, name="b", note="PyTorch's b is without recurrent dropout")
    both = tables.training(parts(*TRAINING, other)).caption
    assert "PyTorch did not take part in imdb_lstm/model_one: torch is not installed." in both
    assert "PyTorch's b is without recurrent dropout." in both
    assert "PyTorch did not take part: torch" in tables.training(parts(*TRAINING)).caption


def test_the_document_has_all_sections_and_says_where_and_when() -> None:
    text = document.document(msgspec.structs.replace(WHOLE, machine=MACHINE))
    for title in (*SECTIONS, "summary", "estimate", "arithmetic", "full size"):
        assert f"## {title}\n" in text
    assert "a processor, 2 cores, Linux. 2026-02-03 to 2026-02-04." in text
    assert "OpenBLAS 0.3.30, Zen" in text
    assert "up to 25% of its time" in text
    swept = {
        "fast, one after the other, 2 threads each": "10 of 10 50.0 40.0 360 8.0 6.0",
        "fast, 2 side by side, one thread each": "10 of 10 40.0 30.0 480 10.0 8.0",
        "stock Keras, one after the other": "2 of 10 400 240 60 1.0 1.0",
    }
    for label, cells in swept.items():
        assert re.search(rf"\| {label} [ |]*{cells.replace(' ', '[ |]+')} \|", text)


def test_unequal_arrays_are_not_passed_over() -> None:
    suite, keras, kept = PREPARED
    assert "Both made the same arrays." in tables.data(parts(*PREPARED)).caption
    unequal = msgspec.structs.replace(keras, sha256="b")
    assert "The arrays of imdb_lstm/model_one are not equal." in tables.data(parts(suite, unequal, kept)).caption


def test_the_committed_document_is_that_of_the_committed_numbers() -> None:
    bench = load(RESULTS / "bench.json")
    assert document.document(bench) == (RESULTS / "bench.md").read_text(encoding="utf-8")
    assert document.summary(bench).files()[".md"] == (RESULTS / "summary.md").read_text(encoding="utf-8")
