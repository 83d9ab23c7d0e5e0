"""Tables and figures: from records alone, the same bytes each time, nothing compared that cannot be."""

from __future__ import annotations

import csv
import io
import math
import os
from pathlib import Path

import matplotlib
import msgspec
import pytest
from conftest import EMBEDDED, REAL, MakeRecord

from chapters import rotten_tomatoes, stacked_lstm
from chapters.imdb_lstm import CHAPTER, MODELS
from repro.datasets.description import Description, Texts
from repro.evaluation import Evaluation
from repro.evidence.run_groups import RunGroup, group_records
from repro.records import Record
from repro.report import figures, record_tables, verdict_tables
from repro.report.quantities import average, deviation, spread
from repro.report.table import Table, both, programs, readers, words, write


@pytest.fixture
def seeds(make_record: MakeRecord) -> RunGroup:
    """Two seeds of all four models on the real data; in the second, model one errs 250 times more on the test rows."""
    records = [make_record(name, seed=seed) for name in MODELS for seed in (1, 2)]
    second = records[1]
    (a, b), (c, d) = second.evaluation["test"].matrix
    worse = msgspec.structs.replace(second.evaluation["test"], matrix=((a - 250, b), (c + 250, d)))
    records[1] = msgspec.structs.replace(second, evaluation=second.evaluation | {"test": worse})
    (group,), left_out = group_records(CHAPTER, reversed(records))
    assert not left_out
    return group


def test_a_row_is_declared_once_for_readers_and_for_programs() -> None:
    row = [*words(model="one"), both("loss", 0.5, "50 %"), readers("ours", "1 ± 2"), *programs(mean=1.0, sd=2.0)]
    table = Table.of("name", "Caption.", [row], labels=1)
    assert (table.headers, table.rows) == (("model", "loss", "ours"), [("one", "50 %", "1 ± 2")])
    assert table.files()[".csv"] == "model,loss,mean,sd\none,0.5,1.0,2.0\n"
    assert table.align == ("left", "right", "right")


def test_a_wide_cell_is_wrapped_whatever_stands_beside_and_below_it() -> None:
    rows = [words(what="layers", A="Embedding(500, 32), LSTM(32)"), words(what="rows", A="25,000")]
    text = Table.of("t", "caption", rows, labels=1, widest=20).text
    assert [line.split(maxsplit=1) for line in text.splitlines()[4:]] == [
        ["layers", "Embedding(500, 32),"],
        ["LSTM(32)"],
        ["rows", "25,000"],
    ]


@pytest.mark.parametrize("missing", [math.nan, math.inf])
def test_a_missing_number_leaves_its_cell_empty(missing: float) -> None:
    numbers = [0.5, missing]
    assert (spread(numbers, 2), average(numbers), deviation(numbers)) == ("", None, None)


def test_the_comparison_puts_our_mean_and_deviation_below_the_source(seeds: RunGroup) -> None:
    rows = {(row[0], row[3], row[4]): row for row in record_tables.comparison(seeds).rows}
    assert len(rows) == 16
    source = ("model_one", "1", "rmsprop", "test", "source", "0.3997", "81.99", "73.27", "90.71")
    assert rows["model_one", "test", "source"] == source
    ours = rows["model_one", "test", "2 seeds"]
    assert ours[5:] == ("0.3997 ± 0.0000", "81.49 ± 0.71", "72.27 ± 1.41", "90.71 ± 0.00")
    assert rows["model_four", "train", "source"][1] == "1, both ways"


def test_the_csv_has_the_numbers_themselves(seeds: RunGroup) -> None:
    rows = list(csv.DictReader(io.StringIO(record_tables.comparison(seeds).files()[".csv"])))
    row = next(row for row in rows if (row["model"], row["data"]) == ("model_one", "test"))
    assert float(row["accuracy_printed"]) == 0.81992
    assert float(row["accuracy_mean"]) == pytest.approx(0.81492)
    assert float(row["specificity_sd"]) == pytest.approx(0.0141421, abs=1e-7)
    assert row["seeds"] == "2"


def test_confusion_matrices_stand_as_in_r(seeds: RunGroup) -> None:
    table = record_tables.confusion(seeds)
    assert table.headers[-3:] == ("Predicted", "Actual 0", "Actual 1")
    rows = [row for row in table.rows if row[:2] == ("model_one", "test")]
    assert rows[0] == ("model_one", "test", "source", "0", "9159", "1161")
    assert rows[1] == ("model_one", "test", "source", "1", "3341", "11339")
    assert rows[2] == ("model_one", "test", "2 seeds", "0", "9034.0 ± 176.8", "1161.0 ± 0.0")
    assert table.csv_rows[:4] == [
        ("model_one", "train", "source", 0, 9258, 1070),
        ("model_one", "train", "source", 1, 3242, 11430),
        ("model_one", "train", "seed 1", 0, 9258, 1070),
        ("model_one", "train", "seed 1", 1, 3242, 11430),
    ]


def claims(group: RunGroup) -> dict[str, str]:
    """By the text of the claim: in how many seeds it holds, or the verdict if there are none."""
    return {row[0].split(" [")[0]: row[1] or row[3] for row in verdict_tables.claims(group).rows}


def test_claims_are_counted_over_seeds(seeds: RunGroup) -> None:
    rows = claims(seeds)
    assert len(rows) == 54
    assert rows["Model four has the lowest test loss of the four."] == "2 of 2 (by chance 1 of 4)"
    assert rows["An LSTM layer trains slower than a simple RNN layer."] == "no runs yet"


def test_claims_on_longer_training_look_at_the_longer_runs_of_the_same_kind(make_record: MakeRecord) -> None:
    text = "More than ten epochs would not lower model one's loss on the held-out rows much."
    longer = make_record(epochs=30, variation="epochs_30")
    for records, answer in (
        ([make_record()], "no runs yet"),
        ([make_record(), longer], "0 of 1"),  # whose loss falls all the way
        ([make_record(), make_record(epochs=30)], "no runs yet"),
    ):
        groups, _ = group_records(CHAPTER, records)
        (group,) = (each for each in groups if each.epochs is None and not each.variation)
        assert claims(group)[text] == answer


def test_one_seed_is_enough_for_what_the_source_says_can_happen(make_record: MakeRecord) -> None:
    def record(seed: int, late: float) -> Record:
        curve = (0.5,) * 20 + (late,) * 100
        history = dict.fromkeys(("loss", "accuracy", "val_loss", "val_accuracy"), curve)
        return make_record("stacked_lstm/stacked", seed=seed, epochs=120, history=history)

    (group,), _ = group_records(stacked_lstm.CHAPTER, [record(1, 0.4), record(2, 0.6)])
    first, *others = verdict_tables.claims(group).rows
    text, seeds, share, verdict, measured = first
    assert text.startswith("In some cases, more epochs raise the accuracy: 120 against 20. [on the held-out tenth, ")
    assert (seeds, share) == ("1 of 2", "")
    assert verdict == "seen in 1 of 2"
    assert measured.startswith("after 120 minus after 20: +0.00 points (")
    assert [row[3] for row in others] == ["no runs yet"] * 3


@pytest.mark.parametrize(
    ("repeated", "answer"), [(None, "not counted yet"), (0, "fails in the data"), (3, "holds in the data")]
)
def test_a_claim_on_the_data_is_answered_by_what_was_counted(
    make_record: MakeRecord, repeated: int | None, answer: str
) -> None:
    chapter = rotten_tomatoes.CHAPTER
    record = make_record("rotten_tomatoes/lstm", epochs=8)
    texts = Texts(rows=9, classes=(9, 0, 0, 0, 0), lengths=(0, 9), repeated=repeated or 0)
    description = Description(data=record.data, halves={"train": texts, "test": texts})
    (group,), _ = group_records(chapter, [record], [] if repeated is None else [description])
    assert claims(group)["Some phrases are repeated."] == answer


def test_the_same_records_give_the_same_bytes_in_all_forms(seeds: RunGroup, tmp_path: Path) -> None:
    def everything(folder: Path) -> dict[str, bytes]:
        write(record_tables.tables(seeds), folder)
        figures.write(figures.figures(seeds), folder)
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    first, again = everything(tmp_path / "first"), everything(tmp_path / "again")
    assert first == again
    names = {
        f"{name}{ending}"
        for name in ("comparison", "confusion", "printed", "calibration", "claims")
        for ending in (".txt", ".md", ".csv", ".tex")
    }
    assert {Path(path).name for path in first} == names | {"curves.png"}


def test_only_files_that_change_are_written(seeds: RunGroup, tmp_path: Path) -> None:
    made, drawn = record_tables.tables(seeds), figures.figures(seeds)
    changed, *others = sorted([*write(made, tmp_path).iterdir(), *figures.write(drawn, tmp_path)])
    for path in (changed, *others):
        os.utime(path, (0, 0))
    content = changed.read_bytes()
    changed.write_bytes(content[::-1])
    write(made, tmp_path)
    figures.write(drawn, tmp_path)
    assert [path for path in others if path.stat().st_mtime] == []
    assert changed.read_bytes() == content


def test_a_figure_that_differs_is_written_again(seeds: RunGroup, tmp_path: Path) -> None:
    drawn = figures.figures(seeds)
    (path,) = figures.write(drawn, tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[::-1])
    figures.write(drawn, tmp_path)
    assert path.read_bytes() == content


def test_the_users_settings_of_matplotlib_neither_change_the_figures_nor_are_changed(seeds: RunGroup) -> None:
    expected = figures.figures(seeds)
    with matplotlib.rc_context({"axes.facecolor": "black", "font.size": 20}):
        assert figures.figures(seeds) == expected
        assert matplotlib.rcParams["font.size"] == 20


def test_markdown_and_latex_are_tables_with_the_caption(seeds: RunGroup) -> None:
    files = record_tables.comparison(seeds).files()
    assert "| model_one   | 1" in files[".md"]
    assert r"\toprule" in files[".tex"]
    assert r"model\_one" in files[".tex"]
    assert all("a rebuilt copy" not in text for text in files.values())
    assert "the real data" in files[".txt"]


def test_embedded_records_are_never_beside_printed_numbers(make_record: MakeRecord) -> None:
    (group,), _ = group_records(CHAPTER, [make_record(data=EMBEDDED)])
    assert not group.comparable
    assert [table.name for table in record_tables.tables(group)] == ["comparison", "confusion"]
    for table in record_tables.tables(group):
        assert "not to be compared" in table.caption
        assert not any("source" in row for row in table.rows)
    for row in csv.DictReader(io.StringIO(record_tables.comparison(group).files()[".csv"])):
        assert {row[f"{measure}_printed"] for measure in ("loss", "accuracy", "specificity", "sensitivity")} == {""}


def test_runs_of_other_length_numerics_or_data_get_tables_of_their_own(make_record: MakeRecord) -> None:
    plain = make_record()
    rebuilt = msgspec.structs.replace(REAL, edition="rebuilt", sha256="9" * 64)
    stock = msgspec.structs.replace(plain.settings, numerics="stock", gates="sigmoid")
    records = [plain, make_record(epochs=2), make_record(data=rebuilt), make_record(settings=stock)]
    groups, left_out = group_records(CHAPTER, records)
    assert not left_out
    comparable = {group.name: group.comparable for group in groups}
    assert comparable == {
        "real-original-source": True,
        "real-original-source-2-epochs": False,
        "real-original-stock": True,
        "real-rebuilt-source": True,
    }
    assert "(a rebuilt copy)" in next(v for v in groups if v.data == "real-rebuilt").caption


def test_records_of_settings_that_are_gone_are_left_out_by_name(make_record: MakeRecord) -> None:
    old = msgspec.structs.replace(make_record().settings, batch_size=64)
    _, left_out = group_records(CHAPTER, [make_record(), make_record(seed=2, settings=old)])
    assert [str(error).split(":")[0].startswith("model_one/source/seed2-fast-") for error in left_out] == [True]


def test_records_of_an_older_corpus_are_left_out_by_name(make_record: MakeRecord) -> None:
    older = msgspec.structs.replace(EMBEDDED, sha256="5" * 64)
    new = make_record(data=EMBEDDED, when="2026-02-01")
    (group,), left_out = group_records(CHAPTER, [make_record(seed=2, data=older), new])
    assert group.records == (new,)
    assert len(left_out) == 1


def test_one_seed_has_no_deviation(make_record: MakeRecord) -> None:
    (group,), _ = group_records(CHAPTER, [make_record(seed=4)])
    ours = record_tables.comparison(group).rows[1]
    assert ours[4:] == ("seed 4", "0.3750", "82.75", "74.06", "91.44")


@pytest.mark.parametrize("engine", ["fast", "keras", "keras-jax"])
@pytest.mark.parametrize(
    "change",
    [{"filters": "?"}, {"replacements": (("a", "b"),)}, {"num_words": 499}, {"maxlen": 100}, {"padding": "post"}],
)
def test_records_of_texts_prepared_otherwise_are_left_out_by_name_whatever_trained_them(
    make_record: MakeRecord, engine: str, change: dict[str, object]
) -> None:
    new = make_record(engine=engine)
    assert new.data.preparation is not None
    preparation = msgspec.structs.replace(new.data.preparation, **change)
    other = msgspec.structs.replace(new.data, preparation=preparation, sha256="6" * 64)
    old = msgspec.structs.replace(new, seed=2, data=other, when="2027-01-01")  # newer, and alone of its kind
    for records in ([new, old], [old]):
        groups, left_out = group_records(CHAPTER, records)
        assert [record for group in groups for record in group.records] == [new][: len(records) - 1]
        assert [str(error) for error in left_out] == [
            f"{old.stem}: its texts were prepared in another way than this suite prepares them now"
        ]


def test_a_record_that_does_not_say_how_its_texts_were_prepared_is_left_out(make_record: MakeRecord) -> None:
    new = make_record()
    old = msgspec.structs.replace(new, data=msgspec.structs.replace(new.data, preparation=None))
    groups, left_out = group_records(CHAPTER, [old])
    assert not groups
    assert [str(error) for error in left_out] == [f"{old.stem}: it does not say how its texts were prepared"]


def test_without_scored_rows_there_is_no_table_of_classes(make_record: MakeRecord) -> None:
    unscored = Evaluation(loss=1.0, matrix=((1, 0, 0, 0, 0),) * 5)
    record = make_record("rotten_tomatoes/lstm", epochs=8, evaluation={"train": unscored})
    (group,), _ = group_records(rotten_tomatoes.CHAPTER, [record])
    assert [table.name for table in record_tables.tables(group)] == ["comparison", "confusion", "claims"]
