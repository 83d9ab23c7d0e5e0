"""The folder in which what is fetched and prepared is kept."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path


def cache_folder() -> Path:
    """`REPRO_CACHE`, else the operating system's place for what a user's programs keep."""
    if named := os.environ.get("REPRO_CACHE"):
        return Path(named)
    return user_cache_path("lstm-walkthroughs")
