"""What is drawn of runs stands where it should: a line or a dot for each run, the printed number, the intervals."""

from __future__ import annotations

import re
from dataclasses import replace
from math import hypot
from statistics import fmean

import msgspec
import numpy as np
import pytest
from conftest import MakeRecord
from page_drawings import across, committed, drawing, paths, texts, tree, upwards

from repro import registry
from repro.evaluation import Split
from repro.evidence.intervals import prediction_interval
from repro.evidence.prediction_region import prediction_region
from repro.evidence.run_groups import RunGroup, group_records
from repro.records import Divergence, Record
from repro.report.page.drawn_curves import curves
from repro.report.page.drawn_matrices import matrices
from repro.report.page.drawn_measures import measures, swarm
from repro.report.page.drawn_rates import rates
from repro.report.page.drawn_roc import roc
from repro.report.page.drawn_variations import variations
from repro.report.quantities import ACCURACY

IMDB = registry.chapter("imdb_lstm")


@pytest.fixture(scope="module")
def most() -> RunGroup:
    """The largest group of the chapter with the most printed numbers."""
    return max(committed(IMDB.name), key=lambda group: len(group.records))


def grouped(records: list[Record]) -> RunGroup:
    (group,), left_out = group_records(IMDB, records)
    assert not left_out
    return group


# Curves


def test_every_run_has_a_line_of_its_own_and_their_median_a_bold_one(most: RunGroup) -> None:
    panel = drawing(curves(most), "model_one: loss")
    runs = most.evaluated("model_one")
    place, height = across(panel), upwards(panel)
    for key, style in (("loss", "ours"), ("val_loss", "other dashed")):
        lines = paths(panel, f"{style} run")
        assert len(lines) == len(runs)
        for run, line in zip(runs, lines, strict=True):
            expected = [(place(epoch), height(loss)) for epoch, loss in enumerate(run.history[key], 1)]
            assert np.abs(np.array(line) - expected).max() < 0.2
        bold, _ = paths(panel, f"{style} line")  # the other is in the legend
        median = np.median([run.history[key] for run in runs], axis=0)
        assert np.abs(np.array(bold)[:, 1] - [height(loss) for loss in median]).max() < 0.2
        assert len(paths(panel, f"band {style}")) == 2


def test_few_runs_have_no_bands_and_one_run_is_its_own_median(make_record: MakeRecord) -> None:
    few = drawing(curves(grouped([make_record(seed=seed) for seed in range(1, 10)])), "model_one: accuracy, %")
    assert len(paths(few, "ours run")) == 9
    assert paths(few, "band ours") == []
    one = drawing(curves(grouped([make_record()])), "model_one: accuracy, %")
    assert paths(one, "ours run") == []
    assert len(paths(one, "ours line")) == 2  # one in the legend


def test_a_run_that_diverged_is_dotted_within_the_panel_and_does_not_stretch_it(make_record: MakeRecord) -> None:
    runs = [make_record(seed=seed) for seed in (1, 2)]
    before = drawing(curves(grouped(runs)), "model_one: loss")
    history = {"loss": (0.6, 0.5, 1e6), "accuracy": (0.6, 0.7, 0.5), "val_loss": (0.6, 0.5, 1e6)}
    broken = msgspec.structs.replace(
        make_record(seed=3), history=history, evaluation={}, diverged=Divergence(epoch=4, batch=7)
    )
    panel = drawing(curves(grouped([*runs, broken])), "model_one: loss")
    assert upwards(panel)(0.5) == upwards(before)(0.5)
    (line,) = paths(panel, "ours dotted")
    assert len(line) == 3
    assert all(0 < y < float(tree(panel).attrib["viewBox"].split()[-1]) for _, y in line)
    (cross,) = paths(panel, "ours cross")
    assert cross[0] == pytest.approx(line[-1], abs=0.11)
    assert "1 diverged" in tree(panel).attrib["aria-label"]


def test_one_epoch_makes_no_curve() -> None:
    group = next(group for group in committed("jigsaw_multilabel") if len(group.records[0].history["loss"]) == 1)
    assert curves(group) is None


# The spread of each measure


def test_the_printed_number_the_runs_and_the_interval_stand_at_their_values(most: RunGroup) -> None:
    panel = drawing(measures(most), "test accuracy, %")
    place = across(panel)
    models = [experiment.name for experiment in IMDB.experiments]
    printed = paths(panel, "other line")
    accuracies = [100 * result.accuracy for name in models if (result := IMDB.result(name, "test"))]
    assert [line[0][0] for line in printed] == pytest.approx(list(map(place, accuracies)), abs=0.2)
    bars = [line for line in paths(panel, "ours line") if line[0][1] == line[1][1]]
    means = [line for line in paths(panel, "ours line") if line[1][1] - line[0][1] == pytest.approx(10)]
    for name, dots, bar, mean in zip(models, paths(panel, "dots ours"), bars, means, strict=True):
        values = [100 * run.evaluation["test"].accuracy for run in most.evaluated(name)]
        assert sorted(x for x, _ in dots) == pytest.approx(sorted(map(place, values)), abs=0.2)
        assert [x for x, _ in bar] == pytest.approx([place(end) for end in prediction_interval(values)], abs=0.2)
        assert mean[0][0] == pytest.approx(place(fmean(values)), abs=0.2)
    assert "printed 81.99 %" in [text for text, *_ in texts(panel)]


def test_few_runs_have_no_interval(make_record: MakeRecord) -> None:
    panel = drawing(measures(grouped([make_record(seed=seed) for seed in range(1, 5)])), "test loss")
    assert not [line for line in paths(panel, "ours line") if line[0][1] == line[1][1]]
    assert len(paths(panel, "dots ours")[0]) == 4


def test_nothing_printed_stands_beside_runs_that_cannot_be_compared(make_record: MakeRecord) -> None:
    shorter = make_record(epochs=2)
    drawn = measures(grouped([shorter]))
    assert drawn
    assert "printed" not in drawn.note
    assert not any("printed" in each.html for each in drawn.drawings)


def test_a_sample_is_said_to_be_one_beside_the_printed_numbers_of_the_complete_data() -> None:
    drawn = measures(committed("jigsaw_multilabel")[0])
    assert drawn
    assert "of a sample" in drawn.note
    assert any("printed" in each.html for each in drawn.drawings)


def test_dots_of_a_swarm_do_not_touch_as_long_as_there_is_room() -> None:
    places = [100 + 3 * (number % 17) + 0.1 * number for number in range(40)]
    dots = swarm(places, 50)
    assert [x for x, _ in dots] == sorted(places)
    assert all(abs(y - 50) <= 11.5 for _, y in dots)
    apart = [hypot(a[0] - b[0], a[1] - b[1]) for number, a in enumerate(dots) for b in dots[:number]]
    assert min(apart) >= 4.4


# Sensitivity against specificity


def test_both_rates_of_each_run_and_of_the_source_stand_at_their_values(most: RunGroup) -> None:
    panel = drawing(rates(most), "model_two")
    place, height = across(panel), upwards(panel)
    styles: dict[Split, str] = {"test": "ours", "train": "plain"}
    for split, style in styles.items():
        points = [
            (run.evaluation[split].specificity, run.evaluation[split].sensitivity)
            for run in most.evaluated("model_two")
        ]
        dots, legend = sorted(paths(panel, f"dots {style}"), key=len, reverse=True)
        assert np.abs(np.array(dots) - [(place(100 * x), height(100 * y)) for x, y in points]).max() < 0.3
        assert len(legend) == 1
        region = prediction_region(points)
        assert region
        (outline,) = paths(panel, f"{style} dashed")
        expected = [(place(100 * x), height(100 * y)) for x, y in region.outline()]
        assert np.abs(np.array(outline) - expected).max() < 0.3
    crosses = {cross[0] for cross in paths(panel, "other line")}
    for split in styles:
        result = IMDB.result("model_two", split)
        assert result
        x, y = place(100 * result.specificity), height(100 * result.sensitivity)
        assert min(hypot(x - a, y - b) for a, b in crosses) < 0.3
    assert "inside the region" in tree(panel).attrib["aria-label"]


def test_models_with_more_classes_or_one_answer_alone_have_no_such_panel(make_record: MakeRecord) -> None:
    assert all(rates(group) is None for group in committed("rotten_tomatoes"))
    run = make_record()
    always = {split: msgspec.structs.replace(one, matrix=((9, 8), (0, 0))) for split, one in run.evaluation.items()}
    assert rates(grouped([msgspec.structs.replace(run, evaluation=always)])) is None


def test_a_split_without_rows_of_one_class_is_left_out(make_record: MakeRecord) -> None:
    """A small sample may have none; of the other split there is still something to see."""
    runs = []
    for run in (make_record(seed=seed) for seed in range(1, 7)):
        one_class = msgspec.structs.replace(run.evaluation["test"], matrix=((70 + run.seed, 0), (9, 0)))
        train = msgspec.structs.replace(run.evaluation["train"], matrix=((70 + run.seed, 9), (9, 60 + run.seed**2)))
        runs.append(msgspec.structs.replace(run, evaluation={"train": train, "test": one_class}))
    panel = drawing(rates(grouped(runs)), "model_one")
    assert paths(panel, "plain dashed")
    assert "test" not in tree(panel).attrib["aria-label"]
    assert "nan" not in panel.html.lower()


# Confusion matrices


def cells(table: str) -> list[list[list[str]]]:
    """By row and column: what stands in a cell, in its order."""
    return [
        [re.findall(r"[^<>]+(?=<)", cell) for cell in re.findall(r"<td class=\"shade\d+\">.*?</td>", row)]
        for row in re.findall(r"<tr><th scope=\"row\">.*?</tr>", table)
    ]


def test_a_matrix_stands_as_in_r_with_the_printed_one(most: RunGroup) -> None:
    found = cells(drawing(matrices(most), "model_one, test").html)
    runs = [run.evaluation["test"].matrix for run in most.evaluated("model_one")]
    for i, row in enumerate(found):
        for j, (mean, share, printed) in enumerate([[part.strip() for part in cell if part.strip()] for cell in row]):
            expected = fmean(matrix[i][j] for matrix in runs)
            assert mean == f"{expected:,.0f}"
            assert share == f"{expected / 12_500:.1%}"  # so many test rows of each class
            assert printed == f"printed {((9159, 1161), (3341, 11339))[i][j]:,}"


def test_each_column_of_five_classes_adds_up_to_its_rows() -> None:
    for group in committed("rotten_tomatoes"):
        for split in group.splits:
            found = cells(drawing(matrices(group), f"lstm, {split}").html)
            shares = np.array([[float(cell[1].rstrip("%")) for cell in row] for row in found])
            assert shares.shape == (5, 5)
            assert np.abs(shares.sum(axis=0) - 100).max() < 0.3


def test_the_darker_a_cell_the_larger_its_share(most: RunGroup) -> None:
    html = drawing(matrices(most), "model_one, test").html
    for shade, share in re.findall(r'shade(\d+)">.*?<small>([\d.]+)%', html):
        assert int(shade) - 1 <= float(share) / 5 <= int(shade)


def test_long_names_of_classes_stand_upright() -> None:
    """Beside one another they would be wider than the panel."""
    (stacked, *_), (imdb, *_) = committed("stacked_lstm"), committed("imdb_lstm")
    assert 'class="upright">science and technology' in drawing(matrices(stacked), "stacked, test").html
    assert "upright" not in drawing(matrices(imdb), "model_one, test").html


def test_every_label_has_a_row_with_both_actual_answers() -> None:
    (group, *_) = committed("jigsaw_multilabel")
    found = cells(drawing(matrices(group), "lstm, validation, by label").html)
    for label, row in zip(group.chapter.labels, found, strict=True):
        means = np.mean([run.evaluation["validation"].labels[label].matrix for run in group.records], axis=0)
        shown = [float(cell[0].replace(",", "")) for cell in row]
        assert shown == pytest.approx(means.T.ravel(), abs=0.5)  # actual no: no, yes; actual yes: no, yes


# ROC curves, and variations


def test_every_label_with_both_answers_has_a_curve_from_corner_to_corner() -> None:
    (group, *_) = committed("jigsaw_multilabel")
    panel = drawing(roc(group), "lstm, validation")
    lines, squares = paths(panel, "ours line"), paths(panel, "grid")
    assert len(lines) == len(squares) == len(group.chapter.labels)
    for line, (top_left, top_right, bottom_right, bottom_left) in zip(lines, squares, strict=True):
        assert line[0] == pytest.approx(bottom_left, abs=0.2)
        assert line[-1] == pytest.approx(top_right, abs=0.2)
        assert all(top_left[0] - 0.2 <= x <= bottom_right[0] + 0.2 for x, _ in line)


def test_variations_stand_from_the_largest_loss_to_the_largest_gain(most: RunGroup) -> None:
    drawn = variations(most)
    assert drawn
    panel = drawing(drawn, "model_two")
    labels = [text for text, _, _, anchor in texts(panel) if anchor == "end" and text != "points of accuracy"]
    names = [text.removesuffix(" †") for text in labels]
    differences = {}
    for varied in most.varied:
        plain = {run.seed: ACCURACY.of(run.evaluation["test"]) for run in most.evaluated("model_two")}
        runs = [run for run in varied.evaluated("model_two") if run.seed in plain]
        if runs and varied.variation != "evaluating_held_out":  # which is shown on train
            pairs = [ACCURACY.of(run.evaluation["test"]) - plain[run.seed] for run in runs]
            differences[varied.variation] = fmean(pairs)
    shown = [name for name in names if name in differences]
    assert shown == sorted(differences, key=lambda name: differences[name])
    bars = [line for line in paths(panel, "other line") + paths(panel, "ours line") if line[0][0] == line[1][0]]
    assert len(bars) == len(names)


def test_a_change_that_is_seen_stands_out_by_its_weight_too(most: RunGroup) -> None:
    panel = drawing(variations(most), "model_two")
    strong = {element.text for element in tree(panel).iter("text") if element.get("class") == "strong"}
    lines = {line[0][1] for line in paths(panel, "other line") if line[0][0] == line[1][0]}
    assert len(strong) == len(lines) > 0
    told = tree(panel).attrib["aria-label"]
    assert "less accurate: " in told


def test_without_variations_there_is_nothing_to_draw(most: RunGroup) -> None:
    assert variations(replace(most, varied=())) is None
