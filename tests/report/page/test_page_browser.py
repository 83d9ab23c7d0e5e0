"""The page in a browser: sorted, printed, read on a phone, in the dark, by keyboard, and without scripts."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from browser import choose, complaints, emulate, one, resize
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By
from test_page_file import committed


@pytest.fixture(scope="module")
def page_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(committed(), encoding="utf-8")
    return path


@pytest.fixture
def chrome(chromium: Chrome, page_path: Path) -> Chrome:
    """The page, just opened in a window of a usual size."""
    resize(chromium, 1200, 900)
    emulate(chromium)
    complaints(chromium)  # those of others
    chromium.get(page_path.as_uri())
    chromium.execute_script("try { localStorage.clear(); } catch {}")
    return chromium


def column(chrome: Chrome, table: str, place: int) -> list[str]:
    texts: list[str] = chrome.execute_script(
        "return [...document.querySelectorAll(arguments[0] + ' tbody tr')].map(r => r.cells[arguments[1]].textContent)",
        *(table, place),
    )
    return texts


def background(chrome: Chrome) -> str:
    return str(chrome.execute_script("return getComputedStyle(document.body).backgroundColor"))


def test_the_page_opens_without_a_complaint(chrome: Chrome) -> None:
    assert complaints(chrome) == []
    assert chrome.title == "LSTM walkthroughs, reproduced"


@pytest.mark.parametrize("width", [1200, 390])
def test_a_link_leads_to_its_section_and_is_marked(chrome: Chrome, width: int) -> None:
    resize(chrome, width, 900)
    for link in chrome.find_elements(By.CSS_SELECTOR, "nav a"):
        chrome.execute_script("arguments[0].click()", link)
        top = "return document.querySelector(arguments[0].hash).getBoundingClientRect().top"
        at_end = chrome.execute_script("return scrollY + innerHeight >= document.documentElement.scrollHeight - 2")
        assert at_end or 0 <= chrome.execute_script(top, link) <= 100, link.get_attribute("href")
        frames = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))"
        chrome.execute_async_script(frames)  # then the page knows that it was scrolled
        assert one(chrome, "nav [aria-current]") == link


TABLE = "#imdb_lstm-table-1"


def test_a_click_on_a_header_sorts_and_another_turns_the_order_round(chrome: Chrome) -> None:
    header = one(chrome, f"{TABLE} thead th:nth-child(5)")
    button = header.find_element(By.TAG_NAME, "button")
    chrome.execute_script("arguments[0].click()", button)
    means = [float(text.split(" ")[0]) for text in column(chrome, TABLE, 4)]
    assert means == sorted(means)
    assert header.get_attribute("aria-sort") == "ascending"
    chrome.execute_script("arguments[0].click()", button)
    assert [float(text.split(" ")[0]) for text in column(chrome, TABLE, 4)] == sorted(means, reverse=True)
    assert header.get_attribute("aria-sort") == "descending"


def test_a_table_can_be_sorted_by_keyboard(chrome: Chrome) -> None:
    button = one(chrome, f"{TABLE} thead th:nth-child(3) button")
    before = column(chrome, TABLE, 2)
    chrome.execute_script("arguments[0].focus()", button)
    button.send_keys(Keys.ENTER)
    assert column(chrome, TABLE, 2) == sorted(before, key=str.lower)
    assert one(chrome, f"{TABLE} [aria-sort=ascending]").text.startswith("what")


def test_cells_without_a_number_stay_last_in_both_orders(chrome: Chrome) -> None:
    table = "#r-parity-1"
    button = one(chrome, f"{table} thead th:nth-child(5) button")
    for _ in range(2):
        chrome.execute_script("arguments[0].click()", button)
        texts = column(chrome, table, 4)
        assert "" in texts
        assert not any(texts[texts.index("") :])


def test_a_note_opens_at_the_focus_and_closes_at_escape(chrome: Chrome) -> None:
    number = one(chrome, f"{TABLE} tbody .sourced")
    chrome.execute_script("arguments[0].closest('tr').querySelector('th').tabIndex = -1", number)
    chrome.execute_script("arguments[0].closest('tr').querySelector('th').focus()", number)
    chrome.switch_to.active_element.send_keys(Keys.TAB)
    assert chrome.switch_to.active_element == number
    note = one(chrome, ".run-note:popover-open")
    assert "32 runs of imdb_lstm/model_one" in note.text
    assert "repro run imdb_lstm/model_one --seeds 1-32" in note.text
    chrome.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert not chrome.find_elements(By.CSS_SELECTOR, ".run-note:popover-open")
    chrome.switch_to.active_element.send_keys(Keys.ENTER)
    assert chrome.find_elements(By.CSS_SELECTOR, ".run-note:popover-open")


def test_a_note_opens_at_a_click_inside_the_window(chrome: Chrome) -> None:
    resize(chrome, 390, 844)
    number = one(chrome, f"{TABLE} tbody .sourced")
    chrome.execute_script(
        "arguments[0].scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'})", number
    )
    number.click()
    note = one(chrome, ".run-note:popover-open").rect
    assert note["x"] >= 0
    assert note["x"] + note["width"] <= 390
    top = note["y"] - chrome.execute_script("return scrollY")
    assert 0 <= top <= 844 - note["height"]


def test_the_page_is_never_wider_than_the_window(chrome: Chrome) -> None:
    chrome.execute_script("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    for width in (1200, 768, 390, 320):
        resize(chrome, width, 844)
        assert chrome.execute_script("return document.documentElement.scrollWidth") <= width


def test_the_theme_is_the_systems_unless_one_is_chosen(chrome: Chrome, page_path: Path) -> None:
    light = background(chrome)
    emulate(chrome, prefers_color_scheme="dark")
    dark = background(chrome)
    assert dark != light
    choose(chrome, "#theme select", "light")
    assert background(chrome) == light
    chrome.get(page_path.as_uri())
    assert background(chrome) == light
    emulate(chrome, prefers_color_scheme="light")
    choose(chrome, "#theme select", "dark")
    assert background(chrome) == dark
    choose(chrome, "#theme select", "system")
    assert background(chrome) == light


def test_on_paper_all_is_open_and_nothing_is_left_out(chrome: Chrome) -> None:
    printed = chrome.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})
    pdf = base64.b64decode(printed["data"])
    pages = pdf.count(b"/Type /Page\n") or pdf.count(b"/Type/Page\n") or pdf.count(b"/Type /Page ")
    assert 15 <= pages <= 120
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    chrome.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert not chrome.find_elements(By.CSS_SELECTOR, "details:not([open])")
    assert not one(chrome, "#form").is_displayed()
    assert not one(chrome, "nav").is_displayed()
    resize(chrome, 718, 1000)  # A4 less its margins, in CSS pixels
    assert chrome.execute_script("return document.documentElement.scrollWidth") <= 718
    cut = chrome.execute_script(
        "return [...document.querySelectorAll('.scroll')]"
        ".filter(e => e.scrollWidth > 719 || e.scrollHeight > e.clientHeight + 1)"
        ".map(e => e.textContent.trim().slice(0, 40))"
    )
    assert cut == []
    chrome.execute_script("dispatchEvent(new Event('afterprint'))")
    assert chrome.find_elements(By.CSS_SELECTOR, "details:not([open])")
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_without_scripts_the_results_can_be_read_and_the_form_is_not_shown(chrome: Chrome, page_path: Path) -> None:
    chrome.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        chrome.get(page_path.as_uri())
        assert "repro judge" in one(chrome, "noscript p").text
        assert not one(chrome, "#form").is_displayed()
        number = one(chrome, "#glance .sourced")
        number.click()
        assert "seeds" in one(chrome, ".run-note:popover-open").text
    finally:
        chrome.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_a_dark_page_is_printed_on_white(chrome: Chrome) -> None:
    light = background(chrome)
    choose(chrome, "#theme select", "dark")
    dark = background(chrome)
    chrome.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert background(chrome) == light
    chrome.execute_script("dispatchEvent(new Event('afterprint'))")
    assert background(chrome) == dark
