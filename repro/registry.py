"""Finds chapters and experiments by name. The chapters are the modules of the package `chapters`, none named here."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Iterable

from repro.chapter import Chapter, Experiment
from repro.errors import ReproError, suggestion


@functools.cache
def chapters() -> dict[str, Chapter]:
    """All chapters by name, in the order of their names."""
    package = importlib.import_module("chapters")
    modules = (importlib.import_module(f"chapters.{found.name}") for found in pkgutil.iter_modules(package.__path__))
    return {module.CHAPTER.name: module.CHAPTER for module in modules}


def chapter(name: str) -> Chapter:
    """The chapter of this name. Raises ReproError with the nearest name."""
    known = chapters()
    if name not in known:
        raise ReproError(f"no chapter {name!r}; {suggestion(name, known)}")
    return known[name]


def experiment(name: str) -> tuple[Chapter, Experiment]:
    """The experiment called `CHAPTER/EXPERIMENT`. Raises ReproError with the nearest name."""
    first, _, second = name.partition("/")
    found = chapter(first)
    known = {experiment.name: experiment for experiment in found.experiments}
    if not second:
        raise ReproError(f"name one of its experiments: {', '.join(f'{first}/{each}' for each in known)}")
    if second not in known:
        raise ReproError(f"no experiment {second!r} in {first}; {suggestion(second, known)}")
    return found, known[second]


def select(names: Iterable[str]) -> list[tuple[Chapter, Experiment]]:
    """The experiments that `CHAPTER` or `CHAPTER/EXPERIMENT` name, each once, in the order given."""
    selected = {}
    for name in names:
        if "/" in name:
            pairs = [experiment(name)]
        else:
            found = chapter(name)
            pairs = [(found, one) for one in found.experiments]
        selected.update({(pair[0].name, pair[1].name): pair for pair in pairs})
    return list(selected.values())
