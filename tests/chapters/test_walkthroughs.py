"""The walkthrough at the end of each chapter: it is what the experiments say, as a script and as a notebook."""

from __future__ import annotations

import codeop
import dataclasses
import re
import runpy
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import pytest
from conftest import EMBEDDED, REAL, MakeRecord, few_rows
from numpy.typing import NDArray

from repro import numerics, registry, walkthrough
from repro.backend import keras
from repro.chapter import Chapter, Experiment
from repro.datasets.dataset import Dataset
from repro.engines import make_trainer
from repro.errors import ReproError
from repro.evaluation import Evaluation, Split
from repro.records import Results
from repro.runs.train import evaluate
from repro.walkthrough import Options, ThisRun

CHAPTERS = list(registry.chapters())
KERNEL = ["/venv/lib/ipykernel_launcher.py", "-f", "/run/user/kernel-1.json"]


def path(name: str) -> Path:
    return Path(__file__).parents[2] / "chapters" / f"{name}.py"


class Fit(NamedTuple):
    """One call of `fit`, with the arguments of the `compile` before it."""

    model: keras.Model
    compiled: dict[str, Any]
    x: NDArray[np.int32]
    y: NDArray[np.int32]
    settings: dict[str, Any]


@dataclass
class Watched:
    """What a walkthrough did, run as a script on a few rows of the embedded corpus, each `fit` cut to one epoch."""

    chapter: Chapter
    output: Path
    dataset: Dataset | None = None
    fits: list[Fit] = field(default_factory=list)
    shown: str = ""
    this_run: dict[str, ThisRun] = field(default_factory=dict)

    def each(self) -> Iterator[tuple[Experiment, Fit]]:
        return zip(self.chapter.experiments, self.fits, strict=True)


@pytest.fixture(scope="module", params=CHAPTERS)
def watched(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    results = tmp_path_factory.mktemp("results")
    watched = Watched(registry.chapter(request.param), results / "walkthrough" / request.param)
    load, compile_, fit = walkthrough.load, keras.Model.compile, keras.Model.fit
    compiled: dict[str, Any] = {}

    def load_few(options: Options) -> Dataset:
        watched.dataset = few_rows(load(options))
        return watched.dataset

    def watch_compile(model: keras.Model, **arguments: Any) -> None:
        compiled.update(arguments)
        compile_(model, **arguments)

    def watch_fit(model: keras.Model, x: Any, y: Any, **settings: Any) -> Any:
        watched.fits.append(Fit(model, dict(compiled), x, y, settings))
        return fit(model, x, y, **(settings | {"epochs": 1, "verbose": 0}))

    shown = StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(shown):
        patch.setattr(walkthrough, "load", load_few)
        patch.setattr(keras.Model, "compile", watch_compile)
        patch.setattr(keras.Model, "fit", watch_fit)
        patch.setattr(sys, "argv", ["chapter", "--data", "embedded", "--results", str(results)])
        watched.this_run = runpy.run_path(str(path(request.param)), run_name="__main__")["this_run"]
    watched.shown = shown.getvalue()
    return watched


def without_names(config: object) -> object:
    """A layer's settings without the names that Keras counts up."""
    if isinstance(config, Mapping):
        return {key: without_names(value) for key, value in config.items() if key not in ("name", "build_config")}
    return config


def test_it_builds_the_models_of_the_experiments(watched: Watched) -> None:
    for experiment, fit in watched.each():
        expected = experiment.model(**watched.chapter.lstm)
        assert [type(layer) for layer in fit.model.layers] == [type(layer) for layer in expected.layers]
        for ours, its in zip(fit.model.layers, expected.layers, strict=True):
            assert without_names(ours.get_config()) == without_names(its.get_config())
        assert [layer.count_params() for layer in fit.model.layers] == [each.parameters for each in experiment.layers]
        assert fit.model.input_shape == (None, watched.chapter.preparation.maxlen)


def test_it_compiles_them_as_the_experiments_say(watched: Watched) -> None:
    for experiment, fit in watched.each():
        optimizer, expected = fit.compiled["optimizer"], numerics.optimizer(experiment.optimizer, "source")
        assert type(optimizer) is type(expected)
        assert without_names(optimizer.get_config()) == without_names(expected.get_config())
        assert fit.compiled["loss"] == experiment.loss
        (metric,) = fit.compiled["metrics"]
        if experiment.metric == "auc":
            assert metric.get_config() == keras.metrics.AUC(name="auc").get_config()
        else:
            assert metric == experiment.metric
        assert set(fit.compiled) == {"optimizer", "loss", "metrics"}


def test_it_fits_them_as_the_experiments_say(watched: Watched) -> None:
    dataset = watched.dataset
    assert dataset is not None
    for experiment, fit in watched.each():
        settings: dict[str, Any] = {"validation_split": 0.0, "verbose": "auto"} | fit.settings
        assert settings.pop("epochs") == experiment.epochs
        assert settings.pop("batch_size") == experiment.batch_size
        assert settings.pop("validation_split") == experiment.validation_split
        assert settings.pop("verbose") == 2
        np.testing.assert_array_equal(fit.x, dataset.x_train[:])
        one_hot = watched.chapter.one_hot(experiment)
        y = dataset.y_train if one_hot is None else np.eye(one_hot)[dataset.y_train]
        np.testing.assert_array_equal(fit.y, y)
        if dataset.x_validation is not None:
            x_validation, y_validation = settings.pop("validation_data")
            np.testing.assert_array_equal(x_validation, dataset.x_validation[:])
            np.testing.assert_array_equal(y_validation, dataset.y_validation)
        assert not settings  # rows are shuffled, as by default


SPLITS: dict[str, set[Split]] = {
    "imdb_lstm": {"train", "test"},
    "imdb_rnn": {"test"},
    "jigsaw_multilabel": {"validation", "test"},
    "rotten_tomatoes": {"test"},
    "stacked_lstm": {"validation", "test"},
}
"""What is evaluated, by chapter; the headline alone where a chapter is not named."""


def test_it_evaluates_what_the_source_does_and_gets_what_a_run_would(watched: Watched) -> None:
    chapter, dataset = watched.chapter, watched.dataset
    assert dataset is not None
    for experiment, fit in watched.each():
        this_run = watched.this_run[experiment.name]
        assert this_run.evaluation.keys() == SPLITS.get(chapter.name, {chapter.headline})
        assert {chapter.headline, *(each.split for each in chapter.results)} <= this_run.evaluation.keys()
        predict = make_trainer("keras", fit.model, chapter, experiment, 1).predict
        expected, _ = evaluate(predict, chapter, experiment, dataset)
        for split, evaluation in this_run.evaluation.items():
            assert evaluation.matrix == expected[split].matrix
            assert evaluation.loss == pytest.approx(expected[split].loss, rel=1e-5)
            assert evaluation.mean_auc == pytest.approx(expected[split].mean_auc, nan_ok=True)
        assert len(this_run.history["loss"]) == 1
        assert this_run.data == dataset.provenance


WRITTEN = {
    "imdb_lstm": {"model_one.png", "model_two.png", "model_three.png", "model_four.png"},
    "imdb_rnn": set(),
    "jigsaw_multilabel": {"submission.csv"},
    "rotten_tomatoes": {"lengths.png", "lstm.png", "submission.csv"},
    "stacked_lstm": {"stacked.png", "topics.csv"},
}
"""The files that are written, by chapter; none where a chapter is not named."""


def test_it_shows_each_step_and_ends_with_the_comparison(watched: Watched) -> None:
    assert {file.name for file in watched.output.glob("*")} == WRITTEN.get(watched.chapter.name, set())
    for file in watched.output.glob("*.csv"):
        assert len(file.read_text().splitlines()) == 1 + 80
    for experiment in watched.chapter.experiments:
        assert f"{experiment.parameters:,}" in watched.shown  # of the summary; models one and two share theirs
    if not watched.chapter.labels:
        assert "\nPredicted " in watched.shown
    headers = [re.split(" {2,}", line) for line in watched.shown.splitlines() if line.startswith("model  ")]
    printed = watched.chapter.results or watched.chapter.values
    columns = [["this run"], ["source"]] if printed else [["this run"]]
    assert headers == [["model", "data", "what", *names] for names in columns]  # apart, on the embedded corpus
    assert "has no runs on the real data to compare with" in watched.shown


def test_it_runs_as_a_module(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "chapters.stacked_lstm", "--data", "embedded", "--epochs", "1", "--results"]
    ended = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, check=True)
    assert "Epoch 1/" not in ended.stdout  # one epoch is not counted
    assert "epochs 1, seed 1" in ended.stdout
    assert ended.stderr == ""


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Makes this process look like a kernel; collects the figures that are shown."""
    figures: list[bytes] = []
    display = ModuleType("IPython.display")
    vars(display).update(display=figures.append, Image=bytes)
    monkeypatch.setitem(sys.modules, "ipykernel", ModuleType("ipykernel"))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    monkeypatch.setattr(sys, "argv", KERNEL)
    return figures


def test_it_runs_cell_by_cell_as_a_notebook(notebook: list[bytes], results: Results) -> None:
    source, changes = re.subn(
        r"(?m)^( +options = walkthrough\.options\(CHAPTER), epochs=120\)",
        rf'\1, data="embedded", epochs=1, results={str(results.root)!r})',
        path("stacked_lstm").read_text(encoding="utf-8"),
    )
    assert changes == 1
    compile_cell = codeop.Compile()  # remembers `from __future__ import annotations`, as IPython does
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for number, cell in enumerate(re.split(r"(?m)^# %%.*\n", source)):
        exec(compile_cell(cell, f"cell {number}", "exec"), namespace)
    (figure,) = notebook
    assert figure.startswith(b"\x89PNG")
    assert [file.name for file in results.root.rglob("*.*")] == ["topics.csv"]
    assert namespace["this_run"]["stacked"].evaluation.keys() == {"validation", "test"}


# Options and mistakes

ONE_CHAPTER = registry.chapter("imdb_lstm")


def test_a_kernels_own_arguments_are_not_read(notebook: list[bytes]) -> None:
    options = walkthrough.options(ONE_CHAPTER, epochs=10)
    assert options == Options(ONE_CHAPTER, "real", 10, 1, walkthrough.RESULTS)
    assert walkthrough.options(ONE_CHAPTER, data="embedded", epochs=1, seed=2)[1:4] == ("embedded", 1, 2)
    with pytest.raises(ReproError, match="epochs 0"):
        walkthrough.options(ONE_CHAPTER, epochs=0)


def test_a_command_line_takes_the_place_of_what_the_cell_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    argv = ["chapter", "--data", "embedded", "--epochs", "2", "--seed", "3", "--results", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", argv)
    options = walkthrough.options(ONE_CHAPTER, epochs=10, seed=7)
    assert options == Options(ONE_CHAPTER, "embedded", 2, 3, tmp_path)
    monkeypatch.setattr(sys, "argv", ["chapter"])
    assert walkthrough.options(ONE_CHAPTER, epochs=10, seed=7)[1:4] == ("real", 10, 7)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--epochs", "0"], "epochs 0: there must be at least 1"),
        (["--epochs", "ten"], "argument --epochs: invalid int value: 'ten'"),
        (["--seed", "-1"], "seed -1: it must be from 0 to 4294967295"),
        (["--epoch-count", "1"], "unrecognized arguments: --epoch-count 1"),
        (["--data", "embeded"], "no data 'embeded': did you mean 'embedded'?"),
        (["--data", "embedded", "--results", __file__], "cannot write"),
        ([], "--data embedded"),
    ],
    ids=["epochs", "number", "seed", "option", "data", "results", "no data"],
)
def test_a_mistake_ends_with_a_line_or_two_and_exit_code_2(
    arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    monkeypatch.setattr(sys, "argv", ["chapter", *arguments])
    monkeypatch.setattr(walkthrough, "draw_curves", lambda *_: None)
    monkeypatch.setattr(keras.Model, "fit", lambda *_, **__: pytest.fail("nothing is trained for nothing"))
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(path("stacked_lstm")), run_name="__main__")
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert message in error
    assert len(error.splitlines()) <= 2


def test_help_explains_the_options(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["chapter", "-h"])
    with pytest.raises(SystemExit) as ended:
        walkthrough.options(ONE_CHAPTER, epochs=10)
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    for text in ("python -m chapters.imdb_lstm", "real|embedded|PATH", "[default: 10, as in the source]", "repro run"):
        assert text in shown


SEEDED = """
import numpy as np
from repro import registry, walkthrough
from repro.backend import keras

options = walkthrough.options(registry.chapter("imdb_lstm"), epochs=3, data="embedded")
x = np.arange(12, dtype=np.float32)[:, None]
for _ in range(2):
    {seed}
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    rows = [model.get_weights()[0].item()]

    def loss(y, outputs):
        rows.extend(keras.ops.convert_to_numpy(y).ravel().tolist())
        return keras.ops.mean(outputs)

    model.compile(optimizer="sgd", loss=loss, run_eagerly=True)
    model.fit(x, x, epochs=3, batch_size=4, verbose=0)
    print(*rows)
"""


@pytest.mark.parametrize(
    ("seed", "one_order"), [("walkthrough.seed(options)", False), ("keras.utils.set_random_seed(1)", True)]
)
def test_a_seed_repeats_the_initial_weights_but_not_the_order_of_the_rows(
    tmp_path: Path, seed: str, one_order: bool
) -> None:
    """Keras' own way to seed gives all epochs one order, which the README says."""
    code = SEEDED.format(seed=seed)
    shown = subprocess.check_output([sys.executable, "-c", code, "--results", str(tmp_path)], text=True)
    (first, *rows), (second, *others) = (line.split() for line in shown.splitlines())
    assert first == second
    for order in (rows, others):
        epochs = [order[:12], order[12:24], order[24:]]
        assert all(sorted(map(float, epoch)) == list(range(12)) for epoch in epochs)
        assert (epochs[0] == epochs[1] == epochs[2]) is one_order
        assert (epochs[0] != epochs[1] != epochs[2]) is not one_order


# The comparison


def run(kind_of_data: Any, epochs: int) -> dict[str, ThisRun]:
    evaluation = Evaluation(loss=0.25, matrix=((9_000, 1_000), (3_500, 11_500)))
    return {"model_one": ThisRun(kind_of_data, {"loss": (0.5,) * epochs}, evaluation={"test": evaluation})}


def test_the_source_this_run_and_ours_stand_side_by_side(make_record: MakeRecord, results: Results) -> None:
    for seed, loss in ((1, 0.3), (2, 0.4)):
        evaluation = Evaluation(loss=loss, matrix=((10_000, 2_500), (2_500, 10_000)))
        results.write(make_record(seed=seed, evaluation={"train": evaluation, "test": evaluation}))
    shown = walkthrough.comparison(run(REAL, 10), Options(ONE_CHAPTER, "real", 10, 1, results.root))
    lines = [line.split() for line in shown.splitlines()]
    assert ["model", "data", "what", "source", "this", "run", "ours"] in lines
    assert ["model_one", "test", "loss", "0.3997", "0.2500", "0.3500", "±", "0.0707"] in lines
    assert ["sensitivity", "90.71", "92.00", "80.00", "±", "0.00"] in lines
    assert "2 seeds: mean ± standard deviation" in shown
    assert "Not to be compared" not in shown


def test_ours_are_never_runs_of_a_variation(make_record: MakeRecord, results: Results) -> None:
    other = Evaluation(loss=0.9, matrix=((10_000, 2_500), (2_500, 10_000)))
    for seed in (1, 2, 3):
        results.write(make_record(seed=seed, variation="epochs_30", epochs=30, evaluation={"test": other}))
    alone = walkthrough.comparison(run(REAL, 10), Options(ONE_CHAPTER, "real", 10, 1, results.root))
    assert "has no runs on the real data to compare with" in " ".join(alone.split())
    results.write(make_record(seed=1))
    shown = walkthrough.comparison(run(REAL, 10), Options(ONE_CHAPTER, "real", 10, 1, results.root))
    assert "Ours, seed 1; imdb_lstm on the real data" in shown
    assert "0.9000" not in alone + shown


def test_columns_and_spreads_that_there_are_not_are_left_out(make_record: MakeRecord, results: Results) -> None:
    options = Options(ONE_CHAPTER, "real", 10, 1, results.root)
    assert ["model", "data", "what", "source", "this", "run"] in [
        line.split() for line in walkthrough.comparison(run(REAL, 10), options).splitlines()
    ]
    results.write(make_record())
    printing_nothing = options._replace(chapter=dataclasses.replace(ONE_CHAPTER, results=(), values=()))
    shown = walkthrough.comparison(run(REAL, 10), printing_nothing)
    assert ["model", "data", "what", "this", "run", "ours"] in [line.split() for line in shown.splitlines()]
    assert "±" not in shown


@pytest.mark.parametrize(("data", "epochs"), [(EMBEDDED, 10), (REAL, 1)])
def test_a_run_on_other_data_or_for_another_time_stands_apart(data: Any, epochs: int, results: Results) -> None:
    shown = walkthrough.comparison(run(data, epochs), Options(ONE_CHAPTER, "real", epochs, 1, results.root))
    ours, source = (next(table for table in shown.split("model  ") if number in table) for number in ("0.25", "0.3997"))
    assert "0.3997" not in ours
    assert "0.25" not in source
    assert "Not to be compared" in shown
