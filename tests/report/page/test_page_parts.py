"""What the page is made of: notes on runs, tables, sentences, examples."""

from __future__ import annotations

import msgspec
import pytest
from conftest import EMBEDDED, REAL, MakeRecord, spread_out

from chapters.imdb_lstm import CHAPTER, MODELS
from repro import registry
from repro.check import Checked
from repro.evidence.claims import verdicts
from repro.evidence.reader.pasted_matrix import read_matrix
from repro.evidence.run_groups import RunGroup, group_records, main_group
from repro.evidence.source_numbers import calibrate_source, judge, source_numbers
from repro.records import Record
from repro.report.page.form_examples import as_r_prints
from repro.report.page.page_findings import JudgedNumber, checked_in_words, counted, sentences
from repro.report.page.page_tables import entries_table, saved_table
from repro.report.page.run_notes import RunNote, RunNotes, seeds_option
from repro.report.table import readers, words
from repro.runs.run import settings


def note_on(records: list[Record]) -> RunNote:
    notes = RunNotes()
    place = notes.of(CHAPTER, records)
    (note,) = notes.all
    assert note.place == place
    return note


def varied(record: Record, variation: str, numerics: str, epochs: int | None = None) -> Record:
    """The record as if the variation had been trained, under these numerics."""
    chapter, experiment = registry.experiment(f"imdb_lstm/{record.experiment}", variation)
    made = settings(chapter, experiment, numerics, epochs or experiment.epochs)  # type: ignore[arg-type]
    return msgspec.structs.replace(record, variation=variation, settings=made)


def test_a_note_has_the_command_that_makes_the_runs_again(make_record: MakeRecord) -> None:
    plain = [make_record(seed=seed) for seed in (5, 1, 2)]
    assert note_on(plain).commands == ("repro run imdb_lstm/model_one --seeds 1-2,5",)
    assert note_on([make_record(name) for name in MODELS]).commands == ("repro run imdb_lstm --seeds 1",)
    changed = varied(plain[0], "padding_after", "keras2")
    assert note_on([changed]).commands == (
        "repro run imdb_lstm/model_one --seeds 5 --vary padding_after --numerics keras2",
    )
    assert note_on([varied(plain[0], "epochs_5", "source")]).commands[0].endswith("--vary epochs_5")
    assert note_on([varied(plain[0], "", "source", 3)]).commands[0].endswith("--seeds 5 --epochs 3")
    by_keras = msgspec.structs.replace(plain[0], engine="keras")
    assert note_on([by_keras]).commands[0].endswith("--engine keras")
    on_jax = msgspec.structs.replace(plain[0], engine="keras-jax")
    assert note_on([on_jax]).commands[0].startswith("KERAS_BACKEND=jax repro run imdb_lstm/model_one")


def test_a_note_says_what_the_runs_were_made_from(make_record: MakeRecord) -> None:
    records = [make_record(seed=1, versions={"keras": "3.1"}), make_record(seed=2, versions={"keras": "3.2"})]
    note = note_on(records)
    lines = dict(note.lines)
    assert note.title == "2 runs of imdb_lstm/model_one"
    assert lines["seeds"] == "1-2"
    assert lines["versions"] == "keras 3.1 and 3.2"
    assert "real-original, fingerprint 222222222222" in lines["data"]
    (pattern,) = {record.stem.replace(f"seed{record.seed}", "seed*") for record in records}
    assert lines["records"] == f"records/imdb_lstm/{pattern}.json"


def test_the_same_runs_have_one_note(make_record: MakeRecord) -> None:
    notes = RunNotes()
    first, second = make_record(seed=1), make_record(seed=2)
    assert notes.of(CHAPTER, [first, second]) == notes.of(CHAPTER, [second, first])
    assert notes.of(CHAPTER, [first]) != notes.of(CHAPTER, [second])
    assert notes.of(CHAPTER, []) == ""
    assert len(notes.all) == 3


@pytest.mark.parametrize(("numbers", "text"), [([3], "3"), ([1, 2, 3], "1-3"), ([7, 1, 3, 2, 9, 8], "1-3,7-9")])
def test_ranges_of_seeds(numbers: list[int], text: str) -> None:
    assert seeds_option(numbers) == text


def test_a_column_without_any_text_is_left_out() -> None:
    rows = [[*words(model="one"), readers("ours", ""), readers("source", text)] for text in ("1", "")]
    table = entries_table("t", "about", rows, 1, ("ours", "source"), lambda row: f"note of {row['model']}")
    assert table.headers == ("model", "source")
    assert [[cell.note for cell in row] for row in table.rows] == [["", "note of one"], ["", ""]]
    assert [row[0].repeated for row in table.rows] == [False, True]


def test_a_saved_table_gets_back_the_names_that_it_does_not_repeat() -> None:
    table = saved_table("t", "Caption.\n\n| a | b | n |\n|:--|:--|--:|\n| x | y | 1 |\n|   | z | 2 |\n|   |   | 3 |\n")
    assert table
    assert (table.about, table.headers, table.labels) == ("Caption.", ("a", "b", "n"), 2)
    assert [[cell.text for cell in row] for row in table.rows] == [["x", "y", "1"], ["x", "z", "2"], ["x", "z", "3"]]


@pytest.mark.parametrize("text", ["", "words\n", "| a |\n|:--|\n| 1 |\n", "C\n\n| a | b |\n|:--|--:|\n| 1 |\n"])
def test_what_is_no_table_is_not_read_as_one(text: str) -> None:
    assert saved_table("t", text) is None


@pytest.fixture
def group(make_record: MakeRecord) -> RunGroup:
    (group,), _ = group_records(CHAPTER, [each for seed in range(1, 25) for each in spread_out(make_record, seed)])
    return group


def test_sentences_say_what_the_verdicts_are(group: RunGroup) -> None:
    judged = [JudgedNumber(each, judge(each, group.records)) for each in source_numbers(CHAPTER)]
    good = sum(each.verdict.verdict == "reproduced" for each in judged)
    calibration = calibrate_source(CHAPTER, group.records)
    claims = verdicts(CHAPTER, group.records)
    first, second = sentences(group, judged, calibration, claims)
    assert first.startswith(f"{good} of the {len(judged)} numbers that the source prints of its runs are reproduced")
    assert calibration
    assert f"(p = {calibration.p:.2f})" in first
    assert second.startswith(f"Of its {len(claims)} claims, ")
    holding = sum(each.verdict == "holds" for each in claims)
    assert f" {holding} hold" in second


def test_too_few_runs_are_not_called_a_verdict(make_record: MakeRecord) -> None:
    (few,), _ = group_records(CHAPTER, [each for seed in (1, 2) for each in spread_out(make_record, seed)])
    judged = [JudgedNumber(each, judge(each, few.records)) for each in source_numbers(CHAPTER)]
    (first, *_) = sentences(few, judged, calibrate_source(CHAPTER, few.records), [])
    assert first == "The source's 36 numbers are not judged yet: 2 seeds of ours are too few."


def test_one_number_is_not_called_one_of_one(make_record: MakeRecord) -> None:
    runs = [each for seed in range(1, 21) for each in spread_out(make_record, seed)]
    (group, *_), _ = group_records(CHAPTER, runs)
    judged = [JudgedNumber(each, judge(each, group.records)) for each in source_numbers(CHAPTER)]
    good = next(each for each in judged if each.verdict.verdict == "reproduced")
    far = good.number._replace(value=10 * good.number.value)
    bad = JudgedNumber(far, judge(far, group.records))
    said = [sentences(group, [each], None, [])[0] for each in (good, bad)]
    assert said == [f"The one number that the source prints of its runs is {how}reproduced." for how in ("", "not ")]


def test_a_sample_is_named_as_what_forbids_a_verdict(make_record: MakeRecord) -> None:
    sample = msgspec.structs.replace(REAL, kind="sample")
    (group,), _ = group_records(CHAPTER, [make_record(seed=seed, data=sample) for seed in range(1, 7)])
    judged = [JudgedNumber(each, judge(each, group.records)) for each in source_numbers(CHAPTER)]
    (first, *_) = sentences(group, judged, None, [])
    assert first.endswith("are not judged, since these runs are of a sample of the data.")


def test_counts_are_told_in_the_singular_and_in_the_plural() -> None:
    assert counted({"holds": 1}) == "1 holds"
    assert counted({"holds": 2, "open": 1, "no runs yet": 3}) == "2 hold, 1 is open and 3 wait for runs"


def test_what_was_checked_leaves_out_what_there_is_none_of() -> None:
    assert checked_in_words(Checked([], 9, 0, 0, 0, 0)) == "9 parameter counts by formula equal Keras' own"
    assert checked_in_words(Checked(["a: wrong", "b: wrong"], 9, 0, 0, 0, 0)) == "a: wrong; b: wrong"


def test_the_complete_real_data_speak_for_a_chapter(make_record: MakeRecord) -> None:
    on_embedded = [make_record(seed=seed, data=EMBEDDED) for seed in range(1, 9)]
    groups, _ = group_records(CHAPTER, [*on_embedded, make_record(data=REAL)])
    group = main_group(groups)
    assert group
    assert group.data == "real-original"
    assert main_group([]) is None


def test_a_matrix_is_printed_as_r_does_so_that_it_is_read_as_it_is() -> None:
    matrix = ((9159, 1161), (3341, 11339))
    text = as_r_prints(matrix)
    assert read_matrix(text, CHAPTER.classes, transposed=False).matrix == matrix
