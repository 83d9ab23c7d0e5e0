"""Keeps models on disk: the state of a run after each epoch, and the trained model at its end."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from repro.backend import keras
from repro.datasets.dataset import fingerprint
from repro.errors import ReproError, cause
from repro.files import replacing, write_atomically
from repro.records import Record, Results

Epochs = list[dict[str, float]]
"""The metrics of each finished epoch; its wall time stands under `seconds`."""


class Checkpoint:
    """Weights, random states, optimizer and history of an unfinished run, in one `.npz` file."""

    def __init__(self, path: Path, versions: dict[str, str]) -> None:
        self.path = path
        self.versions = versions

    def save(self, model: keras.Model, epochs: Epochs) -> None:
        """Raises ReproError if the file cannot be written."""
        note = json.dumps({"versions": self.versions, "epochs": epochs})
        buffer = io.BytesIO()
        np.savez(buffer, np.array(note), *(np.asarray(variable) for variable in _state(model)))
        write_atomically(self.path, buffer.getvalue())

    def restore(self, model: keras.Model) -> Epochs:
        """Bring a new model to where the run was. Returns the finished epochs; none if there is no usable checkpoint.

        A checkpoint that is damaged, or was made with other library versions, is not used, and a warning says so: the
        run would end with bytes that neither version gives.
        """
        model.optimizer.build(model.trainable_variables)
        state = _state(model)
        if not self.path.exists():
            return []
        try:
            with np.load(self.path) as saved:
                first, *arrays = (saved[name] for name in saved.files)
            note = json.loads(str(first))
            if note["versions"] != self.versions:
                raise ValueError("made with other library versions")
            if [array.shape for array in arrays] != [tuple(variable.shape) for variable in state]:
                raise ValueError("of another model")
        except (OSError, ValueError, LookupError, EOFError, zipfile.BadZipFile) as error:
            warnings.warn(f"starting anew, for {self.path} cannot be used: {error}", stacklevel=2)
            return []
        for variable, array in zip(state, arrays, strict=True):
            variable.assign(array)
        epochs: Epochs = note["epochs"]
        return epochs

    def remove(self) -> None:
        """Delete the file: the run is finished."""
        self.path.unlink(missing_ok=True)


class SentCheckpoint(Checkpoint):
    """Hands over its content each time, too, for a caller on another machine."""

    def __init__(self, path: Path, versions: dict[str, str], saved: Callable[[int, bytes], None]) -> None:
        """saved: called with the number of finished epochs and the content of the file."""
        super().__init__(path, versions)
        self._saved = saved

    def save(self, model: keras.Model, epochs: Epochs) -> None:
        super().save(model, epochs)
        self._saved(len(epochs), self.path.read_bytes())


def saved_epochs(path: Path) -> Epochs:
    """The finished epochs in a checkpoint's file; none if it is not there or cannot be read. Does not start Keras."""
    try:
        with np.load(path) as saved:
            epochs: Epochs = json.loads(str(saved[saved.files[0]]))["epochs"]
    except (OSError, ValueError, LookupError, EOFError, zipfile.BadZipFile):
        return []
    return epochs


def _state(model: keras.Model) -> list[Any]:
    return [*model.variables, *model.optimizer.variables]


def copy_state(source: keras.Model, target: keras.Model) -> None:
    """Copy the weights and the optimizer's state of `source` to `target`, compiled with the same kind of optimizer."""
    target.set_weights(source.get_weights())
    target.optimizer.build(target.trainable_variables)
    for ours, theirs in zip(target.optimizer.variables, source.optimizer.variables, strict=True):
        ours.assign(theirs)


def save_model(model: keras.Model, path: Path) -> None:
    """Write a trained model in Keras' format, whole or not at all. Raises ReproError if that fails."""
    with replacing(path) as temporary:
        model.save(temporary)


def load_model(results: Results, record: Record) -> keras.Model:
    """The trained model of a record, not compiled.

    Raises ReproError if its file cannot be read or holds other weights.
    """
    path = results.weights_path(record.chapter, record.stem)
    try:
        path.open("rb").close()  # Keras reports a file that it may not read as missing
    except OSError as error:
        raise ReproError(f"{path} cannot be read: {cause(error)}") from error
    try:
        model = keras.saving.load_model(path, compile=False)
    except (OSError, ValueError, LookupError, TypeError, zipfile.BadZipFile) as error:
        raise ReproError(f"{path} cannot be read; delete it and train again") from error
    if fingerprint(*model.get_weights()) != record.weights_sha256:
        raise ReproError(f"{path} does not hold the weights that its record describes; delete it and train again")
    return model
