"""The bench: what is counted, kept and shown, that nobody is left running, and one that measures."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner

from repro import backend, registry
from repro.bench import arithmetic, found, full_size, preparation, processes, rows, stock, tables
from repro.bench.found import Found, FullSize, Prediction, Preparation, Sweep, Swept, Times, Training, spread
from repro.bench.measure import measure
from repro.bench.messages import Job, Seconds, timed
from repro.bench.processes import Process
from repro.bench.sections import Turns
from repro.cli import main
from repro.environment import machine
from repro.errors import ReproError
from repro.text import Padded, pad_sequences, ragged

EXPERIMENTS = [f"{chapter.name}/{one.name}" for chapter in registry.chapters().values() for one in chapter.experiments]
MACHINE = {"processor": "a processor", "cores": "2", "system": "Linux"}


def test_of_a_number_the_best_and_the_median_are_kept() -> None:
    assert spread([3.0, 1.0, 8.0]) == found.Spread(best=1.0, median=3.0)
    assert spread([1.0, 2.0]).median == 1.5


def test_processor_time_is_not_waiting() -> None:
    seconds = timed(lambda: time.sleep(0.2))
    assert seconds.wall >= 0.2
    assert seconds.cpu < 0.1


@pytest.mark.parametrize(
    ("experiment", "flop"),
    [
        ("imdb_lstm/model_one", 2 * (32 + 32) * 4 * 32),
        ("imdb_lstm/model_three", 2 * 2 * (32 + 32) * 4 * 32),
        ("imdb_lstm/model_four", 2 * 2 * (32 + 32) * 4 * 32),
        ("jigsaw_multilabel/lstm", 2 * (128 + 128) * 4 * 128),
        ("stacked_lstm/stacked", 2 * (45 + 128) * 4 * 128 + 2 * (128 + 128) * 4 * 128),
    ],
)
def test_each_weight_of_an_lstm_multiplies_and_adds_once_in_a_step(experiment: str, flop: int) -> None:
    assert arithmetic.flop_of_a_word(registry.experiment(experiment)[1]) == flop


def test_the_measured_batches_are_fitted_rows_as_long_as_the_others() -> None:
    chapter, experiment = registry.experiment("imdb_lstm/model_one")
    dataset = chapter.data("embedded")
    words = rows.lengths(dataset.x_train)[:4_000]
    measured = rows.training_rows(experiment, dataset, 2)
    assert len(set(measured.tolist())) == 256
    assert words[measured].mean() == pytest.approx(words.mean(), rel=0.01)
    halves = np.split(words[measured], 2)
    assert halves[0].mean() == pytest.approx(halves[1].mean(), rel=0.1)  # not sorted any more
    assert sorted(rows.training_rows(experiment, dataset, 1_000)) == list(range(4_000))


def test_rows_are_taken_at_even_distances_by_length() -> None:
    assert rows.representative(np.array([5, 1, 4, 2, 3, 6]), 3).tolist() == [3, 2, 5]
    assert sorted(rows.representative(np.array([5, 1, 4]), 3)) == [0, 1, 2]


def test_words_are_counted_without_padding() -> None:
    words = ragged([[1, 2, 3], [], [4]])
    assert rows.lengths(Padded(words, 2)).tolist() == [2, 0, 1]
    assert rows.lengths(pad_sequences(words, 2)).tolist() == [2, 0, 1]


# Kept
def times(cpu: float, wall: float) -> Times:
    return Times(cpu=spread([cpu, 2 * cpu]), wall=spread([wall]), peak_mib=1_234.5, threads="1")


def training(**contestants: Times) -> Training:
    return Training(
        data="real-original",
        when="2026-02-03T04:05:06+00:00",
        rounds=2,
        batches=2,
        epoch_batches=20,
        rows=100,
        epoch_rows=1_000,
        words=500,
        epoch_words=6_000,
        steps=10,
        flop_of_a_word=1_000_000,
        rate=1e9,
        waited=0.25,
        contestants=contestants,
        skipped={"torch": "torch is not installed"},
    )


WHOLE = Found(
    machine=MACHINE,
    versions=found.versions(),
    openblas="0.3.30, Zen, 1 thread",
    training={"imdb_lstm/model_one": training(fast=times(2.0, 3.0), stock=times(10.0, 6.0))},
    evaluation={
        "imdb_lstm/model_one": Prediction(
            data="sample",
            when="2026-02-04T04:05:06+00:00",
            rounds=2,
            rows=1_000,
            of_rows=2_000,
            contestants={"fast": times(0.5, 0.5), "stock": times(2.0, 1.0)},
            skipped={},
        )
    },
    data={
        "imdb_lstm": Preparation(
            data="sample",
            when="2026-02-04T04:05:06+00:00",
            rounds=2,
            texts=50_000,
            equal=True,
            contestants={"suite": times(1, 1), "keras": times(3, 3), "kept": times(0.01, 0.01)},
        )
    },
    sweep=Sweep(
        data="sample",
        when="2026-02-04T04:05:06+00:00",
        seeds=4,
        workers=2,
        epochs=10,
        fast=Swept(seconds=Seconds(40, 30), timed_epochs=10),
        stock=Swept(seconds=Seconds(400, 240), timed_epochs=2),
    ),
    full_size=FullSize(
        lengths="sample",
        when="2026-02-04T04:05:06+00:00",
        rows=119_678,
        validation_rows=39_893,
        words=8_000_000,
        seconds=Seconds(200, 202),
        peak_mib=1_234.5,
        printed=3_232,
    ),
)


def test_what_was_kept_is_read_again_and_added_to(tmp_path: Path) -> None:
    path = tmp_path / "bench/bench.json"
    assert found.begin(path, MACHINE, whole=False) == Found(machine=MACHINE, versions=found.versions())
    found.write(WHOLE, path)
    assert found.begin(path, MACHINE, whole=False) == WHOLE


@pytest.mark.parametrize("change", [{"machine": {**MACHINE, "cores": "64"}}, {"versions": {"python": "2.7"}}])
def test_a_part_is_not_added_to_what_is_of_another_machine(change: dict[str, dict[str, str]], tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    found.write(msgspec.structs.replace(WHOLE, **change), path)
    with pytest.raises(ReproError, match=r"another machine or other versions.*\n.*--results"):
        found.begin(path, MACHINE, whole=False)
    assert found.begin(path, MACHINE, whole=True) == Found(machine=MACHINE, versions=found.versions())


def test_a_file_that_is_none_of_ours_is_not_replaced_by_a_part(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    path.write_text('{"schema": "something else"}')
    with pytest.raises(ReproError, match=r"bench\.json"):
        found.begin(path, MACHINE, whole=False)
    assert not found.begin(path, MACHINE, whole=True).training


def test_a_file_that_cannot_be_read_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    path.mkdir()
    for whole in (True, False):
        with pytest.raises(ReproError, match=r"bench\.json cannot be read: Is a directory$"):
            found.begin(path, MACHINE, whole=whole)


# Shown
def test_seconds_are_scaled_to_an_epoch_and_held_against_stock_keras() -> None:
    fast, keras = tables.training(WHOLE.training).rows
    assert fast[:4] == ("imdb_lstm/model_one", "real-original", "2 of 20", "fast")
    assert fast[4:] == ("20.0", "30.0", "30.0", "30.0", "5.0", "2.0", "1234")
    assert keras[3:] == ("stock Keras", "100", "150", "60.0", "60.0", "1.0", "1.0", "1234")


def test_without_stock_keras_there_is_no_ratio() -> None:
    (alone,) = tables.training({"imdb_lstm/model_one": training(fast=times(2.0, 3.0))}).rows
    assert alone[8:10] == ("", "")


def test_the_rate_of_an_epoch_is_held_against_the_machines() -> None:
    """100 rows of 10 steps of a million operations in 2 seconds: half of 1 GFLOP/s; half of the steps are words."""
    fast, keras = tables.arithmetic(WHOLE.training).rows
    assert fast == ("imdb_lstm/model_one", "10", "1", "fast", "0.5", "50.0%", "25.0%")
    assert keras[-2:] == ("10.0%", "")


def test_who_did_not_take_part_and_what_was_left_out_is_said() -> None:
    one = training(fast=times(1, 1))
    other = msgspec.structs.replace(one, skipped={}, left_out="recurrent dropout")
    both = tables.training({"a": one, "b": other}).caption
    assert "PyTorch did not take part in a: torch is not installed." in both
    assert "PyTorch's b is without recurrent dropout." in both
    assert "PyTorch did not take part: torch" in tables.training({"a": one}).caption


def test_the_document_has_all_sections_and_says_where_and_when() -> None:
    text = tables.document(WHOLE)
    for title in ("training", "arithmetic", "evaluation", "data", "sweep", "full size"):
        assert f"## {title}\n" in text
    assert "a processor, 2 cores, Linux. 2026-02-03 to 2026-02-04." in text
    assert "OpenBLAS 0.3.30, Zen, 1 thread" in text
    assert "up to 25% of its time" in text
    assert re.search(r"\| fast, 2 workers *\| *10 of 10 *\| *40\.0 *\| *30\.0 *\| *480 *\| *10\.0 *\| *8\.0 *\|", text)


def test_unequal_arrays_are_not_passed_over() -> None:
    unequal = msgspec.structs.replace(WHOLE.data["imdb_lstm"], equal=False)
    assert "The arrays of imdb_lstm are not equal." in tables.data({"imdb_lstm": unequal}).caption


# Work
@pytest.mark.parametrize("name", ["jigsaw_multilabel", "rotten_tomatoes", "stacked_lstm"])
def test_both_prepare_the_same_arrays(name: str) -> None:
    both = preparation.prepare(registry.chapter(name), "embedded")
    for ours, keras in zip(both.ours(), both.keras(), strict=True):
        np.testing.assert_array_equal(ours, keras, strict=True)


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["imdb_lstm", "imdb_rnn"])
def test_both_prepare_the_same_reviews(name: str, real_data: Path) -> None:
    both = preparation.prepare(registry.chapter(name), "real")
    for ours, keras in zip(both.ours(), both.keras(), strict=True):
        np.testing.assert_array_equal(ours, keras, strict=True)


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_the_models_in_pytorch_have_the_parameters_of_the_chapters(experiment: str) -> None:
    pytest.importorskip("torch")
    from repro.bench.in_torch import InTorch

    _, expected = registry.experiment(experiment)
    model = InTorch(Job("train", "torch", experiment, "embedded"))
    recurrent = [layer for layer in expected.layers if layer.recurrent]
    ways = [2 if layer.kind == "Bidirectional" else 1 for layer in recurrent]
    second_biases = sum(4 * arithmetic.numbers(layer)[0] * n for layer, n in zip(recurrent, ways, strict=True))
    assert model.parameters == expected.parameters + second_biases
    model.measure(1)


def test_stock_keras_has_nothing_of_this_suites_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "ENVIRONMENT", dict(backend.ENVIRONMENT))
    stock.as_installed()
    assert backend.ENVIRONMENT.keys() == {"TF_CPP_MIN_LOG_LEVEL", "CUDA_VISIBLE_DEVICES", "JAX_PLATFORMS"}


def test_comments_made_up_have_the_lengths_asked_for_and_rarer_words_less_often() -> None:
    made = full_size.made_up(np.array([3, 0, 50_000]), 100, np.random.default_rng(1))
    assert made.offsets.tolist() == [0, 3, 3, 50_003]
    times = np.bincount(made.values)
    assert len(times) == 100
    assert times[0] == 0
    assert times[1] > 1.5 * times[2] > 2 * times[4] > 0


def test_the_full_size_is_that_of_the_source() -> None:
    assert full_size.printed(registry.chapter("jigsaw_multilabel")) == (119_678, 39_893, 3_232)


# Processes
JOB = Job("open", "suite", "stacked_lstm/stacked", "embedded")


def test_a_process_works_when_it_is_asked_and_ends_with_the_bench() -> None:
    with Process(JOB) as process:
        assert process.ready().peak_mib > 10
        assert process.measure(2).seconds.wall > 0
        pid = process.pid
        os.kill(pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_who_fails_is_left_out_and_the_others_go_on() -> None:
    jobs = {"a": JOB, "b": replace_experiment("stacked_lstm/stackd"), "c": JOB}
    with Turns(jobs) as turns:
        assert turns.skipped == {"b": "ReproError: no experiment 'stackd' in stacked_lstm; did you mean 'stacked'?"}
        os.kill(turns.processes["c"].pid, signal.SIGKILL)
        replies = turns.rounds(2, {"a": 1, "b": 1, "c": 1})
    assert list(replies) == ["a"]
    assert len(replies["a"]) == 2
    assert "ended by itself with -9" in turns.skipped["c"]


def test_nobody_left_is_an_error() -> None:
    with Turns({"b": replace_experiment("stacked_lstm/stackd")}) as turns, pytest.raises(ReproError, match="stackd"):
        turns.rounds(1, {"b": 1})


def replace_experiment(experiment: str) -> Job:
    return msgspec.structs.replace(JOB, experiment=experiment)


def test_a_process_ends_when_the_bench_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time\n"
        "from repro.bench.messages import Job\n"
        "from repro.bench.processes import Process\n"
        "process = Process(Job('open', 'suite', 'stacked_lstm/stacked', 'embedded'))\n"
        "process.ready(); print(process.pid, flush=True); time.sleep(60)\n"
    )
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    bench = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment, text=True)
    assert bench.stdout is not None
    pid = int(bench.stdout.readline())
    bench.kill()
    bench.communicate()
    for _ in range(50):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("it is still there")


def test_contestants_see_no_variables_that_set_their_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*backend.ENVIRONMENT, "OPENBLAS_NUM_THREADS"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    seen = {name: processes.environment(name) for name in ("stock", "stock-jax", "torch-1")}
    assert not {*backend.ENVIRONMENT, "OPENBLAS_NUM_THREADS", "KERAS_BACKEND"} & seen["stock"].keys()
    assert seen["stock-jax"]["KERAS_BACKEND"] == "jax"
    assert seen["torch-1"]["OMP_NUM_THREADS"] == "1"
    assert seen["stock"]["PATH"] == os.environ["PATH"]


# As a user meets it
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["imdb_lstn"], "did you mean 'imdb_lstm'"),
        (["imdb_lstm", "--full-size"], "--full-size stands alone"),
        (["--data", "/nowhere"], "no data '/nowhere'"),
    ],
)
def test_what_cannot_be_measured_is_said_before_anything_starts(
    arguments: list[str], message: str, tmp_path: Path
) -> None:
    result = CliRunner().invoke(main, ["bench", *arguments, "--results", str(tmp_path / "results")])
    assert result.exit_code == 2
    assert message in result.stderr
    assert len(result.stderr.splitlines()) <= 2
    assert not (tmp_path / "results").exists()


def test_to_measure_nothing_is_an_error(tmp_path: Path) -> None:
    arguments = ["stacked_lstm", "--only", "sweep", "--data", "embedded", "--results", str(tmp_path)]
    result = CliRunner().invoke(main, ["bench", *arguments])
    assert result.exit_code == 2
    assert "the sweep is one of imdb_lstm/model_one" in result.stderr


def test_training_and_evaluation_are_measured_side_by_side(tmp_path: Path) -> None:
    """On the embedded reviews, with the fast engine and stock Keras; a second bench adds to the first."""
    said: list[str] = []
    options = {"choice": "embedded", "rounds": 1, "batches": 3, "sweep_epochs": 1, "root": tmp_path, "say": said.append}
    target = ["imdb_lstm/model_one"]
    measure(target, ["training"], names=("fast", "stock"), **options)  # type: ignore[arg-type]
    _, document = measure(target, ["evaluation"], **options)  # type: ignore[arg-type]
    result = found.begin(document.with_suffix(".json"), machine(), whole=False)

    trained, evaluated = result.training["imdb_lstm/model_one"], result.evaluation["imdb_lstm/model_one"]
    assert (trained.batches, trained.epoch_batches, trained.rows, trained.epoch_rows) == (3, 32, 384, 4_000)
    assert 0 < trained.words <= trained.rows * trained.steps
    assert trained.data == evaluated.data == "embedded"
    assert evaluated.rows == evaluated.of_rows == 2_000
    for each in (trained, evaluated):
        assert list(each.contestants) == ["fast", "stock"]
        assert not each.skipped
        for one in each.contestants.values():
            assert 0 < one.cpu.best < 60
            assert 0 < one.wall.best < 60
            assert 50 < one.peak_mib < 20_000
    assert 1e9 < trained.rate < 1e13
    assert "1 thread" in result.openblas
    assert document == tmp_path / "bench/bench-embedded.md"
    assert "imdb_lstm/model_one" in document.read_text()
    assert any("3 of 32 batches" in line for line in said)
