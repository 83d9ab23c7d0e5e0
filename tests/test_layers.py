"""Parameter counts: the sources' numbers, the formulas and Keras agree, layer by layer and in total."""

from __future__ import annotations

import dataclasses
import pkgutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

from chapters import imdb_lstm
from repro import layers as parameters
from repro import registry
from repro.chapter import Chapter
from repro.check import Count, counts
from repro.errors import ReproError
from repro.records import Results

EXACT = {
    "imdb_lstm/model_one": [16_000, 8_320, 33],
    "imdb_lstm/model_two": [16_000, 8_320, 33],
    "imdb_lstm/model_three": [16_000, 8_320, 8_320, 33],
    "imdb_lstm/model_four": [16_000, 16_640, 65],
    "imdb_rnn/lstm": [2_560_000, 131_584, 129],
    "jigsaw_multilabel/lstm": [2_560_000, 131_584, 774],
    "rotten_tomatoes/lstm": [2_097_152, 0, 525_312, 65_792, 0, 1_285],
    "stacked_lstm/stacked": [225_000, 89_088, 0, 131_584, 0, 4_128, 0, 132],
}
SETTINGS = {
    "Embedding": {"inputs": "input_dim", "units": "output_dim"},
    "LSTM": {name: name for name in ("units", "activation", "dropout", "recurrent_dropout", "return_sequences")},
    "Dense": {"units": "units", "activation": "activation"},
    "Dropout": {"dropout": "rate"},
    "SpatialDropout1D": {"dropout": "rate"},
}
"""By kind of layer: what each of its facts is called in Keras' configuration."""


def test_every_experiment_of_every_chapter_is_counted_here() -> None:
    known = {f"{chapter.name}/{e.name}" for chapter in registry.chapters().values() for e in chapter.experiments}
    assert known == EXACT.keys()


@pytest.mark.parametrize("name", EXACT)
def test_keras_and_the_formulas_give_the_exact_counts(name: str) -> None:
    *layers, total = counts(*registry.experiment(name))
    assert [layer.keras for layer in layers] == [layer.derived for layer in layers] == EXACT[name]
    assert total.keras == total.derived == sum(EXACT[name])
    assert all(count.agrees for count in [*layers, total])


def test_the_committed_records_have_the_descriptions_of_the_layers() -> None:
    """They are a part of the records' names: another word, and no record would be found again.

    A new experiment has no records yet.
    """
    results = Results(Path(__file__).parents[1] / "results")
    for chapter in registry.chapters().values():
        described = {
            (variation, each.name, tuple(layer.description for layer in each.layers))
            for variation in ("", *(variation.name for variation in chapter.variations))
            for each in chapter.varied(variation).experiments
        }
        records, _ = results.records(chapter.name)
        assert {(each.variation, each.experiment, each.settings.layers) for each in records} <= described


@pytest.mark.parametrize("name", EXACT)
def test_what_a_layer_says_of_itself_is_what_keras_builds(name: str) -> None:
    from repro.backend import keras

    chapter, experiment = registry.experiment(name)
    model = experiment.model(**chapter.lstm)
    for layer, built in zip(experiment.layers, model.layers, strict=True):
        both_ways = isinstance(built, keras.layers.Bidirectional)
        alone = built.forward_layer if both_ways else built
        config = alone.get_config()
        assert isinstance(alone, getattr(keras.layers, layer.kind))
        assert both_ways == (layer.directions == 2)
        for fact, setting in SETTINGS[layer.kind].items():
            assert getattr(layer, fact) == config[setting], fact
        if layer.inputs and layer.kind != "Embedding":
            assert layer.inputs == built.input.shape[-1]
    through = parameters.shapes(experiment.layers, chapter.preparation.maxlen)
    assert list(through) == [(built.input.shape[1:], built.output.shape[1:]) for built in model.layers]


@pytest.mark.parametrize(
    ("layer", "symbols", "numbers"),
    [
        (parameters.embedding(20_000, 128), "words × size", "20,000 × 128"),
        (
            parameters.lstm(32, 64),
            "4 × ((inputs + units) × units + units)",
            "4 × ((64 + 32) × 32 + 32)",
        ),
        (
            parameters.bidirectional(parameters.lstm(8, 4)),
            "2 × 4 × ((inputs + units) × units + units)",
            "2 × 4 × ((4 + 8) × 8 + 8)",
        ),
        (
            parameters.bidirectional(parameters.simple_rnn(8, 4)),
            "2 × ((inputs + units) × units + units)",
            "2 × ((4 + 8) × 8 + 8)",
        ),
        (parameters.dense(5, 256, "softmax"), "inputs × units + units", "256 × 5 + 5"),
        (parameters.dropout(0.2), "", ""),
    ],
    ids=lambda each: each.description if isinstance(each, parameters.Layer) else "",
)
def test_a_formula_in_numbers_gives_the_count(layer: parameters.Layer, symbols: str, numbers: str) -> None:
    assert (layer.formula.symbols, layer.formula.numbers) == (symbols, numbers)
    assert eval(numbers.replace("×", "*").replace(",", "") or "0") == layer.formula.count == layer.parameters
    assert str(layer.formula) == (f"{symbols} = {numbers} = {layer.parameters:,}" if symbols else "nothing to learn")


@pytest.mark.parametrize("gates", ["sigmoid", "hard_sigmoid"])
def test_the_gates_do_not_change_the_counts(gates: str) -> None:
    assert imdb_lstm.model_four(gates).count_params() == 32_705


def test_a_simple_rnn_has_a_quarter_of_the_lstm() -> None:
    from repro.backend import keras

    rnn = keras.layers.SimpleRNN(32)
    rnn.build((None, 200, 32))
    assert rnn.count_params() == parameters.simple_rnn(32, 32).parameters == 2_080
    assert parameters.lstm(32, 32).parameters == 4 * 2_080


@pytest.mark.parametrize("wrong", [Count("x", 8_321, 8_320, 8_320), Count("x", 8, 9, 8), Count("x", 8, None, 9)])
def test_a_wrong_count_is_noticed(wrong: Count) -> None:
    assert not wrong.agrees


def test_an_unknown_experiment_is_named_with_the_nearest() -> None:
    with pytest.raises(ReproError, match="did you mean 'model_three'"):
        registry.experiment("imdb_lstm/model_tree")
    with pytest.raises(ReproError, match="did you mean 'imdb_lstm'"):
        registry.chapter("imdb_lst")
    with pytest.raises(ReproError, match="did you mean 'model_one'"):
        registry.experiment("imdb_lstm/model_1")


def test_an_experiment_without_its_chapter_is_named_with_the_chapters_that_have_it() -> None:
    with pytest.raises(ReproError, match=r"did you mean imdb_lstm/model_one\?"):
        registry.experiment("model_one")
    with pytest.raises(ReproError, match="imdb_rnn/lstm or jigsaw_multilabel/lstm or rotten_tomatoes/lstm"):
        registry.experiment("lstm")


def test_a_chapter_stands_for_its_only_experiment() -> None:
    assert registry.experiment("imdb_rnn")[1].name == "lstm"
    with pytest.raises(ReproError, match="name one of its experiments: imdb_lstm/model_one"):
        registry.experiment("imdb_lstm")


def test_a_model_with_other_layers_than_the_chapter_lists_is_an_error() -> None:
    chapter, first = registry.experiment("imdb_lstm/model_one")
    experiment = dataclasses.replace(first, layers=first.layers[:-1])
    with pytest.raises(ReproError, match=r"lists other layers.*\nListed: .*LSTM\(32\)\. Built: .*, LSTM, Dense\."):
        list(counts(chapter, experiment))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"chapters/notes\.py has no CHAPTER"),
        (imdb_lstm.CHAPTER, r"calls its chapter 'imdb_lstm'; name it 'notes'"),
    ],
)
def test_a_module_that_is_no_chapter_is_an_error(
    content: Chapter | None, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = ModuleType("chapters.notes")
    vars(module)["CHAPTER"] = content
    monkeypatch.setitem(sys.modules, "chapters.notes", module)
    monkeypatch.setattr(pkgutil, "iter_modules", lambda _: [pkgutil.ModuleInfo(None, "notes", False)])  # type: ignore[arg-type]
    with pytest.raises(ReproError, match=message):
        registry.chapters.__wrapped__()
