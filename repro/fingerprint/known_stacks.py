"""What is known to compute what: a row for each range of versions that compute alike.

The versions that were measured with the probe are in `tests/reference/fingerprints`; those between them follow. The
dropout masks, which the probe cannot measure, follow from the source of Keras (`repro.numerics.cell` names the files).
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from repro.fingerprint.probe_file import ProbeOutput
from repro.fingerprint.variants import Computed, computed

Package = Literal["R keras", "R keras3", "keras", "tf.keras", "tf_keras", "Keras"]
"""What the user calls. `keras` is the package that ended with 2.3; `tf.keras`, that in TensorFlow up to 2.15, includes
what replaced it, keras 2.4 to 2.15; `tf_keras` is what goes on with it from TensorFlow 2.16 on; `Keras` is version 3,
which is then also in TensorFlow."""

Masks = Literal["one for each gate", "one for each gate with recurrent dropout, otherwise a shared one", "a shared one"]
"""How an LSTM draws dropout masks (`repro.numerics.cell`)."""

Versions = tuple[str, str]
"""The first and the last, as far as they are told: `2.15` includes 2.15.1. The last is empty if there is none."""

_LEGACY = " with legacy optimizers"


class Software(NamedTuple):
    """The versions that a probe ran on, as a row of `KNOWN_STACKS` names them."""

    package: Package
    version: str
    over: str
    """`TensorFlow`, `JAX`, `PyTorch`, ...; of R's package over Python's package keras, `keras 2.2.4 and TensorFlow`"""
    over_version: str
    legacy: bool = False
    """Whether the optimizers are those that Keras calls legacy."""

    @classmethod
    def of(cls, probe: ProbeOutput) -> Software:
        """The software of a probe."""
        names = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch", "theano": "Theano"}
        over = names.get(probe.backend.name, probe.backend.name)
        legacy = "legacy" in probe.rmsprop.settings.kind
        keras = _parsed(probe.keras.version)
        own = probe.keras.name == "keras" and keras < (2, 4)  # also if its version is not known
        r_package = next((name for name in ("keras3", "keras") if name in probe.packages), None)
        if probe.language.startswith("R ") and r_package:
            package: Package = "R keras3" if r_package == "keras3" else "R keras"
            over = f"keras {probe.keras.version} and {over}" if own else over
            return cls(package, probe.packages[r_package], over, probe.backend.version, legacy)
        if keras >= (3,):
            return cls("Keras", probe.keras.version, over, probe.backend.version)
        if own:
            return cls("keras", probe.keras.version, over, probe.backend.version)
        if probe.keras.name == "tf_keras" or keras >= (2, 16):  # in TensorFlow too, with TF_USE_LEGACY_KERAS
            return cls("tf_keras", probe.keras.version, over, probe.backend.version, legacy)
        # tf.keras of TensorFlow 1.14 to 2.5 calls itself 2.2.4-tf, 2.3.0-tf, ...; TensorFlow's version says more.
        version = probe.keras.version if keras >= (2, 6) else probe.backend.version
        return cls("tf.keras", version, over, probe.backend.version, legacy)

    @property
    def versions(self) -> str:
        """`2.2.5.0 over 1.14.0`; of tf.keras, which is a part of TensorFlow, `2.0.4`"""
        return self.over_version if self.package == "tf.keras" else f"{self.version} over {self.over_version}"

    @property
    def name(self) -> str:
        """`R keras 2.2.5.0 over TensorFlow 1.14.0`, `tf.keras 2.0.4`"""
        versions = self.versions.replace("not known", "(version not known)", 1)
        return f"{self.package} {versions}".replace(" over", f" over {self.over}") + _LEGACY * self.legacy

    @property
    def order(self) -> tuple[tuple[int, ...], ...]:
        """By which versions are sorted."""
        return _parsed(self.version), _parsed(self.over_version)


class KnownStack(NamedTuple):
    """A range of versions that compute alike."""

    package: Package
    versions: Versions
    over: str
    over_versions: Versions
    computed: tuple[Computed, ...]
    """What it computes: with several, any of them by chance, also from one step to the next."""
    legacy: bool = False
    """Whether with the legacy optimizers: tf.keras 2.12 to 2.15 and tf_keras take these for an optimizer that is named
    by a string on Macs with Apple silicon, and without eager execution (`deserialize` in `optimizers/__init__.py`)."""

    @property
    def name(self) -> str:
        """`R keras 2.2.5 to 2.6 over TensorFlow 1.14 to 1.15`"""
        own = f"{self.package} {_range(self.versions)}"
        over = "" if self.package == "tf.keras" else f" over {self.over} {_range(self.over_versions)}"
        return f"{own}{over}".rstrip() + _LEGACY * self.legacy

    def includes(self, software: Software) -> bool:
        """Whether these versions are among those of the row."""
        return (
            (self.package, self.over, self.legacy) == (software.package, software.over, software.legacy)
            and _within(software.version, self.versions)
            and _within(software.over_version, self.over_versions)
        )


_HARD_OUTSIDE = (computed("keras2_hard_sigmoid", summed=True, rmsprop="outside"),)
_HARD_INSIDE = (computed("keras2_hard_sigmoid", summed=True, rmsprop="inside"),)
_SMOOTH_OUTSIDE = (computed("sigmoid", summed=True, rmsprop="outside"),)
_SMOOTH_INSIDE = (computed("sigmoid", summed=True, rmsprop="inside"),)
_SQUARED_ONE_BY_ONE = (computed("sigmoid", summed=False, rmsprop="inside"),)
_HARD_BY_CHANCE = (computed("keras2_hard_sigmoid", summed=True, rmsprop="outside", ahead=True), *_HARD_OUTSIDE)
_SMOOTH_BY_CHANCE = (computed("sigmoid", summed=True, rmsprop="outside", ahead=True), *_SMOOTH_OUTSIDE)

_ANY: Versions = ("0", "")

KNOWN_STACKS = (
    KnownStack("R keras", ("2.2.5", "2.6"), "TensorFlow", ("1.14", "2.10"), _HARD_OUTSIDE),
    KnownStack("R keras", ("2.7", "2.15"), "TensorFlow", ("2.0", "2.10"), _SMOOTH_OUTSIDE),
    KnownStack("R keras", ("2.4", "2.6"), "TensorFlow", ("2.11", "2.12"), _HARD_INSIDE),  # it does not run over 2.13
    KnownStack("R keras", ("2.7", "2.15"), "TensorFlow", ("2.11", "2.15"), _SMOOTH_INSIDE),
    KnownStack("R keras", ("2.7", "2.15"), "TensorFlow", ("2.11", "2.15"), _SMOOTH_OUTSIDE, legacy=True),
    KnownStack("R keras3", ("1.0", ""), "TensorFlow", _ANY, _SQUARED_ONE_BY_ONE),
    KnownStack("R keras3", ("1.0", ""), "JAX", _ANY, _SMOOTH_INSIDE),
    KnownStack("R keras3", ("1.0", ""), "PyTorch", _ANY, _SMOOTH_INSIDE),
    KnownStack("keras", ("2.2", "2.2"), "TensorFlow", ("1.14", "1.15"), _HARD_BY_CHANCE),
    KnownStack("keras", ("2.2", "2.2"), "Theano", ("1.0", "1.0"), _HARD_OUTSIDE),
    KnownStack("keras", ("2.3", "2.3"), "TensorFlow", ("1.14", "2.2"), _SMOOTH_BY_CHANCE),
    KnownStack("tf.keras", ("1.14", "1.15"), "TensorFlow", _ANY, _HARD_OUTSIDE),
    KnownStack("tf.keras", ("2.0", "2.10"), "TensorFlow", _ANY, _SMOOTH_OUTSIDE),
    KnownStack("tf.keras", ("2.11", "2.15"), "TensorFlow", _ANY, _SMOOTH_INSIDE),
    KnownStack("tf.keras", ("2.11", "2.15"), "TensorFlow", _ANY, _SMOOTH_OUTSIDE, legacy=True),
    KnownStack("tf_keras", ("2.15", ""), "TensorFlow", _ANY, _SMOOTH_INSIDE),
    KnownStack("tf_keras", ("2.15", ""), "TensorFlow", _ANY, _SMOOTH_OUTSIDE, legacy=True),
    KnownStack("Keras", ("3.0", ""), "TensorFlow", _ANY, _SQUARED_ONE_BY_ONE),
    KnownStack("Keras", ("3.0", ""), "JAX", _ANY, _SMOOTH_INSIDE),
    KnownStack("Keras", ("3.0", ""), "PyTorch", _ANY, _SMOOTH_INSIDE),
)


def known_as(software: Software) -> KnownStack | None:
    """The row that these versions are in."""
    return next((stack for stack in KNOWN_STACKS if stack.includes(software)), None)


def computing(what: Computed) -> list[KnownStack]:
    """The known stacks that always compute this."""
    return [stack for stack in KNOWN_STACKS if stack.computed == (what,)]


def masks_of(probe: ProbeOutput) -> Masks | None:
    """How the LSTM of a probe draws dropout masks: by its configuration, or by its versions. None if neither tells."""
    if probe.layers.lstm.implementation == 1:
        return "one for each gate"
    keras = _parsed(probe.keras.version)
    if probe.keras.name == "keras" and () < keras < (2, 4):
        return "a shared one"
    tensorflow = _parsed(probe.backend.version) if probe.backend.name == "tensorflow" else ()
    if not keras and (probe.keras.name != "tf.keras" or tensorflow >= (2, 16)):  # up to 2.15, it need not tell its own
        return None
    version, since = (keras, (3, 8)) if keras >= (3,) else (tensorflow, (2, 1))
    if not version:
        return None
    return "one for each gate with recurrent dropout, otherwise a shared one" if version >= since else "a shared one"


def _parsed(version: str) -> tuple[int, ...]:
    """`2.2.4-tf` as (2, 2, 4)."""
    return tuple(int(part) for part in re.match(r"[\d.]*", version)[0].split(".") if part)  # type: ignore[index]


def _within(version: str, versions: Versions) -> bool:
    first, last = (_parsed(each) for each in versions)
    numbers = _parsed(version)
    return bool(numbers) and first <= numbers and (not last or numbers[: len(last)] <= last)


def _range(versions: Versions) -> str:
    first, last = versions
    if versions == _ANY:
        return ""
    return first if first == last else f"{first} to {last}" if last else f"{first} and later"
