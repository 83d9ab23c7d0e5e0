"""Runs the probe as tf.keras 2.12 to 2.15 runs it on a Mac with Apple silicon: with its legacy optimizers.

    python record_legacy_optimizers.py PROBE > fingerprints/tf-keras-2.15-legacy-optimizers.json

PROBE is `repro/fingerprint/scripts/probe.py`. On such a Mac, an optimizer that is named by a string is a legacy one
(`is_arm_mac` in `keras/src/optimizers/__init__.py`). Here, only what Python says of the platform is changed, not the
processor.
"""

import platform
import runpy
import sys

import tensorflow  # noqa: F401  (it asks for the true platform when it is loaded)

probe = sys.argv[1]
platform.system = lambda: "Darwin"
platform.processor = lambda: "arm"
sys.argv = [probe, "tf.keras"]
runpy.run_path(probe, run_name="__main__")
