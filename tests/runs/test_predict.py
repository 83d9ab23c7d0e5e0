"""Texts of a user's classified: one, or those in a file; and how much of them the model knows."""

from __future__ import annotations

import csv
import dataclasses
import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from conftest import REAL, MakeRecord

from repro import registry
from repro.backend import make_deterministic
from repro.cli import main
from repro.datasets.dataset import Provenance, fingerprint
from repro.datasets.user_texts import lines
from repro.errors import DataInvalid, ReproError
from repro.records import Record, Results
from repro.runs.checkpoints import save_model
from repro.runs.predict import Prediction, predict
from repro.runs.train import compiled
from repro.runs.trained import newest_trained

NAME = "imdb_lstm/model_two"
TEXT = "The plot was dull, but the xyzzy cast was wonderful."
UNKNOWN = "xyzzy quux"


def untrained(
    results: Results,
    make_record: MakeRecord,
    seed: int = 1,
    data: Provenance | None = None,
    engine: str = "fast",
    variation: str = "",
) -> Record:
    """Leave the record and the weights of a model that was not trained, on the embedded corpus unless another is named.
    All seeds have other weights."""
    chapter, experiment = registry.experiment(NAME)
    make_deterministic(seed)
    model = compiled(chapter, experiment, "source", portable=True)
    model.optimizer.build(model.trainable_variables)
    record = make_record(
        "model_two",
        seed=seed,
        engine=engine,
        variation=variation,
        data=data or chapter.data("embedded").provenance,
        weights_sha256=fingerprint(*model.get_weights()),
        when=f"2026-01-{seed:02}T00:00:00+00:00",
    )
    results.write(record)
    save_model(model, results.weights_path(record.chapter, record.stem))
    return record


@pytest.fixture
def record(results: Results, make_record: MakeRecord) -> Record:
    return untrained(results, make_record)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that the command is called in."""
    folder = tmp_path / "files"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def call(results: Results, *arguments: str | Path, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["predict", NAME, *map(str, arguments), "--results", str(results.root)], stdin)


def refused(result: Result) -> str:
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    (line,) = result.stderr.strip().splitlines()
    assert not result.stdout
    return line


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_newer_model_of_a_variation_is_not_taken_for_the_plain_one(
    results: Results, make_record: MakeRecord, record: Record
) -> None:
    newer = untrained(results, make_record, seed=2, variation="no_shuffling")
    assert newer.when > record.when
    _, used = predict(NAME, [TEXT], results)
    assert used == record
    results.weights_path(record.chapter, record.stem).unlink()
    with pytest.raises(ReproError, match="no trained weights of imdb_lstm/model_two are in"):
        predict(NAME, [TEXT], results)


# One text
def test_an_answer_says_how_many_of_the_words_are_known(results: Results, record: Record) -> None:
    ended = call(results, TEXT)
    assert ended.exit_code == 0, ended.output
    negative, positive, answer, words = ended.stdout.splitlines()
    assert float(negative.split("%")[0]) + float(positive.split("%")[0]) == pytest.approx(100, abs=0.02)
    assert answer.startswith(f"that is: {'positive' if negative < positive else 'negative'}  ({record.stem}: ")
    assert words == "9 of 10 words known"


def test_an_answer_says_what_of_a_long_text_is_read(results: Results, record: Record) -> None:
    words = call(results, "wonderful xyzzy film " * 100).stdout.splitlines()[-1]
    assert words == "the last 200 of 300 words are read; 133 of 200 words known"


@pytest.mark.parametrize(
    ("text", "why"), [(UNKNOWN, "0 of 2 words known"), ("... !", "there is no word"), (" ", "the text is empty")]
)
def test_a_text_without_a_known_word_has_no_answer(results: Results, record: Record, text: str, why: str) -> None:
    assert why in refused(call(results, text))


def test_what_is_known_counts_where_it_is_read(results: Results, record: Record) -> None:
    """The known words stand in front, and are cut off."""
    assert "the last 200 of 203 words are read; 0 of 200" in refused(call(results, "a good film" + " xyzzy" * 200))


def test_a_text_that_is_the_name_of_a_file_is_questioned(results: Results, record: Record, files: Path) -> None:
    (files / "wonderful.txt").write_text(TEXT)
    (files / "wonderful").mkdir()
    assert "--file wonderful.txt classifies what is in it" in refused(call(results, "wonderful.txt"))
    assert "--file - classifies" in refused(call(results, "-", stdin=TEXT.encode()))
    assert call(results, "--text", "wonderful.txt").stdout.endswith("1 of 2 words known\n")
    assert call(results, "wonderful").stdout.endswith("1 of 1 words known\n")
    assert call(results, "wonderful " * 3_000).exit_code == 0  # longer than the name of a file can be


# The texts in a file
def test_each_line_of_a_file_has_an_answer_that_a_single_text_would_have(
    results: Results, record: Record, files: Path
) -> None:
    (files / "texts.txt").write_bytes(f"\ufeff{TEXT}\r\n\r\n{UNKNOWN}\r\na film,{' film' * 300}".encode())
    ended = call(results, "--file", "texts.txt")
    assert ended.exit_code == 0, ended.output
    rows = table(ended.stdout)
    assert list(rows[0]) == ["row", "answer", "negative", "positive", "known_words", "read_words", "words"]
    assert [row["row"] for row in rows] == ["1", "2", "3", "4"]
    counts = [(row["known_words"], row["read_words"], row["words"]) for row in rows]
    assert counts == [("9", "10", "10"), ("0", "0", "0"), ("0", "2", "2"), ("200", "200", "302")]
    assert [row["answer"] == row["negative"] == row["positive"] == "" for row in rows] == [False, True, True, False]
    assert float(rows[0]["negative"]) + float(rows[0]["positive"]) == pytest.approx(1, abs=1e-6)
    single = call(results, TEXT).stdout.splitlines()
    assert single[0] == f"{float(rows[0]['negative']):7.2%}  negative"
    assert rows[0]["answer"] in single[2]
    assert f"by {record.stem}: trained on embedded data" in ended.stderr
    assert "2 of 4 texts have no answer" in ended.stderr
    assert "1 of 4 texts are too long" in ended.stderr
    for word in ("xyzzy", "plot", "film"):  # the texts may be abuse
        assert word not in ended.output


def test_a_column_of_a_csv_or_tsv_file_is_read_as_such_files_are(results: Results, record: Record, files: Path) -> None:
    (files / "texts.csv").write_bytes('\ufeffid,text\r\n1,"dull, and ""long""\nfilm"\r\n2,\r\n3,wonderful\r\n'.encode())
    (files / "texts.tsv").write_text('id\ttext\n1\tdull, and "long film\n2\t\n3\twonderful\n')
    (files / "texts.txt").write_text("dull, and long film\n\nwonderful\n")
    expected = call(results, "--file", "texts.txt").stdout
    assert [row["words"] for row in table(expected)] == ["4", "0", "1"]
    for name in ("texts.csv", "texts.tsv"):
        assert call(results, "--file", name, "--column", "text").stdout == expected


def test_standard_input_and_a_file_for_the_answers(results: Results, record: Record, files: Path) -> None:
    expected = call(results, "--file", "-", stdin=TEXT.encode()).stdout
    assert len(table(expected)) == 1
    for output in ("answers.csv", "a/folder/answers.csv", "-"):
        ended = call(results, "--file", "-", "--output", output, stdin=TEXT.encode())
        assert ended.stdout == (expected if output == "-" else f"Answers: {output}\n")
    assert {path.read_text() for path in files.rglob("*.csv")} == {expected}


def test_answers_go_through_a_link_and_into_what_is_no_file(results: Results, record: Record, files: Path) -> None:
    (files / "link.csv").symlink_to("answers.csv")
    (files / "texts.txt").write_text(TEXT)
    assert call(results, "--file", "texts.txt", "--output", "link.csv").exit_code == 0
    assert (files / "link.csv").is_symlink()
    assert len(table((files / "answers.csv").read_text())) == 1
    assert call(results, "--file", "texts.txt", "--output", "/dev/null").exit_code == 0
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "give one of these"),
        ([TEXT, "--file", "texts.txt"], "give one of these"),
        ([TEXT, "--text", TEXT], "give one of these"),
        ([TEXT, "--output", "answers.csv"], "go with --file"),
        ([TEXT, "--column", "text"], "go with --file"),
        (["--file", "none.txt"], "none.txt cannot be read: No such file"),
        (["--file", "empty.txt"], "empty.txt has no texts"),
        (["--file", "latin.txt"], "latin.txt: line 2: the byte 0xe9 is not UTF-8"),
        (["--file", "utf16.txt"], "is in UTF-16"),
        (["--file", "nul.txt"], "nul.txt: line 1: a NUL character"),
        (["--file", "texts.txt", "--column", "text"], "goes with a file that ends in .csv or .tsv"),
        (["--file", "texts.txt", "--output", "texts.txt"], "name another file for the answers"),
        (["--file", "texts.txt", "--output", "texts.txt/answers.csv"], "texts.txt/answers.csv: File exists"),
        (["--file", "texts.csv"], "which column of texts.csv has the texts? --column NAME; its columns are id, text"),
        (["--file", "texts.csv", "--column", "comment"], "no column 'comment'; its columns are id, text"),
        (["--file", "bare.csv", "--column", "text"], "no column 'text'; it has no header"),
        (["--file", "open.csv", "--column", "text"], "row 1 (line 2), column text: a quote is opened and never closed"),
        (["--file", "short.csv", "--column", "text"], "row 1 (line 2): 1 value where there are 2 columns"),
    ],
)
def test_a_mistake_with_files_ends_with_a_line_that_quotes_no_text(
    results: Results, record: Record, files: Path, arguments: list[str], complaint: str
) -> None:
    contents = {
        "texts.txt": b"xyzzy film\n",
        "empty.txt": b"",
        "latin.txt": b"xyzzy\ncaf\xe9 xyzzy\n",
        "utf16.txt": "xyzzy".encode("utf-16"),
        "nul.txt": b"xyzzy\0\n",
        "texts.csv": b"id,text\n1,xyzzy film\n",
        "bare.csv": b"1,xyzzy film\n",
        "open.csv": b'id,text\n1,"xyzzy film\n',
        "short.csv": b"id,text\nxyzzy\n",
    }
    for name, content in contents.items():
        (files / name).write_bytes(content)
    message = refused(call(results, *arguments))
    assert complaint in message
    assert "xyzzy" not in message
    assert {path.name: path.read_bytes() for path in files.iterdir()} == contents


def test_a_line_ends_at_a_line_feed_alone() -> None:
    assert lines("file", "a\x0bb\u2028c\rd\r\ne\n\n".encode()) == ["a\x0bb\u2028c\rd", "e", ""]
    with pytest.raises(DataInvalid, match="line 2: the byte 0xff"):
        lines("file", b"a\n\xff")


# In Python, and which model it is
def test_both_engines_say_the_same(results: Results, make_record: MakeRecord) -> None:
    said = []
    for engine in ("fast", "keras"):
        untrained(results, make_record, engine=engine)
        found, record = predict(NAME, [TEXT, UNKNOWN, "a wonderful film"], Results(results.root))
        said.append([[*one.probabilities.values()] for one in found])
        assert found[1] == Prediction(None, {}, 2, 2, 0)
        results.forget(record.chapter, record.stem)
    assert record.engine == "keras"
    assert said[0][1] == said[1][1] == []
    np.testing.assert_allclose(said[0][0] + said[0][2], said[1][0] + said[1][2], rtol=0, atol=1e-6)


def test_ten_thousand_texts_are_numbered_and_classified_in_batches(results: Results, record: Record) -> None:
    found, _ = predict(NAME, [TEXT, "a wonderful film"] * 5_000, results)
    assert len(found) == 10_000
    assert found[:2] * 5_000 == found


def test_the_newest_model_of_the_data_asked_for_is_taken(results: Results, make_record: MakeRecord) -> None:
    older, newer = (untrained(results, make_record, seed=seed) for seed in (1, 2))
    untrained(results, make_record, seed=3, data=REAL)
    assert older.when < newer.when
    assert predict(NAME, [TEXT], results, "embedded")[1] == newer
    results.weights_path(newer.chapter, newer.stem).unlink()
    assert predict(NAME, [TEXT], results, "embedded")[1] == older
    with pytest.raises(DataInvalid, match="no/such"):  # and not passed over for the embedded corpus
        predict(NAME, [TEXT], results, "no/such/folder")
    with pytest.raises(DataInvalid, match="no/such"):
        predict(NAME, [TEXT], results, Path("no/such/folder"))


def test_a_newer_model_of_the_embedded_corpus_does_not_hide_that_of_the_real_data(
    results: Results, make_record: MakeRecord
) -> None:
    chapter, experiment = registry.experiment(NAME)
    dataset: Any = SimpleNamespace(provenance=REAL)
    chapter = dataclasses.replace(chapter, data=lambda choice: dataset)
    trained, _ = (untrained(results, make_record, seed, data) for seed, data in ((1, REAL), (2, None)))
    assert newest_trained(chapter, experiment, results, None) == (trained, "real")


def test_a_folder_that_is_named_is_never_passed_over(results: Results, record: Record, tmp_path: Path) -> None:
    with pytest.raises(ReproError, match="no trained weights of imdb_lstm/model_two, trained on the real data"):
        predict(NAME, [TEXT], results, tmp_path)
    assert "trained on the real data" in refused(call(results, TEXT, "--data", tmp_path))


def test_weights_that_do_not_fit_the_data_are_passed_over_for_older_ones_that_do(
    results: Results, make_record: MakeRecord, record: Record
) -> None:
    """The embedded corpus was another when the newer model was trained: its words had other numbers."""
    import msgspec

    untrained(results, make_record, seed=2, data=msgspec.structs.replace(record.data, sha256="0" * 64))
    assert predict(NAME, [TEXT], results)[1] == record
    results.weights_path(record.chapter, record.stem).unlink()
    with pytest.raises(ReproError, match="trained on other data than those here"):
        predict(NAME, [TEXT], results)
