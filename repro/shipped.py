"""Decides which folder of results a command or function reads: the one that is named, or the current folder's own.

The records of our runs come with the package. They are read too, beside those in `results`, if no folder is named.
"""

from __future__ import annotations

import functools
import warnings
from pathlib import Path
from typing import Final

from repro.errors import DataWarning
from repro.files import checkout
from repro.records import Results

DEFAULT: Final = Path("results")
"""In the current folder: where results are written, and read from, if no folder is named."""


def results_of_checkout() -> Path | None:
    """The results of the repository, if there is one: see `checkout`."""
    repository = checkout()
    return repository / "results" if repository else None


@functools.cache
def shipped_results() -> Path | None:
    """The folder with the records that came with the package: in it (setup.py puts them there), or in the repository.

    None if there are none.
    """
    folders = [results_of_checkout(), Path(__file__).parent / "results"]
    return next((folder for folder in folders if folder and (folder / "records").is_dir()), None)


def results_in(named: str | Path | None = None) -> Results:
    """The folder of results that a user names, alone. Otherwise `results`, with the records that came with the package.

    What is made is written to `results` all the same. A DataWarning says that records of the package are read, and how
    many: those that `results` has itself take their place.
    """
    if named is not None:
        return Results(Path(named))
    shipped = shipped_results()
    if shipped is None or DEFAULT.resolve() == shipped:
        return Results(DEFAULT)
    results = Results(DEFAULT, shipped)
    own, every = len(Results(DEFAULT).record_files()), len(results.record_files())
    came = f"the {every - own} runs that came with the package"
    if own == every:
        return results
    line = f"reading the records in {DEFAULT} ({own}), and {came}" if own else f"no records in {DEFAULT}: using {came}"
    warnings.warn(line, DataWarning, stacklevel=3)
    return results
