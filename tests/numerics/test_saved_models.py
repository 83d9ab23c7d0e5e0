"""Models on disk: those of the suite load with Keras alone, a user's own that use its numerics with `import repro`."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from repro import numerics, registry
from repro.backend import ENVIRONMENT, keras, make_deterministic
from repro.numerics import registration as keras_names
from repro.numerics.activations import hard_sigmoid, hard_sigmoid_layer
from repro.records import Results
from repro.runs.plan import plan
from repro.runs.train import compiled, train

MODELS = ("imdb_lstm/model_one", "imdb_lstm/model_four", "rotten_tomatoes/lstm", "jigsaw_multilabel/lstm")
"""With all that is not Keras' own: hard_sigmoid, in both directions too, RMSprop and Adam, a mask for each gate."""


def rows(model: keras.Model) -> NDArray[np.int32]:
    words = model.layers[0].input_dim
    return np.random.default_rng(7).integers(0, words, (3, *model.input_shape[1:])).astype(np.int32)


def predictions(model: keras.Model) -> NDArray[np.float32]:
    predicted: NDArray[np.float32] = model.predict(rows(model), verbose=0)
    return predicted


LOAD = """
import json, os, sys
{imports}
assert not {hidden!r} & set(os.environ), "importing it changes how a user's Keras computes"
import numpy as np
models = {{}}
for path in {paths!r}:
    model = keras.saving.load_model(path, safe_mode=True)
    words = model.layers[0].input_dim
    x = np.random.default_rng(7).integers(0, words, (3, *model.input_shape[1:])).astype(np.int32)
    models[path] = [model.predict(x, verbose=0).tolist(), type(model.optimizer).__name__]
print(json.dumps({{"models": models, "repro": "repro" in sys.modules}}))
"""


def loaded_elsewhere(imports: str, paths: list[Path]) -> tuple[dict[str, tuple[NDArray[np.float32], str]], bool]:
    """By path, predictions and optimizer of a model loaded in a new process; and whether that imported this package."""
    hidden = {"CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"} & set(ENVIRONMENT)
    code = LOAD.format(imports=imports, paths=[str(path) for path in paths], hidden=hidden)
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    output = json.loads(done.stdout.splitlines()[-1])
    models = {path: (np.array(numbers, np.float32), name) for path, (numbers, name) in output["models"].items()}
    return models, output["repro"]


@pytest.mark.usefixtures("tiny_chapter")
@pytest.mark.parametrize("imports", ["import keras", "import repro, keras"])
def test_a_trained_model_is_loaded_by_keras_in_a_new_process(results: Results, imports: str) -> None:
    names, few = ["imdb_lstm/model_one"], {"seeds": [1], "epochs": 1}
    (run,) = plan(names, **few, data="embedded", numerics="source", engine="keras", results=results).to_do  # type: ignore[arg-type]
    record = train(run, results)
    path = results.weights_path(record.chapter, record.stem)
    models, with_repro = loaded_elsewhere(imports, [path])
    assert with_repro == ("repro" in imports)
    predicted, optimizer = models[str(path)]
    np.testing.assert_allclose(predicted, predictions(keras.saving.load_model(path)), rtol=0, atol=1e-6)
    assert optimizer == "RMSprop"
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # Keras': the optimizer's state does not fit
        loaded = keras.saving.load_model(path)
    assert int(loaded.optimizer.iterations) == 2  # its state came along: two batches


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("variant", ["source", "keras2"])
def test_a_portable_model_predicts_the_same_and_names_nothing_of_ours(
    tmp_path: Path, name: str, variant: numerics.Numerics
) -> None:
    make_deterministic(3)
    chapter, experiment = registry.experiment(name)
    trained = compiled(chapter, experiment, variant)
    finished = compiled(chapter, experiment, variant, portable=True)
    finished.set_weights(trained.get_weights())
    np.testing.assert_allclose(predictions(finished), predictions(trained), rtol=0, atol=1e-7)
    finished.save(tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as file:
        assert "repro" not in file.read("config.json").decode()


@pytest.mark.parametrize("imports", ["import repro, keras", "import keras, repro"])
def test_a_model_that_a_user_saves_is_loaded_after_one_import_in_any_order(tmp_path: Path, imports: str) -> None:
    make_deterministic(4)
    expected = {}
    for name in MODELS:
        model = compiled(*registry.experiment(name), "source")
        path = tmp_path / f"{name.replace('/', '-')}.keras"
        model.save(path)
        expected[str(path)] = predictions(model), type(model.optimizer).__name__
    models, _ = loaded_elsewhere(imports, list(map(Path, expected)))
    for name, (predicted, optimizer) in expected.items():
        np.testing.assert_allclose(models[name][0], predicted, rtol=0, atol=1e-6)
        assert models[name][1] == optimizer


def test_every_class_that_is_registered_can_be_loaded_before_it_is_made() -> None:
    for module in set(keras_names.CLASSES.values()):
        importlib.import_module(module)
    registered = {name for name in keras.saving.get_custom_objects() if name.startswith("repro>")}
    assert registered == {f"repro>{name}" for name in (*keras_names.CLASSES, "hard_sigmoid")}


def test_hard_sigmoid_of_keras_own_layers_is_the_same_function() -> None:
    x = np.linspace(-4, 4, 1_001, dtype=np.float32)[None]
    ours, of_layers = (keras.ops.convert_to_numpy(function(x)) for function in (hard_sigmoid, hard_sigmoid_layer()))
    np.testing.assert_allclose(of_layers, ours, rtol=0, atol=6e-8)


def test_importing_the_package_starts_nothing_and_takes_less_than_a_tenth_of_a_second() -> None:
    code = (
        "import sys, time; start = time.perf_counter(); import repro; print(time.perf_counter() - start)\n"
        "print(*{'keras', 'tensorflow', 'jax', 'torch', 'numpy', 'numba', 'pandas'} & set(sys.modules))"
    )
    seconds = []
    for _ in range(3):
        time, heavy = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.split("\n")[:2]
        assert heavy == ""
        seconds.append(float(time))
    assert min(seconds) < 0.1
