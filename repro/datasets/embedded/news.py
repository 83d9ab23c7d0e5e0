"""News items, a title and a description, of four classes: world, sports, business, science and technology.

Anybody can be in news of any class (a football club that sells shares: business), and most items mention something of
another class in passing ("a week after it asked to host the cup"). All names are invented.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial

from repro.datasets.dataset import Corpus
from repro.datasets.embedded.grammar import SEED, Writer, capital, corpus_of, lists, templates

CLASSES = ("world", "sports", "business", "science and technology")
TRAIN_ROWS, TEST_ROWS = 400, 200
USUAL_SHARE = 0.4  # of the items: those about somebody who is often in news of their class
PASSING_SHARE = 0.75  # of the items: those that mention something of another class
TELLING_SHARE = 0.5  # of the titles: those that tell what it is about
SOURCE_SHARE = 0.5  # of the items: those that name a news agency
ENDING_SHARE = 0.6  # of the items: those that close with a commonplace

LISTS = lists(
    country="Ruritania, Freedonia, Lilliput, Laputa, Sylvania, Borduria, Syldavia, Genovia, Illyria, Utopia",
    town="Strelsau, Mildendo, Lagado, Klow, Zenda, Bohorina, Mirolin, Tazbek, Tarvik, Port Ardan",
    club="Zenda Rovers, Klow United, Lagado City, Strelsau Wanderers, Mildendo Athletic, Mirolin Stars",
    company="Corvane, Halland Steel, Telbrand, Norsoft, Aquila Air, Pinnix, Orbitel, Grandel Foods, Datavell",
    institute="""the Lagado Academy, the Klow Observatory, the Polar Institute, the Mirolin Laboratory,
        the space agency, the University of Zenda""",
    ministry="the government of {country}, the {country} army, the {country} parliament, the foreign ministry",
    day="Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday",
    month="January, March, May, June, August, September, October, December",
    number="two, three, five, seven, nine, 12, 15, 20, 30, 40, 60, 85, 100, 120, 250",
    cup="Harbour Cup, Northern League, Coronation Trophy, Silver Bowl, Island Games",
    agency="Telex, PressNet, INA, Newswire",
)
WHO = ("{ministry}", "{club}", "{company}", "{institute}")
# What anybody can do, by class.
DEEDS = (
    templates("""pull its staff out of {town} after the bombing | send aid to the rebels near {town} |
        join the peace talks with {country} | recall its envoys from {country} | protest against the arrests in {town} |
        observe the ceasefire in {country} | welcome the peace accord with {country} |
        close its offices in {town} before the elections | give shelter to refugees from {country} |
        demand the release of {number} hostages in {town}"""),
    templates("""field a team in the {cup} | meet {club} in the final of the {cup} | host the {cup} in {month} |
        name a new head coach for the {cup} | appeal against the ban on its goalkeeper | sign a striker from {club} |
        rest its captain for the game against {club} | send {number} runners to the marathon in {town} |
        defend its title against {club} | replay the match against {club} after a late penalty"""),
    templates("""sell {number} percent of its shares | cut {number} jobs in {town} | raise its prices in {month} |
        report a quarterly loss of {number} million dollars | bid {number} million dollars for {company} |
        borrow {number} million dollars from banks in {town} | pay a higher dividend in {month} |
        sell its stake in {company} | warn investors of lower profits in {month} | open {number} shops in {country}"""),
    templates("""release a patch for its software | warn of a new computer worm from {country} |
        test a chip with {number} processors | put its camera on the next probe to Mars |
        publish a map of the genome of the honey bee | move its web site to faster servers |
        launch a satellite from {country} in {month} | study the fossils that were found near {town} |
        let {number} robots play against each other | put a wireless network into its stadium"""),
)
TELLING = templates("{who} to {deed} | {who} plans to {deed} | {who} ready to {deed}")
VAGUE = templates("""New plans at {who} | {town} waits for {who} | {who} surprises {town} | All eyes on {who} |
    {who} makes up its mind | What next for {who}?""")
SOURCES = ("{agency} - ", "{town} ({agency}) - ")
LEADS = templates("""{who} will {deed}, a spokesman said on {day} | {who} decided on {day} to {deed} |
    {who} said on {day} that it wanted to {deed} | on {day} {who} was the first to {deed} |
    there is no way for {who} but to {deed}, its chairman said on {day}""")
PASSING = templates("""{lead}, {number} days after it refused to {other} | Rather than {other}, {lead} |
    {lead}, and not, as reported, to {other} | Having failed to {other}, {lead} |
    {number} weeks after its promise to {other}, {lead} | {lead}. In {month} it had been asked to {other}""")
ENDINGS = templates("""Officials in {town} had no comment. | The news came as a surprise in {town}. |
    More details are expected on {day}. | It was the second such announcement in {number} days. |
    "We have waited long for this," the chairman told reporters in {town}. | Critics in {country} called it too late. |
    The decision had been put off {number} times since {month}.""")


@cache
def news(seed: int = SEED) -> Corpus:
    """400 training and 200 test items, as many of each class, none twice."""
    writer = Writer(seed, LISTS)

    def split(rows: int) -> tuple[list[str], list[int]]:
        labels = writer.shuffled([*range(len(CLASSES))] * (rows // len(CLASSES)))
        return [writer.new(partial(_item, writer, label)) for label in labels], labels

    return corpus_of(split(TRAIN_ROWS), split(TEST_ROWS))


def _item(writer: Writer, label: int) -> str:
    """An item whose lead tells what happened, and which often mentions something of another class beside it."""

    def one_of(templates: Sequence[str], **given: str) -> str:
        return writer.fill(writer.pick(templates), **given)

    who = writer.fill(WHO[label]) if writer.chance(USUAL_SHARE) else one_of(WHO)
    deed = one_of(DEEDS[label])
    title = one_of(TELLING if writer.chance(TELLING_SHARE) else VAGUE, who=who.removeprefix("the "), deed=deed)
    lead = one_of(LEADS, who=who, deed=deed)
    if writer.chance(PASSING_SHARE):
        others = [deeds for number, deeds in enumerate(DEEDS) if number != label]
        lead = one_of(PASSING, lead=lead, other=one_of(writer.pick(others)))
    source = one_of(SOURCES) if writer.chance(SOURCE_SHARE) else ""
    ending = f" {one_of(ENDINGS)}" if writer.chance(ENDING_SHARE) else ""
    return f"{capital(title)} {source}{capital(lead)}.{ending}"
