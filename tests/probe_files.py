"""What the tests of the fingerprint share: recordings, and probes that were changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from repro.fingerprint.probe_file import checksum

REFERENCE = Path(__file__).parent / "reference"
RECORDINGS = sorted((REFERENCE / "fingerprints").glob("*.json"))
ONE = next(path for path in RECORDINGS if path.name.startswith("keras-3.") and "tensorflow" in path.name)
"""Keras 3 on TensorFlow."""

Content = dict[str, Any]


def content(path: Path = ONE) -> Content:
    """What a recording holds."""
    loaded: Content = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def sealed(probe: Content) -> Content:
    """The same with the checksum of its numbers, as if the probe had printed them."""
    numbers = list(probe["probabilities"])
    for optimizer in ("rmsprop", "adam"):
        numbers += probe[optimizer]["losses"]
        for each in probe[optimizer]["weights"]:
            numbers += each
    return probe | {"checksum": checksum(numbers)}


def written(probe: Content, folder: Path) -> str:
    """A file that holds it."""
    path = folder / "fingerprint.json"
    path.write_text(json.dumps(probe), encoding="utf-8")
    return str(path)
