"""Finds a file in a folder: the file itself, or in a zip file as Kaggle gives them, or in a zip file inside one."""

from __future__ import annotations

import errno
import io
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from repro.datasets.content import HEAD, is_zip, look, look_into
from repro.errors import DataInvalid, cause

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LARGEST = 2 << 30
"""Bytes that a member may have when unpacked; the largest that a corpus needs has 69 MB."""
DEPTH = 2
"""How many zip files may be inside one another; Kaggle's file of all files holds `train.csv.zip`."""

_ENCRYPTED = 0x1
_UNKNOWN = (NotImplementedError, RuntimeError)
"""A compression that Python does not have, or that this Python was built without."""


@dataclass(frozen=True)
class Location:
    """Where a content lies: a file, or a member of a zip file, which may itself be a zip file with one."""

    path: Path
    """The file, or the outermost zip file."""
    members: tuple[str, ...] = ()
    """What to open in it, from the outside in."""

    @property
    def name(self) -> str:
        """What messages call it: `jigsaw/train.csv`, or `jigsaw/all.zip: train.csv.zip: train.csv`."""
        return _name(str(self.path), *self.members)

    def open(self) -> IO[bytes]:
        """The content, which can be read in any order. Raises OSError, and DataInvalid for faults inside a zip."""
        if not self.members:
            return self.path.open("rb")
        with self.path.open("rb") as stream:
            return io.BytesIO(_unpack(stream, str(self.path), self.members))


def in_folder(folder: Path, path: str, *, any_zip: bool = True) -> Location | None:
    """Where the file `path` (`jigsaw/train.csv`) lies in the folder; None if it is not there.

    any_zip: look into all zip files there, not into `train.csv.zip` only.

    `train.csv` goes before `train.csv.zip`, and that before the other zip files, in alphabetical order. Raises
    DataInvalid if a zip file cannot be read and no other has the file, and OSError.
    """
    name = PurePosixPath(path).name
    if (folder / name).exists():
        return in_file(folder / name, path)

    own = folder / f"{name}.zip"
    others = sorted(file for file in folder.glob("*.zip") if file != own) if any_zip else []
    faults = []
    for file in [own] * own.exists() + others:
        try:
            if (location := in_zip(file, path)) is not None:
                return location
        except DataInvalid as fault:
            faults.append(fault)
    if faults:
        raise faults[0]
    return None


def in_file(file: Path, path: str) -> Location:
    """The file, which is `path`; or if its content is a zip file, the member. Raises DataInvalid, and OSError."""
    with file.open("rb") as stream:
        if not is_zip(stream.read(HEAD)):
            return Location(file)
    if (location := in_zip(file, path)) is None:
        raise DataInvalid(f"{file} is a zip file that holds no {PurePosixPath(path).name}.")
    return location


def in_zip(file: Path, path: str) -> Location | None:
    """The member of a zip file that is `path`; None if it has none.

    That is `train.csv` or `train.csv.zip`, in the folder `jigsaw` or in none, not counting folders that everything in
    the zip file is in. Raises DataInvalid if the zip file cannot be read or is an office document, and OSError.
    """
    with file.open("rb") as stream:
        content = look(stream.read(HEAD), ".zip")
        if content is not None:
            raise DataInvalid(f"{file} is {content.what}, not a zip file. Download it again.")
        members = _members(stream, str(file), path, DEPTH)
    return Location(file, members) if members else None


def member(content: bytes, name: str, wanted: str) -> bytes:
    """The member `wanted` of the zip file that has this content and that messages call `name`. Raises DataInvalid."""
    return _unpack(io.BytesIO(content), name, (wanted,))


def _name(*parts: str) -> str:
    return ": ".join([parts[0], *(ascii(part)[1:-1] for part in parts[1:])])


def _members(stream: IO[bytes], name: str, path: str, depth: int) -> tuple[str, ...]:
    """The members to open in turn to get at `path`; empty if it is not there."""
    with _damage_named(name), zipfile.ZipFile(stream) as archive:
        listed = [info.filename for info in archive.infolist() if not info.is_dir()]
    inside = _without_common_folders([entry for entry in listed if not entry.startswith("__MACOSX/")])
    plain = PurePosixPath(path).name
    for wanted in (path, plain):
        if wanted in inside:
            return (inside[wanted],)
    for wanted in (f"{path}.zip", f"{plain}.zip"):
        if depth > 1 and wanted in inside:
            nested = io.BytesIO(_unpack(stream, name, (inside[wanted],)))
            if members := _members(nested, _name(name, inside[wanted]), path, depth - 1):
                return (inside[wanted], *members)
    if (document := look_into(listed, PurePosixPath(path).suffix)) is not None:
        raise DataInvalid(f"{name} is {document.what}. {document.remedy}")
    return ()


def _without_common_folders(entries: Sequence[str]) -> dict[str, str]:
    """Each entry by what is left of it without the folders that all are in."""
    split = [PurePosixPath(entry).parts for entry in entries]
    shared = 0
    while split and all(len(parts) > shared + 1 and parts[shared] == split[0][shared] for parts in split):
        shared += 1
    return {"/".join(parts[shared:]): entry for parts, entry in zip(split, entries, strict=True)}


def _unpack(stream: IO[bytes], name: str, members: Sequence[str]) -> bytes:
    """The content that is reached when the members are opened in turn. Verifies their checksums."""
    content = b""
    for wanted in members:
        with _damage_named(name), zipfile.ZipFile(stream) as archive:
            if wanted not in archive.namelist():
                raise DataInvalid(f"{name} holds no {ascii(wanted)[1:-1]}. Download it again.")
            info = archive.getinfo(wanted)
            name = _name(name, wanted)
            if info.flag_bits & _ENCRYPTED:
                raise DataInvalid(
                    f"{name} is encrypted. Unpack it, and put what it holds in the place of the zip file."
                )
            if info.file_size > LARGEST:
                raise DataInvalid(
                    f"{name} would unpack to {info.file_size:,} bytes, more than any file of these corpora. "
                    "Download the zip file again."
                )
            with _damage_named(name):
                content = archive.read(info)
        stream = io.BytesIO(content)
    return content


@contextmanager
def _damage_named(name: str) -> Iterator[None]:
    """Turn what zipfile raises for a damaged file into DataInvalid. The errors' own texts may quote the file."""
    try:
        yield
    except (DataInvalid, MemoryError):
        raise
    except Exception as error:  # zipfile lets through what ten kinds of code raise for bytes that make no sense
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise DataInvalid(f"{name} cannot be read: {cause(error)}.") from error
        unknown = type(error) in _UNKNOWN
        fault = "is packed in a way that Python cannot unpack" if unknown else "is damaged or incomplete"
        raise DataInvalid(f"{name} {fault} ({type(error).__name__}). Download the zip file again.") from error
