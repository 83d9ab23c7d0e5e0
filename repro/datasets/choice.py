"""Decides what data a user names: a word, a folder or a file. Text and paths mean the same, everywhere."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, get_args

from repro.errors import DataInvalid, cause, nearest

Word = Literal["real", "embedded"]
WORDS: tuple[Word, ...] = get_args(Word)

DataChoice = str | os.PathLike[str]
"""`real`, the real data wherever they are found; `embedded`, the corpus that the package generates; or the path of a
folder, or of a file, with the real data. `decide` tells which."""

_CHOICES = f"{', '.join(WORDS)}, or the path of a folder or a file that exists"


def decide(choice: DataChoice) -> Word | Path:
    """The word, or the absolute path of a folder or a file that exists; `~` is the user's home folder.

    A word wins over a folder of the same name in the current folder: `"./real"` names the folder. As a `Path`, which
    drops the `./`, the same folder must be named in another way, such as `Path("real").absolute()`.

    Raises DataInvalid, with the nearest name, for what is neither a word nor there; TypeError for what is no path.
    """
    text = os.fspath(choice) if isinstance(choice, str | os.PathLike) else None
    if not isinstance(text, str):
        raise TypeError(f"data are {_CHOICES}, not {type(choice).__name__}")
    path = Path(text)
    try:
        for word in WORDS:
            if text == word:
                if not isinstance(choice, str) and path.exists():
                    raise DataInvalid(
                        f"{choice!r} may mean the word {word} or the folder {path.absolute()}. "
                        f"Name the word as text, the folder by its absolute path."
                    )
                return word
        path = path.expanduser().absolute()
        exists = text != "" and path.exists()
        if exists and not (path.is_dir() or path.is_file()):
            raise DataInvalid(f"data {text!r}: {path} is neither a folder nor a file.")
    except OSError as error:
        raise DataInvalid(f"data {text!r}: {path} cannot be read: {cause(error)}.") from error
    except RuntimeError:  # `~name`, where nobody has that name
        exists = False
    if not exists:
        near = nearest(text, WORDS) or (_neighbour(path) if text else None)
        hint = f": did you mean {near!r}?" if near else "."
        raise DataInvalid(f"no data {text!r}{hint} Data are {_CHOICES}.")
    return path


def named(choice: DataChoice | None) -> Path | None:
    """The folder or the file with the real data that the user names with `choice`, otherwise with REPRO_DATA.

    None if neither names one: for `real`, for None, and where the variable is empty. Raises as `decide`, and
    DataInvalid for `embedded`, which is no folder.
    """
    if choice is not None and (place := decide(choice)) != "real":
        return _path(place)
    if variable := os.environ.get("REPRO_DATA"):
        try:
            return None if (place := decide(variable)) == "real" else _path(place)
        except DataInvalid as error:
            raise DataInvalid(f"REPRO_DATA: {error}") from error
    return None


def _path(place: Word | Path) -> Path:
    if not isinstance(place, Path):
        raise DataInvalid(f"the {place} corpus has no files. Name a folder or a file with the real data.")
    return place


def _neighbour(path: Path) -> str | None:
    """What is there and has nearly the name of `path`, as an absolute path."""
    try:
        names = [entry.name for entry in path.parent.iterdir() if not entry.name.startswith(".")]
    except OSError:
        return None  # then nothing is there
    near = nearest(path.name, names)
    return str(path.with_name(near)) if near else None
