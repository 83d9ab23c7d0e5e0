"""All drawings of a group of runs, in the order in which the page shows them."""

from __future__ import annotations

from repro.evidence.run_groups import RunGroup
from repro.report.page.drawing_set import DrawingSet
from repro.report.page.drawn_curves import curves
from repro.report.page.drawn_matrices import matrices
from repro.report.page.drawn_measures import measures
from repro.report.page.drawn_rates import rates
from repro.report.page.drawn_roc import roc
from repro.report.page.drawn_variations import variations

KINDS = (measures, rates, curves, matrices, roc, variations)


def drawing_sets(group: RunGroup) -> list[DrawingSet]:
    """What its records have decides which there are."""
    return [drawn for kind in KINDS if (drawn := kind(group))]
