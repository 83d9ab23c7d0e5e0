"""Film reviews that praise or blame: 5,000 to train on, 2,000 to test on, half of each half praise.

Opinions are negated ("not boring at all") and weighed
against each other ("the cast was dull, but the story was moving"), so that a bag of words cannot settle what a
recurrent layer can.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, partial

from repro.datasets.dataset import Corpus
from repro.datasets.embedded.grammar import SEED, Writer, capital, corpus_of, lists

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


@cache
def reviews(seed: int = SEED) -> Corpus:
    """5,000 training and 2,000 test reviews, none twice; half of each praise (1), half blame (0)."""
    writer = Writer(seed, LISTS)

    def split(rows: int) -> tuple[list[str], list[int]]:
        labels = writer.shuffled([0, 1] * (rows // 2))
        return [writer.new(partial(_review, writer, label)) for label in labels], labels

    return corpus_of(split(TRAIN_ROWS), split(TEST_ROWS))


def word_index() -> dict[str, int]:
    """Word -> rank, 1 for the most frequent in the training texts; the alphabet settles ties."""
    counts = Counter(word for text in reviews().train_texts for word in re.findall(r"[a-z]+", text.lower()))
    return {word: rank for rank, word in enumerate(sorted(counts, key=lambda word: (-counts[word], word)), 1)}


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
