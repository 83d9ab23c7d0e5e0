"""Fetches data files that are not on this machine into the user's cache folder.

Fetching is pooch's: it verifies the checksum, throws a wrong file away and puts a right one into place in one step.
Its own downloader starts over after every failure, so `_download` replaces that part.
"""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from repro.datasets import kaggle
from repro.datasets.choice import DataChoice, named
from repro.datasets.files import DataFile, Found, find, in_cache, locate, optional
from repro.datasets.folders import cache_folder
from repro.errors import DataInvalid, DataUnavailable, DataWarning

TRIES = 3
PAUSE = 1.0
"""Seconds before the second try; twice that before the third."""
TIMEOUT = (5.0, 30.0)
"""Seconds to connect; seconds without a byte."""
CHUNK = 1 << 14
"""Bytes written at a time; what a broken transfer loses at most."""

_BY_HAND = "as {path} into a folder and name it with --data or REPRO_DATA."


def obtain(file: DataFile, choice: DataChoice | None, *, progress: bool = True) -> Found:
    """The verified file: from what `choice` or `REPRO_DATA` names, else from the cache, else fetched into the cache.

    choice: a folder; or a zip file that holds the file, if that is only parsed; `real` or None to look in all places.
    progress: show a bar on stderr while fetching, where stderr is a terminal.

    Raises DataUnavailable and DataInvalid.
    """
    found = locate(file, choice)
    if found is None and not file.needed:
        found = in_cache(file)
    if found is None:
        _fetch(file, progress)
        found = in_cache(file)
    if found is None:  # somebody deleted it meanwhile
        raise DataUnavailable(f"{file.path} is gone from {cache_folder()}.\nTry again.")
    return found


def wanted(file: DataFile, choice: DataChoice | None, otherwise: str, *, fits_any: bool = False) -> Found | None:
    """A file that a corpus can do without, from where `obtain` looks.

    otherwise: what cannot be done without it, for the DataWarning that is given with None if it cannot be had.
    fits_any: it goes with any copy of the corpus, so that the one in the cache does where a named folder has none.

    Raises DataInvalid.
    """
    found = optional(file, choice) or (in_cache(file) if fits_any else None)
    reason = f"{file.path} is not there; `repro data get {file.path.partition('/')[0]}` fetches it"
    if found is None and named(choice) is None:
        try:
            return obtain(file, None)
        except DataUnavailable as error:
            reason = str(error).splitlines()[0]
    if found is None:
        warnings.warn(f"{otherwise}: {reason}", DataWarning, stacklevel=2)
    return found


def _fetch(file: DataFile, progress: bool) -> None:
    """Fetch the original into the cache folder; raises DataUnavailable, or DataInvalid for a wrong checksum."""
    folder, name = (cache_folder() / file.path).parent, file.path.rpartition("/")[2]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone_in(folder):
            if file.competition is None:
                _fetch_from_url(file, folder / name, progress)
            elif find(file, cache_folder(), "cache") is None:
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
