"""The structure of the code: imports point one way, names are not used twice, and chapters are named in chapters."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from repro import registry
from repro.datasets.corpora import FILES

ROOT = Path(__file__).parents[1]
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for folder in ("repro", "chapters")
    for path in sorted((ROOT / folder).rglob("*.py"))
}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}

LAYERS = (
    {"errors", "extras", "files", "cache", "metrics", "layers", "evaluation"},
    {"text", "kernels", "backend"},
    {"numerics", "datasets"},
    {"chapter"},
    {"registry", "records", "shipped", "scoring", "environment", "check"},
    {"engines"},
    {"runs", "r", "fingerprint"},
    {"evidence"},
    {"parity"},
    {"report"},
    {"bench", "export", "face", "notebook", "walkthrough"},
    {"cli"},
)
"""From the bottom to the top: a room or module imports from its own line and from those above it, never from below."""


def imported(name: str, tree: ast.AST) -> Iterator[tuple[str, int]]:
    """The modules of ours that a module imports anywhere, for types too, with the line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in ("repro", "chapters"):
            for alias in node.names:
                module = f"{node.module}.{alias.name}"
                yield (module if module in MODULES else node.module), node.lineno
        elif isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names if alias.name in MODULES)


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else module


def test_no_modules_import_one_another_in_a_circle() -> None:
    graph = {name: {module for module, _ in imported(name, tree)} - {name} for name, tree in TREES.items()}
    graph["repro"] -= {"repro.face"}  # lazily, by name
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a circle: {' <- '.join(error.args[1])}")


def test_imports_point_one_way() -> None:
    height = {name: layer for layer, names in enumerate(LAYERS) for name in names}
    upward = [
        f"{name}:{line} imports {module}"
        for name, tree in TREES.items()
        if name.startswith("repro.") and name != "repro.__main__"
        for module, line in imported(name, tree)
        if module != "repro" and height[room(module)] > height[room(name)]
    ]
    assert upward == []


def test_no_two_modules_share_a_name() -> None:
    """But for the packages' own files, and for commands that are called after the room they open."""
    names = Counter(name.rpartition(".")[2] for name in MODULES if not name.startswith(("repro.cli.", "chapters")))
    assert {name for name, count in names.items() if count > 1} == set()


def test_no_class_is_defined_twice() -> None:
    places = defaultdict(list)
    for name, tree in TREES.items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(name)
    assert {name: modules for name, modules in places.items() if len(modules) > 1} == {}


def test_the_suite_repeats_no_chapters_name() -> None:
    """Help texts and docstrings may give one as an example; a data set may have the same name."""
    named = re.compile("|".join(set(registry.chapters()) - {file.corpus for file in FILES}))
    repeated = [
        f"{name}:{node.lineno}: {node.value}"
        for name, tree in TREES.items()
        if name.startswith("repro")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and named.fullmatch(node.value.split("/")[0])
    ]
    assert repeated == []
