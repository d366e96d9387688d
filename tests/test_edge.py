"""Where the service agrees to listen, and whom it believes."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from tests.running import running
from twin.app import edge_at
from twin.config import Settings
from twin.errors import SetupError

BEHIND = {"public_url": "https://id.example.com", "trusted_proxies": "10.0.0.7, 10.1.0.0/16"}


@pytest.mark.parametrize("host", ["0.0.0.0", "", "::", "10.0.0.5", "twin.plant"])  # noqa: S104 - not bound here
def test_beyond_this_machine_it_listens_only_behind_tls(host: str) -> None:
    for settings in (
        Settings(),
        Settings(public_url="https://id.example.com"),
        Settings(public_url="http://id.example.com", trusted_proxies="10.0.0.7"),
        Settings(trusted_proxies="10.0.0.7"),
    ):
        with pytest.raises(SetupError, match="TWIN_ALLOW_INSECURE"):
            edge_at(settings, host)
    assert edge_at(Settings.model_validate(BEHIND), host).hosts == frozenset()
    assert edge_at(Settings(allow_insecure=True, hosts="Twin.plant"), host).hosts == {"twin.plant"}


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.9.9.9"])
def test_on_this_machine_it_answers_to_the_names_of_this_machine(host: str) -> None:
    assert edge_at(Settings(hosts="twin.plant"), host).hosts == {"localhost", "127.0.0.1", "[::1]", "twin.plant"}


@pytest.mark.parametrize(
    "wrong", [{"hosts": "https://twin.plant"}, {"hosts": "a b"}, {"trusted_proxies": "*"}, {"trusted_proxies": "proxy"}]
)
def test_a_setting_that_says_nothing_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="expected"):
        Settings.model_validate(wrong)


@pytest.mark.parametrize(("trusted", "believed"), [("", False), ("10.0.0.7", False), ("127.0.0.1", True)])
def test_only_a_trusted_proxy_says_that_a_request_came_over_tls(
    tmp_path: Path, trusted: str, *, believed: bool
) -> None:
    with running(tmp_path, "serve", TWIN_TRUSTED_PROXIES=trusted) as service:
        answer = httpx.get(f"{service.url}/healthz", headers={"x-forwarded-proto": "https"})
        refused = httpx.get(f"{service.url}/graphql", headers={"host": "evil.example"})
    assert ("strict-transport-security" in answer.headers) is believed
    assert refused.status_code == 421
