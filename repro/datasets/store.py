"""Finds, fetches and verifies data files, and keeps the arrays prepared from them.

A file is looked for in the folder that the user names (`--data`, or `REPRO_DATA`), else in the user's cache folder
(`REPRO_CACHE` moves it), else fetched from its publisher. Whatever is found is hashed before anybody parses it. A file
that is only parsed may also lie in a zip file, and may have a content that is not known; `Found` says so.

Fetching is pooch's: it verifies the checksum, throws a wrong file away and puts a right one into place in one step.
Its own downloader starts over after every failure, so `_download` replaces that part.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
import warnings
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from repro.cache import cache_folder, kept_folders, writable_folder
from repro.datasets import archives, kaggle
from repro.datasets.dataset import fingerprint
from repro.errors import DataInvalid, DataUnavailable, DataWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from repro.datasets.archives import Place
    from repro.datasets.dataset import Edition, Kind

    Arrays = dict[str, NDArray[Any]]

TRIES = 3
PAUSE = 1.0
"""Seconds before the second try; twice that before the third."""
TIMEOUT = (5.0, 30.0)
"""Seconds to connect; seconds without a byte."""
CHUNK = 1 << 14
"""Bytes written at a time; what a broken transfer loses at most."""

_BY_HAND = "as {path} into a folder and name it with --data or REPRO_DATA."


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
    original: Version | None
    """What `url` gives; None where the publisher's checksum is not known."""
    rebuilt: tuple[Version, ...] = ()
    """Rebuilt copies and known parts, accepted only from a folder that the user names."""
    parsed: bool = False
    """The file is text that is parsed, never unpickled, so it can do no harm: contents that are not known are accepted
    too, from a folder that the user names, and from the cache where no checksum is known that could tell them from
    damage. It may lie in a zip file (`archives.find`)."""
    needed: bool = True
    """Whether the corpus cannot do without it."""
    competition: str | None = None
    """The Kaggle competition, as its page's address ends, that the file is fetched from with the user's login."""

    def __post_init__(self) -> None:
        if self.original is None and not self.parsed:
            raise ValueError(f"{self.path}: what is not only parsed needs a known checksum")


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


def folder_of(choice: Path | Literal["real", "embedded"]) -> Path | None:
    """The folder of the real data that a choice of data (`chapter.DataChoice`) names; None to look in all places."""
    return choice if isinstance(choice, Path) else None


def obtain(file: DataFile, folder: Path | None, *, progress: bool = True) -> Found:
    """The verified file: from `folder` or `REPRO_DATA`, else from the cache, else fetched into the cache.

    folder: or a zip file that holds the file, if that is only parsed.
    progress: show a bar on stderr while fetching, where stderr is a terminal.

    Raises DataUnavailable and DataInvalid.
    """
    found = locate(file, folder)
    if found is None and not file.needed:
        found = _verify(file, cache_folder(), "cache")
    if found is None:
        _fetch(file, progress)
        found = _verify(file, cache_folder(), "cache")
    if found is None:  # somebody deleted it meanwhile
        raise DataUnavailable(f"{file.path} is gone from {cache_folder()}.\nTry again.")
    return found


def locate(file: DataFile, folder: Path | None) -> Found | None:
    """The verified file if it is on this machine; None if no folder is named and the cache lacks it.

    Raises DataInvalid if it is there with a content that is not accepted, or cannot be read, or if a folder is named
    and lacks it, and it is needed: what the user points at is never passed over silently.
    """
    found = optional(file, folder)
    named = _named(folder)
    if found is not None or named is None or not file.needed:
        return found
    if named.is_file():
        where, there = f"the zip file {named}", f"into a folder as {file.path} and name that"
    elif file.competition is not None:
        corpus = file.path.partition("/")[0]
        where, there = f"the data folder {named} and its zip files", f"there, or the zip file as {corpus}/any.zip"
    else:
        where, there = f"the data folder {named}", "there"
    raise DataInvalid(
        f"{file.path} is missing in {where}. Put the file from {file.url} {there}, "
        "or name no folder (--data, REPRO_DATA) and it is fetched."
    )


def optional(file: DataFile, folder: Path | None) -> Found | None:
    """As `locate`, but None also if a folder is named and lacks the file, for files that a corpus can do without."""
    named = _named(folder)
    if named is None:
        return _verify(file, cache_folder(), "cache")
    if not named.exists():
        raise DataInvalid(f"The data folder {named} does not exist. Correct --data or REPRO_DATA.")
    if not named.is_dir() and not zipfile.is_zipfile(named):
        raise DataInvalid(
            f"{named} is neither a data folder nor a whole zip file. "
            "Download it again, or correct --data or REPRO_DATA."
        )
    return _verify(file, named, "folder")


def wanted(file: DataFile, folder: Path | None, otherwise: str, *, fits_any: bool = False) -> Found | None:
    """A file that a corpus can do without, from where `obtain` looks.

    otherwise: what cannot be done without it, for the DataWarning that is given with None if it cannot be had.
    fits_any: it goes with any copy of the corpus, so that the one in the cache does where a named folder has none.

    Raises DataInvalid.
    """
    found = optional(file, folder) or (_verify(file, cache_folder(), "cache") if fits_any else None)
    reason = f"{file.path} is not there; `repro data get {file.path.partition('/')[0]}` fetches it"
    if found is None and _named(folder) is None:
        try:
            return obtain(file, None)
        except DataUnavailable as error:
            reason = str(error).splitlines()[0]
    if found is None:
        warnings.warn(f"{otherwise}: {reason}", DataWarning, stacklevel=2)
    return found


def _named(folder: Path | None) -> Path | None:
    """The folder that the user names, as an argument or in the environment."""
    return folder or (Path(os.environ["REPRO_DATA"]) if os.environ.get("REPRO_DATA") else None)


def _find(file: DataFile, root: Path, where: Literal["folder", "cache"]) -> Place | None:
    if file.parsed:
        return archives.find(root, file.path, here=where == "folder")
    return archives.Place(root / file.path) if (root / file.path).exists() else None


def _verify(file: DataFile, root: Path, where: Literal["folder", "cache"]) -> Found | None:
    """What is found under `root`, if its content is accepted; None if nothing is; DataInvalid else."""
    known = [] if file.original is None else [file.original]
    if where == "folder" or file.original is None:
        known += file.rebuilt
    digests = {"sha256": hashlib.sha256()}
    for version in known:
        digests.setdefault(algorithm := version.checksum.partition(":")[0], hashlib.new(algorithm))
    size, last = 0, b""
    name = str(root / file.path)
    try:
        place = _find(file, root, where)
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
    cut = original is not None and size < original.size and size not in [version.size for version in known]
    if original is None or (file.parsed and where == "folder" and (not cut or last.endswith(b"\n"))):
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


def _fetch(file: DataFile, progress: bool) -> None:
    """Fetch the original into the cache folder; raises DataUnavailable, or DataInvalid for a wrong checksum."""
    folder, name = (cache_folder() / file.path).parent, file.path.rpartition("/")[2]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone_in(folder):
            if file.competition is None:
                _fetch_from_url(file, folder / name, progress)
            elif _find(file, cache_folder(), "cache") is None:
                kaggle.fetch(file.competition, name, folder, progress=progress)
    except OSError as error:
        raise DataUnavailable(
            f"{file.path} cannot be kept in {folder}: {error.strerror or error}.\n"
            "Name another cache folder with REPRO_CACHE."
        ) from error


def _fetch_from_url(file: DataFile, target: Path, progress: bool) -> None:
    import pooch

    if file.original is None:
        raise DataUnavailable(f"{file.path} cannot be fetched.\nPut it {_BY_HAND.format(path=file.path)}")
    part = target.with_name(f"{target.name}.part")
    downloader = partial(_download, part=part, path=file.path, size=file.original.size, progress=progress)
    try:
        pooch.retrieve(
            file.url,
            known_hash=file.original.checksum,
            fname=target.name,
            path=target.parent,
            downloader=downloader,
        )
    except ValueError as error:  # pooch's way to report a wrong checksum
        raise DataInvalid(f"{file.url} gave a wrong file.\n{error}") from error


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Let one process at a time fetch into `folder`: two must not write one part, and the second need not fetch."""
    try:
        import fcntl
    except ImportError:  # Windows: there a second process may spoil the part, which the checksum then tells
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _download(url: str, output: str, _pooch: object, *, part: Path, path: str, size: int, progress: bool) -> None:
    """A pooch downloader that goes on where an earlier try, or an earlier process, broke off.

    What has come so far stays in `part`; the complete file moves to `output`, where pooch verifies it.
    """
    import requests

    for attempt in range(TRIES):
        time.sleep(attempt * PAUSE)
        try:
            _transfer(url, part, size, progress)
        except requests.RequestException as error:
            reason = f"the connection failed ({type(error).__name__})"
            if error.response is not None:
                reason = f"HTTP {error.response.status_code} {error.response.reason}"
                if error.response.status_code < 500:
                    break
        else:
            if _size(part) >= size:
                part.replace(output)
                return
            reason = "the server sent too little"
    raise DataUnavailable(
        f"{url} could not be fetched: {reason}; {_size(part):,} of {size:,} bytes are here.\n"
        f"Try again later, or put the file {_BY_HAND.format(path=path)}"
    )


def _transfer(url: str, part: Path, size: int, progress: bool) -> None:
    """One request for what `part` lacks of `size` bytes. Whether the pieces fit is for the checksum to say."""
    import requests
    from tqdm import tqdm

    start = _size(part)
    if start >= size:
        return
    # A compressed transfer would make sizes and ranges count something else than the file's bytes.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as response:
        if response.status_code == requests.codes.range_not_satisfiable:
            part.unlink(missing_ok=True)  # longer than the server's file, so not a part of it
            return
        response.raise_for_status()
        if response.status_code != requests.codes.partial_content:
            start = 0
        bar = tqdm(total=size, initial=start, desc=part.stem, unit="B", unit_scale=True, disable=not progress or None)
        with part.open("ab" if start else "wb") as stream, bar:
            for chunk in response.iter_content(chunk_size=CHUNK):
                stream.write(chunk)
                bar.update(len(chunk))


def _size(path: Path) -> int:
    """Bytes; 0 if there is no such file."""
    return path.stat().st_size if path.exists() else 0


def prepared(corpus: str, settings: Mapping[str, str | int], build: Callable[[], Arrays]) -> tuple[Arrays, str]:
    """The arrays that `build` makes, kept in the cache folder for the next time, and their fingerprint.

    settings: all that the arrays follow from: the sha256 of the source file, the settings of the preparation, and its
        version number, which rises when the code comes to give other arrays.

    The arrays are read-only. Each lies in one `.npy` file, memory-mapped, so that processes share one copy. A copy
    whose bytes do not match their fingerprint is built again. If they cannot be kept, a warning says so.
    """
    key = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
    name = f"{corpus}-{key[:16]}"
    for folder in kept_folders("prepared"):
        if (kept := _read(folder / name)) is not None:
            return kept

    arrays = build()
    target = writable_folder("prepared") / name
    sha256 = fingerprint(*arrays.values())
    failure = None
    try:
        _write(target, arrays, {"settings": dict(settings), "arrays": list(arrays), "sha256": sha256})
    except OSError as error:  # also: another process was faster, and its copy is as good
        failure = error
    if (kept := _read(target)) is not None:
        return kept

    what = f"the prepared data are not kept for the next time in {target}: {failure}"
    warnings.warn(what, DataWarning, stacklevel=2)
    for array in arrays.values():
        array.flags.writeable = False
    return arrays, sha256


def _read(target: Path) -> tuple[Arrays, str] | None:
    """The arrays in the folder `target` and their fingerprint; None if they are not there or damaged."""
    try:
        about = json.loads((target / "about.json").read_text(encoding="utf-8"))
        arrays = {name: np.load(target / f"{name}.npy", mmap_mode="r") for name in about["arrays"]}
        sha256 = fingerprint(*arrays.values())
        return (arrays, sha256) if sha256 == about["sha256"] else None
    except Exception:  # a damaged file makes NumPy and json raise half a dozen kinds of errors, and all mean the same
        return None


def _write(target: Path, arrays: Arrays, about: dict[str, object]) -> None:
    """Put the folder `target` into place in one step, complete; raises OSError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".new-") as temporary:
        new = Path(temporary) / "new"
        new.mkdir()
        for name, array in arrays.items():
            np.save(new / f"{name}.npy", array)
        (new / "about.json").write_text(json.dumps(about, indent=1), encoding="utf-8")
        if target.exists() and _read(target) is None:  # a damaged copy; a folder that is not empty is not replaced
            target.rename(Path(temporary) / "old")
        new.rename(target)
