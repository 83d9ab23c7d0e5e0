"""Which backend is chosen, and that a wish that cannot be met is an error."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from repro import backend
from repro.errors import ReproError


def test_tensorflow_unless_another_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    assert backend.chosen() == "tensorflow"
    monkeypatch.setenv("KERAS_BACKEND", "")
    assert backend.chosen() == "tensorflow"


def test_one_that_is_not_installed_or_not_known_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object() if name == "tensorflow" else None)
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    with pytest.raises(ReproError, match=r"jax, which is not installed: pip install .*\[jax\]"):
        backend.chosen()
    monkeypatch.setenv("KERAS_BACKEND", "theano")
    with pytest.raises(ReproError, match="'theano'; there are: tensorflow, jax, torch"):
        backend.chosen()
    assert backend.installed() == ("tensorflow",)


@pytest.mark.skipif("jax" not in backend.installed(), reason="needs JAX")
def test_a_keras_that_the_user_has_started_on_another_backend_is_taken_as_it_is(tmp_path: Path) -> None:
    """The user's keras.json names it; without the user, this package would start Keras on TensorFlow."""
    (tmp_path / "keras.json").write_text('{"backend": "jax"}')
    environment = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    code = (
        "import keras; from repro import backend; from repro.numerics.activations import hard_sigmoid\n"
        "print(backend.chosen(), backend.keras.backend.backend(), float(hard_sigmoid(keras.ops.ones(()))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment | {"KERAS_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    name, of_keras, value = done.stdout.split()
    assert name == of_keras == "jax"
    assert float(value) == pytest.approx(0.7)
