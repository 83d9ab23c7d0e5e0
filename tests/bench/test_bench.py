"""The bench: the work of the contestants, that nobody is left running, and a bench that measures."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from repro import backend, registry
from repro.bench import (
    full_size,
    in_keras,
    preparation,
)
from repro.bench.jobs import CORES, Job, Reply, Seconds, agree
from repro.bench.processes import MORE, Process, Turns, environment, warmed_up
from repro.bench.results import begin
from repro.cli import main
from repro.errors import ReproError

EXPERIMENTS = [f"{chapter.name}/{one.name}" for chapter, one in registry.select(registry.chapters())]


# Work
@pytest.mark.parametrize("name", ["jigsaw_multilabel", "rotten_tomatoes", "stacked_lstm"])
def test_both_prepare_the_same_arrays(name: str) -> None:
    ways = preparation.ways(registry.chapter(name), "embedded")
    for ours, keras in zip(ways["suite"](), ways["keras"](), strict=True):
        np.testing.assert_array_equal(ours, keras, strict=True)


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["imdb_lstm", "imdb_rnn"])
def test_both_prepare_the_same_reviews(name: str, real_data: Path) -> None:
    ways = preparation.ways(registry.chapter(name), "real")
    for ours, keras in zip(ways["suite"](), ways["keras"](), strict=True):
        np.testing.assert_array_equal(ours, keras, strict=True)


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_the_models_in_pytorch_have_the_parameters_of_the_chapters(experiment: str) -> None:
    pytest.importorskip("torch")
    from repro.bench import in_torch

    _, expected = registry.experiment(experiment)
    parameters = sum(each.numel() for each in in_torch.network(expected).parameters())
    second_biases = sum(4 * layer.units * layer.directions for layer in expected.layers if layer.recurrent)
    assert parameters == expected.parameters + second_biases
    for kind in ("train", "predict"):
        assert in_torch.work(Job(kind, "torch", experiment, "embedded")).measure(1).cpu > 0


def test_stock_keras_has_nothing_of_this_suites_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "ENVIRONMENT", dict(backend.ENVIRONMENT))
    in_keras.as_installed()
    assert backend.ENVIRONMENT.keys() == {"TF_CPP_MIN_LOG_LEVEL", "CUDA_VISIBLE_DEVICES", "JAX_PLATFORMS"}


def test_comments_made_up_have_the_lengths_asked_for_and_rarer_words_less_often() -> None:
    made = full_size.made_up(np.array([3, 0, 50_000]), 100, np.random.default_rng(1))
    assert made.offsets.tolist() == [0, 3, 3, 50_003]
    times = np.bincount(made.values)
    assert len(times) == 100
    assert times[0] == 0
    assert times[1] > 1.5 * times[2] > 2 * times[4] > 0


def test_stock_keras_is_built_as_a_user_gets_it() -> None:
    """In a process like a contestant's: its own threads, layers and optimizer, and XLA for that contestant alone."""
    code = (
        "from repro import backend, registry\n"
        "from repro.bench import in_keras\n"
        "in_keras.as_installed()\n"
        "model = in_keras.stock_model(*registry.experiment('rotten_tomatoes/lstm'), 1)\n"
        "import keras, tensorflow\n"
        "assert [type(layer).__module__.split('.')[0] for layer in model.layers] == ['keras'] * 6\n"
        "assert type(model.optimizer) is keras.optimizers.Adam\n"
        "assert model.layers[2].recurrent_activation is keras.activations.sigmoid\n"
        "assert not model.jit_compile\n"
        "threading = tensorflow.config.threading\n"
        "assert threading.get_intra_op_parallelism_threads() == threading.get_inter_op_parallelism_threads() == 0\n"
        "import os\n"
        "ours = {*backend.ENVIRONMENT} - {*in_keras.AS_INSTALLED}\n"
        "assert not ours & os.environ.keys()\n"
        "assert not {'TF_NUM_INTRAOP_THREADS', 'TF_ENABLE_ONEDNN_OPTS', 'OMP_NUM_THREADS'} & os.environ.keys()\n"
    )
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, env=environment("stock"), capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_the_full_size_is_that_of_the_source() -> None:
    """The source of one chapter printed all that it takes."""
    sizes = {name: full_size.printed(*registry.experiment(name)) for name in EXPERIMENTS}
    source = {"rows": 119_678, "validation_rows": 39_893, "printed_seconds": 3_232}
    assert {name: size for name, size in sizes.items() if size} == {"jigsaw_multilabel/lstm": source}


# Processes
STACKED = "stacked_lstm/stacked"


def test_a_process_works_when_it_is_asked_and_ends_with_the_bench() -> None:
    with contextlib.closing(Process(Job("open", "kept", STACKED, "embedded"))) as process:
        assert process.reply().peak_mib > 10
        assert process.reply(2).seconds.wall > 0
        pid = process.pid
        os.kill(pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_who_fails_is_left_out_and_the_others_go_on() -> None:
    with warmed_up(STACKED, "embedded", {"suite": "prepare", "nobody": "prepare", "kept": "open"}) as turns:
        assert turns.skipped == {"nobody": "KeyError: 'nobody'"}
        os.kill(turns.processes["kept"].pid, signal.SIGKILL)
        replies = turns.rounds(2, {"suite": 1, "nobody": 1, "kept": 1})
    assert list(replies) == ["suite"]
    assert 2 <= len(replies["suite"]) <= 2 + MORE
    assert "ended by itself with -9" in turns.skipped["kept"]


class Stubborn(Turns):
    """Processes that take the times that they are given, one for each turn, for each unit of work."""

    def __init__(self, **times: list[float]) -> None:
        super().__init__()
        self.times = times
        self.processes = dict.fromkeys(times)  # type: ignore[assignment]

    def ask(self, name: str, amount: int | None = None) -> Reply | None:
        assert amount is not None
        time = amount * self.times[name].pop(0)
        return Reply(seconds=Seconds(time, time), peak_mib=1.0)


def test_who_does_not_take_as_long_again_gets_more_turns_but_not_for_ever() -> None:
    steady, late, never = [1.0, 1.5, 1.04], [2.0, 1.5, 1.0, 1.01, 9.9], [float(2**n) for n in range(9)]
    replies = Stubborn(steady=steady, late=late, never=never).rounds(3, {"steady": 1, "late": 1, "never": 1})
    assert {name: len(each) for name, each in replies.items()} == {"steady": 3, "late": 4, "never": 3 + MORE}
    assert agree([1.0, 1.5, 1.04])
    assert not agree([1.0, 1.06])


def test_each_works_long_enough_for_a_round_of_its_own() -> None:
    """The pace is that of the better of two trials, in which it worked for a quarter of the time at least."""
    turns = Stubborn(quick=[0.5, 0.004, 0.001, 0.002, 0.001, 0.001], slow=[3.0, 2.5])
    assert turns.paced(["quick", "slow"], 2.0) == {"quick": 2_000, "slow": 1}


def test_nobody_left_is_an_error() -> None:
    message = "nothing could be measured: ReproError: no experiment 'stackd' in stacked_lstm; did you mean 'stacked'?"
    with warmed_up("stacked_lstm/stackd", "embedded", {"kept": "open"}) as turns:
        assert not turns.processes
        with pytest.raises(ReproError, match=re.escape(message)):
            turns.rounds(1, {"kept": 1})


def test_a_process_and_what_it_started_end_when_the_bench_is_killed(tmp_path: Path) -> None:
    """A sweep, which starts `repro run`, at a moment when it is under way."""
    code = (
        "import threading, time\n"
        "from repro.bench.processes import Process\n"
        "from repro.bench.jobs import Job\n"
        "process = Process(Job('sweep', 'fast', 'stacked_lstm/stacked', 'embedded'))\n"
        "process.reply(); threading.Thread(target=process.reply, args=(1,)).start()\n"
        "print(process.pid, flush=True); time.sleep(60)\n"
    )
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    bench = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment, text=True)
    assert bench.stdout is not None
    group = int(bench.stdout.readline())
    wait_for(lambda: len(members(group)) > 1, "repro run has not started")
    bench.kill()
    bench.communicate()
    wait_for(lambda: not members(group), "it is still there")


def members(group: int) -> list[int]:
    """The processes of a group, without those that have ended and wait to be collected."""
    listed = subprocess.run(["ps", "-A", "-o", "pgid=,stat=,pid="], capture_output=True, text=True, check=True).stdout
    found = [line.split() for line in listed.splitlines()]
    return [int(pid) for pgid, state, pid in found if int(pgid) == group and not state.startswith("Z")]


def wait_for(condition: Callable[[], bool], otherwise: str) -> None:
    for _ in range(200):
        if condition():
            return
        time.sleep(0.1)
    pytest.fail(otherwise)


def test_contestants_see_no_variables_that_set_their_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*backend.ENVIRONMENT, "OPENBLAS_NUM_THREADS"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    seen = {name: environment(name) for name in ("stock", "stock-jax", "torch-1")}
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
        (["--only", "data", "--document"], "--document stands alone"),
        (["--document"], "bench.json cannot be read"),
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
    assert "sweep and start are those of imdb_lstm/model_one" in result.stderr


def test_training_and_evaluation_are_measured_side_by_side(tmp_path: Path) -> None:
    """On the embedded reviews, with the fast engine and stock Keras; a second bench adds to the first."""

    def bench(*options: str) -> Result:
        common = ["--data", "embedded", "--results", str(tmp_path)]
        return CliRunner().invoke(main, ["bench", *options, *common], catch_exceptions=False)

    one = ("imdb_lstm/model_one", "--rounds", "1", "--batches", "3")
    contestants = ("--contestant", "fast", "--contestant", "fast-1", "--contestant", "stock")
    first = bench(*one, "--only", "training", *contestants)
    assert "3 to 3 batches, once; an epoch has 31.2" in first.stderr
    second = bench(*one, "--only", "evaluation", "--only", "start", *contestants[:4])
    path = tmp_path / "bench/bench-embedded.json"
    assert str(path) in second.stdout
    made = begin(path, whole=False).rows
    assert [(row.section, row.contestant) for row in made] == [
        *(("training", "fast"), ("training", "fast-1"), ("training", "stock")),
        *(("evaluation", "fast"), ("evaluation", "fast-1")),
        *(("start", "compiled"), ("start", "to compile")),
    ]
    for row in made:
        assert (row.data, len(row.cpu), len(row.wall), row.skipped) == ("embedded", 1, 1, "")
        assert 0 < row.cpu_best < 100
        assert 0 < row.wall_best < 100
        assert 10 < row.peak_mib < 20_000
        assert bool(row.openblas) == row.contestant.startswith("fast")
    trained, evaluated, compiled, to_compile = (made[i].amounts for i in (0, 3, 5, 6))
    assert [trained[name] for name in ("batches", "epoch_batches", "epoch_rows")] == [3, 32, 4_000]
    assert 0 < trained["epoch_words"] <= trained["epoch_steps"] == 4_000 * 200
    assert 1e9 < trained["rate"] < 1e13
    assert 1e9 < trained["cores_rate"] < 1.5 * CORES * trained["rate"]
    assert evaluated == {"rows": 2_000, "of_rows": 2_000, "validation_rows": 1_000, "evaluated_rows": 7_000}
    assert sum(compiled.values()) == pytest.approx(made[5].wall_best, abs=0.01)
    assert to_compile["kernels"] > 2 * compiled["kernels"] > 0

    text = path.with_suffix(".md")
    written = text.read_text(encoding="utf-8")
    assert "imdb_lstm/model_one" in written
    assert "## estimate" in written
    text.unlink()
    assert str(text) in bench("--document").stdout
    assert text.read_text(encoding="utf-8") == written
