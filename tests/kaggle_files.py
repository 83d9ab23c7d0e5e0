"""The embedded corpora as their publishers' files, for the loaders to find; and rows held against Keras' own."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from data_files import zipped

from repro.datasets import embedded
from repro.datasets.jigsaw import LABELS

if TYPE_CHECKING:
    from repro.datasets.dataset import Corpus, Inputs

Table = list[list[str]]

FILES = {
    "jigsaw": ("train.csv", "test.csv", "test_labels.csv"),
    "rotten_tomatoes": ("train.tsv", "test.tsv", "test_labels.tsv"),
    "ag_news": ("train.csv", "test.csv"),
}
"""Of each corpus, as `write` writes them."""


def rows(path: Path) -> Table:
    """The values in a file, its header included."""
    with path.open(encoding="utf-8", newline="") as file:
        if path.suffix == ".tsv":
            return [line.split("\t") for line in file.read().split("\n")[:-1]]
        return list(csv.reader(file))


def put(path: Path, table: Iterable[Sequence[object]]) -> None:
    """The values as a file: tab-separated as Rotten Tomatoes, all in quotes as AG News, else as Jigsaw."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        if path.suffix == ".tsv":
            file.writelines("\t".join(map(str, row)) + "\n" for row in table)
        elif path.parent.name == "ag_news":
            csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(table)
        else:
            csv.writer(file, lineterminator="\n").writerows(table)


def change(path: Path, row: int, column: int, value: str) -> None:
    """Put another value into a file; the row counts from 0, the header included."""
    table = rows(path)
    table[row][column] = value
    put(path, table)


def _jigsaw(folder: Path) -> None:
    corpus = embedded.comments()
    ids, labels = _test_rows(corpus)
    trained = zip(corpus.train_texts, corpus.train_labels.tolist(), strict=True)
    put(
        folder / "train.csv",
        [("id", "comment_text", *LABELS), *((f"{row:016x}", text, *each) for row, (text, each) in enumerate(trained))],
    )
    put(folder / "test.csv", [("id", "comment_text"), *zip(ids, corpus.test_texts, strict=True)])
    put(folder / "test_labels.csv", [("id", *LABELS), *((name, *row) for name, row in zip(ids, labels, strict=True))])


def _rotten_tomatoes(folder: Path) -> None:
    corpus = embedded.phrases()
    ids, labels = _test_rows(corpus)
    columns = ("PhraseId", "SentenceId", "Phrase")
    trained = enumerate(zip(corpus.train_texts, corpus.train_labels.tolist(), strict=True), start=1)
    put(folder / "train.tsv", [(*columns, "Sentiment"), *((row, 1, *each) for row, each in trained)])
    put(folder / "test.tsv", [columns, *((name, 2, text) for name, text in zip(ids, corpus.test_texts, strict=True))])
    put(folder / "test_labels.tsv", [("PhraseId", "Sentiment"), *zip(ids, labels, strict=True)])


def _ag_news(folder: Path) -> None:
    """The title of an item is its first three words; some items have no title, some no description."""
    corpus = embedded.news()
    assert corpus.test_labels is not None
    for name, texts, labels in (
        ("train.csv", corpus.train_texts, corpus.train_labels),
        ("test.csv", corpus.test_texts, corpus.test_labels),
    ):
        table = []
        for row, (text, label) in enumerate(zip(texts, labels.tolist(), strict=True)):
            words = text.split(" ")
            end = {0: 0, 1: len(words)}.get(row % 10, 3)
            table.append((label + 1, " ".join(words[:end]), " ".join(words[end:])))
        put(folder / name, table)


def _test_rows(corpus: Corpus) -> tuple[Sequence[str], list[Any]]:
    assert corpus.test_ids is not None
    assert corpus.test_labels is not None
    return corpus.test_ids, corpus.test_labels.tolist()


_WRITE: dict[str, Callable[[Path], None]] = {
    "jigsaw": _jigsaw,
    "rotten_tomatoes": _rotten_tomatoes,
    "ag_news": _ag_news,
}


def write(corpus: str, folder: Path) -> Path:
    """Write the files of a corpus into the data folder, in a folder of their own; returns the data folder."""
    _WRITE[corpus](folder / corpus)
    return folder


def zip_each(folder: Path) -> None:
    """Put each file in the folder into a zip file of its own, in its place, as Kaggle gives single files."""
    for path in sorted(folder.iterdir()):
        path.with_name(f"{path.name}.zip").write_bytes(zipped({path.name: path.read_bytes()}))
        path.unlink()


def zip_all(folder: Path, target: Path) -> Path:
    """Put all files in the folder into one zip file, each in its own zip file there, as Kaggle gives competitions."""
    zip_each(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(zipped({path.name: path.read_bytes() for path in sorted(folder.iterdir())}))
    for path in folder.iterdir():
        if path != target:
            path.unlink()
    return target


def assert_padded(ours: Inputs | None, sequences: Sequence[Sequence[int]], maxlen: int) -> None:
    """The rows are what Keras' `pad_sequences` makes of these; some rows at a time, since all may be large."""
    assert ours is not None
    assert ours.shape == (len(sequences), maxlen)
    for start in range(0, len(sequences), 5_000):
        some = slice(start, start + 5_000)
        np.testing.assert_array_equal(ours[some], keras.utils.pad_sequences(sequences[some], maxlen), strict=True)
