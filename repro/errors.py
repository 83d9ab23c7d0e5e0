"""The errors that a user can cause and mend. The command line prints them in a line or two and exits with 2."""

from __future__ import annotations

import difflib
import errno
import os
from collections.abc import Collection
from pathlib import Path


class ReproError(Exception):
    """Says what is wrong and what to do about it, in one or two lines."""


class DataUnavailable(ReproError):
    """The real data are not on this machine and could not be fetched. The second line says what to do."""


class DataInvalid(ReproError):
    """Data that the user names, or that the cache holds, are missing, truncated, altered or malformed."""


class DataWarning(UserWarning):
    """Data can be used, but not all of them or not for everything. The command line prints the line as it is."""


class RecordInvalid(ReproError):
    """A record is not valid JSON, or not of this schema."""


class RecordOutdated(ReproError):
    """A record has settings, or an embedded corpus, that the suite no longer has."""


def nearest(name: str, known: Collection[str]) -> str | None:
    """The known name that is most like `name`; None if none is like it."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=0.4)), None)


def suggestion(name: str, known: Collection[str]) -> str:
    """What to add to an error about an unknown `name`: `did you mean 'imdb'?`, or the names that there are."""
    near = nearest(name, known)
    return f"did you mean {near!r}?" if near else f"there are: {', '.join(known)}"


def cause(error: OSError, folder: Path | None = None) -> str:
    """The system's reason, such as `Permission denied`; preceded by the path if that lies elsewhere than `folder`."""
    words = {errno.ENOSPC: "the disk is full", errno.EDQUOT: "the disk quota is used up"}
    reason = words.get(error.errno or 0) or error.strerror or str(error) or type(error).__name__
    if folder is None or not isinstance(error.filename, str | os.PathLike):
        return reason
    path = Path(error.filename)
    nearby = path.is_relative_to(folder) or folder.is_relative_to(path)
    return reason if nearby else f"{path}: {reason}"
