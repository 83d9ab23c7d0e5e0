"""The Rotten Tomatoes loader gives what the source's replacements, Keras' `Tokenizer` and `pad_sequences` give."""

from __future__ import annotations

import dataclasses
import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path

import kaggle_files
import numpy as np
import pytest
from kaggle_files import assert_padded, change
from keras.src.legacy.preprocessing import text as legacy

from chapters import rotten_tomatoes as chapter
from repro.datasets import embedded, rotten_tomatoes
from repro.datasets.data_file import Version
from repro.datasets.dataset import Corpus, Preparation
from repro.datasets.prepare import Prepared
from repro.datasets.treebank import MEMBERS
from repro.errors import DataInvalid, DataWarning

NUM_WORDS, MAXLEN = 8192, 53
FILTERS = r'"#$%&()*+-/:;<=>@[\]^_`{|}~'
REPLACEMENTS = {
    "i'm": "i am",
    "'re": " are",
    "let’s": "let us",
    "'s": " is",
    "'ve": " have",
    "can't": "can not",
    "cannot": "can not",
    "shan’t": "shall not",
    "n't": " not",
    "'d": " would",
    "'ll": " will",
    "'scuse": "excuse",
    ",": " ,",
    ".": " .",
    "!": " !",
    "?": " ?",
}
"""The source's, with the settings above."""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test prepares its arrays afresh."""
    monkeypatch.setenv("REPRO_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with the embedded phrases as Kaggle's files."""
    return kaggle_files.write("rotten_tomatoes", tmp_path / "data")


def cleaned(phrase: str) -> str:
    phrase = phrase.lower()
    for old, new in REPLACEMENTS.items():
        phrase = phrase.replace(old, new)
    return " ".join(phrase.split())


def assert_equals_keras(
    ours: Prepared, corpus: Corpus, num_words: int = NUM_WORDS, maxlen: int = MAXLEN, filters: str = FILTERS
) -> None:
    train, test = ([cleaned(phrase) for phrase in texts] for texts in (corpus.train_texts, corpus.test_texts))
    tokenizer = legacy.Tokenizer(num_words, filters=filters)
    tokenizer.fit_on_texts(train)
    assert list(ours.words) == list(tokenizer.word_index)
    assert_padded(ours.dataset.x_train, tokenizer.texts_to_sequences(train), maxlen)
    assert_padded(ours.dataset.x_test, tokenizer.texts_to_sequences(test), maxlen)
    np.testing.assert_array_equal(ours.dataset.y_train, corpus.train_labels, strict=True)
    if corpus.test_labels is None:
        assert ours.dataset.y_test is None
    else:
        np.testing.assert_array_equal(ours.dataset.y_test, corpus.test_labels, strict=True)
    assert ours.dataset.test_ids is not None
    assert ours.dataset.test_ids.tolist() == list(corpus.test_ids or ())
    assert ours.dataset.x_validation is None

    known = set(train)
    assert ours.dataset.unseen is not None
    assert ours.dataset.unseen.tolist() == [phrase not in known for phrase in test]


# The embedded phrases as Kaggle's files


@pytest.mark.filterwarnings("error::repro.errors.DataWarning")
def test_a_folder_loads_as_by_keras_with_the_settings_of_the_source(folder: Path) -> None:
    assert_equals_keras(chapter.prepared(folder), embedded.phrases())


def test_a_folder_loads_as_by_keras_with_other_settings_each_kept_by_itself(folder: Path) -> None:
    for settings in ((60, 9, "!"), (50, 9, "!"), (60, 8, "!"), (60, 9, "")):
        num_words, maxlen, filters = settings
        replacements = tuple(REPLACEMENTS.items())
        preparation = Preparation(
            words="counted", num_words=num_words, maxlen=maxlen, filters=filters, replacements=replacements
        )
        ours = rotten_tomatoes.load(folder, preparation)
        assert_equals_keras(ours, embedded.phrases(), *settings)
    plain = rotten_tomatoes.load(folder, Preparation(words="counted", num_words=60, maxlen=9, filters=""))
    assert "n't" in plain.words
    assert "n't" not in ours.words


def in_single_zips(folder: Path) -> Path:
    kaggle_files.zip_each(folder / "rotten_tomatoes")
    return folder


def in_the_competitions_zip(folder: Path) -> Path:
    files = folder / "rotten_tomatoes"
    return kaggle_files.zip_all(files, files / f"{rotten_tomatoes.COMPETITION}.zip").parents[1]


def as_the_competitions_zip(folder: Path) -> Path:
    return kaggle_files.zip_all(folder / "rotten_tomatoes", folder / f"{rotten_tomatoes.COMPETITION}.zip")


@pytest.mark.parametrize("moved", [in_single_zips, in_the_competitions_zip, as_the_competitions_zip])
@pytest.mark.filterwarnings("error::repro.errors.DataWarning")
def test_zip_files_give_the_same_arrays(moved: Callable[[Path], Path], folder: Path) -> None:
    where = moved(folder)
    assert not (folder / "rotten_tomatoes/train.tsv").exists()
    assert_equals_keras(chapter.prepared(where), embedded.phrases())


def test_files_that_are_not_kaggles_are_called_unverified_and_a_sample(folder: Path) -> None:
    found = chapter.data(folder).provenance
    assert (found.edition, found.kind, found.label) == ("unverified", "sample", "sample")
    assert (found.train_rows, found.validation_rows, found.test_rows) == (1_000, 0, 300)


def test_a_blank_phrase_is_a_row_of_zeros_and_seen_if_there_is_one_in_training(folder: Path) -> None:
    """Kaggle's two files have one each."""
    for name, row in (("train.tsv", 4), ("test.tsv", 7)):
        change(folder / "rotten_tomatoes" / name, row, 2, " ")
    dataset = chapter.data(folder)
    assert not dataset.x_train[3:4].any()
    assert not dataset.x_test[6:7].any()
    assert dataset.unseen is not None
    assert not dataset.unseen[6]


def test_quotes_are_characters_like_others(folder: Path) -> None:
    texts = ['"', 'a " b', '"open', "``quoted''", "I'm 'scuse me , can't"]
    corpus = embedded.phrases()
    for row, text in enumerate(texts, start=1):
        change(folder / "rotten_tomatoes/train.tsv", row, 2, text)
    altered = dataclasses.replace(corpus, train_texts=(*texts, *corpus.train_texts[len(texts) :]))
    assert_equals_keras(chapter.prepared(folder), altered)


def test_without_test_labels_the_test_phrases_are_not_scored_and_a_warning_says_so(folder: Path) -> None:
    (folder / "rotten_tomatoes/test_labels.tsv").unlink()
    says = r"the test phrases are not scored: rotten_tomatoes/trainDevTestTrees_PTB\.zip is not there"
    with pytest.warns(DataWarning, match=says):
        ours = chapter.prepared(folder)
    assert_equals_keras(ours, dataclasses.replace(embedded.phrases(), test_labels=None))


def test_test_labels_in_another_order_are_put_in_that_of_the_test_phrases(folder: Path) -> None:
    header, *labelled = kaggle_files.rows(folder / "rotten_tomatoes/test_labels.tsv")
    kaggle_files.put(folder / "rotten_tomatoes/test_labels.tsv", [header, *labelled[::-1]])
    assert_equals_keras(chapter.prepared(folder), embedded.phrases())


@pytest.mark.parametrize("ids", ["another", "fewer", "more"])
def test_test_labels_of_other_phrases_are_refused(ids: str, folder: Path) -> None:
    table = kaggle_files.rows(folder / "rotten_tomatoes/test_labels.tsv")
    other = ["999999", "2"]
    changed = {"another": [*table[:-1], other], "fewer": table[:-1], "more": [*table, other]}[ids]
    kaggle_files.put(folder / "rotten_tomatoes/test_labels.tsv", changed)
    with pytest.raises(DataInvalid, match=r"test_labels\.tsv: its PhraseIds are not those of the test phrases"):
        chapter.data(folder)


def test_a_phrase_of_the_users_is_numbered_as_the_test_phrases_are(folder: Path) -> None:
    found = chapter.encode(embedded.phrases().test_texts[:3], folder)
    np.testing.assert_array_equal(found.x[:], chapter.data(folder).x_test[:3], strict=True)


# The treebank instead of a table of labels


def tree(words: list[str], label: int) -> str:
    """A tree of these words in which all nodes but the first have the label 2."""
    first, *others = words
    return f"({label} (2 {first}) {tree(others, 2)})" if others else f"({label} {first})"


@pytest.fixture
def treebank(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder with a treebank, known to the loader, in place of the table: the phrases of one or two words."""
    (folder / "rotten_tomatoes/test_labels.tsv").unlink()
    corpus = embedded.phrases()
    assert corpus.test_labels is not None
    labelled = zip(corpus.test_texts, corpus.test_labels.tolist(), strict=True)
    short = sorted(((text.split(), label) for text, label in labelled), key=lambda each: len(each[0]))
    trees = "".join(f"{tree(words, label)}\n" for words, label in short if len(words) <= 2)
    path = folder / rotten_tomatoes.TREES.path
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in zip(MEMBERS, (trees, "(4 (2 not) (2 there))\n", "(0 (2 nor) (2 here))\n"), strict=True):
            archive.writestr(member, content)
    known = Version("original", path.stat().st_size, f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}")
    monkeypatch.setattr(rotten_tomatoes, "TREES", dataclasses.replace(rotten_tomatoes.TREES, original=known))
    return folder


def test_the_treebank_labels_the_test_phrases_that_it_has_and_a_warning_counts_the_others(treebank: Path) -> None:
    corpus = embedded.phrases()
    assert corpus.test_labels is not None
    lacking = np.array([len(text.split()) > 2 for text in corpus.test_texts])
    assert 0 < lacking.sum() < 300
    labels = np.where(lacking, -1, corpus.test_labels).astype(np.int32)
    says = rf"{lacking.sum()} of 300 test phrases are not scored: they are not in .*trainDevTestTrees_PTB\.zip"
    with pytest.warns(DataWarning, match=says):
        ours = chapter.prepared(treebank)
    assert_equals_keras(ours, dataclasses.replace(corpus, test_labels=labels))


def test_a_table_of_labels_goes_before_the_treebank(treebank: Path, tmp_path: Path) -> None:
    kaggle_files.write("rotten_tomatoes", tmp_path / "other")
    labels = tmp_path / "other/rotten_tomatoes/test_labels.tsv"
    labels.rename(treebank / "rotten_tomatoes/test_labels.tsv")
    assert_equals_keras(chapter.prepared(treebank), embedded.phrases())


def test_another_treebank_is_refused(treebank: Path) -> None:
    with (treebank / rotten_tomatoes.TREES.path).open("r+b") as file:
        file.write(b"other")
    with pytest.raises(DataInvalid, match=r"trainDevTestTrees_PTB\.zip is altered"):
        chapter.data(treebank)


# The real phrases


def as_lines(folder: Path) -> Corpus:
    """All files, split at line ends and tabs, which no phrase has."""

    def table(name: str) -> list[list[str]]:
        return kaggle_files.rows(folder / "rotten_tomatoes" / name)[1:]

    train, test, labels = table("train.tsv"), table("test.tsv"), dict(table("test_labels.tsv"))
    return Corpus(
        train_texts=[phrase for _, _, phrase, _ in train],
        train_labels=np.array([int(label) for *_, label in train], np.int32),
        test_texts=[phrase for _, _, phrase in test],
        test_labels=np.array([int(labels[name]) for name, *_ in test], np.int32),
        test_ids=[name for name, *_ in test],
    )


def needs_unpacked(folder: Path) -> None:
    if not all((folder / "rotten_tomatoes" / name).exists() for name in kaggle_files.FILES["rotten_tomatoes"]):
        pytest.skip(f"needs rotten_tomatoes/train.tsv, test.tsv and test_labels.tsv, unpacked, in {folder}")


@pytest.mark.real_data
def test_the_real_phrases_load_as_by_keras(real_data: Path) -> None:
    needs_unpacked(real_data)
    assert_equals_keras(chapter.prepared("real"), as_lines(real_data))


@pytest.mark.real_data
def test_the_real_phrases_have_the_published_numbers(real_data: Path) -> None:
    dataset = chapter.data("real")
    found = dataset.provenance
    assert found.label == "real-original"
    assert (found.train_rows, found.test_rows) == (156_060, 66_292)
    assert chapter.LSTM.fitted_rows(found.train_rows) == 140_454
    assert np.bincount(dataset.y_train, minlength=5).tolist() == [7_072, 27_273, 79_582, 32_927, 9_206]


@pytest.mark.real_data
def test_one_real_test_phrase_in_six_is_a_training_phrase(real_data: Path) -> None:
    needs_unpacked(real_data)
    dataset, corpus = chapter.data("real"), as_lines(real_data)
    train, test = ([cleaned(phrase) for phrase in texts] for texts in (corpus.train_texts, corpus.test_texts))
    assert max(len(phrase.split()) for phrase in train) == 53
    assert max(len(phrase.split()) for phrase in test) == 56
    known = set(train)
    share = sum(phrase in known for phrase in test) / len(test)
    assert share == pytest.approx(0.1717, abs=5e-5)
    assert dataset.unseen is not None
    assert 1 - dataset.unseen.mean() == pytest.approx(share)


@pytest.mark.real_data
def test_half_of_the_real_test_phrases_are_neutral(real_data: Path) -> None:
    labels = chapter.data("real").y_test
    if labels is None:
        pytest.skip("there are no labels of the test phrases here (rotten_tomatoes/test_labels.tsv or the treebank)")
    shares = np.bincount(labels[labels >= 0], minlength=5) / (labels >= 0).sum()
    assert shares == pytest.approx([0.0413, 0.1768, 0.5179, 0.1969, 0.0671], abs=2e-4)  # the treebank lacks a few
