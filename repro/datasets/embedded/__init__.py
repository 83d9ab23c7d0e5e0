"""Small corpora that the package generates itself, for when the real ones cannot be had.

Each has the form of the real one, its labels and their shares, and about its lengths. The order of the words matters,
as in real texts, so that a bag of words cannot settle everything. The same seed gives the same bytes everywhere.
"""

from __future__ import annotations

from repro.datasets.embedded.comments import comments
from repro.datasets.embedded.news import news
from repro.datasets.embedded.phrases import phrases
from repro.datasets.embedded.reviews import reviews, word_index

__all__ = ["comments", "news", "phrases", "reviews", "word_index"]
