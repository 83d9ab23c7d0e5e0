"""Data files are found where the user expects, fetched whole, and never used unverified."""

from __future__ import annotations

import errno
import hashlib
import io
import multiprocessing
import socket
import sys
import tempfile
import threading
import time
import zipfile
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest

from repro.datasets import kaggle, store
from repro.datasets.dataset import fingerprint
from repro.datasets.store import DataFile, Found, Version, locate, obtain, optional, prepared, wanted
from repro.errors import DataInvalid, DataUnavailable, DataWarning

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


# Files that are only parsed

CSV = b"id,comment\na1,fine\n" * 50
EXCERPT = CSV[:400]
MINE = b"id,comment\nx,mine\n"
SLUG = "a-challenge"


def zipped(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.fixture
def text(publisher: Publisher, cache: Path) -> DataFile:
    """A text file with a known checksum, and a known part of it."""
    publisher.body = CSV
    return DataFile(
        path="corpus/train.csv",
        url=publisher.url,
        original=Version("original", len(CSV), f"sha256:{sha256(CSV)}"),
        rebuilt=(Version("excerpt", len(EXCERPT), f"sha256:{sha256(EXCERPT)}", "sample"),),
        parsed=True,
    )


@pytest.fixture
def competition(cache: Path) -> DataFile:
    """A file of a competition, whose checksum is not known."""
    return DataFile(
        path="corpus/train.csv",
        url=f"https://www.kaggle.com/competitions/{SLUG}/data",
        original=None,
        rebuilt=(Version("excerpt", len(EXCERPT), f"sha256:{sha256(EXCERPT)}", "sample"),),
        parsed=True,
        competition=SLUG,
    )


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What is asked of Kaggle, which has CSV under every name."""
    asked = []

    def fetch(competition: str, name: str, folder: Path, *, progress: bool) -> Path:
        asked.append((competition, name))
        return put(folder, CSV, name)

    monkeypatch.setattr(kaggle, "fetch", fetch)
    return asked


def test_a_known_part_is_a_sample(text: DataFile, tmp_path: Path) -> None:
    path = put(tmp_path, EXCERPT, text.path)
    assert obtain(text, tmp_path) == Found(path, sha256(EXCERPT), "excerpt", "folder", "sample")


def test_the_original_of_a_text_is_real(text: DataFile, cache: Path) -> None:
    assert obtain(text, None) == Found(cache / text.path, sha256(CSV), "original", "cache", "real")


def test_an_unknown_text_of_the_users_is_accepted_and_marked(text: DataFile, tmp_path: Path) -> None:
    path = put(tmp_path, MINE, text.path)
    assert obtain(text, tmp_path) == Found(path, sha256(MINE), "unverified", "folder", None)


def test_an_unknown_text_in_the_cache_is_damage_if_the_original_is_known(text: DataFile, cache: Path) -> None:
    put(cache, MINE, text.path)
    with pytest.raises(DataInvalid, match=r"truncated.*Delete it; `repro data get corpus` fetches it"):
        obtain(text, None)


def test_a_text_that_breaks_off_within_a_line_is_truncated(text: DataFile, tmp_path: Path) -> None:
    path = put(tmp_path, CSV[:401], text.path)
    with pytest.raises(DataInvalid, match=rf"{path} is truncated \(401 of {len(CSV)} bytes, the last line without"):
        obtain(text, tmp_path)


def test_what_is_unpickled_needs_a_checksum() -> None:
    with pytest.raises(ValueError, match="needs a known checksum"):
        DataFile("corpus/file.npz", "http://127.0.0.1:1/", None)


def test_a_text_is_read_as_it_was_hashed(text: DataFile, tmp_path: Path) -> None:
    found = obtain(text, put(tmp_path, CSV, text.path).parents[1])
    assert (found.name, found.read()) == (str(tmp_path / text.path), CSV)
    put(tmp_path, MINE, text.path)
    with pytest.raises(DataInvalid, match=r"train\.csv was changed while it was in use"):
        found.read()
    found.path.unlink()
    with pytest.raises(DataInvalid, match=r"train\.csv cannot be read: No such file"):
        found.read()


@pytest.mark.parametrize("name", ["corpus/train.csv.zip", "corpus/any.zip", f"{SLUG}.zip"])
def test_a_text_may_lie_in_a_zip_file(name: str, competition: DataFile, tmp_path: Path) -> None:
    path = put(tmp_path, zipped({"train.csv": EXCERPT, "test.csv": MINE}), name)
    found = obtain(competition, tmp_path)
    assert found == Found(path, sha256(EXCERPT), "excerpt", "folder", "sample", ("train.csv",))
    assert (found.name, found.read()) == (f"{path}: train.csv", EXCERPT)


def test_a_zip_file_can_be_named_itself(text: DataFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path, zipped({"train.csv.zip": zipped({"train.csv": CSV})}), "any.zip")
    monkeypatch.setenv("REPRO_DATA", str(path))
    assert obtain(text, None) == Found(path, sha256(CSV), "original", "folder", "real", ("train.csv.zip", "train.csv"))


def test_a_zip_file_may_be_put_into_the_cache(competition: DataFile, cache: Path) -> None:
    path = put(cache, zipped({"train.csv": MINE}), "corpus/any.zip")
    assert locate(competition, None) == Found(path, sha256(MINE), "unverified", "cache", None, ("train.csv",))


def test_a_known_part_may_be_put_into_the_cache_if_the_original_is_not_known(
    competition: DataFile, cache: Path
) -> None:
    path = put(cache, EXCERPT, competition.path)
    assert locate(competition, None) == Found(path, sha256(EXCERPT), "excerpt", "cache", "sample")


def test_what_is_unpickled_is_not_looked_for_in_zip_files(file: DataFile, tmp_path: Path) -> None:
    path = put(tmp_path, zipped({"file.bin": BODY}), "corpus/file.bin.zip")
    assert optional(file, tmp_path) is None
    assert optional(file, path) is None
    with pytest.raises(DataInvalid, match=rf"file\.bin is missing in the zip file {path}\. Put .*as corpus/file\.bin"):
        obtain(file, path)


def test_a_damaged_zip_file_is_named(competition: DataFile, tmp_path: Path) -> None:
    path = put(tmp_path, zipped({"train.csv": CSV})[:-9], f"corpus/{SLUG}.zip")
    with pytest.raises(DataInvalid, match=f"^{path} is damaged or incomplete"):
        obtain(competition, tmp_path)
    with pytest.raises(DataInvalid, match=f"^{path} is neither a data folder nor a whole zip file"):
        obtain(competition, path)


def test_a_zip_file_with_a_damaged_member_is_named(competition: DataFile, tmp_path: Path) -> None:
    content = bytearray(zipped({"train.csv": CSV}))
    content[45] ^= 0xFF
    path = put(tmp_path, bytes(content), f"corpus/{SLUG}.zip")
    with pytest.raises(DataInvalid, match=rf"^{path}: train\.csv is damaged or incomplete"):
        obtain(competition, tmp_path)


def test_a_named_folder_without_a_competitions_file_says_what_to_put_there(
    competition: DataFile, asked: list[tuple[str, str]], tmp_path: Path
) -> None:
    with pytest.raises(DataInvalid, match=r"train\.csv is missing in .* and its zip files\. Put .*corpus/any\.zip"):
        obtain(competition, tmp_path)
    path = put(tmp_path, zipped({"test.csv": CSV}), "any.zip")
    with pytest.raises(DataInvalid, match=rf"corpus/train\.csv is missing in the zip file {path}\."):
        obtain(competition, path)
    assert asked == []


def test_a_competitions_file_is_fetched_once_from_kaggle(
    competition: DataFile, asked: list[tuple[str, str]], cache: Path
) -> None:
    found = obtain(competition, None)
    assert found == Found(cache / "corpus/train.csv", sha256(CSV), "unverified", "cache", None)
    assert obtain(competition, None) == found
    assert asked == [(SLUG, "train.csv")]


def test_without_kaggles_packages_two_lines_say_what_to_do(
    competition: DataFile, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("kagglehub", "kaggle"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(DataUnavailable, match="neither kagglehub nor kaggle is installed") as caught:
        obtain(competition, None)
    assert str(caught.value).count("\n") == 1
    assert names(cache) == []


def test_a_cache_that_cannot_be_made_is_named_for_kaggle_too(
    competition: DataFile, asked: list[tuple[str, str]], cache: Path
) -> None:
    cache.write_text("a file where the folder should be")
    with pytest.raises(DataUnavailable, match="cannot be kept in"):
        obtain(competition, None)


def test_what_nobody_publishes_cannot_be_fetched(cache: Path) -> None:
    file = DataFile("corpus/mine.csv", "https://example.org/about", None, parsed=True)
    with pytest.raises(DataUnavailable, match=r"cannot be fetched\.\nPut it as corpus/mine\.csv into a folder"):
        obtain(file, None)


# Files that a corpus can do without


def test_an_optional_file_may_be_missing_in_a_named_folder(
    publisher: Publisher, file: DataFile, tmp_path: Path
) -> None:
    assert optional(file, tmp_path) is None
    assert publisher.ranges == []


def test_an_optional_file_is_not_fetched(publisher: Publisher, file: DataFile) -> None:
    assert optional(file, None) is None
    assert publisher.ranges == []


def test_an_optional_file_is_found_as_others_are(file: DataFile, cache: Path, tmp_path: Path) -> None:
    path = put(tmp_path, BODY)
    assert optional(file, tmp_path) == Found(path, sha256(BODY), "original", "folder")
    put(cache, BODY)
    assert optional(file, None) == Found(cache / "corpus/file.bin", sha256(BODY), "original", "cache")


def test_an_optional_file_that_is_damaged_is_refused(file: DataFile, tmp_path: Path) -> None:
    put(tmp_path, BODY[:5000])
    with pytest.raises(DataInvalid, match="truncated"):
        optional(file, tmp_path)


def test_an_optional_file_in_a_folder_that_does_not_exist_is_a_mistake(file: DataFile, tmp_path: Path) -> None:
    with pytest.raises(DataInvalid, match="mistyped does not exist"):
        optional(file, tmp_path / "mistyped")


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


def test_a_cache_that_cannot_be_written_costs_a_warning_and_a_temporary_folder_serves(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.write_text("a file where the folder should be")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    build = Builder()
    with pytest.warns(DataWarning, match=f"nothing can be written to {cache}, which REPRO_CACHE names"):
        assert_prepared(prepared("corpus", SETTINGS, build))
    assert_prepared(prepared("corpus", SETTINGS, build))
    assert build.calls == 1


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


def test_a_file_that_is_wanted_is_looked_for_in_the_cache_if_it_goes_with_any_copy(
    file: DataFile, cache: Path, tmp_path: Path
) -> None:
    kept = cache / "corpus/file.bin"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(BODY)
    (tmp_path / "folder").mkdir()
    found = wanted(file, tmp_path / "folder", "it is not scored", fits_any=True)
    assert found is not None
    assert found.where == "cache"
    with pytest.warns(DataWarning, match=r"it is not scored: corpus/file\.bin is not there; `repro data get corpus`"):
        assert wanted(file, tmp_path / "folder", "it is not scored") is None
