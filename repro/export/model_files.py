"""Writes a trained network in three formats that need nothing of this package: Keras, SavedModel, ONNX."""

from __future__ import annotations

import errno
import importlib
import logging
import warnings
from pathlib import Path

from repro import extras
from repro.backend import chosen, keras
from repro.errors import ReproError

KERAS, SAVED_MODEL, ONNX = "model.keras", "saved_model", "model.onnx"
INPUT = "words"
"""What the networks' input is called."""
OPSET = 15
"""The version of ONNX' operators: one that runtimes have known since 2021."""


def check_tools() -> None:
    """Raises ReproError if what writes ONNX is not installed, or Keras is not to run on TensorFlow. Starts nothing."""
    extras.need("export", "repro export", "onnx", "tf2onnx")
    if chosen() != "tensorflow":
        raise ReproError(
            f"export writes through Keras on TensorFlow, and the backend is {chosen()}: KERAS_BACKEND=tensorflow repro "
            "export ...\nA model that was trained on another backend is exported like any other."
        )


def write_network(trained: keras.Model, folder: Path) -> None:
    """Write the network in all formats, which take `(texts, maxlen) int32` and give its probabilities.

    trained: a model made of Keras' own parts. Its optimizer stays behind: training on would need this package's.

    Raises OSError if they cannot be written.
    """
    network = keras.models.clone_model(
        trained, input_tensors=keras.Input(trained.input_shape[1:], dtype="int32", name=INPUT)
    )
    network.set_weights(trained.get_weights())
    network.save(folder / KERAS)
    tensorflow_errors = importlib.import_module("tensorflow").errors
    try:
        network.export(folder / SAVED_MODEL, verbose=False)
    except tensorflow_errors.OpError as error:  # of the disk: the network has just been saved
        full = isinstance(error, tensorflow_errors.ResourceExhaustedError)
        raise OSError(errno.ENOSPC if full else errno.EIO, error.message) from error
    # tf2onnx mends what it warns of: the states of the dropout that a network has besides its weights.
    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # Keras asks NumPy for names that tf2onnx needs
        network.export(folder / ONNX, format="onnx", verbose=False, opset_version=OPSET)
