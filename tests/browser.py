"""A browser without a window, for tests of the page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement


@contextmanager
def opened(*arguments: str) -> Iterator[Chrome]:
    """Chromium with its own driver; the test is skipped where they are not installed, unless it runs in CI."""
    browser, driver = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
    if not (browser and driver):
        missing = "needs Chromium and its driver (Debian: chromium, chromium-driver)"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    options = ChromeOptions()
    options.binary_location = browser
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", *arguments):
        options.add_argument(argument)
    chrome = Chrome(options, Service(driver))
    try:
        yield chrome
    finally:
        chrome.quit()


def complaints(chrome: Chrome) -> list[str]:
    """What the browser wrote to its console since it was asked last: errors and warnings."""
    entries = chrome.get_log("browser")  # type: ignore[no-untyped-call]
    return [entry["message"] for entry in entries if entry["level"] in ("SEVERE", "WARNING")]


def resize(chrome: Chrome, width: int, height: int) -> None:
    """Give the window a size, in CSS pixels."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def emulate(chrome: Chrome, **features: str) -> None:
    """Have the system prefer something: `prefers_color_scheme="dark"`; nothing, if nothing is given."""
    given = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": given})


def one(chrome: Chrome, selector: str) -> WebElement:
    """The first element that a selector finds."""
    return chrome.find_element(By.CSS_SELECTOR, selector)


def choose(chrome: Chrome, selector: str, value: str) -> None:
    """Choose an option of a list."""
    chrome.execute_script(
        "const e = document.querySelector(arguments[0]); e.value = arguments[1];"
        "e.dispatchEvent(new Event('change', {bubbles: true}))",
        *(selector, value),
    )
