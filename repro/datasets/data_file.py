"""The files of the corpora: what is known of each, and whether a content of it is accepted."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

from repro.datasets.archives import Location
from repro.datasets.content import HEAD, WEB_PAGE, look
from repro.errors import DataInvalid, cause

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
            with self.open() as stream:
                content = stream.read()
        except OSError as error:
            raise DataInvalid(f"{self.name} cannot be read: {cause(error)}.") from error
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise DataInvalid(f"{self.name} was changed while it was in use. Start again.")
        return content


def accepted(file: DataFile, location: Location, where: Where) -> LocatedFile:
    """The file, if its content at this location is accepted.

    Raises DataInvalid, which says what is wrong with the content and what to do, and OSError.
    """
    versions = (file.original, *file.rebuilt)
    algorithms = {"sha256"} | {version.checksum.partition(":")[0] for version in versions}
    with location.open() as content:
        head = content.read(HEAD)
        size = content.seek(0, os.SEEK_END)
        content.seek(max(size - 1, 0))
        ends_a_line = content.read() in (b"\n", b"\r")
        digests = {}
        for algorithm in algorithms:
            content.seek(0)
            digests[algorithm] = hashlib.file_digest(content, algorithm).hexdigest()  # type: ignore[arg-type]
    located = partial(LocatedFile, location.path, location.members, sha256=digests["sha256"], where=where)

    for version in versions:
        algorithm, _, expected = version.checksum.partition(":")
        if digests[algorithm] != expected:
            continue
        if version is not file.original and where != "folder":
            what = "a rebuilt copy" if version.edition == "rebuilt" else "a part of the file"
            raise DataInvalid(f"{location.name} is {what}, which is taken only if --data or REPRO_DATA names it.")
        return located(edition=version.edition, kind=version.kind)

    if (fault := _another_content(file, head, where)) is not None:
        raise DataInvalid(f"{location.name} is {fault}")
    truncated = size < file.original.size and size not in [version.size for version in versions]
    if file.parsed and where == "folder" and (ends_a_line or not truncated):
        return located(edition="unverified", kind=None)

    algorithm, _, expected = file.original.checksum.partition(":")
    fault, remedy = "altered", _remedy(file, where)
    if truncated:
        within_a_line = file.parsed and not ends_a_line
        clause = ", the last line without its end" * within_a_line
        fault = f"truncated ({size:,} of {file.original.size:,} bytes{clause})"
        remedy += " If it is whole, end its last line." * (within_a_line and where == "folder")
    raise DataInvalid(
        f"{location.name} is {fault}: {algorithm} {digests[algorithm][:12]}…, expected {expected[:12]}…. {remedy}"
    )


def _another_content(file: DataFile, head: bytes, where: Where) -> str | None:
    """What a content that begins so is, if it is none of the file's, and what to do; None if nothing is seen."""
    other = look(head, file.suffix)
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
