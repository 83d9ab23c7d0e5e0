"""Keras, started when it is first used, without messages and with a single thread.

Chapters and the rest of the suite write `from repro.backend import keras` and then plain Keras. This `keras` imports
the real module when it is first asked for something, so commands that only read facts and records do not wait for it.

With one thread, the bits of a run do not depend on the number of cores (sums have one order). Several runs at a time
also use the cores better than one run that spreads its small matrix products over all of them.

The backend is TensorFlow, or the one that the environment variable KERAS_BACKEND names: `jax` or `torch`.
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
from repro.extras import installing

if TYPE_CHECKING:
    import keras as keras

Backend = Literal["tensorflow", "jax", "torch"]
BACKENDS: tuple[Backend, ...] = get_args(Backend)

ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",  # errors come as exceptions, too
    "TF_ENABLE_ONEDNN_OPTS": "0",  # oneDNN chooses the order of sums by processor
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",  # this and the next: JAX's threads
    "NPROC": "1",
    "OMP_NUM_THREADS": "1",  # PyTorch's
    "OPENBLAS_NUM_THREADS": "1",  # the fast engine's
    "CUDA_VISIBLE_DEVICES": "-1",  # no accelerator, even if there is one
    "JAX_PLATFORMS": "cpu",
}
"""Environment variables set before a backend is loaded, even if the user has set them: a seed gives these bits."""

UNSET = ("OPENBLAS_CORETYPE",)
"""Environment variables removed: the fast engine's OpenBLAS must use the kernels for this processor."""


def installed() -> tuple[Backend, ...]:
    """The backends that can be chosen here."""
    return tuple(name for name in BACKENDS if importlib.util.find_spec(name))


def chosen() -> Backend:
    """The backend that KERAS_BACKEND names; otherwise that of an imported Keras; otherwise TensorFlow.

    Does not start Keras. Raises ReproError if the backend is none of the three, or not installed.
    """
    keras = sys.modules.get("keras")  # if the user imported it, keras.json may name another
    named = os.environ.get("KERAS_BACKEND") or (keras.backend.backend() if keras else "tensorflow")
    for name in installed():
        if name == named:
            return name
    if named in BACKENDS:
        raise ReproError(f"KERAS_BACKEND is {named}, which is not installed: {installing(named)}")
    raise ReproError(f"KERAS_BACKEND is {named!r}; there are: {', '.join(BACKENDS)}")


def set_environment() -> None:
    """Set the environment variables that Keras' backends and SciPy's OpenBLAS read when they are loaded."""
    os.environ.update(ENVIRONMENT)
    set_openblas_environment()


def set_openblas_environment() -> None:
    """Set those of OpenBLAS alone, which is loaded with SciPy, long before a run may need it."""
    os.environ |= {name: value for name, value in ENVIRONMENT.items() if name.startswith("OPENBLAS")}
    for name in UNSET:
        os.environ.pop(name, None)


@functools.cache
def _start() -> ModuleType:
    set_environment()
    settle_matplotlib()
    variables: dict[str, str] = {"KERAS_BACKEND": chosen()}  # otherwise the user's keras.json decides
    if not home_is_writable() and "KERAS_HOME" not in os.environ:  # otherwise /tmp/.keras, which anybody may have made
        variables["KERAS_HOME"] = str(writable_folder("keras"))
    with _environment(variables), _no_stderr_unless_error():
        module = importlib.import_module("keras")
        importlib.import_module("tensorflow")  # on any backend, Keras loads it later, to handle arrays
    module.config.set_floatx("float32")
    module.config.set_epsilon(1e-7)
    return module


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables, and restore them: it must not look as if the user had named a backend."""
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
def _no_stderr_unless_error() -> Iterator[None]:
    """Hide what TensorFlow's libraries write to file descriptor 2 while they load; show it if loading fails.

    Raises ReproError if no temporary file can be made for it.
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
    """Seed Python, NumPy and the backend, and have the backend use only deterministic operations from now on."""
    keras.utils.set_random_seed(seed)
    match chosen():
        case "tensorflow":
            importlib.import_module("tensorflow").config.experimental.enable_op_determinism()
        case "torch":
            importlib.import_module("torch").use_deterministic_algorithms(True)


class _Keras(ModuleType):
    """Stands in for the module `keras` until something is asked of it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__version__":  # which tools that inspect modules ask for
            raise AttributeError(name)
        return getattr(_start(), name)


if not TYPE_CHECKING:
    keras = _Keras("keras")
