"""Brings a file from a server: with a checksum, a bar, and other tries that go on where one broke off."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import requests
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskProgressColumn, TextColumn, TransferSpeedColumn

from repro.datasets import network
from repro.datasets.content import WEB_PAGE, look
from repro.errors import DataInvalid

TRIES = 3
PAUSE = 1.0
"""Seconds before the second try; twice that before the third."""
TIMEOUT = (5.0, 30.0)
"""Seconds to connect; seconds without a byte."""
CHUNK = 1 << 14
"""Bytes written at a time; what a broken transfer loses at most."""

LATER, SETTINGS = "Try again later", "Correct that"
"""What to do about a failure; the second about one that stands in the settings of this machine."""


class Failed(Exception):
    """The file did not come; says why, in words."""

    def __init__(self, reason: str, *, lasting: bool = False, remedy: str = LATER) -> None:
        super().__init__(reason)
        self.lasting = lasting
        """Another try, a second later, would fail in the same way."""
        self.remedy = remedy
        """What to do, for "REMEDY, or ..."."""


def fetch(url: str, target: Path, *, size: int, checksum: str) -> None:
    """Put the file at `url` to `target`, in one step, once it is whole.

    size: bytes.
    checksum: `sha256:<hex>` or `md5:<hex>`. A file with another one is thrown away.

    What has come so far is kept beside `target` for another try, in this process or a later one. Raises Failed;
    DataInvalid for another file than the one asked for; OSError if files cannot be written there.
    """
    part = target.with_name(f"{target.name}.part")
    for attempt in range(TRIES):
        time.sleep(attempt * PAUSE)
        try:
            _transfer(url, part, size)
        except Failed as error:
            failure = error
            if error.lasting:
                break
        else:
            if _size(part) >= size:
                _accept(url, part, checksum)
                part.replace(target)
                return
            failure = Failed("the server sent too little")
    here = f"; {_size(part):,} of {size:,} bytes are here" * bool(_size(part))
    raise Failed(f"{failure}{here}", remedy=failure.remedy) from failure


def _accept(url: str, part: Path, checksum: str) -> None:
    """Throw away a file with another checksum, with DataInvalid."""
    algorithm, _, expected = checksum.partition(":")
    with part.open("rb") as stream:
        got = hashlib.file_digest(stream, algorithm).hexdigest()
    if got != expected:
        part.unlink()
        raise DataInvalid(f"{url} gave a wrong file: {algorithm} {got}, expected {expected}.\nTry again later.")


def _transfer(url: str, part: Path, size: int) -> None:
    """One request for what `part` lacks. Whether the pieces fit is for the checksum to say."""
    start = _size(part)
    if start >= size:
        return
    # A compressed transfer would make sizes and ranges count something else than the file's bytes.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
    with _answer(url, headers) as response:
        if response.status_code == requests.codes.range_not_satisfiable:
            part.unlink(missing_ok=True)  # longer than the server's file, so not a part of it
            return
        if response.status_code == requests.codes.proxy_authentication_required:
            raise Failed(f"{network.PROXY} asks for a login (HTTP 407)", lasting=True, remedy=SETTINGS)
        if not response.ok:
            raise Failed(f"HTTP {response.status_code} {response.reason}", lasting=response.status_code < 500)
        if response.status_code != requests.codes.partial_content:
            start = 0
        with part.open("ab" if start else "wb") as stream, _bar() as bar:
            task = bar.add_task(part.stem, total=size, completed=start)
            for chunk in _pieces(response, url):
                if not start and look(chunk, part.with_suffix("").suffix) == WEB_PAGE:
                    raise Failed(
                        "a web page came in place of the file; does this network ask for a login?", lasting=True
                    )
                stream.write(chunk)
                bar.advance(task, len(chunk))
                start += len(chunk)
                if start > size:
                    return  # not the file, and perhaps endless


def _answer(url: str, headers: dict[str, str]) -> requests.Response:
    try:
        return requests.get(url, headers=headers, stream=True, timeout=TIMEOUT)
    except OSError as error:  # all that `requests` raises, and what it lets through of files of certificates
        raise _failed(error, url) from error


def _pieces(response: requests.Response, url: str) -> Iterator[bytes]:
    """The content. What is raised where the pieces are written, an OSError too, is not taken for one of these."""
    pieces = response.iter_content(CHUNK)
    while True:
        try:
            piece = next(pieces, b"")
        except requests.RequestException as error:
            raise _failed(error, url) from error
        if not piece:
            return
        yield piece


def _failed(error: OSError, url: str) -> Failed:
    words = network.reason(error, f"the server {urlsplit(url).hostname}")
    words = words or f"the connection failed ({type(error).__name__})"
    return Failed(words, lasting=True, remedy=SETTINGS) if network.is_of_settings(error) else Failed(words)


def _bar() -> Progress:
    """On stderr, where that is a terminal."""
    console = Console(stderr=True)
    columns = (BarColumn(), TaskProgressColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(TextColumn("{task.description}"), *columns, console=console, disable=not console.is_terminal)


def _size(path: Path) -> int:
    """Bytes; 0 if there is no such file."""
    return path.stat().st_size if path.exists() else 0
