"""The bench: what is counted, kept and shown, that nobody is left running, and one that measures."""

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

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner, Result

from repro import backend, registry
from repro.bench import SECTIONS, Section, document, in_keras, jobs, preparation, sections
from repro.bench.jobs import Job, timed
from repro.bench.processes import Process, environment, warmed_up
from repro.bench.results import Bench, Row, begin, load, save, versions
from repro.cli import main
from repro.environment import machine
from repro.errors import ReproError
from repro.text import Padded, pad_sequences, ragged

RESULTS = Path(__file__).parents[2] / "results/bench"
EXPERIMENTS = [f"{chapter.name}/{one.name}" for chapter, one in registry.select(registry.chapters())]
MACHINE = {"processor": "a processor", "cores": "2", "system": "Linux"}


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
    assert sections.flop_of_a_step(registry.experiment(experiment)[1]) == flop


def test_the_measured_batches_are_fitted_rows_as_long_as_the_others() -> None:
    chapter, experiment = registry.experiment("imdb_lstm/model_one")
    dataset = chapter.data("embedded")
    words = jobs.lengths(dataset.x_train)[:4_000]
    measured = jobs.training_rows(experiment, dataset, 2)
    assert len(set(measured.tolist())) == 256
    assert words[measured].mean() == pytest.approx(words.mean(), rel=0.01)
    halves = np.split(words[measured], 2)
    assert halves[0].mean() == pytest.approx(halves[1].mean(), rel=0.1)  # not sorted any more
    assert sorted(jobs.training_rows(experiment, dataset, 1_000)) == list(range(4_000))


def test_rows_are_taken_at_even_distances_by_length() -> None:
    assert jobs.representative(np.array([5, 1, 4, 2, 3, 6]), 3).tolist() == [3, 2, 5]
    assert sorted(jobs.representative(np.array([5, 1, 4]), 3)) == [0, 1, 2]


def test_words_are_counted_without_padding() -> None:
    words = ragged([[1, 2, 3], [], [4]])
    assert jobs.lengths(Padded(words, 2)).tolist() == [2, 0, 1]
    assert jobs.lengths(pad_sequences(words, 2)).tolist() == [2, 0, 1]


# Kept
def row(section: Section, contestant: str, cpu: float, wall: float, **more: object) -> Row:
    common = {"name": "imdb_lstm/model_one", "data": "sample", "when": "2026-02-04T04:05:06+00:00", "rounds": 2}
    times = {"cpu_best": cpu, "cpu_median": 2 * cpu, "wall_best": wall, "wall_median": wall, "peak_mib": 1_234.5}
    return msgspec.convert(
        {"section": section, "contestant": contestant, "threads": "1", **common, **times, "amounts": {}, **more}, Row
    )


TRAINED = {
    "amounts": {"batches": 2, "epoch_batches": 20, "rows": 100, "epoch_rows": 1_000, "words": 500, "steps": 10}
    | {"flop": 1_000_000, "rate": 1e9, "waited": 0.25},
    "when": "2026-02-03T04:05:06+00:00",
}
SWEPT = {"amounts": {"seeds": 4, "workers": 2, "epochs": 10, "stock_epochs": 2}}
FULL_SIZE = {"amounts": {"rows": 119_678, "validation_rows": 39_893, "words": 8_000_000, "printed_seconds": 3_232}}
TRAINING = (
    row("training", "fast", 2.0, 3.0, **TRAINED, openblas="0.3.30, Zen, 1 thread"),
    row("training", "stock", 10.0, 6.0, **TRAINED),
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
        row("evaluation", "fast", 0.5, 0.5, amounts={"rows": 1_000, "of_rows": 2_000}),
        row("evaluation", "stock", 2.0, 1.0, amounts={"rows": 1_000, "of_rows": 2_000}),
        *PREPARED,
        row("sweep", "fast", 40, 30, **SWEPT),
        row("sweep", "stock", 400, 240, **SWEPT),
        row("full size", "fast", 200, 202, **FULL_SIZE),
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
    assert bench.rows.index(again) == 3
    assert len(bench.rows) == len(WHOLE.rows) - 1
    other = row("evaluation", "fast", 1.0, 1.0, name="imdb_rnn/lstm")
    assert WHOLE.with_part([other]).rows == (*WHOLE.rows, other)


@pytest.mark.parametrize("change", [{"machine": {**machine(), "cores": "1000"}}, {"versions": {"python": "2.7"}}])
def test_a_part_is_not_added_to_what_is_of_another_machine(change: dict[str, dict[str, str]], tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    save(msgspec.structs.replace(WHOLE, **change), path)
    with pytest.raises(ReproError, match=r"another machine or other versions.*\n.*--results"):
        begin(path, whole=False)
    assert begin(path, whole=True) == Bench(machine=machine(), versions=versions())


@pytest.mark.parametrize("schema", ["something else", "lstm-walkthroughs/bench/1"])
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


def test_seconds_are_scaled_to_an_epoch_and_held_against_stock_keras() -> None:
    fast, keras = document.training(parts(*TRAINING)).rows
    assert fast[:4] == ("imdb_lstm/model_one", "sample", "2 of 20", "fast")
    assert fast[4:] == ("20.0", "40.0", "30.0", "30.0", "5.0", "2.0", "1234")
    assert keras[3:] == ("stock Keras", "100", "200", "60.0", "60.0", "1.0", "1.0", "1234")


def test_without_stock_keras_there_is_no_ratio() -> None:
    (alone,) = document.training(parts(TRAINING[0])).rows
    assert alone[8:10] == ("", "")


def test_the_rate_of_an_epoch_is_held_against_the_machines() -> None:
    """100 rows of 10 steps of a million operations in 2 seconds: half of 1 GFLOP/s; half of the steps are words."""
    fast, keras = document.arithmetic(parts(*TRAINING)).rows
    assert fast == ("imdb_lstm/model_one", "10", "1", "fast", "0.5", "50.0%", "25.0%")
    assert keras[-2:] == ("10.0%", "")


def test_who_did_not_take_part_and_what_was_left_out_is_said() -> None:
    other = row("training", "torch", 1, 1, **TRAINED, name="b", note="PyTorch's b is without recurrent dropout")
    both = document.training(parts(*TRAINING, other)).caption
    assert "PyTorch did not take part in imdb_lstm/model_one: torch is not installed." in both
    assert "PyTorch's b is without recurrent dropout." in both
    assert "PyTorch did not take part: torch" in document.training(parts(*TRAINING)).caption


def test_the_document_has_all_sections_and_says_where_and_when() -> None:
    text = document.document(msgspec.structs.replace(WHOLE, machine=MACHINE))
    for title in (*SECTIONS, "arithmetic", "full size"):
        assert f"## {title}\n" in text
    assert "a processor, 2 cores, Linux. 2026-02-03 to 2026-02-04." in text
    assert "OpenBLAS 0.3.30, Zen, 1 thread" in text
    assert "up to 25% of its time" in text
    assert re.search(r"\| fast, 2 workers *\| *10 of 10 *\| *40\.0 *\| *30\.0 *\| *480 *\| *10\.0 *\| *8\.0 *\|", text)


def test_unequal_arrays_are_not_passed_over() -> None:
    suite, keras, kept = PREPARED
    assert "Both made the same arrays." in document.data(parts(*PREPARED)).caption
    unequal = msgspec.structs.replace(keras, sha256="b")
    assert "The arrays of imdb_lstm/model_one are not equal." in document.data(parts(suite, unequal, kept)).caption


def test_the_committed_document_is_that_of_the_committed_numbers() -> None:
    bench = load(RESULTS / "bench.json")
    assert document.document(bench) == (RESULTS / "bench.md").read_text(encoding="utf-8")
    assert document.summary(bench).files()[".md"] == (RESULTS / "summary.md").read_text(encoding="utf-8")


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
    assert in_torch.work(Job("train", "torch", experiment, "embedded")).measure(1).cpu > 0


def test_stock_keras_has_nothing_of_this_suites_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "ENVIRONMENT", dict(backend.ENVIRONMENT))
    in_keras.as_installed()
    assert backend.ENVIRONMENT.keys() == {"TF_CPP_MIN_LOG_LEVEL", "CUDA_VISIBLE_DEVICES", "JAX_PLATFORMS"}


def test_comments_made_up_have_the_lengths_asked_for_and_rarer_words_less_often() -> None:
    made = in_keras.made_up(np.array([3, 0, 50_000]), 100, np.random.default_rng(1))
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
    sizes = {name: in_keras.printed(*registry.experiment(name)) for name in EXPERIMENTS}
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
    assert len(replies["suite"]) == 2
    assert "ended by itself with -9" in turns.skipped["kept"]


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
    assert "the sweep trains imdb_lstm/model_one" in result.stderr


def test_training_and_evaluation_are_measured_side_by_side(tmp_path: Path) -> None:
    """On the embedded reviews, with the fast engine and stock Keras; a second bench adds to the first."""

    def bench(*options: str) -> Result:
        common = ["--data", "embedded", "--results", str(tmp_path)]
        return CliRunner().invoke(main, ["bench", *options, *common], catch_exceptions=False)

    one = ("imdb_lstm/model_one", "--rounds", "1", "--batches", "3")
    first = bench(*one, "--only", "training", "--contestant", "fast", "--contestant", "stock")
    assert "3 of 32 batches" in first.stderr
    second = bench(*one, "--only", "evaluation")
    path = tmp_path / "bench/bench-embedded.json"
    assert str(path) in second.stdout
    made = begin(path, whole=False).rows
    assert [(row.section, row.contestant) for row in made] == [
        *(("training", "fast"), ("training", "stock")),
        *(("evaluation", "fast"), ("evaluation", "stock")),
    ]
    for row in made:
        assert (row.data, row.rounds, row.skipped) == ("embedded", 1, "")
        assert 0 < row.cpu_best < 60
        assert 0 < row.wall_best < 60
        assert 50 < row.peak_mib < 20_000
        assert ("1 thread" in row.openblas) == (row.contestant == "fast")
    trained, evaluated = made[0].amounts, made[2].amounts
    assert [trained[name] for name in ("batches", "epoch_batches", "rows", "epoch_rows")] == [3, 32, 384, 4_000]
    assert 0 < trained["words"] <= trained["rows"] * trained["steps"]
    assert 1e9 < trained["rate"] < 1e13
    assert evaluated == {"rows": 2_000, "of_rows": 2_000}

    text = path.with_suffix(".md")
    written = text.read_text(encoding="utf-8")
    assert "imdb_lstm/model_one" in written
    text.unlink()
    assert str(text) in bench("--document").stdout
    assert text.read_text(encoding="utf-8") == written
