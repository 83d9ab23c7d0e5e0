"""What a user's name for runs finds: one record, or the runs of one model made in one way."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from conftest import EMBEDDED, MakeRecord

from chapters.imdb_lstm import CHAPTER
from repro.errors import RecordInvalid, ReproError
from repro.evidence.named_runs import NamedRuns, named_pair, named_runs, ranges
from repro.records import Record, Results
from repro.runs.run import settings


def seeds(runs: NamedRuns) -> list[int]:
    return [record.seed for record in runs.records]


def write(results: Results, make_record: MakeRecord, numbers: range, **changes: object) -> list[Record]:
    records = [make_record(seed=seed, **changes) for seed in numbers]
    for record in records:
        results.write(record)
    return records


@pytest.mark.parametrize("form", ["file", "file without its ending", "place", "choice"])
def test_a_record_is_found_with_all_runs_that_were_made_as_it_was(
    form: str, results: Results, make_record: MakeRecord
) -> None:
    record, *_ = write(results, make_record, range(3, 6))
    write(results, make_record, range(9), engine="keras")
    write(results, make_record, range(9), epochs=2)
    path = results.record_path("imdb_lstm", record.stem)
    name = {
        "file": str(path),
        "file without its ending": str(path.with_suffix("")),
        "place": f"imdb_lstm/{record.stem}",
        "choice": "imdb_lstm/model_one@fast@seed3",
    }[form]
    found = named_runs(name, results)
    assert found.records == (record,)
    assert found.single
    assert [each.seed for each in found.alike] == [3, 4, 5]
    assert found.name == f"imdb_lstm/{record.stem}"


def test_a_file_elsewhere_stands_beside_the_runs_in_the_folder(
    results: Results, make_record: MakeRecord, tmp_path: Path
) -> None:
    write(results, make_record, range(1, 4))
    mine = make_record(seed=2, weights_sha256="5" * 64)
    path = tmp_path / "mine.json"
    path.write_bytes(msgspec.json.encode(mine))
    found = named_runs(str(path), results)
    assert found.name == str(path)
    assert found.alike[1] == mine
    assert [each.seed for each in found.alike] == [1, 2, 3]


def test_the_engine_with_the_most_seeds_is_taken_and_the_others_can_be_named(
    results: Results, make_record: MakeRecord
) -> None:
    write(results, make_record, range(1, 4))
    write(results, make_record, range(1, 7), engine="keras")
    found = named_runs("imdb_lstm/model_one", results)
    assert found.name == "imdb_lstm/model_one/source@keras"
    assert seeds(found) == [1, 2, 3, 4, 5, 6]
    assert found.not_used == ("imdb_lstm/model_one/source@fast, 3 seeds (1-3)",)
    assert seeds(named_runs("imdb_lstm/model_one/source@fast", results)) == [1, 2, 3]
    write(results, make_record, range(4, 7))
    assert named_runs("imdb_lstm/model_one", results).name == "imdb_lstm/model_one/source@fast"


def engines(first: str, second: str, results: Results) -> list[str]:
    """By which engines two groups are compared."""
    return [runs.records[0].engine for runs in named_pair(f"imdb_lstm/{first}", f"imdb_lstm/{second}", results)]


def test_two_groups_are_by_one_engine_if_it_made_enough_runs_of_both(results: Results, make_record: MakeRecord) -> None:
    write(results, make_record, range(1, 9))
    write(results, make_record, range(1, 6), engine="keras")
    write(results, make_record, range(1, 5), experiment="model_two", engine="keras")
    assert engines("model_one", "model_two", results) == ["fast", "keras"]
    write(results, make_record, range(5, 6), experiment="model_two", engine="keras")
    assert engines("model_one", "model_two", results) == ["keras", "keras"]
    assert engines("model_two", "model_one", results) == ["keras", "keras"]
    assert engines("model_one@seed2", "model_two@seed2", results) == ["keras", "keras"]
    found, _ = named_pair("imdb_lstm/model_one", "imdb_lstm/model_two", results)
    assert found.not_used == ("imdb_lstm/model_one/source@fast, 8 seeds (1-8)",)


def test_an_engine_that_a_name_chooses_is_taken(results: Results, make_record: MakeRecord) -> None:
    (record, *_) = write(results, make_record, range(1, 9))
    write(results, make_record, range(1, 7), engine="keras")
    write(results, make_record, range(1, 6), experiment="model_two", engine="keras")
    assert engines("model_one@fast", "model_two", results) == ["fast", "keras"]
    assert engines(record.stem, "model_two", results) == ["fast", "keras"]
    assert engines("model_one", "model_one@keras", results) == ["fast", "keras"]


def test_of_several_engines_the_one_with_most_runs_of_both_is_taken(results: Results, make_record: MakeRecord) -> None:
    for engine, ones, others in (("fast", 9, 6), ("keras", 7, 8)):
        write(results, make_record, range(ones), engine=engine)
        write(results, make_record, range(others), experiment="model_two", engine=engine)
    assert engines("model_one", "model_two", results) == ["keras", "keras"]
    write(results, make_record, range(7), experiment="model_two")
    assert engines("model_one", "model_two", results) == ["fast", "fast"]


def test_an_engine_does_not_bring_other_data(results: Results, make_record: MakeRecord) -> None:
    write(results, make_record, range(1, 9))
    write(results, make_record, range(1, 9), engine="keras", data=EMBEDDED)
    write(results, make_record, range(1, 9), engine="keras", epochs=2)
    write(results, make_record, range(1, 7), experiment="model_two", engine="keras")
    assert engines("model_one", "model_two", results) == ["fast", "keras"]


def test_a_pair_of_the_same_runs_is_refused(results: Results, make_record: MakeRecord) -> None:
    write(results, make_record, range(1, 3))
    with pytest.raises(ReproError, match="A and B are the same: imdb_lstm/model_one/source@fast"):
        named_pair("imdb_lstm/model_one", "imdb_lstm/model_one@fast", results)


def test_each_run_knows_its_group(results: Results, make_record: MakeRecord) -> None:
    write(results, make_record, range(1, 4))
    write(results, make_record, range(1, 3), data=EMBEDDED, epochs=2)
    write(results, make_record, range(1, 2), engine="keras")
    for choices in ("fast", "embedded", "fast@seed2"):
        found = named_runs(f"imdb_lstm/model_one@{choices}", results)
        assert named_runs(found.group, results).records == found.alike
        stem = found.records[0].stem
        assert named_runs(f"imdb_lstm/{stem}", results).group == found.group
    assert named_runs("imdb_lstm/model_one@keras", results).group == ""


def test_real_data_and_the_sources_epochs_go_first_and_each_name_leads_back(
    results: Results, make_record: MakeRecord
) -> None:
    write(results, make_record, range(1, 3))
    write(results, make_record, range(1, 5), data=EMBEDDED)
    write(results, make_record, range(1, 6), epochs=2)
    write(results, make_record, range(1, 7), data=EMBEDDED, epochs=2, engine="keras")
    found = named_runs("imdb_lstm/model_one", results)
    assert seeds(found) == [1, 2]
    for note in found.not_used:
        name, what = note.split(", ")
        assert named_runs(name, results).name == name
        assert what == f"{len(named_runs(name, results).records)} seeds ({ranges(seeds(named_runs(name, results)))})"
    assert len(found.not_used) == 3
    assert named_runs("imdb_lstm/model_one@embedded", results).name == "imdb_lstm/model_one/source@fast@embedded"
    assert named_runs("imdb_lstm/model_one@2-epochs", results).records[0].data.kind == "real"


def test_a_group_is_named_as_its_records_lie_in_folders(results: Results, make_record: MakeRecord) -> None:
    chapter = CHAPTER.varied("batch_32")
    how = settings(chapter, chapter.experiments[0], "source", 10)
    write(results, make_record, range(1, 3), variation="batch_32", settings=how)
    write(results, make_record, range(1, 5))
    name = "imdb_lstm/model_one/source/batch_32"
    found = named_runs(name, results)
    assert {record.variation for record in found.records} == {"batch_32"}
    assert named_runs(str(results.root / "records" / name), results) == found
    assert named_runs(f"{name}/", results) == found


def test_only_one_run_of_a_group_is_that_run(results: Results, make_record: MakeRecord) -> None:
    (record,) = write(results, make_record, range(7, 8))
    assert named_runs("imdb_lstm/model_one", results).name == f"imdb_lstm/{record.stem}"


def test_what_is_left_out_of_a_group_is_told(results: Results, make_record: MakeRecord) -> None:
    write(results, make_record, range(1, 3))
    old = make_record(seed=3)
    results.write(msgspec.structs.replace(old, settings=msgspec.structs.replace(old.settings, batch_size=7)))
    (results.root / "records/imdb_lstm/broken.json").write_text("{")
    found = named_runs("imdb_lstm/model_one", results)
    assert seeds(found) == [1, 2]
    outdated, unreadable = map(str, found.left_out)
    assert "seed3-fast-" in outdated
    assert "broken.json" in unreadable


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("imdb_lst/model_one", "did you mean 'imdb_lstm'"),
        ("imdb_lstm", "name one of its experiments"),
        ("imdb_lstm/model_on", "did you mean 'model_one'"),
        ("imdb_lstm/model_one/sourc", "did you mean 'source'"),
        ("imdb_lstm/model_one/keras3", "what Keras 3 computes, also from R, is imdb_lstm/model_one/stock"),
        ("imdb_lstm/model_one/Keras-3.15", "imdb_lstm/model_one/stock"),
        ("imdb_lstm/model_one/keras", "did you mean 'keras2'"),
        ("imdb_lstm/model_one/batch_32", "imdb_lstm/model_one/source/batch_32"),
        ("imdb_lstm/model_one/source/batch_3", "did you mean 'batch_32'"),
        ("imdb_lstm/model_one/source/batch_32/more", "too many parts"),
        ("imdb_lstm/model_one/stock/batch_32", "repro run imdb_lstm/model_one --numerics stock --vary batch_32"),
        ("imdb_lstm/model_one@jax", "there are: @fast, @real, @original, @real-original, @seed1, ..."),
        ("imdb_lstm/model_one@seed7", "there are: 3 seeds (1-2, 4)"),
        ("imdb_lstm/model_one@seed1@seed2", "one run has one seed"),
        ("imdb_lstm/model_one/source/seed9-fast-00000000", "did you mean 'seed"),
        ("imdb_lstm/model_on/source/seed9-fast-00000000", "did you mean 'model_one'"),
        ("missing.json", "there is no file missing.json"),
        ("/missing", "there is no file /missing"),
        ("a" * 5000, "no chapter"),
        ("", "no chapter"),
    ],
)
def test_a_name_that_nothing_has_is_refused_with_the_nearest(
    name: str, complaint: str, results: Results, make_record: MakeRecord
) -> None:
    for seed in (1, 2, 4):
        results.write(make_record(seed=seed))
    with pytest.raises(ReproError) as refused:
        named_runs(name, results)
    assert complaint in str(refused.value)


def test_a_file_that_is_no_record_is_refused(results: Results, tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_text('{"schema": "other"}')
    with pytest.raises(RecordInvalid, match="schema 'other'"):
        named_runs(str(path), results)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("history.csv", "epoch,loss,accuracy\n0,0.5,0.8\n"),
        ("from_r.csv", '"","epoch","value","metric","data"\n"1",1,0.5,"loss","training"\n'),
        ("history.json", '{"loss": [0.5], "val_loss": [0.6]}'),
        ("scores.json", '{"val_acc": 0.8}'),
    ],
)
def test_a_history_is_led_to_the_command_that_takes_it(
    name: str, content: str, results: Results, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(RecordInvalid) as refused:
        named_runs(str(path), results)
    assert str(refused.value).endswith(f"\nrepro judge CHAPTER/EXPERIMENT --history {path}")
    assert "JSON" not in str(refused.value)


def test_a_broken_record_is_not_taken_for_a_history(results: Results, make_record: MakeRecord, tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(msgspec.json.encode(make_record())[:-9])
    with pytest.raises(RecordInvalid, match="not valid JSON"):
        named_runs(str(path), results)


def test_a_record_of_an_unknown_chapter_is_refused_by_its_file(
    results: Results, make_record: MakeRecord, tmp_path: Path
) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(msgspec.json.encode(make_record(chapter="imdb_gru")))
    with pytest.raises(ReproError, match=r"file\.json: no chapter 'imdb_gru'"):
        named_runs(str(path), results)


def test_numbers_are_written_as_ranges() -> None:
    assert ranges([1, 2, 3, 5, 8, 9]) == "1-3, 5, 8-9"
    assert ranges([]) == ""
