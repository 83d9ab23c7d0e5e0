"""What is shown of variations: signed differences beside the plain runs, all splits for programs, one figure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import matplotlib
import msgspec
import pytest
from click.testing import CliRunner
from conftest import MakeRecord

import repro
from repro import registry
from repro.chapter import Chapter
from repro.cli import main
from repro.evaluation import Evaluation, LabelEvaluation
from repro.evidence.run_groups import GroupedRecords, RunGroup, group_records
from repro.evidence.variations import varied_runs
from repro.records import Record, Results
from repro.report import figures, record_tables
from repro.report.table import Table
from repro.report.variation_figure import extent, limits, ticks
from repro.report.variation_tables import variation_tables
from repro.runs.run import settings

SEEDS = range(1, 8)
STACKED = registry.chapter("stacked_lstm")


def evaluated(chapter: Chapter, right: float) -> Evaluation:
    """So many of 1,000 rows of each class are classified rightly."""
    places = range(len(chapter.classes))
    hits, rest = round(1_000 * right), 1_000 - round(1_000 * right)
    wrong = [rest // (len(places) - 1)] * len(places)
    matrix = tuple(tuple(hits if i == j else wrong[j] for j in places) for i in places)
    labels = {name: LabelEvaluation(matrix=((5, 1), (1, 5)), auc=right, roc=(1.0,) * 101) for name in chapter.labels}
    return Evaluation(loss=1 - right, matrix=matrix, pooled_auc=right if labels else None, labels=labels)


def records_of(chapter: Chapter, make_record: MakeRecord, variation: str, better: float) -> Iterator[Record]:
    """Runs of all experiments; those of a variation are better by so much, give or take what the seed decides."""
    changed = chapter.varied(variation)
    for experiment in changed.experiments:
        for seed in SEEDS:
            right = 0.7 + 0.002 * seed**2 + better * (1 + 0.1 * (seed % 3))
            found = evaluated(chapter, right)
            record = make_record(
                f"{chapter.name}/{experiment.name}",
                seed=seed,
                variation=variation,
                engine="scikit-learn" if experiment.classifier else "fast",
                settings=settings(changed, experiment, "source", experiment.epochs),
                evaluation={"train": found, chapter.headline: found},
            )
            data = msgspec.structs.replace(record.data, preparation=changed.preparation)
            yield msgspec.structs.replace(record, data=data)


def shown(chapter: Chapter, records: list[Record]) -> RunGroup:
    (group,) = GroupedRecords(*group_records(chapter, records), []).shown
    return group


@pytest.fixture(params=registry.chapters())
def every(request: pytest.FixtureRequest, make_record: MakeRecord) -> RunGroup:
    """Seven seeds of a chapter, and of all its variations."""
    chapter = registry.chapter(request.param)
    named = enumerate(["", *(each.name for each in chapter.variations)])
    return shown(
        chapter, [record for n, name in named for record in records_of(chapter, make_record, name, 0.04 * (n % 4))]
    )


def test_every_variation_has_a_line_that_fits(every: RunGroup) -> None:
    (table,) = variation_tables(every)
    assert max(map(len, table.text.splitlines())) <= 132
    for experiment in every.chapter.experiments:
        lines = [row[1] for row in table.rows if row[0] == experiment.name]
        assert lines[0] == "nothing changed"
        variations = [each for each in every.chapter.variations if not each.only or experiment.name in each.only]
        by_kind = sorted(variations, key=lambda each: ("open question", "slip", "check").index(each.kind))
        assert [line for line in lines[1:] if not line.endswith(":")] == [
            f"{each.name}: {each.change}" for each in by_kind
        ]


def test_programs_get_every_split_with_rates_from_0_to_1(every: RunGroup) -> None:
    (table,) = variation_tables(every)
    rows = list(csv.DictReader(io.StringIO(table.files()[".csv"])))
    splits = set(every.splits)
    assert len(splits) == 2
    pairs = sum(len(every.chapter.varied_experiments(each)) for each in every.chapter.variations)
    assert len(rows) == 2 * pairs
    assert {row["data"] for row in rows} == splits
    for row in rows:
        assert (row["seeds"], row["plain_seeds"], row["accuracy_pairs"]) == ("7", "7", "7")
        low, mean, high = (float(row[f"accuracy_{part}"]) for part in ("low", "difference", "high"))
        assert low <= mean <= high <= 1
        lowest, highest = (float(row[f"accuracy_difference_{end}"]) for end in ("lowest", "highest"))
        assert lowest <= mean <= highest
        assert float(row["accuracy_noticed"]) == pytest.approx(int(row["noticed_runs"]) / 7)
        assert row["accuracy_verdict"] == ("higher" if mean else "no difference seen")
        assert row["change"] == every.chapter.variation(row["variation"]).change


def test_the_figure_is_drawn(every: RunGroup) -> None:
    assert figures.figures(every)["variations"].startswith(b"\x89PNG")


def test_the_figure_is_the_same_each_time_whatever_the_users_settings(make_record: MakeRecord) -> None:
    records = [record for name in ("", "wide_head") for record in records_of(STACKED, make_record, name, 0.01)]
    drawn = figures.figures(shown(STACKED, records))["variations"]
    with matplotlib.rc_context({"axes.facecolor": "black", "font.size": 20}):
        assert figures.figures(shown(STACKED, records))["variations"] == drawn


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ((-35.2, 3.9), [-20, -5, -2, -1, 0, 1, 2, 5]),
        ((-2.5, 0), [-2, -1, 0]),
        ((-60, 300), [-50, -10, -2, -1, 0, 1, 2, 10, 50, 200]),
    ],
)
def test_the_ticks_of_a_logarithmic_axis_follow_what_is_drawn(ends: tuple[float, float], expected: list[float]) -> None:
    assert ticks(*ends) == expected


@pytest.mark.parametrize("ends", [(-35.2, 3.9), (0, 1.5), (-0.2, 0), (0, 0), (-2.5, 0), (-60, 300)])
def test_the_axis_reaches_beyond_what_is_drawn(ends: tuple[float, float]) -> None:
    low, high = limits(*ends)
    assert low < ends[0] <= ends[1] < high


def test_all_that_is_drawn_of_a_change_is_between_the_ends_of_the_axis(make_record: MakeRecord) -> None:
    by_name = {"": 0.0, "wide_head": -0.3}
    records = [record for name, better in by_name.items() for record in records_of(STACKED, make_record, name, better)]
    (found,) = varied_runs(shown(STACKED, records))
    change = found.change(lambda record: record.evaluation["train"].accuracy)
    lowest, highest = extent([change])
    assert lowest == 100 * min(change.difference.low, *change.offsets)
    assert highest == 100 * change.half_width


# One chapter, looked at closely
CHAPTER = registry.chapter("imdb_lstm")


def rows_of(table: Table, model: str = "model_one") -> dict[str, tuple[str, ...]]:
    """By the name of the variation, without what it changes."""
    return {row[1].split(": ")[0]: row[2:] for row in table.rows if row[0] == model}


def test_a_line_has_signed_differences_and_how_many_runs_a_reader_would_notice(make_record: MakeRecord) -> None:
    def record(seed: int, variation: str, right: int) -> Record:
        tested = Evaluation(loss=right / 20_000, matrix=((12_500, 25_000 - right), (0, right - 12_500)))
        return next(
            msgspec.structs.replace(each, seed=seed, evaluation={"train": tested, "test": tested})
            for each in records_of(CHAPTER, make_record, variation, 0)
        )

    plain = [record(seed, "", 20_000 + 100 * seed) for seed in (1, 2, 3)]
    slip = [record(seed, "no_shuffling", 18_000 + 100 * seed) for seed in (2, 3)] + [record(1, "batch_32", 20_125)]
    (table,) = variation_tables(shown(CHAPTER, plain + slip))
    rows = rows_of(table)
    assert rows["nothing changed"] == ("3 seeds", "80.80 ± 0.40", "1.0100 ± 0.0050", "100.00 ± 0.00", "61.60 ± 0.80")
    assert rows["slip:"] == ("",) * 5
    assert rows["no_shuffling"] == ("2 of 2", "-8.00 [-8.00, -8.00]", "-0.1000", "+0.00", "-16.00")
    assert rows["batch_32"] == ("0 of 1", "+0.10", "+0.0013", "+0.00", "+0.20")


def test_programs_get_the_lowest_and_the_highest_pair_and_the_number_of_runs_noticed(make_record: MakeRecord) -> None:
    def with_test(variation: str, rates: list[float]) -> Iterator[Record]:
        found = {record.seed: record for record in records_of(CHAPTER, make_record, variation, 0)}
        for seed, rate in enumerate(rates, 1):
            yield msgspec.structs.replace(found[seed], evaluation={"test": evaluated(CHAPTER, rate)})

    plain, stuck = with_test("", [0.8, 0.81, 0.79]), with_test("both_after", [0.5, 0.81, 0.6])
    (table,) = variation_tables(shown(CHAPTER, [*plain, *stuck]))
    (row,) = csv.DictReader(io.StringIO(table.files()[".csv"]))
    assert (row["accuracy_difference_lowest"], row["accuracy_difference_highest"]) == ("-0.3", "0.0")
    assert (row["loss_difference_lowest"], row["loss_difference_highest"]) == ("0.0", "0.3")
    assert (row["noticed_runs"], row["accuracy_noticed"]) == ("2", "0.6666667")
    (alone,) = variation_tables(shown(CHAPTER, list(with_test("both_after", [0.5]))))
    (row,) = csv.DictReader(io.StringIO(alone.files()[".csv"]))
    assert (row["noticed_runs"], row["accuracy_difference_lowest"], row["accuracy_difference_highest"]) == ("", "", "")


def test_what_changes_train_alone_is_shown_on_train_beside_the_plain_runs_there(make_record: MakeRecord) -> None:
    def with_train(record: Record, right: float) -> Record:
        train = evaluated(CHAPTER, right)
        return msgspec.structs.replace(record, evaluation=dict(record.evaluation) | {"train": train})

    records = [with_train(record, 0.9) for record in records_of(CHAPTER, make_record, "", 0)]
    records += [with_train(record, 0.8) for record in records_of(CHAPTER, make_record, "evaluating_held_out", 0)]
    (table,) = variation_tables(shown(CHAPTER, records))
    rows = rows_of(table)
    assert rows["slip, on train:"][1] == "90.00 ± 0.00"
    assert rows["evaluating_held_out"][1].startswith("-10.00 [")
    assert "What is shown on train changes nothing else" in table.caption


def test_without_plain_runs_the_numbers_themselves_are_shown_and_nothing_is_drawn(make_record: MakeRecord) -> None:
    group = shown(CHAPTER, list(records_of(CHAPTER, make_record, "no_shuffling", 0)))
    (table,) = record_tables.tables(group)
    assert table.name == "variations"
    assert rows_of(table) == {
        "slip:": ("",) * 5,
        "no_shuffling": ("7 seeds", "74.00 ± 3.54", "0.2600 ± 0.0354", "74.00 ± 3.54", "74.00 ± 3.54"),
    }
    assert "With a sign" not in table.caption
    assert figures.figures(group) == {}


def test_runs_that_diverged_are_counted_and_have_no_numbers(make_record: MakeRecord) -> None:
    slip = [
        msgspec.structs.replace(record, evaluation={}) if record.seed > limit else record
        for limit, name in ((0, "sgd"), (5, "nadam"))
        for record in records_of(CHAPTER, make_record, name, 0)
    ]
    (table,) = variation_tables(shown(CHAPTER, [*records_of(CHAPTER, make_record, "", 0), *slip]))
    assert rows_of(table)["sgd"] == ("7 diverged", "", "", "", "")
    assert rows_of(table)["nadam"][0] == "0 of 5, 2 diverged"


def test_a_group_without_variations_has_no_table_of_them(make_record: MakeRecord) -> None:
    group = shown(CHAPTER, list(records_of(CHAPTER, make_record, "", 0)))
    assert variation_tables(group) == []
    assert "variations" not in figures.figures(group)


def test_variations_leave_one_table_and_one_figure_in_the_folder_of_the_plain_runs(
    make_record: MakeRecord, results: Results
) -> None:
    for name in ("", "no_shuffling", "padding_after"):
        for record in records_of(CHAPTER, make_record, name, 0.01):
            results.write(record)
    for command in ("table", "figures"):
        ended = CliRunner().invoke(main, [command, "imdb_lstm", "--results", str(results.root)])
        assert ended.exit_code == 0, ended.output
    for kind, ending in (("tables", ".txt"), ("figures", ".png")):
        (folder,) = (results.root / kind / "imdb_lstm").iterdir()
        assert folder.name == "real-original-source"
        assert f"variations{ending}" in {path.name for path in folder.iterdir()}
    assert [table.name for table in repro.make_tables("imdb_lstm", results=results.root)].count("variations") == 1
