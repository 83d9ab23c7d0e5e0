"""Comments as on an encyclopedia's talk pages, with six labels for abuse, each yes or no.

The abuse is mild and its groups are invented. The same words are also quoted, denied and meant literally ("nobody here
is a fool"), harmless ones are quoted too, and abuse can look like denial ("nobody here is a fool but you").
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from itertools import pairwise

from repro.datasets.dataset import Corpus
from repro.datasets.embedded.grammar import SEED, Writer, capital, corpus_of, lists, templates

LABELS = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
TRAIN_ROWS, SCORED_ROWS, UNSCORED_ROWS = 1_200, 240, 60
# The abusive training comments by their labels. Among the scored ones there are a fifth of each.
ABUSIVE = {
    ("toxic",): 25,
    ("toxic", "obscene"): 10,
    ("toxic", "insult"): 5,
    ("toxic", "obscene", "insult"): 15,
    ("toxic", "severe_toxic", "obscene", "insult"): 15,
    ("toxic", "insult", "identity_hate"): 10,
    ("toxic", "obscene", "insult", "identity_hate"): 10,
    ("toxic", "severe_toxic", "obscene", "insult", "identity_hate"): 10,
    ("toxic", "identity_hate"): 5,
    ("toxic", "threat"): 10,
    ("toxic", "obscene", "threat", "insult"): 10,
    ("toxic", "severe_toxic", "threat"): 5,
    ("toxic", "severe_toxic", "obscene", "threat", "insult"): 10,
    LABELS: 5,
    ("obscene",): 5,
}
# (share, words): this share of the comments has fewer words, about as in Jigsaw. Abusive comments have a part of them.
LENGTHS = ((0, 1), (0.1, 6), (0.25, 15), (0.5, 34), (0.75, 73), (0.9, 150), (0.95, 225), (0.99, 560), (1, 1_300))
ABUSIVE_LENGTH = 0.35
# Of the comments: those that use abusive words harmlessly, those that quote; of the quotations: the abusive ones.
HARMLESS_SHARE, QUOTING_SHARE, QUOTED_ABUSE_SHARE = 0.25, 0.4, 0.6
SHOUTED_SHARE, PARAGRAPH_SHARE = 0.15, 0.1  # of the abusive sentences, of the sentences

LISTS = lists(
    topic="""tea, chess, opera, steam engines, lighthouses, the tides, bee keeping, early radio, bridges, the moon,
        medieval music, cheese, railways, volcanoes, sign language, glaciers, cricket, fountain pens, comets, maps""",
    place="Bristol, Ghent, Turku, Porto, Leeds, Basel, Lyon, Bergen, Cork, Graz, Utrecht, Tampere, Trieste, Dundee",
    part="lead, info box, second paragraph, table, caption, list, map, gallery, external link, footnote, quotation",
    work="edit, correction, translation, drawing, rewrite, list, proposal, comment, merge, note",
    person="Ada Miller, Jonas Holm, Ruth Adler, Piet Maas, Clara Voss, Hugh Penrose, Ines Prado, Owen Tully",
    paper="Gazette, Herald, Courier, Observer, Morning Post, Chronicle, Mercury, Evening Star",
    thing="bridge, tower, theatre, harbour, station, canal, museum, mill, chapel, observatory",
    month="January, February, March, April, May, June, July, August, September, October, November, December",
    day="Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday",
    year="1788, 1803, 1821, 1847, 1866, 1879, 1894, 1902, 1911, 1926, 1938, 1951, 1964, 1977, 1989, 1996, 2003, 2005",
    device="computer, keyboard, modem, printer, monitor, telephone",
    fool="fool, liar, clown, blockhead, nitwit, windbag, bore, twit",
    folk="Ruritanians, Blefuscu folk, Laputans, the people of Lilliput, the Ruritanian lot, the folk of Brobdingnag",
    damn="damn, bloody, crappy, damned",
)
PLAIN = (
    "I have added a source to the section on {topic}.",
    "Please do not remove the {part} again without a word on the talk page.",
    "Thank you for your {work} on the article about {place}, it reads much better now.",
    "The {part} says {year}, but the book that I have at home says {year}.",
    "Could somebody with a better library check the page numbers in the {part}?",
    "According to the {paper} of {month} {year}, the {thing} was built by {person}.",
    "I moved the paragraph on {topic} to the article about {place}, where it belongs.",
    "As far as I can see, {person} never lived in {place}, so the category is wrong.",
    "We need a reliable source for the {part}, not somebody's home page.",
    "If nobody objects by {day}, I will merge it with the article on {topic}.",
    "The {part} is too long and should be split.",
    "There was a vote about this in {month}, and most of us wanted to keep the {part}.",
    "I am new here, so forgive me if this is the wrong place to ask about {topic}.",
    "The picture of the {thing} in {place} has no licence and will be deleted in a week.",
    "Your {work} was reverted because it broke the {part}.",
    "What do you think of a separate article on {topic} in {place}?",
    "In {year} the {thing} burned down, and {person} paid for a new one.",
)
SHORT = (
    "Thanks for the {work}.",
    "See the {part}.",
    "I agree with {person}.",
    "Not before {year}.",
    "What about {topic}?",
    "Done on {day}.",
    "It was in the {paper}.",
)
ABUSE = {
    "toxic": templates("""Go away and never come back. | Shut up about the {part}. | Get lost, nobody wants you here. |
        Your {work} is rubbish, and everybody knows it. | I did not say go away, so I say it now: go away. |
        Take your rubbish about {topic} to some other page."""),
    "severe_toxic": templates("""I hate you, I hate you, I hate you! | Go away, go away, go away!!! |
        Rubbish, rubbish, rubbish, all of it, and you know it! |
        Everybody here hates you, your {work} and your rubbish about {topic}!!"""),
    "obscene": templates("""Who wrote this {damn} crap? | I am sick of the {damn} {part}. | It is {damn} crap. |
        Leave the {damn} {part} alone. | What the hell happened to the {damn} {part}?"""),
    "threat": templates("""I will break your {device}. | One more {work} and I will break your {device}. |
        I will come to {place} and pour soup into your {device}. | I warn you, I will break your {device}. |
        Your {device} goes into the river if I see that {part} again."""),
    "insult": templates("""You are a {fool}. | What a {fool} you are. | Only a {fool} like you could write this. |
        Nobody here is a {fool} but you. | You are not just a {fool}, you are a {fool} and a {fool}. |
        Do not tell me that you are no {fool}."""),
    "identity_hate": templates("""{folk} ruin every page they touch. | {folk} should not be let near this page. |
        We do not want {folk} here. | There was never an honest word from {folk}. | All {folk} are liars."""),
}
HARMLESS = templates("""Nobody here is a {fool}. | You are not a {fool}, and nobody said that you are. |
    Nobody hates you. | I did not tell you to go away, please come back. | It was not {folk} who removed the {part}. |
    I would never call your {work} rubbish or you a {fool}. | I will not break your {device}, I asked about {topic}. |
    The section on rubbish in {place} needs a source. | Your {device} will not break if the {part} gets longer. |
    We do want {folk} here, as we want everybody. | In the opera a {fool} tells the king to go away and shut up. |
    I hate to say it, but the {part} is too long. | Please do not call {person} a {fool} or a {fool}.""")
QUOTING = templates("""{person} wrote "{quoted}" and was warned for it. | Is "{quoted}" a way to talk to a new user? |
    Somebody had replaced the {part} with "{quoted}". | I read "{quoted}" on my own page, and I did not like it.""")


@cache
def comments(seed: int = SEED) -> Corpus:
    """1,200 training comments; 240 scored test comments and, in between, 60 unscored ones, labelled -1.

    One in eight is abusive; among Jigsaw's training comments, one in ten. severe_toxic, threat and identity_hate are
    not as rare as there, or a validation set would have hardly any: they have 45, 40 and 40 training rows, and 9, 8 and
    8 scored ones. As in Jigsaw, the median comment has some 35 words, one in twenty more than 220, and a few more than
    1,000. One harmless comment in three has words of abuse in it. No text comes twice.
    """
    writer = Writer(seed, LISTS)

    def split(rows: int, unscored: int = 0) -> tuple[list[str], list[list[int]]]:
        abusive = [labels for labels, of_all in ABUSIVE.items() for _ in range(of_all * rows // TRAIN_ROWS)]
        clean: list[tuple[str, ...]] = [()] * (rows - len(abusive))
        hidden = [(labels, False) for labels in writer.shuffled(abusive + clean)[:unscored]]
        plan = writer.shuffled([(labels, True) for labels in abusive + clean] + hidden)
        # One from each of as many equal parts of 0 to 1 as there are comments: then the lengths do not depend on luck.
        shares = writer.shuffled([(row + writer.random()) / len(plan) for row in range(len(plan))])
        texts = [
            writer.new(partial(_comment, writer, labels, share))
            for (labels, _), share in zip(plan, shares, strict=True)
        ]
        return texts, [[int(label in labels) if scored else -1 for label in LABELS] for labels, scored in plan]

    train, test = split(TRAIN_ROWS), split(SCORED_ROWS, UNSCORED_ROWS)
    ids = Writer(seed, {"digit": "0123456789abcdef"})
    return corpus_of(train, test, sorted(ids.new(partial(ids.fill, "{digit}" * 16)) for _ in test[0]))


def _comment(writer: Writer, labels: tuple[str, ...], share: float) -> str:
    """A comment longer than this share of all, with a sentence for each label that it has, and others around them."""

    def write(sentences: Sequence[str], **given: str) -> str:
        return capital(writer.fill(writer.pick(sentences), **given))

    # An insult or a threat is toxic as it is.
    needed = [label for label in labels if label != "toxic" or {*labels} <= {"toxic", "obscene"}]
    sentences = [write(ABUSE[label]) for label in needed]
    sentences = [sentence.upper() if writer.chance(SHOUTED_SHARE) else sentence for sentence in sentences]
    if writer.chance(HARMLESS_SHARE):
        sentences.append(write(HARMLESS))
    if writer.chance(QUOTING_SHARE):
        quoted = write(ABUSE[writer.pick(LABELS)] if writer.chance(QUOTED_ABUSE_SHARE) else SHORT)
        sentences.append(write(QUOTING, quoted=quoted.rstrip(".!")))

    (below, fewest), (above, most) = next(pair for pair in pairwise(LENGTHS) if share <= pair[1][0])
    words = fewest + (most - fewest) * (share - below) / (above - below)
    missing = words * (ABUSIVE_LENGTH if labels else 1) - len(" ".join(sentences).split())
    while missing > 0 or not sentences:
        sentences.append(write(PLAIN if missing > 8 else SHORT))
        missing -= len(sentences[-1].split())
    first, *others = writer.shuffled(sentences)
    return first + "".join(("\n\n" if writer.chance(PARAGRAPH_SHARE) else " ") + text for text in others)
