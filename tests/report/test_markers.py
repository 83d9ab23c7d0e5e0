"""Numbers in pages are those of the results; a marker that does not say exactly one number is an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from repro.errors import ReproError
from repro.report.markers import filled


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rates.csv").write_text("model,data,accuracy,seeds\none,train,0.829708,10\none,test,0.819188,10\n")
    (tmp_path / "rates.md").write_text("Ten of 12 lie inside.\n\n| model | data |\n|:--|:--|\n| one | test |\n")
    return tmp_path


def run(words: list[str]) -> str:
    """A command that prints its words in three paragraphs."""
    return f"{words}\n\nsecond\nline\n\nthird\n"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("rates.csv data=test '{accuracy:.2%}'", "81.92%"),
        ("rates.csv model=one data=train '{accuracy:.1%} of {seeds} seeds'", "83.0% of 10 seeds"),
        ("rates.csv model=one rows", "2"),
        ("rates.csv model=one data!=test '{data}'", "train"),
        ("rates.csv data=test '{accuracy:+.1p} points'", "+81.9 points"),
        ("rates.csv data~es '{data}'", "test"),
        ("rates.csv model=one each '- {data}: {seeds}'", "\n\n- train: 10\n- test: 10\n\n"),
        ("rates.csv model=two each '- {data}'", "\n\nnone so far\n\n"),
        ("rates.md 'of ([0-9]+) lie'", "12"),
        ("rates.md", "\n\n| model | data |\n|:--|:--|\n| one | test |\n\n"),
    ],
)
def test_a_marker_is_filled_and_the_rest_of_the_page_stays(folder: Path, source: str, text: str) -> None:
    page = f"Before <!--= {source} -->old\ntext<!--/--> after, <!-- a comment --> too."
    expected = f"Before <!--= {source} -->{text}<!--/--> after, <!-- a comment --> too."
    assert filled(page, folder, run) == expected
    assert filled(expected, folder, run) == expected


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("none.csv data=test '{accuracy}'", "No such file"),
        ("rates.csv model=one '{accuracy}'", "2 rows where one is needed"),
        ("rates.csv data=validation '{accuracy}'", "0 rows where one is needed"),
        ("rates.csv split=test '{accuracy}'", "split"),
        ("rates.csv test '{accuracy}'", "not enough values"),
        ("rates.csv data=test '{loss}'", "loss"),
        ("rates.csv data=test '{model:.1%}'", "format"),
        ("rates.md '[a-z]+'", "matches where one is needed"),
        ("rates.csv", "neither a row"),
        ("rates.md 'unclosed", "No closing quotation"),
    ],
)
def test_a_marker_that_names_no_single_number_is_an_error_that_quotes_it(folder: Path, source: str, fault: str) -> None:
    with pytest.raises(ReproError, match=fault) as raised:
        filled(f"<!--= {source} -->1<!--/-->", folder, run)
    assert source in str(raised.value)


def test_a_commands_output_is_shown_after_the_command(folder: Path) -> None:
    page = "Before\n\n<!--$ repro say 'two words' -->old<!--/-->\n\nafter"
    shown = "$ repro say 'two words'\n\n['say', 'two words']\n\nsecond\nline\n\nthird"
    expected = f"Before\n\n<!--$ repro say 'two words' -->\n\n```\n{shown}\n```\n\n<!--/-->\n\nafter"
    assert filled(page, folder, run) == expected
    assert filled(expected, folder, run) == expected


def test_of_a_long_output_the_first_paragraphs_are_shown(folder: Path) -> None:
    page = filled("<!--$ 2 repro say -->old<!--/-->", folder, run)
    assert page.endswith("```\n$ repro say\n\n['say']\n\nsecond\nline\n\n...\n```\n\n<!--/-->")
