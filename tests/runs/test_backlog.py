"""Commands on one folder of results share the work: a run is made once, and taken over from a killed process."""

from __future__ import annotations

import dataclasses
import errno
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock._unix as unix
import pytest
from conftest import MakeRecord, tiny_reviews

from repro import registry
from repro.errors import DataWarning, ReproError
from repro.records import Divergence, Record, Results, read
from repro.runs.backlog import Backlog, RunLock
from repro.runs.run import Run


def planned(seed: int, epochs: int = 10) -> Run:
    return Run(
        chapter="imdb_lstm",
        experiment="model_one",
        seed=seed,
        data="embedded",
        provenance=tiny_reviews().provenance,
        numerics="source",
        epochs=epochs,
        engine="fast",
    )


class Heard:
    """What a backlog says."""

    def __init__(self) -> None:
        self.finished: list[tuple[int, Record]] = []
        self.lines: list[str] = []

    def backlog(self, runs: list[Run], results: Results) -> Backlog:
        return Backlog(runs, results, finished=lambda *made: self.finished.append(made), tell=self.lines.append)


@contextmanager
def held_elsewhere(run: Run, results: Results) -> Iterator[subprocess.Popen[str]]:
    """Another process has the run's lock."""
    path = results.lock_path(run.chapter, run.stem)
    code = (
        "import sys, time; from pathlib import Path; from repro.runs.backlog import RunLock\n"
        "lock = RunLock(Path(sys.argv[1])); print(lock.take(), flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "True\n"
    with process:
        yield process
        process.kill()


def test_runs_of_another_process_come_last_and_are_waited_for(results: Results, make_record: MakeRecord) -> None:
    runs = [planned(seed) for seed in (1, 2, 3)]
    heard = Heard()
    backlog = heard.backlog(runs, results)
    with held_elsewhere(runs[0], results) as other:
        assert [backlog.next(), backlog.next()] == [1, 2]
        assert len(backlog) == 1
        assert [backlog.next(), backlog.next()] == [None, None]
        assert heard.lines == ["imdb_lstm/model_one, seed 1: another process is making it; waiting"]  # once
        record = make_record(seed=1, data=runs[0].provenance)
        assert record.stem == runs[0].stem
        results.write(record)
        weights = results.weights_path("imdb_lstm", record.stem)
        weights.parent.mkdir(parents=True)
        weights.touch()
        assert backlog.next() is None
        other.kill()
        other.wait()
    assert backlog.next() is None
    assert heard.finished == [(0, record)]
    assert len(backlog) == 0


def test_a_run_whose_process_was_killed_is_handed_out(results: Results) -> None:
    backlog = Heard().backlog([planned(1)], results)
    with held_elsewhere(planned(1), results) as other:
        assert backlog.next() is None
        other.kill()
        other.wait()
        assert results.lock_path("imdb_lstm", planned(1).stem).exists()  # its file stays, and is in nobody's way
        assert backlog.next() == 0
    backlog.end(0)
    assert not list(results.root.rglob("*.lock"))


def test_a_run_that_came_to_nothing_is_handed_out_again(results: Results) -> None:
    backlog = Heard().backlog([planned(1), planned(2)], results)
    assert backlog.next() == 0
    backlog.again(0)
    assert [backlog.next(), backlog.next(), backlog.next()] == [0, 1, None]


def test_a_run_that_diverged_is_made_again_if_that_was_asked_for(results: Results, make_record: MakeRecord) -> None:
    """It has no weights that could be deleted, so its record alone does not show that another process made it anew."""
    diverged = make_record(seed=1, data=planned(1).provenance, diverged=Divergence(epoch=1, batch=1), evaluation={})
    results.write(diverged)
    heard = Heard()
    assert heard.backlog([planned(1)], results).next() == 0
    assert heard.finished == []


def test_a_lock_whose_file_was_deleted_meanwhile_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the moment when another opens the file and the one when it locks it, which would lock a deleted file."""
    holder, other = RunLock(tmp_path / "run.lock"), RunLock(tmp_path / "run.lock")
    assert holder.take()

    def lock(descriptor: int) -> bool:
        holder.give_back()
        return system_lock(descriptor)

    with monkeypatch.context() as patch:
        system_lock = unix.lock_fd_nonblocking
        patch.setattr(unix, "lock_fd_nonblocking", lock)
        assert not other.take()
    assert other.take()
    assert not holder.take()


def test_a_file_system_without_locks_is_named_and_the_run_is_made(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(descriptor: int) -> bool:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(unix, "lock_fd_nonblocking", missing)
    backlog = Heard().backlog([planned(1)], results)
    with pytest.warns(DataWarning, match="without locks .*: do not start a second command"):
        assert backlog.next() == 0
    backlog.end(0)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "results").touch()
    with pytest.raises(ReproError, match=r"cannot write .*results"):
        Heard().backlog([planned(1)], Results(tmp_path / "results")).next()


COMMAND = [sys.executable, "-m", "repro", "run", "imdb_lstm/model_two", "--data", "embedded", "--jobs", "1"]


def on_embedded_reviews(epochs: int) -> Run:
    """The run that `COMMAND` makes."""
    provenance = registry.chapter("imdb_lstm").data("embedded").provenance
    return dataclasses.replace(planned(1, epochs), experiment="model_two", provenance=provenance)


def test_a_command_that_waits_can_be_stopped(results: Results) -> None:
    with held_elsewhere(on_embedded_reviews(1), results):
        command = [*COMMAND, "--epochs", "1", "--results", str(results.root)]
        waiting = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert waiting.stderr is not None
        assert "another process is making it; waiting" in waiting.stderr.readline()
        waiting.send_signal(signal.SIGINT)
        assert waiting.communicate(timeout=20)[1].startswith("Stopped.")
        assert waiting.returncode == 130


def test_two_commands_at_once_make_every_run_once(tmp_path: Path) -> None:
    command = [*COMMAND, "--epochs", "1", "--seeds", "1-4", "--results", str(tmp_path)]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=120)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    records = [read(path) for path in tmp_path.glob("records/imdb_lstm/**/*.json")]
    assert sorted(record.seed for record in records) == [1, 2, 3, 4]
    trained = [re.findall(r"seed (\d): epoch 1 of 1", text) for text in said]
    assert sorted(trained[0] + trained[1]) == ["1", "2", "3", "4"]
    for text in said:
        assert sorted(re.findall(r"seed (\d): test accuracy", text)) == ["1", "2", "3", "4"]
    assert not list(tmp_path.rglob("*.lock"))


def test_a_command_takes_over_from_one_that_was_killed_and_ends_with_the_same_bits(tmp_path: Path) -> None:
    shared = Results(tmp_path / "shared")
    command = [*COMMAND, "--epochs", "20", "--results", str(shared.root)]
    first = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not list(shared.root.rglob("seed*.npz")) and time.monotonic() < deadline:
        time.sleep(0.02)
    second = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert second.stderr is not None
    assert "seed 1: another process is making it; waiting" in second.stderr.readline()
    first.send_signal(signal.SIGKILL)
    first.wait()
    said = second.communicate(timeout=120)[1]
    assert second.returncode == 0, said
    assert "seed 1: epoch 1 of 20" not in said  # it went on from the checkpoint of the first
    assert "seed 1: epoch 20 of 20" in said

    subprocess.run([*COMMAND, "--epochs", "20", "--results", tmp_path / "alone"], check=True, capture_output=True)
    (alone,) = Results(tmp_path / "alone").records("imdb_lstm")[0]
    assert shared.records("imdb_lstm")[0][0].outcome() == alone.outcome()
