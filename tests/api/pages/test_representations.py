"""The twin page by language and by media type: who asks for what gets it, redacted alike."""

from __future__ import annotations

import gzip
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.pages.lives import issued, link_id, lived, revised
from tests.api.resolving import new_gtin
from tests.conftest import Bench, bench_on, client_on
from tests.services.factory import new_asset, new_vin
from twin.domain.actor import Actor, Audience
from twin.domain.history import Command
from twin.domain.links import VOCABULARY, Link
from twin.services.labels import Order
from twin.services.links import Order as LinksOrder
from twin.services.signing import Signer

pytestmark = pytest.mark.anyio

PIP = f"{VOCABULARY}pip"
MOST_BYTES = 50_000


def linked_data(page: str) -> dict[str, Any]:
    """What a page says in its data block."""
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    return dict(json.loads(block))


async def plate(bench: Bench, actor: Actor) -> tuple[str, str]:
    """The link id of a VIN plate, and the VIN."""
    vin = new_vin()
    order = Order(await new_asset(bench, actor, f"vin:{vin}"), "vin_plate", {"manufacturer": "Maker & <Sons>"})
    return link_id((await bench.services.labels.issue(actor, [order], Command()))[0]), vin


async def drill(bench: Bench, actor: Actor) -> tuple[str, str]:
    """The link id of a label on a drill with public and internal links at its product, and its GTIN."""
    gtin = new_gtin()
    links = (
        Link(PIP, "Manual </script>", "https://brand.example/manual?a=1&b=2", ("en",), "text/html", default=True),
        Link(f"{VOCABULARY}serviceInfo", "Repair notes", "https://brand.example/s", audience=Audience.INTERNAL),
    )
    await bench.services.links.set(actor, LinksOrder(f"01/{gtin}", "A drill", links, 0), Command())
    order = Order(await new_asset(bench, actor, f"gs1:01/{gtin}/21/S7"), "asset_tag", {"tag": "T-1"})
    return link_id((await bench.services.labels.issue(actor, [order], Command()))[0]), gtin


async def test_the_page_comes_in_the_language_that_is_wanted(
    bench: Bench, anonymous: httpx.AsyncClient, actor: Actor
) -> None:
    path = f"/L/{link_id(await lived(bench, actor, 'stale'))}"
    english = await anonymous.get(path, headers={"accept-language": "fr, en;q=0.5"})
    german = await anonymous.get(path, headers={"accept-language": "de-AT, en;q=0.5"})
    assert (english.headers["content-language"], german.headers["content-language"]) == ("en", "de")
    assert '<html lang="en">' in english.text
    assert '<html lang="de">' in german.text
    assert "Dieses Etikett ist veraltet." in german.text
    assert "<dt>Inventarnummer</dt>" in german.text
    assert "This label" not in german.text
    assert english.headers["etag"] != german.headers["etag"]
    assert 'href="?lang=de" lang="de" hreflang="de">Deutsch' in english.text
    switched = await anonymous.get(path, params={"lang": "de"})
    assert switched.headers["etag"] == german.headers["etag"]
    crossed = await anonymous.get(path, headers={"accept-language": "de", "if-none-match": english.headers["etag"]})
    assert crossed.status_code == 200


async def test_problems_come_in_the_language_too(anonymous: httpx.AsyncClient) -> None:
    headers = {"accept": "text/html", "accept-language": "de"}
    unknown = await anonymous.get("/L/0123456789ABC8", headers=headers)
    nowhere = await anonymous.get("/01/123", headers=headers)
    for answer, said in ((unknown, "Dieses Etikett kennen wir nicht."), (nowhere, "Dieser Code führt nirgendwohin.")):
        assert answer.headers["content-language"] == "de"
        assert "Accept-Language" in answer.headers["vary"]
        assert said in answer.text
    assert '<p lang="en">' in nowhere.text, "what is wrong with it is said in English"


async def test_the_public_gets_a_shortened_vin_by_every_door(
    bench: Bench, anonymous: httpx.AsyncClient, client: httpx.AsyncClient, actor: Actor
) -> None:
    known, vin = await plate(bench, actor)
    face = "face { value }"
    query = {
        "query": f'{{ label(linkId: "{known}") {{ {face} history {{ edges {{ node {{ label {{ {face} }} }} }} }} }} }}'
    }
    for accept in ("text/html", "application/json", "application/ld+json", "application/linkset+json"):
        answer = await anonymous.get(f"/L/{known}", headers={"accept": accept})
        assert vin not in answer.text, accept
    assert f"{vin[:3]}…{vin[-4:]}" in (await anonymous.get(f"/L/{known}")).text
    assert vin in (await client.get(f"/L/{known}")).text
    public, inside = [await one.post("/graphql", json=query) for one in (anonymous, client)]
    assert f"{vin[:3]}…{vin[-4:]}" in public.text
    assert vin not in public.text
    assert inside.text.count(vin) == 2


async def test_documents_are_those_of_the_callers_audiences(
    bench: Bench, anonymous: httpx.AsyncClient, client: httpx.AsyncClient, actor: Actor
) -> None:
    known, gtin = await drill(bench, actor)
    public, inside = [(await one.get(f"/L/{known}")).text for one in (anonymous, client)]
    assert 'href="https://brand.example/manual?a=1&amp;b=2" rel="noreferrer" hreflang="en">Manual &lt;/script' in public
    assert "Repair notes" not in public
    assert "Repair notes" in inside
    assert gtin not in public, "which one it is on is not public"
    assert linked_data(inside)["about"]["gs1:gtin"] == gtin
    assert linked_data(inside)["about"]["gs1:hasSerialNumber"] == "S7"
    assert linked_data(public)["significantLink"] == ["https://brand.example/manual?a=1&b=2"]


async def test_machines_get_json_json_ld_and_a_link_set(
    bench: Bench, anonymous: httpx.AsyncClient, actor: Actor
) -> None:
    known, _ = await drill(bench, actor)
    answers = {}
    for media_type in ("application/json", "application/ld+json", "application/linkset+json"):
        answer = await anonymous.get(f"/L/{known}", headers={"accept": media_type})
        assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
        assert answer.headers["vary"] == "Accept, Accept-Language, Accept-Encoding, Authorization, Cookie"
        seen = {"accept": media_type, "if-none-match": answer.headers["etag"]}
        assert (await anonymous.get(f"/L/{known}", headers=seen)).status_code == 304
        answers[media_type] = answer.json()
    plain, data, links = answers.values()
    assert (plain["linkId"], plain["outcome"], plain["revision"]) == (known, "NOT_YET_APPLIED", 1)
    assert plain["asset"].keys() == {"kind", "granularity", "name"}
    assert plain["history"][0].keys() == {"revision", "action", "hash", "occurredAt", "recordedAt"}
    assert (data["@type"], data["url"]) == ("WebPage", plain["url"])
    [linkset] = links["linkset"]
    assert linkset["anchor"] == plain["url"]
    assert [link["href"] for link in linkset[PIP]] == ["https://brand.example/manual?a=1&b=2"]


@pytest.mark.parametrize("accept", ["*/*", "text/html, application/json;q=0.9, */*", "image/png", "", "nonsense;;;"])
async def test_who_asks_for_nothing_of_it_gets_the_page(
    bench: Bench, anonymous: httpx.AsyncClient, actor: Actor, accept: str
) -> None:
    answer = await anonymous.get(f"/L/{link_id(await issued(bench, actor))}", headers={"accept": accept})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


async def test_the_preview_of_a_link_says_how_good_the_label_is(
    bench: Bench, anonymous: httpx.AsyncClient, actor: Actor
) -> None:
    page = (await anonymous.get(f"/L/{link_id(await lived(bench, actor, 'void'))}")).text
    assert '<meta property="og:title" content="This label is void.">' in page
    assert '<meta property="og:description" content="It is not valid' in page


async def test_the_proof_names_the_newest_checkpoint_and_says_what_came_later(
    mongo_uri: str, tmp_path: Path, actor: Actor
) -> None:
    async with bench_on(mongo_uri, Signer(tmp_path / "key.pem", make=True)) as bench, client_on(bench, key=None) as ask:
        label = await issued(bench, actor)
        path = f"/L/{link_id(label)}"
        before = await ask.get(path)
        assert label["hash"] in before.text
        assert "None was signed yet." in before.text
        await bench.services.audit.checkpoint(actor)
        after = await ask.get(path, headers={"if-none-match": before.headers["etag"]})
        assert "Number 1, signed <time" in after.text
        assert "This revision is newer" not in after.text
        bench.clock.now += timedelta(hours=1)
        await revised(bench, actor, label, {"owner": "New works"})
        assert "This revision is newer" in (await ask.get(path)).text


async def test_a_page_with_all_that_it_can_show_is_small_on_the_wire(
    bench: Bench, client: httpx.AsyncClient, actor: Actor
) -> None:
    gtin = new_gtin()
    links = tuple(
        Link(PIP, f"Document {number}", f"https://brand.example/{number:0200}", default=not number)
        for number in range(100)
    )
    await bench.services.links.set(actor, LinksOrder(f"01/{gtin}", "A drill", links, 0), Command())
    attributes = {f"field{number}": f"{number} " * 40 for number in range(60)}
    asset = await new_asset(bench, actor, f"gs1:01/{gtin}/21/S", attributes=attributes)
    [label] = await bench.services.labels.issue(actor, [Order(asset, "asset_tag", {"tag": "T-1"})], Command())
    answer = await client.get(f"/L/{link_id(label)}")
    assert "80 more links are not shown here." in answer.text
    assert "<dt>Field59</dt>" in answer.text
    assert len(gzip.compress(answer.content)) < MOST_BYTES
