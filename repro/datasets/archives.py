"""Finds a file in a folder: the file itself, or in a zip file as Kaggle gives them, or in a zip file in one."""

from __future__ import annotations

import errno
import io
import lzma
import struct
import zipfile
import zlib
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from repro.datasets.content import HEAD, look, look_into
from repro.errors import DataInvalid, cause

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LARGEST = 2 << 30
"""Bytes that a member may have when unpacked; the largest that a corpus needs has 69 MB."""
DEPTH = 2
"""Zip files in one another; Kaggle's file of all files holds `train.csv.zip`."""

_CHUNK = 1 << 20
_ENCRYPTED = 0x1
_UNKNOWN = (NotImplementedError, RuntimeError)
"""A compression that Python does not have, or that this Python was built without."""
_DAMAGED = (
    *_UNKNOWN,
    zipfile.BadZipFile,  # cut short, not a zip file at all, or a wrong checksum
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    ValueError,  # offsets and member names that make no sense
    OverflowError,
)


@dataclass(frozen=True)
class Place:
    """Where a content lies: a file, or a member of a zip file, which may itself be a zip file with one."""

    path: Path
    """The file, or the outermost zip file."""
    members: tuple[str, ...] = ()
    """What to open in it, from the outside in."""

    @property
    def name(self) -> str:
        """What messages call it: `jigsaw/train.csv`, or `jigsaw/all.zip: train.csv.zip: train.csv`."""
        return _name(str(self.path), *self.members)

    def chunks(self) -> Iterator[bytes]:
        """The content, piece by piece. Raises OSError for the file, and DataInvalid for what is wrong inside a zip."""
        with self.path.open("rb") as stream:
            yield from _unpack(stream, str(self.path), self.members)

    def read(self) -> bytes:
        """The whole content; raises as `chunks`."""
        return b"".join(self.chunks())


def in_folder(folder: Path, path: str, *, any_zip: bool = True) -> Place | None:
    """Where the file `path` (`jigsaw/train.csv`) lies in the folder; None if it is not there.

    any_zip: look into all zip files there, not into `train.csv.zip` only.

    `train.csv` goes before `train.csv.zip`, and that before the other zip files, in alphabetical order. Raises
    DataInvalid if a zip file cannot be read and no other has it, and OSError.
    """
    name = PurePosixPath(path).name
    if (folder / name).exists():
        return in_file(folder / name, path)

    own = folder / f"{name}.zip"
    others = sorted(file for file in folder.glob("*.zip") if file != own) if any_zip else []
    faults = []
    for file in [own] * own.exists() + others:
        try:
            place = in_zip(file, path)
        except DataInvalid as fault:
            faults.append(fault)
        else:
            if place is not None:
                return place
    if faults:
        raise faults[0]
    return None


def in_file(file: Path, path: str) -> Place:
    """The file, which is `path`; or if its content is a zip file, the member. Raises DataInvalid, and OSError."""
    with file.open("rb") as stream:
        head = stream.read(HEAD)
    if not is_zip(head):
        return Place(file)
    if (place := in_zip(file, path)) is not None:
        return place
    check_kind(file, path)
    raise DataInvalid(f"{file} is a zip file that holds no {PurePosixPath(path).name}.")


def in_zip(file: Path, path: str) -> Place | None:
    """The member of a zip file that is `path`; None if it has none.

    That is `train.csv` or `train.csv.zip`, in the folder `jigsaw` or in none, not counting folders that everything in
    the zip file is in. Raises DataInvalid if the zip file cannot be read, and OSError.
    """
    with file.open("rb") as stream:
        if (found := look(stream.read(HEAD), ".zip")) is not None:
            raise DataInvalid(f"{file} is {found.what}, not a zip file. Download it again.")
        members = _members(stream, str(file), path, DEPTH)
    return Place(file, members) if members else None


def check_kind(file: Path, path: str) -> None:
    """Raise DataInvalid for what is a zip file inside but to nobody else, an Excel workbook in place of `path`."""
    with file.open("rb") as stream, _damage(str(file)), zipfile.ZipFile(stream) as archive:
        found = look_into(archive.namelist(), PurePosixPath(path).suffix)
    if found is not None:
        raise DataInvalid(f"{file} is {found.what}. {found.remedy}")


def is_zip(head: bytes) -> bool:
    """Whether a file that begins so is a zip file, whole or not."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def member(content: bytes, name: str, wanted: str) -> bytes:
    """The member `wanted` of a zip file, of which `content` are the bytes and `name` the name in messages.

    Raises DataInvalid.
    """
    return b"".join(_unpack(io.BytesIO(content), name, (wanted,)))


def _name(*parts: str) -> str:
    return ": ".join([parts[0], *(ascii(part)[1:-1] for part in parts[1:])])


def _members(stream: IO[bytes], name: str, path: str, depth: int) -> tuple[str, ...]:
    """The members to open in turn to get at `path`; empty if it is not there."""
    with _damage(name), zipfile.ZipFile(stream) as archive:
        listed = [info.filename for info in archive.infolist() if not info.is_dir()]
    inside = _without_common_folders([entry for entry in listed if not entry.startswith("__MACOSX/")])
    plain = PurePosixPath(path).name
    for wanted in (path, plain):
        if wanted in inside:
            return (inside[wanted],)
    for wanted in (f"{path}.zip", f"{plain}.zip"):
        if depth > 1 and wanted in inside:
            nested = io.BytesIO(b"".join(_unpack(stream, name, (inside[wanted],))))
            if members := _members(nested, _name(name, inside[wanted]), path, depth - 1):
                return (inside[wanted], *members)
    return ()


def _without_common_folders(entries: Sequence[str]) -> dict[str, str]:
    """Each entry by what is left of it without the folders that all are in."""
    split = [PurePosixPath(entry).parts for entry in entries]
    shared = 0
    while split and all(len(parts) > shared + 1 and parts[shared] == split[0][shared] for parts in split):
        shared += 1
    return {"/".join(parts[shared:]): entry for parts, entry in zip(split, entries, strict=True)}


def _unpack(stream: IO[bytes], name: str, members: Sequence[str]) -> Iterator[bytes]:
    """What is reached when the members are opened in turn, piece by piece; their checksums are verified on the way."""
    with ExitStack() as stack:
        for depth, wanted in enumerate(members):
            if depth:
                with _damage(name):
                    stream = io.BytesIO(stream.read())
            with _damage(name):
                archive = stack.enter_context(zipfile.ZipFile(stream))
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
            with _damage(name):
                stream = stack.enter_context(archive.open(info))
        while True:
            # Not around the `yield`: what the reader of the pieces raises is none of ours.
            with _damage(name) if members else nullcontext():
                chunk = stream.read(_CHUNK)
            if not chunk:
                return
            yield chunk


@contextmanager
def _damage(name: str) -> Iterator[None]:
    """Turn what zipfile raises for a damaged file into DataInvalid. The errors' own texts may quote the file."""
    try:
        yield
    except OSError as error:
        if error.errno not in (None, errno.EINVAL):  # of the disk; others are of offsets and streams that make no sense
            raise DataInvalid(f"{name} cannot be read: {cause(error)}.") from error
        raise _damaged(name, error) from error
    except _DAMAGED as error:
        raise _damaged(name, error) from error


def _damaged(name: str, error: Exception) -> DataInvalid:
    fault = "is packed in a way that Python cannot unpack" if type(error) in _UNKNOWN else "is damaged or incomplete"
    return DataInvalid(f"{name} {fault} ({type(error).__name__}). Download the zip file again.")
