"""A real browser, and a real demo to look at."""

from __future__ import annotations

import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from selenium import webdriver

from tests.api.pages.browsing import KEYED

LABELS = "{ labels(first: 100) { edges { node { linkId state outcome } } } }"
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
START_SECONDS = 120


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demo with data of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TWIN_")}
    environment["TWIN_RATE_ANONYMOUS"] = "0"
    environment["TWIN_DATA_DIR"] = str(tmp_path_factory.mktemp("demo"))
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("twin")), "demo", "--port", "0"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield _address(process)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def _address(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    said, deadline = b"", time.monotonic() + START_SECONDS
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while time.monotonic() < deadline:
            if not selector.select(timeout=1):
                continue
            chunk = os.read(process.stdout.fileno(), 65_536)
            said += chunk
            if found := re.search(rb"(http://\S+)/graphql\s", said):
                return found[1].decode()
            if not chunk:
                break
    pytest.fail(f"the demo did not start:\n{said.decode(errors='replace')}")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """Headless Chromium, as Debian packages it."""
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("no chromium or chromedriver: the pages in a browser are left out (Debian: chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={tmp_path_factory.mktemp('chromium')}",
    ):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


@pytest.fixture(scope="module")
def labels(demo: str) -> dict[str, str]:
    """A link id for each state and outcome that the demo has."""
    found = httpx.post(f"{demo}/graphql", json={"query": LABELS}, headers=KEYED).json()["data"]["labels"]["edges"]
    return {f"{edge['node']['state']} {edge['node']['outcome']}": edge["node"]["linkId"] for edge in found}
