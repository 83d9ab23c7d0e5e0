"""Dropout in the fast engine: with the same masks it computes what Keras does; its own are distributed as Keras'."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import ks_2samp

from repro import numerics
from repro.backend import chosen, keras, make_deterministic
from repro.engines.fast.from_keras import network_from_keras, to_keras_arrays
from repro.engines.fast.masks import DrawMask, mask_generator
from repro.engines.fast.network import Network
from repro.numerics.activations import hard_sigmoid
from repro.registry import experiment

pytestmark = pytest.mark.skipif(chosen() != "tensorflow", reason="asks TensorFlow for gradients")

Floats = NDArray[np.float32]

ROWS, LENGTH = 6, 7


class Drawn:
    """Draws masks, and keeps them by site."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(2)
        self.masks: dict[str, Floats] = {}
        self.rates: dict[str, float] = {}

    def __call__(self, site: str, shape: tuple[int, ...], rate: float) -> Floats:
        assert site not in self.masks, "drawn once for a batch"
        self.rates[site] = rate
        self.masks[site] = ((self.random.random(shape) >= rate) / (1 - rate)).astype(np.float32)
        return self.masks[site]


def hand_to_keras(model: keras.Model, masks: dict[str, Floats], monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the layers of a sequential model use these masks in place of those they would draw; use all of them."""
    left = dict(masks)

    def of_cell(cell: Any, prefix: str) -> None:
        for what, method in (("inputs", "get_dropout_mask"), ("state", "get_recurrent_dropout_mask")):
            mask = left.pop(f"{prefix}{what}", None)
            if mask is not None:
                given = list(mask) if len(mask) == 4 else mask[0]
                monkeypatch.setattr(cell, method, lambda like, given=given: given)

    def multiplied(mask: Floats) -> Callable[..., Any]:
        return lambda x, training: x * mask

    for position, layer in enumerate(model.layers):
        if isinstance(layer, keras.layers.Bidirectional):
            of_cell(layer.forward_layer.cell, f"{position} ")
            of_cell(layer.backward_layer.cell, f"{position} backwards ")
        elif isinstance(layer, keras.layers.LSTM):
            of_cell(layer.cell, f"{position} ")
        elif isinstance(layer, keras.layers.Dropout):  # which SpatialDropout1D is too
            mask = left.pop(f"{position}")
            spatial = isinstance(layer, keras.layers.SpatialDropout1D)
            monkeypatch.setattr(layer, "call", multiplied(mask[:, None] if spatial else mask))
    assert not left


def by_keras(model: keras.Model, x: Any, y: Any) -> tuple[Any, list[Any]]:
    """The loss of a batch in training, and its derivatives by all weights, as tensors."""
    import tensorflow as tf

    with tf.GradientTape() as tape:
        loss = model.compute_loss(x, y, model(x, training=True))
    gradients = tape.gradient(loss, [variable.value for variable in model.trainable_variables])
    return loss, [tf.convert_to_tensor(gradient) for gradient in gradients]


def by_fast(
    network: Network, x: NDArray[np.int32], y: NDArray[np.int32], draw: DrawMask, *, squares: bool = False
) -> tuple[float, list[Floats]]:
    """The same in Keras' order and shapes."""
    gradient = network.gradient(x, y, draw, squares=squares)
    embedding = np.zeros_like(network.embedding)
    embedding[gradient.embedding.words] = gradient.embedding.sums
    return gradient.loss, to_keras_arrays(network, embedding, gradient.others)


def compiled(layers: list[Any], loss: str) -> keras.Model:
    model = keras.Sequential([keras.Input((LENGTH,)), *layers])
    model.compile("adam", loss)
    return model


def of_chapter(name: str, **arguments: Any) -> Callable[[], keras.Model]:
    """The chapter's model, for shorter rows."""

    def build() -> keras.Model:
        one = experiment(name)[1]
        return compiled(one.model(**arguments).layers, one.loss)

    return build


def both_directions(*, mask_per_gate: bool) -> Callable[[], keras.Model]:
    """No chapter has dropout in such a layer, but the engine supports it."""

    def build() -> keras.Model:
        lstm = numerics.lstm(5, mask_per_gate=mask_per_gate, recurrent_activation=hard_sigmoid, dropout=0.4)
        layers = [keras.layers.Embedding(30, 4), keras.layers.Bidirectional(lstm), keras.layers.Dense(3, "softmax")]
        return compiled(layers, "sparse_categorical_crossentropy")

    return build


IN_LSTM = {"1 inputs": 0.2, "1 state": 0.2}
AFTER_SPATIAL = {"1": 0.3, "2 inputs": 0.3, "2 state": 0.3, "4": 0.3}
BETWEEN_LAYERS = {"2": 0.2, "4": 0.2, "6": 0.2}
BOTH = {"1 inputs": 0.4, "1 backwards inputs": 0.4}

MODELS = {
    "jigsaw_multilabel, a mask per gate": (of_chapter("jigsaw_multilabel/lstm", mask_per_gate=True), IN_LSTM),
    "jigsaw_multilabel, as Keras draws": (of_chapter("jigsaw_multilabel/lstm", mask_per_gate=False), IN_LSTM),
    "rotten_tomatoes, a mask per gate": (of_chapter("rotten_tomatoes/lstm", mask_per_gate=True), AFTER_SPATIAL),
    "rotten_tomatoes, as Keras draws": (of_chapter("rotten_tomatoes/lstm", mask_per_gate=False), AFTER_SPATIAL),
    "stacked_lstm": (of_chapter("stacked_lstm/stacked"), BETWEEN_LAYERS),
    "both directions, a mask per gate": (both_directions(mask_per_gate=True), BOTH),
    "both directions, one mask": (both_directions(mask_per_gate=False), BOTH),
}


@pytest.mark.parametrize("squares", [False, True], ids=["", "squares"])
@pytest.mark.parametrize("name", MODELS)
def test_with_the_same_masks_loss_and_gradients_are_those_of_keras(
    name: str, squares: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each gradient within 1e-5 of its largest element; squares: as for stock optimizers."""
    make_deterministic(4)
    build, rates = MODELS[name]
    model = build()
    random = np.random.default_rng(5)
    x = random.integers(1, 25, (ROWS, LENGTH)).astype(np.int32)
    x[np.arange(LENGTH) < np.array([5, 0, LENGTH, 2, 4, 0])[:, None]] = 0
    x[3, 4] = 0
    outputs = model.output_shape[-1]
    y = random.integers(0, outputs, ROWS).astype(np.int32)
    if model.loss == "binary_crossentropy":
        y = random.integers(0, 2, (ROWS, outputs)).astype(np.int32)

    drawn = Drawn()
    loss, gradients = by_fast(network_from_keras(model), x, y, drawn, squares=squares)
    assert drawn.rates == rates
    hand_to_keras(model, drawn.masks, monkeypatch)
    expected_loss, theirs = by_keras(model, x, np.eye(outputs)[y] if model.loss == "categorical_crossentropy" else y)

    assert loss == pytest.approx(float(expected_loss), rel=1e-6)
    for one, other, variable in zip(gradients, theirs, model.trainable_variables, strict=True):
        expected = np.array(other)
        assert np.abs(one - expected).max() <= 1e-5 * np.abs(expected).max(), variable.path


def test_masks_follow_from_seed_epoch_batch_and_site() -> None:
    def drawn(site: str, *key: int) -> bytes:
        return mask_generator(*key)(site, (4, 3, 2), 0.5).tobytes()

    keys = [(seed, epoch, batch) for seed in (0, 1, 2) for epoch in (0, 1, 2) for batch in (0, 1, 2)]
    sites = ("1", "2", "1 inputs", "1 state", "1 backwards state")
    assert len({drawn(site, *key) for site in sites for key in keys}) == len(sites) * len(keys)
    assert all(drawn(site, *key) == drawn(site, *key) for site in sites for key in keys)
    draw = mask_generator(1, 2, 0)
    assert draw("2", (4, 3, 2), 0.5).tobytes() == drawn("2", 1, 2, 0) == draw("2", (4, 3, 2), 0.5).tobytes()


KEPT = 40_000
"""The elements whose share is measured; five standard deviations of a share p are 5 sqrt(p (1 - p) / KEPT)."""


@pytest.mark.parametrize("rate", [0.2, 0.3, 0.5])
def test_a_mask_keeps_the_share_that_it_should_and_makes_up_for_the_rest(rate: float) -> None:
    """Each element is 0 or 1 / (1 - rate), of float32; five standard deviations of the share that is kept."""
    mask = mask_generator(3, 1, 4)("1 inputs", (4, 100, KEPT // 400), rate)
    assert mask.dtype == np.float32
    assert set(np.unique(mask)) == {np.float32(0), np.float32(1 / (1 - rate))}
    assert (mask > 0).mean() == pytest.approx(1 - rate, abs=5 * (rate * (1 - rate) / KEPT) ** 0.5)


@pytest.mark.parametrize("axis", [0, 1, 2], ids=["gates", "rows", "columns"])
def test_what_is_kept_is_independent_over_gates_rows_and_columns(axis: int) -> None:
    """Neighbours are both kept in (1 - rate)² of the cases, within five standard deviations; so are two batches'."""
    kept = mask_generator(3, 1, 4)("1 inputs", (4, 100, KEPT // 400), 0.2) > 0
    of_next_batch = mask_generator(3, 1, 5)("1 inputs", kept.shape, 0.2) > 0
    share = 0.8**2
    bound = 5 * (share * (1 - share) / KEPT) ** 0.5
    assert (kept & np.roll(kept, 1, axis)).mean() == pytest.approx(share, abs=bound)
    assert (kept & of_next_batch).mean() == pytest.approx(share, abs=bound)


TEXT = np.array([0, 0, 0, 3, 1, 4, 1], np.int32)
COPIES, DRAWS = 10_000, 300
"""Rows with the same text, each under masks of its own; and draws of the masks of a batch of two."""


class Sampled(NamedTuple):
    """What an engine made of a text under many masks, in a model with strong dropout on all sides.

    Rounded to four decimals: where everything is dropped, for example, all are equal but for the last bits.
    """

    losses: NDArray[np.float64]
    """`(COPIES,)`"""
    norms: NDArray[np.float64]
    """`(DRAWS,)`: of a batch's derivative by the recurrent weights."""


@functools.cache
def sampled(*, mask_per_gate: bool) -> tuple[Sampled, Sampled]:
    """Keras' and ours."""
    import tensorflow as tf

    make_deterministic(6)
    wide = keras.initializers.RandomNormal(stddev=1)
    options = {"recurrent_activation": "sigmoid", "dropout": 0.5, "kernel_initializer": wide}
    layers = [
        keras.layers.Embedding(9, 3, embeddings_initializer=wide),
        keras.layers.SpatialDropout1D(0.2),
        numerics.lstm(4, mask_per_gate=mask_per_gate, **options),
        keras.layers.Dropout(0.3),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
    model = compiled(layers, "binary_crossentropy")
    fast = network_from_keras(model)
    copies, two = np.tile(TEXT, (COPIES, 1)), np.tile(TEXT, (2, 1))
    y = np.array([0, 1], np.int32)
    by_graph = tf.function(lambda: by_keras(model, tf.constant(two), tf.constant(y[:, None])))

    def norms(derivatives: Iterable[list[Any]]) -> NDArray[np.float64]:
        return np.array([np.linalg.norm(np.array(each[2])).round(4) for each in derivatives])

    probabilities = np.array(model(copies, training=True))[:, 0].astype(np.float64)
    logits = fast.gradient(copies, np.zeros(COPIES, np.int32), mask_generator(7, 0, 0)).logits[:, 0].astype(np.float64)
    by_batch = (by_graph()[1] for _ in range(DRAWS))
    by_batch_of_ours = (by_fast(fast, two, y, mask_generator(7, 1, draw))[1] for draw in range(DRAWS))
    return (
        Sampled(-np.log1p(-probabilities).round(4), norms(by_batch)),
        Sampled(np.logaddexp(0, logits).round(4), norms(by_batch_of_ours)),
    )


@pytest.mark.parametrize("quantity", Sampled._fields)
@pytest.mark.parametrize("mask_per_gate", [True, False], ids=["a mask per gate", "one mask"])
def test_under_its_own_masks_losses_and_gradients_are_distributed_as_keras_are(
    mask_per_gate: bool, quantity: str
) -> None:
    """By the test of Kolmogorov and Smirnov for two samples, at the level of 1 in 1,000."""
    theirs, ours = (getattr(one, quantity) for one in sampled(mask_per_gate=mask_per_gate))
    assert ks_2samp(theirs, ours).pvalue > 0.001


def test_samples_of_this_size_tell_one_mask_from_a_mask_for_each_gate() -> None:
    """In Keras' own losses; so the test above would see it if the engine drew the other kind."""
    one, for_each = (sampled(mask_per_gate=kind)[0] for kind in (False, True))
    assert ks_2samp(one.losses, for_each.losses).pvalue < 1e-6
