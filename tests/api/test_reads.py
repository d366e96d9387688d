"""What of the requests at the edge is a read of a code, and what the scan log says of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from pymongo import MongoClient

from tests.api.resolving import LINKSET, give, link, new_gtin
from tests.conftest import Bench, client_on
from tests.running import running, twin
from tests.services.factory import applied, issued, new_asset, rows_of, why
from twin.store import embedded

if TYPE_CHECKING:
    from collections.abc import Callable

    from twin.domain.actor import Actor

pytestmark = pytest.mark.anyio

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"


async def logged(bench: Bench, *paths: str) -> list[tuple[Any, ...]]:
    """What the log says of codes: path, answer, outcome and label."""
    await bench.services.scan_log.flush()
    found = await rows_of(bench).find({"read": {"$in": paths}}).sort("_id").to_list(None)
    return [(row["read"], row["answer"], row["flags"][0], row.get("label")) for row in found]


async def test_the_page_of_a_label_is_a_read_of_it(bench: Bench, actor: Actor, anonymous: httpx.AsyncClient) -> None:
    label = await applied(bench, actor)
    path = f"L/{label['head']['link_id']}"
    tag = (await anonymous.get(f"/{path}")).headers["etag"]
    assert (await anonymous.get(f"/{path}", headers={"if-none-match": tag})).status_code in {200, 304}
    await anonymous.get(f"/{path.lower()}")  # sent on to the page, where it is read
    await bench.services.labels.void(actor, label["_id"], why())
    await anonymous.get(f"/{path}")
    current = (path, "PAGE", "CURRENT", label["_id"])
    assert await logged(bench, path) == [current, current, (path, "PAGE", "VOID", label["_id"])]


async def test_a_code_that_leads_nowhere_was_read_too(bench: Bench, anonymous: httpx.AsyncClient) -> None:
    gtin, unknown = f"01/{new_gtin()}", "L/0123456789ABC8"
    before = len(await logged(bench, unknown))
    for path in (unknown, gtin, f"{gtin}?linkType=linkset", "L/NONSENSE", f"{gtin}/99/x", "L/0123456789ABC9"):
        assert (await anonymous.get(f"/{path}")).status_code in {400, 404}
    assert (await logged(bench, unknown))[before:] == [(unknown, "NOTHING", "UNKNOWN", None)]
    assert await logged(bench, gtin, "L/NONSENSE", f"{gtin}/99/x", "L/0123456789ABC9") == [
        (gtin, "NOTHING", "UNKNOWN", None),
        (gtin, "NOTHING", "UNKNOWN", None),
    ]


async def test_digital_links_say_what_they_got(bench: Bench, actor: Actor, anonymous: httpx.AsyncClient) -> None:
    key = f"01/{new_gtin()}"
    links = [link("pip"), link("pip", "https://brand.example/other")]
    await give(bench, actor, key, *links)
    await anonymous.get(f"/{key}/21/A%2FB")
    await anonymous.get(f"/{key}?linkType=gs1:pip")
    await anonymous.get(f"/{key}", headers={"accept": LINKSET})
    await anonymous.get(f"/{key}?linkType=gs1:instructions")
    assert await logged(bench, key, f"{key}/21/A%2FB") == [
        (f"{key}/21/A%2FB", "REDIRECT", "CURRENT", None),
        (key, "CHOICES", "CURRENT", None),
        (key, "LINKSET", "CURRENT", None),
        (key, "NOTHING", "UNKNOWN", None),
    ]


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-purpose": "prefetch;prerender"},
        {"purpose": "prefetch"},
        {"x-moz": "prefetch"},
        {"x-purpose": "preview"},
        {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
        {"user-agent": "facebookexternalhit/1.1 Facebot Twitterbot/1.0"},
        {"user-agent": "WhatsApp/2.23.20.0"},
        {"user-agent": "Mozilla/5.0 (compatible; Baiduspider/2.0)"},
    ],
)
async def test_what_nobody_looks_at_is_no_read(
    bench: Bench, actor: Actor, anonymous: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    label, key = await issued(bench, actor), f"01/{new_gtin()}"
    path = f"L/{label['head']['link_id']}"
    for each in (path, key):
        await anonymous.get(f"/{each}", headers={"user-agent": PHONE, **headers})
        await anonymous.head(f"/{each}", headers={"user-agent": PHONE})
        await anonymous.options(f"/{each}", headers={"user-agent": PHONE})
    assert await logged(bench, path, key) == []


@pytest.mark.parametrize("agent", [PHONE, "Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 7) Mobile Safari/537.36", ""])
async def test_a_phone_is_no_robot(bench: Bench, actor: Actor, anonymous: httpx.AsyncClient, agent: str) -> None:
    label = await issued(bench, actor)
    path = f"L/{label['head']['link_id']}"
    await anonymous.get(f"/{path}", headers={"user-agent": agent, "sec-purpose": "navigate"})
    assert await logged(bench, path) == [(path, "PAGE", "NOT_YET_APPLIED", label["_id"])]


async def test_a_digital_link_to_our_page_counts_once_for_the_label(
    bench: Bench, actor: Actor, query: Callable[..., Any]
) -> None:
    key = f"01/{new_gtin()}/21/S"
    label = await issued(bench, actor, await new_asset(bench, actor, f"gs1:{key}"))
    async with client_on(bench, key=None) as phone:
        answer = await phone.get(f"/{key}", follow_redirects=True)
    assert answer.url.path == f"/L/{label['head']['link_id']}"
    await bench.services.labels.void(actor, label["_id"], why())
    async with client_on(bench, key=None) as phone:
        for _ in range(2):
            await phone.get(f"/L/{label['head']['link_id']}")
    await bench.services.scan_log.flush()
    ask = (
        "query($label: String!) { label(linkId: $label) { "
        'scanCounts(from: "2026-03-01", to: "2026-12-31") { day scans outcomes { outcome scans } } } }'
    )
    [found] = (await query(ask, label=label["head"]["link_id"]))["label"]["scanCounts"]
    assert found.pop("day") == bench.clock.now.date().isoformat()
    outcomes = [{"outcome": "VOID", "scans": 2}, {"outcome": "NOT_YET_APPLIED", "scans": 1}]
    assert found == {"scans": 3, "outcomes": outcomes}
    async with client_on(bench, key=None) as phone:
        asked = {"query": ask, "variables": {"label": label["head"]["link_id"]}}
        refused = (await phone.post("/graphql", json=asked)).json()
    assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("settings", "kept"),
    [({}, (1, 1)), ({"TWIN_SCAN_LOG": "off"}, (0, 0)), ({"TWIN_SCAN_RETENTION_DAYS": "0"}, (0, 1))],
)
def test_what_was_noted_is_written_before_the_service_ends(
    tmp_path: Path, settings: dict[str, Any], kept: tuple[int, int]
) -> None:
    link_id = twin(
        tmp_path, "issue", "vin:137ZA903X1E412677", "--profile", "asset_tag", "--face", "tag=1", "-r", "vehicle"
    )
    assert link_id.returncode == 0, link_id.stderr
    with running(tmp_path, "serve", **settings) as service:
        assert httpx.get(f"{service.url}/L/{link_id.stdout[:14]}").status_code == 200
    assert service.process.returncode == 0
    with embedded.acquire(tmp_path) as mongod, MongoClient[dict[str, Any]](mongod.uri) as client:
        database = client["twin"]
        assert (database["scan_log"].count_documents({}), database["scan_counts"].count_documents({})) == kept
