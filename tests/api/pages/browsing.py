"""A screen to look at pages on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from selenium import webdriver

KEYED = {"Authorization": "Bearer demo"}


@contextmanager
def phone(
    browser: webdriver.Chrome, width: int, *, dark: bool = False, keyed: bool = False, language: str = "en"
) -> Iterator[None]:
    """A screen of that many CSS pixels across."""

    def tell(command: str, **arguments: Any) -> None:
        browser.execute_cdp_cmd(command, arguments)

    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    tell("Emulation.setDeviceMetricsOverride", width=width, height=700, deviceScaleFactor=1, mobile=True)
    tell("Emulation.setEmulatedMedia", features=[scheme])
    tell("Network.enable")
    tell("Network.setExtraHTTPHeaders", headers={"Accept-Language": language, **(KEYED if keyed else {})})
    try:
        yield
    finally:
        tell("Emulation.clearDeviceMetricsOverride")
        tell("Emulation.setEmulatedMedia", features=[])
        tell("Network.setExtraHTTPHeaders", headers={})
