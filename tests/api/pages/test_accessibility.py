"""What axe-core finds in a real browser, on every page and in every state: nothing (WCAG 2.2 AA and best practice)."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from selenium import webdriver

from tests.api.pages.browsing import KEYED, phone

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

AXE = Path(__file__).parents[3] / "node_modules" / "axe-core" / "axe.min.js"
RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
  .then(found => done(found.violations.map(one => one.id + ": " + one.nodes.map(node => node.html).join(" | "))));
"""
SCREENSHOTS = os.environ.get("TWIN_SCREENSHOTS")
GTIN = "09506000134352"
ITEM = """mutation($serial: String!) { registerAsset(input: {kind: "drill", name: "A drill", identifiers: [$serial],
  attributes: [{name: "partNumber", value: "DRL-7"}]}) { errors { message } } }"""
LINKS = """mutation($level: String!) { setLinks(input: {identifier: $level, expectedRevision: 0, description: "A drill",
  links: [{type: "gs1:pip", title: "Manual", href: "https://brand.example/1", hreflang: ["en"], isDefault: true},
  {type: "gs1:pip", title: "Handbuch", href: "https://brand.example/2", hreflang: ["de"]},
  {type: "gs1:serviceInfo", title: "Service", href: "https://brand.example/3"},
  {type: "gs1:serviceInfo", title: "Repair", href: "https://brand.example/4"}]}) { errors { message } } }"""
LABEL = """mutation($asset: ID!) { issueLabels(input: {labels: [{asset: $asset, profile: ASSET_TAG,
  face: [{name: "tag", value: "T-1"}]}]}) { labels { linkId } errors { message } } }"""


def asked(demo: str, document: str, **variables: str) -> dict[str, Any]:
    """What a mutation answers that is made without errors."""
    answer = httpx.post(f"{demo}/graphql", json={"query": document, "variables": variables}, headers=KEYED).json()
    (payload,) = answer["data"].values()
    assert payload["errors"] == []
    return dict(payload)


@pytest.fixture(scope="module")
def pages(demo: str, labels: dict[str, str]) -> dict[str, str]:
    """Every page and state that the demo can show, by name."""
    if not AXE.exists():
        pytest.skip("no axe-core: accessibility is left out (npm install --no-save axe-core@4.14.1)")
    asked(demo, ITEM, serial=f"gs1:01/{GTIN}/21/S")
    asked(demo, ITEM, serial=f"gs1:01/{GTIN}/21/T")
    asked(demo, LINKS, level=f"01/{GTIN}")
    linked = asked(demo, LABEL, asset=f"gs1:01/{GTIN}/21/T")["labels"][0]["linkId"]
    return {
        **{state.replace(" ", "-").lower(): f"{demo}/L/{link_id}" for state, link_id in labels.items()},
        "linked": f"{demo}/L/{linked}",
        "unknown": f"{demo}/L/0123456789ABC8",
        "nowhere": f"{demo}/01/123",
        "unlabelled": f"{demo}/A/01/{GTIN}/21/S",
        "choices": f"{demo}/01/{GTIN}?linkType=gs1:serviceInfo",
        "sign-in": f"{demo}/sign-in?next=/L/{linked}",
    }


@pytest.fixture(autouse=True)
def left_as_it_was(browser: webdriver.Chrome) -> Iterator[None]:
    """The next test begins on no page."""
    yield
    browser.get("about:blank")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_axe_finds_nothing(browser: webdriver.Chrome, pages: dict[str, str], width: int, *, dark: bool) -> None:
    found: dict[str, Any] = {}
    language = "de" if dark else "en"
    for keyed in (False, True):
        with phone(browser, width, dark=dark, keyed=keyed, language=language):
            for name, address in pages.items():
                browser.get(address)
                assert browser.execute_script("return document.documentElement.lang") == language, name
                browser.execute_script(AXE.read_text(encoding="utf-8"))
                if violations := browser.execute_async_script(RUN):
                    found[f"{name}, {'keyed' if keyed else 'public'}"] = violations
                if SCREENSHOTS:
                    shot(browser, f"{name}-{width}-{'dark' if dark else 'light'}-{language}-{keyed}")
    assert found == {}


def test_axe_would_find_something(browser: webdriver.Chrome, pages: dict[str, str]) -> None:
    browser.get(pages["unknown"])
    browser.execute_script("document.documentElement.lang = ''; document.querySelector('h1').style.color = '#456'")
    browser.execute_script(AXE.read_text(encoding="utf-8"))
    found = {line.partition(":")[0] for line in browser.execute_async_script(RUN)}
    assert {"html-has-lang", "color-contrast"} <= found


def shot(browser: webdriver.Chrome, name: str) -> None:
    """The whole page as a picture, in the folder of TWIN_SCREENSHOTS, for people to look at."""
    height = browser.execute_script("return document.documentElement.scrollHeight")
    width = browser.execute_script("return window.innerWidth")
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
    taken = browser.execute_cdp_cmd("Page.captureScreenshot", {"clip": clip, "captureBeyondViewport": True})
    Path(str(SCREENSHOTS), f"{name}.png").write_bytes(base64.b64decode(taken["data"]))
