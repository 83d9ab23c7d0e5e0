"""What runs train from: mapped from the cache folder and read-only, so that all processes share one copy."""

from __future__ import annotations

import dataclasses
import mmap
import multiprocessing
import re
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from repro import registry
from repro.cache import cache_folder
from repro.text import Padded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from repro.datasets.dataset import Dataset

SMAPS = Path("/proc/self/smaps")
FIELD = re.compile(r"(\w+): +(\d+) kB")

chapters = pytest.mark.parametrize("chapter", list(registry.chapters()))


def arrays_of(dataset: Dataset) -> dict[str, NDArray[Any]]:
    """All arrays of a data set by their names; of padded rows, what is kept of them."""
    found: dict[str, NDArray[Any]] = {}
    for field in dataclasses.fields(dataset):
        value = getattr(dataset, field.name)
        if isinstance(value, Padded):
            found |= {f"{field.name}.values": value.words.values, f"{field.name}.offsets": value.words.offsets}
        elif isinstance(value, np.ndarray):
            found[field.name] = value
    return found


def assert_mapped(dataset: Dataset) -> None:
    found = arrays_of(dataset)
    assert len(found) >= 4
    for name, array in found.items():
        owner: object = array
        while isinstance(owner, np.ndarray):
            owner = owner.base
        assert isinstance(owner, mmap.mmap), f"{name} is a copy"
        assert not array.flags.writeable, name


@chapters
def test_a_chapters_arrays_are_mapped_and_read_only(chapter: str) -> None:
    assert_mapped(registry.chapter(chapter).data("embedded"))


@chapters
@pytest.mark.real_data
def test_so_are_those_of_the_real_data(chapter: str, real_data: Path) -> None:
    assert_mapped(registry.chapter(chapter).data("real"))


def memory_of_the_arrays(chapter: str, meeting: Path, name: str) -> Counter[str]:
    """Kilobytes of this process' mappings of prepared files, while another process has them too."""
    data = registry.chapter(chapter).data("embedded")  # which reads every byte, for the checksum

    def meet(what: str) -> None:
        (meeting / f"{name} {what}").touch()
        deadline = time.monotonic() + 60
        while len(list(meeting.glob(f"* {what}"))) < 2 and time.monotonic() < deadline:
            time.sleep(0.005)

    meet("loaded")
    found: Counter[str] = Counter()
    for mapping in re.split(r"^(?=[0-9a-f]+-[0-9a-f]+ )", SMAPS.read_text(), flags=re.MULTILINE):
        if str(cache_folder() / "prepared") in mapping:
            found.update({field: int(size) for field, size in FIELD.findall(mapping)})
    meet("measured")
    assert_mapped(data)
    return found


@pytest.mark.skipif(not SMAPS.exists(), reason="needs Linux' account of a process' memory")
@pytest.mark.parametrize("chapter", ["imdb_lstm", "jigsaw_multilabel"])
def test_two_processes_have_the_arrays_in_the_same_pages(chapter: str, tmp_path: Path) -> None:
    """Most of them, since the system may take a page away from one that does not use it."""
    registry.chapter(chapter).data("embedded")
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = list(pool.map(memory_of_the_arrays, [chapter] * 2, [tmp_path] * 2, ["one", "other"]))
    for sizes in found:
        assert sizes["Anonymous"] == 0  # pages copied for one process
        assert sizes["Shared_Clean"] + sizes["Shared_Dirty"] > 0.5 * sizes["Rss"] > 100
