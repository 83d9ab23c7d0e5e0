# The same as record_legacy_optimizers.py, in R: the package keras takes the legacy optimizers as on such a Mac.
#
#     Rscript record_legacy_optimizers.R PROBE > fingerprints/r-keras-2.15-tensorflow-2.15-legacy-optimizers.json
#
# PROBE is repro/fingerprint/scripts/probe.R.

probe <- commandArgs(trailingOnly = TRUE)[[1]]
reticulate::py_run_string("
import tensorflow, platform
platform.system = lambda: 'Darwin'
platform.processor = lambda: 'arm'
")
commandArgs <- function(...) "keras"
source(probe)
