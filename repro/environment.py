"""The library versions and the machine that a run is made with."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from pathlib import Path

import threadpoolctl

from repro.backend import chosen


def versions() -> dict[str, str]:
    """Versions of Python, this package, Keras, its backend and NumPy. Does not start Keras."""
    packages = ("lstm-walkthroughs", "keras", chosen(), "numpy")
    return {"python": platform.python_version()} | {name: importlib.metadata.version(name) for name in packages}


def cores() -> int:
    """The number of cores that this process may use: fewer than the machine has, where it is confined to some."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def machine() -> dict[str, str]:
    """Processor, number of cores and operating system; nothing that names the machine itself."""
    return {"processor": _processor(), "cores": str(os.cpu_count()), "system": platform.system()}


def openblas() -> str:
    """Version and kernels of the OpenBLAS that SciPy has loaded, such as `0.3.30, SkylakeX`; bits follow from both."""
    for library in threadpoolctl.threadpool_info():
        if library["internal_api"] == "openblas" and "scipy" in Path(library["filepath"]).parent.name:
            return f"{library['version']}, {library['architecture']}"
    return "not known"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
