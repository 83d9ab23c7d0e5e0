"""What all figures share: how a series, a panel and a PNG look."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from repro.cache import settle_matplotlib

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {"training": "#1b6ca8", "validation": "#d1495b"}
MARKED = 20
"""Epochs; of more, the points would run into each other."""


@contextmanager
def as_delivered() -> Iterator[None]:
    """Draw with Matplotlib's own settings, not the user's: the same records give the same bytes."""
    settle_matplotlib()
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        yield


def draw(panel: Axes, series: Sequence[Sequence[float]], colour: str, label: str) -> None:
    """A thin line for each of several series by epoch, and their mean in bold; nothing if there are none."""
    if not series:
        return
    epochs = range(1, len(series[0]) + 1)
    for values in series if len(series) > 1 else ():
        panel.plot(epochs, values, color=colour, alpha=0.25, linewidth=0.8)
    marker = "o" if len(series[0]) <= MARKED else None
    average = [sum(values) / len(values) for values in zip(*series, strict=True)]
    panel.plot(epochs, average, color=colour, linewidth=2, marker=marker, markersize=3, label=label)


def clear(panel: Axes) -> None:
    panel.grid(alpha=0.3)
    panel.spines[["top", "right"]].set_visible(False)


def png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=130, metadata={"Software": None})
    return buffer.getvalue()
