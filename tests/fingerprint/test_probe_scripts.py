"""The scripts that users run: on this environment's Keras, on Python 3.6's grammar, and in R as far as it is here."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from probe_files import RECORDINGS

from repro.backend import BACKENDS, Backend, installed
from repro.cli import main
from repro.fingerprint.known_stacks import Software, known_as
from repro.fingerprint.matching import LIMIT, match
from repro.fingerprint.probe_file import checksum, read_probe
from repro.fingerprint.probe_start import BATCH_SIZE, EPOCHS, VERSION, probe_start

SCRIPTS = Path(__file__).parents[2] / "repro" / "fingerprint" / "scripts"
PYTHON, R = (SCRIPTS / name for name in ("probe.py", "probe.R"))


@pytest.mark.parametrize("backend", BACKENDS)
def test_on_this_keras_the_probe_agrees_with_what_is_known_of_it(backend: Backend, tmp_path: Path) -> None:
    if backend not in installed():
        pytest.skip(f"{backend} is not installed")
    environment = os.environ | {"KERAS_BACKEND": backend}
    out = subprocess.run([sys.executable, PYTHON], capture_output=True, env=environment, check=True).stdout
    path = tmp_path / "fingerprint.json"
    path.write_bytes(out)
    probe = read_probe(str(path))
    known = known_as(Software.of(probe))
    assert known
    assert match(probe).computed == known.computed
    assert max(one.nearest.distance for one in match(probe)) < LIMIT / 4


@pytest.mark.parametrize(("language", "script"), [("python", PYTHON), ("r", R)])
def test_the_command_prints_the_script_as_it_is(language: str, script: Path) -> None:
    result = CliRunner().invoke(main, ["fingerprint", "--script", language])
    assert result.stdout == script.read_text(encoding="utf-8")


def test_the_python_script_is_python_3_6() -> None:
    """Its grammar, and no names of modules that came later."""
    tree = ast.parse(PYTHON.read_text(encoding="utf-8"), feature_version=(3, 6))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert imported == {"importlib", "importlib.util", "json", "os", "platform", "sys", "numpy"}


def test_both_scripts_have_the_sizes_of_the_replay() -> None:
    numbers = {
        script: {name: int(value) for name, value in re.findall(pattern, script.read_text(encoding="utf-8"))}
        for script, pattern in ((R, r"\b([A-Z_]{4,}) <- (\d+)L?"),)
    }
    first = re.findall(r"^([A-Z_, ]+) = ([\d, ]+)", PYTHON.read_text(encoding="utf-8"), re.MULTILINE)
    python = {
        name: int(value)
        for names, values in first
        for name, value in zip(names.split(", "), values.split(", "), strict=True)
    }
    assert numbers[R] == python
    assert (python["VERSION"], python["EPOCHS"], python["BATCH_SIZE"]) == (VERSION, EPOCHS, BATCH_SIZE)


def python_start() -> list[np.ndarray]:
    """x, y and the initial weights, by the lines of the Python script that make them."""
    text = PYTHON.read_text(encoding="utf-8")
    sizes = re.search(r"^VERSION.*?^ROWS[^\n]*", text, re.MULTILINE | re.DOTALL)
    made = re.search(r"^# Data and initial weights.*?(?=^# Model and training)", text, re.MULTILINE | re.DOTALL)
    assert sizes
    assert made
    names: dict[str, object] = {"numpy": np}
    exec(f"{sizes[0]}\n{made[0]}", names)
    weights = names["weights"]
    assert isinstance(weights, list)
    return [np.asarray(each) for each in (names["x"], names["y"], *weights)]


def test_the_python_script_starts_where_the_replay_does() -> None:
    start = probe_start()
    x, y, *weights = python_start()
    assert x.tolist() == start.x.tolist()
    assert y[:, 0].tolist() == start.y.tolist()
    for ours, theirs in zip(start.weights, weights, strict=True):
        assert theirs.dtype == np.float32
        assert theirs.tolist() == ours.tolist()  # exactly: float32 holds them


needs_r = pytest.mark.skipif(shutil.which("Rscript") is None, reason="needs Rscript, which is not installed")


def r_lines(code: str, folder: Path) -> list[str]:
    path = folder / "part.R"
    path.write_text(code, encoding="utf-8")
    return subprocess.run(["Rscript", "--vanilla", path], capture_output=True, text=True, check=True).stdout.split()


@needs_r
def test_the_r_script_starts_where_the_replay_does(tmp_path: Path) -> None:
    """Its first part needs no package of R."""
    text = R.read_text(encoding="utf-8")
    part = re.search(r"^VERSION.*?(?=^# Model and training)", text, re.MULTILINE | re.DOTALL)
    assert part
    show = 'for (each in c(list(x, y), weights)) cat(sprintf("%.17g", as.vector(t(each))), "\\n")'
    start = probe_start()
    expected = np.concatenate([each.ravel() for each in (start.x, start.y, *start.weights)])
    assert [float(number) for number in r_lines(f"{part[0]}\n{show}", tmp_path)] == expected.tolist()


@needs_r
def test_r_computes_the_same_checksum(tmp_path: Path) -> None:
    text = R.read_text(encoding="utf-8")
    part = re.search(r"^checksum <- 0.*?^}", text, re.MULTILINE | re.DOTALL)
    assert part
    numbers = [0.5, -1.23456789e-7, 0.0, 123456.789, 1e-10]
    code = f"checked <- c({', '.join(map(repr, numbers))})\n{part[0]}\ncat(checksum)"
    assert r_lines(code, tmp_path) == [str(checksum(numbers))]


def test_recordings_from_r_have_the_checksum_that_r_computed() -> None:
    """This shows that the whole of its script works. A recording with another checksum cannot be read."""
    probes = [read_probe(str(path)) for path in RECORDINGS]
    assert any(probe.language.startswith("R ") for probe in probes)


@pytest.mark.parametrize("script", [PYTHON, R], ids=["python", "r"])
def test_the_scripts_choose_the_processor_before_they_load_keras(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    loads = text.index("keras = keras_named(name)" if script is PYTHON else "library(package")
    for variable in ("CUDA_VISIBLE_DEVICES", "JAX_PLATFORMS", "KERAS_TORCH_DEVICE"):
        assert text.index(variable) < loads, variable
    assert loads < text.index("set_visible_devices") < text.index("# Model and training")
