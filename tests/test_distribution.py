"""The package as it is given away: what wheel and sdist hold, and that the wheel works far from the repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = (".ci", "chapters", "docs", "repro", "results", "tests")
FILES = (
    ".gitignore",
    "CITATION.cff",
    "LICENSE",
    "MANIFEST.in",
    "Makefile",
    "README.md",
    "constraints.txt",
    "pyproject.toml",
    "setup.py",
)
"""What is in the repository, besides what users' own runs and tools leave there."""

LITTER = ("results/weights/model.keras", "results/checkpoints/run.npz", "repro/__pycache__/a.cpython-311.pyc", ".env")
"""What must not be given away."""


class Built(NamedTuple):
    """What was built from a copy of the repository, and the files of the copy by their paths in it."""

    files: set[str]
    wheel: Path
    sdist: Path


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command, which must end without a fault, where the repository's own modules are not found."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Built as `python -m build` does it for a user, the wheel from the sdist; with what is installed here."""
    copy = tmp_path_factory.mktemp("built") / "copy"
    users_own = shutil.ignore_patterns("__pycache__", "weights", "predictions", "checkpoints", "walkthrough")
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, copy / folder, ignore=users_own)
    for file in FILES:
        shutil.copy(ROOT / file, copy / file)
    files = {path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()}
    for name in LITTER:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).touch()
    out = copy.with_name("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, copy, cwd=out.parent)
    (wheel,), (sdist,) = out.glob("*.whl"), out.glob("*.tar.gz")
    return Built(files, wheel, sdist)


def test_the_wheel_has_the_packages_and_the_records_and_nothing_else(built: Built) -> None:
    shipped = {f"repro/{name}" for name in built.files if name.startswith(("results/records/", "results/data/"))}
    packages = {name for name in built.files if name.startswith(("repro/", "chapters/"))}
    with zipfile.ZipFile(built.wheel) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert len(shipped) > 700
    assert names == packages | shipped


def test_the_sdist_has_the_whole_repository_and_nothing_else(built: Built) -> None:
    """So `make test` and `make reproduce` work in it."""
    with tarfile.open(built.sdist) as sdist:
        names = {member.name.partition("/")[2] for member in sdist if member.isfile()}
    made = {"PKG-INFO", "setup.cfg", *(name for name in names if ".egg-info/" in name)}
    assert names - made == built.files


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as content:
        (name,) = [name for name in content.namelist() if name.endswith(".dist-info/METADATA")]
        return message_from_bytes(content.read(name))


def test_the_metadata_say_what_it_is(built: Built) -> None:
    found = metadata(built.wheel)
    assert found["License-Expression"] == "MIT"
    assert found["License-File"] == "LICENSE"
    assert found["Description-Content-Type"] == "text/markdown"
    description = found.get_payload(decode=True)
    assert isinstance(description, bytes)
    assert description.decode().strip() == (ROOT / "README.md").read_text(encoding="utf-8").strip()
    versions = [each.rpartition(" ")[2] for each in found.get_all("Classifier", []) if "Python :: 3." in each]
    assert versions == ["3.11", "3.12", "3.13"]
    assert found["Requires-Python"] == "<3.14,>=3.11"


@pytest.fixture(scope="module")
def repro(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of the wheel in a new virtual environment; what it needs comes from that of these tests."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home, symlinks=True, with_pip=False)
    place = {name: Path(sysconfig.get_path(name, "venv", {"base": str(home)})) for name in ("purelib", "scripts")}
    python = place["scripts"] / "python"
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python)
    run(*pip, "install", "--quiet", "--no-index", "--no-deps", built.wheel, cwd=home)
    others = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
    (place["purelib"] / "others.pth").write_text("\n".join(others))  # Python does not look for editable installs there
    where = run(python, "-c", "import repro, chapters; print(repro.__file__, chapters.__file__)", cwd=home).stdout
    assert where.count(str(home)) == 2
    return place["scripts"] / "repro"


@pytest.mark.parametrize(
    ("command", "prints"),
    [
        ("--version", "repro, version 0.1.0"),
        ("list", "imdb_lstm/model_three"),
        ("show imdb_lstm", "the real data, a rebuilt copy"),
        ("judge imdb_lstm/model_one --accuracy 0.8137 --loss 0.41", "unchanged runs (on the source's software)"),
        ("compare imdb_lstm/model_one imdb_lstm/model_two", "A: imdb_lstm/model_one/source@fast"),
        ("fingerprint --script python", (ROOT / "repro/fingerprint/scripts/probe.py").read_text(encoding="utf-8")),
        ("fingerprint --script r", (ROOT / "repro/fingerprint/scripts/probe.R").read_text(encoding="utf-8")),
    ],
)
def test_the_wheel_answers_in_an_empty_folder(command: str, prints: str, repro: Path, tmp_path: Path) -> None:
    done = run(repro, *command.split(), cwd=tmp_path)
    assert prints in done.stdout
    number = len(list((ROOT / "results/records").rglob("*.json")))
    said = f"repro: no records in results: using the {number} runs that came with the package\n"
    assert done.stderr == (said if command.split()[0] in ("show", "judge", "compare") else "")
    assert list(tmp_path.iterdir()) == []


def test_a_run_of_the_wheel_is_shown_beside_those_that_came_with_it(repro: Path, tmp_path: Path) -> None:
    run(repro, "run", "stacked_lstm", "--data", "embedded", "--epochs", "1", cwd=tmp_path)
    done = run(repro, "table", "stacked_lstm", cwd=tmp_path)
    assert "reading the records in results (1), and the " in done.stderr
    folders = {path.name for path in (tmp_path / "results/tables/stacked_lstm").iterdir()}
    assert {"embedded-source-1-epochs", "sample-source"} <= folders


@pytest.mark.parametrize(
    ("command", "asks"),
    [
        ("docs", "run this where README.md and docs/ are"),
        ("parity", "only a clone of the project has it, in tests/reference"),
        ("fingerprint --stacks", "only a clone of the project has them, in tests/reference"),
        ("predict imdb_lstm/model_one good", "train it: repro run imdb_lstm/model_one"),
    ],
)
def test_what_needs_the_repository_or_a_run_says_so(command: str, asks: str, repro: Path, tmp_path: Path) -> None:
    done = subprocess.run([repro, *command.split()], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert asks in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
