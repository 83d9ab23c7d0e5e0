"""The curves that TensorBoard shows are the histories of the runs, each epoch once, whatever became of a run."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from conftest import MakeRecord
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # type: ignore[import-untyped]

from repro.cli import main
from repro.engines import ENGINES
from repro.errors import ReproError
from repro.records import Record, Results
from repro.runs.event_files import FILE, EventFiles, write_events
from repro.runs.plan import plan
from repro.runs.sweep import Progress
from repro.runs.train import train

HISTORY = {"loss": [0.7, 0.6], "accuracy": [0.5, 0.75], "val_loss": [0.69, 0.65], "val_accuracy": [0.5, 0.7]}


def shown(folder: Path) -> dict[str, dict[str, list[tuple[int, Any]]]]:
    """By sub-run and tag, what TensorBoard reads: steps and values."""
    curves = {}
    for sub_run in sorted(path.name for path in folder.iterdir()):
        accumulator = EventAccumulator(str(folder / sub_run))
        accumulator.Reload()
        tags = accumulator.Tags()["scalars"]
        curves[sub_run] = {tag: [(e.step, e.value) for e in accumulator.Scalars(tag)] for tag in tags}
    return curves


def expected(record: Record) -> dict[str, dict[str, Any]]:
    sub_runs: dict[str, dict[str, Any]] = {"train": {}, "validation": {}}
    for name, curve in record.history.items():
        tag = f"epoch_{name.removeprefix('val_')}"
        sub_runs["validation" if name.startswith("val_") else "train"][tag] = [
            (step, pytest.approx(value)) for step, value in enumerate(curve)
        ]
    return {name: curves for name, curves in sub_runs.items() if curves}


def epochs_of(number: int) -> dict[str, list[float]]:
    return {name: curve[:number] for name, curve in HISTORY.items()}


def test_curves_are_named_as_keras_names_them(tmp_path: Path) -> None:
    write_events(tmp_path, HISTORY, [10.0, 20.0])
    curves = shown(tmp_path)
    assert {sub_run: set(tags) for sub_run, tags in curves.items()} == {
        sub_run: {"epoch_loss", "epoch_accuracy"} for sub_run in ("train", "validation")
    }
    assert [step for step, _ in curves["validation"]["epoch_accuracy"]] == [0, 1]
    assert [value for _, value in curves["validation"]["epoch_accuracy"]] == pytest.approx([0.5, 0.7])
    accumulator = EventAccumulator(str(tmp_path / "train"))
    accumulator.Reload()
    assert [event.wall_time for event in accumulator.Scalars("epoch_loss")] == [10.0, 20.0]


def test_a_file_grows_by_the_epochs_that_it_lacks(tmp_path: Path) -> None:
    write_events(tmp_path, epochs_of(1), [10.0])
    before = (tmp_path / "train" / FILE).read_bytes()
    write_events(tmp_path, HISTORY, [11.0, 20.0])
    after = (tmp_path / "train" / FILE).read_bytes()
    assert after.startswith(before)  # TensorBoard reads on from there
    assert shown(tmp_path)["train"]["epoch_accuracy"] == [(0, 0.5), (1, 0.75)]
    for known in (1, 2):  # a run that is made again
        write_events(tmp_path, epochs_of(known), [31.0, 32.0][:known])
        assert (tmp_path / "train" / FILE).read_bytes() == after


def test_what_says_something_else_or_is_damaged_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "train" / FILE
    write_events(tmp_path, HISTORY | {"loss": [0.9, 0.8]}, [10.0, 20.0])
    write_events(tmp_path, HISTORY, [10.0, 20.0])
    whole = path.read_bytes()
    assert shown(tmp_path)["train"]["epoch_loss"] == [(0, pytest.approx(0.7)), (1, pytest.approx(0.6))]
    for damaged in (b"", whole[:5], whole[:-3], b"x" * 40):
        path.write_bytes(damaged)
        write_events(tmp_path, HISTORY, [10.0, 20.0])
        assert path.read_bytes() == whole


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReproError, match="cannot write"):
        write_events(tmp_path / "file", HISTORY, [1.0, 2.0])


def test_the_epochs_end_when_the_record_says(tmp_path: Path, make_record: MakeRecord) -> None:
    record = make_record(epochs=3, when="2026-01-01T00:00:10+00:00", seconds=(1.0, 2.0, 3.0))
    EventFiles(tmp_path).ended(record)
    accumulator = EventAccumulator(str(tmp_path / "imdb_lstm" / record.stem / "train"))
    accumulator.Reload()
    ends = [event.wall_time for event in accumulator.Scalars("epoch_loss")]
    assert [end - ends[-1] for end in ends] == [-5.0, -3.0, 0.0]


def test_no_epoch_ends_before_an_earlier_one_though_a_records_time_is_in_whole_seconds(tmp_path: Path) -> None:
    write_events(tmp_path, epochs_of(1), [10.75])
    write_events(tmp_path, HISTORY, [9.5, 10.0])
    accumulator = EventAccumulator(str(tmp_path / "train"))
    accumulator.Reload()
    assert [event.wall_time for event in accumulator.Scalars("epoch_loss")] == [10.75, 10.75]


# Runs


@pytest.mark.usefixtures("tiny_chapter")
@pytest.mark.parametrize("engine", ENGINES)
def test_a_run_is_followed_epoch_by_epoch_and_goes_on_where_it_was(
    engine: Any, tmp_path: Path, results: Results
) -> None:
    """The sweep is made here, in this process: it reports the first batch of each epoch, and stops in the third."""
    (run,) = plan(
        ["imdb_lstm/model_one"],
        seeds=[1],
        data="embedded",
        numerics="source",
        epochs=4,
        engine=engine,
        results=results,
    ).to_do
    seen: list[int] = []
    folder = tmp_path / "curves" / "imdb_lstm" / run.stem

    class Killed(Exception):
        pass

    def until(last: int) -> Any:
        def make(runs: Any, its_results: Results, *, progressed: Any, finished: Any, **_: Any) -> None:
            def report(epoch: int, batches: int) -> None:
                progressed(Progress(0, epoch, batches))
                if batches == 1 and epoch > 1:
                    seen.append(len(shown(folder)["train"]["epoch_loss"]))
                if epoch == last:
                    raise Killed

            finished(0, train(runs[0], its_results, report))

        return make

    calls: dict[str, Any] = {"progressed": lambda _: None, "finished": lambda *_: None, "tell": lambda _: None}
    files = EventFiles(tmp_path / "curves")
    with pytest.raises(Killed):
        files.following(until(3))([run], results, **calls)
    assert seen == [1, 2]
    files.following(until(5))([run], results, **calls)
    assert seen == [1, 2, 2, 3]
    record = results.finished(run.chapter, run.stem)
    assert record
    assert shown(folder) == expected(record)


@pytest.mark.usefixtures("tiny_chapter")
def test_a_checkpoint_that_a_run_cannot_use_gives_no_curve(tmp_path: Path, results: Results) -> None:
    (run,) = plan(
        ["imdb_lstm/model_one"],
        seeds=[1],
        data="embedded",
        numerics="source",
        epochs=5,
        engine="fast",
        results=results,
    ).to_do
    history = {"loss": 0.5, "accuracy": 0.75, "seconds": 1.0}
    path = results.checkpoint_path(run.chapter, run.stem)
    path.parent.mkdir(parents=True)
    files = EventFiles(tmp_path / "curves")
    folder = tmp_path / "curves" / run.chapter / run.stem
    there: list[bool] = []

    def make(*_: Any, progressed: Any, **__: Any) -> None:
        for saved, epoch in ((4, 1), (1, 2)):  # a run that starts anew beside four epochs, and replaces them
            np.savez(path, np.array(json.dumps({"versions": {}, "epochs": [history] * saved})))
            progressed(Progress(0, epoch, 1))
            there.append(folder.exists())

    files.following(make)([run], results, progressed=lambda _: None, finished=lambda *_: None, tell=lambda _: None)
    assert there == [False, True]
    assert shown(folder) == {"train": {"epoch_loss": [(0, 0.5)], "epoch_accuracy": [(0, 0.75)]}}


def command(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["run", *map(str, arguments)])


@pytest.mark.usefixtures("tiny_chapter")
def test_runs_that_are_finished_already_are_written_too(tmp_path: Path, results: Results) -> None:
    (run,) = plan(
        ["imdb_lstm/model_one"],
        seeds=[1],
        data="embedded",
        numerics="source",
        epochs=2,
        engine="fast",
        results=results,
    ).to_do
    record = train(run, results)
    arguments = ["imdb_lstm/model_one", "--data", "embedded", "--epochs", "2", "--engine", "fast"]
    ended = command(*arguments, "--results", results.root, "--tensorboard", tmp_path / "my curves")
    assert ended.exit_code == 0, ended.output
    assert ended.stdout.endswith(f"Curves: tensorboard --logdir '{tmp_path}/my curves'\n")
    assert shown(tmp_path / "my curves" / "imdb_lstm" / run.stem) == expected(record)


def test_the_command_writes_the_curves_of_all_its_runs_without_tensorflow(tmp_path: Path) -> None:
    """Two runs, made by a worker. Each has one folder, named as its record."""
    code = (
        "import sys\nfrom repro.cli import main\n"
        "if __name__ == '__main__':\n"
        "    try: main(sys.argv[1:])\n"
        "    except SystemExit as ended: assert not ended.code\n"
        "    assert 'tensorflow' not in sys.modules\n"
    )
    (tmp_path / "command.py").write_text(code)
    arguments = ["run", "stacked_lstm", "--seeds", "1,2", "--data", "embedded", "--epochs", "2", "--jobs", "1"]
    places = ["--results", str(tmp_path / "results"), "--tensorboard", str(tmp_path / "curves")]
    subprocess.run([sys.executable, str(tmp_path / "command.py"), *arguments, *places], check=True, capture_output=True)
    records, _ = Results(tmp_path / "results").records("stacked_lstm")
    folders = {path.parent.parent for path in (tmp_path / "curves").rglob(FILE)}
    assert folders == {tmp_path / "curves" / "stacked_lstm" / record.stem for record in records}
    assert len(records) == 2
    for record in records:
        assert shown(tmp_path / "curves" / "stacked_lstm" / record.stem) == expected(record)


def test_the_curves_of_records_alone_are_written_with_their_figures(
    tmp_path: Path, results: Results, make_record: MakeRecord
) -> None:
    records = [make_record(seed=seed) for seed in (1, 2)]
    for record in records:
        results.write(record)
    arguments = ["figures", "imdb_lstm", "--results", str(results.root), "--tensorboard", str(tmp_path / "curves")]
    ended = CliRunner().invoke(main, arguments)
    assert ended.exit_code == 0, ended.output
    for record in records:
        assert shown(tmp_path / "curves" / "imdb_lstm" / record.stem) == expected(record)


def test_where_there_are_no_records_no_curves_are_named(tmp_path: Path) -> None:
    arguments = ["figures", "imdb_lstm", "--results", str(tmp_path), "--tensorboard", str(tmp_path / "curves")]
    ended = CliRunner().invoke(main, arguments)
    assert (ended.exit_code, ended.stdout) == (2, "")


def test_without_tensorboard_it_says_what_to_install_before_it_trains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "tensorboard" else find(name))
    ended = command("imdb_rnn", "--data", "embedded", "--results", tmp_path / "r", "--tensorboard", tmp_path / "c")
    assert ended.exit_code == 2
    assert ended.stderr.startswith("repro: --tensorboard needs tensorboard: pip install ")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_curves_that_cannot_be_written_ends_the_command_before_it_trains(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = command("imdb_rnn", "--results", tmp_path / "r", "--tensorboard", tmp_path / "file" / "c")
    assert ended.exit_code == 2
    assert "name another folder with --tensorboard" in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
