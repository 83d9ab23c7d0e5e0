"""Finds and verifies data files.

A file is looked for in the folder that the user names (`--data`, or `REPRO_DATA`), else in the user's cache folder
(`REPRO_CACHE` moves it). Whatever is found is hashed before anybody parses it. A file that is only parsed may also lie
in a zip file, and may have a content that is not known; `Found` says so. `download` fetches what is not here.
"""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from repro.datasets import archives
from repro.datasets.choice import DataChoice, named
from repro.datasets.folders import cache_folder
from repro.errors import DataInvalid

if TYPE_CHECKING:
    from repro.datasets.archives import Place
    from repro.datasets.dataset import Edition, Kind


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
    """Rebuilt copies and known parts, accepted only from a folder that the user names."""
    parsed: bool = False
    """The file is text that is parsed, never unpickled, so it can do no harm: contents that are not known are accepted
    too, from a folder that the user names. It may lie in a zip file (`archives.find`)."""
    needed: bool = True
    """Whether the corpus cannot do without it."""
    competition: str | None = None
    """The Kaggle competition, as its page's address ends, that the file is fetched from with the user's login."""


@dataclass(frozen=True)
class Found:
    """A file, or a member of a zip file, that was hashed."""

    path: Path
    """The file, or the zip file."""
    sha256: str
    """Of the content: in a zip file, of the member, unpacked."""
    edition: Edition
    """`unverified` if the content is not a known one."""
    where: Literal["folder", "cache"]
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
            raise DataInvalid(f"{self.name} cannot be read: {error.strerror}.") from error
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise DataInvalid(f"{self.name} was changed while it was in use. Start again.")
        return content

    @property
    def _place(self) -> Place:
        return archives.Place(self.path, self.members)


def locate(file: DataFile, choice: DataChoice | None) -> Found | None:
    """The verified file if it is on this machine; None if no folder is named and the cache lacks it.

    Raises DataInvalid if it is there with a content that is not accepted, or cannot be read, or if a folder is named
    and lacks it, and it is needed: what the user points at is never passed over silently.
    """
    found = optional(file, choice)
    root = named(choice)
    if found is not None or root is None or not file.needed:
        return found
    if root.is_file():
        where, there = f"the zip file {root}", f"into a folder as {file.path} and name that"
    elif file.competition is not None:
        corpus = file.path.partition("/")[0]
        where, there = f"the data folder {root} and its zip files", f"there, or the zip file as {corpus}/any.zip"
    else:
        where, there = f"the data folder {root}", "there"
    raise DataInvalid(
        f"{file.path} is missing in {where}. Put the file from {file.url} {there}, "
        "or name no folder (--data, REPRO_DATA) and it is fetched."
    )


def optional(file: DataFile, choice: DataChoice | None) -> Found | None:
    """As `locate`, but None also if a folder is named and lacks the file, for files that a corpus can do without."""
    root = named(choice)
    if root is None:
        return in_cache(file)
    if not root.is_dir() and not zipfile.is_zipfile(root):
        raise DataInvalid(
            f"{root} is neither a data folder nor a whole zip file. Download it again, or correct --data or REPRO_DATA."
        )
    return _verify(file, root, "folder")


def in_cache(file: DataFile) -> Found | None:
    """The verified file if it is in the cache folder; DataInvalid if that has another content."""
    return _verify(file, cache_folder(), "cache")


def find(file: DataFile, root: Path, where: Literal["folder", "cache"]) -> Place | None:
    """Where it lies under `root`, whatever its content."""
    if file.parsed:
        return archives.find(root, file.path, here=where == "folder")
    return archives.Place(root / file.path) if (root / file.path).exists() else None


def _verify(file: DataFile, root: Path, where: Literal["folder", "cache"]) -> Found | None:
    """What is found under `root`, if its content is accepted; None if nothing is; DataInvalid else."""
    known = [file.original, *(file.rebuilt if where == "folder" else ())]
    digests = {"sha256": hashlib.sha256()}
    for version in known:
        digests.setdefault(algorithm := version.checksum.partition(":")[0], hashlib.new(algorithm))
    size, last = 0, b""
    name = str(root / file.path)
    try:
        place = find(file, root, where)
        if place is None:
            return None
        name = place.name
        for chunk in place.chunks():
            for digest in digests.values():
                digest.update(chunk)
            size += len(chunk)
            last = chunk
    except OSError as error:
        raise DataInvalid(f"{name} cannot be read: {error.strerror}.") from error

    got = {algorithm: digest.hexdigest() for algorithm, digest in digests.items()}
    for version in known:
        algorithm, _, expected = version.checksum.partition(":")
        if got[algorithm] == expected:
            return Found(place.path, got["sha256"], version.edition, where, version.kind, place.members)

    original = file.original
    cut = size < original.size and size not in [version.size for version in known]
    if file.parsed and where == "folder" and (not cut or last.endswith(b"\n")):
        return Found(place.path, got["sha256"], "unverified", where, None, place.members)

    algorithm, _, expected = original.checksum.partition(":")
    fault = "altered"
    if cut:
        fault = f"truncated ({size:,} of {original.size:,} bytes{', the last line without its end' * file.parsed})"
    corpus = file.path.partition("/")[0]
    remedy = {
        "folder": f"Replace it with the file from {file.url}." if file.url else "Make it again, or delete it.",
        "cache": f"Delete it; `repro data get {corpus}` fetches it again.",
    }
    raise DataInvalid(
        f"{name} is {fault}: {algorithm} {got[algorithm][:12]}…, expected {expected[:12]}…. {remedy[where]}"
    )
