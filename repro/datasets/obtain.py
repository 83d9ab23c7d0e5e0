"""Fetches data files that are not on this machine into the user's cache folder: whole, once, and verified."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from repro.cache import cache_folder
from repro.datasets.choice import DataChoice, named
from repro.datasets.data_file import DataFile, LocatedFile
from repro.datasets.locate import find, find_in_cache, find_kept, locate
from repro.errors import DataUnavailable, DataWarning, cause


def obtain(file: DataFile, choice: DataChoice | None) -> LocatedFile:
    """The verified file, from where `locate` finds it, otherwise fetched into the cache folder.

    choice: as for `locate`. If it names a place that lacks a needed file, nothing is fetched instead.

    Raises DataUnavailable and DataInvalid.
    """
    return locate(file, choice) or (None if file.needed else find_kept(file)) or _fetched(file)


def obtain_if_possible(
    file: DataFile, choice: DataChoice | None, loss: str, *, fits_any: bool = False
) -> LocatedFile | None:
    """A file that a corpus can do without, from where `obtain` looks; None, with a DataWarning, if it cannot be had.

    loss: what cannot be done without the file, for the warning.
    fits_any: it goes with any copy of the corpus: where a named folder has none, the one in the cache will do.

    Raises DataInvalid.
    """
    if (located := find(file, choice) or (find_kept(file) if fits_any else None)) is not None:
        return located
    reason = f"{file.path} is not there; `repro data get {file.corpus}` fetches it"
    if named(choice) is None:
        try:
            return obtain(file, None)
        except DataUnavailable as error:
            reason = str(error).splitlines()[0]
    warnings.warn(f"{loss}: {reason}", DataWarning, stacklevel=2)
    return None


def _fetched(file: DataFile) -> LocatedFile:
    """The original, fetched into the cache folder. Raises DataUnavailable, or DataInvalid for a wrong checksum."""
    from repro.datasets import (
        connection,
        kaggle,
        transfer,
    )  # they load `requests`, and most commands have nothing to fetch

    target = cache_folder() / file.path
    by_hand = f"put the file as {file.path} into a folder and name that with --data or REPRO_DATA."
    if not file.url:
        raise DataUnavailable(f"{file.path} cannot be fetched: nobody publishes it.\nMake it, and {by_hand}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _alone_in(target.parent):
            if (located := find_in_cache(file)) is not None:
                return located  # another process has fetched it
            if file.competition is not None:
                kaggle.fetch(file.competition, target.name, target.parent)
            else:
                transfer.fetch(file.url, target, size=file.original.size, checksum=file.original.checksum)
    except connection.TransferFailed as error:
        raise DataUnavailable(f"{file.url} could not be fetched: {error}.\n{error.remedy}, or {by_hand}") from error
    except OSError as error:
        raise DataUnavailable(
            f"{file.path} cannot be kept in {target.parent}: {cause(error, target.parent)}.\n"
            f"Name another cache folder with REPRO_CACHE, or {by_hand}"
        ) from error
    if (located := find_in_cache(file)) is None:
        raise DataUnavailable(f"{file.path} was deleted from {cache_folder()} while it was fetched.\nTry again.")
    return located


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Let one process at a time fetch into `folder`: two must not write one part, and the second need not fetch."""
    try:
        import fcntl
    except ImportError:  # Windows: a second process may spoil the part, and its checksum will show that
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
