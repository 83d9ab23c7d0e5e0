"""The kernels are compiled by one process, before the workers need them."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest

from repro.engines.fast.trainer import FastTrainer
from repro.engines.fast.warm_up import compile_kernels
from repro.kernels import stamp, updates
from repro.kernels.stamp import STEPS, Kind, Step
from repro.numerics import NUMERICS
from repro.registry import experiment
from repro.runs.compiling import missing
from repro.runs.train import compiled


@pytest.mark.parametrize(
    ("names", "kinds"),
    [
        ([], []),
        (["imdb_lstm/model_one"], ["shared", "rmsprop"]),
        (["stacked_lstm/stacked"], ["shared", "adam"]),
        (["imdb_lstm/model_four"], ["shared", "fixed point", "adam"]),
        (["imdb_lstm/model_one", "rotten_tomatoes/lstm"], ["shared", "fixed point", "rmsprop", "adam"]),
    ],
    ids=str,
)
def test_only_the_kernels_that_the_experiments_need_are_compiled(
    names: list[str], kinds: list[Kind], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stamp, "folder", lambda: tmp_path)
    experiments = [experiment(name)[1] for name in names]
    assert missing(experiments) == kinds
    for kind in kinds:
        stamp.stamp(kind)
    assert missing(experiments) == []
    monkeypatch.setattr(stamp, "SOURCES", b"other kernels")
    assert missing(experiments) == kinds


@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_compiled_for_the_types_that_a_run_calls_it_with(
    step: Step, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And for these alone, whatever Keras' optimizer of this name."""
    called: list[tuple[Any, ...]] = []
    monkeypatch.setattr(updates, step, lambda *arguments: called.append(tuple(map(numba.typeof, arguments))))
    monkeypatch.setattr(stamp, "folder", lambda: tmp_path)
    compile_kernels([step])
    (warmed_up,) = set(called)
    called.clear()

    chapter, one = experiment("imdb_lstm/model_one")
    for numerics in NUMERICS:
        trainer = FastTrainer(compiled(chapter, dataclasses.replace(one, optimizer=step), numerics), chapter, one, 1)
        trainer.step(np.array([[0, 1, 1]], np.int32), np.array([1], np.int32))
    assert len(called) == 2 * len(NUMERICS)  # the embedding, and the other weights
    assert set(called) == {warmed_up}


def test_a_first_run_compiles_once_and_the_next_not_at_all(tmp_path: Path) -> None:
    """Two runs side by side: every version of a kernel is written by one process, and all by the first command."""

    def run(seeds: str) -> str:
        command = ["-m", "repro", "run", "imdb_lstm/model_one", "--seeds", seeds, "--data", "embedded", "--epochs", "1"]
        environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "kernels")}
        done = subprocess.run(
            [sys.executable, *command, "--jobs", "2", "--threads", "1", "--results", str(tmp_path / "results")],
            env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout + done.stderr

    assert run("1-2").count("compiling kernels, once") == 1
    written = {path: path.stat().st_mtime_ns for path in (tmp_path / "kernels").rglob("*.nbc")}
    assert len(written) > 20
    assert "compiling" not in run("3-4")
    assert written == {path: path.stat().st_mtime_ns for path in (tmp_path / "kernels").rglob("*.nbc")}
