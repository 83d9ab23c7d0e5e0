"""The folder in which what is fetched and prepared is kept."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path

from repro.errors import ReproError


def cache_folder() -> Path:
    """`REPRO_CACHE`, else the operating system's place for what a user's programs keep.

    Raises ReproError if the variable begins with the home folder, `~name`, of nobody.
    """
    if named := os.environ.get("REPRO_CACHE"):
        try:
            return Path(named).expanduser()
        except RuntimeError as error:
            raise ReproError(f"REPRO_CACHE is {named!r}, but there is no such home folder.") from error
    return user_cache_path("lstm-walkthroughs")
