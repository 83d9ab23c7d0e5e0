"""What is not here is fetched whole, once, and verified; what goes wrong is named with what to do.

A server on a loopback port stands for the publishers.
"""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import socket
import sys
import threading
import types
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import kaggle_files
import numpy as np
import pytest
import requests
from click.testing import CliRunner
from data_files import BODY, REBUILT, Publisher, names, put, sha256

from chapters import jigsaw_multilabel, rotten_tomatoes, stacked_lstm
from repro.cli import main
from repro.datasets import ag_news, download, embedded, jigsaw
from repro.datasets import rotten_tomatoes as phrases
from repro.datasets.download import obtain
from repro.datasets.files import DataFile, Found, Version
from repro.errors import DataInvalid, DataUnavailable


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache folder of this test, not yet made; no data folder is named."""
    monkeypatch.setattr(download, "PAUSE", 0.0)
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

    fetch = download._fetch
    monkeypatch.setattr(download, "_fetch", fetch_together)
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
    assert len(publisher.ranges) == download.TRIES
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

    monkeypatch.setattr(download, "_transfer", full)
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


# The corpora


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """The folder that the server serves: the embedded corpora in their publishers' forms."""
    for corpus in kaggle_files.FILES:
        kaggle_files.write(corpus, tmp_path / "published")
    return tmp_path / "published"


@pytest.fixture
def server(published: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(published))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def from_server(file: DataFile, server: str, published: Path) -> DataFile:
    """The same file, at the address of the server, with the size and the checksum that it has there."""
    content = (published / file.path).read_bytes()
    version = Version("original", len(content), f"sha256:{hashlib.sha256(content).hexdigest()}")
    return dataclasses.replace(file, url=f"{server}/{file.path}", original=version)


def test_news(server: str, published: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TRAIN", "TEST"):
        monkeypatch.setattr(ag_news, name, from_server(getattr(ag_news, name), server, published))
    dataset = stacked_lstm.data("real")
    assert dataset.provenance.label == "real-original"
    assert (dataset.provenance.train_rows, dataset.provenance.validation_rows) == (360, 40)
    assert {path.name for path in (cache / "ag_news").iterdir()} == {"train.csv", "test.csv"}


def test_the_treebank(server: str, published: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kaggle's files in the cache, put there by hand; the labels of the test phrases come from the server."""
    corpus = embedded.phrases()
    assert corpus.test_labels is not None
    (published / "rotten_tomatoes/test_labels.tsv").unlink()
    for name in ("TRAIN", "TEST"):
        file = getattr(phrases, name)
        monkeypatch.setattr(phrases, name, from_server(file, server, published))
        (cache / file.path).parent.mkdir(parents=True, exist_ok=True)
        (cache / file.path).write_bytes((published / file.path).read_bytes())
    trees = "".join(
        f"({label} {' '.join(f'(2 {word})' for word in text.split())})\n"
        for text, label in zip(corpus.test_texts, corpus.test_labels.tolist(), strict=True)
        if len(text.split()) > 1
    )
    with zipfile.ZipFile(published / phrases.TREES.path, "w") as archive:
        for member, content in (("train", trees), ("dev", "(2 x)\n"), ("test", "(2 y)\n")):
            archive.writestr(f"trees/{member}.txt", content)
    monkeypatch.setattr(phrases, "TREES", from_server(phrases.TREES, server, published))
    long = np.array([len(text.split()) > 1 for text in corpus.test_texts])
    dataset = rotten_tomatoes.data("real")
    assert dataset.y_test is not None
    np.testing.assert_array_equal(dataset.y_test[long], corpus.test_labels[long])


@pytest.fixture
def kagglehub(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package with the one function of kagglehub that is used; it downloads from the server."""

    def competition_download(handle: str, path: str) -> str:
        assert handle == jigsaw.COMPETITION
        answer = requests.get(f"{server}/jigsaw/{path}", timeout=10)
        answer.raise_for_status()
        target = tmp_path / "kagglehub" / path
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(answer.content)
        return str(target)

    module = types.ModuleType("kagglehub")
    module.competition_download = competition_download  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "kagglehub", module)


def test_comments_with_the_users_login(
    server: str, published: Path, kagglehub: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TRAIN", "TEST", "TEST_LABELS"):
        monkeypatch.setattr(jigsaw, name, from_server(getattr(jigsaw, name), server, published))
    dataset = jigsaw_multilabel.data("real")
    assert dataset.provenance.label == "real-original"
    assert dataset.y_test is not None
    np.testing.assert_array_equal(dataset.y_test, embedded.comments().test_labels)


def test_comments_without_a_login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    monkeypatch.setitem(sys.modules, "kaggle", None)
    with pytest.raises(DataUnavailable, match=r"jigsaw/train\.csv could not be fetched from Kaggle") as raised:
        jigsaw_multilabel.data("real")
    assert "accept the rules on" in str(raised.value)
    assert len(str(raised.value).splitlines()) == 2
    ended = CliRunner().invoke(main, ["run", "jigsaw_multilabel"])
    assert ended.exit_code == 2
    assert "--data embedded" in ended.stderr
