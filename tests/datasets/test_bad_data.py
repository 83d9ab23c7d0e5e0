"""Damaged and unsuitable files end a command with a line or two that say where the fault is, and leave nothing behind.

The texts may be hostile: no message has a piece of one.
"""

from __future__ import annotations

import csv
import gzip
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import kaggle_files
import pytest
from click.testing import CliRunner
from data_files import names
from kaggle_files import change, put, rows

from repro.cli import main
from repro.datasets.jigsaw import LABELS

CHAPTERS = {"jigsaw": "jigsaw_multilabel", "rotten_tomatoes": "rotten_tomatoes", "ag_news": "stacked_lstm"}
TEXTS = {
    "jigsaw/train.csv": 1,
    "jigsaw/test.csv": 1,
    "rotten_tomatoes/train.tsv": 2,
    "rotten_tomatoes/test.tsv": 2,
    "ag_news/train.csv": 2,
    "ag_news/test.csv": 2,
}
"""The files with texts, and the column in which they are."""
MARK = "Schimpfwort"
"""What all texts begin with, so that a piece of one is seen in a message."""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPRO_CACHE", str(tmp_path / "cache"))


def written(corpus: str, tmp_path: Path) -> Path:
    """A data folder with the files of a corpus, `MARK` in all their texts."""
    folder = kaggle_files.write(corpus, tmp_path / "data")
    for name, column in TEXTS.items():
        if name.startswith(corpus):
            table = rows(folder / name)
            for row in table[corpus != "ag_news" :]:
                row[column] = f"{MARK} {row[column]}"
            put(folder / name, table)
    return folder


def complaint(corpus: str, data: Path, tmp_path: Path) -> str:
    """What the command prints; asserts that it ends as it should and leaves nothing behind."""
    arguments = ("run", CHAPTERS[corpus], "--data", data, "--results", tmp_path / "results")
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    message = result.stderr.strip()
    assert len(message.splitlines()) <= 2
    assert len(message) < 1_000
    assert message.startswith("repro: ")
    assert MARK not in result.output
    assert not (tmp_path / "results").exists()
    assert names(tmp_path / "cache") == []
    return message


# Each spoils a file.

Spoil = Callable[[Path], object]


def renamed(old: str, new: str) -> Spoil:
    """A column has another name."""
    return lambda path: put(path, [[new if value == old else value for value in rows(path)[0]], *rows(path)[1:]])


def valued(row: int, column: int, value: str) -> Spoil:
    """Another value in a row, which counts from 0, the header included."""
    return lambda path: change(path, row, column, value)


def same_id(path: Path) -> None:
    change(path, 5, 0, rows(path)[2][0])


def same_id_and_no_labels(path: Path) -> None:
    same_id(path)
    path.with_stem("test_labels").unlink()


def last(row: str) -> Spoil:
    """Another row at the end."""
    return lambda path: path.write_text(path.read_text(encoding="utf-8") + row, encoding="utf-8")


def only(count: int) -> Spoil:
    """The first rows, the header included."""
    return lambda path: put(path, rows(path)[:count])


def content(new: bytes) -> Spoil:
    return lambda path: path.write_bytes(new)


def not_utf8(path: Path) -> None:
    """In the fourth text."""
    pieces = path.read_bytes().split(MARK.encode())
    mark = MARK.encode()
    path.write_bytes(mark.join(pieces[:4]) + mark + b"\xe9" + mark.join(pieces[4:]))


def quote_removed(path: Path) -> None:
    """The closing one of a text, which then ends at the opening one of a later text."""
    lines = path.read_text(encoding="utf-8")
    path.write_text(re.sub(rf'("{MARK}[^"]*)"', r"\1", lines, count=1), encoding="utf-8")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


def made_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def headless(path: Path) -> None:
    put(path, rows(path)[1:])


PAGE = b"\n<!DOCTYPE html>\n<html><head><title>Log in</title></head></html>\n"


def recoded(encoding: str) -> Spoil:
    return lambda path: path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))


def in_windows_1252(path: Path) -> None:
    """With an accent in the second row; there is no character of several bytes."""
    text = path.read_text(encoding="utf-8").encode("ascii", "ignore").decode()
    path.write_bytes(text.replace(MARK, f"{MARK}\xe9", 2).replace(f"{MARK}\xe9", MARK, 1).encode("cp1252"))


def packed(path: Path) -> None:
    path.write_bytes(gzip.compress(path.read_bytes()))


def zipped_as(*names: str) -> Spoil:
    """A zip file under the name of the file, with these members."""

    def spoil(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.writestr(name, MARK)

    return spoil


workbook = zipped_as("[Content_Types].xml", "xl/workbook.xml")


def semicolons(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(
            [["1", "a", "b"] for _ in range(9)]
            if "ag_news" in str(path)
            else [["id", "comment_text", *LABELS], ["a1", MARK, *"000000"]]
        )


def no_treebank(path: Path) -> None:
    path.write_bytes(PAGE)
    path.with_name("test_labels.tsv").unlink()


class Case(NamedTuple):
    file: str
    spoil: Spoil
    says: str
    """A regular expression, for what follows the name of the file."""


LONG = f"{MARK} " * 10_000
CASES = {
    "jigsaw: a column is missing": Case(
        "jigsaw/train.csv", renamed("insult", "insults"), r": the header lacks insult; needed are id, comment_text, "
    ),
    "jigsaw: no texts": Case("jigsaw/test.csv", renamed("comment_text", "text"), r": the header lacks comment_text; "),
    "jigsaw: no label": Case("jigsaw/test_labels.csv", renamed("threat", MARK + " x"), r": the header lacks threat; "),
    "jigsaw: no header": Case("jigsaw/train.csv", headless, r": line 1 is not a header; the columns needed are id, "),
    "jigsaw: a wrong label": Case(
        "jigsaw/train.csv", valued(4, 2, "2"), r": row 4 \(line [\d,]+\), column toxic: '2' is none of 0, 1\."
    ),
    "jigsaw: a label is missing": Case(
        "jigsaw/train.csv", valued(4, 7, ""), r": row 4 \(line [\d,]+\), column identity_hate: '' is none of 0, 1\."
    ),
    "jigsaw: no label in training": Case(
        "jigsaw/train.csv", valued(1, 3, "-1"), r": row 1 \(line 2\), column severe_toxic: '-1' is none of 0, 1\."
    ),
    "jigsaw: a wrong test label": Case(
        "jigsaw/test_labels.csv", valued(9, 6, "0.0"), r": row 9 \(line 10\), column identity_hate: '0.0' is none of "
    ),
    "jigsaw: a text for a label": Case(
        "jigsaw/train.csv",
        valued(6, 4, f"{MARK} and more"),
        r": row 6 \(line [\d,]+\), column obscene: a value of 20 characters is none of 0, 1\.",
    ),
    "jigsaw: an empty comment": Case(
        "jigsaw/train.csv", valued(7, 1, ""), r": row 7 \(line [\d,]+\), column comment_text: the text is blank\."
    ),
    "jigsaw: a blank test comment": Case(
        "jigsaw/test.csv", valued(7, 1, " \n "), r": row 7 \(line [\d,]+\), column comment_text: the text is blank\."
    ),
    "jigsaw: a comment too long": Case(
        "jigsaw/train.csv",
        valued(3, 1, LONG),
        r": row 3 \(line [\d,]+\), column comment_text: the text has 120,000 characters, more than 100,000",
    ),
    "jigsaw: a test comment too long": Case(
        "jigsaw/test.csv", valued(3, 1, LONG), r": row 3 \(line [\d,]+\), column comment_text: the text has 120,000 "
    ),
    "jigsaw: a comment for an id": Case(
        "jigsaw/test.csv", valued(3, 0, LONG), r": row 3 \(line [\d,]+\), column id: the text has 120,000 characters"
    ),
    "jigsaw: not UTF-8": Case(
        "jigsaw/train.csv", not_utf8, r": row 4 \(line [\d,]+\), column comment_text: the byte 0xe9 is not UTF-8\."
    ),
    "jigsaw: an id twice": Case(
        "jigsaw/train.csv", same_id, r": row 5 \(line [\d,]+\), column id: the same value as in row 2 \(line [\d,]+\)\."
    ),
    "jigsaw: a test id twice": Case(
        "jigsaw/test.csv", same_id, r": row 5 \(line [\d,]+\), column id: the same value as in row 2 \(line [\d,]+\)\."
    ),
    "jigsaw: a test id twice, without labels": Case(
        "jigsaw/test.csv", same_id_and_no_labels, r": row 5 \(line [\d,]+\), column id: the same value as in row 2 "
    ),
    "jigsaw: labels twice": Case(
        "jigsaw/test_labels.csv", same_id, r": row 5 \(line 6\), column id: the same value as in row 2 \(line 3\)\."
    ),
    "jigsaw: labels of others": Case(
        "jigsaw/test_labels.csv", valued(5, 0, "f" * 16), r": its ids are not those of the test comments"
    ),
    "jigsaw: a quote is not closed": Case(
        "jigsaw/train.csv",
        last(f'ffffffffffffffff,"{MARK} never closed,0,0,0,0,0,0\n'),
        r": row 1,201 \(line [\d,]+\), column comment_text: a quote is opened and never closed\.",
    ),
    "jigsaw: a quote lacks": Case(
        "jigsaw/train.csv", quote_removed, r": row \d+ \(line [\d,]+\), column comment_text: "
    ),
    "jigsaw: a row too short": Case(
        "jigsaw/train.csv",
        last(f"ffff,{MARK},0,0\n"),
        r": row 1,201 \(line [\d,]+\): 4 values where there are 8 columns",
    ),
    "jigsaw: a row too long": Case(
        "jigsaw/test.csv",
        last(f"ffff,{MARK},{MARK}\n"),
        r": row 301 \(line [\d,]+\): 3 values where there are 2 columns",
    ),
    "jigsaw: no bytes": Case("jigsaw/train.csv", content(b""), r" is empty\. Replace it with the file from https://"),
    "jigsaw: nothing but a line end": Case("jigsaw/test.csv", content(b"\n"), r" is empty\."),
    "jigsaw: no rows": Case("jigsaw/train.csv", only(1), r" has a header but no rows\."),
    "jigsaw: one row": Case("jigsaw/train.csv", only(2), r" has 1 row: too few to hold some out\."),
    "jigsaw: cut short": Case("jigsaw/test.csv", cut, r" is truncated \([\d,]+ of 60,354,593 bytes, the last line "),
    "jigsaw: in UTF-16": Case("jigsaw/train.csv", recoded("utf-16"), r" is in UTF-16\. Save it as UTF-8\."),
    "jigsaw: in UTF-16 without a mark": Case("jigsaw/test.csv", recoded("utf-16-le"), r" is in UTF-16\. Save it as"),
    "jigsaw: in Windows-1252": Case(
        "jigsaw/train.csv",
        in_windows_1252,
        r": row 2 \(line \d+\), column comment_text: the byte 0xe9 is not UTF-8\. Is the file in Windows-1252\?",
    ),
    "jigsaw: a login page": Case(
        "jigsaw/train.csv",
        content(PAGE),
        r" is a web page, not the file\. Log in at https://www\.kaggle\.com/.* and down",
    ),
    "jigsaw: packed": Case("jigsaw/train.csv", packed, r" is packed with gzip\. Unpack it\."),
    "jigsaw: a workbook": Case(
        "jigsaw/train.csv", workbook, r" is an Excel workbook\. Save its table as plain text in "
    ),
    "jigsaw: another zip file": Case(
        "jigsaw/test.csv", zipped_as("x.csv"), r" is a zip file that holds no test\.csv\."
    ),
    "jigsaw: semicolons": Case(
        "jigsaw/train.csv", semicolons, r": the values are separated by semicolons\. Save it with commas\."
    ),
    "jigsaw: a pointer": Case(
        "jigsaw/test.csv",
        content(b"version https://git-lfs.github.com/spec/v1\n"),
        r" is a pointer of Git LFS\. `git lfs",
    ),
    "jigsaw: missing": Case("jigsaw/train.csv", Path.unlink, r" is missing in the data folder "),
    "jigsaw: no test comments": Case("jigsaw/test.csv", Path.unlink, r" is missing in the data folder "),
    "jigsaw: a folder": Case("jigsaw/test.csv", made_a_folder, r" cannot be read"),
    "rotten_tomatoes: a column is missing": Case(
        "rotten_tomatoes/train.tsv",
        renamed("Sentiment", "Label"),
        r": the header lacks Sentiment; needed are PhraseId, ",
    ),
    "rotten_tomatoes: no texts": Case(
        "rotten_tomatoes/test.tsv", renamed("Phrase", f"{MARK} x"), r": the header lacks Phrase; "
    ),
    "rotten_tomatoes: no labels": Case(
        "rotten_tomatoes/test_labels.tsv", renamed("Sentiment", "x"), r": the header lacks Sentiment; "
    ),
    "rotten_tomatoes: no header": Case("rotten_tomatoes/test.tsv", headless, r": line 1 is not a header; "),
    "rotten_tomatoes: a wrong label": Case(
        "rotten_tomatoes/train.tsv",
        valued(8, 3, "5"),
        r": row 8 \(line 9\), column Sentiment: '5' is none of 0, 1, 2, 3, 4\.",
    ),
    "rotten_tomatoes: a wrong test label": Case(
        "rotten_tomatoes/test_labels.tsv",
        valued(8, 1, "-1"),
        r": row 8 \(line 9\), column Sentiment: '-1' is none of 0, 1, 2, 3, 4\.",
    ),
    "rotten_tomatoes: a phrase too long": Case(
        "rotten_tomatoes/train.tsv", valued(8, 2, LONG), r": row 8 \(line 9\), column Phrase: the text has 120,000 "
    ),
    "rotten_tomatoes: a phrase for an id": Case(
        "rotten_tomatoes/test.tsv", valued(8, 0, LONG), r": row 8 \(line 9\), column PhraseId: the text has 120,000 "
    ),
    "rotten_tomatoes: not UTF-8": Case(
        "rotten_tomatoes/test.tsv", not_utf8, r": row 4 \(line 5\), column Phrase: the byte 0xe9 is not UTF-8\."
    ),
    "rotten_tomatoes: an id twice": Case(
        "rotten_tomatoes/train.tsv", same_id, r": row 5 \(line 6\), column PhraseId: the same value as in row 2 "
    ),
    "rotten_tomatoes: a test id twice": Case(
        "rotten_tomatoes/test.tsv", same_id, r": row 5 \(line 6\), column PhraseId: the same value as in row 2 "
    ),
    "rotten_tomatoes: labels twice": Case(
        "rotten_tomatoes/test_labels.tsv", same_id, r": row 5 \(line 6\), column PhraseId: the same value as in row 2 "
    ),
    "rotten_tomatoes: labels of others": Case(
        "rotten_tomatoes/test_labels.tsv", valued(5, 0, "999999"), r": its PhraseIds are not those of the test phrases"
    ),
    "rotten_tomatoes: a row too short": Case(
        "rotten_tomatoes/train.tsv",
        last(f"9999\t1\t{MARK}\n"),
        r": row 1,001 \(line 1,002\): 3 values where there are 4",
    ),
    "rotten_tomatoes: no bytes": Case(
        "rotten_tomatoes/test.tsv", content(b""), r" is empty\. Replace it with the file from https://"
    ),
    "rotten_tomatoes: nothing but a line end": Case("rotten_tomatoes/test.tsv", content(b"\n"), r" is empty\."),
    "rotten_tomatoes: in UTF-16": Case("rotten_tomatoes/test.tsv", recoded("utf-16"), r" is in UTF-16\. Save it as"),
    "rotten_tomatoes: a login page": Case(
        "rotten_tomatoes/test_labels.tsv",
        content(PAGE),
        r" is a web page, not the file\. Make it again, or delete it\.",
    ),
    "rotten_tomatoes: no treebank": Case(
        "rotten_tomatoes/trainDevTestTrees_PTB.zip",
        no_treebank,
        r" is a web page, not a zip file\. Download it again\.",
    ),
    "rotten_tomatoes: commas": Case(
        "rotten_tomatoes/train.tsv",
        lambda path: path.write_text(path.read_text(encoding="utf-8").replace("\t", ","), encoding="utf-8"),
        r": the values are separated by commas\. Save it with tabs\.",
    ),
    "rotten_tomatoes: no rows": Case("rotten_tomatoes/train.tsv", only(1), r" has a header but no rows\."),
    "rotten_tomatoes: cut short": Case(
        "rotten_tomatoes/train.tsv", cut, r" is truncated \([\d,]+ of 8,481,022 bytes, "
    ),
    "rotten_tomatoes: missing": Case("rotten_tomatoes/train.tsv", Path.unlink, r" is missing in the data folder "),
    "ag_news: a wrong class": Case(
        "ag_news/train.csv", valued(3, 0, "0"), r": row 4 \(line [\d,]+\), column class: '0' is none of 1, 2, 3, 4\."
    ),
    "ag_news: a column is missing": Case(
        "ag_news/train.csv",
        lambda path: put(path, [row[:2] for row in rows(path)]),
        r": row 1 \(line 1\): 2 values where there are 3 columns",
    ),
    "ag_news: a header": Case(
        "ag_news/train.csv",
        lambda path: put(path, [["Class Index", "Title", "Description"], *rows(path)]),
        r": row 1 \(line 1\), column class: 'Class Index' is none of 1, 2, 3, 4\.",
    ),
    "ag_news: no text": Case(
        "ag_news/test.csv",
        lambda path: put(path, [["1", "", " "], *rows(path)]),
        r": row 1 \(line 1\), column description: title and description are both blank\.",
    ),
    "ag_news: a text too long": Case(
        "ag_news/train.csv", valued(3, 2, LONG), r": row 4 \(line 4\), column description: the text has 120,000 "
    ),
    "ag_news: a title too long": Case(
        "ag_news/test.csv", valued(3, 1, LONG), r": row 4 \(line 4\), column title: the text has 120,000 characters"
    ),
    "ag_news: not UTF-8": Case(
        "ag_news/test.csv", not_utf8, r": row 4 \(line 4\), column description: the byte 0xe9 is not UTF-8\."
    ),
    "ag_news: a quote is not closed": Case(
        "ag_news/train.csv",
        last(f'"1","a title","{MARK} never closed\n'),
        r": row 401 \(line 401\), column description: a quote is opened and never closed\.",
    ),
    "ag_news: a quote lacks": Case(
        "ag_news/train.csv", quote_removed, r": row 1 \(line 1\), column description: text "
    ),
    "ag_news: no bytes": Case("ag_news/train.csv", content(b""), r" is empty\. Replace it with the file from https://"),
    "ag_news: nothing but line ends": Case("ag_news/test.csv", content(b"\r\n\r\n"), r" is empty\."),
    "ag_news: in UTF-16": Case("ag_news/train.csv", recoded("utf-16"), r" is in UTF-16\. Save it as UTF-8\."),
    "ag_news: a login page": Case(
        "ag_news/test.csv", content(PAGE), r" is a web page, not the file\. Replace it with the file from https://raw\."
    ),
    "ag_news: a Parquet file": Case(
        "ag_news/train.csv", content(b"PAR1\x15\x04"), r" is a Parquet file\. Save its table"
    ),
    "ag_news: semicolons": Case(
        "ag_news/train.csv", semicolons, r": the values are separated by semicolons\. Save it with commas\."
    ),
    "ag_news: three rows": Case("ag_news/train.csv", only(3), r" has 3 rows: too few to hold some out of each class\."),
    "ag_news: one item of a class": Case(
        "ag_news/train.csv",
        lambda path: put(path, [["1", "t", "d"], *([label, "t", "d"] for label in "234" * 20)]),
        r" has 61 rows: too few to hold some out of each class\.",
    ),
    "ag_news: cut short": Case("ag_news/test.csv", cut, r" is truncated \([\d,]+ of 1,857,427 bytes, the last line "),
    "ag_news: missing": Case("ag_news/test.csv", Path.unlink, r" is missing in the data folder "),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_spoilt_file_is_named_with_the_place(case: Case, tmp_path: Path) -> None:
    corpus = case.file.partition("/")[0]
    folder = written(corpus, tmp_path)
    case.spoil(folder / case.file)
    assert re.search(re.escape(case.file) + case.says, complaint(corpus, folder, tmp_path))


@pytest.mark.parametrize("case", ["jigsaw: a wrong label", "jigsaw: not UTF-8", "jigsaw: a quote is not closed"])
def test_in_a_zip_file_the_member_is_named_too(case: str, tmp_path: Path) -> None:
    folder = written("jigsaw", tmp_path)
    file, spoil, says = CASES[case]
    spoil(folder / file)
    kaggle_files.zip_all(folder / "jigsaw", folder / "jigsaw/all.zip")
    assert re.search(r"data/jigsaw/all\.zip: train\.csv\.zip: train\.csv" + says, complaint("jigsaw", folder, tmp_path))


# Zip files


@pytest.fixture(params=CHAPTERS)
def zipped(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    """A corpus, and its files in one zip file in the data folder."""
    corpus: str = request.param
    folder = written(corpus, tmp_path)
    return corpus, kaggle_files.zip_all(folder / corpus, folder / corpus / "all.zip")


def test_a_zip_file_cut_short_is_named(zipped: tuple[str, Path], tmp_path: Path) -> None:
    corpus, path = zipped
    packed = path.read_bytes()
    path.write_bytes(packed[: len(packed) // 5])  # within the first member
    assert re.search(
        r"all\.zip is damaged or incomplete .*Download the zip file again",
        complaint(corpus, tmp_path / "data", tmp_path),
    )
    assert re.search(r"all\.zip is damaged or incomplete .*Download the zip file", complaint(corpus, path, tmp_path))


def test_a_zip_file_with_a_changed_byte_is_named_with_the_member(zipped: tuple[str, Path], tmp_path: Path) -> None:
    corpus, path = zipped
    packed = bytearray(path.read_bytes())
    packed[len(packed) // 3] ^= 0xFF
    path.write_bytes(packed)
    for data in (tmp_path / "data", path):
        assert re.search(r"all\.zip: \w+\.[ct]sv\.zip.* is damaged or incomplete", complaint(corpus, data, tmp_path))


def test_a_zip_file_of_another_corpus_is_refused(zipped: tuple[str, Path], tmp_path: Path) -> None:
    corpus, _ = zipped
    other = {"jigsaw": "ag_news", "rotten_tomatoes": "jigsaw", "ag_news": "rotten_tomatoes"}[corpus]
    path = kaggle_files.zip_all(written(other, tmp_path / "other") / other, tmp_path / "other.zip")
    says = r"train\.\wsv is missing in the zip file .*other\.zip\."
    if corpus == "jigsaw":  # both have a train.csv
        says = r"other\.zip: train\.csv\.zip: train\.csv: line 1 is not a header"
    assert re.search(says, complaint(corpus, path, tmp_path))


@pytest.mark.parametrize("corpus", CHAPTERS)
def test_a_folder_without_the_files_is_named_and_what_to_put_there(corpus: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    message = complaint(corpus, tmp_path / "data", tmp_path)
    assert re.search(rf"{corpus}/train\.[ct]sv is missing in the data folder .*https://", message)


def test_a_single_phrase_leaves_none_to_fit_to(tmp_path: Path) -> None:
    folder = written("rotten_tomatoes", tmp_path)
    path = folder / "rotten_tomatoes/train.tsv"
    put(path, rows(path)[:2])
    result = CliRunner().invoke(
        main, ["run", "rotten_tomatoes", "--data", str(folder), "--results", str(tmp_path / "r")]
    )
    assert result.exit_code == 2
    assert "none is left" in result.stderr
    assert not (tmp_path / "r").exists()
