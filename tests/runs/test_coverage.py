"""Rows sorted by class: a model would be validated on classes that it was not fitted to, and that is said."""

from __future__ import annotations

import dataclasses
import warnings
from pathlib import Path

import kaggle_files
import numpy as np
import pytest
from click.testing import CliRunner
from conftest import MakeRecord, tiny_reviews

from repro import registry
from repro.chapter import Chapter
from repro.cli import main
from repro.datasets.dataset import Dataset
from repro.errors import DataWarning
from repro.evidence.run_groups import group_records
from repro.records import Record, Results
from repro.report import record_tables
from repro.runs.coverage import incomplete, warning
from repro.runs.plan import plan
from repro.runs.train import train


def run(results: Results, *arguments: str) -> str:
    """What `repro run` with these arguments says on stderr."""
    ended = CliRunner().invoke(main, ["run", *arguments, "--epochs", "1", "--results", str(results.root)])
    assert ended.exit_code == 0, ended.output
    return ended.stderr


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with the first 400 embedded phrases as Kaggle's files."""
    monkeypatch.setenv("REPRO_CACHE", str(tmp_path / "cache"))
    folder = kaggle_files.write("rotten_tomatoes", tmp_path / "data")
    for name in ("train.tsv", "test.tsv", "test_labels.tsv"):
        path = folder / "rotten_tomatoes" / name
        kaggle_files.put(path, kaggle_files.rows(path)[:401])
    return folder


def sort_by_class(folder: Path) -> None:
    path = folder / "rotten_tomatoes/train.tsv"
    header, *rows = kaggle_files.rows(path)
    kaggle_files.put(path, [header, *sorted(rows, key=lambda row: row[3])])


def test_a_run_on_rows_sorted_by_class_says_so_once_and_so_do_its_tables(folder: Path, results: Results) -> None:
    """The last tenth of the phrases is of the last class, or two."""
    sort_by_class(folder)
    said = run(results, "rotten_tomatoes", "--data", str(folder))
    labels = [int(row[3]) for row in kaggle_files.rows(folder / "rotten_tomatoes/train.tsv")[1:]]
    held_out = len(set(labels[360:]))
    assert held_out < 5
    (line,) = [line for line in said.splitlines() if "classes" in line]
    assert line.startswith("repro: rotten_tomatoes: ")
    assert f"the held-out rows have {held_out} of 5 classes; the last 10% of the rows are held out, so shuffle" in line

    chapter = registry.chapter("rotten_tomatoes")
    (record,), _ = results.records(chapter.name)
    assert record.incomplete["held_out"] == held_out
    (group,), _ = group_records(chapter, [record])
    assert f"; the held-out rows have {held_out} of 5 classes" in record_tables.comparison(group).caption


def test_rows_in_no_order_of_classes_are_none_of_that(folder: Path, results: Results) -> None:
    assert "classes" not in run(results, "rotten_tomatoes", "--data", str(folder))
    ((record,), _) = results.records("rotten_tomatoes")
    assert record.incomplete == {}
    path = results.record_path(record.chapter, record.stem)
    assert "incomplete" not in path.read_text()  # records that were made before keep their bytes


def changed(dataset: Dataset, **labels: list[int] | list[list[int]]) -> Dataset:
    return dataclasses.replace(dataset, **{name: np.array(values, np.int32) for name, values in labels.items()})  # type: ignore[arg-type]


def test_rows_to_fit_to_without_a_class_are_named_too(tiny_chapter: Chapter) -> None:
    experiment = tiny_chapter.experiments[0]
    dataset = changed(tiny_reviews(), y_train=[0] * 160 + [0, 1] * 20)
    assert incomplete(tiny_chapter, experiment, dataset) == {"fitted": 1}
    assert "the rows that are fitted to have 1 of 2 classes; the last 20%" in warning(tiny_chapter, experiment, dataset)
    dataset = changed(dataset, y_train=[0] * 160 + [1] * 40)
    assert incomplete(tiny_chapter, experiment, dataset) == {"fitted": 1, "held_out": 1}


def test_nothing_held_out_lacks_nothing(tiny_chapter: Chapter) -> None:
    experiment = dataclasses.replace(tiny_chapter.experiments[0], validation_split=0.0)
    dataset = changed(tiny_reviews(), y_train=[0] * 100 + [1] * 100)
    assert incomplete(tiny_chapter, experiment, dataset) == {}
    assert warning(tiny_chapter, experiment, dataset) == ""


def test_of_labels_both_answers_must_occur_in_rows_held_out_at_random_too() -> None:
    chapter = registry.chapter("jigsaw_multilabel")
    rows = [[0] * 6, [1] * 6]
    dataset = changed(tiny_reviews(), y_train=rows, y_validation=rows)
    assert incomplete(chapter, chapter.experiments[0], dataset) == {}
    dataset = changed(dataset, y_validation=[[0, 0, 1, 0, 0, 0], [0, 1, 1, 0, 0, 0]])
    assert incomplete(chapter, chapter.experiments[0], dataset) == {"held_out": 1}
    said = warning(chapter, chapter.experiments[0], dataset)
    assert "the held-out rows have both answers of 1 of 6 labels; the data need rows of all" in said


def test_a_chapter_of_several_experiments_says_it_once_and_training_does_not_repeat_it(
    tiny_chapter: Chapter, monkeypatch: pytest.MonkeyPatch, results: Results
) -> None:
    dataset = changed(tiny_reviews(), y_train=[0] * 100 + [1] * 100)
    monkeypatch.setitem(
        registry.chapters(), "imdb_lstm", dataclasses.replace(tiny_chapter, data=lambda choice: dataset)
    )
    with pytest.warns(DataWarning) as caught:
        planned = plan(
            ["imdb_lstm"],
            seeds=[1, 2],
            data="embedded",
            numerics="source",
            epochs=1,
            engine="fast",
            results=results,
        )
    assert len(caught) == 1
    assert len(planned.to_do) == 8
    with warnings.catch_warnings():
        warnings.simplefilter("error", DataWarning)
        assert train(planned.to_do[0], results).incomplete == {"held_out": 1}


@pytest.mark.parametrize("name", list(registry.chapters()))
def test_the_embedded_corpora_lack_nothing(name: str) -> None:
    chapter = registry.chapter(name)
    for experiment in chapter.experiments:
        assert incomplete(chapter, experiment, chapter.data("embedded")) == {}


def test_a_caption_says_it_once_for_all_seeds(make_record: MakeRecord) -> None:
    records: list[Record] = [make_record(seed=seed, incomplete={"held_out": 1}) for seed in (1, 2)]
    (group,), _ = group_records(registry.chapter("imdb_lstm"), records)
    assert group.caption.count("the held-out rows have 1 of 2 classes") == 1
