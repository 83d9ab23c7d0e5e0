"""What is not here is fetched whole, once, and verified; what goes wrong is named with what to do.

A server on a loopback port stands for the publishers.
"""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import os
import re
import socket
import ssl
import sys
import threading
import types
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal, NoReturn

import kaggle_files
import numpy as np
import pytest
import requests
from click.testing import CliRunner
from data_files import BODY, Publisher, located, names, published_at, put, sha256

from chapters import jigsaw_multilabel, rotten_tomatoes, stacked_lstm
from repro.cli import main
from repro.datasets import ag_news, embedded, jigsaw, transfer
from repro.datasets import obtain as obtaining
from repro.datasets import rotten_tomatoes as phrases
from repro.datasets.data_file import DataFile, LocatedFile, Version
from repro.datasets.obtain import obtain
from repro.errors import DataInvalid, DataUnavailable

CERTIFICATE = Path(__file__).with_name("loopback.pem")
SOCKET_BUFFERS = 8 << 20
"""Bytes that may be on their way when a connection is closed, at most."""


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as server:
        yield server


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache folder of this test, not yet made; no data folder is named."""
    monkeypatch.setattr(transfer, "PAUSE", 0.0)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.delenv("REPRO_DATA", raising=False)
    monkeypatch.setenv("REPRO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def file(publisher: Publisher, cache: Path) -> DataFile:
    return published_at(publisher.url)


def test_a_file_is_fetched_once_and_then_found_in_the_cache(publisher: Publisher, file: DataFile, cache: Path) -> None:
    found = obtain(file, None)
    assert found == located(cache / "corpus/file.bin", BODY, "original", "cache")
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

    def fetch_together(file: DataFile) -> LocatedFile:
        both.wait(timeout=20)
        return fetched(file)

    fetched = obtaining._fetched
    monkeypatch.setattr(obtaining, "_fetched", fetch_together)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(obtain, [file, file], [None, None])
    assert first == second
    assert publisher.ranges == [None]


def test_a_busy_server_is_asked_again(publisher: Publisher, file: DataFile) -> None:
    publisher.answers = [503, "ranges"]
    assert obtain(file, None).path.read_bytes() == BODY


def test_a_wrong_checksum_leaves_nothing_behind(publisher: Publisher, file: DataFile, cache: Path) -> None:
    publisher.body = b"x" * len(BODY)
    with pytest.raises(DataInvalid, match=f"wrong file: sha256 {sha256(publisher.body)}, expected {sha256(BODY)}"):
        obtain(file, None)
    assert names(cache) == []


def test_a_transfer_that_always_breaks_is_given_up_and_its_part_kept(
    publisher: Publisher, file: DataFile, cache: Path
) -> None:
    publisher.answers = ["breaks off"]
    with pytest.raises(DataUnavailable, match=r"the server 127\.0\.0\.1 broke off; 229,376 of 262,144 bytes are here"):
        obtain(file, None)
    assert len(publisher.ranges) == transfer.TRIES
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


def test_a_server_that_sends_without_end_is_cut_off(publisher: Publisher, file: DataFile, cache: Path) -> None:
    publisher.body = BODY * 50
    with pytest.raises(DataInvalid, match="gave a wrong file"):
        obtain(file, None)
    assert publisher.sent < 2 * len(BODY) + SOCKET_BUFFERS
    assert names(cache) == []


# Every fault on the way has its own words


def unavailable(file: DataFile, remedy: str = "Try again later") -> str:
    """The reason, out of the two lines of the error; the second says what to do: `remedy`, or fetch it by hand."""
    with pytest.raises(DataUnavailable) as caught:
        obtain(file, None)
    first, second = str(caught.value).splitlines()
    assert second == (
        f"{remedy}, or put the file as corpus/file.bin into a folder and name that with --data or REPRO_DATA."
    )
    start, _, reason = first.partition(" could not be fetched: ")
    assert start == file.url
    return reason.removesuffix(".")


def at(file: DataFile, url: str) -> DataFile:
    return dataclasses.replace(file, url=url)


@pytest.fixture
def closed() -> Iterator[str]:
    """An address that refuses connections."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{free.getsockname()[1]}"


@pytest.fixture
def with_tls(publisher: Publisher) -> Publisher:
    """The publisher, now with a certificate that nobody signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    publisher.socket = context.wrap_socket(publisher.socket, server_side=True)
    return publisher


def https(publisher: Publisher) -> str:
    return publisher.url.replace("http:", "https:")


def test_a_server_that_is_down(file: DataFile, closed: str) -> None:
    assert unavailable(at(file, f"http://{closed}/")) == "the server 127.0.0.1 refuses the connection"


def test_a_name_that_is_not_known(file: DataFile, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> NoReturn:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    reason = unavailable(at(file, "http://data.example/file.bin"))
    assert reason == "the name of the server data.example cannot be looked up (is this machine online?)"


def test_a_machine_without_a_network(file: DataFile, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_route(*_: object) -> NoReturn:
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", no_route)
    assert unavailable(file) == "no network leads to the server 127.0.0.1"


def test_a_server_that_falls_silent(publisher: Publisher, file: DataFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "TIMEOUT", (5, 0.05))
    publisher.answers = ["falls silent"]
    reason = unavailable(file)
    assert reason == "the server 127.0.0.1 did not answer in time; 229,376 of 262,144 bytes are here"


def test_a_certificate_that_is_not_trusted_is_named_at_once(with_tls: Publisher, file: DataFile) -> None:
    reason = unavailable(at(file, https(with_tls)), remedy="Correct that")
    assert reason.startswith("the certificate of the server 127.0.0.1 is not trusted: ")
    assert reason.endswith(" (REQUESTS_CA_BUNDLE names those that are)")
    assert with_tls.ranges == []


def test_a_certificate_that_the_variable_names_is_trusted(
    with_tls: Publisher, file: DataFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATE))
    assert obtain(at(file, https(with_tls)), None).read() == BODY


def test_a_server_that_does_not_speak_tls(publisher: Publisher, file: DataFile) -> None:
    reason = unavailable(at(file, https(publisher)))
    assert reason == "there is no secure connection to the server 127.0.0.1 (WRONG_VERSION_NUMBER)"


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_certificates_that_cannot_be_read_are_named_and_not_the_cache(
    variable: str, content: bytes | None, with_tls: Publisher, file: DataFile, tmp_path: Path, cache: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_bytes(content)
    monkeypatch.setenv(variable, str(bundle))
    reason = unavailable(at(file, https(with_tls)), remedy="Correct that")
    assert reason == f"{variable} names {bundle}, which is no file of certificates that can be read"
    assert str(cache) not in reason


PROXY = "the proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names"


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_down(scheme: str, file: DataFile, closed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{scheme}_proxy", f"http://user:secret@{closed}")
    assert unavailable(at(file, f"{scheme}://data.example/")) == f"{PROXY} refuses the connection"


@pytest.mark.parametrize(("scheme", "status"), [("http", 407), ("https", 407), ("https", 403)])
def test_a_proxy_that_refuses(
    scheme: str, status: Literal[407, 403], publisher: Publisher, file: DataFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.answers = [status]
    monkeypatch.setenv(f"{scheme}_proxy", publisher.url.removesuffix("/file.bin"))
    does, remedy = ("asks for a login", "Correct that") if status == 407 else ("refuses", "Try again later")
    assert unavailable(at(file, f"{scheme}://data.example/"), remedy) == f"{PROXY} {does} (HTTP {status})"


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("http://user:secret@[bad", "is no address that can be used"),
        ("http://", "is no address that can be used"),
        ("ftp://data.example", "is no address that can be used"),
        ("socks5://data.example", "needs the package pysocks"),
    ],
)
def test_a_proxy_that_cannot_be_one(address: str, says: str, file: DataFile, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_pysocks(*_: object, **__: object) -> NoReturn:
        raise requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support.")

    monkeypatch.setattr(requests.adapters, "SOCKSProxyManager", without_pysocks)  # other packages may have brought it
    monkeypatch.setenv("https_proxy", address)
    assert unavailable(at(file, "https://data.example/"), remedy="Correct that") == f"{PROXY} {says}"


def test_the_login_page_of_a_network_is_not_taken_for_a_part_of_the_file(
    publisher: Publisher, file: DataFile, cache: Path
) -> None:
    publisher.body = b"<!DOCTYPE html><html><title>Welcome to our hotel</title></html>"
    assert unavailable(file) == "a web page came in place of the file; does this network ask for a login?"
    assert publisher.ranges == [None]
    publisher.body = BODY
    assert obtain(file, None).read() == BODY
    assert names(cache) == ["file.bin"]


# What the cache folder has to do with it


def not_kept(file: DataFile, cache: Path) -> str:
    with pytest.raises(DataUnavailable) as caught:
        obtain(file, None)
    first, second = str(caught.value).splitlines()
    assert second.startswith("Name another cache folder with REPRO_CACHE, or put the file as corpus/file.bin into a")
    start, _, reason = first.partition(": ")
    assert start == f"corpus/file.bin cannot be kept in {cache}/corpus"
    return reason


def test_a_cache_that_cannot_be_made_is_named(file: DataFile, cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    assert not_kept(file, cache) == "Not a directory."


def test_a_cache_that_cannot_be_written_is_named(file: DataFile, cache: Path) -> None:
    cache.mkdir(mode=0o500)
    if os.access(cache, os.W_OK):
        pytest.skip("this user may write everywhere")
    assert not_kept(file, cache) == "Permission denied."


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux' device that is always full")
def test_a_full_disk_is_named(file: DataFile, cache: Path) -> None:
    (cache / "corpus").mkdir(parents=True)
    (cache / "corpus/file.bin.part").symlink_to("/dev/full")
    assert not_kept(file, cache) == "the disk is full."


def test_the_progress_bar_is_for_terminals(
    file: DataFile, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    obtain(file, None)
    captured = capsys.readouterr()
    assert re.search(r"file\.bin .*100%.*262\.1", captured.err)
    assert captured.out == ""


def test_without_a_terminal_there_is_no_progress_bar(file: DataFile, capsys: pytest.CaptureFixture[str]) -> None:
    obtain(file, None)
    assert capsys.readouterr() == ("", "")


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
