"""The Jigsaw loader gives what Keras' `Tokenizer` and `pad_sequences` and scikit-learn's `train_test_split` give."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import kaggle_files
import msgspec
import numpy as np
import pytest
from conftest import arrays
from kaggle_files import assert_padded, change
from keras.src.legacy.preprocessing import text as legacy
from sklearn.model_selection import train_test_split

from chapters import jigsaw_multilabel as chapter
from repro.datasets import embedded, jigsaw
from repro.datasets.data_file import Version
from repro.datasets.dataset import Corpus
from repro.datasets.jigsaw import LABELS
from repro.datasets.prepare import Prepared
from repro.errors import DataInvalid, DataWarning

NUM_WORDS, MAXLEN, RANDOM_STATE = 20_000, 1_000, 123
"""The source's."""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test prepares its arrays afresh."""
    monkeypatch.setenv("REPRO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with the embedded comments as Kaggle's files."""
    return kaggle_files.write("jigsaw", tmp_path / "data")


def assert_equals_keras(
    ours: Prepared,
    corpus: Corpus,
    num_words: int = NUM_WORDS,
    maxlen: int = MAXLEN,
    random_state: int = RANDOM_STATE,
) -> None:
    tokenizer = legacy.Tokenizer(num_words)
    tokenizer.fit_on_texts(corpus.train_texts)
    sequences = tokenizer.texts_to_sequences(corpus.train_texts)
    fitted, held_out, fitted_labels, held_out_labels = train_test_split(
        sequences, corpus.train_labels, random_state=random_state
    )
    assert list(ours.words) == list(tokenizer.word_index)
    assert_padded(ours.dataset.x_train, fitted, maxlen)
    assert_padded(ours.dataset.x_validation, held_out, maxlen)
    assert_padded(ours.dataset.x_test, tokenizer.texts_to_sequences(corpus.test_texts), maxlen)
    np.testing.assert_array_equal(ours.dataset.y_train, fitted_labels, strict=True)
    np.testing.assert_array_equal(ours.dataset.y_validation, held_out_labels, strict=True)
    assert corpus.test_labels is not None
    np.testing.assert_array_equal(ours.dataset.y_test, corpus.test_labels, strict=True)
    assert ours.dataset.test_ids is not None
    assert ours.dataset.test_ids.tolist() == list(corpus.test_ids or ())


# The embedded comments as Kaggle's files


@pytest.mark.filterwarnings("error::repro.errors.DataWarning")
def test_a_folder_loads_as_by_keras_with_the_settings_of_the_source(folder: Path) -> None:
    assert_equals_keras(chapter.prepared(folder), embedded.comments())


def test_a_folder_loads_as_by_keras_with_other_settings_each_kept_by_itself(folder: Path) -> None:
    for settings in ((300, 40, 7), (200, 40, 7), (300, 39, 7), (300, 40, 8)):
        num_words, maxlen, random_state = settings
        ours = jigsaw.load(
            folder,
            msgspec.structs.replace(chapter.PREPARATION, num_words=num_words, maxlen=maxlen, random_state=random_state),
        )
        assert_equals_keras(ours, embedded.comments(), *settings)


def in_single_zips(folder: Path) -> Path:
    kaggle_files.zip_each(folder / "jigsaw")
    return folder


def in_the_competitions_zip(folder: Path) -> Path:
    return kaggle_files.zip_all(folder / "jigsaw", folder / "jigsaw" / f"{jigsaw.COMPETITION}.zip").parents[1]


def as_the_competitions_zip(folder: Path) -> Path:
    return kaggle_files.zip_all(folder / "jigsaw", folder / f"{jigsaw.COMPETITION}.zip")


def in_no_folder_of_their_own(folder: Path) -> Path:
    return folder / "jigsaw"


@pytest.mark.parametrize(
    "moved", [in_single_zips, in_the_competitions_zip, as_the_competitions_zip, in_no_folder_of_their_own]
)
@pytest.mark.filterwarnings("error::repro.errors.DataWarning")
def test_the_same_files_elsewhere_give_the_same_arrays(moved: Callable[[Path], Path], folder: Path) -> None:
    where = moved(folder)
    assert where != folder or not (folder / "jigsaw/train.csv").exists()
    assert_equals_keras(chapter.prepared(where), embedded.comments())


def test_what_was_prepared_from_a_folder_is_kept_for_the_zip_file_with_the_same_content(folder: Path) -> None:
    first = chapter.data(folder)
    second = chapter.data(as_the_competitions_zip(folder))
    assert first.provenance == second.provenance
    for one, two in zip(arrays(first), arrays(second), strict=True):
        np.testing.assert_array_equal(one, two, strict=True)


def test_files_that_are_not_kaggles_are_called_unverified_and_a_sample(folder: Path) -> None:
    found = chapter.data(folder).provenance
    assert (found.edition, found.kind, found.label) == ("unverified", "sample", "sample")
    assert (found.train_rows, found.validation_rows, found.test_rows) == (900, 300, 300)
    digests = [hashlib.sha256((folder / "jigsaw" / name).read_bytes()) for name in kaggle_files.FILES["jigsaw"]]
    every = "".join(digest.hexdigest() for digest in digests)
    assert found.source_sha256 == hashlib.sha256(every.encode()).hexdigest()


def test_a_set_with_all_rows_is_called_real_whatever_its_checksums(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jigsaw, "TRAIN_ROWS", 1_200)
    monkeypatch.setattr(jigsaw, "TEST_ROWS", 300)
    assert chapter.data(folder).provenance.label == "real-unverified"


def test_comments_without_released_labels_have_minus_one_in_all_columns(folder: Path) -> None:
    labels = chapter.data(folder).y_test
    assert labels is not None
    assert (labels < 0).any(axis=1).sum() == (labels < 0).all(axis=1).sum() == 60


def test_without_the_test_labels_the_test_comments_are_not_scored_and_a_warning_says_so(folder: Path) -> None:
    (folder / "jigsaw/test_labels.csv").unlink()
    with pytest.warns(DataWarning, match=r"the test comments are not scored: jigsaw/test_labels\.csv is not there"):
        ours = chapter.prepared(folder)
    assert ours.dataset.y_test is None
    with_labels = dataclasses.replace(ours.dataset, y_test=embedded.comments().test_labels)
    assert_equals_keras(dataclasses.replace(ours, dataset=with_labels), embedded.comments())


def test_labels_that_come_later_are_not_passed_over_for_what_was_prepared_without_them(
    folder: Path, tmp_path: Path
) -> None:
    shutil.move(folder / "jigsaw/test_labels.csv", tmp_path)
    with pytest.warns(DataWarning):
        chapter.data(folder)
    shutil.move(tmp_path / "test_labels.csv", folder / "jigsaw")
    assert_equals_keras(chapter.prepared(folder), embedded.comments())


def test_test_labels_in_another_order_are_put_in_that_of_the_test_comments(folder: Path) -> None:
    header, *labelled = kaggle_files.rows(folder / "jigsaw/test_labels.csv")
    kaggle_files.put(folder / "jigsaw/test_labels.csv", [header, *labelled[::-1]])
    assert_equals_keras(chapter.prepared(folder), embedded.comments())


@pytest.mark.parametrize("ids", ["another", "fewer", "more"])
def test_test_labels_of_other_comments_are_refused(ids: str, folder: Path) -> None:
    table = kaggle_files.rows(folder / "jigsaw/test_labels.csv")
    other = ["ffffffffffffffff", *table[-1][1:]]
    changed = {"another": [*table[:-1], other], "fewer": table[:-1], "more": [*table, other]}[ids]
    kaggle_files.put(folder / "jigsaw/test_labels.csv", changed)
    with pytest.raises(DataInvalid, match=r"test_labels\.csv: its ids are not those of the test comments"):
        chapter.data(folder)


def test_comments_stay_as_they_are_down_to_the_line_ends(folder: Path) -> None:
    """Texts with quotes, delimiters, line ends of all kinds, and white space that is no space to Keras."""
    texts = [
        'He said "no", twice',
        "one\r\ntwo\rthree\n\nfour",
        '"',
        " \u00a0a\u00a0 \u2028b\x85",
        "İSTANBUL ΣΑΣ ’quoted’ \U0001f600",
        "-1,0,1",
        "\x0bx\x0c y",
        "!?",  # has no word
    ]
    corpus = embedded.comments()
    for name in ("train.csv", "test.csv"):
        table = kaggle_files.rows(folder / "jigsaw" / name)
        for row, text in enumerate(texts, start=1):
            table[row][1] = text
        kaggle_files.put(folder / "jigsaw" / name, table)
    left = len(texts)
    altered = dataclasses.replace(
        corpus,
        train_texts=(*texts, *corpus.train_texts[left:]),
        test_texts=(*texts, *corpus.test_texts[left:]),
    )
    assert_equals_keras(chapter.prepared(folder), altered)


def test_a_blank_comment_is_accepted_in_kaggles_own_file_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "jigsaw/test.csv"
    change(path, 3, 1, " \n")
    with pytest.raises(DataInvalid, match=r"test\.csv: row 3 \(line \d+\), column comment_text: the text is blank"):
        chapter.data(folder)
    content = path.read_bytes()
    known = Version("original", len(content), f"sha256:{hashlib.sha256(content).hexdigest()}")
    monkeypatch.setattr(jigsaw, "TEST", dataclasses.replace(jigsaw.TEST, original=known))
    assert not chapter.data(folder).x_test[2:3].any()


def test_a_comment_of_the_users_is_numbered_as_the_test_comments_are(folder: Path) -> None:
    found = chapter.encode(embedded.comments().test_texts[5:8], folder)
    np.testing.assert_array_equal(found.x[:], chapter.data(folder).x_test[5:8], strict=True)


# The real comments


def as_csv_reads_them(folder: Path) -> Corpus:
    """All files, read with the standard library's reader."""

    def table(name: str) -> list[dict[str, str]]:
        with (folder / "jigsaw" / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def labels(rows: list[dict[str, str]]) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
        return np.array([[int(row[label]) for label in LABELS] for row in rows], np.int32)

    train, test = table("train.csv"), table("test.csv")
    by_id = {row["id"]: row for row in table("test_labels.csv")}
    return Corpus(
        train_texts=[row["comment_text"] for row in train],
        train_labels=labels(train),
        test_texts=[row["comment_text"] for row in test],
        test_labels=labels([by_id[row["id"]] for row in test]),
        test_ids=[row["id"] for row in test],
    )


def needs_unpacked(folder: Path) -> None:
    if not all((folder / "jigsaw" / name).exists() for name in kaggle_files.FILES["jigsaw"]):
        pytest.skip(f"needs jigsaw/train.csv, test.csv and test_labels.csv, unpacked, in {folder}")


@pytest.mark.real_data
def test_the_real_comments_load_as_by_keras(real_data: Path) -> None:
    needs_unpacked(real_data)
    assert_equals_keras(chapter.prepared("real"), as_csv_reads_them(real_data))


@pytest.mark.real_data
def test_the_sample_has_its_rows_labels_and_words(real_data: Path) -> None:
    """Recorded from the sample; the shares of the training labels are those of all of Kaggle's rows, roughly."""
    prepared = chapter.prepared("real")
    dataset, words = prepared.dataset, prepared.words
    found = dataset.provenance
    if found.edition != "excerpt":
        pytest.skip(f"recorded from the known part of Kaggle's set; here is another one ({found.label})")
    assert found.label == "sample"
    assert (found.train_rows, found.validation_rows, found.test_rows) == (10_999, 3_667, 2_338)
    assert dataset.y_validation is not None
    assert dataset.y_test is not None
    assert dataset.y_train.sum(axis=0).tolist() == [1_066, 112, 595, 27, 540, 96]
    assert dataset.y_validation.sum(axis=0).tolist() == [362, 45, 194, 9, 190, 34]
    shares = (dataset.y_train.sum(axis=0) + dataset.y_validation.sum(axis=0)) / 14_666
    assert shares == pytest.approx([0.0974, 0.0107, 0.0538, 0.0025, 0.0498, 0.0089], abs=5e-5)
    assert dataset.y_test.mean(axis=0) == pytest.approx([0.4769, 0.0248, 0.2917, 0.0197, 0.2819, 0.0530], abs=5e-5)
    assert len(words) == 48_091
    assert words[:8] == ["the", "to", "and", "of", "a", "you", "i", "is"]


@pytest.mark.real_data
def test_the_complete_set_shows_what_the_source_printed(real_data: Path) -> None:
    prepared = chapter.prepared("real")
    dataset, words = prepared.dataset, prepared.words
    found = dataset.provenance
    if found.kind != "real":
        pytest.skip("the data at hand are a sample, which cannot show what the source printed of all 159,571 comments")
    assert tuple(words[:5]) == chapter.INDEX_BEGINS
    assert len(words) == chapter.DISTINCT_WORDS
    assert (found.train_rows, found.validation_rows) == (119_678, 39_893)
    fitted, held_out = train_test_split(np.arange(jigsaw.TRAIN_ROWS), random_state=RANDOM_STATE)
    split, row = (dataset.x_train, fitted) if 0 in fitted else (dataset.x_validation, held_out)
    assert split is not None
    place = int(np.flatnonzero(row == 0)[0])
    comment = split[place : place + 1][0]
    begins = np.trim_zeros(comment, "f")[: len(chapter.FIRST_COMMENT_BEGINS)]
    assert tuple(begins.tolist()) == chapter.FIRST_COMMENT_BEGINS
