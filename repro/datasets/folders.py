"""The folders in which the user's own Keras keeps what it fetches."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


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
