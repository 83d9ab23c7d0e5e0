"""Three places where Keras 3 differs from the sources' stacks, on examples worked out by hand.

The fourth, dropout masks, is in `test_cell.py`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from repro import numerics
from repro.backend import chosen, keras, make_deterministic
from repro.numerics.activations import hard_sigmoid

RATE, EPSILON = 0.001, 1e-7


@pytest.mark.parametrize(
    ("x", "y"), [(-3.0, 0.0), (-2.5, 0.0), (-1.0, 0.3), (0.0, 0.5), (1.0, 0.7), (2.5, 1.0), (9.0, 1.0)]
)
def test_keras_2s_hard_sigmoid(x: float, y: float) -> None:
    assert float(hard_sigmoid(np.float32(x))) == pytest.approx(y, abs=1e-7)


def test_keras_3_means_another_function_by_that_name() -> None:
    assert float(keras.activations.hard_sigmoid(np.float32(1.0))) == pytest.approx(1 / 6 + 0.5)


@pytest.mark.parametrize(("x", "slope"), [(-3.0, 0.0), (-1.0, 0.2), (0.0, 0.2), (2.4, 0.2), (9.0, 0.0)])
def test_the_slope_of_keras_2s_hard_sigmoid(x: float, slope: float) -> None:
    """Through one step of SGD with rate 1 on a weight x with loss hard_sigmoid(x), which moves it by the slope."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, activation=hard_sigmoid)])
    model.compile(keras.optimizers.SGD(1.0), lambda y, output: keras.ops.sum(output), jit_compile=False)
    model.set_weights([np.full((1, 1), x, np.float32)])
    model.train_on_batch(np.ones((1, 1), np.float32), np.zeros((1, 1), np.float32))
    assert x - float(model.get_weights()[0][0, 0]) == pytest.approx(slope, abs=1e-6)


def moved(name: str | keras.optimizers.Optimizer, variant: numerics.Numerics, repeats: int) -> float:
    """How far one step moves a word's one-number embedding when it occurs `repeats` times, each with gradient 1."""
    make_deterministic(1)
    model = keras.Sequential([keras.Input((repeats,)), keras.layers.Embedding(3, 1, embeddings_initializer="zeros")])
    model.compile(numerics.optimizer(name, variant), lambda y, output: keras.ops.sum(output), jit_compile=False)
    model.train_on_batch(np.full((1, repeats), 2, np.int32), np.zeros((1, repeats, 1), np.float32))
    return -float(model.get_weights()[0][2, 0])


def test_rmsprop_squares_the_sum_of_a_repeated_words_gradients() -> None:
    """With g = 3: v = 0.1 * 3², and the word moves by rate * 3 / sqrt(v) = rate * sqrt(10), as if it occurred once."""
    assert moved("rmsprop", "source", 3) == pytest.approx(RATE * 10**0.5, rel=1e-4)
    assert moved("rmsprop", "keras2", 3) == pytest.approx(RATE * 10**0.5, rel=1e-4)


ON_TENSORFLOW = chosen() == "tensorflow"


def test_stock_rmsprop_on_tensorflow_sums_the_squares() -> None:
    """There v = 0.1 * (1² + 1² + 1²): the word moves sqrt(3) times too far. If Keras changes this, the test fails."""
    v = 0.3 if ON_TENSORFLOW else 0.1 * 3**2
    assert moved("rmsprop", "stock", 3) == pytest.approx(RATE * 3 / v**0.5, rel=1e-4)


def test_adam_squares_the_sum_of_a_repeated_words_gradients() -> None:
    """After the first step's bias correction m = g and v = g²: the word moves by the rate, however often it occurs."""
    assert moved("adam", "source", 3) == pytest.approx(RATE, rel=1e-3)
    assert moved("adam", "stock", 3) == pytest.approx(RATE * (3**0.5 if ON_TENSORFLOW else 1), rel=1e-3)


@pytest.mark.parametrize(
    "name",
    ["Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lion", "Nadam", "RMSprop", "SGD"],
)
def test_with_any_optimizer_a_word_that_occurs_three_times_moves_as_one_with_three_times_the_gradient(
    name: str,
) -> None:
    """By name and by instance; the same from a gradient that is no embedding's and so is summed in any case."""
    weight = keras.Variable(np.zeros((3, 1), np.float32))
    plain = keras.optimizers.get(name.lower())
    plain.build([weight])
    plain.apply([keras.ops.convert_to_tensor(np.array([[0], [0], [3]], np.float32))], [weight])
    expected = -float(keras.ops.convert_to_numpy(weight)[2, 0])
    assert moved(name.lower(), "keras2", 3) == pytest.approx(expected, rel=1e-4)
    assert moved(getattr(keras.optimizers, name)(), "keras2", 3) == pytest.approx(expected, rel=1e-4)


def stepped(variant: numerics.Numerics, gradient: float) -> float:
    """How far the first RMSprop step moves a weight of the given gradient."""
    weight = keras.Variable(np.zeros(1, np.float32))
    optimizer = numerics.optimizer("rmsprop", variant)
    optimizer.apply([keras.ops.convert_to_tensor(np.array([gradient], np.float32))], [weight])
    return -float(np.asarray(keras.ops.convert_to_numpy(weight))[0])


def test_the_epsilon_of_rmsprop_is_outside_the_root_in_the_sources_and_inside_since() -> None:
    """With g = 1e-6, v = 1e-13: rate * 1e-6 / (3.16e-7 + 1e-7) outside; rate * 1e-6 / sqrt(1e-13 + 1e-7) inside."""
    gradient = 1e-6
    root = (0.1 * gradient**2) ** 0.5
    assert stepped("source", gradient) == pytest.approx(RATE * gradient / (root + EPSILON), rel=1e-4)
    inside = RATE * gradient / (0.1 * gradient**2 + EPSILON) ** 0.5
    assert stepped("keras2", gradient) == stepped("stock", gradient) == pytest.approx(inside, rel=1e-4)


def test_centered_rmsprop_keeps_its_epsilon_outside_too() -> None:
    """With g = 1: v = 0.1, mean = 0.1, so the spread is 0.1 - 0.01."""
    weight = keras.Variable(np.zeros(1, np.float32))
    optimizer = numerics.optimizer(keras.optimizers.RMSprop(centered=True, epsilon=0.5), "source")
    optimizer.apply([keras.ops.ones(1)], [weight])
    assert -float(weight[0]) == pytest.approx(RATE / (0.09**0.5 + 0.5), rel=1e-5)


def test_an_optimizer_keeps_its_settings() -> None:
    plain = keras.optimizers.Adam(learning_rate=0.02, beta_1=0.8, clipnorm=1.0)
    corrected = numerics.optimizer(plain, "source")
    assert isinstance(corrected, keras.optimizers.Adam)
    assert corrected.get_config() == plain.get_config()


def test_rmsprop_with_momentum_stays_as_it_is_but_for_the_sum() -> None:
    """Keras 2 put its epsilon inside the root there too."""
    corrected = numerics.optimizer(keras.optimizers.RMSprop(momentum=0.9), "source")
    assert type(corrected).__name__ == ("SummedRMSprop" if ON_TENSORFLOW else "RMSprop")


def test_an_optimizer_that_was_used_is_refused() -> None:
    used = keras.optimizers.Adam()
    used.build([keras.Variable(np.zeros(1, np.float32))])
    with pytest.raises(ValueError, match="used already"):
        numerics.optimizer(used, "source")


@pytest.mark.parametrize("optimizer", ["rmsprop", "adam"])
def test_a_corrected_model_survives_saving_and_loading(tmp_path: Path, optimizer: str) -> None:
    make_deterministic(2)
    lstm = keras.layers.LSTM(2, recurrent_activation=hard_sigmoid)
    model = keras.Sequential([keras.Input((5,)), keras.layers.Embedding(9, 3), keras.layers.Bidirectional(lstm)])
    model.compile(numerics.optimizer(optimizer, "source"), "mse", jit_compile=False)
    x, y = np.arange(20, dtype=np.int32).reshape(4, 5) % 9, np.ones((4, 4), np.float32)
    model.train_on_batch(x, y)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert type(loaded.optimizer) is type(model.optimizer)
    assert loaded.layers[1].forward_layer.cell.recurrent_activation is hard_sigmoid
    for each in (model, loaded):  # the optimizer's state came along: the next steps are equal
        each.train_on_batch(x, y)
    for left, right in zip(model.get_weights(), loaded.get_weights(), strict=True):
        assert np.array_equal(left, right)
