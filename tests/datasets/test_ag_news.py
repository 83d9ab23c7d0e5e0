"""The AG News loader gives what Keras' `one_hot` and `pad_sequences` and scikit-learn's `train_test_split` give."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Callable
from pathlib import Path

import kaggle_files
import msgspec
import numpy as np
import pytest
from kaggle_files import assert_padded
from keras.src.legacy.preprocessing import text as legacy
from sklearn.model_selection import train_test_split

from chapters import stacked_lstm as chapter
from repro.datasets import ag_news, embedded
from repro.datasets.dataset import Corpus, Dataset
from repro.errors import DataInvalid

VOC_SIZE, MAXLEN = 5_000, 20
"""Assumed."""
TEST_SIZE, RANDOM_STATE = 0.1, 42
"""The source's."""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test prepares its arrays afresh."""
    monkeypatch.setenv("REPRO_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with the embedded news as the publisher's files."""
    return kaggle_files.write("ag_news", tmp_path / "data")


def assert_equals_keras(
    ours: Dataset,
    corpus: Corpus,
    voc_size: int = VOC_SIZE,
    maxlen: int = MAXLEN,
    test_size: float = TEST_SIZE,
    random_state: int = RANDOM_STATE,
) -> None:
    train, test = (
        [legacy.hashing_trick(text, voc_size, hash_function="md5") for text in texts]
        for texts in (corpus.train_texts, corpus.test_texts)
    )
    fitted, held_out, fitted_classes, held_out_classes = train_test_split(
        train, corpus.train_labels, test_size=test_size, random_state=random_state, stratify=corpus.train_labels
    )
    assert_padded(ours.x_train, fitted, maxlen)
    assert_padded(ours.x_validation, held_out, maxlen)
    assert_padded(ours.x_test, test, maxlen)
    np.testing.assert_array_equal(ours.y_train, fitted_classes, strict=True)
    np.testing.assert_array_equal(ours.y_validation, held_out_classes, strict=True)
    assert corpus.test_labels is not None
    np.testing.assert_array_equal(ours.y_test, corpus.test_labels, strict=True)


# The embedded news as the publisher's files


def test_a_folder_loads_as_by_keras_with_the_settings_of_the_source(folder: Path) -> None:
    assert_equals_keras(chapter.data(folder), embedded.news())


def test_a_folder_loads_as_by_keras_with_other_settings_each_kept_by_itself(folder: Path) -> None:
    for settings in ((50, 12, 0.25, 7), (40, 12, 0.25, 7), (50, 11, 0.25, 7), (50, 12, 0.2, 7), (50, 12, 0.25, 8)):
        voc_size, maxlen, test_size, random_state = settings
        preparation = msgspec.structs.replace(
            chapter.PREPARATION, num_words=voc_size, maxlen=maxlen, held_out=test_size, random_state=random_state
        )
        ours = ag_news.load(folder, preparation).dataset
        assert_equals_keras(ours, embedded.news(), *settings)


def in_single_zips(folder: Path) -> Path:
    kaggle_files.zip_each(folder / "ag_news")
    return folder


def in_one_zip(folder: Path) -> Path:
    return kaggle_files.zip_all(folder / "ag_news", folder / "ag_news/all.zip").parents[1]


def as_one_zip(folder: Path) -> Path:
    return kaggle_files.zip_all(folder / "ag_news", folder / "all.zip")


@pytest.mark.parametrize("moved", [in_single_zips, in_one_zip, as_one_zip])
def test_zip_files_give_the_same_arrays(moved: Callable[[Path], Path], folder: Path) -> None:
    where = moved(folder)
    assert not (folder / "ag_news/train.csv").exists()
    assert_equals_keras(chapter.data(where), embedded.news())


def test_files_that_are_not_the_publishers_are_called_unverified_and_a_sample(folder: Path) -> None:
    found = chapter.data(folder).provenance
    assert (found.edition, found.kind, found.label) == ("unverified", "sample", "sample")
    assert (found.train_rows, found.validation_rows, found.test_rows) == (360, 40, 200)


def test_what_is_held_out_has_as_many_items_of_each_class(folder: Path) -> None:
    dataset = chapter.data(folder)
    assert dataset.y_validation is not None
    assert np.bincount(dataset.y_train).tolist() == [90] * 4
    assert np.bincount(dataset.y_validation).tolist() == [10] * 4


def test_a_share_that_cannot_be_is_not_taken_for_too_few_items() -> None:
    with pytest.raises(ValueError, match="test_size"):
        ag_news.load("embedded", msgspec.structs.replace(chapter.PREPARATION, held_out=1.5))


def test_items_stay_as_they_are_down_to_the_line_ends(folder: Path) -> None:
    items = [
        ('A "quoted" title', "one\ntwo\\b, three"),
        ("", "no title"),
        ("no description", ""),
        (" white\u00a0 ", "\u2028space \x85 x"),
    ]
    corpus = embedded.news()
    texts = tuple(f"{title} {description}".strip() for title, description in items)
    table = kaggle_files.rows(folder / "ag_news/train.csv")
    for row, item in enumerate(items):
        table[row][1:] = item
    kaggle_files.put(folder / "ag_news/train.csv", table)
    altered = dataclasses.replace(corpus, train_texts=(*texts, *corpus.train_texts[len(texts) :]))
    assert_equals_keras(chapter.data(folder), altered)


def test_an_item_without_a_word_is_refused(folder: Path) -> None:
    kaggle_files.change(folder / "ag_news/test.csv", 4, 1, " ")
    kaggle_files.change(folder / "ag_news/test.csv", 4, 2, "\n")
    says = r"test\.csv: row 5 \(line \d+\), column description: title and description are both blank"
    with pytest.raises(DataInvalid, match=says):
        chapter.data(folder)


def test_an_item_of_the_users_is_numbered_as_the_test_items_are(folder: Path) -> None:
    found = chapter.encode(embedded.news().test_texts[:3])
    np.testing.assert_array_equal(found.x[:], chapter.data(folder).x_test[:3], strict=True)


# The real news


def as_csv_reads_them(folder: Path) -> Corpus:
    """All files, read with the standard library's reader."""

    def table(name: str) -> tuple[list[str], list[int]]:
        with (folder / "ag_news" / name).open(encoding="utf-8", newline="") as file:
            read = list(csv.reader(file))
        return [f"{title} {description}".strip() for _, title, description in read], [int(row[0]) - 1 for row in read]

    (train_texts, train_classes), (test_texts, test_classes) = table("train.csv"), table("test.csv")
    return Corpus(
        train_texts=train_texts,
        train_labels=np.array(train_classes, np.int32),
        test_texts=test_texts,
        test_labels=np.array(test_classes, np.int32),
    )


@pytest.mark.real_data
def test_the_real_news_load_as_by_keras(real_data: Path) -> None:
    if not all((real_data / "ag_news" / name).exists() for name in kaggle_files.FILES["ag_news"]):
        pytest.skip(f"needs ag_news/train.csv and test.csv, unpacked, in {real_data}")
    assert_equals_keras(chapter.data("real"), as_csv_reads_them(real_data))


@pytest.mark.real_data
def test_the_real_news_have_the_published_numbers_of_rows(real_data: Path) -> None:
    dataset = chapter.data("real")
    found = dataset.provenance
    rows = (found.train_rows + found.validation_rows, found.test_rows)
    assert rows == ((ag_news.TRAIN_ROWS if found.kind == "real" else 24_678), ag_news.TEST_ROWS)
    assert found.validation_rows == -(-rows[0] // 10)
    assert dataset.y_test is not None
    assert np.bincount(dataset.y_test).tolist() == [1_900] * 4


@pytest.mark.real_data
def test_the_real_news_held_out_have_the_shares_of_the_classes_to_within_a_row(real_data: Path) -> None:
    dataset = chapter.data("real")
    assert dataset.y_validation is not None
    fitted, held_out = np.bincount(dataset.y_train), np.bincount(dataset.y_validation)
    assert len(fitted) == len(held_out) == 4
    share = len(dataset.y_validation) / (len(dataset.y_train) + len(dataset.y_validation))
    assert np.abs(held_out - share * (fitted + held_out)).max() <= 1
    assert np.abs(fitted - (1 - share) * (fitted + held_out)).max() <= 1
