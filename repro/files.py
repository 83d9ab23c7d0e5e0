"""Files that are either there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from repro.errors import ReproError

ROOM = 100 * 2**20
"""Bytes that must be free before a command starts to write results."""


def write_atomically(path: Path, content: bytes) -> None:
    """Write `content` to a temporary file beside `path`, have it reach the disk, and rename it.

    Raises ReproError if the folder cannot be written or the disk is full; `path` is then as it was.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise ReproError(f"cannot write {path}: {error.strerror or error}") from error


def check_writable(folder: Path) -> None:
    """Raises ReproError if files cannot be made in `folder`, or its disk has less than `ROOM` bytes free."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise ReproError(
            f"cannot write to {folder}: {error.strerror or error}; name another folder with --results"
        ) from error
    if free < ROOM:
        raise ReproError(f"{folder}: {free // 2**20} MiB free, {ROOM // 2**20} needed; name another folder: --results")
