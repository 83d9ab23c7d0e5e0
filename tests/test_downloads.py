"""What is not here is fetched: the corpora, each from a loopback server in place of its publisher."""

from __future__ import annotations

import dataclasses
import hashlib
import sys
import threading
import types
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import kaggle_files
import numpy as np
import pytest
import requests
from click.testing import CliRunner

from chapters import jigsaw_multilabel, rotten_tomatoes, stacked_lstm
from repro.cli import main
from repro.datasets import ag_news, embedded, jigsaw
from repro.datasets import rotten_tomatoes as phrases
from repro.datasets.store import DataFile, Version
from repro.errors import DataUnavailable


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


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REPRO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


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
