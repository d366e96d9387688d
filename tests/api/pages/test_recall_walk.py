"""A recall in a real browser: opened, published by another person, seen by the public, worked through, closed."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, TimeoutException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from tests.api.pages.browsing import phone
from tests.api.pages.test_accessibility import AXE, RUN
from tests.running import Running, running, twin

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SCREENSHOTS = os.environ.get("TWIN_SCREENSHOTS")
ASSET = """mutation($input: RegisterAssetInput!) { registerAsset(input: $input) { asset { id } errors { message } } }"""
CONSUME = """mutation($input: ConsumeMaterialInput!) { consumeMaterial(input: $input) { errors { message } } }"""
LABEL = """mutation($asset: ID!) { issueLabels(input: {labels: [{asset: $asset, profile: ASSET_TAG,
  face: [{name: "tag", value: "T-1"}]}]}) { labels { linkId } errors { message } } }"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service with data of its own."""
    with running(tmp_path_factory.mktemp("recall"), "serve") as made:
        yield made


@pytest.fixture(scope="module")
def keys(service: Running) -> dict[str, str]:
    """A key for each of two people."""
    made = {}
    for name, roles in (("ina", ("issuer",)), ("paul", ("approver", "operator"))):
        given = [word for role in roles for word in ("--role", role)]
        said = twin(service.data_dir, "keys", "add", name, *given)
        assert said.returncode == 0, said.stderr
        made[name] = said.stdout.split()[-1]
    return made


def asked(service: Running, key: str, document: str, **variables: Any) -> dict[str, Any]:
    """What a mutation answers that is made without errors."""
    headers = {"Authorization": f"Bearer {key}"}
    answer = httpx.post(f"{service.url}/graphql", json={"query": document, "variables": variables}, headers=headers)
    (payload,) = answer.json()["data"].values()
    assert payload["errors"] == []
    return dict(payload)


@pytest.fixture(scope="module")
def fleet(service: Running, keys: dict[str, str]) -> dict[str, str]:
    """A lot, and two cars with it: by name, the id and the link id."""
    ina, found = keys["ina"], dict[str, str]()
    for name, size in (("Brake hoses, lot 7", "LOT"), ("Car one", "ITEM"), ("Car two", "ITEM")):
        given = {"kind": "part" if size == "LOT" else "vehicle", "name": name, "granularity": size}
        found[name] = asked(service, ina, ASSET, input=given)["asset"]["id"]
    cars = [{"asset": found["Car one"]}, {"asset": found["Car two"]}]
    asked(service, ina, CONSUME, input={"materials": [{"asset": found["Brake hoses, lot 7"]}], "products": cars})
    for car in ("Car one", "Car two"):
        found[f"{car} label"] = asked(service, ina, LABEL, asset=found[car])["labels"][0]["linkId"]
    return found


def signed_in(browser: webdriver.Chrome, service: Running, key: str | None) -> None:
    """The browser has the session of one person, or of nobody."""
    browser.get(f"{service.url}/healthz")
    browser.delete_all_cookies()
    if key is not None:
        answer = httpx.post(f"{service.url}/session", headers={"Authorization": f"Bearer {key}"})
        answer.raise_for_status()
        browser.add_cookie({"name": "twin-session", "value": answer.cookies["twin-session"]})


def fill(browser: webdriver.Chrome, **fields: str) -> None:
    for name, text in fields.items():
        field = browser.find_element(By.NAME, name)
        field.clear()
        field.send_keys(text)


def press(browser: webdriver.Chrome, text: str) -> None:
    browser.find_element(By.XPATH, f"//button[normalize-space()='{text}']").click()


def heard(browser: webdriver.Chrome, sought: Callable[[str], bool]) -> str:
    """The text of the page, once it says what is waited for."""

    def said(_: object) -> str | None:
        text = browser.find_element(By.TAG_NAME, "body").text
        return text if sought(text) else None

    try:
        return str(WebDriverWait(browser, 30, ignored_exceptions=[StaleElementReferenceException]).until(said))
    except TimeoutException:
        pytest.fail(browser.find_element(By.TAG_NAME, "body").text)


def look(browser: webdriver.Chrome, name: str) -> None:
    """Nothing scrolls sideways and axe finds nothing, on the smallest phone and on a screen; pictures if wanted."""
    for width in (320, 1280):
        for dark in (False, True):
            with phone(browser, width, dark=dark):
                sideways = "return document.documentElement.scrollWidth > window.innerWidth"
                assert browser.execute_script(sideways) is False, name
                if AXE.exists():
                    browser.execute_script(AXE.read_text(encoding="utf-8"))
                    assert browser.execute_async_script(RUN) == [], name
                if SCREENSHOTS:
                    shot = browser.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
                    picture = f"recall-{name}-{width}-{'dark' if dark else 'light'}.png"
                    (Path(SCREENSHOTS) / picture).write_bytes(base64.b64decode(shot["data"]))


def test_a_recall_from_its_opening_to_its_end(
    browser: webdriver.Chrome, service: Running, keys: dict[str, str], fleet: dict[str, str]
) -> None:
    car, other, lot = fleet["Car one label"], fleet["Car two label"], fleet["Brake hoses, lot 7"]
    signed_in(browser, service, keys["ina"])
    browser.get(f"{service.url}/recalls")
    look(browser, "list")
    fill(
        browser, title="Brake hoses of lot 7", notice="Do not drive. See your dealer.", assets=lot, reason="They burst"
    )
    press(browser, "Open")

    def frozen(text: str) -> bool:
        if "being computed" in text:
            browser.refresh()
        return "somebody else publishes it" in text and "0 of 3" in text

    heard(browser, frozen)
    recall = browser.current_url
    look(browser, "frozen")
    assert "Car one" in heard(browser, lambda text: "Car two" in text)

    signed_in(browser, service, keys["paul"])
    browser.get(recall)
    press(browser, "Publish what is shown here")
    heard(browser, lambda text: "RECALL · PUBLISHED" in text)
    look(browser, "published")

    signed_in(browser, service, None)
    browser.get(f"{service.url}/L/{car}")
    assert "This is recalled." in heard(browser, lambda text: "Do not drive. See your dealer." in text)
    look(browser, "seen-by-the-public")
    browser.get(recall)
    assert "Brake hoses" not in browser.find_element(By.TAG_NAME, "body").text, "the set is not for the public"

    signed_in(browser, service, keys["paul"])
    for scanned, done in ((f"{service.url}/L/{car}", "Put right"), (other, "Put right"), (lot, "Destroyed")):
        browser.get(recall)
        field = browser.find_element(By.NAME, "item")
        assert field == browser.switch_to.active_element, "a scanner types where the cursor is"
        browser.find_element(By.XPATH, f"//option[normalize-space()='{done}']").click()
        field.send_keys(scanned, Keys.ENTER)
        assert f": {done}" in heard(browser, lambda text: "work has ended on" in text and ": " in text)
    browser.get(recall)
    look(browser, "worked-through")
    fill(browser, reason="All hoses are new")
    press(browser, "Close")
    heard(browser, lambda text: "RECALL · CLOSED" in text and "ended on 3 of 3" in text)
    look(browser, "closed")

    signed_in(browser, service, None)
    browser.get(f"{service.url}/L/{car}")
    assert "recalled" not in heard(browser, lambda text: "not in use yet" in text)


def test_a_scan_of_something_else_says_so_and_loses_nothing(
    browser: webdriver.Chrome, service: Running, keys: dict[str, str]
) -> None:
    opened = """mutation($input: OpenRecallInput!) { openRecall(input: $input) { recall { id } errors { message } } }"""
    things = [
        asked(service, keys["ina"], ASSET, input={"kind": "part", "name": name})["asset"]["id"]
        for name in ("In it", "Not in it")
    ]
    given = {"title": "One", "notice": "x", "reason": "x", "criteria": {"assets": [things[0]]}}
    recall = asked(service, keys["ina"], opened, input=given)["recall"]["id"]
    signed_in(browser, service, keys["paul"])
    page = f"{service.url}/recalls/{recall}"

    def frozen(text: str) -> bool:
        if "Publish what is shown here" not in text:
            browser.refresh()
        return "Publish what is shown here" in text

    browser.get(page)
    heard(browser, frozen)
    press(browser, "Publish what is shown here")
    heard(browser, lambda text: "RECALL · PUBLISHED" in text)
    browser.find_element(By.NAME, "item").send_keys(things[1], Keys.ENTER)
    heard(browser, lambda text: "it is not recalled by it" in text)
    browser.find_element(By.NAME, "item").send_keys(things[0], Keys.ENTER)
    heard(browser, lambda text: ": Owner told" in text)
