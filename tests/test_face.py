"""What `import repro` offers: small, lazy, typed, and the same as the commands."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import MakeRecord

import repro
from repro.cli import main
from repro.cli.common import chapters_named
from repro.errors import DataWarning, ReproError
from repro.records import Results
from repro.runs.plan import plan


def test_importing_it_starts_nothing_heavy() -> None:
    code = (
        "import sys, repro; repro.list_chapters(); print(*{'keras', 'tensorflow', 'numba', 'pandas'} & {*sys.modules})"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == ""


def test_a_run_multiplies_with_the_kernels_of_this_processor_whatever_the_user_has_set(tmp_path: Path) -> None:
    """OpenBLAS reads these variables when SciPy loads it, which the face does long before a run."""
    code = "; ".join(
        [
            "import repro",
            "repro.list_chapters()",
            f"made = repro.train('imdb_lstm/model_one', data='embedded', epochs=1, results={str(tmp_path)!r})",
            "import threadpoolctl",
            "print(made.machine['openblas'])",
            "print({each['num_threads'] for each in threadpoolctl.threadpool_info() if 'scipy' in each['filepath']})",
        ]
    )
    environment = os.environ | {"OPENBLAS_CORETYPE": "Prescott", "OPENBLAS_NUM_THREADS": "2"}
    out = subprocess.check_output([sys.executable, "-c", code], text=True, env=environment)
    kernels, threads = out.splitlines()
    assert "Prescott" not in kernels
    assert threads == "{1}"


def test_every_name_that_it_offers_is_documented_and_another_is_an_error() -> None:
    assert all(getattr(repro, name).__doc__ for name in repro.__all__)
    assert set(repro.__all__) <= set(dir(repro))
    with pytest.raises(AttributeError, match="no attribute 'judge_me'"):
        repro.judge_me  # noqa: B018


def test_its_types_are_there_for_type_checkers() -> None:
    assert (Path(repro.__file__).parent / "py.typed").is_file()


def test_chapters_are_listed_and_opened() -> None:
    assert repro.list_chapters() == [chapter.name for chapter in chapters_named(())]
    assert repro.open_chapter("imdb_rnn").name == "imdb_rnn"
    with pytest.raises(ReproError, match="did you mean 'imdb_rnn'"):
        repro.open_chapter("imdb_rn")


def test_a_run_is_made_once_and_shown_as_frame_and_tables(results: Results) -> None:
    assert repro.load_data("stacked_lstm", "embedded").x_train.shape == (360, 20)
    assert repro.build_model("imdb_lstm/model_four").count_params() == 32_705
    with pytest.raises(ReproError, match="has several experiments"):
        repro.train("imdb_lstm", data="embedded", results=results.root)
    record = repro.train("stacked_lstm/stacked", data="embedded", epochs=1, results=str(results.root))
    planned = plan(
        ["stacked_lstm"], seeds=[1], data="embedded", numerics="source", epochs=1, engine="fast", results=results
    )
    assert planned.done == [record]
    assert repro.train("stacked_lstm/stacked", data="embedded", epochs=1, results=results.root) == record
    frame = repro.read_records(results=results.root)
    assert set(frame["split"]) == {"train", "validation", "test"}
    assert "not to be" in " ".join(repro.make_tables("stacked_lstm", results=results.root)[0].text.split())
    assert any((results.root / "tables" / "stacked_lstm").rglob("comparison.csv"))


def test_without_records_it_says_how_to_make_some(results: Results) -> None:
    with pytest.raises(ReproError, match=r"no records of imdb_rnn in .*; repro\.train makes some"):
        repro.read_records("imdb_rnn", results=results.root)


def test_a_file_that_is_no_record_is_left_out_with_a_warning(results: Results, make_record: MakeRecord) -> None:
    results.write(make_record())
    (results.root / "records" / "imdb_lstm" / "other.json").write_text("{}")
    with pytest.warns(DataWarning, match=r"left out: .*other\.json"):
        frame = repro.read_records("imdb_lstm", results=results.root)
    assert set(frame["split"]) == {"train", "test"}


def test_counts_of_data_that_cannot_be_read_are_left_out_of_tables_with_a_warning(
    results: Results, make_record: MakeRecord
) -> None:
    results.write(make_record())
    (results.root / "data" / "imdb_lstm").mkdir(parents=True)
    (results.root / "data" / "imdb_lstm" / "other.json").write_text("{}")
    with pytest.warns(DataWarning, match=r"left out: .*other\.json"):
        assert repro.make_tables("imdb_lstm", results=results.root)


def test_runs_are_compared_as_by_the_command(results: Results, make_record: MakeRecord) -> None:
    for seed in range(1, 7):
        for model in ("model_one", "model_two"):
            results.write(make_record(model, seed=seed))
    names = ("imdb_lstm/model_one", "imdb_lstm/model_two")
    found = repro.compare(*names, results=results.root)
    assert f"{found}\n" == CliRunner().invoke(main, ["compare", *names, "--results", str(results.root)]).stdout
    assert found.content["shared_seeds"] == [1, 2, 3, 4, 5, 6]
    path = results.record_path("imdb_lstm", make_record(seed=2).stem)
    (results.root / "records" / "imdb_lstm" / "other.json").write_text("{}")
    with pytest.warns(DataWarning, match=r"left out: .*other\.json") as warned:
        assert repro.compare(path, names[1], results=results.root).content["compared"] == "run and group"
    assert len(warned) == 1
    with pytest.raises(ReproError, match="A and B are the same"):
        repro.compare(path, f"{names[0]}@seed2", results=results.root)


def test_a_readers_numbers_are_judged_as_by_the_command() -> None:
    results = Path(__file__).parents[1] / "results"
    answer = repro.judge("imdb_lstm/model_one", accuracy=0.8137, matrix=[[9159, 1161], [3341, 11339]], results=results)
    assert [each.kind for each in answer.findings] == ["accuracy and matrix"]
    assert answer.judgement.outcome == "usual"
    assert "is not that of the matrix" in " ".join(str(answer).split())
    both = repro.judge("imdb_lstm/model_one", loss={"train": 0.36, "test": "0.38"}, results=results)
    assert {split: given.loss.value for split, given in both.numbers.splits.items() if given.loss} == {
        "train": 0.36,
        "test": 0.38,
    }
    with pytest.raises(ReproError, match="above 1"):
        repro.judge("imdb_lstm/model_one", accuracy=1.7, results=results)
