"""The errors that a user can cause and mend. The command line prints them in a line or two and exits with 2."""

from __future__ import annotations

import difflib
import errno
import os
from collections.abc import Collection
from pathlib import Path


class ReproError(Exception):
    """What is wrong and what to do about it, in one or two lines."""


class DataUnavailable(ReproError):
    """The real data are not on this machine and could not be fetched; the second line says what to do."""


class DataInvalid(ReproError):
    """What the user points at, or the cache holds, is not what it should be: missing, truncated, altered."""


class DataWarning(UserWarning):
    """Data can be used, but not all of them, or not for everything: a line that the command line prints as it is."""


class RecordInvalid(ReproError):
    """A record is not valid JSON, or not of this schema."""


class RecordOutdated(ReproError):
    """A record of settings or an embedded corpus that the suite no longer has."""


def nearest(name: str, known: Collection[str]) -> str | None:
    """The known name that somebody who wrote `name` may have meant; None if none is like it."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=0.4)), None)


def suggestion(name: str, known: Collection[str]) -> str:
    """What to say of a `name` that is none of the known ones: `did you mean 'imdb'?`, or which there are."""
    near = nearest(name, known)
    return f"did you mean {near!r}?" if near else f"there are: {', '.join(known)}"


def cause(error: OSError, folder: Path | None = None) -> str:
    """What the system says: `Permission denied`; with the path, if that is elsewhere than in `folder`."""
    words = {errno.ENOSPC: "the disk is full", errno.EDQUOT: "the disk quota is used up"}
    said = words.get(error.errno or 0) or error.strerror or str(error) or type(error).__name__
    if folder is None or not isinstance(error.filename, str | os.PathLike):
        return said
    place = Path(error.filename)
    there = place.is_relative_to(folder) or folder.is_relative_to(place)
    return said if there else f"{place}: {said}"
