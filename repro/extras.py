"""The extras of the package: what some commands need, and how to install it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shlex
from pathlib import Path

from repro.errors import ReproError

_ABOVE = Path(__file__).parents[1]
"""The repository, if the package is used where it lies there."""


def installing(extra: str) -> str:
    """The command that installs an extra: by name, with the tested versions, in the repository; elsewhere its parts.

    The package is on no index, so pip could not find it by name.
    """
    constraints = _ABOVE / "constraints.txt"
    if constraints.is_file():
        return f"pip install -c {shlex.quote(str(constraints))} -e {shlex.quote(f'{_ABOVE}[{extra}]')}"
    parts = (each.partition(";") for each in importlib.metadata.requires("lstm-walkthroughs") or ())
    return shlex.join(["pip", "install", *(what for what, _, when in parts if f'extra == "{extra}"' in when)])


def need(extra: str, what: str, *modules: str) -> None:
    """Raises ReproError if one of these modules, which an extra installs, is not here; what: needs it."""
    missing = [module for module in modules if not importlib.util.find_spec(module)]
    if missing:
        raise ReproError(f"{what} needs {' and '.join(missing)}: {installing(extra)}")
