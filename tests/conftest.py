"""What several tests need: the real data, an unused cache, a tiny corpus, made-up records."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from repro import registry
from repro.cache import writable_folder
from repro.chapter import Chapter, DataChoice
from repro.datasets.dataset import Dataset, Preparation, Provenance, fingerprint
from repro.evaluation import Evaluation, Split
from repro.records import SCHEMA, Record, Results
from repro.runs.run import settings

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

hypothesis.settings.register_profile("busy machine", deadline=None)  # how long an example takes says nothing there
hypothesis.settings.load_profile("busy machine")

HIDDEN_UNLESS_ASKED_FOR = ("REPRO_DATA", "REPRO_CACHE")
_named = {name: os.environ.get(name) for name in HIDDEN_UNLESS_ASKED_FOR}

# Compiled code alone is kept where the user's runs keep it: to compile it anew for each session takes 20 seconds.
os.environ.setdefault("NUMBA_CACHE_DIR", str(writable_folder("kernels")))


@pytest.fixture(scope="session", autouse=True)
def no_user_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A test sees neither the user's data folder, unless it asks for `real_data`, nor the user's cache nor Keras'."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("REPRO_DATA", raising=False)
        patch.setenv("REPRO_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
        patch.setenv("KERAS_HOME", str(tmp_path_factory.mktemp("keras")))
        temporary = tmp_path_factory.getbasetemp() / "tmp"  # where something is kept if it cannot be kept in the cache
        temporary.mkdir()
        patch.setenv("TMPDIR", str(temporary))
        patch.setattr(tempfile, "tempdir", None)  # to be found out anew
        yield


@pytest.fixture
def real_data(no_user_folders: None, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the real data, prepared once for all tests; the test is skipped if the user named none."""
    folder = _named["REPRO_DATA"]
    if not folder:
        pytest.skip("needs the real data: set REPRO_DATA to the folder that holds them (docs/data.md)")
    monkeypatch.setenv("REPRO_DATA", folder)
    monkeypatch.setenv("REPRO_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
    return Path(folder)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chrome]:
    """A browser, started once for all tests that need one; the test is skipped if there is none."""
    from browser import opened  # here: Selenium is for these tests alone

    with opened() as chrome:
        yield chrome


def tiny_reviews(choice: DataChoice = "embedded", preparation: Preparation | None = None) -> Dataset:
    """200 + 100 rows of 200 word numbers whose class is whether number 7 occurs more often than number 8."""
    random = np.random.default_rng(5)
    x = random.integers(4, 12, (300, 200), dtype=np.int32)
    x[:, :150] = 0
    y = ((x == 7).sum(axis=1) > (x == 8).sum(axis=1)).astype(np.int32)
    parts = (x[:200], y[:200], x[200:], y[200:])
    sha256 = fingerprint(*parts)
    provenance = Provenance(
        name="tiny",
        kind="embedded",
        edition="generated",
        source_sha256=sha256,
        sha256=sha256,
        train_rows=200,
        test_rows=100,
        preparation=registry.chapter("imdb_lstm").preparation,
    )
    return Dataset(*parts, provenance)


def arrays(dataset: Dataset) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """x_train, y_train, x_test, y_test."""
    assert dataset.y_test is not None
    return dataset.x_train[:], dataset.y_train, dataset.x_test[:], dataset.y_test


def few_rows(dataset: Dataset) -> Dataset:
    """The first 96, 40 and 80 rows of training, validation and test."""
    assert dataset.y_test is not None
    kept = {"train": 96, "validation": 40, "test": 80}
    provenance = dataset.provenance
    names = {"train_rows": "train", "validation_rows": "validation", "test_rows": "test"}
    rows = {field: min(kept[split], getattr(provenance, field)) for field, split in names.items()}
    validated = dataset.x_validation is not None and dataset.y_validation is not None
    return dataclasses.replace(
        dataset,
        x_train=dataset.x_train[: kept["train"]],
        y_train=dataset.y_train[: kept["train"]],
        x_validation=dataset.x_validation[: kept["validation"]] if dataset.x_validation is not None else None,
        y_validation=dataset.y_validation[: kept["validation"]] if validated else None,  # type: ignore[index]
        x_test=dataset.x_test[: kept["test"]],
        y_test=dataset.y_test[: kept["test"]],
        test_ids=None if dataset.test_ids is None else dataset.test_ids[: kept["test"]],
        unseen=None if dataset.unseen is None else dataset.unseen[: kept["test"]],
        provenance=msgspec.structs.replace(provenance, **rows),
    )


def on_tiny_reviews() -> Chapter:
    """The chapter imdb_lstm on `tiny_reviews`."""
    return dataclasses.replace(registry.chapter("imdb_lstm"), data=tiny_reviews)


@pytest.fixture
def tiny_chapter(monkeypatch: pytest.MonkeyPatch) -> Chapter:
    """`on_tiny_reviews`, in the place of the chapter."""
    chapter = on_tiny_reviews()
    monkeypatch.setitem(registry.chapters(), "imdb_lstm", chapter)
    return chapter


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return Results(tmp_path / "results")


REAL = Provenance(
    name="imdb",
    kind="real",
    edition="original",
    source_sha256="1" * 64,
    sha256="2" * 64,
    train_rows=25_000,
    test_rows=25_000,
    preparation=Preparation(words="ranked", num_words=500, maxlen=200),
)
EMBEDDED = Provenance(
    name="imdb",
    kind="embedded",
    edition="generated",
    source_sha256="3" * 64,
    sha256="4" * 64,
    train_rows=6_000,
    test_rows=2_000,
    preparation=REAL.preparation,
)

MakeRecord = Callable[..., Record]


@pytest.fixture
def make_record() -> MakeRecord:
    """Makes a record that was never trained; by default what the source printed of imdb_lstm's `model_one`."""

    def make(
        experiment: str = "model_one",
        *,
        seed: int = 1,
        data: Provenance = REAL,
        epochs: int = 10,
        when: str = "2026-01-01T00:00:00+00:00",
        **changes: object,
    ) -> Record:
        chapter, found = registry.experiment(experiment if "/" in experiment else f"imdb_lstm/{experiment}")
        printed = {r.split: r for r in chapter.results if r.experiment == found.name}
        falling = tuple(0.6 - 0.02 * epoch for epoch in range(epochs))
        record = Record(
            schema=SCHEMA,
            chapter=chapter.name,
            experiment=found.name,
            seed=seed,
            engine="fast",
            settings=settings(chapter, found, "source", epochs),
            data=msgspec.structs.replace(data, preparation=chapter.preparation),
            parameters=found.parameters,
            history={"accuracy": falling, "loss": falling, "val_accuracy": falling, "val_loss": falling},
            evaluation={split: Evaluation(loss=r.loss, matrix=r.matrix) for split, r in printed.items()},
            weights_sha256="0" * 64,
            seconds=(1.0,) * epochs,
            versions={},
            machine={},
            when=when,
        )
        return msgspec.structs.replace(record, **changes)

    return make


def spread_out(make_record: MakeRecord, seed: int, shift: float = 0.0) -> list[Record]:
    """Runs of the four models whose rates lie some 2 points about the source's, and `shift` points above."""
    random = np.random.default_rng(seed)
    chapter, made = registry.chapter("imdb_lstm"), []
    for name in (experiment.name for experiment in chapter.experiments):
        evaluation: dict[Split, Evaluation] = {}
        splits: tuple[Split, ...] = ("train", "test")
        for split in splits:
            printed = chapter.result(name, split)
            assert printed
            right = [
                12_500 - round(125 * (100 * (1 - rate) + random.normal(-shift, 2)))
                for rate in (printed.specificity, printed.sensitivity)
            ]
            matrix = ((right[0], 12_500 - right[1]), (12_500 - right[0], right[1]))
            evaluation[split] = Evaluation(loss=printed.loss + random.normal(0, 0.01), matrix=matrix)
        made.append(make_record(name, seed=seed, evaluation=evaluation))
    return made


@pytest.fixture
def committed_results() -> None:
    """A user's own runs change the tables and the page; on another processor, those of the same seeds may too."""
    root = Path(__file__).parents[1]
    git = shutil.which("git")
    if git and (root / ".git").exists():
        status = [git, "-C", str(root), "status", "--porcelain", "--", "results"]
        if subprocess.run(status, capture_output=True, check=True).stdout:
            pytest.skip("results/ has runs of your own; the pages' numbers are those of the committed ones")
