"""Where things are kept: the user's folders first, a private temporary one where those cannot be written."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from repro import cache
from repro.cache import cache_folder, temporary_folder, writable_folder
from repro.errors import DataWarning, ReproError

NOWHERE = "/dev/null/home"
"""Cannot be made by anybody, not even by root, whom permissions do not stop: it would lie in what is no folder."""

on_posix = pytest.mark.skipif(not hasattr(os, "getuid"), reason="needs users and permissions as POSIX has them")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's private folder, in a folder for temporary files that was empty; no REPRO_CACHE is set."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.delenv("REPRO_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    return folder / f"{cache.NAME}-{os.getuid()}"


@on_posix
def test_without_a_home_a_private_temporary_folder_serves(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", NOWHERE)
    assert cache_folder() == temporary
    assert stat.S_IMODE(temporary.stat().st_mode) == 0o700
    assert writable_folder("kernels") == temporary / "kernels"


@on_posix
@pytest.mark.parametrize("raises", [True, False])
def test_a_user_whose_home_nobody_knows_has_one_too(
    temporary: Path, monkeypatch: pytest.MonkeyPatch, raises: bool
) -> None:
    """As in a container that was started for a user number without a name. Platformdirs raises, or calls it `~`."""

    def unknown(name: str) -> Path:
        if raises:
            raise RuntimeError("could not determine the home directory")
        return Path("~/.cache") / name

    monkeypatch.setattr(cache, "user_cache_path", unknown)
    assert writable_folder("kernels") == temporary / "kernels"
    assert not Path("~").exists()


def test_a_folder_of_the_users_cache_is_used_where_it_can_be_made(
    temporary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "user_cache_path", lambda name: tmp_path / "home" / "cache" / name)
    assert cache_folder() == tmp_path / "home" / "cache" / cache.NAME
    assert not (tmp_path / "home").exists()  # looking for something makes nothing
    assert writable_folder("kernels") == cache_folder() / "kernels"
    assert not temporary.exists()


def test_a_cache_that_can_only_be_read_is_read_and_what_is_new_goes_elsewhere(
    temporary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder `kernels` is a file here, which stops root too."""
    folder = tmp_path / cache.NAME
    folder.mkdir()
    (folder / "kernels").touch()
    monkeypatch.setattr(cache, "user_cache_path", lambda name: folder)
    assert cache_folder() == folder
    assert writable_folder("kernels") == temporary / "kernels"


def test_what_the_user_names_is_not_passed_over_without_a_word(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPRO_CACHE", NOWHERE)
    with pytest.warns(
        DataWarning, match=rf"nothing can be written to {NOWHERE}/kernels, .*REPRO_CACHE names \(.+\); using"
    ):
        assert writable_folder("kernels") == temporary / "kernels"


@on_posix
@pytest.mark.parametrize("how", ["open to others", "a link", "a file", "another user's"])
def test_a_temporary_folder_that_others_may_have_filled_is_refused(
    temporary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    match how:
        case "open to others":
            temporary.mkdir()
            temporary.chmod(0o777)
        case "a link":
            (tmp_path / "private").mkdir(mode=0o700)
            temporary.symlink_to(tmp_path / "private")
        case "a file":
            temporary.touch(mode=0o600)
        case "another user's":
            theirs = temporary.with_name(f"{cache.NAME}-{os.getuid() + 1}")
            theirs.mkdir(mode=0o700)
            uid = os.getuid() + 1
            monkeypatch.setattr(os, "getuid", lambda: uid)
    with pytest.raises(ReproError, match="REPRO_CACHE or TMPDIR"):
        temporary_folder()


def test_without_any_folder_the_error_says_what_to_do(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", NOWHERE)
    monkeypatch.setenv("HOME", NOWHERE)
    with pytest.raises(ReproError, match=r"not even a temporary one: .* REPRO_CACHE or TMPDIR"):
        cache_folder()


# A container: neither the code nor the home can be written
def sealed(folder: Path) -> Path:
    """A copy of the code in which no file may be written, by anybody but root."""
    code = folder / "code"
    for package in ("repro", "chapters"):
        source = Path(cache.__file__).parents[1] / package
        shutil.copytree(source, code / package, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (*code.rglob("*"), code):
        path.chmod(path.stat().st_mode & ~0o222)
    return code


def unsealed(code: Path) -> None:
    for path in (code, *code.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)


class Container:
    """Runs the sealed code without a home, as the user of these tests; PATH and the folders given are all it has."""

    def __init__(self, folder: Path) -> None:
        self.code = sealed(folder)
        self.temporary = folder / "tmp"
        self.temporary.mkdir()

    def python(self, *arguments: str | Path, **variables: str | Path) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "HOME": NOWHERE, "PYTHONPATH": self.code, "TMPDIR": self.temporary}
        # Root could write byte code into the sealed folders.
        return subprocess.run(
            [sys.executable, "-B", *arguments],
            cwd=self.code,
            env={name: str(value) for name, value in (environment | variables).items()},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def container(tmp_path: Path) -> object:
    made = Container(tmp_path)
    before = set(made.code.rglob("*"))
    yield made
    assert set(made.code.rglob("*")) == before
    unsealed(made.code)


COMPILE = """
import json, numpy as np
from repro.kernels.functions import SIGMOID, activate
x = np.zeros((2, 3), np.float32)
activate(x.reshape(-1), SIGMOID)
print(json.dumps({"x": x.tolist(), "hits": sum(activate.stats.cache_hits.values()), "in": activate.stats.cache_path}))
"""


@on_posix
@pytest.mark.parametrize("named", ["", "REPRO_CACHE", "NUMBA_CACHE_DIR"])
def test_where_nothing_can_be_written_kernels_compile_and_are_kept(
    container: Container, tmp_path: Path, named: str
) -> None:
    variables = {named: tmp_path / "kept"} if named else {}
    expected = {
        "": container.temporary / f"{cache.NAME}-{os.getuid()}" / "kernels",
        "REPRO_CACHE": tmp_path / "kept" / "kernels",
        "NUMBA_CACHE_DIR": tmp_path / "kept",
    }
    for hits in (0, 1):
        done = container.python("-c", COMPILE, **variables)
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert told["x"] == [[0.5] * 3] * 2
        assert told["hits"] == hits
        assert Path(told["in"]).parent == expected[named]
    if not named:
        assert stat.S_IMODE(expected[""].parent.stat().st_mode) == 0o700


def test_a_folder_for_compiled_code_that_cannot_be_written_is_an_error(container: Container) -> None:
    done = container.python("-c", COMPILE, NUMBA_CACHE_DIR=NOWHERE)
    assert re.search(rf"ReproError: nothing can be written to {NOWHERE} \(.+\); unset NUMBA_CACHE_DIR", done.stderr)


@on_posix
@pytest.mark.slow
def test_where_nothing_can_be_written_a_run_and_its_figure_are_made_without_a_word_about_it(
    container: Container, tmp_path: Path
) -> None:
    results = ("--results", tmp_path / "results")
    run = ("-m", "repro", "run", "imdb_lstm/model_one", "--data", "embedded", "--epochs", "1")
    ran, drew = container.python(*run, *results), container.python("-m", "repro", "figures", *results)
    assert ran.returncode == drew.returncode == 0, ran.stderr + drew.stderr
    assert all(line.startswith("imdb_lstm/model_one, seed 1: ") for line in ran.stderr.splitlines())
    assert drew.stderr == ""
    (private,) = container.temporary.iterdir()
    assert {path.name for path in private.iterdir()} == {"kernels", "keras", "matplotlib", "prepared"}
