"""Runs on the workers of a Dask cluster equal those made here, and survive the death of a worker."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from click.testing import CliRunner

from repro.cli import main
from repro.errors import ReproError
from repro.records import Record, Results

pytest.importorskip("distributed", reason="needs Dask: pip install -c constraints.txt -e '.[cluster]'")

from repro.runs import cluster, cluster_worker

EPOCHS = 8


class Cluster(NamedTuple):
    """A scheduler and workers, each a process of its own."""

    address: str
    workers: list[subprocess.Popen[bytes]]
    cache: Path
    """What the workers prepare would lie there."""


@contextmanager
def cluster_of(workers: int, folder: Path) -> Iterator[Cluster]:
    """A scheduler with this number of workers, which start in `folder` and know no data."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    environment = {name: value for name, value in os.environ.items() if name != "REPRO_DATA"}
    environment |= {"REPRO_CACHE": str(folder / "cache")}
    environment["PYTHONPATH"] = str(Path(cluster.__file__).parents[2])

    def start(command: str, *arguments: str) -> subprocess.Popen[bytes]:
        whole = [sys.executable, "-m", "dask", command, *arguments, "--no-dashboard"]
        return subprocess.Popen(whole, cwd=folder, env=environment, stderr=subprocess.DEVNULL)

    scheduler = start("scheduler", "--host", "127.0.0.1", "--port", str(port))
    started = [start("worker", address, "--no-nanny", "--nthreads", "1") for _ in range(workers)]
    try:
        yield Cluster(address, started, folder / "cache")
    finally:
        for process in (*started, scheduler):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster_of(2, tmp_path_factory.mktemp("workers")) as started:
        yield started


def command(results: Path, *options: str) -> list[str]:
    data = ["imdb_lstm/model_two", "--data", "embedded"]
    return [sys.executable, "-m", "repro", "run", *data, "--results", str(results), *options]


def until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + 180
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def records(folder: Path) -> dict[int, Record]:
    """By seed."""
    found, faults = Results(folder).records("imdb_lstm")
    assert not faults
    assert len({record.seed for record in found}) == len(found)
    return {record.seed: record for record in found}


def seconds(checkpoint: Path) -> tuple[float, ...]:
    """What each epoch in a checkpoint took."""
    with np.load(checkpoint) as saved:
        return tuple(round(epoch["seconds"], 3) for epoch in json.loads(str(saved["arr_0"]))["epochs"])


def test_a_command_that_is_stopped_stops_the_workers_and_is_resumed_without_them(dask: Cluster, tmp_path: Path) -> None:
    log = tmp_path / "log"
    options = ["--epochs", "500", "--seeds", "1-2"]
    with log.open("w") as file:
        started = subprocess.Popen(command(tmp_path / "stopped", *options, "--cluster", dask.address), stderr=file)
        until(lambda: len(list(tmp_path.glob("stopped/checkpoints/**/seed*.npz"))) == 2)
        started.send_signal(signal.SIGINT)
        assert started.wait(timeout=20) == 130
    assert "Stopped. The same command" in log.read_text()
    with cluster.connected(dask.address, 1, None, None) as client:
        until(lambda: not any(client.run(lambda: list(cluster_worker._under_way)).values()))

    (checkpoint,) = tmp_path.glob("stopped/checkpoints/**/seed1-*.npz")
    before = seconds(checkpoint)
    resumed = subprocess.Popen(command(tmp_path / "stopped", *options, "--jobs", "1"), stderr=subprocess.PIPE)
    assert resumed.stderr is not None
    first = next(line for line in resumed.stderr if b"epoch" in line)  # it may have to compile kernels before
    assert f"seed 1: epoch {len(before) + 1} of 500" in first.decode()
    resumed.kill()
    resumed.communicate()


def test_a_run_whose_worker_is_killed_goes_on_elsewhere_and_all_equal_local_ones(dask: Cluster, tmp_path: Path) -> None:
    log = tmp_path / "log"
    options = ["--epochs", str(EPOCHS), "--seeds", "1-3"]
    with log.open("w") as file:
        started = subprocess.Popen(command(tmp_path / "far", *options, "--cluster", dask.address), stderr=file)
        until(lambda: len(list(tmp_path.glob("far/checkpoints/**/seed*.npz"))) == 2)
        saved = {path.name.split("-")[0]: seconds(path) for path in tmp_path.glob("far/checkpoints/**/seed*.npz")}
        dask.workers[0].kill()
        until(lambda: "its worker is gone" in log.read_text())
        assert started.wait(timeout=60) == 0, log.read_text()
    subprocess.run(command(tmp_path / "near", *options, "--jobs", "1"), check=True, capture_output=True)

    far, near = records(tmp_path / "far"), records(tmp_path / "near")
    assert far.keys() == near.keys() == {1, 2, 3}
    for seed, record in far.items():
        assert record.outcome() == near[seed].outcome()
        assert record.versions == near[seed].versions
    names = [{path.relative_to(root) for path in root.rglob("*") if path.is_file()} for root in tmp_path.glob("*ar")]
    assert names[0] == names[1]  # the same weights and records; no checkpoint, no lock

    (killed,) = re.findall(r"seed (\d): its worker is gone; another one goes on", log.read_text())
    before = saved[f"seed{killed}"]
    assert len(before) >= 1
    assert far[int(killed)].seconds[: len(before)] == before  # these epochs were not trained again
    assert not (dask.cache / "prepared").exists()  # the workers got the data from here


def test_a_scheduler_without_workers_is_waited_for_and_one_that_dies_is_named(tmp_path: Path) -> None:
    with cluster_of(0, tmp_path) as empty:
        options = ["--epochs", "1", "--cluster", empty.address]
        started = subprocess.Popen(command(tmp_path / "results", *options), stderr=subprocess.PIPE, text=True)
        assert started.stderr is not None
        assert started.stderr.readline() == f"{empty.address} has no workers; waiting for some\n"
    said = started.communicate(timeout=60)[1]
    (line,) = said.splitlines()
    assert line.startswith(f"repro: lost the scheduler at {empty.address}; the same command resumes")
    assert started.returncode == 2


def test_a_cluster_can_be_started_here(tmp_path: Path) -> None:
    options = ["--epochs", "1", "--cluster", "local", "--jobs", "1", "--threads", "1"]
    ended = subprocess.run(command(tmp_path, *options), capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert list(records(tmp_path)) == [1]
    assert ended.stderr.splitlines()[-1].startswith("imdb_lstm/model_two, seed 1: test accuracy")


def refused(*options: str | Path) -> str:
    result = CliRunner().invoke(main, ["run", "imdb_lstm/model_two", "--data", "embedded", *map(str, options)])
    assert result.exit_code == 2, result.output
    assert len(result.stderr.strip().splitlines()) == 1
    return result.stderr


@pytest.mark.parametrize(
    "address", ["host", "host:8786", "tcp://host", "tcp://:8786", "tcp://host:port", "http://h:1", ""]
)
def test_what_is_no_address_is_refused_before_anything_is_written(address: str, tmp_path: Path) -> None:
    message = refused("--cluster", address, "--results", tmp_path / "results")
    assert "neither local nor the address of a scheduler" in message
    assert not (tmp_path / "results").exists()


def test_a_scheduler_that_does_not_answer_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECTING", 1.0)
    with socket.socket() as bound:  # but nobody listens
        bound.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{bound.getsockname()[1]}"
        assert f"no scheduler answers at {address}" in refused("--cluster", address, "--results", tmp_path)


def test_without_dask_a_line_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert "repro: --cluster needs distributed: pip install " in refused("--cluster", "local", "--results", tmp_path)


def test_a_worker_with_other_software_is_refused() -> None:
    here = cluster_worker.software()
    assert {"python", "keras", "tensorflow", "numpy", "numba", "scipy", "this package's code"} <= here.keys()
    cluster._check_same("tcp://one", here)
    with pytest.raises(ReproError, match=r"worker tcp://one has numpy 1.0, here it is .*needs the same on all"):
        cluster._check_same("tcp://one", here | {"numpy": "1.0"})


def test_a_run_that_nobody_asks_for_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    run = cluster_worker.UnderWay()
    assert run.is_wanted()
    now = time.monotonic() + cluster_worker.PATIENCE + 1
    monkeypatch.setattr("time.monotonic", lambda: now)
    assert not run.is_wanted()
    run.news(0)
    assert run.is_wanted()
