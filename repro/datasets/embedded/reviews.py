"""Film reviews that praise or blame: 5,000 to train on, 2,000 to test on, each split half and half.

`load` gives them the integer form of Keras' IMDB reviews. Opinions are negated ("not boring at all") and weighed
against each other ("the cast was dull, but the story was moving"), so that a bag of words cannot settle what a
recurrent layer can.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from repro.datasets.dataset import Corpus, Dataset, Preparation, Provenance, settings_of
from repro.datasets.description import Description, Half, Texts, counted
from repro.datasets.embedded.grammar import SEED, Writer, capital, fingerprint_of, lists
from repro.datasets.imdb import CODE, encode
from repro.datasets.prepared import prepared
from repro.text import words_of

TRAIN_ROWS, TEST_ROWS = 5_000, 2_000
TURNING_SHARE, NEGATED_SHARE = 0.4, 0.25  # of the reviews, of the opinions

# The grammar. A name in braces stands for an item of that list; "{opinion}" for praise or blame.
LISTS = lists(
    praise="""brilliant, gripping, charming, clever, moving, funny, fresh, superb, wonderful, great, thrilling,
        touching, convincing, delightful, memorable, excellent, beautiful, inspired""",
    blame="""boring, dull, dreadful, awful, clumsy, silly, stale, terrible, tedious, bad, predictable, lifeless,
        unconvincing, annoying, forgettable, poor, ugly, shallow""",
    very="really, quite, rather, truly, simply, absolutely, just, honestly",
    negation="not, never, hardly, by no means, anything but, far from",
    aspect="""story, acting, cast, script, dialogue, music, ending, plot, direction, photography, pace, hero,
        villain, humour, editing, scenery, soundtrack, love story, final scene, first hour, camera work""",
    genre="comedy, thriller, western, drama, romance, mystery, musical, horror film, war film, crime story",
    job="""detective, teacher, doctor, soldier, singer, lawyer, painter, pilot, farmer, writer, thief, nurse,
        priest, boxer, spy, student, waiter, widow, king, journalist""",
    name="""Anna, Peter, Clara, Jack, Maria, Tom, Helen, David, Rose, Frank, Laura, Henry, Emma, George, Julia,
        Paul, Susan, Walter, Nina, Oscar""",
    verb="finds, loses, steals, hides, follows, inherits, buys, discovers, sells, burns",
    thing="""letter, diary, map, house, painting, horse, ring, car, secret, boat, piano, suitcase, photograph,
        gun, dog, fortune""",
    place="""Paris, London, Chicago, Texas, Rome, Berlin, Boston, Alaska, Vienna, Dublin, Mexico, Venice, Tokyo,
        Moscow""",
    decade="twenties, thirties, forties, fifties, sixties, seventies, eighties, nineties",
    day="Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday",
    where="at the cinema, at a festival, on television, on video, on a plane",
    who="wife, husband, brother, sister, mother, father, neighbour, daughter, son, boss",
)
OPENINGS = (
    "I saw this {genre} {where} with my {who} last {day}.",
    "My {who} told me about this {genre}, so I watched it {where}.",
    "My {who} rented this {genre} for {day} night.",
    "Not many people know this {genre} from the {decade}.",
    "This is a {genre} from the {decade}.",
)
PLOTS = (
    "{name} plays a {job} from {place} who {verb} a {thing}.",
    "A {job} {verb} a {thing} and meets a {job} called {name}.",
    "One night in {place} {name} {verb} the {thing} of a {job}.",
    "There is also a {job} with a {thing}.",
    "It all takes place in {place} in the {decade}.",
)
CLOSINGS = (
    "I watched it twice.",
    "That is all I have to say.",
    "My {who} thought the same.",
    "It is out on video now.",
)
PLAIN = (
    "the {aspect} was {very} {opinion}",
    "I found the {aspect} {very} {opinion}",
    "the {aspect} turned out to be {opinion}",
)
NEGATED = (
    "the {aspect} was {negation} {opinion}",
    "I did not find the {aspect} {opinion} at all",
    "nobody could call the {aspect} {opinion}",
)
AGREEING = ("{first} and {last}.", "{first}, and {last}.", "{first}. Also, {last}.")
TURNING = (
    "{first}, but {last}.",
    "{first}, yet in the end {last}.",
    "{first}. Even so, {last}.",
    "Although {first}, {last}.",
    "It is true that {first}, but {last}.",
    "{last}, even though {first}.",
)


@dataclass(frozen=True)
class Reviews:
    """The texts of both splits and their labels: 1 where a review comes to praise, 0 where to blame."""

    train_texts: tuple[str, ...]
    train_labels: tuple[int, ...]
    test_texts: tuple[str, ...]
    test_labels: tuple[int, ...]


@cache
def reviews(seed: int = SEED) -> Reviews:
    """The corpus of this seed: no text twice, each split half praise and half blame."""
    writer = Writer(seed, LISTS)

    def split(rows: int) -> tuple[tuple[str, ...], tuple[int, ...]]:
        labels = writer.shuffled([0, 1] * (rows // 2))
        return tuple(writer.new(partial(_review, writer, label)) for label in labels), tuple(labels)

    return Reviews(*split(TRAIN_ROWS), *split(TEST_ROWS))


def word_index() -> dict[str, int]:
    """Word -> rank, 1 for the most frequent in the training texts; the alphabet settles ties."""
    counts = Counter(word for text in reviews().train_texts for word in re.findall(r"[a-z]+", text.lower()))
    return {word: rank for rank, word in enumerate(sorted(counts, key=lambda word: (-counts[word], word)), 1)}


def load(preparation: Preparation) -> Dataset:
    """The corpus as `keras.datasets.imdb.load_data` and `pad_sequences` would give it: x `(rows, maxlen) int32`."""
    corpus = reviews()
    y_train, y_test = (np.array(labels, np.int32) for labels in (corpus.train_labels, corpus.test_labels))
    source = Corpus(
        train_texts=corpus.train_texts, train_labels=y_train, test_texts=corpus.test_texts, test_labels=y_test
    )
    source_sha256 = fingerprint_of(source)

    def build() -> dict[str, NDArray[np.int32]]:
        index = word_index()
        x_train, x_test = (
            encode(texts, index, num_words=preparation.num_words, maxlen=preparation.maxlen).x[:]
            for texts in (corpus.train_texts, corpus.test_texts)
        )
        return {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}

    arrays, sha256 = prepared("imdb", settings_of(source_sha256, preparation, CODE), build)
    provenance = Provenance(
        name="imdb",
        kind="embedded",
        edition="generated",
        source_sha256=source_sha256,
        sha256=sha256,
        train_rows=TRAIN_ROWS,
        test_rows=TEST_ROWS,
        preparation=preparation,
    )
    return Dataset(arrays["x_train"], arrays["y_train"], arrays["x_test"], arrays["y_test"], provenance)


def describe(preparation: Preparation) -> Description:
    """The same data, counted. Lengths are those that `maxlen` cuts: with the start mark."""
    corpus = reviews()

    def half(texts: tuple[str, ...], labels: tuple[int, ...], seen: set[str] | None) -> Texts:
        lengths = np.array([1 + len(words_of(text)) for text in texts])
        return counted(texts, lengths, np.array(labels, np.int32), 2, training=seen)

    halves: dict[Half, Texts] = {
        "train": half(corpus.train_texts, corpus.train_labels, None),
        "test": half(corpus.test_texts, corpus.test_labels, set(corpus.train_texts)),
    }
    return Description(data=load(preparation).provenance, halves=halves)


def _review(writer: Writer, label: int) -> str:
    """A review of some 40 to 80 words that praises (1) or blames (0) throughout, or comes to do so in the end."""
    aspects, plots = writer.shuffled(LISTS["aspect"]), writer.shuffled(PLOTS)

    def opinion(meaning: int) -> str:
        negated = writer.chance(NEGATED_SHARE)
        word = writer.pick(LISTS["praise" if meaning != negated else "blame"])
        return writer.fill(writer.pick(NEGATED if negated else PLAIN), aspect=aspects.pop(), opinion=word)

    turning = writer.chance(TURNING_SHARE)
    each = 1 if writer.chance(0.5) else 2
    *before, first = (opinion(1 - label if turning else label) for _ in range(each))
    last, *after = (opinion(label) for _ in range(each))
    sentences = [
        writer.fill(writer.pick(OPENINGS)),
        writer.fill(plots[0]),
        *(f"{text}." for text in before),
        writer.pick(TURNING if turning else AGREEING).format(first=first, last=last),
        writer.fill(plots[1]),
        *(f"{text}." for text in after),
        writer.fill(writer.pick(CLOSINGS)),
    ]
    return " ".join(map(capital, sentences))
