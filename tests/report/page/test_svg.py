"""The panels of the page: round ticks, exact paths, and nothing of a name that becomes markup."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from repro.report.page.svg import WIDTH, Scale, Sheet, nice_ticks, path_of, scale_of, shortened, tick_texts

HOSTILE = '</svg><script>alert("1")</script>&\'<img src=x onerror=alert(1)>'


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (0, 1, 6, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (81.3, 84.9, 6, [82, 83, 84]),
        (-0.31, 0.12, 4, [-0.2, 0]),
        (1, 10, 10, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        (0, 26_000, 5, [0, 10_000, 20_000]),
        (0.3351, 0.3359, 6, [0.3352, 0.3354, 0.3356, 0.3358]),
    ],
)
def test_ticks_are_round_and_within_the_scale(low: float, high: float, most: int, expected: list[float]) -> None:
    assert nice_ticks(low, high, most) == pytest.approx(expected)


def test_ticks_have_as_many_decimals_as_they_need() -> None:
    assert tick_texts([0.0, 0.5, 1.0]) == ["0.0", "0.5", "1.0"]
    assert tick_texts([0.0, 10_000.0]) == ["0", "10,000"]
    assert tick_texts([0.35, 0.4]) == ["0.35", "0.40"]
    assert tick_texts([1.0]) == ["1"]
    assert tick_texts([0.25]) == ["0.25"]


def test_numbers_that_are_all_equal_have_a_scale() -> None:
    for number in (0.0, 0.5, 100.0):
        scale = scale_of([number, number], 0, 100)
        assert scale.at(number) == pytest.approx(50)
        assert scale.ticks()


def test_a_path_ends_where_its_last_point_is_however_many_there_are() -> None:
    points = [(place / 3, -place / 7) for place in range(1000)]
    steps = [float(token) for token in path_of(points).replace("M", "").replace("l", " ").replace("-", " -").split()]
    assert sum(steps[0::2]) == pytest.approx(333.0, abs=0.051)
    assert sum(steps[1::2]) == pytest.approx(-999 / 7, abs=0.051)


def test_names_from_outside_stay_text() -> None:
    sheet = Sheet(100)
    sheet.text(0, 12, HOSTILE)
    sheet.legend([(HOSTILE, "ours line")], 0, 30)
    drawing = sheet.drawing(HOSTILE, HOSTILE)
    root = ElementTree.fromstring(drawing.html)
    assert root.get("aria-label") == HOSTILE
    assert [element.text for element in root.iter("text")] == [HOSTILE, HOSTILE]
    assert {element.tag for element in root.iter()} == {"svg", "text", "path"}
    assert drawing.title == HOSTILE


def test_a_scale_runs_in_either_direction() -> None:
    assert Scale(0, 10, 200, 100).at(2.5) == pytest.approx(175)
    assert Scale(0, 10, 0, WIDTH).at(10) == WIDTH


def test_long_names_are_cut() -> None:
    assert shortened("padding_after", 200) == "padding_after"
    cut = shortened("a" * 80, 140)
    assert len(cut) == 20
    assert cut.endswith("…")
