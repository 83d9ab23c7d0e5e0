r"""The Stanford Sentiment Treebank (Socher et al. 2013): parse trees of sentences, with a label at every node.

`trainDevTestTrees_PTB.zip` holds `trees/train.txt`, `trees/dev.txt` and `trees/test.txt`, one tree a line, such as
`(3 (2 (2 The) (2 Rock)) (4 rocks))`. The labels go from 0, very negative, to 4, very positive.

Kaggle's Rotten Tomatoes phrases are the texts of these nodes. It split the sentences in another way: some of
`trees/train.txt` are in Kaggle's `test.tsv`.
"""

from __future__ import annotations

import re

from repro.datasets import archives
from repro.errors import DataInvalid

MEMBERS = ("trees/train.txt", "trees/dev.txt", "trees/test.txt")

_TOKEN = re.compile(r"\([0-4](?= )|\)|[^ ()]+")
"""An opening bracket with its label, a closing one, or a word: any characters but spaces and brackets."""


def labels(content: bytes, name: str) -> dict[str, int]:
    r"""The text of every node in the three files, as Kaggle's phrases have it, and its label.

    content, name: of the zip file; the name is for messages.

    A phrase of Kaggle's is the words of a node as they stand, with single spaces between them: `-LRB-`, `-RRB-`, `\/`
    and `\*` are the same in both, so nothing is replaced. Case counts: `Thrilling` and `thrilling` have two labels.
    Kaggle has no phrase with a character beyond ASCII, such as `André`: in each of its two files one blank phrase
    stands where the first of them was.

    Checked on 25 trees of a public copy of `trees/train.txt`, brackets, slashes, asterisks and accents among them: the
    22 that Kaggle has as sentences have 548 phrases there, each of which is a node of its tree with the same label.

    Raises DataInvalid for what is wrong with the zip file, and names file, member and line of what is not one tree.
    """
    labels_of: dict[str, int] = {}
    for member in MEMBERS:
        for number, line in enumerate(archives.member(content, name, member).splitlines(), start=1):
            if not _add(line.decode(errors="replace"), labels_of):
                raise DataInvalid(f"{name}: {member}: line {number:,} is not a tree. Download the zip file again.")
    return labels_of


def _add(tree: str, labels_of: dict[str, int]) -> bool:
    """Add the texts of a tree's nodes that are new, with their labels; returns whether it is a tree."""
    tokens = _TOKEN.findall(tree)
    kinds = "".join(token[0] if token[0] in "()" else "w" for token in tokens)
    whole = "".join(tokens) == tree.replace(" ", "") and "\ufffd" not in tree
    if not whole or not re.fullmatch(r"(\(+w\)+)+", kinds):
        return False
    words: list[str] = []
    open_nodes: list[tuple[int, int]] = []
    """Label and first word of each node that is not closed yet."""
    for token, kind in zip(tokens, kinds, strict=True):
        if words and not open_nodes:
            return False  # text follows the tree
        if kind == "(":
            open_nodes.append((int(token[-1]), len(words)))
        elif kind == "w":
            words.append(token)
        else:
            label, first = open_nodes.pop()
            labels_of.setdefault(" ".join(words[first:]), label)
    return not open_nodes
