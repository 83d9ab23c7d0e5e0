"""Finds and verifies data files.

A file is looked for in the folder that the user names (`--data`, or `REPRO_DATA`), or beside the file; else in the
user's cache folder (`REPRO_CACHE` moves it), else where the user's own Keras puts it. Whatever is found is hashed
before anybody parses it. A file that is only parsed may also lie in a zip file, and may have a content that is not
known; `Found` says so. `download` fetches what is not here.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal

from repro.cache import cache_folder
from repro.datasets import archives
from repro.datasets.archives import Place
from repro.datasets.choice import DataChoice, named
from repro.datasets.content import HEAD, WEB_PAGE, Content, look
from repro.datasets.folders import keras_folders
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
    """The file is text that is parsed, never unpickled, so it can do no harm: contents that are not known are accepted
    too, where the user names them. It may lie in a zip file (`archives.in_folder`)."""
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


@dataclass(frozen=True)
class Found:
    """A file, or a member of a zip file, that was hashed."""

    path: Path
    """The file, or the zip file."""
    sha256: str
    """Of the content: in a zip file, of the member, unpacked."""
    edition: Edition
    """`unverified` if the content is not a known one."""
    where: Where
    kind: Kind | None = "real"
    """None if the content is not a known one."""
    members: tuple[str, ...] = ()
    """What to open in the zip file, from the outside in."""

    @property
    def name(self) -> str:
        """What messages call it: a path, or `jigsaw/all.zip: train.csv`."""
        return self._place.name

    def read(self) -> bytes:
        """The content that was hashed; DataInvalid if it is not there any more."""
        try:
            content = self._place.read()
        except OSError as error:
            raise DataInvalid(f"{self.name} cannot be read: {cause(error)}.") from error
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise DataInvalid(f"{self.name} was changed while it was in use. Start again.")
        return content

    @property
    def _place(self) -> Place:
        return Place(self.path, self.members)


def locate(file: DataFile, choice: DataChoice | None) -> Found | None:
    """The verified file if it is on this machine; None if it is not, and the user names no place.

    choice: a folder with `imdb/imdb.npz`, or with `imdb.npz`; or that file itself, or another of the corpus beside it;
        or, for a file that is only parsed, a zip file. `real` or None: the place that `REPRO_DATA` names, else the
        cache folder and that of Keras.

    Raises DataInvalid if it is there with a content that is not accepted, or cannot be read, or if a place is named and
    lacks it, and it is needed: what the user points at is never passed over silently. An unknown content in the folder
    of Keras, where another project's file may lie, is passed over with a DataWarning.
    """
    found = optional(file, choice)
    root = named(choice)
    if found is None and root is not None and file.needed:
        raise _missing(file, root)
    return found


def optional(file: DataFile, choice: DataChoice | None) -> Found | None:
    """As `locate`, but None also if a place is named and lacks the file, for files that a corpus can do without."""
    root = named(choice)
    return kept(file) if root is None else _verified(file, root, "folder")


def kept(file: DataFile) -> Found | None:
    """As `locate`, of what the user does not name: in the cache folder, or in that of Keras."""
    return in_cache(file) or _in_keras(file)


def in_cache(file: DataFile) -> Found | None:
    """The verified file if it is in the cache folder; DataInvalid if that has another content."""
    return _verified(file, cache_folder(), "cache")


def is_in_cache(file: DataFile) -> bool:
    """Whether the cache folder has such a file, whatever its content."""
    return _place(file, cache_folder(), "cache") is not None


def _in_keras(file: DataFile) -> Found | None:
    for folder in keras_folders() if file.in_keras else []:
        try:
            if (found := _verified(file, folder, "keras")) is not None:
                return found
        except DataInvalid as fault:
            warnings.warn(f"passed over: {fault}", DataWarning, stacklevel=1)
    return None


def _missing(file: DataFile, root: Path) -> DataInvalid:
    """The error for a place that the user names and that lacks a file."""
    where, there = f"the data folder {root}, and so is {file.name}", "there"
    if file.competition is not None:
        where, there = f"the data folder {root} and its zip files", f"there, or the zip file as {file.corpus}/any.zip"
    if root.is_file():
        beside = any(_is_called(root, name, file) for name in file.corpus_files)
        where = f"the folder of {root}, as {file.name}" if beside else f"the zip file {root}"
        there = "there" if beside else f"into a folder as {file.path} and name that"
    return DataInvalid(
        f"{file.path} is missing in {where}. Put the file from {file.url} {there}, "
        "or name no place (--data, REPRO_DATA) and it is fetched."
    )


def _place(file: DataFile, root: Path, where: Where) -> Place | None:
    """Where the file lies, whatever its content. Raises DataInvalid for zip files, and OSError."""
    match where:
        case "cache":
            return _directly_in(root / file.corpus, file)
        case "keras":
            return _directly_in(root, file)
    if not root.is_dir():
        return _named_by_file(file, root)
    own = root / file.corpus
    # A text that lies beside its corpus' folder may be another corpus' of the same name; a checksum would tell.
    beside = None if file.parsed and own.is_dir() else root
    return _directly_in(own, file) or (_directly_in(beside, file) if beside else None)


def _directly_in(folder: Path, file: DataFile) -> Place | None:
    if file.parsed:
        return archives.in_folder(folder, file.path)
    return Place(folder / file.name) if (folder / file.name).exists() else None


def _named_by_file(file: DataFile, root: Path) -> Place | None:
    """Where it lies if the user names a file in place of a folder; DataInvalid if that is no file of its corpus."""
    if _is_called(root, file.name, file):
        return archives.in_file(root, file.path) if file.parsed else Place(root)
    if any(_is_called(root, name, file) for name in file.corpus_files):
        if file.parsed:
            return archives.in_folder(root.parent, file.path, any_zip=False)
        return _directly_in(root.parent, file)
    with root.open("rb") as stream:
        head = stream.read(HEAD)
    if archives.is_zip(head) or root.suffix == ".zip":
        if not file.parsed:
            return None
        if (place := archives.in_zip(root, file.path)) is None:
            archives.check_kind(root, file.path)
        return place
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


@dataclass(frozen=True)
class _Read:
    """What was seen of a content while it was hashed."""

    size: int
    """Bytes."""
    digests: dict[str, str]
    """Hexadecimal, by algorithm."""
    head: bytes
    """The first `HEAD` bytes, or all."""
    ends_a_line: bool

    def fits(self, version: Version) -> bool:
        algorithm, _, expected = version.checksum.partition(":")
        return self.digests[algorithm] == expected


def _read(place: Place, versions: Sequence[Version]) -> _Read:
    """Raises as `Place.chunks`."""
    algorithms = {"sha256", *(version.checksum.partition(":")[0] for version in versions)}
    digests = {algorithm: hashlib.new(algorithm) for algorithm in algorithms}
    size, head, last = 0, b"", b""
    for chunk in place.chunks():
        for digest in digests.values():
            digest.update(chunk)
        size += len(chunk)
        head = head or chunk[:HEAD]
        last = chunk
    hexadecimal = {algorithm: digest.hexdigest() for algorithm, digest in digests.items()}
    return _Read(size, hexadecimal, head, last.endswith((b"\n", b"\r")))


def _verified(file: DataFile, root: Path, where: Where) -> Found | None:
    """What is found under `root`, if its content is accepted; None if nothing is; DataInvalid else."""
    versions = (file.original, *file.rebuilt)
    name = str(root / file.path)
    try:
        place = _place(file, root, where)
        if place is None:
            return None
        name = place.name
        read = _read(place, versions)
    except OSError as error:
        raise DataInvalid(f"{name} cannot be read: {cause(error)}.") from error

    sha256 = read.digests["sha256"]
    for version in filter(read.fits, versions):
        if version is not file.original and where != "folder":
            what = "a rebuilt copy" if version.edition == "rebuilt" else "a part of the file"
            raise DataInvalid(f"{name} is {what}, which is taken only if --data or REPRO_DATA names it.")
        return Found(place.path, sha256, version.edition, where, version.kind, place.members)
    if (content := look(read.head, PurePosixPath(file.path).suffix)) is not None:
        raise _not_the_file(file, name, where, content)
    cut = read.size < file.original.size and read.size not in [version.size for version in versions]
    if file.parsed and where == "folder" and (read.ends_a_line or not cut):
        return Found(place.path, sha256, "unverified", where, None, place.members)
    raise _damaged(file, name, where, read, cut=cut)


def _damaged(file: DataFile, name: str, where: Where, read: _Read, *, cut: bool) -> DataInvalid:
    """The error for a content that is not known, and not accepted."""
    algorithm, _, expected = file.original.checksum.partition(":")
    fault, whole = "altered", ""
    if cut:
        within_a_line = file.parsed and not read.ends_a_line
        clause = ", the last line without its end" * within_a_line
        fault = f"truncated ({read.size:,} of {file.original.size:,} bytes{clause})"
        whole = " If it is whole, end its last line." * (within_a_line and where == "folder")
    return DataInvalid(
        f"{name} is {fault}: {algorithm} {read.digests[algorithm][:12]}…, expected {expected[:12]}…. "
        f"{_remedy(file, where)}{whole}"
    )


def _not_the_file(file: DataFile, name: str, where: Where, content: Content) -> DataInvalid:
    """The error for a content that is none of the file's, by its first bytes."""
    if where == "folder" and file.parsed and content.remedy:
        return DataInvalid(f"{name} is {content.what}. {content.remedy}")
    remedy = _remedy(file, where)
    if where == "folder" and content == WEB_PAGE and file.competition is not None:
        remedy = f"Log in at {file.url} and download it again."
    return DataInvalid(f"{name} is {content.what}{', not the file' * (content.what != 'empty')}. {remedy}")


def _remedy(file: DataFile, where: Where) -> str:
    match where:
        case "cache":
            return f"Delete it; `repro data get {file.corpus}` fetches it again."
        case "keras":
            return "Keras fetches it again if it is deleted."
    return f"Replace it with the file from {file.url}." if file.url else "Make it again, or delete it."
