r"""The Stanford Sentiment Treebank (Socher et al. 2013): parse trees of sentences, with a label at every node.

`trainDevTestTrees_PTB.zip` holds `trees/train.txt`, `trees/dev.txt` and `trees/test.txt`, one tree a line, such as
`(3 (2 (2 The) (2 Rock)) (4 rocks))`. The labels go from 0, very negative, to 4, very positive.

Kaggle's Rotten Tomatoes phrases are the texts of these nodes. It split the sentences in another way: some of
`trees/train.txt` are in Kaggle's `test.tsv`.
"""

from __future__ import annotations

import re
from typing import Literal

from repro.datasets import archives
from repro.errors import DataInvalid

MEMBERS = ("trees/train.txt", "trees/dev.txt", "trees/test.txt")

_TOKEN = re.compile("[()]|[^ ()]+")
"""Words may hold any character but spaces and brackets, no-break spaces too."""


def labels(content: bytes, name: str) -> dict[str, int]:
    r"""The text of every node in the three files, as Kaggle's phrases have it, and its label.

    content, name: of the zip file; the name is for messages.

    A phrase of Kaggle's is the words of a node as they stand, with single spaces between them: `-LRB-`, `-RRB-`, `\/`
    and `\*` are the same in both, so nothing is replaced. Case counts: `Thrilling` and `thrilling` have two labels.
    Kaggle has no phrase with a character beyond ASCII, such as `André`: in each of its two files one blank phrase
    stands where the first of them was.

    Checked on 25 trees of a public copy of `trees/train.txt`, brackets, slashes, asterisks and accents among them: the
    22 that Kaggle has as sentences have 548 phrases there, each of which is a node of its tree with the same label.

    Raises DataInvalid for what is wrong with the zip file, for bytes that are not UTF-8, and for a line that is not one
    tree; it names file, member and line.
    """
    labels_of: dict[str, int] = {}
    for member in MEMBERS:
        for number, line in enumerate(archives.member(content, name, member).splitlines(), start=1):
            try:
                fault = _add(line.decode(), labels_of)
            except UnicodeDecodeError as error:
                fault = f"the byte {line[error.start]:#04x} is not UTF-8"
            if fault is not None:
                raise DataInvalid(f"{name}: {member}: line {number:,}: {fault}. Download the zip file again.")
    return labels_of


def _add(tree: str, labels_of: dict[str, int]) -> str | None:
    """Add the texts of a tree that are new, with their labels. Returns what is wrong with the tree, if anything."""
    words: list[str] = []
    open_nodes: list[tuple[int, int]] = []
    """Label and first word of each node that is not closed yet."""
    last: Literal["nothing", "label", "word", "node"] = "nothing"
    tokens = iter(_TOKEN.findall(tree))
    for token in tokens:
        if last == "node" and not open_nodes:
            return "text follows the tree"
        if token == "(":
            if last == "word":
                return "a node begins after a word"
            label = next(tokens, "")
            if label not in ("0", "1", "2", "3", "4"):
                return "a bracket opens without a label from 0 to 4"
            open_nodes.append((int(label), len(words)))
            last = "label"
        elif token == ")":
            if not open_nodes:
                return "a bracket closes that was not opened"
            if last == "label":
                return "a node has neither words nor nodes"
            value, first = open_nodes.pop()
            labels_of.setdefault(" ".join(words[first:]), value)
            last = "node"
        else:
            if last != "label":
                return "a word has no node of its own"
            words.append(token)
            last = "word"
    if last == "nothing":
        return "there is no tree"
    return "a bracket is not closed; is the file cut short?" if open_nodes else None
