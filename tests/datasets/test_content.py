"""A file that is not what its name says is recognized by its first bytes, and is otherwise left alone."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro.datasets.content import HEAD, look, look_into

CSV = "id,comment_text,toxic\na1,fine,0\n" * 9


def tar() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("train.csv"))
    return stream.getvalue()


def zipped() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("train.csv", CSV)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        (CSV.encode("utf-16"), "in UTF-16"),
        (CSV.encode("utf-16-le"), "in UTF-16"),
        (CSV.encode("utf-16-be"), "in UTF-16"),
        (CSV.encode("utf-32"), "in UTF-32"),
        (zipped(), "a zip file"),
        (gzip.compress(CSV.encode(), mtime=0), "packed with gzip"),
        (bz2.compress(CSV.encode()), "packed with bzip2"),
        (lzma.compress(CSV.encode()), "packed with xz"),
        (tar(), "a tar archive"),
        (b"PAR1\x15\x04", "a Parquet file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook"),
        (b"%PDF-1.7", "a PDF file"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:", "a pointer of Git LFS"),
        (b"<!DOCTYPE html>", "a web page"),
        (b"\xef\xbb\xbf\n  <HTML lang=en>", "a web page"),
        (b'<?xml version="1.0"?><Error>', "a web page"),
        (b'{"code":403,"message":"..."}', "JSON, perhaps the error of a server"),
    ],
)
def test_what_is_no_text_is_recognized(head: bytes, what: str) -> None:
    found = look(head, ".csv")
    assert found is not None
    assert found.what == what


@pytest.mark.parametrize(
    "text",
    [
        CSV,
        "\ufeff" + CSV,
        CSV.replace("\n", "\r"),
        '"3","Wall St. <html>","{...}"\n',
        "PhraseId\tSentenceId\tPhrase\n1\t1\tÀ propos\n",
        "PK,zip\n",
        "BZh,1\n",
    ],
)
def test_a_text_is_left_alone(text: str) -> None:
    assert look(text.encode()[:HEAD], ".csv") is None
    assert look(text.encode("cp1252", "ignore"), ".csv") is None


def test_what_the_name_says_is_left_alone() -> None:
    stream = io.BytesIO()
    np.savez(stream, x=np.arange(3))
    assert look(stream.getvalue(), ".npz") is None
    assert look(zipped(), ".zip") is None
    assert look(b'{"the": 1}', ".json") is None


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "Z", "P"]), min_size=1), st.sampled_from([",", "\t"]))
def test_no_header_with_plain_titles_is_taken_for_something_else(title: str, delimiter: str) -> None:
    assert look(f"id{delimiter}{title}\n".encode(), ".csv") is None


def test_the_remedy_says_what_to_make_of_it() -> None:
    found = look(b"PAR1", ".tsv")
    assert found is not None
    assert found.remedy == "Save its table as plain text in UTF-8, with the values separated as in .tsv files."


def test_a_zip_file_is_told_from_office_files_by_its_members() -> None:
    assert look_into(["train.csv"], ".csv") is None
    workbook = look_into(["xl/workbook.xml", "[Content_Types].xml"], ".csv")
    sheet = look_into(["mimetype", "content.xml"], ".csv")
    assert workbook is not None
    assert sheet is not None
    assert (workbook.what, sheet.what) == ("an Excel workbook", "an OpenDocument file")
