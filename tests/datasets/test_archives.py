"""A file is found as it is, in a zip file, or in a zip file in a zip file; damage is named."""

from __future__ import annotations

import errno
import io
import os
import zipfile
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro.datasets import archives
from repro.datasets.archives import Location, in_folder, in_zip, member
from repro.errors import DataInvalid

CONTENT = b"id,comment\na1,fine\n" * 200
OTHER = b"another train.csv"
ALL = "jigsaw-toxic-comment-classification-challenge.zip"


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def put(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


PATH = "jigsaw/train.csv"


def found(where: Path) -> Location:
    """In a folder or a zip file."""
    location = in_folder(where, PATH) if where.is_dir() else in_zip(where, PATH)
    assert location is not None
    return location


def content_of(where: Path) -> bytes:
    """Of what is found there."""
    with found(where).open() as stream:
        return stream.read()


NESTED = zipped({"train.csv.zip": zipped({"train.csv": CONTENT}), "test.csv.zip": zipped({"test.csv": OTHER})})


# Where it is found


@pytest.mark.parametrize(
    ("name", "content", "members"),
    [
        ("train.csv", CONTENT, ()),
        ("train.csv.zip", zipped({"train.csv": CONTENT}), ("train.csv",)),
        ("train.csv", zipped({"train.csv": CONTENT}), ("train.csv",)),
        ("train.csv", zipped({"train.csv.zip": zipped({"train.csv": CONTENT})}), ("train.csv.zip", "train.csv")),
        (ALL, zipped({"train.csv": CONTENT, "test.csv": OTHER}), ("train.csv",)),
        (ALL, NESTED, ("train.csv.zip", "train.csv")),
    ],
)
def test_it_is_found_in_a_folder(name: str, content: bytes, members: tuple[str, ...], tmp_path: Path) -> None:
    path = put(tmp_path, name, content)
    assert found(tmp_path) == Location(path, members)
    assert content_of(tmp_path) == CONTENT


@pytest.mark.parametrize(
    ("content", "members"),
    [
        (zipped({"train.csv": CONTENT}), ("train.csv",)),
        (zipped({"train.csv": CONTENT}, zipfile.ZIP_STORED), ("train.csv",)),
        (zipped({"train.csv": CONTENT}, zipfile.ZIP_LZMA), ("train.csv",)),
        (NESTED, ("train.csv.zip", "train.csv")),
        (zipped({"jigsaw/train.csv": CONTENT, "ag_news/train.csv": OTHER}), ("jigsaw/train.csv",)),
        (zipped({"ag_news/train.csv": OTHER, "jigsaw/train.csv.zip": zipped({"train.csv": CONTENT})}),
         ("jigsaw/train.csv.zip", "train.csv")),
        (zipped({"my data/jigsaw/train.csv": CONTENT, "my data/ag_news/train.csv": OTHER}),
         ("my data/jigsaw/train.csv",)),
        (zipped({"jigsaw/": b"", "jigsaw/train.csv": CONTENT}), ("jigsaw/train.csv",)),
        (zipped({"toxic/train.csv": CONTENT, "__MACOSX/toxic/train.csv": OTHER}), ("toxic/train.csv",)),
        (zipped({"train.csv": CONTENT, "train.csv.zip": b"not read"}), ("train.csv",)),
    ],
)  # fmt: skip
def test_it_is_found_in_a_zip_file_that_is_named(content: bytes, members: tuple[str, ...], tmp_path: Path) -> None:
    path = put(tmp_path, "some.zip", content)
    assert found(path) == Location(path, members)
    assert content_of(path) == CONTENT


def test_the_file_itself_goes_before_a_zip_file_of_its_name_and_that_before_others(tmp_path: Path) -> None:
    put(tmp_path, "a.zip", zipped({"train.csv": b"a"}))
    assert content_of(tmp_path) == b"a"
    put(tmp_path, "train.csv.zip", zipped({"train.csv": b"its own"}))
    assert content_of(tmp_path) == b"its own"
    put(tmp_path, "train.csv", b"plain")
    assert content_of(tmp_path) == b"plain"


def test_other_zip_files_may_be_left_alone(tmp_path: Path) -> None:
    put(tmp_path, "a.zip", b"not read")
    assert in_folder(tmp_path, PATH, any_zip=False) is None
    put(tmp_path, "train.csv.zip", zipped({"train.csv": CONTENT}))
    assert in_folder(tmp_path, PATH, any_zip=False) == found(tmp_path)


def test_in_a_folder_that_is_not_there_nothing_is_found(tmp_path: Path) -> None:
    assert in_folder(tmp_path / "jigsaw", PATH) is None


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"test.csv": OTHER},
        {"a/train.csv": OTHER, "b/train.csv": OTHER},
        {"train.csv.zip": zipped({"train.csv.zip": zipped({"train.csv": OTHER})})},
        {"train.csv.zip": zipped({"test.csv": OTHER})},
    ],
)
def test_what_a_zip_file_does_not_hold_is_not_found(members: dict[str, bytes], tmp_path: Path) -> None:
    assert in_zip(put(tmp_path, "some.zip", zipped(members)), PATH) is None


def test_a_name_says_what_to_open_in_what(tmp_path: Path) -> None:
    path = put(tmp_path, ALL, NESTED)
    assert found(tmp_path).name == f"{path}: train.csv.zip: train.csv"


def test_a_name_shows_no_control_characters() -> None:
    assert Location(Path("a.zip"), ("\x1b[2J/train.csv",)).name == r"a.zip: \x1b[2J/train.csv"


# What is wrong with a zip file


def corrupt(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


STORED = zipped({"train.csv": CONTENT}, zipfile.ZIP_STORED)


@pytest.mark.parametrize("content", [b"not a zip file", STORED[:-1], STORED[: len(STORED) // 2]])
def test_a_zip_file_that_is_cut_short_or_none_is_named(content: bytes, tmp_path: Path) -> None:
    path = put(tmp_path, ALL, content)
    with pytest.raises(DataInvalid, match=rf"^{path} is damaged or incomplete \(BadZipFile\)\. Download"):
        in_folder(tmp_path, PATH)


@pytest.mark.parametrize(
    ("content", "what"), [(b"", "empty"), (b"<html>log in</html>", "a web page"), (b"\x1f\x8b\x08", "packed with gzip")]
)
def test_what_is_no_zip_file_is_called_what_it_is(content: bytes, what: str, tmp_path: Path) -> None:
    path = put(tmp_path, ALL, content)
    with pytest.raises(DataInvalid, match=rf"^{path} is {what}, not a zip file\. Download it again\.$"):
        in_folder(tmp_path, PATH)


@pytest.mark.parametrize("name", ["train.csv", "some.zip"])
def test_a_workbook_is_not_taken_for_a_zip_file(name: str, tmp_path: Path) -> None:
    path = put(tmp_path, name, zipped({"docProps/app.xml": b"", "xl/workbook.xml": b"", "[Content_Types].xml": b""}))
    with pytest.raises(DataInvalid, match=rf"^{path} is an Excel workbook\. Save its table as plain .* \.csv files"):
        in_folder(tmp_path, PATH)
    with pytest.raises(DataInvalid, match=rf"^{path} is an Excel workbook"):
        in_zip(path, PATH)


def test_a_zip_file_under_the_files_name_must_hold_it(tmp_path: Path) -> None:
    path = put(tmp_path, "train.csv", zipped({"other.csv": OTHER}))
    with pytest.raises(DataInvalid, match=rf"^{path} is a zip file that holds no train\.csv\.$"):
        in_folder(tmp_path, PATH)


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.EIO, "cannot be read: Input/output error"),
        (errno.ESTALE, "cannot be read: Stale file handle"),
        (errno.EINVAL, "is damaged"),
    ],
)
def test_a_disk_that_fails_is_told_from_a_damaged_file(
    number: int, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> NoReturn:
        raise OSError(number, os.strerror(number))

    path = put(tmp_path, ALL, NESTED)
    monkeypatch.setattr(zipfile.ZipFile, "infolist", fail)
    with pytest.raises(DataInvalid, match=rf"^{path} {says}"):
        in_zip(path, PATH)


def test_a_member_with_a_wrong_checksum_is_named(tmp_path: Path) -> None:
    path = put(tmp_path, "train.csv.zip", corrupt(STORED, 100))
    with pytest.raises(DataInvalid, match=rf"^{path}: train\.csv is damaged or incomplete"):
        content_of(tmp_path)


def test_a_nested_zip_file_that_is_cut_short_is_named(tmp_path: Path) -> None:
    path = put(tmp_path, "all.zip", zipped({"train.csv.zip": STORED[:-30]}))
    with pytest.raises(DataInvalid, match=rf"^{path}: train\.csv\.zip is damaged or incomplete"):
        found(path)


def test_an_encrypted_member_is_named_with_the_remedy(tmp_path: Path) -> None:
    content = bytearray(STORED)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    path = put(tmp_path, "train.csv.zip", bytes(content))
    with pytest.raises(DataInvalid, match=rf"^{path}: train\.csv is encrypted\. Unpack it"):
        content_of(tmp_path)


def test_a_compression_that_python_does_not_have_is_told_from_damage(tmp_path: Path) -> None:
    content = bytearray(STORED)
    for signature, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        content[content.index(signature) + offset] = 97
    put(tmp_path, "train.csv.zip", bytes(content))
    with pytest.raises(DataInvalid, match=r"train\.csv is packed in a way that Python cannot unpack"):
        content_of(tmp_path)


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "LARGEST", len(CONTENT) - 1)
    put(tmp_path, "train.csv.zip", zipped({"train.csv": CONTENT}))
    with pytest.raises(DataInvalid, match=r"train\.csv would unpack to 3,800 bytes"):
        content_of(tmp_path)


def test_a_zip_bomb_that_lies_about_its_size_is_cut_and_refused(tmp_path: Path) -> None:
    content = bytearray(zipped({"train.csv": b"\0" * (1 << 20)}))
    at = content.index(b"PK\x01\x02") + 24
    content[at : at + 4] = (1000).to_bytes(4, "little")
    put(tmp_path, "train.csv.zip", bytes(content))
    with pytest.raises(DataInvalid, match=r"train\.csv is damaged"):
        content_of(tmp_path)


def test_a_damaged_zip_file_does_not_matter_if_another_has_the_file(tmp_path: Path) -> None:
    put(tmp_path, "a.zip", b"broken")
    put(tmp_path, "b.zip", STORED)
    assert content_of(tmp_path) == CONTENT


@given(st.data())
def test_damage_anywhere_is_noticed(data: st.DataObject) -> None:
    whole = zipped({"train.csv": CONTENT, "test.csv": OTHER})
    content = corrupt(whole, data.draw(st.integers(0, len(whole) - 1)))
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(0, len(content)))]
    try:
        assert member(content, "all.zip", "train.csv") == CONTENT
    except DataInvalid as error:
        message = str(error)
    else:
        message = "all.zip"
    assert message.startswith("all.zip")


# A member of a zip file in memory


def test_a_member_is_read_from_memory() -> None:
    assert member(zipped({"trees/dev.txt": CONTENT}), "trees.zip", "trees/dev.txt") == CONTENT


def test_a_member_that_is_missing_is_named() -> None:
    with pytest.raises(DataInvalid, match=r"^trees\.zip holds no trees/dev\.txt"):
        member(zipped({}), "trees.zip", "trees/dev.txt")
