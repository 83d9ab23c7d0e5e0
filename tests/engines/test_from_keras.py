"""From a Keras model to the fast engine and back; the engine names what it does not support."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from repro import numerics, registry
from repro.backend import keras, make_deterministic
from repro.engines import make_trainer
from repro.engines.base import Trainer
from repro.engines.fast.from_keras import Unsupported, from_keras_arrays, network_from_keras, to_keras_arrays
from repro.errors import ReproError
from repro.numerics.activations import hard_sigmoid
from repro.runs.train import compiled

LENGTH = 9


class Model(NamedTuple):
    """A model that the engine supports, except for what is changed in it."""

    lstm: Callable[[], list[Any]] = lambda: [keras.layers.LSTM(4)]
    """The layers between the embedding and the last one."""
    embedding: Callable[[], Any] = lambda: keras.layers.Embedding(7, 3)
    dense: Callable[[], list[Any]] = lambda: [keras.layers.Dense(2, activation="sigmoid")]
    loss: Callable[[], Any] = lambda: "binary_crossentropy"
    optimizer: Callable[[], Any] = lambda: keras.optimizers.Adam()
    frozen: int | None = None
    """A layer whose weights stay as they are."""

    def trainer(self) -> Trainer:
        """Raises Unsupported if the fast engine cannot train it."""
        chapter, experiment = registry.experiment("imdb_lstm/model_one")
        layers = [self.embedding(), *self.lstm(), *self.dense()]
        model = keras.Sequential([keras.Input((LENGTH,), batch_size=2), *layers])
        if self.frozen is not None:
            model.layers[self.frozen].trainable = False
        model.compile(self.optimizer(), self.loss())
        return make_trainer("fast", model, chapter, experiment, 1)


def lstm(**options: Any) -> Model:
    """With another option of its LSTM."""
    return Model(lambda: [keras.layers.LSTM(4, **options)])


def between(*layers: Callable[[], Any]) -> Model:
    """With other layers between the embedding and the last one."""
    return Model(lambda: [layer() for layer in layers])


def by(optimizer: Callable[[], Any]) -> Model:
    return Model(optimizer=optimizer)


def both(**options: Any) -> Callable[[], Any]:
    return lambda: keras.layers.Bidirectional(keras.layers.LSTM(4, **options))


def one(**options: Any) -> Callable[[], Any]:
    return lambda: keras.layers.LSTM(4, **options)


UNSUPPORTED: dict[str, tuple[Model, str]] = {
    "another recurrent layer": (between(lambda: keras.layers.GRU(4)), r"GRU \(gru.*\) where it stands"),
    "a class derived from LSTM": (between(lambda: type("Mine", (keras.layers.LSTM,), {})(4)), "Mine .*where it stands"),
    "no bias in an LSTM": (lstm(use_bias=False), r"LSTM \(lstm.*\) without a bias"),
    "a regularizer": (lstm(recurrent_regularizer="l2"), r"LSTM \(lstm.*\) with recurrent_regularizer"),
    "a constraint": (lstm(kernel_constraint="non_neg"), r"LSTM \(lstm.*\) with kernel_constraint"),
    "a regularizer of the outputs": (lstm(activity_regularizer="l2"), "with activity_regularizer"),
    "reading backwards": (lstm(go_backwards=True), "with go_backwards"),
    "a state that stays from batch to batch": (lstm(stateful=True), "with stateful"),
    "another activation": (lstm(activation="elu"), r"LSTM \(lstm.*\) with the activation elu"),
    "Keras 3's hard sigmoid": (lstm(recurrent_activation="hard_sigmoid"), "with the activation hard_sigmoid"),
    "an activation that is one of gates": (lstm(activation="sigmoid"), "with these activations"),
    "a gate that is open to infinity": (lstm(recurrent_activation="relu"), "with these activations"),
    "sequences to the end": (lstm(return_sequences=True), r"Dense \(dense.*\) where it stands"),
    "a mask": (Model(embedding=lambda: keras.layers.Embedding(7, 3, mask_zero=True)), "Embedding .* with mask_zero"),
    "a regularizer of the embedding": (
        Model(embedding=lambda: keras.layers.Embedding(7, 3, embeddings_regularizer="l2")),
        "with embeddings_regularizer",
    ),
    "no embedding": (
        Model(embedding=lambda: keras.layers.Reshape((LENGTH, 1))),
        r"a model that begins with Reshape \(reshape.*\)",
    ),
    "sequences in both directions": (between(both(return_sequences=True), one()), "sequences as its output"),
    "a regularizer in both directions": (between(both(kernel_regularizer="l2")), "LSTM .* with kernel_regularizer"),
    "directions that are added": (
        between(lambda: keras.layers.Bidirectional(keras.layers.LSTM(4), merge_mode="sum")),
        r"Bidirectional \(bidirectional.*\) with merge_mode sum",
    ),
    "a direction with an activation of its own": (
        between(
            lambda: keras.layers.Bidirectional(
                keras.layers.LSTM(4), backward_layer=keras.layers.LSTM(4, activation="relu", go_backwards=True)
            )
        ),
        "with a backward_layer of its own",
    ),
    "a direction of a class of its own": (
        between(
            lambda: keras.layers.Bidirectional(
                keras.layers.LSTM(4, dropout=0.5),
                backward_layer=numerics.lstm(4, mask_per_gate=True, dropout=0.5, go_backwards=True),
            )
        ),
        "with a backward_layer of its own",
    ),
    "dropout of the inputs of a second layer": (
        between(one(return_sequences=True), one(dropout=0.5)),
        r"LSTM \(lstm.*\) with dropout, above another LSTM",
    ),
    "both directions above another layer": (
        between(one(return_sequences=True), both()),
        r"Bidirectional \(bidirectional.*\) where it stands",
    ),
    "dropout of single numbers of the embedding": (
        between(lambda: keras.layers.Dropout(0.5), one()),
        r"Dropout \(dropout.*\) where it stands",
    ),
    "dropout of whole columns of an LSTM's outputs": (
        between(one(return_sequences=True), lambda: keras.layers.SpatialDropout1D(0.5), one()),
        "SpatialDropout1D .* where it stands",
    ),
    "dropout twice": (
        between(one(), lambda: keras.layers.Dropout(0.5), lambda: keras.layers.Dropout(0.5)),
        "Dropout .* where it stands",
    ),
    "dropout with one mask for all rows": (
        between(one(), lambda: keras.layers.Dropout(0.5, noise_shape=(1, None))),
        r"Dropout \(dropout.*\) with noise_shape",
    ),
    "dropout at the end": (
        Model(dense=lambda: [keras.layers.Dense(2, "sigmoid"), keras.layers.Dropout(0.5)]),
        "whose last layer is not a Dense one",
    ),
    "no bias in a dense layer": (
        Model(dense=lambda: [keras.layers.Dense(2, "sigmoid", use_bias=False)]),
        r"Dense \(dense.*\) without a bias",
    ),
    "a last layer that does not go with the loss": (
        Model(dense=lambda: [keras.layers.Dense(2, "softmax")]),
        "without the activation sigmoid, which goes with the loss",
    ),
    "a dense layer with another activation": (
        Model(dense=lambda: [keras.layers.Dense(3, "elu"), keras.layers.Dense(2, "sigmoid")]),
        "with the activation elu",
    ),
    "numbers of half the size": (lstm(dtype="mixed_float16"), r"LSTM \(lstm.*\) in float16"),
    "numbers of twice the size": (lstm(dtype="float64"), "in float64"),
    "another loss": (Model(loss=lambda: "mse"), "with the loss mse"),
    "a loss with options": (
        Model(loss=lambda: keras.losses.BinaryCrossentropy(label_smoothing=0.1)),
        "with the loss .*label_smoothing",
    ),
    "an embedding that stays as it is": (Model(frozen=0), r"Embedding \(embedding.*\) with weights that stay"),
    "an LSTM that stays as it is": (Model(frozen=1), r"LSTM \(lstm.*\) with weights that stay as they are"),
    "a dense layer that stays as it is": (Model(frozen=2), r"Dense \(dense.*\) with weights that stay as they are"),
    "SGD with momentum": (by(lambda: keras.optimizers.SGD(momentum=0.9)), "by the optimizer SGD with momentum"),
    "Adagrad with weight decay": (by(lambda: keras.optimizers.Adagrad(weight_decay=0.1)), "Adagrad with weight_decay"),
    "Adadelta": (by(lambda: keras.optimizers.Adadelta()), "by the optimizer Adadelta"),
    "RMSprop with momentum": (by(lambda: keras.optimizers.RMSprop(momentum=0.9)), "RMSprop with momentum"),
    "RMSprop, centered": (by(lambda: keras.optimizers.RMSprop(centered=True)), "RMSprop with centered"),
    "RMSprop, centered, as in the sources": (
        by(lambda: numerics.optimizer(keras.optimizers.RMSprop(centered=True), "source")),
        "RMSprop with centered",
    ),
    "Adam, amsgrad": (by(lambda: keras.optimizers.Adam(amsgrad=True)), "Adam with amsgrad"),
    "Adam with weight decay": (by(lambda: keras.optimizers.AdamW()), "AdamW with weight_decay"),
    "AdamW without": (by(lambda: keras.optimizers.AdamW(weight_decay=0.0)), "by the optimizer AdamW"),
    "Nadam that cuts gradients": (by(lambda: keras.optimizers.Nadam(clipvalue=1.0)), "Nadam with clipvalue"),
    "Adamax, as in the sources": (by(lambda: numerics.optimizer("adamax", "source")), "by the optimizer .*Adamax"),
    "gradients that are cut": (by(lambda: keras.optimizers.Adam(clipnorm=1.0)), "Adam with clipnorm"),
    "gradients of several batches": (
        by(lambda: keras.optimizers.Adam(gradient_accumulation_steps=2)),
        "Adam with gradient_accumulation_steps",
    ),
    "weights that are averaged": (by(lambda: keras.optimizers.Adam(use_ema=True)), "Adam with use_ema"),
    "a schedule of the learning rate": (
        by(lambda: keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9))),
        "by the optimizer Adam",
    ),
}


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_what_the_engine_does_not_support_is_named_with_what_to_do(name: str) -> None:
    """And never trained as if it were something else."""
    model, what = UNSUPPORTED[name]
    with pytest.raises(
        Unsupported, match=f"^the fast engine cannot train .*{what}.*; Keras can: --engine keras$"
    ) as error:
        model.trainer()
    assert isinstance(error.value, ReproError)
    assert str(pickle.loads(pickle.dumps(error.value))) == str(error.value)  # a worker sends it


SUPPORTED: dict[str, Model] = {
    "as it is": Model(),
    "hard sigmoid, relu": lstm(recurrent_activation=hard_sigmoid, activation="relu"),
    "dropout on all sides": between(
        lambda: keras.layers.SpatialDropout1D(0.5),
        one(return_sequences=True, dropout=0.5, recurrent_dropout=0.5),
        lambda: keras.layers.Dropout(0.5),
        one(),
        lambda: keras.layers.Dropout(0.5),
    ),
    "both directions": between(both(dropout=0.5)),
    "a mask per gate, both directions": between(
        lambda: keras.layers.Bidirectional(numerics.lstm(4, mask_per_gate=True, dropout=0.5))
    ),
    "dense layers": Model(
        dense=lambda: [
            *(keras.layers.Dense(3, activation) for activation in ("tanh", "relu", "sigmoid", hard_sigmoid)),
            keras.layers.Dense(2, "sigmoid"),
        ]
    ),
    "classes": Model(dense=lambda: [keras.layers.Dense(4, "softmax")], loss=lambda: "sparse_categorical_crossentropy"),
    "classes, one-hot": Model(
        dense=lambda: [keras.layers.Dense(4, "softmax")], loss=lambda: "categorical_crossentropy"
    ),
    "rmsprop": by(lambda: keras.optimizers.RMSprop(0.01)),
    "rmsprop, as in the sources": by(lambda: numerics.optimizer("rmsprop", "source")),
    "SGD": by(lambda: keras.optimizers.SGD()),
    "SGD, as in the sources": by(lambda: numerics.optimizer("sgd", "source")),
    "Adagrad": by(lambda: keras.optimizers.Adagrad(initial_accumulator_value=0.2)),
    "Nadam": by(lambda: keras.optimizers.Nadam(0.01)),
    "Nadam, as in the sources": by(lambda: numerics.optimizer("nadam", "source")),
}


@pytest.mark.parametrize("name", SUPPORTED)
def test_what_the_engine_supports_it_computes(name: str) -> None:
    """In evaluation as Keras does; and what it stores before any step is what it was given, bit for bit."""
    make_deterministic(1)
    trainer = SUPPORTED[name].trainer()
    model = trainer.model
    before = [np.array(variable).tobytes() for variable in (*model.weights, *model.optimizer.variables)]
    x = np.random.default_rng(1).integers(0, 7, (2, LENGTH)).astype(np.int32)
    x[0, :6] = 0
    np.testing.assert_allclose(trainer.predict(x).probabilities, model.predict(x, verbose=0), rtol=0, atol=1e-6)
    store(trainer)
    assert [np.array(variable).tobytes() for variable in (*model.weights, *model.optimizer.variables)] == before


def store(trainer: Trainer) -> None:
    from repro.engines.fast.trainer import FastTrainer

    assert isinstance(trainer, FastTrainer)
    trainer.store()


EXPERIMENTS = [f"{chapter.name}/{one.name}" for chapter in registry.chapters().values() for one in chapter.experiments]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_arrays_go_to_the_engine_and_come_back_as_they_were(name: str) -> None:
    """For all weights of the chapters' models: each in its order and shape, and copied both ways."""
    model = compiled(*registry.experiment(name), "source")
    made = network_from_keras(model)
    weights = model.get_weights()
    assert all(
        np.array_equal(a, b) for a, b in zip(to_keras_arrays(made, made.embedding, made.others), weights, strict=True)
    )

    random = np.random.default_rng(1)
    arrays = [random.normal(size=weight.shape).astype(np.float32) for weight in weights]
    embedding, others = from_keras_arrays(made, arrays)
    assert [each.shape for each in others] == [each.shape for each in made.others]
    back = to_keras_arrays(made, embedding, others)
    for array, returned in zip(arrays, back, strict=True):
        assert returned.dtype == array.dtype
        assert np.array_equal(returned, array)
    for each in (embedding, *others):
        assert not any(np.shares_memory(each, array) for array in (*arrays, *back))


def test_the_gates_of_an_lstm_lie_in_keras_order() -> None:
    """`(inputs, 4 units)`, columns by gate, to `(4, inputs, units)`."""
    made = network_from_keras(compiled(*registry.experiment("imdb_lstm/model_one"), "source"))
    kernel = np.repeat(np.arange(4, dtype=np.float32), 32) + np.zeros((32, 1), np.float32)
    arrays = [made.embedding, kernel, kernel, kernel[0], *made.others[3:]]
    _, (by_gate, recurrent, bias, *_) = from_keras_arrays(made, arrays)
    for gate in range(4):
        assert (by_gate[gate] == gate).all()
        assert (recurrent[gate] == gate).all()
        assert (bias[gate] == gate).all()
    assert by_gate.shape == (4, 32, 32)
    assert bias.shape == (4, 32)
