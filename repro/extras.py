"""The extras of the package: what some commands need, and how to install it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shlex

from repro.errors import ReproError
from repro.files import checkout


def installing(extra: str) -> str:
    """The command that installs an extra: by name, with the tested versions, in the repository; elsewhere its parts.

    The package is on no index, so pip could not find it by name.
    """
    if repository := checkout():
        constraints, package = str(repository / "constraints.txt"), f"{repository}[{extra}]"
        return shlex.join(["pip", "install", "-c", constraints, "-e", package])
    parts = (each.partition(";") for each in importlib.metadata.requires("lstm-walkthroughs") or ())
    return shlex.join(["pip", "install", *(what for what, _, when in parts if f'extra == "{extra}"' in when)])


def need(extra: str, what: str, *modules: str) -> None:
    """Raises ReproError if one of these modules, which an extra installs, is not here; what: needs it."""
    missing = [module for module in modules if not importlib.util.find_spec(module)]
    if missing:
        raise ReproError(f"{what} needs {' and '.join(missing)}: {installing(extra)}")
