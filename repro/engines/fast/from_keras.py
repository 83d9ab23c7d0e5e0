"""From a Keras model to a network of the fast engine, and its weights back. Starts Keras."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repro.backend import keras
from repro.engines.fast.dense import Dense, Loss
from repro.engines.fast.inputs import Weights
from repro.engines.fast.network import DenseLayer, LSTMLayer, Network, Place
from repro.engines.fast.recurrent import Recurrent
from repro.errors import ReproError
from repro.kernels import functions
from repro.numerics.activations import hard_sigmoid
from repro.numerics.cell import MaskPerGateLSTM

_LAST: Mapping[Loss, str] = {
    "binary_crossentropy": "sigmoid",
    "categorical_crossentropy": "softmax",
    "sparse_categorical_crossentropy": "softmax",
}
"""The activation of the last layer that goes with each loss."""

_OFF = ("return_state", "go_backwards", "stateful", "mask_zero", "noise_shape")


class Unsupported(ReproError):
    """The fast engine does not know a layer, or an option of it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the fast engine cannot train {what}; Keras can: --engine keras")


def network(model: keras.Model, dtype: str = "float32") -> Network:
    """The network that computes what a compiled sequential model does, with its weights as they are now.

    Raises Unsupported for a model that is anything else than an Embedding, perhaps a SpatialDropout1D, LSTM layers, or
    one that goes in both directions, and Dense layers, with Dropout in between.
    """
    loss = next((loss for loss in _LAST if loss == model.loss), None)
    if loss is None:
        raise Unsupported(f"with the loss {model.loss}")
    first, *layers = model.layers
    if type(first) is not keras.layers.Embedding:
        raise Unsupported(f"a model that begins with {_name(first)}")
    _check_plain(first)
    spatial: Place | None = None
    dropout: Place | None = None
    recurrent: list[LSTMLayer] = []
    dense: list[DenseLayer] = []
    for position, layer in enumerate(layers, 1):
        _check_plain(layer)
        lstm = layer.forward_layer if type(layer) is keras.layers.Bidirectional else layer
        if type(layer) is keras.layers.SpatialDropout1D and position == 1:
            spatial = Place(position, layer.rate)
        elif type(layer) is keras.layers.Dropout and recurrent and dropout is None:
            dropout = Place(position, layer.rate)
        elif type(lstm) in (keras.layers.LSTM, MaskPerGateLSTM) and (
            not recurrent or (recurrent[-1].layer.sequences and layer is lstm)
        ):
            recurrent.append(_lstm(layer, lstm, position, dropout, dtype))
            dropout = None
        elif type(layer) is keras.layers.Dense and recurrent and not recurrent[-1].layer.sequences:
            dense.append(_dense(layer, dropout, _LAST[loss] if layer is layers[-1] else None, dtype))
            dropout = None
        else:
            raise Unsupported(f"{_name(layer)} where it stands")
    if not dense or dropout is not None:
        raise Unsupported("a model whose last layer is not a Dense one")
    return Network(first.get_weights()[0].astype(dtype), spatial, recurrent, dense, loss)


def by_gate(array: NDArray[Any]) -> NDArray[Any]:
    """`(..., 4 units)`, as Keras has an LSTM's weights, to `(4, ..., units)`."""
    return np.stack(np.split(array, 4, axis=-1))


def side_by_side(array: NDArray[Any]) -> NDArray[Any]:
    """`(4, ..., units)` to `(..., 4 units)`."""
    return np.concatenate(list(array), axis=-1)


def as_in_keras(network: Network, embedding: NDArray[Any], others: list[NDArray[Any]]) -> list[NDArray[Any]]:
    """Copies of arrays for all weights of a network, in the order and the shapes of Keras."""
    gated = network.of_lstm
    return [embedding.copy(), *(side_by_side(a) if each else a.copy() for a, each in zip(others, gated, strict=True))]


def from_keras(network: Network, arrays: list[NDArray[Any]]) -> tuple[NDArray[Any], list[NDArray[Any]]]:
    """The other way: copies of what belongs to the embedding, and to the other weights of the network."""
    embedding, *others = arrays
    return embedding.copy(), [by_gate(a) if each else a.copy() for a, each in zip(others, network.of_lstm, strict=True)]


def _lstm(layer: Any, lstm: Any, position: int, before: Place | None, dtype: str) -> LSTMLayer:
    directions = [lstm]
    if layer is not lstm:
        directions = [layer.forward_layer, layer.backward_layer]
        if layer.merge_mode != "concat" or lstm.return_sequences:
            raise Unsupported(f"{_name(layer)} with merge_mode {layer.merge_mode} or sequences as its output")
        if len({type(each) for each in directions}) > 1 or _settings(directions[0]) != _settings(directions[1]):
            raise Unsupported(f"{_name(layer)} with a backward_layer of its own")
    weights = []
    for each in directions:
        _check_plain(each, but=() if each is lstm else ("go_backwards",))
        if not each.use_bias:
            raise Unsupported(f"{_name(each)} without a bias")
        weights.append(Weights(*(by_gate(array.astype(dtype)) for array in each.get_weights())))
    cell = lstm.cell
    gate, activation = _function(cell.recurrent_activation, layer), _function(cell.activation, layer)
    if gate not in (functions.SIGMOID, functions.HARD_SIGMOID) or activation not in (functions.TANH, functions.RELU):
        raise Unsupported(f"{_name(layer)} with these activations")
    return LSTMLayer(
        position=position,
        layer=Recurrent(weights, gate, activation, sequences=lstm.return_sequences),
        before=before,
        dropout=cell.dropout,
        recurrent_dropout=cell.recurrent_dropout,
        masks=4 if cell.implementation == 1 else 1,
    )


def _settings(lstm: Any) -> dict[str, Any]:
    """What is the same for both directions of a layer."""
    return {name: value for name, value in lstm.get_config().items() if name not in ("name", "go_backwards", "seed")}


def _dense(layer: Any, before: Place | None, last: str | None, dtype: str) -> DenseLayer:
    if not layer.use_bias:
        raise Unsupported(f"{_name(layer)} without a bias")
    kernel, bias = (array.astype(dtype) for array in layer.get_weights())
    if last is None:
        return DenseLayer(Dense(kernel, bias, _function(layer.activation, layer)), before)
    if layer.activation is not keras.activations.get(last):
        raise Unsupported(f"{_name(layer)} without the activation {last}, which goes with the loss")
    return DenseLayer(Dense(kernel, bias, None), before)


def _function(activation: Any, layer: Any) -> int:
    """The number that the kernels have for a Keras activation."""
    known = {
        keras.activations.tanh: functions.TANH,
        keras.activations.sigmoid: functions.SIGMOID,
        hard_sigmoid: functions.HARD_SIGMOID,
        keras.activations.relu: functions.RELU,
    }
    if activation not in known:
        raise Unsupported(f"{_name(layer)} with the activation {getattr(activation, '__name__', activation)}")
    return known[activation]


def _check_plain(layer: Any, but: tuple[str, ...] = ()) -> None:
    config = layer.get_config()
    for option, value in config.items():
        special = option.endswith(("_regularizer", "_constraint")) or option in _OFF or option == "lora_rank"
        if special and value and option not in but:
            raise Unsupported(f"{_name(layer)} with {option}")
    if layer.compute_dtype != "float32":
        raise Unsupported(f"{_name(layer)} in {layer.compute_dtype}")
    if not layer.trainable:
        raise Unsupported(f"{_name(layer)} with weights that stay as they are")


def _name(layer: Any) -> str:
    return f"{type(layer).__name__} ({layer.name})"
