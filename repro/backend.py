"""Keras, started when it is first used: quiet and single-threaded.

Chapters and the rest of the suite write `from repro.backend import keras` and then plain Keras. The name stands in for
the module until something is asked of it, so that what only reads facts and records starts without TensorFlow.

One thread for each run makes its bits independent of the number of cores (sums are taken in one order), and runs side
by side use the cores better than one run that spreads its small matrix products over all of them.

What computes is TensorFlow, or what the variable KERAS_BACKEND names: `jax` or `torch`.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, get_args

from repro.cache import home_is_writable, settle_matplotlib, writable_folder
from repro.errors import ReproError, cause

if TYPE_CHECKING:
    import keras as keras

Backend = Literal["tensorflow", "jax", "torch"]
BACKENDS: tuple[Backend, ...] = get_args(Backend)

ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",  # what goes wrong comes as an exception too
    "TF_ENABLE_ONEDNN_OPTS": "0",  # oneDNN chooses its kernels by processor, and with them the order of sums
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",  # JAX's threads: this, and the next
    "NPROC": "1",
    "OMP_NUM_THREADS": "1",  # PyTorch's
    "OPENBLAS_NUM_THREADS": "1",  # the fast engine's
    "CUDA_VISIBLE_DEVICES": "-1",  # a processor, not whatever accelerator is there
    "JAX_PLATFORMS": "cpu",
}
"""Set before a backend is loaded, whatever the user has set: with other values a seed gives other bits."""

UNSET = ("OPENBLAS_CORETYPE",)
"""Taken away: the fast engine's products are those for this processor."""


def installed() -> tuple[Backend, ...]:
    """The backends that are there to be chosen."""
    return tuple(name for name in BACKENDS if importlib.util.find_spec(name))


def chosen() -> Backend:
    """The backend that KERAS_BACKEND names; else that of Keras if it has been imported, else TensorFlow.

    Does not start Keras. Raises ReproError if it is none of the three, or not installed.
    """
    keras = sys.modules.get("keras")  # imported by the user, whose keras.json may name another
    named = os.environ.get("KERAS_BACKEND") or (keras.backend.backend() if keras else "tensorflow")
    for name in installed():
        if name == named:
            return name
    if named in BACKENDS:
        how = f"pip install -c constraints.txt -e '.[{named}]'"
        raise ReproError(f"KERAS_BACKEND is {named}, which is not installed: {how}")
    raise ReproError(f"KERAS_BACKEND is {named!r}; there are: {', '.join(BACKENDS)}")


def set_environment() -> None:
    """What Keras' backends and OpenBLAS, which SciPy brings, read when they are loaded."""
    os.environ.update(ENVIRONMENT)
    for name in UNSET:
        os.environ.pop(name, None)


@functools.cache
def _start() -> ModuleType:
    set_environment()
    settle_matplotlib()
    told: dict[str, str] = {"KERAS_BACKEND": chosen()}  # else the user's keras.json decides
    if not home_is_writable() and "KERAS_HOME" not in os.environ:  # else it is /tmp/.keras, whoever made that
        told["KERAS_HOME"] = str(writable_folder("keras"))
    with _told(told), _stderr_unless_error():
        module = importlib.import_module("keras")
        importlib.import_module("tensorflow")  # which Keras loads later on any backend, to handle arrays
    module.config.set_floatx("float32")
    module.config.set_epsilon(1e-7)
    return module


@contextmanager
def _told(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for a while: afterwards it must not look as if the user had named a backend."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _stderr_unless_error() -> Iterator[None]:
    """Hold back what TensorFlow's libraries write to file descriptor 2 while they load; show it if loading fails.

    Raises ReproError if there is no room for it.
    """
    with ExitStack() as stack:
        try:
            held = stack.enter_context(tempfile.TemporaryFile())
        except OSError as error:
            raise ReproError(f"no temporary file can be made: {cause(error)}; name a folder with TMPDIR") from error
        sys.stderr.flush()
        stderr = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            os.write(stderr, held.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


def make_deterministic(seed: int) -> None:
    """Seed Python, NumPy and the backend, and have it use deterministic operations only, from here on."""
    keras.utils.set_random_seed(seed)
    match chosen():
        case "tensorflow":
            importlib.import_module("tensorflow").config.experimental.enable_op_determinism()
        case "torch":
            importlib.import_module("torch").use_deterministic_algorithms(True)


class _Keras(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__version__":  # asked by tools that look at modules
            raise AttributeError(name)
        return getattr(_start(), name)


if not TYPE_CHECKING:
    keras = _Keras("keras")
