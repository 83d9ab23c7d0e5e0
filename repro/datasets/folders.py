"""The folders of the user: where what is fetched and prepared is kept, and where Keras keeps what it fetches."""

from __future__ import annotations

import os
import tempfile
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


def keras_folders() -> list[Path]:
    """Where the user's own Keras puts data sets, in the order in which they are looked for.

    That is `datasets` in KERAS_HOME, or in `~/.keras`; where that cannot be written, Keras takes `/tmp/.keras`.
    """
    # As keras.src.backend.config and keras.src.utils.file_utils.get_file have it.
    named = os.environ.get("KERAS_HOME", "~/.keras")
    base = Path(os.path.expanduser(named))  # noqa: PTH111 - which never raises
    spare = Path("/tmp" if Path("/tmp").is_dir() else tempfile.gettempdir(), ".keras")
    writable = bool(named) and os.access(base if base.exists() else base.parent, os.W_OK)
    return [folder / "datasets" for folder in [base] * bool(named) + [spare] * (not writable)]
