"""Signing in and out by forms: from a page of ours alone, to a page of ours alone; in a real browser over TLS."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.wait import WebDriverWait

from tests.api.graphql.calls import Ask, issued
from tests.api.pages.browsing import phone
from tests.api.pages.test_accessibility import AXE, RUN
from tests.conftest import KEY, PUBLIC_URL, Bench, bench_on, client_on
from tests.running import Running, running
from twin.api.cookies import PLAIN_NAME, SECURE_NAME
from twin.api.pages.sign_in import onward_from

pytestmark = pytest.mark.anyio

OURS = {"sec-fetch-site": "same-origin"}
FORM = {**OURS, "content-type": "application/x-www-form-urlencoded"}
NOT_OURS: list[dict[str, str]] = [
    {},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "none"},
    {"origin": "null"},
    {"origin": "https://evil.example"},
    {"sec-fetch-site": "cross-site", "origin": PUBLIC_URL},
]
ELSEWHERE = [
    "",
    "L/x",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "/L/x\r\nSet-Cookie: a=b",
    "/L/\u2028x",
    " //evil.example",
    "\t//evil.example",
    "/" + "x" * 2000,
]
SCREENSHOTS = os.environ.get("TWIN_SCREENSHOTS")


@pytest.fixture(scope="module")
async def bench(mongo_uri: str) -> Any:
    """Services at the time that it is: mongod takes out what has expired by its own clock."""
    async with bench_on(mongo_uri) as made:
        made.clock.now = datetime.now(UTC)
        yield made


async def signed_in(client: httpx.AsyncClient, key: str = KEY, onward: str = "", **headers: str) -> httpx.Response:
    return await client.post("/sign-in", data={"key": key, "next": onward}, headers={**OURS, **headers})


async def test_a_key_is_exchanged_for_a_session_and_the_page_shows_more(
    anonymous: httpx.AsyncClient, bench: Bench, query: Ask
) -> None:
    label = await issued(query)
    path = f"/L/{label['linkId']}"
    page = await anonymous.get("/sign-in", params={"next": path})
    assert (page.status_code, page.headers["cache-control"], page.headers["referrer-policy"]) == (
        200,
        "no-store",
        "same-origin",
    )
    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert "<script" not in page.text
    assert f'name="next" value="{path}"' in page.text
    before = (await anonymous.get(path)).text
    answer = await signed_in(anonymous, f" {KEY} ", path)
    assert (answer.status_code, answer.headers["location"], answer.headers["cache-control"]) == (
        303,
        f".{path}",
        "no-store",
    )
    assert answer.headers["set-cookie"].startswith(f"{PLAIN_NAME}=")
    assert "HttpOnly; SameSite=Lax" in answer.headers["set-cookie"]
    after = (await anonymous.get(path)).text
    async with client_on(bench) as keyed:
        assert after == (await keyed.get(path)).text != before
    assert '<strong class="code">demo</strong>' in (await anonymous.get("/sign-in")).text
    out = await anonymous.post("/signout", data={"next": path}, headers=OURS)
    assert (out.status_code, out.headers["location"]) == (303, f".{path}")
    assert (await anonymous.get(path)).text == before
    await bench.services.audit_log.flush()
    rows = bench.mongo.collection("audit_log").find({"operation": {"$in": ["POST /sign-in", "POST /signout"]}})
    assert {(row["actor"], row["operation"], row["outcome"]) for row in await rows.to_list(None)} >= {
        ("demo", "POST /sign-in", "done"),
        ("demo", "POST /signout", "done"),
    }


@pytest.mark.parametrize("language", ["en", "de"])
async def test_a_key_that_is_none_is_told_so_and_is_in_no_answer(bench: Bench, language: str) -> None:
    async with client_on(bench, key=None) as client:
        answer = await signed_in(client, "made-up-key", "/L/x", **{"accept-language": language})
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert ("Nobody holds this key" if language == "en" else "Diesen Schlüssel hat niemand") in answer.text
        assert "made-up-key" not in answer.text
        assert 'value="/L/x"' in answer.text
        assert "set-cookie" not in answer.headers
        empty = await signed_in(client, " ")
        assert (empty.status_code, "set-cookie" in empty.headers) == (400, False)
        many = await client.post("/sign-in", content="&".join(f"a{n}=1" for n in range(9)), headers=FORM)
        assert many.status_code == 400
        assert (await client.post("/sign-in", content=b"key=\xff", headers=FORM)).status_code == 400
        assert (await client.post("/sign-in", json={"key": KEY}, headers=OURS)).status_code == 400
    await bench.services.audit_log.flush()
    rows = bench.mongo.collection("audit_log").find({"operation": "POST /sign-in", "outcome": "UNAUTHENTICATED"})
    assert await rows.to_list(None)


@pytest.mark.parametrize("headers", NOT_OURS)
async def test_a_page_of_others_signs_nobody_in_or_out(bench: Bench, headers: dict[str, str]) -> None:
    async with client_on(bench, key=None) as client:
        answer = await client.post("/sign-in", data={"key": KEY}, headers=headers)
        assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
        await signed_in(client)
        refused = await client.post("/signout", headers=headers)
        assert (refused.status_code, "set-cookie" in refused.headers) == (403, False)
        assert (await client.get("/session")).json()["actor"] == "demo"


@pytest.mark.parametrize("onward", ELSEWHERE)
async def test_nobody_is_led_elsewhere(bench: Bench, onward: str) -> None:
    assert onward_from(onward) == "./sign-in"
    async with client_on(bench, key=None) as client:
        answer = await signed_in(client, KEY, onward)
        assert (answer.status_code, answer.headers["location"]) == (303, "./sign-in")
        page = (await client.get("/sign-in", params={"next": onward})).text
        assert "evil" not in page
        assert "javascript:" not in page


@pytest.mark.parametrize(
    "onward", ["/L/x", "/", "/javascript:alert(1)", "/.//evil.example", "/..//evil.example", "/@evil.example"]
)
def test_wherever_somebody_is_led_it_is_this_host(onward: str) -> None:
    assert urlsplit(urljoin("https://id.example.com/sign-in", onward_from(onward))).netloc == "id.example.com"


@pytest.fixture(scope="module")
def over_tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A demo that speaks HTTPS."""
    with running(tmp_path_factory.mktemp("tls"), "demo", "--https") as service:
        yield service


@pytest.fixture
def browser_over_tls(browser: webdriver.Chrome) -> Iterator[webdriver.Chrome]:
    """The browser, which takes the demo's certificate for what it is."""
    browser.execute_cdp_cmd("Security.setIgnoreCertificateErrors", {"ignore": True})
    yield browser
    browser.get("about:blank")
    browser.execute_cdp_cmd("Security.setIgnoreCertificateErrors", {"ignore": False})


def axe(browser: webdriver.Chrome, name: str) -> list[str]:
    if SCREENSHOTS:
        taken = browser.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
        Path(SCREENSHOTS, f"{name}.png").write_bytes(base64.b64decode(taken["data"]))
    if not AXE.exists():
        pytest.skip("no axe-core: accessibility is left out (npm install --no-save axe-core@4.14.1)")
    browser.execute_script(AXE.read_text(encoding="utf-8"))
    return [str(each) for each in browser.execute_async_script(RUN)]


def sent(browser: webdriver.Chrome) -> None:
    """Send the form, and wait for the next page."""
    button = browser.find_element(By.CSS_SELECTOR, "form button")
    button.click()
    # In the moment in which the page goes, the driver may have another error than that the button is stale.
    WebDriverWait(browser, 30, ignored_exceptions=[WebDriverException]).until(staleness_of(button))


def fill(browser: webdriver.Chrome, key: str) -> None:
    browser.find_element(By.NAME, "key").send_keys(key)
    sent(browser)


@pytest.mark.browser
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_a_person_signs_in_and_out_in_a_browser(
    browser_over_tls: webdriver.Chrome, over_tls: Running, width: int, *, dark: bool
) -> None:
    browser, found, language = browser_over_tls, list[str](), "de" if dark else "en"
    look = f"{width}-{'dark' if dark else 'light'}"
    label = over_tls.said.partition("a twin page   ")[2].split()[0]
    with phone(browser, width, dark=dark, language=language):
        browser.get(label)
        public = browser.find_element(By.TAG_NAME, "main").text
        browser.find_element(By.PARTIAL_LINK_TEXT, "abmelden" if dark else "Sign in").click()
        found += axe(browser, f"sign-in-{look}")
        fill(browser, "made up")
        assert urlsplit(browser.current_url).path == "/sign-in"
        assert browser.find_element(By.ID, "wrong").is_displayed()
        found += axe(browser, f"wrong-{look}")
        assert browser.execute_script("return document.documentElement.scrollWidth > window.innerWidth") is False
        assert browser.get_cookies() == []
        fill(browser, "demo")
        assert browser.current_url == label
        [cookie] = browser.get_cookies()
        assert (cookie["name"], cookie["secure"], cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (
            SECURE_NAME,
            True,
            True,
            "Lax",
            "/",
        )
        assert browser.execute_script("return document.cookie") == ""
        assert len(browser.find_element(By.TAG_NAME, "main").text) > len(public)
        browser.find_element(By.PARTIAL_LINK_TEXT, "abmelden" if dark else "Sign in").click()
        found += axe(browser, f"signed-in-{look}")
        sent(browser)
        assert browser.current_url == label
        assert browser.get_cookies() == []
        assert browser.find_element(By.TAG_NAME, "main").text == public
    assert found == []
