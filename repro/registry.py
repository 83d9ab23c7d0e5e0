"""Finds chapters and experiments by name. The chapters are the modules of the package `chapters`, none named here."""

from __future__ import annotations

import functools
import importlib
import pkgutil
import re
from collections.abc import Iterable

from repro.chapter import Chapter, Experiment
from repro.errors import ReproError, suggestion

DIGITS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@functools.cache
def chapters() -> dict[str, Chapter]:
    """All chapters by name, in the order of their names.

    Raises ReproError for a module without a `CHAPTER`, and for a chapter that is not named as its module.
    """
    package = importlib.import_module("chapters")
    return {each.name: _in_module(each.name) for each in pkgutil.iter_modules(package.__path__)}


def _in_module(name: str) -> Chapter:
    found = getattr(importlib.import_module(f"chapters.{name}"), "CHAPTER", None)
    if not isinstance(found, Chapter):
        raise ReproError(
            f"chapters/{name}.py has no CHAPTER. Every module in chapters/ is a chapter (docs/chapters.md)."
        )
    if found.name != name:
        raise ReproError(f"chapters/{name}.py calls its chapter {found.name!r}; name it {name!r}, as the module")
    return found


def chapter(name: str) -> Chapter:
    """The chapter with this name. For an unknown name, raises ReproError with the nearest one."""
    known = chapters()
    if name not in known:
        found = [f"{each}/{name}" for each, its in known.items() if name in {one.name for one in its.experiments}]
        if found:
            raise ReproError(f"{name!r} is an experiment, and no chapter; did you mean {' or '.join(found)}?")
        raise ReproError(f"no chapter {name!r}; {suggestion(name, known)}")
    return known[name]


def varied(name: str, variation: str) -> Chapter:
    """The chapter with this name as a variation changes it. Raises ReproError for an unknown name of either."""
    return chapter(name).varied(variation)


def experiment(name: str, variation: str = "") -> tuple[Chapter, Experiment]:
    """The chapter and the experiment called `CHAPTER/EXPERIMENT`, as a variation changes them; `""` is none.

    `CHAPTER` is enough where it has one experiment. Raises ReproError for an unknown name, with the nearest one.
    """
    first, _, second = name.partition("/")
    its_chapter = varied(first, variation)
    known = {each.name: each for each in its_chapter.experiments}
    if not second:
        if len(chapter(first).experiments) > 1:
            raise ReproError(f"name one of its experiments: {', '.join(f'{first}/{each}' for each in known)}")
        (second,) = known
    if second not in known:
        raise ReproError(f"no experiment {second!r} in {first}; {suggestion(_spelled(second), known)}")
    return its_chapter, known[second]


def _spelled(name: str) -> str:
    """The name with its digits as words: `model_1` is nearer to `model_one` than to `model_two`."""
    return re.sub("[1-9]", lambda digit: DIGITS[int(digit[0]) - 1], name)


def select(names: Iterable[str]) -> list[tuple[Chapter, Experiment]]:
    """The experiments that `CHAPTER` (all of its own) or `CHAPTER/EXPERIMENT` name, each once, in the order given."""
    selected: dict[tuple[str, str], tuple[Chapter, Experiment]] = {}
    for name in names:
        pairs = [experiment(name)] if "/" in name else [(chapter(name), each) for each in chapter(name).experiments]
        selected |= {(its_chapter.name, each.name): (its_chapter, each) for its_chapter, each in pairs}
    return list(selected.values())
