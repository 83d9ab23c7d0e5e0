"""The calls of the walkthrough in R, beside Python: what stands there can be called so."""

from __future__ import annotations

import ast
import inspect

import pytest

from repro import numerics, r, walkthrough
from repro.r.calls import TEXTS, WALKTHROUGH

ROOMS = {"r": r, "numerics": numerics, "walkthrough": walkthrough}


def calls(python: str) -> list[ast.Call]:
    """The calls in a line; the dots stand for further arguments."""
    return [node for node in ast.walk(ast.parse(python.replace(", ...)", ")"))) if isinstance(node, ast.Call)]


@pytest.mark.parametrize("python", [call.python for call in (*WALKTHROUGH, *TEXTS)])
def test_every_function_of_ours_takes_these_arguments(python: str) -> None:
    for call in calls(python):
        match call.func:
            case ast.Attribute(ast.Name(room), name) if room in ROOMS:
                named = dict.fromkeys(each.arg for each in call.keywords if each.arg)
                inspect.signature(getattr(ROOMS[room], name)).bind(*call.args, **named)


def test_every_function_of_r_stands_beside_its_r_call() -> None:
    functions = {name for name in r.__all__ if inspect.isfunction(getattr(r, name))} - {"beside"}
    shown = r.beside()
    assert {name for name in functions if f"r.{name}(" not in shown} == set()
