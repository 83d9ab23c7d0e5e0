"""A run whose loss is no longer finite is stopped, says where, and spoils no table."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import MakeRecord, on_tiny_reviews

from repro import registry
from repro.backend import keras
from repro.chapter import Chapter
from repro.cli import main
from repro.evidence.claims import verdicts
from repro.evidence.run_groups import group_records
from repro.records import Divergence, Record, Results, read
from repro.report import figures, record_tables
from repro.runs.plan import Plan, plan
from repro.runs.progress import outcome
from repro.runs.train import train

pytestmark = pytest.mark.usefixtures("tiny_chapter")


class InfiniteAfter(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """The learning rate 0.01 for some batches, then infinity."""

    def __init__(self, batches: int) -> None:
        self.batches = batches

    def __call__(self, step: Any) -> Any:
        return keras.ops.where(keras.ops.cast(step, "float32") < self.batches, 0.01, float("inf"))


def explodes_after(batches: int) -> Any:
    """Makes the optimizer whose steps are infinite after so many batches."""
    return lambda *_: keras.optimizers.SGD(InfiniteAfter(batches))


def planned(results: Results, epochs: int = 4) -> Plan:
    return plan(
        ["imdb_lstm/model_two"],
        seeds=[1],
        data="embedded",
        numerics="source",
        epochs=epochs,
        engine="keras",
        results=results,
    )


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Results, Record]:
    """A run whose steps are infinite from the fifth batch on, the first of the third epoch."""
    results = Results(tmp_path_factory.mktemp("diverged"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(registry.chapters(), "imdb_lstm", on_tiny_reviews())
        patch.setattr("repro.numerics.optimizer", explodes_after(4))
        (run,) = planned(results).to_do
        return results, train(run, results)


@pytest.fixture
def diverged(once: tuple[Results, Record], results: Results) -> Record:
    """The record of that run; what it left behind is in `results`."""
    made, record = once
    shutil.copytree(made.root, results.root)
    return record


def test_the_record_says_where_and_keeps_the_epochs_before(diverged: Record, results: Results) -> None:
    assert diverged.diverged == Divergence(epoch=3, batch=2)
    assert len(diverged.history["loss"]) == len(diverged.seconds) == 2
    assert diverged.evaluation == {}
    assert diverged.weights_sha256 == ""
    path = results.record_path(diverged.chapter, diverged.stem)
    assert b"NaN" not in path.read_bytes()
    assert read(path) == diverged
    assert outcome(diverged) == "diverged in batch 2 of epoch 3: the loss is no longer finite"
    assert not list(results.root.glob("checkpoints/**/*.npz"))


def test_it_is_made_again_when_that_is_asked_for(diverged: Record, results: Results) -> None:
    arguments = {
        "seeds": [1],
        "data": "embedded",
        "numerics": "source",
        "epochs": 4,
        "engine": "keras",
        "results": results,
    }
    again = plan(["imdb_lstm/model_two"], **arguments, retrain=True)  # type: ignore[arg-type]
    assert len(again.to_do) == 1


def test_it_is_finished_and_cannot_predict(diverged: Record, results: Results) -> None:
    assert planned(results) == Plan([], [diverged])
    arguments = ["predict", "imdb_lstm/model_two", "good", "--results", str(results.root)]
    ended = CliRunner().invoke(main, arguments)
    assert ended.exit_code == 2
    assert "no trained weights" in ended.stderr


def test_it_is_named_in_every_caption_and_counts_nowhere(
    tiny_chapter: Chapter, make_record: MakeRecord, tmp_path: Path
) -> None:
    whole = [make_record("model_two", seed=seed) for seed in (1, 2)]
    broken = make_record("model_two", seed=3, evaluation={}, weights_sha256="", diverged=Divergence(epoch=3, batch=2))
    (group,), _ = group_records(tiny_chapter, [*whole, broken])
    (without,), _ = group_records(tiny_chapter, whole)
    for table, same in zip(record_tables.tables(group), record_tables.tables(without), strict=True):
        assert table.rows == same.rows
        assert "no longer finite: model_two, seed 3, in epoch 3" in table.caption
    assert verdicts(tiny_chapter, group.records) == verdicts(tiny_chapter, whole)
    assert figures.curves(group) != figures.curves(without)


def test_a_chapter_whose_only_run_diverged_still_has_tables_and_figures(
    diverged: Record, tiny_chapter: Chapter, tmp_path: Path
) -> None:
    (group,), _ = group_records(tiny_chapter, [diverged])
    assert record_tables.comparison(group).rows == []
    assert figures.write(figures.figures(group), tmp_path)[0].read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("validation_split", [0.2, 0.0])
def test_what_breaks_in_the_last_batch_is_seen_after_it(
    tiny_chapter: Chapter, results: Results, monkeypatch: pytest.MonkeyPatch, validation_split: float
) -> None:
    changed = [dataclasses.replace(one, validation_split=validation_split) for one in tiny_chapter.experiments]
    chapter = dataclasses.replace(tiny_chapter, experiments=tuple(changed))
    monkeypatch.setitem(registry.chapters(), "imdb_lstm", chapter)
    monkeypatch.setattr("repro.numerics.optimizer", explodes_after(1))
    (run,) = planned(results, epochs=1).to_do
    assert train(run, results).diverged == Divergence(epoch=1, batch=2)
