"""Tells from the first bytes of a file what it is, if that is not what its name says."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

HEAD = 4096
"""Bytes from the beginning of a file that are enough."""


class Content(NamedTuple):
    """What a file is in place of what it should be."""

    what: str
    """For "FILE is WHAT"."""
    remedy: str = ""
    """How to make the right file of it, a sentence; empty if that cannot be done."""


WEB_PAGE = Content("a web page")

_TABLE = "Save its table as plain text in UTF-8, with the values separated as in {suffix} files."
_RECODE = "Save it as UTF-8."
_UNPACK = "Unpack it."

_BEGINNINGS = (
    (rb"\xff\xfe\0\0|\0\0\xfe\xff", Content("in UTF-32", _RECODE)),
    (rb"\xff\xfe|\xfe\xff", Content("in UTF-16", _RECODE)),
    (rb"PK\x03\x04|PK\x05\x06", Content("a zip file", _UNPACK)),
    (rb"\x1f\x8b", Content("packed with gzip", _UNPACK)),
    (rb"BZh[1-9]1AY&SY", Content("packed with bzip2", _UNPACK)),
    (rb"\xfd7zXZ\0", Content("packed with xz", _UNPACK)),
    (rb"\x28\xb5\x2f\xfd", Content("packed with zstd", _UNPACK)),
    (rb"7z\xbc\xaf\x27\x1c", Content("a 7z archive", _UNPACK)),
    (rb"Rar!\x1a\x07", Content("a RAR archive", _UNPACK)),
    (rb".{257}ustar", Content("a tar archive", _UNPACK)),
    (rb"PAR1", Content("a Parquet file", _TABLE)),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Content("an Excel workbook", _TABLE)),
    (rb"%PDF-", Content("a PDF file")),
    (rb"version https://git-lfs", Content("a pointer of Git LFS", "`git lfs pull` fetches the file itself.")),
    (rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|script|!--|\?xml)", WEB_PAGE),
    (rb"(?:\xef\xbb\xbf)?\s*\{\s*\"", Content("JSON, perhaps the error of a server")),
)
_RIGHT = {".npz": "a zip file", ".zip": "a zip file", ".json": "JSON, perhaps the error of a server"}
"""What a file with this ending should be."""


def look(head: bytes, suffix: str) -> Content | None:
    """What a file is, if that is not what its name says; None if nothing is wrong, as far as its beginning tells.

    head: its first bytes, `HEAD` or all.
    suffix: the ending of its name: `.csv`.
    """
    if not head.removeprefix(b"\xef\xbb\xbf").strip() and len(head) < HEAD:
        return Content("empty")
    for pattern, content in _BEGINNINGS:
        if re.match(pattern, head, re.DOTALL | re.IGNORECASE) and content.what != _RIGHT.get(suffix):
            return _for(content, suffix)
    if suffix in (".csv", ".tsv", ".json") and _half_are_zero(head):
        return Content("in UTF-16", _RECODE)
    return None


def is_zip(head: bytes) -> bool:
    """Whether a file that begins so is a zip file, whole or not."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def look_into(members: Collection[str], suffix: str) -> Content | None:
    """The document that a zip file with these members is to its owner; None if it is nothing but a zip file."""
    if "[Content_Types].xml" in members:
        return _for(Content("an Excel workbook", _TABLE), suffix)
    if "mimetype" in members and "content.xml" in members:
        return _for(Content("an OpenDocument file", _TABLE), suffix)
    return None


def _for(content: Content, suffix: str) -> Content:
    return content._replace(remedy=content.remedy.format(suffix=suffix))


def _half_are_zero(head: bytes) -> bool:
    """Whether the text is in UTF-16 without a mark: in European languages, every other byte is zero."""
    pairs = len(head) // 2
    return pairs > 4 and max(head[0 : 2 * pairs : 2].count(0), head[1 : 2 * pairs : 2].count(0)) > 0.7 * pairs
