r"""Every node of the treebank gives a phrase and its label; what is no tree is named."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro.datasets.treebank import MEMBERS, labels
from repro.errors import DataInvalid


def treebank(train: bytes, dev: bytes = b"(2 dev)\n", test: bytes = b"(2 test)\n") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for member, content in zip(MEMBERS, (train, dev, test), strict=True):
            archive.writestr(member, content)
    return stream.getvalue()


def phrases(train: bytes) -> dict[str, int]:
    found = labels(treebank(train), "trees.zip")
    assert (found.pop("dev"), found.pop("test")) == (2, 2)
    return found


def test_every_node_has_a_phrase_and_a_label() -> None:
    assert phrases(b"(4 (3 (2 A) (3 (3 fine) (2 film))) (2 .))\n") == {
        "A fine film .": 4,
        "A fine film": 3,
        "A": 2,
        "fine film": 3,
        "fine": 3,
        "film": 2,
        ".": 2,
    }


def test_words_stay_as_they_are() -> None:
    words = ["-LRB-", "-RRB-", r"and\/or", r"\*\*", "``", "'s", "Clichés", "2\u00a01\\/2", "..."]
    tree = f"(2 {' '.join(f'(2 {word})' for word in words)})"
    assert set(phrases(tree.encode())) == {*words, " ".join(words)}


def test_case_counts() -> None:
    assert phrases(b"(3 Up)\n(2 up)\n") == {"Up": 3, "up": 2}


def test_of_equal_phrases_the_first_counts() -> None:
    assert phrases(b"(3 fine)\n(1 fine)\n") == {"fine": 3}


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_lines_may_end_in_any_way(end: bytes) -> None:
    assert phrases(b"(3 fine)" + end) == {"fine": 3}


def test_all_three_files_are_read() -> None:
    assert labels(treebank(b"(0 a)", b"(1 b)", b"(2 c)"), "trees.zip") == {"a": 0, "b": 1, "c": 2}


Tree = tuple[int, "str | list[Tree]"]
WORD = st.text(st.characters(codec="utf-8", exclude_characters=" ()\n\r", exclude_categories=["Cs"]), min_size=1)
TREES: st.SearchStrategy[Tree] = st.recursive(
    st.tuples(st.integers(0, 4), WORD),
    lambda trees: st.tuples(st.integers(0, 4), st.lists(trees, min_size=1, max_size=3)),
    max_leaves=8,
)


def written(tree: Tree) -> str:
    label, inside = tree
    return f"({label} {inside if isinstance(inside, str) else ' '.join(map(written, inside))})"


def words(tree: Tree) -> list[str]:
    return [tree[1]] if isinstance(tree[1], str) else [word for part in tree[1] for word in words(part)]


@given(TREES)
def test_any_tree_is_read(tree: Tree) -> None:
    found = labels(treebank(written(tree).encode(), b"", b""), "trees.zip")
    assert " ".join(words(tree)) in found


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"(2 (2 a)",
        b"(2 (2 a",
        b"(2 a))",
        b"(2 a) (2 b)",
        b")",
        b"(5 a)",
        b"(23 a)",
        b"(a)",
        b"((2 a))",
        b"(",
        b"(2 )",
        b"(2 a b)",
        b"a",
        b"(2 (2 a) b)",
        b"(2 a (2 b))",
        b"(2 caf\xe9)",
    ],
)
def test_what_is_no_tree_is_named_with_its_line(line: bytes) -> None:
    with pytest.raises(DataInvalid) as caught:
        labels(treebank(b"(2 fine)\n", b"(2 fine)\n" + line + b"\n"), "trees.zip")
    assert str(caught.value) == "trees.zip: trees/dev.txt: line 2 is not a tree. Download the zip file again."


def test_a_missing_file_is_named() -> None:
    stream = io.BytesIO()
    zipfile.ZipFile(stream, "w").close()
    with pytest.raises(DataInvalid, match=r"^trees\.zip holds no trees/train\.txt"):
        labels(stream.getvalue(), "trees.zip")
