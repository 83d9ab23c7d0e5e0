"""Writes files that are there whole or not at all; tells whether a folder can be written, and if this is a checkout."""

from __future__ import annotations

import contextlib
import csv
import errno
import io
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from repro.errors import ReproError, cause

ROOM = 100 * 2**20
"""Bytes that must be free before a command starts to write results."""


def checkout() -> Path | None:
    """The repository, if the package is used where it lies there; None if it was installed elsewhere."""
    above = Path(__file__).parents[1]
    return above if (above / "pyproject.toml").is_file() else None


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a path beside `path` to write to; at the end that file reaches the disk and takes the place of `path`.

    Raises ReproError if the folder cannot be written or the disk is full; `path` is then as it was.
    """
    temporary = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise ReproError(f"cannot write {path}: {cause(error, path.parent)}") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def write_atomically(path: Path, content: bytes) -> None:
    """Write `content` to `path`, all of it or nothing. Raises ReproError as `replacing`."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """Rows, the header among them, as a csv file has them: quoted where needed, a line feed after each."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def write_if_new(path: Path, content: bytes) -> None:
    """`write_atomically`, unless `path` has this content: to read it takes far less time than to wait for the disk."""
    with contextlib.suppress(OSError):
        if path.read_bytes() == content:
            return
    write_atomically(path, content)


def not_writable(folder: Path) -> str | None:
    """Why files cannot be made in `folder`, which is made if it is missing; None if they can."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as error:
        return cause(error, folder)


def check_writable(folder: Path) -> None:
    """Raises ReproError if files cannot be made in `folder`, or its disk has less than `ROOM` bytes free."""
    if fault := not_writable(folder):
        raise ReproError(f"cannot write to {folder}: {fault}; name another folder with --results")
    if fault := _too_full(folder):
        raise ReproError(f"{folder}: {fault}; name another folder: --results")


def _too_full(folder: Path) -> str | None:
    """What is free on its disk and what is needed, if that is more."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError:  # unknown; if the disk is full, writing will say so
        return None
    return f"{free // 2**20} MiB free, {ROOM // 2**20} needed" if free < ROOM else None


def check_new_folder(folder: Path) -> None:
    """Raises ReproError if `folder` is in use or cannot be made, or its disk is too full; makes and leaves nothing."""
    try:
        if folder.is_dir():
            if next(folder.iterdir(), None) is not None:
                raise ReproError(f"{folder} is not empty; name a new folder, or an empty one")
        elif folder.is_symlink() or folder.exists():
            raise ReproError(f"{folder} is no folder; name a new one, or an empty one")
        above = next(parent for parent in folder.absolute().parents if parent.exists())
        fault = not_writable(above) or _too_full(above)
    except OSError as error:
        fault = cause(error, folder)
    if fault:
        raise ReproError(f"cannot write to {folder}: {fault}; name another folder")


@contextlib.contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Give a folder beside `folder` to write to; at the end it takes its place, or fills it if it is there and empty.

    Raises ReproError if it cannot be written or the disk is full; nothing is then left of it.
    """
    place = folder.resolve()  # beside what a link points to
    temporary = place.with_name(f".{os.getpid()}.{place.name}")
    try:
        temporary.mkdir(parents=True)
        yield temporary
        if place.is_dir():  # somebody may be in there
            if any(place.iterdir()):
                raise OSError(errno.ENOTEMPTY, "it is no longer empty")
            for path in sorted(temporary.iterdir()):
                path.rename(place / path.name)
        else:
            temporary.rename(place)
    except OSError as error:
        raise ReproError(f"cannot write {folder}: {cause(error, place.parent)}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
