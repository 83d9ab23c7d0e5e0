"""What is drawn besides runs: layers with their formulas, lengths of texts, and R's trainings beside ours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from page_drawings import RESULTS, across, drawing, paths, texts, tree, upwards

from repro import registry
from repro.datasets.description import Lengths
from repro.parity.trainings import beside, recorded_trainings
from repro.report.data_table import current
from repro.report.page.drawn_layers import layers
from repro.report.page.drawn_lengths import bin_width, lengths
from repro.report.page.drawn_trainings import trainings

REFERENCE = Path(__file__).parents[2] / "reference"


def boxes(name: str) -> list[str]:
    """The text of each layer's box, in their order."""
    chapter, experiment = registry.experiment(name)
    items = tree(layers(chapter, experiment)).iter("li")
    return [" ".join(text.strip() for text in item.itertext() if text.strip()) for item in items]


def test_a_layer_shows_its_shape_and_its_formula_in_symbols_and_numbers() -> None:
    embedding, lstm, dense = boxes("imdb_lstm/model_one")
    assert embedding.startswith("Embedding 32 numbers for each of 500 words words × size = 500 × 32 = 16,000")
    assert "4 × ((inputs + units) × units + units) = 4 × ((32 + 32) × 32 + 32) = 8,320 ✓ as printed" in lstm
    assert lstm.startswith("LSTM 32 units, tanh, the last step goes out")
    assert [text.rpartition("↓ ")[2] for text in (embedding, lstm, dense)] == ["200 × 32", "32", "1"]


def test_both_directions_stacked_layers_and_dropout_are_seen() -> None:
    _, both, _ = boxes("imdb_lstm/model_four")
    assert both.startswith("Bidirectional(LSTM) 32 units, in each direction")
    assert "forwards →" in both
    assert "← backwards" in both
    _, first, second, _ = boxes("imdb_lstm/model_three")
    assert "every step goes out" in first
    assert "the last step goes out" in second
    _, spatial, lstm, *_ = boxes("rotten_tomatoes/lstm")
    assert spatial.startswith("SpatialDropout1D 30%")
    assert "dropout 0.3, recurrent dropout 0.3" in lstm


@pytest.mark.parametrize("name", registry.chapters())
def test_a_diagram_has_every_layer_and_the_total(name: str) -> None:
    chapter = registry.chapter(name)
    for experiment in chapter.experiments:
        root = tree(layers(chapter, experiment))
        assert len(list(root.iter("li"))) == len(experiment.layers)
        total = [element for element in root.iter("p") if element.get("class") == "total"]
        assert f"= {experiment.parameters:,} parameters" in "".join(total[0].itertext())


@pytest.mark.parametrize("name", registry.chapters())
def test_the_bars_hold_all_texts_that_are_not_said_to_be_longer(name: str) -> None:
    chapter = registry.chapter(name)
    for description in current(chapter, RESULTS.descriptions(name)[0]):
        panel = drawing(lengths(chapter, description), "numbers in a training text, before it is cut")
        place, height = across(panel), upwards(panel)
        line, _ = paths(panel, "line")  # the other is in the legend
        assert line[0][0] == pytest.approx(place(description.maxlen), abs=0.2)
        known = Lengths(description.halves["train"].lengths)
        (bars,) = paths(panel, "ours bars")
        unit = height(0) - height(1)
        counted = sum(round((height(0) - y) / unit) for _, y in bars[1:-1:2])
        beyond = [int(text.split()[0].replace(",", "")) for text, *_ in texts(panel) if text.endswith("longer →")]
        assert len(beyond) <= 1
        rounding = 0.1 / unit * len(bars)
        assert counted + sum(beyond) == pytest.approx(len(known.each), abs=rounding)
        assert sum(beyond) <= 0.01 * len(known.each)


def test_bins_have_round_widths() -> None:
    assert [bin_width(lengths) for lengths in (1, 70, 71, 141, 351, 2_500)] == [1, 1, 2, 5, 10, 50]


def test_trainings_of_r_stand_beside_ours_with_the_same_numerics() -> None:
    chapter = registry.chapter("imdb_lstm")
    recorded, records = recorded_trainings(chapter, REFERENCE), RESULTS.records(chapter.name)[0]
    first = recorded[0]
    panel = drawing(trainings(chapter, recorded, records), f"{first.experiment}, {first.stack} ({first.numerics})")
    ours = beside(first, records)
    assert len(paths(panel, "ours run")) == len(ours)
    theirs = [each for each in recorded if (each.stack, each.experiment) == (first.stack, first.experiment)]
    by_r = [each for each in theirs if each.caller == "R"]
    *lines, _ = paths(panel, "other line")  # the last is in the legend
    assert len(lines) == len(by_r)
    assert len(paths(panel, "other thin dotted")) == len(theirs) - len(by_r) + 1
    place, height = across(panel), upwards(panel)
    expected = [(place(epoch), height(loss)) for epoch, loss in enumerate(by_r[0].history["val_loss"], 1)]
    assert np.abs(np.array(lines[0]) - expected).max() < 0.2


def test_recorded_trainings_are_shown_without_runs_of_ours() -> None:
    chapter = registry.chapter("imdb_lstm")
    drawn = trainings(chapter, recorded_trainings(chapter, REFERENCE), [])
    assert drawn
    assert not any(paths(each, "ours run") for each in drawn.drawings)
    assert trainings(chapter, [], []) is None
