"""Which records are read where no folder is named: the current folder's own, and those that came with the package."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from conftest import MakeRecord

import repro
from repro.cli import main
from repro.errors import DataWarning, RecordInvalid
from repro.records import Results
from repro.shipped import results_in, results_of_checkout, shipped_results

CHECKOUT = Path(__file__).parents[1] / "results"


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_record: MakeRecord) -> Results:
    """Three runs that came with the package. The current folder is another, and empty."""
    package = Results(tmp_path / "package")
    for seed in (1, 2, 3):
        package.write(make_record(seed=seed))
    monkeypatch.setattr("repro.shipped.shipped_results", lambda: package.root)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return package


def seeds(results: Results) -> list[int]:
    records, faults = results.records("imdb_lstm")
    assert not faults
    return sorted(record.seed for record in records)


def test_in_the_checkout_its_own_records_count_and_nothing_is_said(
    monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    assert results_of_checkout() == shipped_results() == CHECKOUT
    monkeypatch.chdir(CHECKOUT.parent)
    everything = results_in().record_files()
    assert list(everything) == list(Results(CHECKOUT).record_files())
    assert len(everything) > 700
    assert not [each for each in recwarn if each.category is DataWarning]


def test_where_there_are_no_records_those_of_the_package_are_read(shipped: Results) -> None:
    with pytest.warns(DataWarning, match="no records in results: using the 3 runs that came with the package"):
        assert seeds(results_in()) == [1, 2, 3]


def test_records_of_the_folder_stand_beside_those_of_the_package_and_replace_equal_ones(
    shipped: Results, make_record: MakeRecord
) -> None:
    own = Results(Path("results"))
    for record in (make_record(seed=3, weights_sha256="1" * 64), make_record(seed=4)):
        own.write(record)
    said = r"reading the records in results \(2\), and the 2 runs that came with the package"
    with pytest.warns(DataWarning, match=said):
        results = results_in()
    assert seeds(results) == [1, 2, 3, 4]
    assert {record.weights_sha256[0] for record in results.records("imdb_lstm")[0] if record.seed == 3} == {"1"}


def test_a_folder_with_all_records_of_the_package_needs_no_word(
    shipped: Results, make_record: MakeRecord, recwarn: pytest.WarningsRecorder
) -> None:
    for seed in (1, 2, 3):
        Results(Path("results")).write(make_record(seed=seed))
    assert seeds(results_in()) == [1, 2, 3]
    assert not [each for each in recwarn if each.category is DataWarning]


def test_a_folder_that_is_named_is_read_alone(
    shipped: Results, make_record: MakeRecord, recwarn: pytest.WarningsRecorder
) -> None:
    Results(Path("results")).write(make_record(seed=4))
    assert seeds(results_in("results")) == [4]
    assert seeds(results_in(Path("none"))) == []
    assert not [each for each in recwarn if each.category is DataWarning]


def test_what_is_made_of_the_packages_records_goes_to_the_current_folder(shipped: Results) -> None:
    before = {path: path.stat().st_mtime_ns for path in shipped.root.rglob("*")}
    result = CliRunner().invoke(main, ["table", "imdb_lstm"])
    assert result.exit_code == 0, result.output
    assert result.stderr == "repro: no records in results: using the 3 runs that came with the package\n"
    assert "Tables: results/tables/imdb_lstm/" in result.stdout
    assert any(Path("results/tables/imdb_lstm").rglob("comparison.csv"))
    assert not Path("results/records").exists()
    assert before == {path: path.stat().st_mtime_ns for path in shipped.root.rglob("*")}


def test_a_run_of_the_package_is_named_as_one_of_the_folder(shipped: Results, make_record: MakeRecord) -> None:
    first, second = (f"imdb_lstm/{make_record(seed=seed).stem}" for seed in (1, 2))
    result = CliRunner().invoke(main, ["compare", first, str(shipped.root / "records" / f"{second}.json")])
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(f"A: {first}\n")
    assert f"B: {second}\n" in result.stdout
    unknown = first[:-1] + ("0" if first[-1] != "0" else "1")
    result = CliRunner().invoke(main, ["compare", unknown, second])
    assert f"in results/records and in the package; did you mean '{Path(first).name}'?" in result.stderr


def test_a_run_of_the_package_is_not_taken_for_one_that_was_trained_here(
    shipped: Results, make_record: MakeRecord
) -> None:
    """Its weights are not here: `repro run` makes it."""
    with pytest.warns(DataWarning):
        assert results_in().finished("imdb_lstm", make_record(seed=1).stem) is None


def test_from_python_the_packages_records_are_read_and_a_warning_says_so(shipped: Results) -> None:
    with pytest.warns(DataWarning, match="using the 3 runs that came with the package") as warned:
        frame = repro.read_records("imdb_lstm")
    assert warned[0].filename == __file__
    assert set(frame["seed"]) == {1, 2, 3}


def test_a_file_of_the_package_that_is_no_record_is_named(shipped: Results) -> None:
    path = shipped.root / "records/imdb_lstm/other.json"
    path.write_bytes(msgspec.json.encode({"schema": "other"}))
    with pytest.warns(DataWarning, match="using the 4 runs"):
        _, (fault,) = results_in().records("imdb_lstm")
    assert isinstance(fault, RecordInvalid)
    assert str(fault).startswith(f"{path}: schema 'other'")
