"""Makes a network of the fast engine from a Keras model, and rearranges arrays between the two. Starts Keras."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repro.backend import keras
from repro.engines.fast.dense import Dense, Loss
from repro.engines.fast.network import Network
from repro.engines.fast.structure import DenseLayer, DropoutSite, LSTMLayer
from repro.engines.fast.weights import LSTM, Weights
from repro.errors import ReproError
from repro.kernels import Floats, functions
from repro.numerics.activations import hard_sigmoid
from repro.numerics.cell import MaskPerGateLSTM

_LAST_ACTIVATION: Mapping[Loss, str] = {
    "binary_crossentropy": "sigmoid",
    "categorical_crossentropy": "softmax",
    "sparse_categorical_crossentropy": "softmax",
}
"""The activation of the last layer that goes with each loss."""

_MUST_BE_OFF = ("return_state", "go_backwards", "stateful", "mask_zero", "noise_shape", "lora_rank")


class Unsupported(ReproError):
    """The fast engine does not know a layer, or an option of it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the fast engine cannot train {what}; Keras can: --engine keras")


def network_from_keras(model: keras.Model, threads: int = 1) -> Network:
    """The network that computes what a compiled sequential model does, with its weights as they are now.

    The model must consist of an Embedding, perhaps a SpatialDropout1D, LSTM layers or one that reads in both
    directions, and Dense layers, with Dropout in between. Raises Unsupported for any other.
    """
    loss = next((loss for loss in _LAST_ACTIVATION if loss == model.loss), None)
    if loss is None:
        raise Unsupported(f"with the loss {model.loss}")
    first, *layers = model.layers
    if type(first) is not keras.layers.Embedding:
        raise Unsupported(f"a model that begins with {_name(first)}")
    _check_options(first)
    spatial: DropoutSite | None = None
    dropout: DropoutSite | None = None
    lstm_layers: list[LSTMLayer] = []
    dense_layers: list[DenseLayer] = []
    for position, layer in enumerate(layers, 1):
        _check_options(layer)
        lstm = layer.forward_layer if type(layer) is keras.layers.Bidirectional else layer
        if type(layer) is keras.layers.SpatialDropout1D and position == 1:
            spatial = DropoutSite(position, layer.rate)
        elif type(layer) is keras.layers.Dropout and lstm_layers and dropout is None:
            dropout = DropoutSite(position, layer.rate)
        elif type(lstm) in (keras.layers.LSTM, MaskPerGateLSTM) and (
            not lstm_layers or (lstm_layers[-1].lstm.sequences and layer is lstm)
        ):
            if lstm_layers and lstm.dropout:
                raise Unsupported(f"{_name(layer)} with dropout, above another LSTM")
            lstm_layers.append(_lstm(layer, lstm, position, dropout))
            dropout = None
        elif type(layer) is keras.layers.Dense and lstm_layers and not lstm_layers[-1].lstm.sequences:
            last = _LAST_ACTIVATION[loss] if layer is layers[-1] else None
            dense_layers.append(DenseLayer(_dense(layer, last), dropout))
            dropout = None
        else:
            raise Unsupported(f"{_name(layer)} where it stands")
    if not dense_layers or dropout is not None:
        raise Unsupported("a model whose last layer is not a Dense one")
    return Network(first.get_weights()[0].copy(), spatial, lstm_layers, dense_layers, loss, threads)


def from_keras_arrays(network: Network, arrays: Sequence[NDArray[Any]]) -> tuple[Floats, list[Floats]]:
    """Copy arrays that belong to all weights, such as these, from Keras' order and shapes to the network's.

    Returns that of the embedding, and those of the other weights.
    """
    embedding, *others = arrays
    gated = network.lstm_arrays
    return embedding.copy(), [*map(_by_gate, others[:gated]), *(array.copy() for array in others[gated:])]


def to_keras_arrays(network: Network, embedding: Floats, others: Sequence[Floats]) -> list[Floats]:
    """The inverse of `from_keras_arrays`, also by copying."""
    gated = network.lstm_arrays
    side_by_side = [np.concatenate(list(array), axis=-1) for array in others[:gated]]
    return [embedding.copy(), *side_by_side, *(array.copy() for array in others[gated:])]


def _by_gate(array: NDArray[Any]) -> Floats:
    """`(..., 4 units)`, as in Keras' LSTM, to `(4, ..., units)`."""
    return np.stack(np.split(array, 4, axis=-1))


def _lstm(layer: Any, lstm: Any, position: int, before: DropoutSite | None) -> LSTMLayer:
    directions = [lstm]
    if layer is not lstm:
        directions = [layer.forward_layer, layer.backward_layer]
        if layer.merge_mode != "concat" or lstm.return_sequences:
            raise Unsupported(f"{_name(layer)} with merge_mode {layer.merge_mode} or sequences as its output")
        if len({type(each) for each in directions}) > 1 or _settings(directions[0]) != _settings(directions[1]):
            raise Unsupported(f"{_name(layer)} with a backward_layer of its own")
    for each in directions:
        _check_options(each, allowed=() if each is lstm else ("go_backwards",))
        if not each.use_bias:
            raise Unsupported(f"{_name(each)} without a bias")
    cell = lstm.cell
    gate, activation = _function(cell.recurrent_activation, layer), _function(cell.activation, layer)
    if gate not in (functions.SIGMOID, functions.HARD_SIGMOID) or activation not in (functions.TANH, functions.RELU):
        raise Unsupported(f"{_name(layer)} with these activations")
    weights = [Weights(*map(_by_gate, each.get_weights())) for each in directions]
    return LSTMLayer(
        position=position,
        lstm=LSTM(weights, gate, activation, sequences=lstm.return_sequences),
        before=before,
        dropout=cell.dropout,
        recurrent_dropout=cell.recurrent_dropout,
        masks=4 if cell.implementation == 1 else 1,
    )


def _settings(lstm: Any) -> dict[str, Any]:
    """The settings that both directions of a layer must share."""
    return {name: value for name, value in lstm.get_config().items() if name not in ("name", "go_backwards", "seed")}


def _dense(layer: Any, last: str | None) -> Dense:
    """A dense layer; last: the activation that it must have as the last layer, which the loss takes over."""
    if not layer.use_bias:
        raise Unsupported(f"{_name(layer)} without a bias")
    if last is not None and layer.activation is not keras.activations.get(last):
        raise Unsupported(f"{_name(layer)} without the activation {last}, which goes with the loss")
    kernel, bias = (array.copy() for array in layer.get_weights())
    return Dense(kernel, bias, _function(layer.activation, layer) if last is None else None)


def _function(activation: Any, layer: Any) -> int:
    """The number of a Keras activation in the kernels."""
    numbers = {
        keras.activations.tanh: functions.TANH,
        keras.activations.sigmoid: functions.SIGMOID,
        hard_sigmoid: functions.HARD_SIGMOID,
        keras.activations.relu: functions.RELU,
    }
    if activation not in numbers:
        raise Unsupported(f"{_name(layer)} with the activation {getattr(activation, '__name__', activation)}")
    return numbers[activation]


def _check_options(layer: Any, allowed: tuple[str, ...] = ()) -> None:
    """Raise Unsupported if a layer has an option that the engine does not know."""
    for option, value in layer.get_config().items():
        unknown = option.endswith(("_regularizer", "_constraint")) or option in _MUST_BE_OFF
        if unknown and value and option not in allowed:
            raise Unsupported(f"{_name(layer)} with {option}")
    if layer.compute_dtype != "float32":
        raise Unsupported(f"{_name(layer)} in {layer.compute_dtype}")
    if not layer.trainable:
        raise Unsupported(f"{_name(layer)} with weights that stay as they are")


def _name(layer: Any) -> str:
    return f"{type(layer).__name__} ({layer.name})"
