"""The page as a file: one file, the same each time, nothing in it that came from outside unescaped, well structured."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from conftest import EMBEDDED, MakeRecord
from html_parts import Element, elements
from test_page_parts import varied

from repro import registry
from repro.chapter import Chapter, Erratum
from repro.check import Checked, check_each
from repro.errors import ReproError
from repro.records import Divergence, Results
from repro.report.page.page_assets import data_block
from repro.report.page.page_file import page, read_known

ROOT = Path(__file__).parents[3]
RESULTS, REFERENCE = Results(ROOT / "results"), ROOT / "tests" / "reference"
EVIL = "</script><img src=x onerror=\"document.title='owned'\">'\"{{ 7 * 7 }}"
MOST_BYTES = 3_000_000


def checks() -> dict[str, Checked]:
    return {name: Checked([], 1, 2, 3, 4, 5) for name in registry.chapters()}


def made(results: Results, chapters: Mapping[str, Chapter] | None = None, reference: Path = Path("nowhere")) -> str:
    """The page of a folder of results, without the checks that start Keras."""
    chapters = chapters or registry.chapters()
    all_of_them = list(chapters.values())
    return page(all_of_them, read_known(all_of_them, results), checks(), results, reference).decode()


@cache
def committed() -> str:
    """The page of the committed records."""
    return made(RESULTS, reference=REFERENCE)


@pytest.fixture(scope="module")
def whole() -> str:
    return committed()


@pytest.fixture(scope="module")
def parts(whole: str) -> list[Element]:
    return elements(whole)


def tagged(parts: list[Element], *tags: str) -> Iterator[Element]:
    return (each for each in parts if each.tag in tags)


def test_the_page_is_small_enough_to_be_kept_and_sent(whole: str) -> None:
    assert len(whole.encode()) < MOST_BYTES


def test_the_same_records_give_the_same_bytes(whole: str) -> None:
    assert made(RESULTS, reference=REFERENCE) == whole


@pytest.mark.usefixtures("committed_results")
def test_the_committed_page_is_that_of_the_committed_records() -> None:
    chapters = list(registry.chapters().values())
    made_now = page(chapters, read_known(chapters, RESULTS), check_each(chapters), RESULTS, REFERENCE)
    assert (RESULTS.root / "report.html").read_bytes() == made_now, "make it again: repro report"


def test_nothing_is_fetched(parts: list[Element]) -> None:
    """Neither by an attribute nor by the style; and links lead within the page."""
    for each in parts:
        assert not {"src", "srcset", "data", "style", "action", "background"} & each.attributes.keys(), each
        assert each.attributes.get("href", "#").startswith("#")
        assert not [name for name in each.attributes if name.startswith("on")], each
    style = next(tagged(parts, "style")).text
    assert "url(" not in style
    assert "@import" not in style


def test_the_policy_allows_the_pages_own_style_and_script_alone(parts: list[Element]) -> None:
    (policy,) = [each for each in tagged(parts, "meta") if "http-equiv" in each.attributes]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.attributes["content"].split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["style-src"].startswith("'sha256-")
    assert rules["script-src"].startswith("'sha256-")
    assert "unsafe" not in policy.attributes["content"]
    assert len([each for each in tagged(parts, "script") if each.attributes.get("type") != "application/json"]) == 1


def test_no_path_of_this_machine_and_no_date_stands_in_the_page(whole: str) -> None:
    assert str(ROOT) not in whole
    assert str(Path.home()) not in whole
    assert not re.search(r"20\d\d-\d\d-\d\dT", whole)


def test_ids_are_unique_and_what_refers_to_one_finds_it(parts: list[Element]) -> None:
    ids = Counter(each.attributes["id"] for each in parts if "id" in each.attributes)
    assert [name for name, count in ids.items() if count > 1] == []
    for each in parts:
        named = [
            each.attributes.get(name, "") for name in ("aria-labelledby", "for", "popovertarget", "aria-describedby")
        ]
        named.append(each.attributes.get("href", "#").removeprefix("#"))
        assert [name for name in named if name and name not in ids] == []


def test_headings_go_down_one_level_at_a_time(parts: list[Element]) -> None:
    levels = [int(each.tag[1]) for each in parts if re.fullmatch("h[1-6]", each.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert [pair for pair in pairwise(levels) if pair[1] > pair[0] + 1] == []


def test_every_picture_says_what_it_shows(parts: list[Element]) -> None:
    for each in tagged(parts, "svg"):
        assert each.attributes.get("aria-hidden") == "true" or len(each.attributes.get("aria-label", "")) > 10


def test_every_table_has_a_caption_and_headers_of_columns_and_rows(parts: list[Element]) -> None:
    for table in tagged(parts, "table"):
        (caption,) = table.find("caption")
        assert caption.text.strip()
        scopes = Counter(header.attributes.get("scope") for header in table.find("th"))
        assert scopes["col"] + scopes["colgroup"]
        assert scopes["row"]
        assert len({len(row.children) for row in table.find("tbody")[0].find("tr")}) == 1


def test_every_wide_table_can_be_scrolled_with_the_keyboard(parts: list[Element]) -> None:
    for table in tagged(parts, "table"):
        if "sortable" in table.attributes.get("class", ""):
            around = table.parents[-1].attributes
            assert (around["role"], around["tabindex"]) == ("group", "0")
            assert around["aria-labelledby"]


def test_every_field_has_a_name(parts: list[Element]) -> None:
    for each in tagged(parts, "input", "select", "textarea"):
        labelled = any(parent.tag == "label" and parent.text.strip() for parent in each.parents)
        assert labelled or each.attributes.get("aria-label")


def test_without_scripts_the_page_names_the_command(parts: list[Element]) -> None:
    (instead,) = tagged(parts, "noscript")
    assert "repro judge" in instead.text


def test_every_number_of_ours_says_where_it_comes_from(parts: list[Element]) -> None:
    """By the runs of its own model: each note that is asked for has records, seeds, data, versions and the command."""
    notes = {
        each.attributes["id"]: each.text for each in parts if "run-note" in each.attributes.get("class", "").split()
    }
    asked = [each for each in tagged(parts, "button") if "popovertarget" in each.attributes]
    assert len(asked) > 500
    assert {each.attributes["popovertarget"] for each in asked} == notes.keys()
    for text in notes.values():
        assert all(word in text for word in ("seeds", "records/", "fingerprint", "keras", "numpy", "repro run"))
    (table,) = [each for each in parts if each.attributes.get("id") == "imdb_lstm-table-1"]
    for row in table.find("tbody")[0].find("tr"):
        model, ours = row.children[0].text, row.find("button")[0]
        assert notes[ours.attributes["popovertarget"]].split()[:4] == ["32", "runs", "of", f"imdb_lstm/{model}"]


def test_what_is_found_is_counted_from_the_tables(parts: list[Element]) -> None:
    tables = {each.attributes.get("id", ""): each for each in tagged(parts, "table")}
    rows = tables["imdb_lstm-table-1"].find("tbody")[0].find("tr")
    good = sum(row.children[-1].text == "reproduced" for row in rows)
    (card,) = [each for each in tagged(parts, "article") if "IMDB reviews in R" in each.text]
    assert f"{good} of {len(rows)} numbers" in " ".join(card.text.split())


def evil_chapter() -> Chapter:
    chapter = registry.chapter("imdb_lstm")
    return dataclasses.replace(
        chapter,
        title=EVIL,
        source=EVIL,
        stack=EVIL,
        corpus=EVIL,
        assumed=EVIL,
        classes=(EVIL, EVIL + "1"),
        errata=(Erratum(EVIL),),
        open_experiments=(EVIL,),
        claims=tuple(dataclasses.replace(claim, text=EVIL, place=EVIL, assumed=EVIL) for claim in chapter.claims[:1]),
        variations=tuple(
            dataclasses.replace(each, change=EVIL, question=EVIL) if each.name == "padding_after" else each
            for each in chapter.variations
        ),
    )


def evil_results(folder: Path, make_record: MakeRecord, monkeypatch: pytest.MonkeyPatch) -> tuple[Results, Chapter]:
    """Records and a chapter whose every text is markup; the chapter stands in the place of `imdb_lstm`."""
    results, chapter = Results(folder / EVIL.replace("/", "")), evil_chapter()
    monkeypatch.setitem(registry.chapters(), "imdb_lstm", chapter)
    versions = {EVIL: EVIL, "keras": EVIL}
    for seed in range(1, 7):
        results.write(make_record(seed=seed, versions=versions, machine={EVIL: EVIL}))
    saved = results.root / "tables" / "parity" / "steps.md"
    saved.parent.mkdir(parents=True)
    saved.write_text(f"{EVIL}\n\n| {EVIL} | b |\n|:--|--:|\n| {EVIL} | 1 |\n")
    return results, chapter


def test_markup_in_records_chapters_and_tables_stays_text(
    tmp_path: Path, make_record: MakeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    results, chapter = evil_results(tmp_path, make_record, monkeypatch)
    text = made(results, {"imdb_lstm": chapter})
    parts = elements(text)
    assert not list(tagged(parts, "img"))
    assert len(list(tagged(parts, "script"))) == 3
    assert sum(EVIL in each.text for each in tagged(parts, "h2")) == 1
    assert "49" not in next(tagged(parts, "h2")).text
    for script in tagged(parts, "script"):
        if script.attributes.get("type") == "application/json":
            assert "<" not in script.text
            msgspec.json.decode(script.text)


def test_data_for_the_script_can_not_end_their_element() -> None:
    text = data_block({"a": "</script><!--", "b": "\u2028&"})
    assert "<" not in text
    assert msgspec.json.decode(str(text)) == {"a": "</script><!--", "b": "\u2028&"}


def test_a_chapter_without_records_says_how_to_make_them(tmp_path: Path, make_record: MakeRecord) -> None:
    results = Results(tmp_path)
    results.write(make_record())
    parts = elements(made(results))
    (empty,) = [each for each in parts if each.attributes.get("id") == "stacked_lstm"]
    assert "repro run stacked_lstm" in empty.text
    assert "There are no runs of this chapter yet" in empty.text
    assert not empty.find("table")


def section(parts: list[Element], name: str) -> Element:
    (found,) = [each for each in parts if each.attributes.get("id") == name]
    return found


def test_runs_on_the_embedded_corpus_are_shown_and_not_compared(tmp_path: Path, make_record: MakeRecord) -> None:
    results = Results(tmp_path)
    for seed in range(1, 7):
        results.write(make_record(seed=seed, data=EMBEDDED))
    shown = section(elements(made(results)), "imdb_lstm")
    assert "are not judged, since these runs are of other data" in shown.text
    assert "reproduced" not in shown.text
    assert "What it claims" not in shown.text
    assert "Each model on each part of the data" in shown.text


def test_runs_that_diverged_have_curves_and_no_results(tmp_path: Path, make_record: MakeRecord) -> None:
    results = Results(tmp_path)
    for seed in (1, 2):
        results.write(make_record(seed=seed, evaluation={}, diverged=Divergence(epoch=3, batch=1)))
    shown = section(elements(made(results)), "imdb_lstm")
    assert "No run in which nothing was changed has results." in shown.text
    assert "stopped when the loss was no longer finite" in shown.text


def test_a_variation_alone_is_shown_without_what_it_could_be_compared_with(
    tmp_path: Path, make_record: MakeRecord
) -> None:
    results = Results(tmp_path)
    results.write(varied(make_record(), "sigmoid_gates", "source"))
    shown = section(elements(made(results)), "imdb_lstm")
    (table,) = [each for each in shown.find("table") if each.attributes["id"] == "imdb_lstm-varied"]
    assert "sigmoid_gates" in table.text
    assert "no runs without a variation" in shown.text


def test_records_of_another_version_are_told_from_none(tmp_path: Path, make_record: MakeRecord) -> None:
    results = Results(tmp_path)
    results.write(make_record(variation="gone"))
    with pytest.raises(ReproError, match=r"no record in .* can be shown: .* no longer has model_one, gone\nMake"):
        made(results)


def test_without_records_there_is_no_page(tmp_path: Path) -> None:
    with pytest.raises(ReproError, match=r"no records in .*; make some: repro run"):
        made(Results(tmp_path))


def test_a_spoiled_table_is_named(tmp_path: Path, make_record: MakeRecord) -> None:
    results = Results(tmp_path)
    results.write(make_record())
    (tmp_path / "tables" / "parity").mkdir(parents=True)
    (tmp_path / "tables" / "parity" / "steps.md").write_text("Caption.\n\n| a | b |\n|:--|--:|\n| 1 |\n")
    with pytest.raises(ReproError, match=r"steps\.md: not a table"):
        made(results)
