"""An error names its own cause, and the name that somebody may have meant."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from repro.errors import cause, nearest, suggestion


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "the disk quota is used up"),
        (PermissionError(errno.EACCES, "Permission denied", "/data"), "Permission denied"),
        (PermissionError(errno.EACCES, "Permission denied", "/data/folder/file"), "Permission denied"),
        (PermissionError(errno.EACCES, "Permission denied", "/tmp/x"), "/tmp/x: Permission denied"),
        (OSError(errno.EBADF, "Bad file descriptor", 7), "Bad file descriptor"),
        (OSError("Invalid data stream"), "Invalid data stream"),
        (OSError(), "OSError"),
    ],
)
def test_a_cause_is_what_the_system_says_and_where_if_that_is_elsewhere(error: OSError, says: str) -> None:
    assert cause(error, Path("/data/folder")) == says


def test_a_name_that_is_nearly_right_is_suggested() -> None:
    assert nearest("imbd", ["jigsaw", "imdb"]) == "imdb"
    assert suggestion("imbd", ["jigsaw", "imdb"]) == "did you mean 'imdb'?"
    assert nearest("zzz", ["jigsaw", "imdb"]) is None
    assert suggestion("zzz", ["jigsaw", "imdb"]) == "there are: jigsaw, imdb"
