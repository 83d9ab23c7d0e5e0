"""Data files are found where the user expects, fetched whole, and never used unverified."""

from __future__ import annotations

import errno
import hashlib
import multiprocessing
import socket
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest

from repro.datasets import store
from repro.datasets.dataset import fingerprint
from repro.datasets.store import DataFile, Found, Version, locate, obtain, prepared
from repro.errors import DataInvalid, DataUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Answer = Literal["ranges", "no ranges", "breaks off", "breaks off, no ranges", 404, 503]

BODY = bytes(range(256)) * 1024  # 16 chunks, so that halves and quarters of it arrive whole
REBUILT = b"the same reviews, other ranks"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Publisher(ThreadingHTTPServer):
    """Serves `body` on a loopback port; the n-th request gets the n-th of `answers`, later ones the last."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.body = BODY
        self.answers: list[Answer] = ["ranges"]
        self.ranges: list[str | None] = []
        """The Range header of each request so far."""
        self.encodings: set[str | None] = set()
        """Their Accept-Encoding headers."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/file.bin"


class Handler(BaseHTTPRequestHandler):
    server: Publisher

    def do_GET(self) -> None:
        publisher = self.server
        answer = publisher.answers[min(len(publisher.ranges), len(publisher.answers) - 1)]
        asked = self.headers["Range"]
        publisher.ranges.append(asked)
        publisher.encodings.add(self.headers["Accept-Encoding"])
        if isinstance(answer, int):
            self.send_error(answer)
            return
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and "no ranges" not in answer else 0
        if start and start >= len(publisher.body):
            self.send_error(416)
            return
        content = publisher.body[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if answer.startswith("breaks off") else content)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache folder of this test, not yet made; no data folder is named."""
    monkeypatch.setattr(store, "PAUSE", 0.0)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("REPRO_DATA", raising=False)
    monkeypatch.setenv("REPRO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def file(publisher: Publisher, cache: Path) -> DataFile:
    return DataFile(
        path="corpus/file.bin",
        url=publisher.url,
        original=Version("original", len(BODY), f"sha256:{sha256(BODY)}"),
        rebuilt=(Version("rebuilt", len(REBUILT), f"sha256:{sha256(REBUILT)}"),),
    )


def put(folder: Path, content: bytes, name: str = "corpus/file.bin") -> Path:
    """Write a file, making its folder; returns the path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


# Fetching


def test_a_file_is_fetched_once_and_then_found_in_the_cache(publisher: Publisher, file: DataFile, cache: Path) -> None:
    found = obtain(file, None)
    assert found == Found(cache / "corpus/file.bin", sha256(BODY), "original", "cache")
    assert found.path.read_bytes() == BODY
    assert obtain(file, None) == found
    assert publisher.ranges == [None]
    assert names(cache) == ["file.bin"]


def test_a_broken_transfer_goes_on_where_it_broke(publisher: Publisher, file: DataFile) -> None:
    publisher.answers = ["breaks off", "breaks off", "ranges"]
    assert obtain(file, None).path.read_bytes() == BODY
    assert publisher.ranges == [None, f"bytes={len(BODY) // 2}-", f"bytes={len(BODY) * 3 // 4}-"]


def test_ranges_count_the_bytes_of_the_file_not_of_a_compressed_transfer(publisher: Publisher, file: DataFile) -> None:
    publisher.answers = ["breaks off", "ranges"]
    obtain(file, None)
    assert publisher.encodings == {"identity"}


def test_a_server_without_ranges_is_asked_for_the_whole_again(publisher: Publisher, file: DataFile) -> None:
    publisher.answers = ["breaks off, no ranges", "no ranges"]
    assert obtain(file, None).path.read_bytes() == BODY


def test_a_part_from_an_earlier_process_is_completed(publisher: Publisher, file: DataFile, cache: Path) -> None:
    put(cache, BODY[:1000], "corpus/file.bin.part")
    assert obtain(file, None).path.read_bytes() == BODY
    assert publisher.ranges == ["bytes=1000-"]
    assert names(cache) == ["file.bin"]


def test_a_complete_part_needs_no_transfer(publisher: Publisher, file: DataFile, cache: Path) -> None:
    put(cache, BODY, "corpus/file.bin.part")
    assert obtain(file, None).path.read_bytes() == BODY
    assert publisher.ranges == []


def test_a_part_of_something_else_is_thrown_away(file: DataFile, cache: Path) -> None:
    put(cache, b"x" * 1000, "corpus/file.bin.part")
    with pytest.raises(DataInvalid):
        obtain(file, None)
    assert names(cache) == []
    assert obtain(file, None).path.read_bytes() == BODY


def test_two_that_want_a_file_at_once_fetch_it_once(
    publisher: Publisher, file: DataFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = threading.Barrier(2)

    def fetch_together(*arguments: Any) -> None:
        both.wait(timeout=20)
        fetch(*arguments)

    fetch = store._fetch
    monkeypatch.setattr(store, "_fetch", fetch_together)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(obtain, [file, file], [None, None])
    assert first == second
    assert publisher.ranges == [None]


def test_a_busy_server_is_asked_again(publisher: Publisher, file: DataFile) -> None:
    publisher.answers = [503, "ranges"]
    assert obtain(file, None).path.read_bytes() == BODY


def test_a_wrong_checksum_leaves_nothing_behind(publisher: Publisher, file: DataFile, cache: Path) -> None:
    publisher.body = b"x" * len(BODY)
    with pytest.raises(DataInvalid, match=f"expected sha256:{sha256(BODY)} but got {sha256(publisher.body)}"):
        obtain(file, None)
    assert names(cache) == []


def test_a_transfer_that_always_breaks_is_given_up_and_its_part_kept(
    publisher: Publisher, file: DataFile, cache: Path
) -> None:
    publisher.answers = ["breaks off"]
    with pytest.raises(DataUnavailable, match=r"connection failed .*229,376 of 262,144 bytes are here"):
        obtain(file, None)
    assert len(publisher.ranges) == store.TRIES
    assert names(cache) == ["file.bin.part"]


def test_a_server_with_a_shorter_file_is_given_up(publisher: Publisher, file: DataFile) -> None:
    publisher.body = BODY[:1000]
    with pytest.raises(DataUnavailable, match="sent too little"):
        obtain(file, None)
    assert publisher.ranges == [None, "bytes=1000-", None]


def test_a_file_that_is_gone_is_asked_for_once(publisher: Publisher, file: DataFile) -> None:
    publisher.answers = [404]
    with pytest.raises(DataUnavailable, match=r"HTTP 404 Not Found.*\n.*--data"):
        obtain(file, None)
    assert publisher.ranges == [None]


def test_no_connection_ends_in_two_lines(cache: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    version = Version("original", len(BODY), f"sha256:{sha256(BODY)}")
    with pytest.raises(DataUnavailable, match=r"connection failed \(ConnectionError\)") as caught:
        obtain(DataFile("corpus/file.bin", f"http://127.0.0.1:{port}/file.bin", version), None)
    assert str(caught.value).count("\n") == 1


def test_a_cache_that_cannot_be_made_is_named(file: DataFile, cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    with pytest.raises(DataUnavailable, match=rf"cannot be kept in {cache}/corpus: .*\nName another .*REPRO_CACHE"):
        obtain(file, None)


def test_a_full_disk_is_named(file: DataFile, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store, "_transfer", full)
    with pytest.raises(DataUnavailable, match=rf"cannot be kept in {cache}/corpus: No space left on device"):
        obtain(file, None)


@pytest.mark.parametrize("progress", [True, False])
def test_the_progress_bar_is_for_terminals(
    progress: bool, file: DataFile, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    obtain(file, None, progress=progress)
    assert ("100%" in capsys.readouterr().err) == progress


def test_without_a_terminal_there_is_no_progress_bar(file: DataFile, capsys: pytest.CaptureFixture[str]) -> None:
    obtain(file, None)
    assert "%" not in capsys.readouterr().err


# Where a file is taken from


def test_the_named_folder_goes_before_the_environment_and_the_cache(
    file: DataFile, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(cache, BODY)
    put(tmp_path / "environment", BODY)
    put(tmp_path / "named", BODY)
    monkeypatch.setenv("REPRO_DATA", str(tmp_path / "environment"))
    assert obtain(file, tmp_path / "named") == Found(
        tmp_path / "named/corpus/file.bin", sha256(BODY), "original", "folder"
    )
    assert obtain(file, None).path == tmp_path / "environment/corpus/file.bin"


def test_a_named_folder_without_the_file_is_not_passed_over(
    publisher: Publisher, file: DataFile, cache: Path, tmp_path: Path
) -> None:
    put(cache, BODY)
    with pytest.raises(DataInvalid, match=f"corpus/file.bin is missing in the data folder {tmp_path}"):
        obtain(file, tmp_path)
    assert publisher.ranges == []


def test_a_named_folder_that_does_not_exist_is_not_passed_over(
    file: DataFile, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(cache, BODY)
    monkeypatch.setenv("REPRO_DATA", str(tmp_path / "mistyped"))
    with pytest.raises(DataInvalid, match="mistyped does not exist"):
        obtain(file, None)


def test_locating_fetches_nothing(publisher: Publisher, file: DataFile) -> None:
    assert locate(file, None) is None
    assert publisher.ranges == []


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (BODY[:5000], r"truncated \(5,000 of 262,144 bytes\): sha256 .{12}…, expected"),
        (BODY[:-1] + b"x", "altered: sha256"),
        (BODY + b"x", "altered: sha256"),
        (REBUILT[:-1] + b"x", "altered: sha256"),
    ],
)
def test_an_unknown_content_is_refused_with_its_fault(
    content: bytes, fault: str, file: DataFile, tmp_path: Path
) -> None:
    path = put(tmp_path, content)
    with pytest.raises(DataInvalid, match=f"{path} is {fault}.*Replace it with the file from {file.url}"):
        obtain(file, tmp_path)


def test_an_unknown_content_in_the_cache_is_refused(publisher: Publisher, file: DataFile, cache: Path) -> None:
    put(cache, BODY[:5000])
    with pytest.raises(DataInvalid, match=r"truncated.*Delete it; `repro data get corpus` fetches it again"):
        obtain(file, None)
    assert publisher.ranges == []


def test_a_file_that_cannot_be_read_is_named(file: DataFile, tmp_path: Path) -> None:
    (tmp_path / "corpus/file.bin").mkdir(parents=True)
    with pytest.raises(DataInvalid, match=r"file\.bin cannot be read: Is a directory"):
        obtain(file, tmp_path)


def test_a_rebuilt_file_is_accepted_from_a_named_folder(file: DataFile, tmp_path: Path) -> None:
    path = put(tmp_path, REBUILT)
    assert obtain(file, tmp_path) == Found(path, sha256(REBUILT), "rebuilt", "folder")


def test_a_rebuilt_file_is_refused_in_the_cache(file: DataFile, cache: Path) -> None:
    put(cache, REBUILT)
    with pytest.raises(DataInvalid):
        obtain(file, None)


def test_a_rebuilt_file_is_refused_from_a_server(publisher: Publisher, cache: Path) -> None:
    publisher.body = REBUILT
    original = Version("original", len(REBUILT), f"sha256:{sha256(BODY)}")
    rebuilt = Version("rebuilt", len(REBUILT), f"sha256:{sha256(REBUILT)}")
    with pytest.raises(DataInvalid):
        obtain(DataFile("corpus/file.bin", publisher.url, original, (rebuilt,)), None)


def test_an_md5_of_the_publisher_serves_where_there_is_no_sha256(publisher: Publisher, cache: Path) -> None:
    version = Version("original", len(BODY), f"md5:{hashlib.md5(BODY).hexdigest()}")
    found = obtain(DataFile("corpus/file.bin", publisher.url, version), None)
    assert (found.sha256, found.edition) == (sha256(BODY), "original")


# Prepared arrays

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
        arrays, _ = result = prepared("corpus", SETTINGS, build)
        assert_prepared(result)
        assert all(isinstance(array, np.memmap) for array in arrays.values())
    assert build.calls == 1


def test_another_source_or_setting_is_built_anew(cache: Path) -> None:
    build = Builder()
    for settings in (SETTINGS, SETTINGS | {"source_sha256": "b2"}, SETTINGS | {"maxlen": 3}):
        prepared("corpus", settings, build)
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
    prepared("corpus", SETTINGS, build)
    (path,) = cache.rglob(name)
    damage(path)
    for _ in range(2):
        assert_prepared(prepared("corpus", SETTINGS, build))
    assert build.calls == 2
    assert names(cache) == ["about.json", "x.npy", "y.npy"]


def test_a_cache_that_cannot_be_written_costs_a_warning(cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    with pytest.warns(UserWarning, match=f"not kept for the next time in {cache}"):
        assert_prepared(prepared("corpus", SETTINGS, Builder()))


def test_a_disk_that_fills_up_leaves_no_arrays_behind(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, _: object) -> None:
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.warns(UserWarning, match="No space left on device"):
        assert_prepared(prepared("corpus", SETTINGS, Builder()))
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

    assert_prepared(prepared("corpus", SETTINGS, build_together))
    return True, build.calls


@pytest.mark.filterwarnings("error")
def test_two_processes_may_prepare_the_same_arrays(cache: Path, tmp_path: Path) -> None:
    meeting = tmp_path / "meeting"
    meeting.mkdir()
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        results = list(pool.map(prepare_beside_another, [meeting, meeting], ["one", "other"]))
    assert results == [(True, 1), (True, 1)]
    assert names(cache) == ["about.json", "x.npy", "y.npy"]
