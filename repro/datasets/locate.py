"""Finds the files of a corpus on this machine and verifies them.

A file is looked for in the place that the user names (`--data` or REPRO_DATA), and nowhere else if there is one;
otherwise in the cache folder, then where the user's own Keras keeps it. Its checksum is verified before anybody parses
it. `obtain` fetches what is not here.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import warnings
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal

from repro.cache import cache_folder
from repro.datasets import archives
from repro.datasets.archives import Location
from repro.datasets.choice import DataChoice, named
from repro.datasets.content import HEAD, WEB_PAGE, is_zip, look
from repro.errors import DataInvalid, DataWarning, cause

if TYPE_CHECKING:
    from repro.datasets.dataset import Edition, Kind

Where = Literal["folder", "cache", "keras"]
"""A folder or a file that the user names; the cache folder; the folder of the user's own Keras."""


@dataclass(frozen=True)
class Version:
    """One known content of a file."""

    edition: Edition
    size: int
    """Bytes."""
    checksum: str
    """`sha256:<hex>`, or `md5:<hex>` where the publisher gives nothing better."""
    kind: Kind = "real"
    """`sample` for a known part of the set, whose edition is `excerpt`."""


@dataclass(frozen=True)
class DataFile:
    """A file of a corpus, and every content of it that is accepted."""

    path: str
    """Under a data folder and under the cache folder alike, beginning with the corpus: `imdb/imdb.npz`."""
    url: str
    """Of the file; for a file of a Kaggle competition, of the page where a user who is logged in can download it. Empty
    if nobody publishes it."""
    original: Version
    """What `url` gives."""
    rebuilt: tuple[Version, ...] = ()
    """Rebuilt copies and known parts, accepted only where the user names them."""
    parsed: bool = False
    """The file is text, never unpickled, so it can do no harm: where the user names it, contents that are not known are
    accepted too. It may lie in a zip file (`archives.in_folder`)."""
    needed: bool = True
    """Whether the corpus cannot do without it."""
    competition: str | None = None
    """The Kaggle competition, as its page's address ends, that the file is fetched from with the user's login."""
    corpus_files: tuple[str, ...] = ()
    """What the files of its corpus are called. Where the user names one of them, the others lie beside it."""
    in_keras: bool = False
    """Keras fetches it too, into its own folder."""

    @property
    def corpus(self) -> str:
        return PurePosixPath(self.path).parts[0]

    @property
    def name(self) -> str:
        return PurePosixPath(self.path).name

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.path).suffix


@dataclass(frozen=True, kw_only=True)
class LocatedFile(Location):
    """A file that was found and hashed."""

    sha256: str
    """Of the content: in a zip file, of the member, unpacked."""
    edition: Edition
    """`unverified` if the content is not a known one."""
    where: Where
    kind: Kind | None = "real"
    """None if the content is not a known one."""

    def read(self) -> bytes:
        """The content that was hashed; DataInvalid if it is not there any more."""
        try:
            content = super().read()
        except OSError as error:
            raise DataInvalid(f"{self.name} cannot be read: {cause(error)}.") from error
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise DataInvalid(f"{self.name} was changed while it was in use. Start again.")
        return content


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
        content = location.read()
    except OSError as error:
        raise DataInvalid(f"{name} cannot be read: {cause(error)}.") from error

    return _accepted(file, location, content, where)


def _accepted(file: DataFile, location: Location, content: bytes, where: Where) -> LocatedFile:
    """The file, if this content of it is accepted; DataInvalid says what is wrong with it and what to do."""
    versions = (file.original, *file.rebuilt)
    algorithms = {"sha256"} | {version.checksum.partition(":")[0] for version in versions}
    digests = {algorithm: hashlib.new(algorithm, content).hexdigest() for algorithm in algorithms}
    accepted = partial(LocatedFile, location.path, location.members, sha256=digests["sha256"], where=where)

    for version in versions:
        algorithm, _, expected = version.checksum.partition(":")
        if digests[algorithm] != expected:
            continue
        if version is not file.original and where != "folder":
            what = "a rebuilt copy" if version.edition == "rebuilt" else "a part of the file"
            raise DataInvalid(f"{location.name} is {what}, which is taken only if --data or REPRO_DATA names it.")
        return accepted(edition=version.edition, kind=version.kind)

    if (fault := _another_content(file, content, where)) is not None:
        raise DataInvalid(f"{location.name} is {fault}")
    truncated = len(content) < file.original.size and len(content) not in [version.size for version in versions]
    ends_a_line = content.endswith((b"\n", b"\r"))
    if file.parsed and where == "folder" and (ends_a_line or not truncated):
        return accepted(edition="unverified", kind=None)

    algorithm, _, expected = file.original.checksum.partition(":")
    fault, remedy = "altered", _remedy(file, where)
    if truncated:
        within_a_line = file.parsed and not ends_a_line
        clause = ", the last line without its end" * within_a_line
        fault = f"truncated ({len(content):,} of {file.original.size:,} bytes{clause})"
        remedy += " If it is whole, end its last line." * (within_a_line and where == "folder")
    raise DataInvalid(
        f"{location.name} is {fault}: {algorithm} {digests[algorithm][:12]}…, expected {expected[:12]}…. {remedy}"
    )


def _another_content(file: DataFile, content: bytes, where: Where) -> str | None:
    """What a content is that is none of the file's, by its first bytes, and what to do; None if nothing is seen."""
    other = look(content[:HEAD], file.suffix)
    if other is None:
        return None
    if where == "folder" and file.parsed and other.remedy:
        return f"{other.what}. {other.remedy}"
    remedy = _remedy(file, where)
    if where == "folder" and other == WEB_PAGE and file.competition is not None:
        remedy = f"Log in at {file.url} and download it again."
    return f"{other.what}{', not the file' * (other.what != 'empty')}. {remedy}"


def _remedy(file: DataFile, where: Where) -> str:
    match where:
        case "cache":
            return f"Delete it; `repro data get {file.corpus}` fetches it again."
        case "keras":
            return "Keras fetches it again if it is deleted."
    return f"Replace it with the file from {file.url}." if file.url else "Make it again, or delete it."


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
