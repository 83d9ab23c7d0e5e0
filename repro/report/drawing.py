"""What all figures share: Matplotlib as it was delivered, panels, and PNGs whose bytes do not change.

Matplotlib is imported in functions: it takes half a second, and not every command that could draw does.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from repro.cache import settle_matplotlib

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@contextmanager
def as_delivered() -> Iterator[None]:
    """Draw with Matplotlib's own settings, not the user's."""
    settle_matplotlib()
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        yield


def grid(rows: int, columns: int, width: float, height: float, **options: Any) -> tuple[Figure, Any]:
    """A figure, `width` times `height` inches, and its panels `(rows, columns)`; options: as of `subplots`."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False, **options)


def clear(panel: Axes) -> None:
    """Draw a light grid, and no frame above and at the right."""
    panel.grid(alpha=0.3)
    panel.spines[["top", "right"]].set_visible(False)


def png(figure: Figure, title: str, width: int | None = None) -> bytes:
    """The figure as PNG, with the title above in lines of `width` characters, or of as many as fit."""
    figure.suptitle(textwrap.fill(title, width or int(figure.get_figwidth() * 12)), fontsize=10)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=130, metadata={"Software": None})
    return buffer.getvalue()
