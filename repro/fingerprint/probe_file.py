"""Reads what the probe printed, and checks that it is whole and as it was printed."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np

from repro.errors import ReproError, cause
from repro.fingerprint.probe_start import EPOCHS, UNITS, VERSION, Array, probe_start
from repro.fingerprint.variants import EPSILONS, OPTIMIZERS, Optimizer

STANDARD = "-"
"""In the place of a file: standard input."""

_LARGEST = 5_000_000
"""Bytes that are read at most. The probe prints about 10,000."""
_BEGINNING = re.compile(r'\{\s*"probe"\s*:\s*"repro fingerprint"')
_SCRIPT = re.compile(r"^\ufeff?VERSION (=|<-) \d", re.MULTILINE)
_RUN = {"=": "python probe.py", "<-": "Rscript probe.R"}
_AGAIN = "Run the probe again and keep all that it prints: repro fingerprint --script python (or r)."

Text = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[ -~]*\Z")]
"""What is shown again: short, and without control characters."""
Setting = bool | int | float | Text
Number = float | None


class Module(msgspec.Struct, frozen=True):
    """A Python module and its version."""

    name: Text
    version: Text


class OptimizerSettings(msgspec.Struct, frozen=True, rename={"kind": "class"}):
    """What an optimizer says of itself, as far as it is read."""

    kind: Text
    """Its Python class, with the module."""
    epsilon: Setting | None = None


class ProbeTraining(msgspec.Struct, frozen=True):
    """The training with one optimizer."""

    settings: OptimizerSettings
    losses: list[Number]
    """Of each epoch."""
    weights: list[list[Number]]
    """After the last step, an array each, in the order of Keras' `get_weights()`."""

    @property
    def all_losses(self) -> Array:
        """`(epochs,)`"""
        return np.array(self.losses, np.float64)

    @property
    def all_weights(self) -> Array:
        """All weights in one row."""
        return np.concatenate([np.array(each, np.float64) for each in self.weights])


class _Lstm(msgspec.Struct, frozen=True):
    implementation: Setting | None = None


class _Layers(msgspec.Struct, frozen=True):
    lstm: _Lstm


class _Defaults(msgspec.Struct, frozen=True):
    floatx: Text


class ProbeOutput(msgspec.Struct, frozen=True, dict=True):
    """What the probe printed."""

    language: Text
    """`Python 3.11.7`, `R 4.2.2`"""
    keras: Module
    """The name by which the user calls it: `keras`, `tf.keras`; in R, that of the Python module."""
    backend: Module
    packages: dict[Text, Text]
    """Versions: of NumPy, or of the R packages."""
    defaults: _Defaults
    """As the user's Keras is configured."""
    epochs: int
    layers: _Layers
    """What the layers say of themselves, as far as it is read."""
    forget_bias: list[Number]
    """Of the LSTM's forget gate before training, as Keras makes it."""
    probabilities: list[Number]
    """Of all rows, with the initial weights."""
    rmsprop: ProbeTraining
    adam: ProbeTraining
    checksum: int

    def training(self, optimizer: Optimizer) -> ProbeTraining:
        """The training with this optimizer."""
        return self.rmsprop if optimizer == "rmsprop" else self.adam

    @cached_property
    def all_probabilities(self) -> Array:
        """`(rows,)`"""
        return np.array(self.probabilities, np.float64)

    def epsilons(self, optimizer: Optimizer) -> tuple[float, ...]:
        """The usual epsilons, and the one that the optimizer says it has, if it is another."""
        stated = self.training(optimizer).settings.epsilon
        possible = isinstance(stated, float) and 0.0 < stated < 1.0
        return tuple(dict.fromkeys((*EPSILONS, stated) if possible else EPSILONS))  # type: ignore[arg-type]


def read_probe(file: str) -> ProbeOutput:
    """Read a file, or standard input if it is `-`. What other programs printed around the probe's output is left out.

    Raises ReproError if it cannot be read, holds no output of the probe (but its script, for instance), or one of
    another version, or one that was cut or changed, or if a training failed.
    """
    name = "standard input" if file == STANDARD else file
    text = _text(file, name)
    if not text.strip():
        raise ReproError(f"{name} is empty: the script stopped with an error.\nLook at the messages that it showed.")
    if script := _SCRIPT.search(text):
        raise ReproError(f"{name} is the script, not what it prints.\nRun it: {_RUN[script[1]]} > fingerprint.json")
    found = _BEGINNING.search(text)
    if not found:
        raise ReproError(f"{name} does not hold what the probe prints.\n{_AGAIN}")
    try:
        content = json.JSONDecoder().raw_decode(text, found.start())[0]
    except (ValueError, RecursionError) as error:
        raise ReproError(f"{name} was cut, or changed: it is not whole JSON.\n{_AGAIN}") from error
    if content.get("version") != VERSION:
        raise ReproError(
            f"{name} comes from another version of the probe; this one reads version {VERSION}.\n"
            "Write the script anew: repro fingerprint --script python (or r)."
        )
    probe = _converted(content, name)
    _check_numbers(probe, name)
    return probe


def _text(file: str, name: str) -> str:
    try:
        if file == STANDARD:
            content = sys.stdin.buffer.read(_LARGEST + 1)
        else:
            with Path(file).open("rb") as opened:
                content = opened.read(_LARGEST + 1)
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise ReproError(f"{name} cannot be read: {cause(error) if isinstance(error, OSError) else error}") from error
    if len(content) > _LARGEST:
        raise ReproError(f"{name} is larger than anything that the probe prints.\n{_AGAIN}")
    utf_16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))  # Windows' PowerShell writes this after `>`
    return content.decode("utf-16" if utf_16 else "utf-8", errors="replace")


def _converted(content: dict[str, Any], name: str) -> ProbeOutput:
    try:
        return msgspec.convert(content, ProbeOutput)
    except (msgspec.ValidationError, OverflowError) as error:
        raise ReproError(f"{name} was changed: {error}.\n{_AGAIN}") from error


def _check_numbers(probe: ProbeOutput, name: str) -> None:
    start = probe_start()
    for optimizer in OPTIMIZERS:
        training = probe.training(optimizer)
        if not probe.epochs == len(training.losses) == EPOCHS:
            raise ReproError(
                f"{name} has {len(training.losses)} epochs with {optimizer}; the probe makes {EPOCHS}.\n{_AGAIN}"
            )
        for epoch, loss in enumerate(training.losses, 1):
            if not _finite([loss]):
                raise ReproError(
                    f"{name}: with {optimizer}, the loss of epoch {epoch} is not a number.\n"
                    "No known stack does this: something is wrong with the installation, or the file was changed."
                )
        sizes = [each.size for each in start.weights]
        if [len(each) for each in training.weights] != sizes or not _finite(*training.weights):
            raise ReproError(
                f"{name}: with {optimizer}, the weights are not {sum(sizes)} numbers in {len(sizes)} arrays.\n{_AGAIN}"
            )
    if len(probe.probabilities) != len(start.x) or not _finite(probe.probabilities):
        raise ReproError(f"{name}: the probabilities are not {len(start.x)} numbers.\n{_AGAIN}")
    if len(probe.forget_bias) != UNITS or not _finite(probe.forget_bias):
        raise ReproError(f"{name}: the bias of the forget gate is not {UNITS} numbers.\n{_AGAIN}")
    if probe.checksum != checksum(_numbers(probe)):
        raise ReproError(f"{name} was changed: its checksum is not that of its numbers.\n{_AGAIN}")


def _finite(*lists: Iterable[Number]) -> bool:
    return all(number is not None and math.isfinite(number) for each in lists for number in each)


def _numbers(probe: ProbeOutput) -> Iterator[Number]:
    yield from probe.probabilities
    for optimizer in OPTIMIZERS:
        yield from probe.training(optimizer).losses
        for each in probe.training(optimizer).weights:
            yield from each


def checksum(numbers: Iterable[Number]) -> int:
    """Of the numbers' text with nine digits each, as the scripts compute it in Python and R."""
    total = 0
    for character in " ".join(f"{number:.9g}" for number in numbers):
        total = (257 * total + ord(character)) % 2147483647
    return total
