"""Brings a file from a server: with a checksum, a progress bar, and repeated tries that resume a broken transfer."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from urllib.parse import urlsplit

import requests
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskProgressColumn, TextColumn, TransferSpeedColumn

from repro.datasets import connection
from repro.datasets.connection import TransferFailed
from repro.datasets.content import WEB_PAGE, look
from repro.errors import DataInvalid

TRIES = 3
PAUSE = 1.0
"""Seconds before the second try; twice that before the third."""
TIMEOUT = (5.0, 30.0)
"""Seconds to connect; seconds without a byte."""
CHUNK = 1 << 14
"""Bytes written at a time; what a broken transfer loses at most."""


def fetch(url: str, target: Path, *, size: int, checksum: str) -> None:
    """Put the file at `url` to `target`, in one step, once it is whole.

    size: bytes.
    checksum: `sha256:<hex>` or `md5:<hex>`. A file with another one is thrown away.

    What has come so far is kept beside `target` for another try, in this process or a later one. Raises TransferFailed;
    DataInvalid for another file than the one asked for; OSError if files cannot be written there.
    """
    part = target.with_name(f"{target.name}.part")
    for attempt in range(TRIES):
        time.sleep(attempt * PAUSE)
        try:
            _transfer(url, part, size)
            if _size(part) < size:
                raise TransferFailed("the server sent too little")
            break
        except TransferFailed as error:
            if error.lasting or attempt == TRIES - 1:
                if here := _size(part):
                    error.args = (f"{error}; {here:,} of {size:,} bytes are here",)
                raise

    algorithm, _, expected = checksum.partition(":")
    with part.open("rb") as stream:
        got = hashlib.file_digest(stream, algorithm).hexdigest()
    if got != expected:
        part.unlink()
        raise DataInvalid(f"{url} gave a wrong file: {algorithm} {got}, expected {expected}.\nTry again later.")
    part.replace(target)


def _transfer(url: str, part: Path, size: int) -> None:
    """One request for what `part` lacks. The checksum tells later whether the pieces fit."""
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
            raise TransferFailed(f"{connection.PROXY} asks for a login (HTTP 407)", in_settings=True)
        if not response.ok:
            raise TransferFailed(f"HTTP {response.status_code} {response.reason}", lasting=response.status_code < 500)
        if response.status_code != requests.codes.partial_content:
            start = 0
        try:
            _write(response, part, start, size)
        except requests.RequestException as error:  # an OSError of the disk is none of these
            raise _failed(error, url) from error


def _write(response: requests.Response, part: Path, start: int, size: int) -> None:
    """Write what comes to `part`, from the byte `start` on."""
    with part.open("ab" if start else "wb") as stream, _bar() as bar:
        task = bar.add_task(part.stem, total=size, completed=start)
        for chunk in response.iter_content(CHUNK):
            if not start and look(chunk, part.with_suffix("").suffix) == WEB_PAGE:
                raise TransferFailed(
                    "a web page came in place of the file; does this network ask for a login?", lasting=True
                )
            stream.write(chunk)
            bar.advance(task, len(chunk))
            start += len(chunk)
            if start > size:
                return  # another file, and perhaps endless


def _answer(url: str, headers: dict[str, str]) -> requests.Response:
    try:
        return requests.get(url, headers=headers, stream=True, timeout=TIMEOUT)
    except OSError as error:  # all that `requests` raises, and what it lets through of files of certificates
        raise _failed(error, url) from error


def _failed(error: OSError, url: str) -> TransferFailed:
    failed = connection.failed(error, f"the server {urlsplit(url).hostname}")
    return failed or TransferFailed(f"the connection failed ({type(error).__name__})")


def _bar() -> Progress:
    """On stderr, where that is a terminal."""
    console = Console(stderr=True)
    columns = (BarColumn(), TaskProgressColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(TextColumn("{task.description}"), *columns, console=console, disable=not console.is_terminal)


def _size(path: Path) -> int:
    """Bytes; 0 if there is no such file."""
    return path.stat().st_size if path.exists() else 0
