"""Records: written whole, read back equal, named by what they are, refused when they are something else."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path

import msgspec
import pytest
from conftest import EMBEDDED, MakeRecord

from repro.errors import RecordInvalid, ReproError
from repro.files import check_writable, write_atomically
from repro.records import Results, frame, read


def test_a_record_is_read_back_as_it_was_written(results: Results, make_record: MakeRecord) -> None:
    record = make_record()
    assert read(results.write(record)) == record


def test_a_record_of_the_same_outcome_is_left_as_it_was(results: Results, make_record: MakeRecord) -> None:
    path = results.write(make_record())
    first = path.read_bytes()
    os.utime(path, (0, 0))
    again = make_record(when="2030-01-01", seconds=(2.0,) * 10, versions={"numpy": "3.0"}, machine={"cores": "8"})
    assert results.write(again) == path
    assert (path.read_bytes(), path.stat().st_mtime) == (first, 0)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("change", [{"weights_sha256": "f" * 64}, {"parameters": 1}, {"history": {"loss": (0.5,)}}])
def test_a_record_of_another_outcome_takes_its_place(
    results: Results, make_record: MakeRecord, change: dict[str, object]
) -> None:
    path = results.write(make_record())
    assert results.write(make_record(**change)) == path
    assert read(path) == make_record(**change)


def test_so_does_one_for_a_file_that_is_no_record(results: Results, make_record: MakeRecord) -> None:
    path = results.write(make_record())
    path.write_text("{")
    assert read(results.write(make_record())) == make_record()


def test_the_name_follows_from_experiment_seed_engine_settings_and_data(make_record: MakeRecord) -> None:
    record = make_record()
    assert record.stem.startswith("model_one/source/seed1-fast-")
    assert make_record(variation="padding_after").stem == record.stem.replace("source/", "source/padding_after/")
    assert make_record(when="2030-01-01", weights_sha256="f" * 64).stem == record.stem
    others = [
        make_record("model_two"),
        make_record(seed=2),
        make_record(data=EMBEDDED),
        make_record(epochs=3),
        make_record(engine="other"),
        make_record(settings=msgspec.structs.replace(record.settings, numerics="stock")),
    ]
    assert len({record.stem, *(other.stem for other in others)}) == 1 + len(others)


def test_a_copy_from_another_process_has_the_same_name_and_bytes(results: Results, make_record: MakeRecord) -> None:
    record = make_record(incomplete={"fitted": 3})
    copy = pickle.loads(pickle.dumps(record))
    assert copy.stem == record.stem
    assert msgspec.json.encode(copy) == msgspec.json.encode(record)


def test_a_file_that_states_a_default_is_of_the_same_run(results: Results, make_record: MakeRecord) -> None:
    record = make_record()
    path = results.write(record)
    content = json.loads(path.read_bytes())
    assert "metric" not in content["settings"]
    content["settings"] |= {"metric": "accuracy", "learning_rate": None, "validates_on_test": False}
    path.write_text(json.dumps(content))
    assert read(path).stem == record.stem


def test_lists_of_numbers_stand_on_one_line(results: Results, make_record: MakeRecord) -> None:
    text = results.write(make_record()).read_text()
    assert "[9258, 1070]" in text
    assert len(text.splitlines()) < 80


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"{", "not valid JSON"),
        (b"\xff\xfe", "not valid JSON"),
        (b"[]", "schema None"),
        (b'{"schema": "something/9"}', "schema 'something/9'"),
        (b'{"schema": "lstm-walkthroughs/record/1"}', "missing required field"),
    ],
)
def test_what_is_no_record_is_refused_by_name(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    with pytest.raises(RecordInvalid, match=complaint) as error:
        read(path)
    assert str(path) in str(error.value)


def test_a_field_of_the_wrong_type_is_named(results: Results, make_record: MakeRecord) -> None:
    path = results.write(make_record())
    content = json.loads(path.read_text())
    content["seed"] = "one"
    path.write_text(json.dumps(content))
    with pytest.raises(RecordInvalid, match=r"\$\.seed"):
        read(path)


def test_bad_files_are_reported_and_good_ones_still_read(results: Results, make_record: MakeRecord) -> None:
    good = results.write(make_record())
    good.with_name("bad.json").write_text("{")
    records, invalid = results.records("imdb_lstm")
    assert len(records) == len(invalid) == 1


def test_a_run_is_finished_when_record_and_weights_are_here(results: Results, make_record: MakeRecord) -> None:
    record = make_record()
    path = results.write(record)
    assert results.finished(record.chapter, record.stem) is None
    weights = results.weights_path(record.chapter, record.stem)
    weights.parent.mkdir(parents=True)
    weights.touch()
    assert results.finished(record.chapter, record.stem) == record
    earlier = msgspec.structs.replace(record, data=msgspec.structs.replace(record.data, preparation=None))
    results.write(earlier)
    assert earlier.stem == record.stem
    assert results.finished(record.chapter, record.stem) is None  # no table would show it
    path.write_text("{")
    assert results.finished(record.chapter, record.stem) is None


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ReproError, match=rf"^cannot write {path}: the disk is full$"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ReproError, match="cannot write to"):
        check_writable(tmp_path / "file" / "results")


def test_a_disk_whose_room_is_not_known_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(folder: Path) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr("shutil.disk_usage", unknown)
    check_writable(tmp_path / "results")


def test_what_cannot_be_read_is_told_from_what_is_no_record(results: Results) -> None:
    for path in (results.root / "data/imdb_lstm/a.json", results.root / "records/imdb_lstm/a.json"):
        path.mkdir(parents=True)
    for _, faults in (results.descriptions("imdb_lstm"), results.records("imdb_lstm")):
        assert [str(fault).rpartition("a.json: ")[2] for fault in faults] == ["cannot be read: Is a directory"]


def test_too_little_room_on_the_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 5 * 2**20

    monkeypatch.setattr("shutil.disk_usage", lambda folder: Usage)
    with pytest.raises(ReproError, match="5 MiB free, 100 needed"):
        check_writable(tmp_path)


def test_a_frame_has_a_row_for_each_record_and_split(make_record: MakeRecord) -> None:
    rows = frame([make_record(), make_record("model_two", seed=2)])
    assert len(rows) == 4
    train = rows[(rows.experiment == "model_one") & (rows.split == "train")].iloc[0]
    assert (train.accuracy, train.specificity, train.sensitivity) == (0.82752, 0.74064, 0.91440)
