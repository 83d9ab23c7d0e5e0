"""A model that is taken away: it computes, where this package is not, what `repro predict` says here."""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest
from click.testing import CliRunner
from conftest import MakeRecord, few_rows, spread_out

from repro import registry
from repro.backend import keras
from repro.chapter import DataChoice
from repro.cli import main
from repro.datasets.dataset import Dataset
from repro.errors import DataWarning, ReproError
from repro.evidence.intervals import prediction_interval
from repro.export import exported, model_files, proof
from repro.export.exported import export_model
from repro.export.model_card import model_card
from repro.export.text_rules import text_rules
from repro.files import new_folder
from repro.records import Results
from repro.runs.checkpoints import load_model
from repro.runs.plan import plan
from repro.runs.predict import predict
from repro.runs.train import train
from repro.text import Reading

NAMES = (
    "imdb_lstm/model_four",
    "imdb_rnn/lstm",
    "jigsaw_multilabel/lstm",
    "rotten_tomatoes/lstm",
    "stacked_lstm/stacked",
)
"""Ranked, counted and hashed words; one, four and five outputs, six labels; gates and masks that are not Keras'."""

TEXTS = [
    *proof.TEXTS,
    "a fine film . the worst music <i>I</i> know " * 300,
    "film",
    "É bad CAFÉ film’s \u2003 it's good",
]
KNOWN = "The plot was dull, but the cast was wonderful."
EMPTY, UNKNOWN = TEXTS[0], TEXTS[5]
OFFLINE = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}


class Away(NamedTuple):
    """Models that were trained for an epoch on a few rows, and the folders that they were taken away to."""

    results: Results
    folders: dict[str, Path]


def few(choice: str, *, data: Any) -> Dataset:
    return few_rows(data(choice))


@pytest.fixture(scope="module")
def away(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Away]:
    root = tmp_path_factory.mktemp("away")
    results, folders = Results(root / "results"), {}
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # so few rows have not all classes
        for name in NAMES:
            chapter, _ = registry.experiment(name)
            changed = dataclasses.replace(chapter, data=partial(few, data=chapter.data))
            patch.setitem(registry.chapters(), chapter.name, changed)
            planned = plan(
                [name], seeds=[1], data="embedded", numerics="source", epochs=1, engine="fast", results=results
            )
            train(planned.to_do[0], results)
            folders[name] = root / "a folder" / chapter.name
            export_model(name, folders[name], results)
        yield Away(results, folders)


ELSEWHERE = """
import json, runpy, sys
import keras, tensorflow
given = json.load(sys.stdin)
found = {}
for folder in given["folders"]:
    loader = runpy.run_path(folder + "/load.py")
    x = loader["rows"](given["texts"])
    served = tensorflow.saved_model.load(folder + "/saved_model")
    layer = keras.layers.TFSMLayer(folder + "/saved_model", call_endpoint="serve")
    found[folder] = {
        "rows": x.tolist(),
        "known": (x > loader["RULES"]["index_from"]).any(axis=1).tolist(),
        "keras": loader["probabilities"](x).tolist(),
        "onnx": loader["probabilities"](x, onnx=True).tolist(),
        "saved_model": served.serve(x).numpy().tolist(),
        "layer": layer(x).numpy().tolist(),
    }
assert not [name for name in sys.modules if name.partition(".")[0] in ("repro", "chapters")]
print(json.dumps(found))
"""


def ran(command: list[str], folder: Path, given: object = None, **variables: str) -> str:
    """What a command prints that is called in another folder, without the paths of this process."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | OFFLINE | variables
    done = subprocess.run(
        command, cwd=folder, env=environment, input=json.dumps(given), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def elsewhere(away: Away, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """By experiment, what a process without this package makes of `TEXTS`, with each file."""
    given = {"folders": [str(folder) for folder in away.folders.values()], "texts": TEXTS}
    output = ran([sys.executable, "-I", "-c", ELSEWHERE], tmp_path_factory.mktemp("elsewhere"), given)
    found = json.loads(output.splitlines()[-1])
    return {name: found[str(folder)] for name, folder in away.folders.items()}


@pytest.mark.parametrize("name", NAMES)
def test_texts_of_all_kinds_are_prepared_as_by_the_chapter(
    elsewhere: dict[str, dict[str, Any]], away: Away, name: str
) -> None:
    chapter, _ = registry.experiment(name)
    reading = chapter.encode(TEXTS, "embedded")
    assert elsewhere[name]["rows"] == reading.x[:].tolist()
    assert elsewhere[name]["known"] == (reading.known > 0).tolist()
    assert max(reading.words) > chapter.preparation.maxlen


@pytest.mark.parametrize("name", NAMES)
def test_every_file_gives_the_probabilities_that_predict_gives(
    elsewhere: dict[str, dict[str, Any]], away: Away, name: str
) -> None:
    chapter, _ = registry.experiment(name)
    predictions, _ = predict(name, TEXTS, away.results)
    answered = [row for row, each in enumerate(predictions) if each.answer is not None]
    assert len(answered) >= 3
    assert elsewhere[name]["known"] == [each.answer is not None for each in predictions]
    expected = np.array([list(predictions[row].probabilities.values()) for row in answered])
    for file in ("keras", "onnx", "saved_model", "layer"):
        given = np.array(elsewhere[name][file])
        if given.shape[1] == 1:  # the two that are the network itself
            given = np.hstack([1 - given, given])
        assert given.shape == (len(TEXTS), len(chapter.labels or chapter.classes))
        np.testing.assert_allclose(given[answered], expected, rtol=0, atol=2e-6)


def test_the_loader_answers_as_predict_does_and_alone(away: Away, tmp_path: Path) -> None:
    """Without Keras, too: it imports what it needs for the file that it is asked for."""
    for name in ("imdb_lstm/model_four", "jigsaw_multilabel/lstm"):
        command = [sys.executable, "-I", str(away.folders[name] / "load.py"), "--onnx", KNOWN, UNKNOWN]
        known, unknown = ran(command, tmp_path).splitlines()
        (prediction,), _ = predict(name, [KNOWN], away.results)
        shares = [f"{label} {probability:.2%}" for label, probability in prediction.probabilities.items()]
        assert known == "  ".join([str(prediction.answer), *shares])
        assert unknown == "no answer: no word that the model knows"


def test_what_is_written_is_complete_and_names_nothing_of_this_machine(away: Away) -> None:
    for name, folder in away.folders.items():
        names = {path.name for path in folder.iterdir()}
        hashed = registry.experiment(name)[0].vocabulary is None
        others = {
            "model.keras",
            "model.onnx",
            "saved_model",
            "preprocessing.json",
            "model_card.md",
            "load.py",
            "load.R",
        }
        assert names == others | (set() if hashed else {"vocabulary.json"})
        card = (folder / "model_card.md").read_text()
        assert str(folder.parents[1]) not in card
        for line in (
            f"# {name}, seed 1",
            "of no use on real texts",
            "a small corpus",
            "fewer than 5 runs",
            "`model.onnx` ",
        ):
            assert line in card
    assert [path.name for path in folder.parent.iterdir() if path.name.startswith(".")] == []


# In R
RSCRIPT = shutil.which("Rscript")


def needs_r(*packages: str) -> None:
    """Skip, with the reason, where R or one of its packages is missing."""
    if not RSCRIPT:
        pytest.skip("R is not installed")
    for package in packages:
        code = f'quit(status = !requireNamespace("{package}", quietly = TRUE))'
        if subprocess.run([RSCRIPT, "-e", code], capture_output=True, check=False).returncode:
            pytest.skip(f"R lacks the package {package}")


def test_the_loader_for_r_is_r(away: Away) -> None:
    needs_r()
    assert RSCRIPT
    ran([RSCRIPT, "-e", 'invisible(parse("load.R"))'], away.folders[NAMES[0]])


IN_R = """
given <- jsonlite::fromJSON("given.json", simplifyVector = FALSE)
found <- lapply(given$folders, function(folder) {
  setwd(folder)
  loader <- new.env()
  sys.source("load.R", loader)
  loader$rows(given$texts)
})
writeLines(jsonlite::toJSON(found))
"""


def test_r_prepares_texts_of_all_kinds_as_the_chapter(
    elsewhere: dict[str, dict[str, Any]], away: Away, tmp_path: Path
) -> None:
    needs_r("jsonlite")
    assert RSCRIPT
    given = {"folders": [str(folder) for folder in away.folders.values()], "texts": TEXTS}
    (tmp_path / "given.json").write_text(json.dumps(given))
    (tmp_path / "rows.R").write_text(IN_R)
    found = json.loads(ran([RSCRIPT, "rows.R"], tmp_path, LC_ALL="C.UTF-8"))
    assert found == [elsewhere[name]["rows"] for name in NAMES]


def test_r_classifies_as_python_does(away: Away, tmp_path: Path) -> None:
    needs_r("jsonlite", "reticulate")
    assert RSCRIPT
    name = "imdb_lstm/model_four"
    command = [RSCRIPT, str(away.folders[name] / "load.R"), KNOWN, UNKNOWN]
    header, known, unknown = ran(command, tmp_path, RETICULATE_PYTHON=sys.executable).splitlines()
    (prediction,), _ = predict(name, [KNOWN], away.results)
    assert header.split() == list(prediction.probabilities)
    np.testing.assert_allclose(
        np.array(known.split()[1:], float), list(prediction.probabilities.values()), rtol=0, atol=6e-5
    )
    assert unknown.split()[1:] == ["NA", "NA"]


# The card
def card_of(results: Results, make_record: MakeRecord, seeds: range) -> str:
    """The card of model_two with seed 1, where there are records with these seeds."""
    chapter = registry.chapter("imdb_lstm")
    made = [record for seed in seeds for record in spread_out(make_record, seed) if record.experiment == "model_two"]
    for record in made:
        results.write(record)
    differences = {"model.keras": 0.0, "saved_model": 3e-8}
    return model_card(
        chapter, made[0], results, text_rules(chapter), outputs=1, differences=differences, versions={"keras": "9.9"}
    )


def test_the_card_shows_this_run_beside_the_runs_with_other_seeds(results: Results, make_record: MakeRecord) -> None:
    card = card_of(results, make_record, range(1, 9))
    runs = [
        record.evaluation["test"].accuracy
        for seed in range(1, 9)
        for record in spread_out(make_record, seed)
        if record.experiment == "model_two"
    ]
    low, high = prediction_interval(runs[1:])
    row = next(line for line in card.splitlines() if line.startswith("| test") and "| accuracy" in line)
    cells = [cell.strip() for cell in row.split("|")[1:-1]]
    assert cells[2] == f"{100 * runs[0]:.2f}"
    assert cells[3].startswith(f"{100 * np.mean(runs[1:]):.2f} ± ")
    assert cells[4] == f"{100 * low:.2f} to {100 * high:.2f}"
    assert "Beside this run stand 7 others" in card
    for text in (
        "sha256 " + "2" * 64,
        "real, original",
        "`saved_model` 3e-08",
        "was not checked",
        "keras 9.9",
        "imdb.npz",
    ):
        assert text in card


def test_the_card_gives_no_interval_for_too_few_runs(results: Results, make_record: MakeRecord) -> None:
    card = card_of(results, make_record, range(1, 6))
    assert "fewer than 5 runs with other seeds" in card
    assert "one more run" not in card


def test_the_runs_that_came_with_the_package_give_the_interval_where_no_folder_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Results] = []

    def stop(name: str, folder: Path, results: Results, data: DataChoice | None) -> None:
        read.append(results)
        raise ReproError("enough")

    monkeypatch.setattr(exported, "export_model", stop)
    monkeypatch.chdir(tmp_path)
    assert "using the" in call("imdb_lstm/model_two", "--to", "new")
    call("imdb_lstm/model_two", "--to", "new", "--results", "results")
    assert [len(each.record_files()) > 700 for each in read] == [True, False]
    assert {each.weights_path("imdb_lstm", "run").parts[0] for each in read} == {"results"}


# What a user may get wrong, and what may go wrong
def call(*arguments: object) -> str:
    """What the refused command says."""
    ended = CliRunner().invoke(main, ["export", *map(str, arguments)])
    assert ended.exit_code == 2, ended.output
    assert isinstance(ended.exception, SystemExit)
    assert not ended.stdout
    assert len(ended.stderr.splitlines()) <= 2
    return ended.stderr


def tree(folder: Path) -> list[Path]:
    return sorted(
        path for path in folder.rglob("*") if path.is_symlink() or not path.is_relative_to(folder / "results")
    )


@pytest.mark.parametrize(
    ("target", "complaint"),
    [
        ("used", "used is not empty; name a new folder, or an empty one"),
        ("file", "file is no folder"),
        ("file/new", "new: File exists; name another folder"),
        ("nowhere", "nowhere is no folder"),
        ("new", "no trained weights of imdb_lstm/model_two are in"),
    ],
)
def test_a_mistake_is_told_before_anything_is_written(tmp_path: Path, target: str, complaint: str) -> None:
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "file").touch()
    (tmp_path / "file").touch()
    (tmp_path / "nowhere").symlink_to(tmp_path / "missing")
    before = tree(tmp_path)
    assert complaint in call("imdb_lstm/model_two", "--to", tmp_path / target, "--results", tmp_path / "results")
    assert tree(tmp_path) == before


def test_what_is_missing_is_told_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "tf2onnx" else find_spec(name))
    said = call("imdb_lstm/model_two", "--to", tmp_path / "new")
    assert "repro: repro export needs tf2onnx: pip install " in said
    assert tree(tmp_path) == []


def test_another_backend_is_told_what_is_possible(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_files, "chosen", lambda: "jax")
    said = call("imdb_lstm/model_two", "--to", tmp_path / "new")
    assert "the backend is jax: KERAS_BACKEND=tensorflow repro export" in said
    assert tree(tmp_path) == []


def written_nothing(away: Away, tmp_path: Path, complaint: str) -> None:
    with pytest.raises(ReproError, match=complaint):
        export_model("stacked_lstm/stacked", tmp_path / "new", away.results)
    assert tree(tmp_path) == []


def test_a_file_that_computes_something_else_is_not_given_away(away: Away) -> None:
    name = "stacked_lstm/stacked"
    chapter, _ = registry.experiment(name)
    (record,) = away.results.records(chapter.name)[0]
    other = load_model(away.results, record)
    other.set_weights([2 * array for array in other.get_weights()])
    with pytest.raises(ReproError, match=r"model.keras does not compute what the trained model does"):
        proof.prove(away.folders[name], chapter, "embedded", other)


def test_a_chapter_whose_rules_do_not_say_what_it_does_is_not_given_away(
    away: Away, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chapter = registry.chapter("stacked_lstm")

    def otherwise(texts: Sequence[str], choice: DataChoice) -> Reading:
        return chapter.encode([text.replace("i", "j") for text in texts], choice)

    monkeypatch.setitem(registry.chapters(), chapter.name, dataclasses.replace(chapter, encode=otherwise))
    monkeypatch.setattr(exported, "write_network", lambda *_: None)  # which takes a second; texts are compared first
    written_nothing(away, tmp_path, "encode\\(\\) does not prepare texts as")


def test_a_disk_that_is_full_where_tensorflow_writes_is_told_as_anywhere(
    away: Away, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors = importlib.import_module("tensorflow").errors

    def full(*_: Any, **__: Any) -> None:
        raise errors.ResourceExhaustedError(None, None, "variables.data; No space left on device")

    monkeypatch.setattr(keras.Model, "export", full)
    written_nothing(away, tmp_path, "cannot write .*new: the disk is full")


def test_a_chapter_with_words_of_its_own_must_name_them(
    away: Away, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chapter = registry.chapter("imdb_rnn")
    monkeypatch.setitem(registry.chapters(), chapter.name, dataclasses.replace(chapter, vocabulary=None))
    with pytest.raises(ReproError, match="give it a vocabulary"):
        export_model("imdb_rnn/lstm", tmp_path / "new", away.results)
    assert tree(tmp_path) == []


def test_an_empty_folder_is_filled_and_stays_the_same_folder(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there")
    before = (tmp_path / "there").stat().st_ino
    with new_folder(tmp_path / "link") as temporary:
        (temporary / "file").touch()
        assert list((tmp_path / "there").iterdir()) == []
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["file"]
    assert (tmp_path / "there").stat().st_ino == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "there"]


def test_a_disk_with_too_little_room_is_told_beforehand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=3 * 2**20))
    assert "3 MiB free, 100 needed; name another folder" in call("imdb_lstm/model_two", "--to", tmp_path / "new")


def test_a_folder_that_another_command_has_filled_meanwhile_is_left_as_it_is(tmp_path: Path) -> None:
    def fill() -> None:
        with new_folder(tmp_path / "new") as temporary:
            (temporary / "model.keras").write_text("mine")
            (tmp_path / "new").mkdir()
            (tmp_path / "new" / "model.keras").write_text("theirs")

    with pytest.raises(ReproError, match=r"cannot write .*new: it is no longer empty"):
        fill()
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
    assert (tmp_path / "new" / "model.keras").read_text() == "theirs"


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    def fill() -> None:
        with new_folder(tmp_path / "new") as temporary:
            (temporary / "file").touch()
            raise OSError(28, "No space left on device")

    with pytest.raises(ReproError, match="the disk is full"):
        fill()
    assert list(tmp_path.iterdir()) == []
