"""Data sets are counted as they are: rows, classes, lengths, what maxlen does to them, repeated texts."""

from __future__ import annotations

import csv
from pathlib import Path

import kaggle_files
import matplotlib
import msgspec
import numpy as np
import pytest
from click.testing import CliRunner, Result
from conftest import EMBEDDED, MakeRecord
from hypothesis import given
from hypothesis import strategies as st

from chapters import imdb_lstm, rotten_tomatoes
from repro import registry
from repro.cli import main
from repro.datasets import embedded
from repro.datasets.dataset import Corpus, Preparation
from repro.datasets.description import Description, Lengths, Texts, count_texts, replacements_found
from repro.records import Results
from repro.report.data_table import data_table
from repro.report.describe import describe
from repro.report.figures import lengths
from repro.runs.plan import describe_data, plan
from repro.text import pad_sequences

lists_of_lengths = st.lists(st.integers(0, 60), min_size=1, max_size=40)


@given(lists_of_lengths)
def test_the_median_of_lengths_is_numpys(lengths: list[int]) -> None:
    measured = Lengths(np.bincount(lengths).tolist())
    assert measured.median == np.median(lengths)
    assert (measured.shortest, measured.longest) == (min(lengths), max(lengths))


@given(lists_of_lengths, st.integers(1, 60))
def test_what_is_cut_and_padded_is_what_pad_sequences_does(lengths: list[int], maxlen: int) -> None:
    measured = Lengths(np.bincount(lengths).tolist())
    padded = pad_sequences([[1] * length for length in lengths], maxlen)
    zeros = (padded == 0).sum(axis=1)
    lost = np.array(lengths) - (padded == 1).sum(axis=1)
    for (rows, mean), numbers in ((measured.padded(maxlen), zeros), (measured.cut(maxlen), lost)):
        assert rows == (numbers > 0).sum()
        assert mean * rows == pytest.approx(numbers.sum())


def test_texts_are_counted_by_class_length_and_repetition() -> None:
    replacements = (("c", "c c"), ("x", "y"))
    corpus = Corpus(
        train_texts=["c c", "x"],
        train_labels=np.array([0, 2], np.int32),
        test_texts=["a", "b", "A", "b", "C"],
        test_labels=np.array([0, 1, 1, -1, 1], np.int32),
    )
    preparation = Preparation(words="counted", num_words=9, maxlen=9, replacements=replacements)
    data = msgspec.structs.replace(EMBEDDED, preparation=preparation)
    found = count_texts(data, corpus, np.array([2, 1]), np.array([1, 1, 1, 0, 2]))
    assert found.data == data
    assert found.halves["train"] == Texts(
        rows=2,
        classes=(1, 0, 1),
        lengths=(0, 1, 1),
        words=(0, 1, 0, 0, 1),
        repeated=0,
        repeated_cleaned=0,
        replaced=(1, 1),
    )
    assert found.halves["test"] == Texts(
        rows=5,
        classes=(1, 3, 0),
        unlabelled=1,
        lengths=(1, 3, 1),
        words=(0, 4, 1),
        repeated=1,
        repeated_cleaned=2,
        in_training=0,
        replaced=(1, 0),
    )


def test_a_row_of_several_labels_counts_for_each_and_one_of_none_for_none() -> None:
    labels = np.array([[1, 1], [0, 1], [0, 0], [-1, -1]], np.int32)
    corpus = Corpus(train_texts="abcd", train_labels=labels[:2], test_texts="abcx", test_labels=labels)
    found = count_texts(EMBEDDED, corpus, np.array([1] * 4), np.array([1] * 4)).halves["test"]
    assert (found.classes, found.unlabelled, found.in_training) == ((1, 2), 2, 3)


def test_where_no_test_text_has_a_label_all_are_without() -> None:
    corpus = Corpus(train_texts=["a"], train_labels=np.array([1], np.int32), test_texts=["b"], test_labels=None)
    found = count_texts(EMBEDDED, corpus, np.array([1]), np.array([1])).halves["test"]
    assert (found.classes, found.unlabelled) == ((0, 0), 1)


def test_a_replacement_is_counted_after_those_before_it() -> None:
    replacements = (("ab", "c"), ("b", "d"), ("c", "e"), ("x", "y"))
    assert replacements_found(["AB", "b", "c ab"], replacements) == (2, 1, 2, 0)


@pytest.mark.parametrize("name", list(registry.chapters()))
def test_every_chapters_embedded_data_are_counted_as_they_are_loaded(name: str) -> None:
    chapter = registry.chapter(name)
    description, dataset = chapter.describe("embedded"), chapter.data("embedded")
    assert description.data == dataset.provenance
    train, test = description.halves["train"], description.halves["test"]
    assert train.rows == dataset.provenance.train_rows + dataset.provenance.validation_rows
    assert test.rows == dataset.provenance.test_rows
    assert sum(train.lengths) == train.rows
    assert sum(test.lengths) == test.rows
    labels = (
        dataset.y_train if dataset.y_validation is None else np.concatenate([dataset.y_train, dataset.y_validation])
    )
    by_class = labels.sum(axis=0) if chapter.labels else np.bincount(labels)
    assert list(train.classes) == by_class.tolist()
    maxlen = chapter.preparation.maxlen
    lengths = (dataset.x_test[:] != 0).sum(axis=1)
    assert (lengths < maxlen).sum() == Lengths(test.lengths).padded(maxlen)[0]


def test_repeated_phrases_are_counted_before_and_after_cleaning(tmp_path: Path) -> None:
    folder = kaggle_files.write("rotten_tomatoes", tmp_path / "data")
    first = embedded.phrases().train_texts[0]
    for row, text in ((5, first), (6, first.upper()), (7, first.upper())):
        kaggle_files.change(folder / "rotten_tomatoes/train.tsv", row, 2, text)
    before = rotten_tomatoes.describe("embedded").halves["train"]
    after = rotten_tomatoes.describe(folder).halves["train"]
    assert (before.repeated, after.repeated) == (0, 2)
    assert before.repeated_cleaned is not None
    assert after.repeated_cleaned is not None
    assert after.repeated_cleaned >= 3


# What is kept, and shown


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_what_was_counted_is_kept_and_shown_as_table_figure_and_by_show(results: Results) -> None:
    ended = call("data", "describe", "imdb_lstm", "--data", "embedded", "--results", results.root)
    assert ended.exit_code == 0, ended.output
    (description,), faults = results.descriptions("imdb_lstm")
    assert not faults
    assert description == imdb_lstm.describe("embedded")
    folder = results.root / "tables/imdb_lstm/data-embedded"
    rows = list(csv.DictReader((folder / "data.csv").open()))
    assert {row["what"]: row["train"] for row in rows}["median"] == "57.0"
    assert (results.root / "figures/imdb_lstm/data-embedded/lengths.png").read_bytes().startswith(b"\x89PNG")
    shown = call("show", "imdb_lstm", "--results", results.root)
    assert "median                                     57              57" in shown.stdout
    before = {path: path.read_bytes() for path in folder.iterdir()}
    for path in before:
        path.unlink()
    again = call("table", "imdb_lstm", "--results", results.root)
    assert again.exit_code == 2  # there are no records
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_without_it_show_says_how_to_count(results: Results) -> None:
    shown = call("show", "stacked_lstm", "--results", results.root)
    assert "The data were not counted yet: repro data describe stacked_lstm" in shown.stdout


def test_a_run_leaves_what_its_data_are_and_counts_them_once(results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = plan(
        ["stacked_lstm"], seeds=[1, 2], data="embedded", numerics="source", epochs=1, engine="fast", results=results
    ).to_do
    describe_data(runs, results)
    (path,) = (results.root / "data/stacked_lstm").iterdir()
    content = path.read_bytes()
    monkeypatch.setattr("chapters.stacked_lstm.ag_news.load", lambda *_: pytest.fail("counted again"))
    describe_data(runs, results)
    assert path.read_bytes() == content


def test_what_was_counted_of_data_prepared_otherwise_is_not_shown(make_record: MakeRecord) -> None:
    data = make_record(data=EMBEDDED).data
    texts = Texts(rows=1, classes=(1, 0), lengths=(0, 1), repeated=0)
    other = rotten_tomatoes.PREPARATION
    description = Description(
        data=type(data)(**{name: getattr(data, name) for name in data.__struct_fields__} | {"preparation": other}),
        halves={"train": texts, "test": texts},
    )
    assert "were not counted yet" in describe(imdb_lstm.CHAPTER, [description])


def test_a_file_that_is_no_description_is_named_and_the_others_shown(results: Results) -> None:
    results.write_description("imdb_lstm", imdb_lstm.describe("embedded"))
    bad = results.root / "data/imdb_lstm/bad.json"
    bad.write_text('{"rows": 3}')
    shown = call("show", "imdb_lstm", "--results", results.root)
    assert shown.exit_code == 0
    assert f"left out: {bad}: not a description of data" in shown.stderr
    assert "the embedded corpus, counted" in shown.stdout


def test_the_table_counts_labels_and_what_has_none(make_record: MakeRecord) -> None:
    chapter = registry.chapter("jigsaw_multilabel")
    rows = {row[0]: row[1:] for row in data_table(chapter, chapter.describe("embedded")).rows}
    corpus = embedded.comments()
    without = int((corpus.train_labels.sum(axis=1) == 0).sum())
    assert rows["rows"][0] == f"{len(corpus.train_texts):,}"
    assert rows["with none of the labels"][0].startswith(f"{without:,} (")
    assert rows["toxic"][0].startswith(f"{corpus.train_labels[:, 0].sum()} (")


def test_a_users_own_settings_of_matplotlib_do_not_change_the_figure() -> None:
    description = imdb_lstm.describe("embedded")
    before = lengths(imdb_lstm.CHAPTER, description)
    with matplotlib.rc_context({"axes.facecolor": "black", "font.size": 20}):
        assert lengths(imdb_lstm.CHAPTER, description) == before
