"""The page of an asset that has no label: every form of it, redacted alike."""

from __future__ import annotations

import json
import re

import httpx
import pytest

from tests.api.resolving import LINKSET, VOC, give, link, new_gtin
from tests.conftest import PUBLIC_URL, Bench
from tests.services.factory import new_asset, new_vin
from twin.domain.actor import Actor, Audience

pytestmark = pytest.mark.anyio

FORMS = ("text/html", "application/json", "application/ld+json", LINKSET)


@pytest.fixture
async def bare(bench: Bench, actor: Actor) -> tuple[str, str, str]:
    """The path of the page of an item without a label, its GTIN, and its VIN, which is not public."""
    gtin, vin = new_gtin(), new_vin()
    links = (
        link("pip", "https://brand.example/manual?a=1&b=2", title="Manual </script>", hreflang=("en",)),
        link("serviceInfo", title="Repair notes", audience=Audience.INTERNAL),
    )
    await give(bench, actor, f"01/{gtin}", *links)
    await new_asset(bench, actor, f"gs1:01/{gtin}/21/S7", f"vin:{vin}")
    return f"/A/01/{gtin}/21/S7", gtin, vin


async def test_each_form_has_its_type_and_an_etag_of_its_own(
    anonymous: httpx.AsyncClient, bare: tuple[str, str, str]
) -> None:
    tags = set()
    for accept in FORMS:
        answer = await anonymous.get(bare[0], headers={"accept": accept})
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, accept)
        assert answer.headers["vary"] == "Accept, Accept-Language, Accept-Encoding, Authorization, Cookie"
        assert answer.headers["cache-control"] == "no-cache, must-revalidate"
        again = await anonymous.get(bare[0], headers={"accept": accept, "if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        tags.add(answer.headers["etag"])
    assert len(tags) == len(FORMS)


@pytest.mark.parametrize("accept", ["*/*", "", "text/html, application/json;q=0.9, */*", "image/png"])
async def test_who_asks_for_nothing_of_it_gets_the_page(
    anonymous: httpx.AsyncClient, bare: tuple[str, str, str], accept: str
) -> None:
    answer = await anonymous.get(bare[0], headers={"accept": accept})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


async def test_machines_get_what_the_page_says(anonymous: httpx.AsyncClient, bare: tuple[str, str, str]) -> None:
    path, gtin, _ = bare
    answers = [(await anonymous.get(path, headers={"accept": accept})) for accept in FORMS]
    page, plain, data, links = answers[0].text, *(answer.json() for answer in answers[1:])
    url = f"{PUBLIC_URL}{path}"
    assert (plain["url"], plain["path"]) == (url, path.removeprefix("/A/"))
    assert plain["asset"] == {"kind": "tool", "granularity": "ITEM", "name": "A drill"}
    assert (plain["revision"], len(plain["hash"])) == (1, 64)
    assert [one["href"] for one in plain["links"]] == ["https://brand.example/manual?a=1&b=2"]
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert json.loads(block) == data
    assert (data["@id"], data["about"]["name"], data["about"]["gs1:gtin"]) == (url, "A drill", gtin)
    [linkset] = links["linkset"]
    assert linkset["anchor"] == url
    assert linkset[f"{VOC}defaultLink"] == [{"href": url, "title": "A drill"}]
    assert linkset[f"{VOC}pip"][0]["href"] == "https://brand.example/manual?a=1&b=2"
    assert 'href="https://brand.example/manual?a=1&amp;b=2"' in page
    assert "Manual &lt;/script" in page


async def test_every_form_shows_the_public_what_is_public(
    anonymous: httpx.AsyncClient, client: httpx.AsyncClient, bare: tuple[str, str, str]
) -> None:
    path, _, vin = bare
    for accept in FORMS:
        public, inside = [(await one.get(path, headers={"accept": accept})) for one in (anonymous, client)]
        assert vin not in public.text, accept
        assert "Repair notes" not in public.text, accept
        assert "Repair notes" in inside.text or accept == "application/ld+json", accept
        assert public.headers["etag"] != inside.headers["etag"], accept
    assert vin in (await client.get(path, headers={"accept": "application/json"})).text


async def test_it_comes_in_the_language_that_is_wanted(
    anonymous: httpx.AsyncClient, bare: tuple[str, str, str]
) -> None:
    for accept in ("text/html", "application/ld+json"):
        english, german = [
            await anonymous.get(bare[0], headers={"accept": accept, "accept-language": tag}) for tag in ("en", "de")
        ]
        assert (english.headers["content-language"], german.headers["content-language"]) == ("en", "de")
        assert "We know this item" in english.text
        assert "Wir kennen dieses Stück" in german.text


async def test_what_is_not_known_is_a_problem_of_the_form_that_was_asked_for(anonymous: httpx.AsyncClient) -> None:
    for path, status in ((f"/A/01/{new_gtin()}", 404), ("/A/01/1", 400)):
        for accept in FORMS:
            answer = await anonymous.get(path, headers={"accept": accept})
            assert answer.status_code == status
            form = "text/html" if accept == "text/html" else "application/json"
            assert answer.headers["content-type"].startswith(form)
