"""Made-up data files, and a publisher that serves one on a loopback port."""

from __future__ import annotations

import contextlib
import hashlib
import io
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from repro.datasets.data_file import DataFile, LocatedFile, Version, Where

if TYPE_CHECKING:
    from repro.datasets.dataset import Edition, Kind

Answer = Literal["ranges", "no ranges", "breaks off", "breaks off, no ranges", "falls silent", 403, 404, 407, 503]

BODY = bytes(range(256)) * 1024  # 16 chunks, so that halves and quarters of it arrive whole
REBUILT = b"the same reviews, other ranks"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def published_at(url: str) -> DataFile:
    """A file with the content `BODY`, of which `REBUILT` is a known copy."""
    return DataFile(
        path="corpus/file.bin",
        url=url,
        original=Version("original", len(BODY), f"sha256:{sha256(BODY)}"),
        rebuilt=(Version("rebuilt", len(REBUILT), f"sha256:{sha256(REBUILT)}"),),
    )


class Publisher(ThreadingHTTPServer):
    """Serves `body` on a loopback port while its context lasts; the n-th request gets the n-th of `answers`, later
    ones the last."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.body = BODY
        self.answers: list[Answer] = ["ranges"]
        self.ranges: list[str | None] = []
        """The Range header of each request so far."""
        self.encodings: set[str | None] = set()
        """Their Accept-Encoding headers."""
        self.sent = 0
        """Bytes of contents."""

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/file.bin"


class Handler(BaseHTTPRequestHandler):
    server: Publisher

    def do_GET(self) -> None:
        publisher = self.server
        answer = publisher.answers[min(len(publisher.ranges), len(publisher.answers) - 1)]
        asked = self.headers["Range"]
        publisher.ranges.append(asked)
        publisher.encodings.add(self.headers["Accept-Encoding"])
        if isinstance(answer, int):
            self.send_error(answer)
            return
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and "no ranges" not in answer else 0
        if start and start >= len(publisher.body):
            self.send_error(416)
            return
        content = publisher.body[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if answer in ("breaks off", "breaks off, no ranges", "falls silent"):
            content = content[: len(content) // 2]
        with contextlib.suppress(ConnectionError):  # the other side has heard enough
            for start in range(0, len(content), 1 << 16):
                publisher.sent += self.wfile.write(content[start : start + (1 << 16)])
        if answer == "falls silent":
            time.sleep(0.2)

    do_CONNECT = do_GET  # noqa: N815 - the name that the base class looks for

    def log_message(self, *_: object) -> None:
        """Quiet."""


def put(folder: Path, content: bytes, name: str = "corpus/file.bin") -> Path:
    """Write a file, making its folder; returns the path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def located(
    path: Path,
    content: bytes,
    edition: Edition,
    where: Where,
    kind: Kind | None = "real",
    members: tuple[str, ...] = (),
) -> LocatedFile:
    """What is found at `path`, or in that zip file as these members."""
    return LocatedFile(path, members, sha256=sha256(content), edition=edition, where=where, kind=kind)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


CSV = b"id,comment\na1,fine\n" * 50
EXCERPT = CSV[:400]
MINE = b"id,comment\nx,mine\n"
SLUG = "a-challenge"


def zipped(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()
