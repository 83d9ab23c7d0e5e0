"""Keeps prepared arrays in the cache folder, so that the next time they are only opened."""

from __future__ import annotations

import hashlib
import json
import tempfile
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repro.cache import kept_folders, writable_folder
from repro.datasets.dataset import fingerprint
from repro.errors import DataWarning, cause

Arrays = dict[str, NDArray[Any]]


def cached(corpus: str, settings: Mapping[str, str | int], build: Callable[[], Arrays]) -> tuple[Arrays, str]:
    """The arrays that `build` makes, from the cache folder if they are there, and their fingerprint.

    settings: all that the arrays follow from; other settings are kept in another folder.

    The arrays are read-only. Each lies in one `.npy` file, memory-mapped, so that processes share one copy. A copy
    whose bytes do not match their fingerprint is built again. If they cannot be kept, a DataWarning says so.
    """
    key = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
    name = f"{corpus}-{key[:16]}"
    for folder in kept_folders("prepared"):
        if (kept := _read(folder / name)) is not None:
            return kept

    arrays = build()
    target = writable_folder("prepared") / name
    sha256 = fingerprint(*arrays.values())
    failure = None
    try:
        _write(target, arrays, {"settings": dict(settings), "arrays": list(arrays), "sha256": sha256})
    except OSError as error:  # also: another process was faster, and its copy is as good
        failure = error
    if (kept := _read(target)) is not None:
        return kept

    reason = "they cannot be read back" if failure is None else cause(failure, target.parent)
    what = f"the prepared data are not kept for the next time in {target.parent}: {reason}"
    warnings.warn(what, DataWarning, stacklevel=1)  # from here, so that it is shown once
    for array in arrays.values():
        array.flags.writeable = False
    return arrays, sha256


def _read(target: Path) -> tuple[Arrays, str] | None:
    """The arrays in the folder `target` and their fingerprint; None if they are not there or damaged."""
    try:
        about = json.loads((target / "about.json").read_text(encoding="utf-8"))
        arrays = {name: np.load(target / f"{name}.npy", mmap_mode="r") for name in about["arrays"]}
        sha256 = fingerprint(*arrays.values())
        return (arrays, sha256) if sha256 == about["sha256"] else None
    except Exception:  # NumPy and json raise half a dozen kinds of errors for a damaged file
        return None


def _write(target: Path, arrays: Arrays, about: dict[str, object]) -> None:
    """Put the folder `target` into place in one step, complete; raises OSError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".new-") as temporary:
        new = Path(temporary) / "new"
        new.mkdir()
        for name, array in arrays.items():
            np.save(new / f"{name}.npy", array)
        (new / "about.json").write_text(json.dumps(about, indent=1), encoding="utf-8")
        if target.exists() and _read(target) is None:  # a damaged copy; a folder that is not empty is not replaced
            target.rename(Path(temporary) / "old")
        new.rename(target)
