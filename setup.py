"""Puts the records of our runs into the installed package. All else about the package stands in pyproject.toml."""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

RESULTS = Path(__file__).parent / "results"
PARTS = ("records", "data")


class BuildWithRecords(build_py):
    """Copies records and counts of the data to `repro/results`. An editable install reads those of the checkout."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib) / "repro" / "results"
        shutil.rmtree(target, ignore_errors=True)  # an earlier build may have left records that are no longer there
        for part in PARTS:
            if (RESULTS / part).is_dir():
                shutil.copytree(RESULTS / part, target / part)


setup(cmdclass={"build_py": BuildWithRecords})
