"""The tables of parity, from differences and records that were made up."""

from __future__ import annotations

import json
import re
from collections import Counter
from math import comb
from pathlib import Path
from statistics import mean

import msgspec
import pytest
from conftest import MakeRecord

from chapters.imdb_lstm import CHAPTER
from repro import registry
from repro.errors import ReproError
from repro.evaluation import Evaluation
from repro.evidence.two_samples import holm
from repro.parity.compare import Difference
from repro.parity.recorded import recorded_models
from repro.parity.trainings import beside, recorded_trainings
from repro.records import Record, Results
from repro.report import figures
from repro.report.parity_tables import step_tables
from repro.report.table import Value
from repro.report.training_tables import engines, two_samples, whole_trainings

REFERENCE = Path(__file__).parents[1] / "reference"
RESULTS = Path(__file__).parents[2] / "results"
FROM_PYTHON = sorted(int(path.stem.removeprefix("full_seed")) for path in (REFERENCE / "r_2019_python").glob("*.json"))
"""The seeds of R 2019 that were recorded from Python."""
MODELS = {model.name: model for model in recorded_models(registry.chapters().values(), REFERENCE)}


def difference(name: str, stack: str, step: int, losses: float, against: int = 0) -> Difference:
    """Of a model from the first of its recorded stacks, or another."""
    model, last = MODELS[name], step == MODELS[name].recording.steps[-1]
    other, probabilities = model.recording.stacks[against], losses if last else None
    return Difference(model, other, stack, "jax", step, losses, 2 * losses, probabilities, last or None)


def test_the_largest_difference_of_the_models_stands_in_the_table() -> None:
    differences = [difference(f"imdb_lstm/model_{name}", "source", step, size * step)
             for name, size in (("one", 1e-9), ("two", 3e-9)) for step in (1, 10, 40)]  # fmt: skip
    (table,) = step_tables(differences)
    assert table.rows == [
        ("R 2019", "source", "JAX", "3e-09", "6e-09", "3e-08", "6e-08", "1e-07", "2e-07", "1e-07", "2 of 2")
    ]
    assert table.csv_rows[0][3] == 3e-9


def test_the_other_chapters_stand_with_what_is_allowed() -> None:
    model = MODELS["jigsaw_multilabel/lstm"]
    one = Difference(model, model.recording.stacks[0], "source", "tensorflow", 20, 0.0, 2e-7, 1e-6, None)
    (table,) = step_tables([one])
    assert table.name == "other-chapters"
    assert table.rows[0][-4:] == ("0", "2e-07", "1e-06", "6.0e-07, 9.0e-07")


def ours(make_record: MakeRecord, loss: float, seed: int, numerics: str = "source") -> Record:
    plain = make_record("model_one", seed=seed)
    evaluation = {split: Evaluation(loss=loss, matrix=plain.evaluation[split].matrix) for split in plain.evaluation}
    settings = msgspec.structs.replace(plain.settings, numerics=numerics)
    return msgspec.structs.replace(plain, evaluation=evaluation, settings=settings)


def test_rs_trainings_stand_beside_our_runs_of_the_same_numerics(make_record: MakeRecord) -> None:
    recorded = recorded_trainings(CHAPTER, REFERENCE)
    in_python = [("R 2019", "Python", seed) for seed in FROM_PYTHON]
    assert [(one.stack, one.caller, one.seed) for one in recorded[::4]] == [
        ("R 2019", "R", 1), ("R 2019", "R", 2), ("R 2019", "R", 3), *in_python,
        ("R 2024", "R", 1), ("R keras3", "R", 1),
    ]  # fmt: skip
    first = recorded[0]
    assert first.evaluation["test"].accuracy == pytest.approx(0.814360022544861, abs=1e-6)  # evaluate()'s
    records = [ours(make_record, 0.39, 2), ours(make_record, 0.40, 1), ours(make_record, 0.1, 3, "keras2")]
    assert [record.seed for record in beside(first, records)] == [1, 2]
    (table,) = whole_trainings(CHAPTER, recorded, records)
    assert {row[0] for row in table.rows} == {"R 2019"}  # of the others we have fewer than two runs
    seeds = {row[3]: row for row in table.rows if row[2] == "test"}
    assert seeds["R, seed 1"][4] == "0.3968"
    assert seeds["R, seed 1"][6].endswith("*")  # our two runs have equal matrices: R's lies outside
    assert seeds["Python, seed 4"][4] == "0.3759"
    assert seeds["source, fast, 2 seeds"][4] == "0.3950 ± 0.0071"


def test_what_python_recorded_is_not_counted_as_rs(make_record: MakeRecord) -> None:
    recorded = recorded_trainings(CHAPTER, REFERENCE)
    records = [ours(make_record, loss, seed) for seed, loss in enumerate((0.39, 0.40))]
    (table,) = whole_trainings(CHAPTER, recorded, records)
    rows = Counter(row[3] for row in table.csv_rows)
    assert rows == {"R": 6, "Python": 2 * len(FROM_PYTHON)}  # of model one, on both splits
    outside = Counter(row[3].split(",")[0] for row in table.rows for cell in row[4:] if cell.endswith("*"))
    by_r, by_python = 24 - outside["R"], 8 * len(FROM_PYTHON) - outside["Python"]
    of_python = f"{by_python} of Python's {8 * len(FROM_PYTHON)} values ({by_python / (8 * len(FROM_PYTHON)):.0%})"
    assert f"{by_r} of R's 24 values ({by_r / 24:.0%}) and {of_python} lie" in table.caption
    expected = f"{0.05 * 8 * len(FROM_PYTHON):.0f}"
    of_python = f"{outside['Python']} of Python's (expected: {expected})."
    assert f"{outside['R']} of R's (expected: 1) and {of_python}" in table.caption
    (of_r,) = whole_trainings(CHAPTER, [one for one in recorded if one.caller == "R"], records)
    assert re.search(r"of R's 24 values \(\d+%\) lie", of_r.caption)
    assert "Python's" not in of_r.caption


def test_five_recorded_trainings_and_two_of_ours_are_samples(make_record: MakeRecord) -> None:
    recorded = recorded_trainings(CHAPTER, REFERENCE)
    records = [ours(make_record, loss, seed) for seed, loss in enumerate((0.89, 0.90, 0.91))]
    records += [ours(make_record, loss, seed, "keras2") for seed, loss in enumerate((0.39, 0.40))]
    (table,) = two_samples(CHAPTER, recorded, records)
    assert [row[:4] for row in table.rows] == [
        ("R 2019", "model_one", f"3 by R, {len(FROM_PYTHON)} by Python, 3 ours", measure)
        for measure in ("loss", "accuracy", "specificity", "sensitivity", "all four")
    ]  # not R 2024, of which one training was recorded
    loss, *_, together = (dict(zip(table.csv_headers, row, strict=True)) for row in table.csv_rows)
    theirs = [one.evaluation["test"].loss for one in recorded if (one.stack, one.experiment) == ("R 2019", "model_one")]
    assert loss["recorded_mean"] == pytest.approx(mean(theirs), abs=1e-6)
    assert loss["difference"] == pytest.approx(0.9 - mean(theirs), abs=1e-6)
    assert loss["p"] == pytest.approx(2 / comb(len(theirs) + 3, 3), abs=1e-6)  # ours lie above all of theirs
    assert together["difference"] is together["p_spreads"] is together["p_spreads_holm"] is None
    assert two_samples(CHAPTER, recorded, records[:1]) == []
    assert two_samples(CHAPTER, [one for one in recorded if one.caller == "R"], records) == []


def test_all_tests_of_the_two_samples_are_corrected_as_one_family(make_record: MakeRecord) -> None:
    records = [ours(make_record, loss, seed) for seed, loss in enumerate((0.89, 0.90, 0.91))]
    (table,) = two_samples(CHAPTER, recorded_trainings(CHAPTER, REFERENCE), records)
    rows = [dict(zip(table.csv_headers, row, strict=True)) for row in table.csv_rows]
    tested = [(row, kind) for row in rows for kind in ("p", "p_spreads") if row[kind] is not None]
    assert len(tested) == 9  # four measures, each of them twice, and all four together
    p_values = [float(row[kind] or 0) for row, kind in tested]
    assert [row[f"{kind}_holm"] for row, kind in tested] == pytest.approx(holm(p_values), abs=1e-6)
    assert f"The smallest of the 9 p-values is {min(p_values):.0e}" in table.caption


def test_means_and_spreads_that_differ_are_found_each_by_their_own_test(make_record: MakeRecord) -> None:
    """Ours are the recorded ones themselves, with losses moved, or ten times as far from their mean."""
    recorded = recorded_trainings(CHAPTER, REFERENCE)
    theirs = [one for one in recorded if (one.stack, one.experiment) == ("R 2019", "model_one")]
    middle = mean(one.evaluation["test"].loss for one in theirs)

    def compared(moved: float, times: float) -> tuple[list[Value], list[float], str]:
        records = []
        for seed, one in enumerate(theirs):
            test = one.evaluation["test"]
            test = msgspec.structs.replace(test, loss=middle + moved + times * (test.loss - middle))
            records.append(msgspec.structs.replace(ours(make_record, 0.4, seed), evaluation={"test": test}))
        (table,) = two_samples(CHAPTER, theirs, records)
        columns = dict(zip(table.csv_headers, zip(*table.csv_rows, strict=True), strict=True))
        found = re.search(r"\d+ of the 4 intervals [^.]*\.", table.caption)
        assert found
        spreads = [p for p in columns["p_spreads"] if isinstance(p, float)]
        return list(columns["leaves_out_zero"]), spreads, found[0]

    left_out, spreads, says = compared(moved=0.0, times=1.0)
    assert left_out == ["no", "no", "no", "no", None]
    assert spreads == pytest.approx([1, 1, 1, 1])
    assert says == "0 of the 4 intervals leave out 0."
    left_out, spreads, says = compared(moved=0.1, times=1.0)
    assert left_out == ["yes", "no", "no", "no", None]
    assert spreads == pytest.approx([1, 1, 1, 1])
    assert says == "1 of the 4 intervals leave out 0: loss of model_one."
    left_out, (of_losses, *others), _ = compared(moved=0.0, times=10.0)
    assert left_out == ["no", "no", "no", "no", None]
    assert of_losses < 0.01
    assert others == pytest.approx([1, 1, 1])


def test_the_same_trainings_and_records_give_the_same_picture(make_record: MakeRecord) -> None:
    records = [ours(make_record, 0.39, 1), ours(make_record, 0.40, 2)]
    picture = figures.trainings(CHAPTER, recorded_trainings(CHAPTER, REFERENCE), records)
    assert picture.startswith(b"\x89PNG")
    assert picture == figures.trainings(CHAPTER, recorded_trainings(CHAPTER, REFERENCE), records)
    assert picture != figures.trainings(CHAPTER, recorded_trainings(CHAPTER, REFERENCE), [])


def test_every_recorded_table_agrees_with_its_accuracy() -> None:
    for one in recorded_trainings(CHAPTER, REFERENCE):
        folder = {"R 2019": "r_2019", "R 2024": "r_keras2", "R keras3": "r_keras3"}[one.stack]
        folder += "_python" if one.caller == "Python" else ""
        content = json.loads((REFERENCE / folder / f"full_seed{one.seed}.json").read_text(encoding="utf-8"))
        printed = content["models"][one.experiment.removeprefix("model_")]
        for split, evaluation in one.evaluation.items():
            assert evaluation.accuracy == pytest.approx(printed[split]["evaluate"]["acc"], abs=1e-6)
        assert len(one.history["val_loss"]) == 10


@pytest.mark.usefixtures("committed_results")
def test_the_committed_tables_are_what_the_committed_records_give() -> None:
    records: dict[str, list[Record]] = {}
    for name in registry.chapters():
        records[name], invalid = Results(RESULTS).records(name)
        assert not invalid
    reviews = records["imdb_lstm"]
    everything = [record for of_chapter in records.values() for record in of_chapter]
    recorded = recorded_trainings(CHAPTER, REFERENCE)
    made = [*whole_trainings(CHAPTER, recorded, reviews), *two_samples(CHAPTER, recorded, reviews)]
    made += engines(everything)
    assert [table.name for table in made] == ["trainings", "two-samples", "engines"]
    for table in made:
        for ending, content in table.files().items():
            path = RESULTS / "tables" / "parity" / f"{table.name}{ending}"
            assert path.read_text(encoding="utf-8") == content


def test_a_folder_without_recordings_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReproError, match="holds no recorded trainings"):
        recorded_trainings(CHAPTER, tmp_path)


def test_the_engines_stand_side_by_side_where_both_trained_a_model(make_record: MakeRecord) -> None:
    def of(engine: str, model: str, losses: list[float]) -> list[Record]:
        made = [make_record(model, seed=seed, engine=engine) for seed in range(len(losses))]
        return [
            msgspec.structs.replace(one, evaluation={"test": Evaluation(loss=loss, matrix=((50, 10), (10, 30)))})
            for one, loss in zip(made, losses, strict=True)
        ]

    near, far = [0.31, 0.32, 0.33, 0.34, 0.35], [0.51, 0.52, 0.53, 0.54, 0.55]
    records = [*of("keras", "model_one", near), *of("fast", "model_one", [*far, 9.0]), *of("keras", "model_two", near)]
    (table,) = engines(records)
    assert [row[0] for row in table.rows] == ["imdb_lstm/model_one"] * 2
    loss, accuracy = table.csv_rows
    assert dict(zip(table.csv_headers, loss, strict=True))["seeds"] == 5  # those that both have
    assert loss[-1] == pytest.approx(2 / 252, abs=1e-6)  # 2 of the ways to choose 5 of 10 keep the samples apart
    assert accuracy[-1] == 1.0
    assert engines(of("keras", "model_one", near)) == []
