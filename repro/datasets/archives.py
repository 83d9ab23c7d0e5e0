"""Finds a file in what a user has of it: the file itself, or a zip file as Kaggle gives them, or a zip file in one."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from repro.errors import DataInvalid

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
    OSError,
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


def find(root: Path, path: str, *, here: bool = False) -> Place | None:
    """Where the file `path` (`jigsaw/train.csv`) lies under the folder `root`.

    here: `root` may also be a zip file; or, if there is no folder `root/jigsaw`, that folder itself.

    In the folder, `train.csv` goes before `train.csv.zip`, and that before the other zip files, in alphabetical order.
    In a zip file the member is `train.csv` or `train.csv.zip`, in the folder `jigsaw` or in none, not counting folders
    that everything in the zip file is in. None if it is nowhere.

    Raises DataInvalid if a zip file cannot be read and no other has it.
    """
    if here and root.is_file():
        return _search(root, path)
    corpus, _, name = path.partition("/")
    folder = root / corpus
    if here and not folder.is_dir():
        folder = root
    if (folder / name).exists():
        return Place(folder / name)

    zips = sorted(folder.glob("*.zip"), key=lambda file: (file.name != f"{name}.zip", file.name))
    faults = []
    for file in zips:
        try:
            place = _search(file, path)
        except DataInvalid as fault:
            faults.append(fault)
        else:
            if place is not None:
                return place
    if faults:
        raise faults[0]
    return None


def member(content: bytes, name: str, wanted: str) -> bytes:
    """The member `wanted` of a zip file, of which `content` are the bytes and `name` the name in messages.

    Raises DataInvalid.
    """
    return b"".join(_unpack(io.BytesIO(content), name, (wanted,)))


def _name(*parts: str) -> str:
    return ": ".join([parts[0], *(ascii(part)[1:-1] for part in parts[1:])])


def _search(file: Path, path: str) -> Place | None:
    """The member that is the file `path`; DataInvalid if there is none because the zip file cannot be read."""
    try:
        stream = file.open("rb")
    except OSError as error:
        raise DataInvalid(f"{file} cannot be read: {error.strerror}.") from error
    with stream:
        members = _members(stream, str(file), path, DEPTH)
    return Place(file, members) if members else None


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
    except _DAMAGED as error:
        fault = (
            "is packed in a way that Python cannot unpack" if type(error) in _UNKNOWN else "is damaged or incomplete"
        )
        raise DataInvalid(f"{name} {fault} ({type(error).__name__}). Download the zip file again.") from error
