"""Finds, fetches and verifies data files, and keeps the arrays prepared from them.

A file is looked for in the folder that the user names (`--data`, or `REPRO_DATA`), else in the user's cache folder
(`REPRO_CACHE` moves it), else fetched from its publisher. Whatever is found is hashed before anybody parses it.

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
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from repro.datasets.dataset import fingerprint
from repro.errors import DataInvalid, DataUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from repro.datasets.dataset import Edition

    Arrays = dict[str, NDArray[Any]]

TRIES = 3
PAUSE = 1.0
"""Seconds before the second try; twice that before the third."""
TIMEOUT = (5.0, 30.0)
"""Seconds to connect; seconds without a byte."""
CHUNK = 1 << 14
"""Bytes written at a time; what a broken transfer loses at most."""

_MISSING = (FileNotFoundError, NotADirectoryError)


@dataclass(frozen=True)
class Version:
    """One known content of a file."""

    edition: Edition
    size: int
    """Bytes."""
    checksum: str
    """`sha256:<hex>`, or `md5:<hex>` where the publisher gives nothing better."""


@dataclass(frozen=True)
class DataFile:
    """A file of a corpus, and every content of it that is accepted."""

    path: str
    """Under a data folder and under the cache folder alike, beginning with the corpus: `imdb/imdb.npz`."""
    url: str
    original: Version
    """What `url` gives."""
    rebuilt: tuple[Version, ...] = ()
    """Accepted only from a folder that the user names."""


@dataclass(frozen=True)
class Found:
    """A file whose checksum is known."""

    path: Path
    sha256: str
    edition: Edition
    where: Literal["folder", "cache"]


def cache_folder() -> Path:
    """`REPRO_CACHE`, else the operating system's place for what a user's programs keep."""
    if named := os.environ.get("REPRO_CACHE"):
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("lstm-walkthroughs")


def obtain(file: DataFile, folder: Path | None, *, progress: bool = True) -> Found:
    """The verified file: from `folder` or `REPRO_DATA`, else from the cache, else fetched into the cache.

    progress: show a bar on stderr while fetching, where stderr is a terminal.

    Raises DataUnavailable and DataInvalid.
    """
    found = locate(file, folder)
    if found is None:
        _fetch(file, progress)
        found = _verify(file, cache_folder(), "cache")
    return found


def locate(file: DataFile, folder: Path | None) -> Found | None:
    """The verified file if it is on this machine; None if no folder is named and the cache lacks it.

    Raises DataInvalid if it is there with an unknown content, or cannot be read, or if a folder is named and lacks it:
    what the user points at is never passed over silently.
    """
    named = folder or (Path(os.environ["REPRO_DATA"]) if os.environ.get("REPRO_DATA") else None)
    if named is None:
        try:
            return _verify(file, cache_folder(), "cache")
        except _MISSING:
            return None
    if not named.is_dir():
        raise DataInvalid(f"The data folder {named} does not exist. Correct --data or REPRO_DATA.")
    try:
        return _verify(file, named, "folder")
    except _MISSING:
        raise DataInvalid(
            f"{file.path} is missing in the data folder {named}. Put the file from {file.url} there, "
            "or name no folder (--data, REPRO_DATA) and it is fetched."
        ) from None


def _verify(file: DataFile, root: Path, where: Literal["folder", "cache"]) -> Found:
    """`root / file.path`, if its content is known; raises DataInvalid, or FileNotFoundError and its like."""
    path = root / file.path
    versions = (file.original, *file.rebuilt) if where == "folder" else (file.original,)
    checksums = {}
    try:
        with path.open("rb") as stream:
            for algorithm in {"sha256", *(version.checksum.partition(":")[0] for version in versions)}:
                stream.seek(0)
                checksums[algorithm] = f"{algorithm}:{hashlib.file_digest(stream, algorithm).hexdigest()}"
            size = stream.tell()
    except _MISSING:
        raise
    except OSError as error:
        raise DataInvalid(f"{path} cannot be read: {error.strerror}.") from error

    for version in versions:
        if version.checksum in checksums.values():
            return Found(path, checksums["sha256"].removeprefix("sha256:"), version.edition, where)

    algorithm, _, expected = file.original.checksum.partition(":")
    got = checksums[algorithm].removeprefix(f"{algorithm}:")
    if size < file.original.size and size not in [version.size for version in versions]:
        fault = f"truncated ({size:,} of {file.original.size:,} bytes)"
    else:
        fault = "altered"
    corpus = file.path.partition("/")[0]
    remedy = {
        "folder": f"Replace it with the file from {file.url}.",
        "cache": f"Delete it; `repro data get {corpus}` fetches it again.",
    }
    raise DataInvalid(f"{path} is {fault}: {algorithm} {got[:12]}…, expected {expected[:12]}…. {remedy[where]}")


def _fetch(file: DataFile, progress: bool) -> None:
    """Fetch the original into the cache folder; raises DataUnavailable, or DataInvalid for a wrong checksum."""
    import pooch

    target = cache_folder() / file.path
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _alone_in(target.parent):
            pooch.retrieve(
                file.url,
                known_hash=file.original.checksum,
                fname=target.name,
                path=target.parent,
                downloader=partial(_download, part=part, file=file, progress=progress),
            )
    except ValueError as error:  # pooch's way to report a wrong checksum
        raise DataInvalid(f"{file.url} gave a wrong file.\n{error}") from error
    except OSError as error:
        raise DataUnavailable(
            f"{file.path} cannot be kept in {target.parent}: {error.strerror or error}.\n"
            "Name another cache folder with REPRO_CACHE."
        ) from error


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


def _download(url: str, output: str, _pooch: object, *, part: Path, file: DataFile, progress: bool) -> None:
    """A pooch downloader that goes on where an earlier try, or an earlier process, broke off.

    What has come so far stays in `part`; the complete file moves to `output`, where pooch verifies it.
    """
    import requests

    size = file.original.size
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
        f"Try again later, or put the file as {file.path} into a folder and name it with --data or REPRO_DATA."
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
    whose bytes do not match their fingerprint is built again. If the cache folder cannot be written, a warning says so.
    """
    key = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
    target = cache_folder() / "prepared" / f"{corpus}-{key[:16]}"
    if (kept := _read(target)) is not None:
        return kept

    arrays = build()
    sha256 = fingerprint(*arrays.values())
    failure = None
    try:
        _write(target, arrays, {"settings": dict(settings), "arrays": list(arrays), "sha256": sha256})
    except OSError as error:  # also: another process was faster, and its copy is as good
        failure = error
    if (kept := _read(target)) is not None:
        return kept

    warnings.warn(f"The prepared data are not kept for the next time in {target}: {failure}", stacklevel=2)
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
