"""Makes known to Keras, whenever it is imported, what a saved model may consist of besides Keras' own parts.

`import repro` sees to it, before or after `import keras`, so that Keras can load a model that was saved with the
numerics of a source. That neither imports Keras nor changes how it computes: a class is made when a model that has one
is loaded.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

PACKAGE = "repro"
"""A saved model calls `hard_sigmoid` `repro>hard_sigmoid`."""

OPTIMIZERS = (
    *("RMSprop", "Adam", "AdamW", "Adamax", "Nadam", "SGD", "Adagrad", "Adadelta", "Adafactor", "Ftrl", "Lamb", "Lion"),
)
"""Keras' optimizers, of which `numerics.optimizers` derives others."""

CLASSES = {
    "MaskPerGateLSTM": "repro.numerics.cell",
    "Keras2RMSprop": "repro.numerics.keras2_optimizers",
    **{f"Summed{name}": "repro.numerics.keras2_optimizers" for name in (*OPTIMIZERS, "Keras2RMSprop")},
}
"""In which module each is made, and then registered itself."""


class _Late:
    """Stands for a class that is not made yet; to Keras, all that a class needs to be one is `from_config`."""

    def __init__(self, name: str) -> None:
        self.name = name

    def from_config(self, config: dict[str, Any]) -> Any:
        importlib.import_module(CLASSES[self.name])  # where the class takes this one's place
        return sys.modules["keras"].saving.get_custom_objects()[f"{PACKAGE}>{self.name}"].from_config(config)


class _Finder:
    """Asked by Python before anything is imported: has `register` called when Keras has been."""

    def __init__(self) -> None:
        self.asking = False

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != "keras" or self.asking:
            return None
        self.asking = True
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self.asking = False
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def exec_module(module: ModuleType) -> None:
                execute(module)
                register(module)

            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def register(keras: ModuleType) -> None:
    """Make them known to `keras`, which has been imported."""
    from repro.numerics.activations import hard_sigmoid  # which is not needed before

    for name in CLASSES:
        keras.saving.register_keras_serializable(PACKAGE, name)(_Late(name))
    keras.saving.register_keras_serializable(PACKAGE)(hard_sigmoid)


def register_when_imported() -> None:
    """`register`, now or later."""
    if "keras" in sys.modules:
        register(sys.modules["keras"])
    else:
        sys.meta_path.insert(0, _Finder())
