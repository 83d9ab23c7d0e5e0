"""What a user is told who lacks what a command needs."""

from __future__ import annotations

import shlex
import tomllib
from pathlib import Path

import pytest

from repro import extras

ROOT = Path(__file__).parents[1]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]


def test_in_the_repository_an_extra_is_installed_in_the_tested_versions() -> None:
    constraints, package = str(ROOT / "constraints.txt"), f"{ROOT}[study]"
    assert shlex.split(extras.installing("study")) == ["pip", "install", "-c", constraints, "-e", package]


@pytest.mark.parametrize("extra", sorted(EXTRAS.keys() - {"dev"}))
def test_elsewhere_its_parts_are_since_no_index_has_this_package(extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "checkout", lambda: None)
    assert shlex.split(extras.installing(extra)) == ["pip", "install", *EXTRAS[extra]]
