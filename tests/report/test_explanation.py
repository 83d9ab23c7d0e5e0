"""What is said of each layer is what Keras computes, its equations included."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from repro import registry
from repro.backend import keras
from repro.chapter import Chapter
from repro.cli import main
from repro.layers import Layer, bidirectional, dense, dropout, embedding, lstm, simple_rnn
from repro.numerics.activations import hard_sigmoid
from repro.report.describe import WIDTH
from repro.report.explanation import Explanation, elsewhere, explained, explanations

CHAPTERS = list(registry.chapters())
ONE, FIVE = registry.chapter("imdb_lstm"), registry.chapter("rotten_tomatoes")


def of(*layers: Layer, chapter: Chapter = ONE) -> list[Explanation]:
    return explanations(chapter, replace(chapter.experiments[0], layers=layers))


def step(explanation: Explanation, known: Mapping[str, Any]) -> dict[str, Any]:
    """Do what the equations say, from the functions at their end to the new state; the masks are 1."""
    names: dict[str, Any] = {"clip": np.clip, "exp": np.exp, "max": np.maximum, "tanh": np.tanh, **known}
    functions = [each for each in explanation.equations if "(z) =" in each.formula]
    for equation in [*functions, *(each for each in explanation.equations if each not in functions)]:
        left, right = equation.formula.split(" = ", 1)
        right = right.replace("x[t]", "x").replace("'", "_next").replace("0.2 z", "0.2 * z")
        right = right.replace("the sum of exp(z) over the units", "exp(z).sum(-1)[:, None]")
        right = re.sub(r"(x|h|\)) (K|R|W)", r"\1 @ \2", right)
        if left.endswith("(z)"):
            names[left.removesuffix("(z)")] = eval(f"lambda z: {right}", names)
        else:
            names[left.replace("'", "_next")] = eval(right, names)
    return names


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("gates", ["sigmoid", hard_sigmoid], ids=["sigmoid", "hard_sigmoid"])
def test_the_equations_of_an_lstm_are_what_keras_computes(gates: str | Callable[[Any], Any], activation: str) -> None:
    built = keras.layers.LSTM(3, recurrent_activation=gates, activation=activation, return_sequences=True)
    random = np.random.default_rng(1)
    x = random.normal(size=(2, 4, 5)).astype("float32")
    built.build(x.shape)
    built.set_weights([random.normal(size=each.shape) for each in built.get_weights()])
    states = np.asarray(built(x))
    _, explanation, _ = of(
        *(embedding(9, 5), lstm(3, 5, activation=activation), dense(1, 3, "sigmoid")),
        chapter=replace(ONE, lstm={"gates": gates}),
    )
    kernels = (np.split(each, 4, axis=-1) for each in built.get_weights())
    weights = {
        f"{name}_{gate}": part
        for name, each in zip("KRb", kernels, strict=True)
        for gate, part in zip("ifco", each, strict=True)
    }
    h = c = np.zeros((2, 3))
    for t in range(4):
        after = step(explanation, {"x": x[:, t], "h": h, "c": c, **weights})
        h, c = after["h_next"], after["c_next"]
        np.testing.assert_allclose(h, states[:, t], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("activation", ["sigmoid", "relu", "softmax", "linear"])
def test_the_equations_of_a_dense_layer_are_what_keras_computes(activation: str) -> None:
    built = keras.layers.Dense(3, activation=activation, bias_initializer="random_normal")
    x = np.random.default_rng(1).normal(size=(2, 4)).astype("float32")
    y = np.asarray(built(x))
    (explanation,) = of(dense(3, 4, activation))
    weights, bias = built.get_weights()
    np.testing.assert_allclose(step(explanation, {"x": x, "W": weights, "b": bias})["y"], y, rtol=1e-5, atol=1e-6)


def test_the_equations_of_a_simple_rnn_are_what_keras_computes() -> None:
    built = keras.layers.SimpleRNN(3, bias_initializer="random_normal")
    x = np.random.default_rng(1).normal(size=(2, 1, 4)).astype("float32")
    y = np.asarray(built(x))
    _, explanation = of(embedding(9, 4), simple_rnn(3, 4))
    inner, own, bias = built.get_weights()
    after = step(explanation, {"x": x[:, 0], "h": np.zeros((2, 3)), "K": inner, "R": own, "b": bias})
    np.testing.assert_allclose(after["h_next"], y, rtol=1e-5, atol=1e-6)


def test_dropout_in_an_lstm_has_masks_per_gate_where_the_sources_software_had() -> None:
    layers = embedding(9, 5), lstm(3, 5, dropout=0.3, recurrent_dropout=0.2)
    per_gate = of(*layers, chapter=FIVE)[1].equations
    assert per_gate[0].formula == "i = gate((x[t] * d_i) K_i + (h * r_i) R_i + b_i)"
    assert list(per_gate[-2:]) == [
        ("d = 0 with probability 0.3, otherwise 1 / 0.7", "per row, number and gate, the same at all words"),
        ("r = 0 with probability 0.2, otherwise 1 / 0.8", "per row, number and gate, the same at all words"),
    ]
    shared = of(*layers)[1].equations
    assert shared[0].formula == "i = gate((x[t] * d) K_i + (h * r) R_i + b_i)"
    assert shared[-1].meaning == "per row and number, the same at all words"


def test_nothing_is_masked_in_any_model() -> None:
    for name in CHAPTERS:
        chapter = registry.chapter(name)
        for experiment in chapter.experiments:
            embeddings = [each for each in experiment.model(**chapter.lstm).layers if hasattr(each, "mask_zero")]
            assert [each.mask_zero for each in embeddings] == [False]


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_layer_of_every_model_and_variation_is_explained(name: str) -> None:
    chapter = registry.chapter(name)
    for variation in ("", *(each.name for each in chapter.variations)):
        varied = chapter.varied(variation)
        for experiment in varied.experiments:
            for explanation in explanations(varied, experiment):
                assert explanation.text.endswith(".")
                assert explanation.equations
                assert bool(explanation.weights) == (explanation.layer.parameters > 0)


def test_a_variation_has_its_own_gates_and_lengths() -> None:
    shorter, sigmoid = ONE.varied("maxlen_100"), ONE.varied("sigmoid_gates")
    assert explanations(shorter, shorter.experiments[0])[0].outgoing == (100, 32)
    gates = [explanations(each, each.experiments[0])[1].equations[-1].formula for each in (ONE, sigmoid)]
    assert gates == ["gate(z) = clip(0.2 z + 0.5, 0, 1)", "gate(z) = 1 / (1 + exp(-z))"]
    assert elsewhere(ONE) == "With --numerics keras2 or --numerics stock, gate(z) is sigmoid: 1 / (1 + exp(-z))."
    assert elsewhere(sigmoid) == ""
    assert elsewhere(FIVE).endswith(" With --numerics stock, the gates share d and r.")


def test_both_directions_and_what_goes_out_are_said() -> None:
    sequences, both, drop = of(lstm(3, 5, return_sequences=True), bidirectional(lstm(3, 3)), dropout(0.2))
    assert "after each word goes out" in sequences.text
    assert "reads forwards, the other backwards" in both.text
    assert "Schuster" in both.source
    assert (both.outgoing, drop.outgoing) == ((6,), (6,))


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_command_explains_what_it_has_not_explained_before(name: str) -> None:
    shown = CliRunner().invoke(main, ["show", name, "--layers"], catch_exceptions=False).output
    chapter = registry.chapter(name)
    assert shown == explained(chapter)
    assert max(map(len, shown.splitlines())) <= WIDTH
    for experiment in chapter.experiments:
        assert f"{experiment.name}: {experiment.parameters:,} parameters = " in shown
        assert all(f"     parameters  {layer.formula}\n" in shown for layer in experiment.layers)
    repeated = shown.count("the same as layer")
    assert repeated == sum(len(each.layers) for each in chapter.experiments) - len(
        {replace(layer, printed=None) for each in chapter.experiments for layer in each.layers}
    )
