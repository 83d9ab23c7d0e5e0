"""Which backend is chosen, and that a wish that cannot be met is an error."""

from __future__ import annotations

import importlib.util

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
