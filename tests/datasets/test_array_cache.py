"""Arrays are prepared once, kept whole, and mapped; what is damaged is made again."""

from __future__ import annotations

import errno
import multiprocessing
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from data_files import names

from repro.datasets.array_cache import cached
from repro.datasets.dataset import fingerprint
from repro.errors import DataWarning

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache folder of this test, not yet made."""
    monkeypatch.setenv("REPRO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


ARRAYS = {"x": np.arange(6, dtype=np.int32).reshape(3, 2), "y": np.array([0, 1, 1], np.int32)}
SETTINGS: dict[str, str | int] = {"source_sha256": "a1", "maxlen": 2}


class Builder:
    """Builds ARRAYS and counts how often."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> dict[str, Any]:
        self.calls += 1
        return {name: array.copy() for name, array in ARRAYS.items()}


def assert_prepared(result: tuple[dict[str, Any], str]) -> None:
    arrays, sha = result
    assert list(arrays) == list(ARRAYS)
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, ARRAYS[name], strict=True)
        assert not array.flags.writeable
    assert sha == fingerprint(*ARRAYS.values())


def test_arrays_are_built_once_and_then_mapped(cache: Path) -> None:
    build = Builder()
    for _ in range(2):
        arrays, _ = result = cached("corpus", SETTINGS, build)
        assert_prepared(result)
        assert all(isinstance(array, np.memmap) for array in arrays.values())
    assert build.calls == 1


def test_another_source_or_setting_is_built_anew(cache: Path) -> None:
    build = Builder()
    for settings in (SETTINGS, SETTINGS | {"source_sha256": "b2"}, SETTINGS | {"maxlen": 3}):
        cached("corpus", settings, build)
    assert build.calls == 3


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-4])


def flip(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def reshape(path: Path) -> None:
    np.save(path, np.load(path).reshape(-1))


def fill(path: Path) -> None:
    path.write_bytes(b"{[(" * 100)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("x.npy", cut),
        ("x.npy", flip),
        ("x.npy", reshape),
        ("x.npy", fill),
        ("x.npy", Path.unlink),
        ("about.json", cut),
        ("about.json", fill),
        ("about.json", Path.unlink),
    ],
)
def test_damaged_arrays_are_built_again(name: str, damage: Callable[[Path], None], cache: Path) -> None:
    build = Builder()
    cached("corpus", SETTINGS, build)
    (path,) = cache.rglob(name)
    damage(path)
    for _ in range(2):
        assert_prepared(cached("corpus", SETTINGS, build))
    assert build.calls == 2
    assert names(cache) == ["about.json", "x.npy", "y.npy"]


def test_a_cache_that_cannot_be_written_costs_a_warning_and_a_temporary_folder_serves(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.write_text("a file where the folder should be")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    build = Builder()
    says = rf"nothing can be written to {cache}, which REPRO_CACHE names \(Not a directory\); using"
    with pytest.warns(DataWarning, match=says):
        assert_prepared(cached("corpus", SETTINGS, build))
    assert_prepared(cached("corpus", SETTINGS, build))
    assert build.calls == 1


def test_a_disk_that_fills_up_leaves_no_arrays_behind(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, _: object) -> None:
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.warns(DataWarning, match=f"are not kept for the next time in {cache}/prepared: the disk is full"):
        assert_prepared(cached("corpus", SETTINGS, Builder()))
    assert names(cache) == []


def prepare_beside_another(meeting: Path, name: str) -> tuple[bool, int]:
    """Prepare, with a `build` that waits until the other process builds too: (arrays are right, builds)."""
    build = Builder()

    def build_together() -> dict[str, Any]:
        (meeting / name).touch()
        deadline = time.monotonic() + 20
        while len(list(meeting.iterdir())) < 2 and time.monotonic() < deadline:
            time.sleep(0.005)
        return build()

    assert_prepared(cached("corpus", SETTINGS, build_together))
    return True, build.calls


@pytest.mark.filterwarnings("error")
def test_two_processes_may_prepare_the_same_arrays(cache: Path, tmp_path: Path) -> None:
    meeting = tmp_path / "meeting"
    meeting.mkdir()
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        results = list(pool.map(prepare_beside_another, [meeting, meeting], ["one", "other"]))
    assert results == [(True, 1), (True, 1)]
    assert names(cache) == ["about.json", "x.npy", "y.npy"]
