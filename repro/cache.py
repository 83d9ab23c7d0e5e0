"""Where the suite keeps what it fetches and makes, besides results: the one place that decides it.

Nothing here is needed again: what is missing is fetched or made anew.
"""

from __future__ import annotations

import getpass
import os
import stat
import tempfile
import warnings
from pathlib import Path

from platformdirs import user_cache_path

from repro.errors import DataWarning, ReproError, cause

NAME = "lstm-walkthroughs"


def cache_folder() -> Path:
    """`REPRO_CACHE`, else the operating system's place for what a user's programs keep, else a temporary folder.

    The last is for users without a home that they can write to, as in many a container. The folder may be there and
    read-only, or not be there yet. Raises ReproError as `temporary_folder`, and if the variable begins with the home
    folder, `~name`, of nobody.
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


def writable_folder(name: str) -> Path:
    """The folder `name` in the cache folder, or in the temporary one if nothing can be written there; it exists.

    Raises ReproError if neither can be written.
    """
    folder = cache_folder() / name
    if (fault := not_writable(folder)) is None:
        return folder
    instead = temporary_folder() / name
    if os.environ.get("REPRO_CACHE"):
        what = f"nothing can be written to {folder}, in the folder that REPRO_CACHE names ({fault})"
        warnings.warn(f"{what}; using {instead} instead", DataWarning, stacklevel=2)
    if (other := not_writable(instead)) is not None:
        raise ReproError(
            f"nothing can be written to {folder} ({fault}) or {instead} ({other}); name another folder with REPRO_CACHE"
        )
    return instead


def temporary_folder() -> Path:
    """A folder in the system's one for temporary files, the same for all processes of a user; nobody else may enter it.

    Raises ReproError if it is somebody else's, who might have put anything into it, or cannot be made.
    """
    remedy = "name another folder with REPRO_CACHE or TMPDIR"
    try:
        folder = Path(tempfile.gettempdir()) / f"{NAME}-{os.getuid() if hasattr(os, 'getuid') else getpass.getuser()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError as error:  # also: there is no folder for temporary files
        raise ReproError(f"no folder can be written, not even a temporary one: {cause(error)}; {remedy}") from error
    others = hasattr(os, "getuid") and (found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077)
    if others or not stat.S_ISDIR(found.st_mode):
        raise ReproError(f"{folder} is not a folder that you alone may enter; delete it, or {remedy}")
    return folder


def not_writable(folder: Path) -> str | None:
    """Why files cannot be made in `folder`, which is made if it is not there; None if they can."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as error:
        return cause(error)


def home_is_writable() -> bool:
    """Whether the user has a home and may write to it, as Keras and Matplotlib do to keep their settings."""
    try:
        return os.access(Path.home(), os.W_OK)
    except RuntimeError:  # nobody knows where it is
        return False


def settle_matplotlib() -> None:
    """Have Matplotlib, which Keras loads too, keep its settings and its list of fonts where it can. Before it loads."""
    if not home_is_writable():
        os.environ.setdefault("MPLCONFIGDIR", str(writable_folder("matplotlib")))


def _can_be_had(folder: Path) -> bool:
    """Whether `folder` is there or can be made."""
    if not folder.is_absolute():  # older platformdirs: a home that nobody knows is `~`, in whatever folder this is
        return False
    try:
        there = next(each for each in (folder, *folder.parents) if each.exists())
        return there.is_dir() and (there == folder or os.access(there, os.W_OK | os.X_OK))
    except OSError:  # not even to be looked at
        return False
