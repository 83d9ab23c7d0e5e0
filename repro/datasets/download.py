"""Fetches data files that are not on this machine into the user's cache folder: whole, once, and verified."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from repro.cache import cache_folder
from repro.datasets.choice import DataChoice, named
from repro.datasets.files import DataFile, Found, in_cache, is_in_cache, kept, locate, optional
from repro.errors import DataUnavailable, DataWarning, cause


def obtain(file: DataFile, choice: DataChoice | None) -> Found:
    """The verified file, from where `files.locate` finds it, else fetched into the cache folder.

    choice: as for `files.locate`. Where it names a place, nothing is fetched in place of what is missing there.

    Raises DataUnavailable and DataInvalid.
    """
    found = locate(file, choice)
    if found is None and not file.needed:
        found = kept(file)
    if found is None:
        _fetch(file)
        found = in_cache(file)
    if found is None:  # somebody deleted it meanwhile
        raise DataUnavailable(f"{file.path} is gone from {cache_folder()}.\nTry again.")
    return found


def wanted(file: DataFile, choice: DataChoice | None, otherwise: str, *, fits_any: bool = False) -> Found | None:
    """A file that a corpus can do without, from where `obtain` looks.

    otherwise: what cannot be done without it, for the DataWarning that is given with None if it cannot be had.
    fits_any: it goes with any copy of the corpus, so that the one in the cache does where a named folder has none.

    Raises DataInvalid.
    """
    found = optional(file, choice) or (kept(file) if fits_any else None)
    reason = f"{file.path} is not there; `repro data get {file.corpus}` fetches it"
    if found is None and named(choice) is None:
        try:
            return obtain(file, None)
        except DataUnavailable as error:
            reason = str(error).splitlines()[0]
    if found is None:
        warnings.warn(f"{otherwise}: {reason}", DataWarning, stacklevel=2)
    return found


def _fetch(file: DataFile) -> None:
    """Fetch the original into the cache folder; raises DataUnavailable, or DataInvalid for a wrong checksum."""
    from repro.datasets import kaggle, transfer  # they load `requests`, and most commands have nothing to fetch

    target = cache_folder() / file.path
    by_hand = f"put the file as {file.path} into a folder and name that with --data or REPRO_DATA."
    if not file.url:
        raise DataUnavailable(f"{file.path} cannot be fetched: nobody publishes it.\nMake it, and {by_hand}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _alone_in(target.parent):
            if is_in_cache(file):
                return  # another process has fetched it
            if file.competition is not None:
                kaggle.fetch(file.competition, target.name, target.parent)
            else:
                transfer.fetch(file.url, target, size=file.original.size, checksum=file.original.checksum)
    except transfer.Failed as error:
        raise DataUnavailable(f"{file.url} could not be fetched: {error}.\n{error.remedy}, or {by_hand}") from error
    except OSError as error:
        raise DataUnavailable(
            f"{file.path} cannot be kept in {target.parent}: {cause(error, target.parent)}.\n"
            f"Name another cache folder with REPRO_CACHE, or {by_hand}"
        ) from error


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Let one process at a time fetch into `folder`: two must not write one part, and the second need not fetch."""
    try:
        import fcntl
    except ImportError:  # Windows: there a second process may spoil the part, which the checksum then tells
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
