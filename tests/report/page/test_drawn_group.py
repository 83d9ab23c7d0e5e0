"""All drawings of the committed runs: sound markup, nothing from outside but text, small, and the same each time."""

from __future__ import annotations

import dataclasses
import random
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from page_drawings import HOSTILE, RESULTS, committed, tree

from repro import registry
from repro.evidence.run_groups import RunGroup, group_records
from repro.parity.trainings import recorded_trainings
from repro.report import page
from repro.report.data_table import current
from repro.report.page.drawing_set import Drawing
from repro.report.page.drawn_group import drawing_sets
from repro.report.page.drawn_layers import layers
from repro.report.page.drawn_lengths import lengths
from repro.report.page.drawn_trainings import trainings
from repro.report.page.svg import EM, PER_CHARACTER, WIDTH

REFERENCE = Path(__file__).parents[2] / "reference"
CSS = (files(page) / "drawn.css").read_text(encoding="utf-8")
SMALL = 1_200_000
"""Bytes of all drawings: the page has to be opened on a phone."""


def drawings_of(name: str) -> Iterator[Drawing]:
    """All that the page can show of a chapter."""
    chapter = registry.chapter(name)
    sets = [drawn for group in committed(name) for drawn in drawing_sets(group)]
    sets += [lengths(chapter, each) for each in current(chapter, RESULTS.descriptions(name)[0])]
    compared = trainings(chapter, recorded_trainings(chapter, REFERENCE), RESULTS.records(name)[0])
    for drawn in [*sets, *([compared] if compared else [])]:
        assert drawn.heading
        assert drawn.note
        assert drawn.drawings
        yield from drawn.drawings
    yield from (layers(chapter, experiment) for experiment in chapter.experiments)


def check_markup(drawing: Drawing) -> None:
    """Sound, described in words, styled by classes that exist, and without anything that could act or collide."""
    root = tree(drawing)
    assert root.tag in ("svg", "table", "div")
    if root.tag == "svg":
        assert root.get("role") == "img"
        assert len(root.get("aria-label", "")) > 20
    if root.tag == "table":
        assert root.findtext("caption")
    used = {name for element in root.iter() for name in element.get("class", "").split()}
    assert {name for name in used if not re.search(rf"\.{name}\b", CSS)} <= {"plain", "shade0"}
    attributes = {name for element in root.iter() for name in element.attrib}
    assert not attributes & {"id", "style", "href"}
    assert not any(name.startswith("on") for name in attributes)
    assert not {element.tag for element in root.iter()} & {"script", "img", "a", "foreignObject", "style"}


@pytest.mark.parametrize("name", registry.chapters())
def test_the_markup_is_sound_and_every_drawing_says_what_it_shows(name: str) -> None:
    for drawing in drawings_of(name):
        check_markup(drawing)


@pytest.mark.parametrize("name", registry.chapters())
def test_no_text_leaves_its_panel(name: str) -> None:
    for drawing in drawings_of(name):
        root = tree(drawing)
        for text in root.iter("text"):
            x, y, room = float(text.attrib["x"]), float(text.attrib["y"]), PER_CHARACTER * len(text.text or "")
            left = x - {"start": 0, "middle": room / 2, "end": room}[text.get("text-anchor", "start")]
            assert left >= -EM, (drawing.title, text.text)
            assert left + room <= WIDTH + EM, (drawing.title, text.text)
            assert EM - 3 <= y <= float(root.attrib["viewBox"].split()[-1]), (drawing.title, text.text)


def test_all_drawings_together_are_small() -> None:
    sizes = [len(drawing.html.encode()) for name in registry.chapters() for drawing in drawings_of(name)]
    assert sum(sizes) < SMALL


def test_the_same_records_in_another_order_give_the_same_bytes() -> None:
    chapter = registry.chapter("imdb_lstm")
    records, _ = RESULTS.records(chapter.name)
    random.Random(1).shuffle(records)
    again = {group.name: group for group in group_records(chapter, records)[0]}
    for group in committed(chapter.name):
        assert drawing_sets(again[group.name]) == drawing_sets(group)


@pytest.mark.parametrize("name", registry.chapters())
def test_no_two_sets_of_a_group_share_a_name(name: str) -> None:
    for group in committed(name):
        names = [drawn.name for drawn in drawing_sets(group)]
        assert len(set(names)) == len(names)
        assert all(re.fullmatch("[a-z]+", each) for each in names)


def with_hostile_names(group: RunGroup) -> RunGroup:
    """The same runs of a chapter whose classes, labels and experiments have names that look like markup."""
    chapter = group.chapter
    new = {each.name: f"{each.name}{HOSTILE}" for each in chapter.experiments}
    records = []
    for record in group.records:
        evaluation = {
            split: type(one)(
                loss=one.loss,
                matrix=one.matrix,
                pooled_auc=one.pooled_auc,
                labels={f"{label}{HOSTILE}": each for label, each in one.labels.items()},
            )
            for split, one in record.evaluation.items()
        }
        fields = {name: getattr(record, name) for name in record.__struct_fields__}
        records.append(type(record)(**fields | {"experiment": new[record.experiment], "evaluation": evaluation}))
    hostile = dataclasses.replace(
        chapter,
        classes=tuple(f"{each}{HOSTILE}" for each in chapter.classes),
        labels=tuple(f"{each}{HOSTILE}" for each in chapter.labels),
        experiments=tuple(dataclasses.replace(each, name=new[each.name]) for each in chapter.experiments),
        results=tuple(dataclasses.replace(each, experiment=new[each.experiment]) for each in chapter.results),
        values=tuple(
            dataclasses.replace(each, experiment=new[each.experiment], what=f"{each.what}{HOSTILE}")
            for each in chapter.values
        ),
    )
    return dataclasses.replace(group, chapter=hostile, records=tuple(records), varied=())


@pytest.mark.parametrize("name", registry.chapters())
def test_names_from_outside_stay_text(name: str) -> None:
    group = with_hostile_names(committed(name)[0])
    sets = drawing_sets(group)
    assert sets
    drawings = [drawing for drawn in sets for drawing in drawn.drawings]
    assert any(HOSTILE in drawing.title for drawing in drawings)
    for drawing in [*drawings, *(layers(group.chapter, each) for each in group.chapter.experiments)]:
        check_markup(drawing)
        assert "<script" not in drawing.html
        assert "<img" not in drawing.html
