"""Data files are found where the user expects, and never used unverified."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from data_files import (
    BODY,
    CSV,
    EXCERPT,
    MINE,
    REBUILT,
    SLUG,
    Publisher,
    located,
    names,
    published_at,
    put,
    sha256,
    zipped,
)  # fmt: skip

from repro.datasets import kaggle, transfer
from repro.datasets.data_file import DataFile, Version
from repro.datasets.locate import find, keras_folders, locate
from repro.datasets.obtain import obtain, obtain_if_possible
from repro.errors import DataInvalid, DataUnavailable, DataWarning

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as server:
        yield server


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache folder of this test, not yet made; no data folder is named."""
    monkeypatch.setattr(transfer, "PAUSE", 0.0)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("REPRO_DATA", raising=False)
    monkeypatch.setenv("REPRO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def file(publisher: Publisher, cache: Path) -> DataFile:
    return published_at(publisher.url)


# Where a file is taken from


def test_the_named_folder_goes_before_the_environment_and_the_cache(
    file: DataFile, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(cache, BODY)
    put(tmp_path / "environment", BODY)
    put(tmp_path / "named", BODY)
    monkeypatch.setenv("REPRO_DATA", str(tmp_path / "environment"))
    assert obtain(file, tmp_path / "named") == located(tmp_path / "named/corpus/file.bin", BODY, "original", "folder")
    assert obtain(file, None).path == tmp_path / "environment/corpus/file.bin"


def test_a_named_folder_without_the_file_is_not_passed_over(
    publisher: Publisher, file: DataFile, cache: Path, tmp_path: Path
) -> None:
    put(cache, BODY)
    with pytest.raises(DataInvalid, match=f"corpus/file.bin is missing in the data folder {tmp_path}"):
        obtain(file, tmp_path)
    assert publisher.ranges == []


@pytest.mark.parametrize("other", ["corpus/another.bin", "another/file.bin"])
def test_a_folder_may_hold_the_file_flat(other: str, file: DataFile, tmp_path: Path) -> None:
    """A checksum tells whether it is the right one, so a folder of the corpus beside it does not matter."""
    put(tmp_path, b"other", other)
    path = put(tmp_path, BODY, "file.bin")
    assert obtain(file, tmp_path) == located(path, BODY, "original", "folder")


def test_the_folder_of_the_corpus_goes_before_a_flat_file(file: DataFile, tmp_path: Path) -> None:
    put(tmp_path, REBUILT, "file.bin")
    assert obtain(file, put(tmp_path, BODY).parents[1]).edition == "original"


def test_the_cache_folder_holds_no_file_flat(file: DataFile, cache: Path) -> None:
    put(cache, BODY, "file.bin")
    assert locate(file, None) is None


def test_locating_fetches_nothing(publisher: Publisher, file: DataFile) -> None:
    assert locate(file, None) is None
    assert publisher.ranges == []


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (BODY[:5000], r"truncated \(5,000 of 262,144 bytes\): sha256 .{12}…, expected"),
        (BODY[:-1] + b"x", "altered: sha256"),
        (BODY + b"x", "altered: sha256"),
        (REBUILT[:-1] + b"x", "altered: sha256"),
    ],
)
def test_an_unknown_content_is_refused_with_its_fault(
    content: bytes, fault: str, file: DataFile, tmp_path: Path
) -> None:
    path = put(tmp_path, content)
    with pytest.raises(DataInvalid, match=f"{path} is {fault}.*Replace it with the file from {file.url}"):
        obtain(file, tmp_path)


def test_an_unknown_content_in_the_cache_is_refused(publisher: Publisher, file: DataFile, cache: Path) -> None:
    put(cache, BODY[:5000])
    with pytest.raises(DataInvalid, match=r"truncated.*Delete it; `repro data get corpus` fetches it again"):
        obtain(file, None)
    assert publisher.ranges == []


def test_a_file_that_cannot_be_read_is_named(file: DataFile, tmp_path: Path) -> None:
    (tmp_path / "corpus/file.bin").mkdir(parents=True)
    with pytest.raises(DataInvalid, match=r"file\.bin cannot be read: Is a directory"):
        obtain(file, tmp_path)


def test_a_rebuilt_file_is_accepted_from_a_named_folder(file: DataFile, tmp_path: Path) -> None:
    path = put(tmp_path, REBUILT)
    assert obtain(file, tmp_path) == located(path, REBUILT, "rebuilt", "folder")


def test_a_rebuilt_file_is_refused_in_the_cache(file: DataFile, cache: Path) -> None:
    put(cache, REBUILT)
    with pytest.raises(DataInvalid, match="is a rebuilt copy, which is taken only if --data or REPRO_DATA names it"):
        obtain(file, None)


def test_a_rebuilt_file_is_refused_from_a_server(publisher: Publisher, cache: Path) -> None:
    publisher.body = REBUILT
    original = Version("original", len(REBUILT), f"sha256:{sha256(BODY)}")
    rebuilt = Version("rebuilt", len(REBUILT), f"sha256:{sha256(REBUILT)}")
    with pytest.raises(DataInvalid):
        obtain(DataFile("corpus/file.bin", publisher.url, original, (rebuilt,)), None)


def test_an_md5_of_the_publisher_serves_where_there_is_no_sha256(publisher: Publisher, cache: Path) -> None:
    version = Version("original", len(BODY), f"md5:{hashlib.md5(BODY).hexdigest()}")
    found = obtain(DataFile("corpus/file.bin", publisher.url, version), None)
    assert (found.sha256, found.edition) == (sha256(BODY), "original")


# Where Keras keeps it


@pytest.fixture
def keras_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "keras"


@pytest.fixture
def shared(file: DataFile) -> DataFile:
    """The file, which Keras fetches too."""
    return dataclasses.replace(file, in_keras=True)


def test_what_keras_has_fetched_is_found(publisher: Publisher, shared: DataFile, keras_home: Path) -> None:
    """Fetched by Keras itself."""
    code = f"import keras; print(keras.utils.get_file('file.bin', {publisher.url!r}))"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    asked = len(publisher.ranges)
    assert obtain(shared, None) == located(keras_home / "datasets/file.bin", BODY, "original", "keras")
    assert len(publisher.ranges) == asked == 1


def test_named_folders_and_the_cache_go_before_keras(
    shared: DataFile, keras_home: Path, cache: Path, tmp_path: Path
) -> None:
    put(keras_home, BODY, "datasets/file.bin")
    put(cache, BODY)
    assert obtain(shared, None).where == "cache"
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataInvalid, match="is missing in the data folder"):
        obtain(shared, tmp_path / "empty")


def test_keras_folder_may_be_named(file: DataFile, keras_home: Path) -> None:
    path = put(keras_home, BODY, "datasets/file.bin")
    assert obtain(file, path.parent) == obtain(file, path) == located(path, BODY, "original", "folder")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"another project's", r"truncated \(17 of 262,144 bytes\): sha256 .* Keras fetches it again if it is deleted"),
        (b"", "empty"),
        (b"<html>log in</html>", "a web page, not the file"),
        (REBUILT, "a rebuilt copy, which is taken only if --data or REPRO_DATA names it"),
    ],
)
def test_another_content_in_keras_folder_is_passed_over_with_a_warning(
    content: bytes, says: str, publisher: Publisher, shared: DataFile, keras_home: Path
) -> None:
    path = put(keras_home, content, "datasets/file.bin")
    with pytest.warns(DataWarning, match=f"^passed over: {path} is {says}"):
        assert obtain(shared, None).where == "cache"
    assert publisher.ranges == [None]
    assert path.read_bytes() == content


def test_what_keras_does_not_fetch_is_not_looked_for_there(text: DataFile, keras_home: Path) -> None:
    put(keras_home, CSV, "datasets/train.csv")
    assert locate(text, None) is None


def test_keras_folder_is_where_keras_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KERAS_HOME")
    assert keras_folders() == [tmp_path / ".keras/datasets"]
    monkeypatch.setenv("KERAS_HOME", "~/of keras")
    assert keras_folders() == [tmp_path / "of keras/datasets"]
    monkeypatch.setenv("KERAS_HOME", "/proc/1/cannot be written")
    assert keras_folders() == [Path("/proc/1/cannot be written/datasets"), Path("/tmp/.keras/datasets")]
    monkeypatch.setenv("KERAS_HOME", "")
    assert keras_folders() == [Path("/tmp/.keras/datasets")]


# A file in place of a folder


@pytest.mark.parametrize("name", ["file.bin", "file (1).bin"])
def test_the_file_itself_may_be_named(name: str, file: DataFile, tmp_path: Path) -> None:
    path = put(tmp_path, BODY, name)
    assert obtain(file, path) == located(path, BODY, "original", "folder")


def test_a_file_that_is_named_is_verified(file: DataFile, tmp_path: Path) -> None:
    path = put(tmp_path, BODY[:-1], "file.bin")
    with pytest.raises(DataInvalid, match=f"^{path} is truncated"):
        obtain(file, path)


def test_the_other_files_lie_beside_the_one_that_is_named(file: DataFile, text: DataFile, tmp_path: Path) -> None:
    """For a text, in a zip file of its own too; other zip files there are not looked into."""
    index = put(tmp_path, b"{}", "index.json")
    path = put(tmp_path, BODY, "file.bin")
    file = dataclasses.replace(file, corpus_files=("file.bin", "index.json"))
    assert obtain(file, index).path == path

    text = dataclasses.replace(text, corpus_files=("train.csv", "test.csv"))
    other = put(tmp_path, CSV, "test.csv")
    put(tmp_path, b"damaged", "any.zip")
    with pytest.raises(DataInvalid, match=rf"corpus/train\.csv is missing in the folder of {other}, as train\.csv\."):
        obtain(text, other)
    path = put(tmp_path, zipped({"train.csv": CSV}), "train.csv.zip")
    assert obtain(text, other) == located(path, CSV, "original", "folder", "real", ("train.csv",))
    assert obtain(text, put(tmp_path, zipped({"test.csv": CSV}), "test.csv.zip")).path == path


@pytest.mark.parametrize("name", ["imdb.npz", "train_small.csv", "README"])
def test_a_file_of_no_such_name_is_refused_with_the_names(name: str, text: DataFile, tmp_path: Path) -> None:
    put(tmp_path, CSV, "train.csv")
    path = put(tmp_path, b"id,x\n", name)
    text = dataclasses.replace(text, corpus_files=("train.csv", "test.csv"))
    with pytest.raises(DataInvalid) as caught:
        obtain(text, path)
    assert str(caught.value) == (
        f"{path} is no file of corpus: those are train.csv, test.csv, or a zip file with them. "
        "Name one of them, or a folder."
    )


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("train.tgz", b"\x1f\x8b\x08", "is packed with gzip. Unpack it."),
        ("any.zip", b"<html>log in</html>", "is a web page, not a zip file. Download it again."),
        ("any.zip", b"", "is empty, not a zip file. Download it again."),
        ("login", b"<html>log in</html>", "is a web page. Download it again."),
        ("train.xlsx", zipped({"[Content_Types].xml": b""}), "is an Excel workbook. Save its table as plain text in "),
    ],
)
def test_a_named_file_that_cannot_be_one_is_called_what_it_is(
    name: str, content: bytes, says: str, text: DataFile, tmp_path: Path
) -> None:
    path = put(tmp_path, content, name)
    with pytest.raises(DataInvalid) as caught:
        obtain(text, path)
    assert str(caught.value).startswith(f"{path} {says}")


def test_what_is_neither_a_folder_nor_a_file_is_not_read(file: DataFile, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataInvalid, match="pipe is neither a folder nor a file"):
        obtain(file, tmp_path / "pipe")


# Files that are only parsed


@pytest.fixture
def text(publisher: Publisher, cache: Path) -> DataFile:
    """A text file with a known checksum, and a known part of it."""
    publisher.body = CSV
    return DataFile(
        path="corpus/train.csv",
        url=publisher.url,
        original=Version("original", len(CSV), f"sha256:{sha256(CSV)}"),
        rebuilt=(Version("excerpt", len(EXCERPT), f"sha256:{sha256(EXCERPT)}", "sample"),),
        parsed=True,
    )


@pytest.fixture
def competition(cache: Path) -> DataFile:
    """A file of a competition."""
    return DataFile(
        path="corpus/train.csv",
        url=f"https://www.kaggle.com/competitions/{SLUG}/data",
        original=Version("original", len(CSV), f"sha256:{sha256(CSV)}"),
        rebuilt=(Version("excerpt", len(EXCERPT), f"sha256:{sha256(EXCERPT)}", "sample"),),
        parsed=True,
        competition=SLUG,
    )


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What is asked of Kaggle, which has CSV under every name."""
    asked = []

    def fetch(competition: str, name: str, folder: Path) -> Path:
        asked.append((competition, name))
        return put(folder, CSV, name)

    monkeypatch.setattr(kaggle, "fetch", fetch)
    return asked


def test_a_known_part_is_a_sample(text: DataFile, tmp_path: Path) -> None:
    path = put(tmp_path, EXCERPT, text.path)
    assert obtain(text, tmp_path) == located(path, EXCERPT, "excerpt", "folder", "sample")


def test_the_original_of_a_text_is_real(text: DataFile, cache: Path) -> None:
    assert obtain(text, None) == located(cache / text.path, CSV, "original", "cache", "real")


def test_an_unknown_text_of_the_users_is_accepted_and_marked(text: DataFile, tmp_path: Path) -> None:
    path = put(tmp_path, MINE, text.path)
    assert obtain(text, tmp_path) == located(path, MINE, "unverified", "folder", None)


def test_an_unknown_text_in_the_cache_is_damage_if_the_original_is_known(text: DataFile, cache: Path) -> None:
    put(cache, MINE, text.path)
    with pytest.raises(DataInvalid, match=r"truncated.*Delete it; `repro data get corpus` fetches it"):
        obtain(text, None)


def test_a_text_may_lie_flat_where_the_corpus_has_no_folder(text: DataFile, tmp_path: Path) -> None:
    """Else it may be that of another corpus: several have a file of this name."""
    path = put(tmp_path, MINE, "train.csv")
    assert obtain(text, tmp_path).path == path
    (tmp_path / "corpus").mkdir()
    with pytest.raises(DataInvalid, match=r"corpus/train\.csv is missing"):
        obtain(text, tmp_path)


def test_a_zip_file_under_the_name_of_a_text_is_opened(text: DataFile, tmp_path: Path) -> None:
    path = put(tmp_path, zipped({"train.csv": CSV}), text.path)
    assert obtain(text, tmp_path) == located(path, CSV, "original", "folder", "real", ("train.csv",))
    assert obtain(text, path).read() == CSV


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_text_with_line_ends_of_any_kind_is_whole(end: bytes, text: DataFile, tmp_path: Path) -> None:
    put(tmp_path, MINE.replace(b"\n", end), text.path)
    assert obtain(text, tmp_path).edition == "unverified"


def test_a_text_with_a_byte_order_mark_is_accepted(text: DataFile, tmp_path: Path) -> None:
    put(tmp_path, b"\xef\xbb\xbf" + MINE, text.path)
    assert obtain(text, tmp_path).edition == "unverified"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("id,comment\n".encode("utf-16"), "in UTF-16. Save it as UTF-8."),
        (
            b"<html>log in</html>",
            "a web page, not the file. Log in at https://www.kaggle.com/competitions/a-challenge/data",
        ),
        (b"", "empty. Replace it with the file from https://www.kaggle.com/competitions/a-challenge/data."),
        (b"%PDF-1.7", "a PDF file, not the file. Replace it with the file from https://www.kaggle.com/"),
    ],
)
def test_a_text_that_is_something_else_is_called_what_it_is(
    content: bytes, says: str, competition: DataFile, cache: Path, tmp_path: Path
) -> None:
    path = put(tmp_path, content, competition.path)
    with pytest.raises(DataInvalid) as caught:
        obtain(competition, tmp_path)
    assert str(caught.value).startswith(f"{path} is {says}")
    put(cache, content, competition.path)
    with pytest.raises(DataInvalid, match=r"Delete it; `repro data get corpus` fetches it again"):
        obtain(competition, None)


def test_what_is_no_text_is_called_what_it_is_too(file: DataFile, tmp_path: Path) -> None:
    path = put(tmp_path, "numbers".encode("utf-16"))
    with pytest.raises(DataInvalid, match=rf"^{path} is in UTF-16, not the file\. Replace it with the file from "):
        obtain(file, tmp_path)


def test_a_text_that_breaks_off_within_a_line_is_truncated(text: DataFile, tmp_path: Path) -> None:
    path = put(tmp_path, CSV[:401], text.path)
    with pytest.raises(
        DataInvalid,
        match=rf"{path} is truncated \(401 of {len(CSV)} bytes, the last line without .* whole, end its last line\.",
    ):
        obtain(text, tmp_path)


def test_a_text_is_read_as_it_was_hashed(text: DataFile, tmp_path: Path) -> None:
    found = obtain(text, put(tmp_path, CSV, text.path).parents[1])
    assert (found.name, found.read()) == (str(tmp_path / text.path), CSV)
    put(tmp_path, MINE, text.path)
    with pytest.raises(DataInvalid, match=r"train\.csv was changed while it was in use"):
        found.read()
    found.path.unlink()
    with pytest.raises(DataInvalid, match=r"train\.csv cannot be read: No such file"):
        found.read()


@pytest.mark.parametrize("name", ["corpus/train.csv.zip", "corpus/any.zip", f"{SLUG}.zip"])
def test_a_text_may_lie_in_a_zip_file(name: str, competition: DataFile, tmp_path: Path) -> None:
    path = put(tmp_path, zipped({"train.csv": EXCERPT, "test.csv": MINE}), name)
    found = obtain(competition, tmp_path)
    assert found == located(path, EXCERPT, "excerpt", "folder", "sample", ("train.csv",))
    assert (found.name, found.read()) == (f"{path}: train.csv", EXCERPT)


def test_a_zip_file_can_be_named_itself(text: DataFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path, zipped({"train.csv.zip": zipped({"train.csv": CSV})}), "any.zip")
    monkeypatch.setenv("REPRO_DATA", str(path))
    assert obtain(text, None) == located(path, CSV, "original", "folder", "real", ("train.csv.zip", "train.csv"))


def test_a_zip_file_may_be_put_into_the_cache(competition: DataFile, cache: Path) -> None:
    path = put(cache, zipped({"train.csv": CSV}), "corpus/any.zip")
    assert locate(competition, None) == located(path, CSV, "original", "cache", "real", ("train.csv",))


def test_a_known_part_is_damage_in_the_cache(competition: DataFile, cache: Path) -> None:
    put(cache, EXCERPT, competition.path)
    with pytest.raises(
        DataInvalid, match=r"is a part of the file, which is taken only if --data or REPRO_DATA names it"
    ):
        locate(competition, None)


def test_what_is_unpickled_is_not_looked_for_in_zip_files(file: DataFile, tmp_path: Path) -> None:
    path = put(tmp_path, zipped({"file.bin": BODY}), "corpus/file.bin.zip")
    assert find(file, tmp_path) is None
    assert find(file, path) is None
    with pytest.raises(DataInvalid, match=rf"file\.bin is missing in the zip file {path}\. Put .*as corpus/file\.bin"):
        obtain(file, path)


def test_a_damaged_zip_file_is_named(competition: DataFile, tmp_path: Path) -> None:
    path = put(tmp_path, zipped({"train.csv": CSV})[:-9], f"corpus/{SLUG}.zip")
    with pytest.raises(DataInvalid, match=f"^{path} is damaged or incomplete"):
        obtain(competition, tmp_path)
    with pytest.raises(DataInvalid, match=f"^{path} is damaged or incomplete"):
        obtain(competition, path)


def test_a_zip_file_with_a_damaged_member_is_named(competition: DataFile, tmp_path: Path) -> None:
    content = bytearray(zipped({"train.csv": CSV}))
    content[45] ^= 0xFF
    path = put(tmp_path, bytes(content), f"corpus/{SLUG}.zip")
    with pytest.raises(DataInvalid, match=rf"^{path}: train\.csv is damaged or incomplete"):
        obtain(competition, tmp_path)


def test_a_named_folder_without_a_competitions_file_says_what_to_put_there(
    competition: DataFile, asked: list[tuple[str, str]], tmp_path: Path
) -> None:
    with pytest.raises(DataInvalid, match=r"train\.csv is missing in .* and its zip files\. Put .*corpus/any\.zip"):
        obtain(competition, tmp_path)
    path = put(tmp_path, zipped({"test.csv": CSV}), "any.zip")
    with pytest.raises(DataInvalid, match=rf"corpus/train\.csv is missing in the zip file {path}\."):
        obtain(competition, path)
    assert asked == []


def test_a_competitions_file_is_fetched_once_from_kaggle(
    competition: DataFile, asked: list[tuple[str, str]], cache: Path
) -> None:
    found = obtain(competition, None)
    assert found == located(cache / "corpus/train.csv", CSV, "original", "cache", "real")
    assert obtain(competition, None) == found
    assert asked == [(SLUG, "train.csv")]


def test_without_kaggles_packages_two_lines_say_what_to_do(
    competition: DataFile, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("kagglehub", "kaggle"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(DataUnavailable, match="neither kagglehub nor kaggle is installed") as caught:
        obtain(competition, None)
    assert str(caught.value).count("\n") == 1
    assert names(cache) == []


def test_a_cache_that_cannot_be_made_is_named_for_kaggle_too(
    competition: DataFile, asked: list[tuple[str, str]], cache: Path
) -> None:
    cache.write_text("a file where the folder should be")
    with pytest.raises(DataUnavailable, match="cannot be kept in"):
        obtain(competition, None)


def test_what_nobody_publishes_cannot_be_fetched(text: DataFile) -> None:
    with pytest.raises(DataUnavailable, match=r"nobody publishes it\.\nMake it, and put the file as corpus/train\.csv"):
        obtain(dataclasses.replace(text, url=""), None)


# Files that a corpus can do without


def test_an_optional_file_may_be_missing_in_a_named_folder(
    publisher: Publisher, file: DataFile, tmp_path: Path
) -> None:
    assert find(file, tmp_path) is None
    assert publisher.ranges == []


def test_an_optional_file_is_not_fetched(publisher: Publisher, file: DataFile) -> None:
    assert find(file, None) is None
    assert publisher.ranges == []


def test_an_optional_file_is_found_as_others_are(file: DataFile, cache: Path, tmp_path: Path) -> None:
    path = put(tmp_path, BODY)
    assert find(file, tmp_path) == located(path, BODY, "original", "folder")
    put(cache, BODY)
    assert find(file, None) == located(cache / "corpus/file.bin", BODY, "original", "cache")


def test_an_optional_file_that_is_damaged_is_refused(file: DataFile, tmp_path: Path) -> None:
    put(tmp_path, BODY[:5000])
    with pytest.raises(DataInvalid, match="truncated"):
        find(file, tmp_path)


def test_a_file_that_is_wanted_is_looked_for_in_the_cache_if_it_goes_with_any_copy(
    file: DataFile, cache: Path, tmp_path: Path
) -> None:
    kept = cache / "corpus/file.bin"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(BODY)
    (tmp_path / "folder").mkdir()
    found = obtain_if_possible(file, tmp_path / "folder", "it is not scored", fits_any=True)
    assert found is not None
    assert found.where == "cache"
    with pytest.warns(DataWarning, match=r"it is not scored: corpus/file\.bin is not there; `repro data get corpus`"):
        assert obtain_if_possible(file, tmp_path / "folder", "it is not scored") is None
