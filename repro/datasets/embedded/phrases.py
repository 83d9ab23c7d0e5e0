"""Sentences about films with all the phrases that they consist of, in five classes from 0, negative, to 4, positive.

As in the treebank behind Rotten Tomatoes, a sentence is a tree, and each node of it is a phrase with its own class:
"brilliant" has 4, "is n't brilliant" 1, "is n't dull" 3. The words are cut as in the Penn Treebank.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from repro.datasets.dataset import Corpus
from repro.datasets.embedded.grammar import SEED, Writer, capital, corpus_of, templates

TRAIN_ROWS, TEST_ROWS = 1_000, 300
MOST_WORDS = 53  # of a training phrase in Rotten Tomatoes
REPEATED_SHARE = 0.15  # of the test phrases that occur among the training phrases: those that are kept

# The meaning of the words that have any. All others are neutral.
STRENGTHS = {
    word: strength
    for strength, words in {
        2: "brilliant superb wonderful",
        1: "good funny charming fresh moving warm clever witty",
        -1: "dull flat silly thin stale slow messy clumsy",
        -2: "dreadful terrible worthless",
    }.items()
    for word in words.split()
}
VERY, NOT = ("very", "truly", "so"), ("n't", "never", "hardly", "no")

# A name in capitals stands for one of its alternatives: a word, or the two branches of a tree. Brackets hold a branch
# that has no name; no two of them stand side by side.
RULES = {
    "TEXT": "MAIN . | MAIN . | MAIN !",
    "MAIN": """CLAUSE | PLOT | LEFT [and CLAUSE] | LEFT [but CLAUSE] | LEFT [but CLAUSE] | [although LEFT] CLAUSE |
        CLAUSE [because PLOT]""",
    "LEFT": "CLAUSE , | CLAUSE , | PLOT ,",
    "CLAUSE": "SUBJECT SEEMS | FILM PREDICATE | it PREDICATE | it ['s VALUE]",
    "SUBJECT": "the ASPECT | OWNER ASPECT | ASPECTS [of FILM]",
    "SEEMS": "is OPINION | [is NOT] OPINION | DONT [feel OPINION] | turns [out OPINION]",
    "DONT": "does n't",
    "PREDICATE": "SEEMS | is VALUE | [is NOT] VALUE | has FEATURE",
    "VALUE": "OPINION | a [ADJECTIVE GENRE] | a [ADJECTIVE [GENRE [about SOMEBODY]]]",
    "OPINION": "ADJECTIVE | ADJECTIVE | VERY ADJECTIVE | ADJECTIVE [and OPINION]",
    "FEATURE": "a [ADJECTIVE ASPECT] | no [ADJECTIVE ASPECT]",
    "OWNER": "NAME 's | FILM 's",
    "ASPECTS": "the ASPECT",
    "FILM": "FILMS | FILMS | FILMS [about SOMEBODY] | FILMS [-LRB- [YEAR -RRB-]]",
    "FILMS": "the GENRE | this GENRE",
    "PLOT": "FILM [shows SOMEBODY] | SOMEBODY ACTS",
    "SOMEBODY": "NAME | PERSON | PERSON [who ACTS] | PERSON [who ACTS] | PERSON [from PLACE]",
    "PERSON": "a JOB | a JOB | a [ADJECTIVE JOB]",
    "ACTS": "DEED | DEED [in PLACE] | DEED [and ACTS]",
    "DEED": "VERB OBJECT",
    "OBJECT": "THING | THING | THING [of SOMEBODY]",
    "THING": "a ITEM | the ITEM",
    "ADJECTIVE": " | ".join(STRENGTHS),
    "VERY": " | ".join(VERY),
    "NOT": "n't | never | hardly",
    "ASPECT": "plot | cast | script | music | humor | pacing | ending | dialogue | camera | hero",
    "GENRE": "film | movie | comedy | thriller | drama | romance | western",
    "NAME": "Anna | Peter | Clara | Henry | Maria | Oscar | Nina | Walter",
    "JOB": "detective | teacher | doctor | soldier | singer | painter | farmer | thief | nurse | boxer",
    "PLACE": "Paris | London | Texas | Rome | Boston | Venice | Tokyo | Dublin",
    "VERB": "finds | loses | steals | hides | follows | inherits | burns | sells",
    "ITEM": "letter | diary | map | house | painting | horse | ring | boat | piano | secret | gun | fortune",
    "YEAR": "1931 | 1954 | 1968 | 1977 | 1985 | 1999",
}
BRACKET = re.compile(r"\[.*\]|\S+")
BRANCHES = {name: [BRACKET.findall(rule) for rule in templates(rules)] for name, rules in RULES.items()}


class Phrase(NamedTuple):
    """A node of a sentence's tree: its words, what it says from -2 to 2, and its two branches if it is no word."""

    text: str
    strength: int
    branches: tuple[Phrase, ...] = ()


@cache
def phrases(seed: int = SEED) -> Corpus:
    """1,000 training phrases and 300 test phrases: one sentence after the other, each followed by its parts.

    None comes twice in a split; the last sentence of a split may lack its last parts. As in Rotten Tomatoes, about half
    of the phrases are neutral, of the single words four in five; the median phrase has 5 words, the longest one in
    training 53; and 46 of the test phrases, 15 %, occur among the training phrases.
    """
    writer = Writer(seed, {})

    def split(rows: int, fewest: int, known: frozenset[str] = frozenset()) -> dict[str, int]:
        labels: dict[str, int] = {}
        while len(labels) < rows:
            sentence = _tree(writer, "TEXT")
            if not (1 if labels else fewest) <= len(sentence.text.split()) <= MOST_WORDS:
                continue
            for text, strength in _parts(sentence, first=True):
                if text not in labels and (text not in known or writer.chance(REPEATED_SHARE)) and len(labels) < rows:
                    labels[text] = 2 + strength
        return labels

    train = split(TRAIN_ROWS, fewest=MOST_WORDS)
    test = split(TEST_ROWS, fewest=1, known=frozenset(train))
    ids = map(str, range(TRAIN_ROWS + 1, TRAIN_ROWS + TEST_ROWS + 1))
    return corpus_of((train, [*train.values()]), (test, [*test.values()]), ids)


def _tree(writer: Writer, name: str) -> Phrase:
    """A phrase of the kind that a name in RULES, a bracket or a word stands for."""
    if name in BRANCHES:
        parts = writer.pick(BRANCHES[name])
    elif name.startswith("["):
        parts = BRACKET.findall(name[1:-1])
    else:
        return Phrase(name, STRENGTHS.get(name, 0))
    left, *others = (_tree(writer, part) for part in parts)
    if not others:
        return left
    right = others[0]
    *_, word = left.text.split()
    if word in NOT:
        strength = (right.strength < 0) - (right.strength > 0)
    elif word in VERY:
        strength = 2 * right.strength
    elif word == "although":
        strength = 0
    elif right.text.startswith("but "):
        strength = right.strength
    elif left.strength * right.strength > 0:
        strength = max(left.strength, right.strength, key=abs)
    else:
        strength = left.strength + right.strength
    return Phrase(f"{left.text} {right.text}", max(-2, min(2, strength)), (left, right))


def _parts(phrase: Phrase, first: bool) -> Iterator[tuple[str, int]]:
    """The phrase and all phrases in it, from the left; a sentence's first word has a capital letter."""
    yield capital(phrase.text) if first else phrase.text, phrase.strength
    for number, branch in enumerate(phrase.branches):
        yield from _parts(branch, first and number == 0)
