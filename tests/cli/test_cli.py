"""The command line as a user meets it: what it prints, how it ends, and what it leaves behind."""

from __future__ import annotations

import csv
import dataclasses
import inspect
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import click
import kaggle_files
import msgspec
import pytest
from click.testing import CliRunner, Result
from conftest import MakeRecord, tiny_reviews

from repro import registry
from repro.chapter import DataChoice
from repro.cli import COMMANDS, main
from repro.datasets.dataset import Dataset
from repro.errors import DataUnavailable
from repro.evaluation import Evaluation
from repro.numerics import SOFTWARE, Numerics
from repro.records import Results, read
from repro.runs.plan import Plan, parse_seeds
from repro.runs.run import settings
from repro.runs.train import train


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def refused(result: Result) -> str:
    """The message of a command that ended as a user's error should: exit code 2, two lines at most, no traceback."""
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    assert len(result.stderr.strip().splitlines()) <= 2
    return result.stderr


HEAVY = {"tensorflow", "keras", "jax", "torch", "numba", "scipy", "sklearn", "pandas", "matplotlib", "requests", "rich"}


def heavy_imports(*command: str) -> str:
    """What of `HEAVY` is imported when a command has ended, which it must without a fault."""
    code = (
        "import sys; from repro.cli import main\n"
        f"try: main({command!r})\n"
        "except SystemExit as ended: assert not ended.code\n"
        f"print(*{HEAVY!r} & set(sys.modules), file=sys.stderr)"
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stderr.strip()


@pytest.mark.parametrize("command", [["--help"], ["list"], ["show", "imdb_lstm"], ["data", "list"]])
def test_commands_that_do_not_train_start_without_what_trains_and_draws(command: list[str]) -> None:
    assert heavy_imports(*command) == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_listed_with_the_first_line_of_its_own_help(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.name == name
    assert COMMANDS[name].help == inspect.cleandoc(command.help or "").splitlines()[0]


def test_tables_with_a_prediction_interval_need_scipy_alone(results: Results, make_record: MakeRecord) -> None:
    evaluation = {"test": Evaluation(loss=0.4, matrix=((10_000, 2_000), (2_500, 10_500)))}
    for seed in (1, 2):
        results.write(make_record("imdb_rnn/lstm", seed=seed, epochs=5, evaluation=evaluation))
    assert heavy_imports("table", "--results", str(results.root)) == "scipy"
    (printed,) = results.root.rglob("printed.csv")
    (row,) = csv.DictReader(printed.open())
    assert float(row["low"]) == float(row["high"]) == 0.82


RECORDED_PROBE = Path(__file__).parents[1] / "reference/fingerprints/keras-3.15-tensorflow.json"


@pytest.mark.parametrize(
    ("command", "limit"),
    [
        ("--help", 0.4),
        pytest.param("table", 0.8, marks=pytest.mark.slow),
        pytest.param("compare imdb_lstm/model_one imdb_lstm/model_two", 0.8, marks=pytest.mark.slow),
        pytest.param("judge imdb_lstm/model_one --accuracy 0.8137 --loss 0.41", 1.0, marks=pytest.mark.slow),
        pytest.param(f"fingerprint {RECORDED_PROBE}", 1.0, marks=pytest.mark.slow),
    ],
)
def test_a_command_takes_less_than_a_second(command: str, limit: float, tmp_path: Path) -> None:
    """Of processor time, which is the wall time on a free core; the least of some, with the repository's records."""
    shutil.copytree(Path(registry.__file__).parents[1] / "results/records", tmp_path / "results/records")

    def seconds() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "repro", *command.split()], cwd=tmp_path, capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(seconds() for _ in range(5)) < limit


def test_list_names_every_experiment() -> None:
    output = call("list").output
    assert "imdb_lstm/model_three" in output
    assert "stacked_lstm/stacked" in output


def test_show_works_out_the_formulas_and_names_claims_and_errata() -> None:
    output = call("show", "imdb_lstm").output
    for fact in ("4 × ((32 + 32) × 32 + 32)", "16,640", "32,673", ".399", "0.3997277", "9159 1161 / 3341 11339"):
        assert fact in output
    assert "   3  An LSTM layer has four times" in output
    assert "  46  An LSTM layer trains slower than a simple RNN layer." in output
    assert "      needs: repro run imdb_lstm/model_one --vary simple_rnn\n" in output
    assert "      needs: repro run imdb_lstm/model_one --engine keras\n" in output
    assert "  shifted_by_three     slip           word numbers without Keras' offset of 3\n" in output
    assert "(only model_one; engine\n" in output
    assert '      in "Model evaluation with train data", list under the matrix' in output
    assert output.count("shown by its check") == 3
    assert "NOT" not in output


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["show", "imdb_lst"], "did you mean 'imdb_lstm'?"),
        (["show", "zzz"], "there are: imdb_lstm, "),
        (["run", "imdb_lstm/model_on"], "did you mean 'model_one'?"),
        (["run", "imdb_lstm", "--seeds", "5-1"], "runs backwards; write 1-5"),
        (["run", "imdb_lstm", "--seeds", "one"], "neither a number nor a range"),
        (["run", "imdb_lstm", "--seeds", "1,,2"], "neither a number nor a range"),
        (["run", "imdb_lstm", "--seeds", "-3"], "neither a number nor a range"),
        (["run", "imdb_lstm", "--seeds", "4294967296"], "the largest seed"),
        (["run", "imdb_lstm", "--seeds", "0-4294967295"], "more than 10,000 seeds"),
        (["reproduce", "imdb_lst"], "did you mean 'imdb_lstm'?"),
        (["reproduce", "imdb_lstm/model_one"], "did you mean 'imdb_lstm'?"),
        (["run", "imdb_lstm", "--data", "no/such/folder"], "no/such/folder"),
        (["predict", "imdb_lstm/model_one", "good"], "in ./results (--results names another folder); train it: repro "),
        (["predict", "imdb_lstm/model_one", " "], "the text is empty"),
        (["data", "verify", "imbd"], "did you mean 'imdb'?"),
        (["data", "get", "zzz"], "there are: ag_news, imdb, "),
        (["data", "list", "--data", "zzz"], "no data 'zzz'"),
        (["data", "verify", "--data", "embedded"], "the embedded corpus has no files"),
        (["table", "--results", "none"], "no records in none/records; make some"),
        (["figures", "--results", "none"], "no records in none/records; make some"),
        (["compare", "imdb_lst/model_one", "imdb_lstm/model_two"], "did you mean 'imdb_lstm'?"),
        (
            ["compare", "imdb_lstm/model_one", "imdb_lstm/model_two", "--results", "none"],
            "make some: repro run imdb_lstm/model_one",
        ),
        (["compare", "imdb_lstm/model_one", "mine.json"], "there is no file mine.json"),
        (["compare", "mine.json", "imdb_lstm/model_one"], "there is no file mine.json"),
    ],
)
def test_a_users_mistake_ends_with_a_message_and_nothing_written(
    arguments: list[str], complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert complaint in refused(call(*arguments))
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize("arguments", [["--epochs", "0"], ["--jobs", "0"], ["--threads", "0"], ["--numerics", "exact"]])
def test_options_out_of_range_are_refused(arguments: list[str]) -> None:
    assert f"invalid value for '{arguments[0]}'" in refused(call("run", "imdb_lstm", *arguments))


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["jugde"], "repro: no command 'jugde'; did you mean 'judge'?\n"),
        (["--foo"], "repro: no such option '--foo'."),
        (
            ["run", "imdb_lstm", "--ephocs", "3"],
            "repro: no such option '--ephocs'. Did you mean '--epochs'?\nmain run --help ",
        ),
        (["run"], "repro: missing argument"),
    ],
)
def test_a_command_that_cannot_be_read_is_refused_like_any_other_mistake(arguments: list[str], complaint: str) -> None:
    assert refused(call(*arguments)).startswith(complaint)


def test_without_anything_to_do_the_help_is_shown() -> None:
    shown = call().output
    assert shown.startswith("Usage: ")
    assert all(name in shown for name in COMMANDS)


@pytest.mark.parametrize("command", ["run", "judge"])
def test_who_asks_for_keras3_is_told_what_each_numerics_stands_for(command: str) -> None:
    message = refused(call(command, "imdb_lstm/model_one", "--numerics", "keras3"))
    assert all(f"{name} ({software})" in message for name, software in SOFTWARE.items())
    assert "R's keras3 computes as stock" in message


def test_the_names_of_numerics_and_of_probes_are_taken_in_any_case() -> None:
    assert "no chapter 'zzz'" in refused(call("run", "zzz", "--numerics", "STOCK"))
    assert call("fingerprint", "--script", "R").output == call("fingerprint", "--script", "r").output != ""


def test_a_comparison_is_text_or_json_and_needs_scipy_alone(results: Results, make_record: MakeRecord) -> None:
    for seed in range(1, 7):
        for model in ("model_one", "model_two"):
            results.write(make_record(model, seed=seed))
    results.write(make_record(seed=7, settings=msgspec.structs.replace(make_record().settings, batch_size=7)))
    names = ["imdb_lstm/model_one", "imdb_lstm/model_two", "--results", str(results.root)]
    assert heavy_imports("compare", *names).splitlines()[-1] == "scipy"
    result = call("compare", *names)
    assert result.exit_code == 0
    assert result.stdout.startswith("A: imdb_lstm/model_one/source@fast\n")
    assert "left out: model_one/source/seed7-fast-" in result.stderr
    content = json.loads(call("compare", *names, "--output", "json").stdout)
    assert content["a"]["name"] == "imdb_lstm/model_one/source@fast"
    assert [row["verdict"] for row in content["results"]] == [
        "lower in all seeds" if row["difference"] < 0 else "higher in all seeds" for row in content["results"]
    ]


def test_runs_are_not_compared_with_themselves(results: Results, make_record: MakeRecord, tmp_path: Path) -> None:
    for seed in (1, 2):
        results.write(make_record(seed=seed))
    path = results.record_path("imdb_lstm", make_record().stem)
    copy = shutil.copy(path, tmp_path / "copy.json")
    folder = ["--results", str(results.root)]
    name = "imdb_lstm/model_one"
    assert "A and B are the same" in refused(call("compare", name, f"{name}/source@fast", *folder))
    assert "copy.json" in refused(call("compare", f"{name}@seed1", copy, *folder))


def test_an_outdated_record_is_named_but_is_no_failure(results: Results, make_record: MakeRecord) -> None:
    results.write(make_record())
    old = make_record(seed=2)
    results.write(msgspec.structs.replace(old, settings=msgspec.structs.replace(old.settings, batch_size=7)))
    result = call("table", "--results", results.root)
    assert result.exit_code == 0
    assert "left out: model_one/source/seed2-fast-" in result.stderr


def test_the_tables_are_checked_against_the_records(results: Results, make_record: MakeRecord) -> None:
    results.write(make_record())
    arguments = ("table", "imdb_lstm", "--results", results.root)
    assert call(*arguments).exit_code == 0
    checked = call(*arguments, "--check")
    assert checked.exit_code == 0
    assert "are those of the records" in checked.output
    folder = results.root / "tables" / "imdb_lstm" / "real-original-source"
    before = (folder / "claims.csv").read_bytes()
    (folder / "claims.csv").write_bytes(before.replace(b"0.", b"1."))
    (folder / "claims.txt").unlink()
    (folder / "older.txt").write_text("from records that are gone")
    checked = call(*arguments, "--check")
    assert checked.exit_code == 1
    found = [line.removeprefix(f"{folder}/") for line in checked.output.splitlines()]
    assert found[:3] == [
        "claims.csv: differs from the records",
        "claims.txt: missing",
        "older.txt: no record gives it",
    ]
    assert (folder / "claims.csv").read_bytes() != before  # nothing was written
    assert not (folder / "claims.txt").exists()


def test_predicting_needs_weights_that_can_be_read(results: Results, make_record: MakeRecord) -> None:
    record = make_record(data=registry.chapter("imdb_lstm").data("embedded").provenance)
    results.write(record)
    weights = results.weights_path(record.chapter, record.stem)
    weights.parent.mkdir(parents=True)
    weights.write_bytes(b"nothing")
    message = refused(call("predict", "imdb_lstm/model_one", "wonderful", "--results", results.root))
    assert "cannot be read; delete it and train again" in message


def test_check_counts_and_derives_every_printed_number() -> None:
    output = call("check", "imdb_lstm").output
    assert "17 parameter counts" in output
    assert "17 other printed numbers follow" in output
    assert "Facts that hold: 4. Errata shown by their checks: 3." in output


def test_check_names_what_disagrees_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    chapter = registry.chapter("imdb_lstm")
    one = chapter.experiments[0]
    wrong = dataclasses.replace(chapter, experiments=(dataclasses.replace(one, printed_total=24_354),))
    monkeypatch.setitem(registry.chapters(), "imdb_lstm", wrong)
    result = call("check", "imdb_lstm")
    assert result.exit_code == 1
    assert "imdb_lstm/model_one total: 24353 derived, 24354 printed, 24353 in Keras" in result.stderr


def test_a_data_folder_without_the_files_is_refused(tmp_path: Path) -> None:
    message = refused(call("run", "imdb_lstm", "--data", tmp_path, "--results", tmp_path / "results"))
    assert "imdb/imdb.npz" in message
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04 cut short", "is truncated"),
        (b"<html>log in</html>", "is a web page, not the file"),
        (b"\x1f\x8b\x08", "is packed with gzip, not the file"),
    ],
)
def test_a_data_file_that_is_something_else_is_refused_before_it_is_parsed(
    tmp_path: Path, content: bytes, says: str
) -> None:
    (tmp_path / "imdb").mkdir()
    (tmp_path / "imdb" / "imdb.npz").write_bytes(content)
    message = refused(call("run", "imdb_lstm", "--data", tmp_path, "--results", tmp_path / "results"))
    assert says in message
    assert not (tmp_path / "results").exists()


def test_data_verify_names_the_wrong_file_and_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "imdb").mkdir()
    (tmp_path / "imdb" / "imdb.npz").write_bytes(b"x" * 17_464_789)
    monkeypatch.setenv("REPRO_DATA", str(tmp_path))
    result = call("data", "verify")
    assert result.exit_code == 2
    assert "altered" in result.stderr
    assert "imdb_word_index.json is missing" in result.stderr


@pytest.mark.parametrize("command", ["list", "verify"])
def test_what_is_found_is_shown_with_its_place(command: str, tmp_path: Path) -> None:
    kaggle_files.write("ag_news", tmp_path)
    result = call("data", command, *["ag_news"] * (command == "verify"), "--data", tmp_path)
    assert result.exit_code == 0
    assert f"unverified: {tmp_path}/ag_news/test.csv" in result.stdout


def test_the_list_shows_what_is_not_there_and_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "imdb.npz").write_bytes(b"")
    result = call("data", "list", "--data", tmp_path)
    assert result.exit_code == 0
    found = {line.split()[0]: line.split(None, 3)[3] for line in result.stdout.splitlines()[2:]}
    assert found["imdb/imdb.npz"] == f"{tmp_path}/imdb.npz is empty"
    assert found["imdb/imdb_word_index.json"] == "not here"


def test_what_is_passed_over_is_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever other libraries do to the filters of warnings in between."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets/imdb.npz").write_bytes(b"another project's")

    for _ in range(2):
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            result = call("data", "verify", "imdb", "imdb")
        (line,) = result.stderr.splitlines()
        assert line.startswith(f"repro: passed over: {tmp_path}/datasets/imdb.npz is truncated")


def test_results_that_cannot_be_written_are_refused_before_training(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "results"
    assert "cannot write to" in refused(call("run", "imdb_lstm", "--data", "embedded", "--results", folder))


def test_bad_records_are_named_and_left_out_and_the_rest_still_makes_tables(
    results: Results, make_record: MakeRecord
) -> None:
    good = results.write(make_record())
    good.with_name("cut.json").write_text(good.read_text()[:100])
    good.with_name("other.json").write_text(json.dumps({"schema": "else/1"}))
    result = call("table", "--results", results.root)
    assert result.exit_code == 2
    assert "cut.json: not valid JSON" in result.stderr
    assert "other.json: schema 'else/1'" in result.stderr
    assert "model_one" in result.stdout
    assert (results.root / "tables/imdb_lstm/real-original-source/comparison.csv").exists()


def test_the_same_records_print_the_same_tables(results: Results, make_record: MakeRecord) -> None:
    for seed in (1, 2):
        results.write(make_record(seed=seed))
    first = call("table", "--results", results.root)
    assert first.exit_code == 0
    assert first.stdout == call("table", "imdb_lstm", "--results", results.root).stdout


def test_the_group_that_speaks_for_a_chapter_is_printed_and_the_tables_of_all_are_written(
    results: Results, make_record: MakeRecord
) -> None:
    """The groups with other numerics come first by name."""
    chapter, experiment = registry.experiment("imdb_lstm/model_one")
    both: tuple[Numerics, ...] = ("keras2", "source")
    for numerics in both:
        results.write(make_record(settings=settings(chapter, experiment, numerics, 10)))
    shown = call("table", "--results", results.root).stdout
    assert "numerics source" in shown
    assert "numerics keras2" not in shown
    folder = results.root / "tables/imdb_lstm"
    assert shown.endswith(f"1 other group of runs: {folder} (--all prints them too)\n\n")
    assert {path.name for path in folder.iterdir()} == {"real-original-keras2", "real-original-source"}
    every = call("table", "--all", "--results", results.root).stdout
    assert every.index("numerics keras2") < every.index("numerics source")
    assert "other group" not in every


@pytest.mark.parametrize(
    ("text", "seeds"), [("3", [3]), ("1-4", [1, 2, 3, 4]), ("1,4,8-9", [1, 4, 8, 9]), ("2-3,3", [2, 3]), ("0", [0])]
)
def test_seeds(text: str, seeds: list[int]) -> None:
    assert parse_seeds(text) == seeds


def test_train_predict_and_report_on_the_embedded_corpus(tmp_path: Path) -> None:
    """From nothing to a prediction, with real worker processes."""
    folder = tmp_path / "results"
    arguments = (
        "run",
        "imdb_lstm/model_two",
        "--data",
        "embedded",
        "--epochs",
        "1",
        "--seeds",
        "1-2",
        "--results",
        folder,
    )
    first = call(*arguments)
    assert first.exit_code == 0, first.output
    assert "imdb_lstm/model_two, seed 2: test accuracy" in first.stderr
    records = {path: path.read_bytes() for path in folder.glob("records/imdb_lstm/**/*.json")}
    assert len(records) == 2

    again = call(*arguments)
    assert "2 of 2 runs are finished here already" in again.stdout
    assert {path: path.read_bytes() for path in folder.glob("records/imdb_lstm/**/*.json")} == records

    predicted = call(
        "predict", "imdb_lstm/model_two", "The plot was dull, but the cast was wonderful.", "--results", folder
    )
    assert predicted.exit_code == 0, predicted.output
    assert "embedded" in predicted.stdout

    weights = {path: path.stat().st_mtime_ns for path in folder.glob("weights/imdb_lstm/**/*.keras")}
    retrained = call(*arguments, "--seeds", "1", "--retrain")
    assert "finished here already" not in retrained.stdout
    assert {path: path.read_bytes() for path in records} == records  # the same outcome: they are left as they were
    (made_again,) = [path for path in weights if path.stat().st_mtime_ns != weights[path]]
    assert made_again.name.startswith("seed1-")

    table = call("table", "--results", folder)
    assert "not to be compared" in " ".join(table.stdout.split())
    assert "2 seeds" in table.stdout
    assert call("figures", "--results", folder).exit_code == 0
    figure = folder / "figures/imdb_lstm/embedded-source-1-epochs/curves.png"
    assert figure.read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_command_leaves_no_worker_and_goes_on_where_it_was(tmp_path: Path, how: signal.Signals) -> None:
    folder = tmp_path / "results"
    command = [sys.executable, "-m", "repro", "run", "imdb_lstm/model_one", "--data", "embedded", "--epochs", "3"]
    whole = subprocess.run([*command, "--results", tmp_path / "whole"], capture_output=True, check=True)
    assert b"epoch 1 of 3" in whole.stderr

    started = subprocess.Popen([*command, "--results", folder], stderr=subprocess.PIPE, start_new_session=True)
    checkpoint = folder / "checkpoints/imdb_lstm"
    while not list(checkpoint.rglob("seed*.npz")):
        time.sleep(0.1)
    if how == signal.SIGINT:
        os.killpg(started.pid, how)  # as a terminal does
    else:
        started.kill()
    _, message = started.communicate(timeout=20)
    if how == signal.SIGINT:
        assert started.returncode == 130
        assert b"resumes after the last finished epochs" in message
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and in_session(started.pid):
        time.sleep(0.1)
    assert not in_session(started.pid)

    resumed = subprocess.run([*command, "--results", folder], capture_output=True, check=True)
    assert b"epoch 1 of 3" not in resumed.stderr
    first, second = (read(next((root / "records/imdb_lstm").rglob("*.json"))) for root in (tmp_path / "whole", folder))
    assert first.outcome() == second.outcome()


def in_session(session: int) -> list[str]:
    """The processes that were started by the process `session` or by one of its children."""
    listed = subprocess.run(["ps", "-o", "pid=,args=", "-s", str(session)], capture_output=True, text=True, check=False)
    return [line for line in listed.stdout.splitlines() if "defunct" not in line]


@pytest.mark.usefixtures("tiny_chapter")
def test_reproduce_without_the_real_data_says_so_in_one_line_and_uses_the_embedded_corpus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trained in this process, where the tiny corpus stands for both kinds of data."""

    def unavailable(choice: DataChoice) -> Dataset:
        if choice == "embedded":
            return tiny_reviews(choice)
        raise DataUnavailable("the server is down.\nTry again.")

    def trained(todo: Plan, results: Results, jobs: int | None, threads: int | None) -> None:
        for run in todo.to_do:
            train(run, results)

    chapter = dataclasses.replace(registry.chapter("imdb_lstm"), data=unavailable)
    short = tuple(dataclasses.replace(experiment, epochs=1) for experiment in chapter.experiments)
    monkeypatch.setitem(registry.chapters(), "imdb_lstm", dataclasses.replace(chapter, experiments=short))
    monkeypatch.setattr("repro.cli.launch.train", trained)
    first = call("reproduce", "imdb_lstm", "--results", tmp_path)
    assert first.exit_code == 0, first.output
    (line,) = first.stderr.strip().splitlines()
    assert line.startswith("the server is down. Using the embedded corpus instead")
    assert "parameter counts by formula equal Keras' own" in first.stdout
    assert "not to be compared" in " ".join(first.stdout.split())
    assert (tmp_path / "figures/imdb_lstm/embedded-source/curves.png").exists()

    for weights in tmp_path.glob("weights/imdb_lstm/**/*.keras"):
        weights.unlink()
    assert "4 of 4 runs equal, bit for bit" in call("reproduce", "imdb_lstm", "--results", tmp_path).stdout


def test_parity_of_a_chapter_that_needs_no_data(tmp_path: Path) -> None:
    reference = Path(__file__).parents[1] / "reference"
    folders = ("--reference", reference, "--results", tmp_path)
    result = call("parity", "stacked_lstm", "--check", "--backend", "tensorflow", "--jobs", "1", *folders)
    assert result.exit_code == 0, result.output
    assert "stacked_lstm/stacked its source's Keras 2.15 recorded" in " ".join(result.output.split())
    assert "All differences are within their limits, on TensorFlow." in result.output
    assert not (tmp_path / "tables").exists()  # a part would take the place of the whole


def test_whole_trainings_are_compared_without_a_replay(
    tmp_path: Path, make_record: MakeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])  # where the recordings are
    for seed in (1, 2):
        Results(tmp_path).write(make_record(seed=seed))
    result = call("parity", "--trainings", "--results", tmp_path)
    assert result.exit_code == 0, result.output
    written = {path.name for path in (tmp_path / "tables" / "parity").glob("*.csv")}
    assert written == {"trainings.csv", "two-samples.csv"}
    assert (tmp_path / "figures" / "parity" / "trainings.png").exists()
    assert "within their limits" not in result.output  # nothing was replayed
    assert "leave out --check" in refused(call("parity", "--trainings", "--check", "--results", tmp_path))


def test_parity_without_recordings_says_where_they_are(tmp_path: Path) -> None:
    assert "only a clone of the project has it, in tests/reference" in refused(
        call("parity", "imdb_rnn", "--reference", tmp_path, "--results", tmp_path)
    )


def test_an_unknown_backend_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "theano")
    assert "theano" in refused(call("run", "imdb_lstm", "--data", "embedded", "--results", tmp_path / "results"))
    assert not (tmp_path / "results").exists()
