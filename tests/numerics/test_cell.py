"""The fourth difference: a dropout mask per gate, or one for all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from repro import numerics
from repro.backend import keras, make_deterministic
from repro.numerics.activations import hard_sigmoid
from repro.registry import experiment

ROWS, INPUTS, UNITS = 5, 3, 2
Floats = NDArray[np.float32]


def lstm(**options: Any) -> Any:
    layer = numerics.lstm(UNITS, mask_per_gate=True, **options)
    layer.build((None, None, INPUTS))
    return layer


def numbers(tensor: Any) -> Floats:
    return np.asarray(keras.ops.convert_to_numpy(tensor))


@pytest.mark.parametrize("recurrent", [0.0, 0.3])
def test_each_gate_has_a_mask_of_the_inputs_shape(recurrent: float) -> None:
    make_deterministic(1)
    cell = lstm(dropout=0.25, recurrent_dropout=recurrent).cell
    masks = [numbers(mask) for mask in cell.get_dropout_mask(np.ones((400, INPUTS), np.float32))]
    assert [mask.shape for mask in masks] == [(400, INPUTS)] * 4
    for mask in masks:
        assert set(np.unique(mask)) == {np.float32(0), np.float32(1 / 0.75)}
    if recurrent:
        states = [numbers(mask) for mask in cell.get_recurrent_dropout_mask(np.ones((400, UNITS), np.float32))]
        assert [mask.shape for mask in states] == [(400, UNITS)] * 4


def test_the_masks_are_independent() -> None:
    """Two of rate 1/2 agree in half of their elements: of 30,000, within 5 standard deviations (0.0144)."""
    make_deterministic(2)
    cell = lstm(dropout=0.5, recurrent_dropout=0.5).cell
    drawn = [*cell.get_dropout_mask(np.ones((10_000, INPUTS), np.float32))]
    masks = [numbers(mask) > 0 for mask in drawn]
    for i in range(4):
        assert masks[i].mean() == pytest.approx(0.5, abs=0.0145)
        for j in range(i):
            assert (masks[i] == masks[j]).mean() == pytest.approx(0.5, abs=0.0145)


def test_with_given_masks_two_words_are_what_the_formula_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    """Worked out in float64 by the formula of `MaskPerGateLSTM`; each mask serves both words."""
    make_deterministic(3)
    random = np.random.default_rng(3)
    layer = lstm(dropout=0.5, recurrent_dropout=0.5, recurrent_activation=hard_sigmoid)
    x = random.normal(size=(ROWS, 2, INPUTS)).astype(np.float32)
    d = 2.0 * random.integers(0, 2, (4, ROWS, INPUTS))
    r = 2.0 * random.integers(0, 2, (4, ROWS, UNITS))
    masks = {INPUTS: d, UNITS: r}

    def given(step_input: Any, rate: float) -> list[Any]:
        return [keras.ops.convert_to_tensor(mask.astype(np.float32)) for mask in masks[step_input.shape[-1]]]

    monkeypatch.setattr(layer.cell, "_create_dropout_mask", given)
    kernel, recurrent, bias = (np.split(weights, 4, axis=-1) for weights in layer.get_weights())
    h = c = np.zeros((ROWS, UNITS))
    for word in (0, 1):
        i, f, a, o = ((x[:, word] * d[g]) @ kernel[g] + (h * r[g]) @ recurrent[g] + bias[g] for g in range(4))
        i, f, o = (np.clip(0.2 * z + 0.5, 0, 1) for z in (i, f, o))
        c = f * c + i * np.tanh(a)
        h = o * np.tanh(c)
    np.testing.assert_allclose(numbers(layer(x, training=True)), h, rtol=0, atol=1e-6)


def outputs(layer: Any) -> set[float]:
    """What a layer of one unit, whose weights are all 1 and biases 0, makes of one word `1` with dropout 1/2."""
    make_deterministic(4)
    layer.build((None, 1, 1))
    layer.set_weights([np.ones((1, 4), np.float32), np.ones((1, 4), np.float32), np.zeros(4, np.float32)])
    made = numbers(layer(np.ones((300, 1, 1), np.float32), training=True)).ravel().tolist()
    return {round(number, 5) for number in made}


def worked_out(*gates: tuple[int, int, int]) -> set[float]:
    """o tanh(i tanh(a)), where each of i, a, o sees 0 or 2."""
    outputs = set()
    for i, a, o in gates:
        opened = [1 / (1 + np.exp(-2.0 * seen)) for seen in (i, o)]
        outputs.add(round(float(opened[1] * np.tanh(opened[0] * np.tanh(2.0 * a))), 5))
    return outputs


EVERY = [(i, a, o) for i in (0, 1) for a in (0, 1) for o in (0, 1)]


def test_a_mask_per_gate_opens_and_closes_the_gates_independently() -> None:
    assert outputs(numerics.lstm(1, mask_per_gate=True, dropout=0.5)) == worked_out(*EVERY)


def test_stock_keras_shares_one_mask_unless_there_is_recurrent_dropout() -> None:
    """If Keras changes how it draws them, this test fails."""
    assert outputs(keras.layers.LSTM(1, dropout=0.5)) == worked_out((0, 0, 0), (1, 1, 1))
    assert outputs(keras.layers.LSTM(1, dropout=0.5, recurrent_dropout=0.5)) == worked_out(*EVERY)


def test_without_dropout_it_is_keras_lstm() -> None:
    layer, plain = lstm(), keras.layers.LSTM(UNITS)
    plain.build((None, None, INPUTS))
    plain.set_weights(layer.get_weights())
    x = np.random.default_rng(5).normal(size=(ROWS, 4, INPUTS)).astype(np.float32)
    np.testing.assert_allclose(numbers(layer(x)), numbers(plain(x)), rtol=0, atol=1e-6)


def test_it_survives_saving_and_loading(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((4, INPUTS)), numerics.lstm(UNITS, mask_per_gate=True, dropout=0.5)])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert type(loaded.layers[0]) is type(model.layers[0])
    assert len(loaded.layers[0].cell.get_dropout_mask(np.ones((ROWS, INPUTS), np.float32))) == 4


@pytest.mark.parametrize("name", ["jigsaw_multilabel/lstm", "rotten_tomatoes/lstm"])
def test_the_chapters_with_dropout_draw_a_mask_per_gate_except_under_stock(name: str) -> None:
    chapter, with_dropout = experiment(name)
    models = {each: with_dropout.model(**numerics.defaults(each, chapter.lstm)) for each in numerics.NUMERICS}
    kinds = {each: [type(layer).__name__ for layer in model.layers] for each, model in models.items()}
    assert "MaskPerGateLSTM" in kinds["source"]
    assert "MaskPerGateLSTM" in kinds["keras2"]
    assert "LSTM" in kinds["stock"]
