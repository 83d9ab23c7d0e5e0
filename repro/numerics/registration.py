"""Tells Keras, when it is imported, which classes a saved model may contain besides Keras' own.

`import repro` calls `register_when_imported`, before or after `import keras`. From then on Keras can load a model that
was saved with the numerics of a source. This neither imports Keras nor changes how it computes: a class is made only
when a model that contains it is loaded.
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
"""The prefix of the names in a saved model: `repro>hard_sigmoid`."""

OPTIMIZERS = (
    "RMSprop", "Adam", "AdamW", "Adamax", "Nadam", "SGD",
    "Adagrad", "Adadelta", "Adafactor", "Ftrl", "Lamb", "Lion",
)  # fmt: skip
"""The optimizers of Keras from which `keras2_optimizers` derives others."""

CLASSES = {
    "MaskPerGateLSTM": "repro.numerics.cell",
    "Keras2RMSprop": "repro.numerics.keras2_optimizers",
    **{f"Summed{name}": "repro.numerics.keras2_optimizers" for name in (*OPTIMIZERS, "Keras2RMSprop")},
}
"""Each class, and the module that makes it and registers it in turn."""


class _Placeholder:
    """Stands for a class that is not made yet. To load a model, Keras needs no more of a class than `from_config`."""

    def __init__(self, name: str) -> None:
        self.name = name

    def from_config(self, config: dict[str, Any]) -> Any:
        importlib.import_module(CLASSES[self.name])  # which registers the class in place of this
        return sys.modules["keras"].saving.get_custom_objects()[f"{PACKAGE}>{self.name}"].from_config(config)


class _Finder:
    """An import hook, for `sys.meta_path`, that calls `register` after Keras has been imported."""

    def __init__(self) -> None:
        self.searching = False

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != "keras" or self.searching:
            return None
        self.searching = True
        try:
            spec = importlib.util.find_spec(name)  # by the other finders
        finally:
            self.searching = False
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def exec_module(module: ModuleType) -> None:
                execute(module)
                register(module)

            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def register(keras: ModuleType) -> None:
    """Register all classes, and `hard_sigmoid`, with the imported module `keras`."""
    from repro.numerics.activations import hard_sigmoid  # `import repro` does not need it

    for name in CLASSES:
        keras.saving.register_keras_serializable(PACKAGE, name)(_Placeholder(name))
    keras.saving.register_keras_serializable(PACKAGE)(hard_sigmoid)


def register_when_imported() -> None:
    """Call `register` now, if Keras has been imported; otherwise when it is."""
    if "keras" in sys.modules:
        register(sys.modules["keras"])
    else:
        sys.meta_path.insert(0, _Finder())
