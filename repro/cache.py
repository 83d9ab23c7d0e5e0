"""Decides where the suite keeps what it fetches and makes, besides results. What is lost there is made anew."""

from __future__ import annotations

import contextlib
import getpass
import os
import stat
import tempfile
import warnings
from pathlib import Path

from platformdirs import user_cache_path

from repro.errors import DataWarning, ReproError, cause
from repro.files import not_writable

NAME = "lstm-walkthroughs"


def cache_folder() -> Path:
    """The folder that REPRO_CACHE names; otherwise the user's cache folder; without a writable home a temporary one.

    Containers often have no home that can be written. The folder may be read-only, and may not be there yet.

    Raises ReproError as `temporary_folder`, and if REPRO_CACHE begins with `~name` and nobody has that name.
    """
    if named := os.environ.get("REPRO_CACHE"):
        try:
            return Path(named).expanduser()
        except RuntimeError as error:
            raise ReproError(f"REPRO_CACHE is {named!r}, but there is no such home folder.") from error
    try:
        folder = user_cache_path(NAME)
    except RuntimeError:  # nobody knows the user's home
        return temporary_folder()
    return folder if _can_be_had(folder) else temporary_folder()


def kept_folders(name: str) -> list[Path]:
    """Where something may have been kept in `writable_folder(name)`. Makes none of these folders."""
    folders = [cache_folder() / name]
    with contextlib.suppress(OSError):  # there is no folder for temporary files, or nothing of ours in it
        if _is_private(folder := _temporary()):
            folders.append(folder / name)
    return folders


def writable_folder(name: str) -> Path:
    """The folder `name` in the cache folder, or in the temporary folder if the cache cannot be written; it exists.

    A DataWarning says if REPRO_CACHE names a folder that cannot be written. Raises ReproError if neither can be.
    """
    folder = cache_folder() / name
    if (fault := not_writable(folder)) is None:
        return folder
    instead = temporary_folder() / name
    if os.environ.get("REPRO_CACHE"):
        what = f"nothing can be written to {folder.parent}, which REPRO_CACHE names ({fault})"
        warnings.warn(f"{what}; using {instead.parent} instead", DataWarning, stacklevel=1)  # from here: shown once
    if (other := not_writable(instead)) is not None:
        raise ReproError(
            f"nothing can be written to {folder} ({fault}) or {instead} ({other}); name another folder with REPRO_CACHE"
        )
    return instead


def temporary_folder() -> Path:
    """A folder in the system's folder for temporary files, one for each user, which nobody else may enter.

    Raises ReproError if it cannot be made, or if others may enter it: they might have put anything into it.
    """
    remedy = "name another folder with REPRO_CACHE or TMPDIR"
    try:
        folder = _temporary()
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        private = _is_private(folder)
    except OSError as error:  # also: there is no folder for temporary files
        raise ReproError(f"no folder can be written, not even a temporary one: {cause(error)}; {remedy}") from error
    if not private:
        raise ReproError(f"{folder} is not a folder that you alone may enter; delete it, or {remedy}")
    return folder


def home_is_writable() -> bool:
    """Whether the user has a home and may write to it, as Keras and Matplotlib do to keep their settings."""
    try:
        return os.access(Path.home(), os.W_OK)
    except RuntimeError:  # nobody knows where it is
        return False


def settle_matplotlib() -> None:
    """Tell Matplotlib, before it is loaded, where it can keep its settings and fonts. Keras loads Matplotlib too."""
    if not home_is_writable():
        os.environ.setdefault("MPLCONFIGDIR", str(writable_folder("matplotlib")))


def _temporary() -> Path:
    return Path(tempfile.gettempdir()) / f"{NAME}-{os.getuid() if hasattr(os, 'getuid') else getpass.getuser()}"


def _is_private(folder: Path) -> bool:
    """Whether it is a folder, not a link to one, that the user alone may enter. Raises OSError if it is missing."""
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode):
        return False
    return not hasattr(os, "getuid") or (status.st_uid == os.getuid() and not stat.S_IMODE(status.st_mode) & 0o077)


def _can_be_had(folder: Path) -> bool:
    """Whether `folder` is there or can be made."""
    if not folder.is_absolute():  # older platformdirs: a home that nobody knows is `~`, in the current folder
        return False
    try:
        there = next(each for each in (folder, *folder.parents) if each.exists())
        return there.is_dir() and (there == folder or os.access(there, os.W_OK | os.X_OK))
    except OSError:  # it may not even be looked at
        return False
