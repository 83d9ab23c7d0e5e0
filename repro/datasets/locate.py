"""Finds the files of a corpus on this machine and verifies them.

A file is looked for in the place that the user names (`--data` or REPRO_DATA), and nowhere else if there is one;
otherwise in the cache folder, then where the user's own Keras keeps it. Its checksum is verified before anybody parses
it. `obtain` fetches what is not here.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from pathlib import Path, PurePosixPath

from repro.cache import cache_folder
from repro.datasets import archives
from repro.datasets.archives import Location
from repro.datasets.choice import DataChoice, named
from repro.datasets.content import HEAD, is_zip, look
from repro.datasets.data_file import DataFile, LocatedFile, Where, accepted
from repro.errors import DataInvalid, DataWarning, cause


def find(file: DataFile, choice: DataChoice | None) -> LocatedFile | None:
    """The verified file if it is on this machine, otherwise None.

    choice: a folder with `imdb/imdb.npz`, or with `imdb.npz`; or that file itself, or another of the corpus beside it;
        or, for a text, a zip file. `real` or None: the place that REPRO_DATA names; if it names none, the cache folder
        and that of Keras.

    Raises DataInvalid if the file is there and cannot be read, or has a content that is not accepted. In the folder of
    Keras, where another project's file may lie, such a file is passed over with a DataWarning.
    """
    root = named(choice)
    return find_kept(file) if root is None else _verified(file, root, "folder")


def find_kept(file: DataFile) -> LocatedFile | None:
    """As `find` where the user names no place: the file in the cache folder, or in that of Keras."""
    if (kept := find_in_cache(file)) is not None:
        return kept
    for folder in keras_folders() if file.in_keras else []:
        try:
            if (kept := _verified(file, folder, "keras")) is not None:
                return kept
        except DataInvalid as fault:
            warnings.warn(f"passed over: {fault}", DataWarning, stacklevel=1)
    return None


def find_in_cache(file: DataFile) -> LocatedFile | None:
    """The verified file if it is in the cache folder; DataInvalid if that has another content."""
    return _verified(file, cache_folder(), "cache")


def locate(file: DataFile, choice: DataChoice | None) -> LocatedFile | None:
    """As `find`, but raises DataInvalid if the user names a place that lacks the file, and the corpus needs it.

    What the user points at is never passed over silently.
    """
    located, root = find(file, choice), named(choice)
    if located is not None or root is None or not file.needed:
        return located
    where, there = f"the data folder {root}, and so is {file.name}", "there"
    if file.competition is not None:
        where, there = f"the data folder {root} and its zip files", f"there, or the zip file as {file.corpus}/any.zip"
    if root.is_file():
        beside = any(_is_called(root, name, file) for name in file.corpus_files)
        where = f"the folder of {root}, as {file.name}" if beside else f"the zip file {root}"
        there = "there" if beside else f"into a folder as {file.path} and name that"
    raise DataInvalid(
        f"{file.path} is missing in {where}. Put the file from {file.url} {there}, "
        "or name no place (--data, REPRO_DATA) and it is fetched."
    )


def keras_folders() -> list[Path]:
    """Where the user's own Keras puts data sets, in the order in which they are looked for.

    That is `datasets` in KERAS_HOME, or in `~/.keras`; where that cannot be written, Keras takes `/tmp/.keras`.
    """
    # As keras.src.backend.config and keras.src.utils.file_utils.get_file have it.
    home = os.environ.get("KERAS_HOME", "~/.keras")
    base = Path(os.path.expanduser(home))  # noqa: PTH111 - which never raises
    spare = Path("/tmp" if Path("/tmp").is_dir() else tempfile.gettempdir(), ".keras")
    writable = bool(home) and os.access(base if base.exists() else base.parent, os.W_OK)
    return [folder / "datasets" for folder in [base] * bool(home) + [spare] * (not writable)]


def _verified(file: DataFile, root: Path, where: Where) -> LocatedFile | None:
    """What is found under `root`, if its content is accepted; None if nothing is found. Raises DataInvalid."""
    name = str(root / file.path)
    try:
        location = _location(file, root, where)
        if location is None:
            return None
        name = location.name
        return accepted(file, location, where)
    except OSError as error:
        raise DataInvalid(f"{name} cannot be read: {cause(error)}.") from error


def _location(file: DataFile, root: Path, where: Where) -> Location | None:
    """Where the file lies, whatever its content. Raises DataInvalid for zip files, and OSError."""
    if where == "keras":
        return _directly_in(root, file)
    if where == "folder" and not root.is_dir():
        return _named_by_file(file, root)
    own = root / file.corpus
    if (location := _directly_in(own, file)) is not None or where == "cache":
        return location
    # A text beside the folder of its corpus may be another corpus' of the same name; of others, checksums tell.
    return None if file.parsed and own.is_dir() else _directly_in(root, file)


def _directly_in(folder: Path, file: DataFile) -> Location | None:
    if file.parsed:
        return archives.in_folder(folder, file.path)
    return Location(folder / file.name) if (folder / file.name).exists() else None


def _named_by_file(file: DataFile, root: Path) -> Location | None:
    """Where the file lies if the user names a file, `root`; DataInvalid if that is no file of its corpus."""
    if _is_called(root, file.name, file):
        return archives.in_file(root, file.path) if file.parsed else Location(root)
    if any(_is_called(root, name, file) for name in file.corpus_files):
        if file.parsed:
            return archives.in_folder(root.parent, file.path, any_zip=False)
        return _directly_in(root.parent, file)
    with root.open("rb") as stream:
        head = stream.read(HEAD)
    if is_zip(head) or root.suffix == ".zip":
        return archives.in_zip(root, file.path) if file.parsed else None
    if (content := look(head, root.suffix)) is not None:
        raise DataInvalid(f"{root} is {content.what}. {content.remedy or 'Download it again.'}")
    files = ", ".join(file.corpus_files or [file.name])
    zipped = ", or a zip file with them" * file.parsed
    raise DataInvalid(f"{root} is no file of {file.corpus}: those are {files}{zipped}. Name one of them, or a folder.")


def _is_called(root: Path, name: str, file: DataFile) -> bool:
    """Whether a file that the user names is the one of its corpus that is called `name`.

    For texts, whose content says little, the name decides; where checksums tell, the ending.
    """
    if file.parsed:
        return root.name in (name, f"{name}.zip")
    return root.name == name or (root.suffix == PurePosixPath(name).suffix != ".zip")
