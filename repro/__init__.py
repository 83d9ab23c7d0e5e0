"""Five published LSTM walkthroughs, reproduced and checked.

    import repro

    repro.list_chapters()                                # their names
    repro.open_chapter("imdb_lstm").claims               # what the source claims
    repro.load_data("imdb_lstm", "embedded").x_train[:]  # (rows, 200) int32
    repro.build_model("imdb_lstm/model_one").summary()   # a compiled Keras model
    repro.train("imdb_lstm/model_one", data="embedded", epochs=1)
    repro.read_records("imdb_lstm")                      # a pandas table
    repro.make_tables("imdb_lstm")                       # the comparison with the source, and others
    print(repro.judge("imdb_lstm/model_one", accuracy=0.8137, loss=0.41))  # what your own numbers mean
    print(repro.compare("imdb_lstm/model_one", "imdb_lstm/model_two"))     # what differs between runs

`help(repro.train)` and so on say more. Each function is imported when it is first used; importing this package starts
neither Keras nor a backend.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from repro.backend import set_openblas_environment
from repro.numerics.registration import register_when_imported

if TYPE_CHECKING:
    from repro.face import (
        build_model,
        compare,
        judge,
        list_chapters,
        load_data,
        make_tables,
        open_chapter,
        read_records,
        train,
    )

__all__ = [
    "build_model",
    "compare",
    "judge",
    "list_chapters",
    "load_data",
    "make_tables",
    "open_chapter",
    "read_records",
    "train",
]

register_when_imported()


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    set_openblas_environment()  # the face loads SciPy, and `train` may follow
    return getattr(importlib.import_module("repro.face"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
