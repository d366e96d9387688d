"""The pages in a real browser, against a real demo."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from tests.api.pages.browsing import phone

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SCROLLS = "return document.documentElement.scrollWidth > window.innerWidth"
BROKEN_IMAGES = "return [...document.images].filter(image => !image.naturalWidth).length"


@pytest.fixture(autouse=True)
def quiet(browser: webdriver.Chrome, demo: str) -> Iterator[None]:
    """Nothing that a test does makes the browser complain or ask another host."""
    browser.get("about:blank")
    log(browser, "browser")
    log(browser, "performance")
    yield
    assert log(browser, "browser") == []
    asked = {urlsplit(address) for address in requests_of(browser)}
    assert {address.netloc for address in asked if address.scheme not in ("data", "about")} <= {urlsplit(demo).netloc}


def log(browser: webdriver.Chrome, kind: str) -> list[dict[str, Any]]:
    """What the browser has noted since the last look."""
    return list(browser.get_log(kind))  # type: ignore[no-untyped-call]


def requests_of(browser: webdriver.Chrome) -> list[str]:
    """Every address that was asked for since the last look."""
    messages = [json.loads(entry["message"])["message"] for entry in log(browser, "performance")]
    sent = [message["params"] for message in messages if message["method"] == "Network.requestWillBeSent"]
    return [params["request"]["url"] for params in sent]


def test_the_demo_has_a_label_in_each_state_to_look_at(labels: dict[str, str]) -> None:
    assert len(labels) >= 8


@pytest.mark.parametrize("keyed", [False, True], ids=["public", "keyed"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_state_fits_the_smallest_phone(
    browser: webdriver.Chrome, demo: str, labels: dict[str, str], *, dark: bool, keyed: bool
) -> None:
    with phone(browser, 320, dark=dark, keyed=keyed):
        for state, link_id in labels.items():
            browser.get(f"{demo}/L/{link_id}")
            assert browser.execute_script(SCROLLS) is False, state
            assert browser.execute_script(BROKEN_IMAGES) == 0, state
            (headline,) = browser.find_elements(By.TAG_NAME, "h1")
            assert headline.is_displayed()
            assert headline.rect["y"] < 300, "the verdict is what one sees first"
            shown = browser.find_element(By.CSS_SELECTOR, ".symbol img").value_of_css_property("background-color")
            assert shown == "rgba(255, 255, 255, 1)", "a symbol is dark on light, also in the dark"


def test_the_page_is_whole_without_javascript(browser: webdriver.Chrome, demo: str, labels: dict[str, str]) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(f"{demo}/L/{labels['VERIFIED STALE']}")
        text = browser.find_element(By.TAG_NAME, "body").text
        assert "This label is out of date." in text
        assert len(browser.find_elements(By.CSS_SELECTOR, "ol.history > li")) == 5
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_one_gets_from_a_replaced_label_to_the_newer_one_by_keyboard(
    browser: webdriver.Chrome, demo: str, labels: dict[str, str]
) -> None:
    with phone(browser, 390, keyed=True):
        browser.get(f"{demo}/L/{labels['REPLACED REPLACED']}")
        browser.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
        focused = browser.switch_to.active_element
        assert focused.text.startswith("Go to the newer label")
        assert focused.value_of_css_property("outline-style") == "solid"
        focused.send_keys(Keys.ENTER)
        until(browser, lambda: "not in use yet" in browser.find_element(By.TAG_NAME, "h1").text)


def test_graphiql_runs_its_first_query_with_the_demo_key(browser: webdriver.Chrome, demo: str) -> None:
    browser.get(f"{demo}/graphql")
    until(browser, lambda: "Bearer demo" in text_of(browser, ".graphiql-editor-tool"))
    for _ in range(2):  # what the browser remembers of the first time does no harm
        browser.find_element(By.CSS_SELECTOR, ".graphiql-execute-button").click()
        until(browser, lambda: '"outcome"' in text_of(browser, ".result-window"))
        assert "errors" not in text_of(browser, ".result-window")
        browser.refresh()
        until(browser, lambda: bool(text_of(browser, ".graphiql-query-editor")))


@pytest.mark.parametrize("width", [390, 1280])
def test_graphiql_opens_its_dialogs_and_docs_under_its_policy(browser: webdriver.Chrome, demo: str, width: int) -> None:
    with phone(browser, width):
        browser.get(f"{demo}/graphql")
        for label in ("Open settings dialog", "Open short keys dialog"):
            press(browser, label)
            until(browser, lambda: bool(browser.find_elements(By.CSS_SELECTOR, "[role=dialog]")))
            browser.switch_to.active_element.send_keys(Keys.ESCAPE)
            until(browser, lambda: not browser.find_elements(By.CSS_SELECTOR, "[role=dialog]"))
        press(browser, "Show Documentation Explorer")
        until(browser, lambda: "Query" in text_of(browser, ".graphiql-plugin"))


def press(browser: webdriver.Chrome, label: str) -> None:
    """Press a button by its label, once it is there."""
    selector = f"button[aria-label='{label}']"
    until(browser, lambda: bool(browser.find_elements(By.CSS_SELECTOR, selector)))
    browser.execute_script("arguments[0].click()", browser.find_element(By.CSS_SELECTOR, selector))


def text_of(browser: webdriver.Chrome, selector: str) -> str:
    """What stands in all such elements."""
    script = "return [...document.querySelectorAll(arguments[0])].map(found => found.innerText).join()"
    return str(browser.execute_script(script, selector))


def until(browser: webdriver.Chrome, holds: Callable[[], bool]) -> None:
    """Wait for it."""
    WebDriverWait(browser, 20).until(lambda _: holds())
