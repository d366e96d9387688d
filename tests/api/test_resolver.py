"""What Digital Links lead to: every level, every way to write one, and what a request may say."""

from __future__ import annotations

import random
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from starlette.routing import Route

from tests.api.resolving import LINKSET, VOC, give, link, new_gtin
from tests.conftest import PUBLIC_URL, Bench
from tests.services.factory import issued, new_asset, why
from twin.api import web
from twin.domain.actor import Actor, Audience
from twin.domain.history import Command
from twin.identity import Granularity
from twin.identity.gs1 import CODE, compressed
from twin.services import Services
from twin.services.links import Order

pytestmark = pytest.mark.anyio


async def where(client: httpx.AsyncClient, path: str, **headers: str) -> str:
    """Where a request is sent to; or its status."""
    answer = await client.get(path, headers={key.replace("_", "-"): value for key, value in headers.items()})
    return answer.headers["location"] if answer.status_code == 307 else str(answer.status_code)


async def linkset(client: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    answer = await client.get(path, headers={"accept": LINKSET})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["linkset"])


@pytest.fixture
async def drill(bench: Bench, actor: Actor) -> str:
    """The level of a GTIN, two of whose lots and one of whose items have links too."""
    key = f"01/{new_gtin()}"
    for qualifiers, term in (
        ("", "gtin"),
        ("/10/A", "lotA"),
        ("/10/B", "lotB"),
        ("/10/A/21/S", "itemOfA"),
        ("/10/B/21/S", "itemOfB"),
        ("/22/V", "variant"),
        ("/21/T", "itemT"),
    ):
        await give(bench, actor, f"{key}{qualifiers}", link("pip", f"https://brand.example/{term}"))
    return key


TABLE = [
    ("", "gtin"),
    ("/", "gtin"),
    ("/10/A", "lotA"),
    ("/10/A/", "lotA"),
    ("/10/%41", "lotA"),
    ("/10/B", "lotB"),
    ("/10/UNKNOWN", "gtin"),
    ("/21/UNKNOWN", "gtin"),
    ("/10/A/21/UNKNOWN", "lotA"),
    ("/10/A/21/S", "itemOfA"),
    ("/10/B/21/S", "itemOfB"),
    ("/21/S", "gtin"),  # of which lot, nobody said
    ("/10/C/21/S", "gtin"),
    ("/10/C/21/T", "itemT"),  # no lot is stored of it, so any is inherited
    ("/22/V/10/B/21/S", "itemOfB"),
    ("/22/V", "variant"),
    ("/22/V/21/UNKNOWN", "variant"),
    ("/22/W/10/C", "gtin"),
    ("/235/TPX", "gtin"),
    ("/21/S/10/A", "400"),
    ("/10/A/22/V", "400"),
    ("/10/A/10/A", "400"),
    ("/10", "400"),
    ("/10/", "400"),
    ("//", "400"),
    ("/foo", "400"),
    ("/10/A/foo", "400"),
    ("/99/X", "400"),
    ("/10/A%20B", "400"),
    ("/10/%C3%A4", "400"),
    ("/10/" + "A" * 21, "400"),
    ("/10/" + "A" * 5_000, "400"),
    ("?17=261231", "gtin"),
    ("?17=269931", "400"),
    ("?21=S", "400"),
    ("?12345=x", "400"),
]


async def test_every_level_and_every_way_to_write_it(anonymous: httpx.AsyncClient, drill: str) -> None:
    wrong = {}
    for suffix, expected in TABLE:
        found = (await where(anonymous, f"/{drill}{suffix}")).partition("?")[0].removeprefix("https://brand.example/")
        if found != expected:
            wrong[suffix] = (found, expected)
    assert wrong == {}


@pytest.mark.parametrize("path", ["/01/09506000134353", "/01/9506000134352", "/01/abc", "/01/", "/00/1", "/8003/x"])
async def test_a_bad_link_is_a_bad_request(anonymous: httpx.AsyncClient, path: str) -> None:
    for accept in ("*/*", LINKSET, "text/html"):
        answer = await anonymous.get(path, headers={"accept": accept})
        assert answer.status_code == 400
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["content-type"].startswith("text/html" if accept == "text/html" else "application/json")


async def test_an_unknown_key_is_not_found(anonymous: httpx.AsyncClient) -> None:
    path = f"/01/{new_gtin()}"
    for suffix in ("", "/21/S", "?linkType=linkset", "?linkType=gs1:pip"):
        assert await where(anonymous, path + suffix) == "404"
    page = await anonymous.get(path, headers={"accept": "text/html"})
    assert (page.status_code, "leads nowhere" in page.text) == (404, True)


@pytest.mark.parametrize(
    "level",
    [
        "00/106141411234567897",
        "253/9506000134352DOC",
        "255/950600013435212",
        "401/9506000134CONSIGNMENT",
        "402/95060001343520000",
        "414/9520123456788/254/X",
        "415/9520123456788/8020/REF",
        "417/9520123456788/7040/1ABC",
        "8003/09506000134352S",
        "8004/9506000ASSET",
        "8006/095060001343520102/22/V/10/L/21/S",
        "8010/9506000PART/8011/12",
        "8013/1987654Ad4X4bL5ttr2310c2K",
        "8017/950600013435212346/8019/1",
        "8018/950600013435212346/8019/1",
    ],
)
async def test_every_primary_key_resolves(bench: Bench, actor: Actor, anonymous: httpx.AsyncClient, level: str) -> None:
    await give(bench, actor, level, link())
    assert await where(anonymous, f"/{level}") == "https://brand.example/pip"
    [found] = await linkset(anonymous, f"/{level}")
    assert found["anchor"] == f"{PUBLIC_URL}/{level}"


async def test_a_link_set_has_every_level_up_to_the_key(anonymous: httpx.AsyncClient, drill: str) -> None:
    found = await linkset(anonymous, f"/{drill}/22/V/10/A/21/S")
    paths = [one["anchor"].removeprefix(f"{PUBLIC_URL}/{drill}") for one in found]
    assert paths == ["/10/A/21/S", "/10/A", "/22/V", ""]
    assert found[0]["itemDescription"] == f"Level {drill}/10/A/21/S"
    for one in found:
        assert one[f"{VOC}defaultLink"] == [{"href": one[f"{VOC}pip"][0]["href"], "title": "pip"}]


ACCEPTS = [
    (LINKSET, LINKSET),
    ("application/json", "application/json"),
    ("application/ld+json", "application/ld+json"),
    ("application/json, application/linkset+json;q=0.9", "application/json"),
    ("application/linkset+json;q=0.5, application/json;q=0.5", LINKSET),
    ("APPLICATION/LINKSET+JSON", LINKSET),
    ("application/linkset+json, text/html;q=0.9", LINKSET),
    ("text/html, application/linkset+json;q=0.9", None),
    ("application/linkset+json;q=0", None),
    ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", None),
    ("*/*", None),
    ("", None),
    (";;;,,,q=", None),
    ("application/linkset+json;q=abc", None),
    ("a/b," * 500 + LINKSET, None),
]


@pytest.mark.parametrize(("accept", "expected"), ACCEPTS)
async def test_accept_chooses_between_a_link_set_and_a_redirect(
    anonymous: httpx.AsyncClient, drill: str, accept: str, expected: str | None
) -> None:
    answer = await anonymous.get(f"/{drill}", headers={"accept": accept})
    if expected is None:
        assert (answer.status_code, answer.headers["location"]) == (307, "https://brand.example/gtin")
    else:
        assert (answer.status_code, answer.headers["content-type"]) == (200, expected)


LANGUAGES = [
    ("en", "", "en"),
    ("de", "", "de"),
    ("de-CH", "", "de"),
    ("fr, de;q=0.5", "", "de"),
    ("en;q=0.1, de;q=0.9", "", "de"),
    ("de;q=0, en", "", "en"),
    ("ja", "", "en"),
    ("*", "", "en"),
    ("", "", "en"),
    ("de", "text/html", "de"),
    ("de", "application/pdf", "dePdf"),
    ("en-US,en;q=0.9", "text/html,*/*;q=0.8", "en"),
]


@pytest.mark.parametrize(("languages", "accept", "expected"), LANGUAGES)
async def test_language_and_media_type_choose_a_better_link_than_the_default(
    bench: Bench, actor: Actor, anonymous: httpx.AsyncClient, languages: str, accept: str, expected: str
) -> None:
    level = f"01/{new_gtin()}"
    await give(
        bench,
        actor,
        level,
        link("pip", "https://brand.example/en", hreflang=("en",), media_type="text/html"),
        link("pip", "https://brand.example/de", hreflang=("de",), media_type="text/html"),
        link("pip", "https://brand.example/dePdf", hreflang=("de",), media_type="application/pdf"),
    )
    found = await where(anonymous, f"/{level}", accept_language=languages, accept=accept or "text/html")
    assert found == f"https://brand.example/{expected}"


async def test_a_compressed_link_is_answered_as_the_one_that_it_stands_for(
    bench: Bench, actor: Actor, anonymous: httpx.AsyncClient
) -> None:
    level = f"01/{new_gtin()}/10/LOT/21/S*7"
    key, item = level.partition("/10/")[0], level.replace("*", "%2A")
    await give(bench, actor, item, link("pip", "https://brand.example/p"), link("faqs"))
    asset = await new_asset(bench, actor, f"gs1:{key}/21/T")
    label = await issued(bench, actor, asset)
    for path in (compressed(item), f"{compressed(item)}/"):
        plain = await anonymous.get(f"/{item}?x=1")
        answer = await anonymous.get(f"/{path}?x=1")
        assert (answer.status_code, answer.headers["location"]) == (307, plain.headers["location"])
        assert answer.headers["link"] == f'<{PUBLIC_URL}/{item}>; rel="owl:sameAs", {plain.headers["link"]}'
        assert (await where(anonymous, f"/{path}?linkType=gs1:faqs")).startswith("https://brand.example/faqs")
        assert await linkset(anonymous, f"/{path}") == await linkset(anonymous, f"/{item}")
    twin = f"/{compressed(f'{key}/21/T')}"
    assert await where(anonymous, twin) == f"L/{label['head']['link_id']}"
    assert (await anonymous.get(twin, follow_redirects=True)).status_code == 200


async def test_what_is_compressed_is_passed_on_too(bench: Bench, actor: Actor, anonymous: httpx.AsyncClient) -> None:
    await give(bench, actor, "01/05412345000013", link("pip", "https://brand.example/p"))
    whole, partial = "/AQnYUc1gmiERBhQ0ytiyZuAGOLc1TQ", "/01/05412345000013/EEarwSM"
    assert await where(anonymous, f"{whole}?x=1") == "https://brand.example/p?7003=1903061658&x=1"
    assert await where(anonymous, partial) == "https://brand.example/p"
    head = (await anonymous.get(partial)).headers["link"]
    assert head.startswith(f'<{PUBLIC_URL}/01/05412345000013/10/ABC123>; rel="owl:sameAs", ')


@pytest.mark.parametrize("path", ["/AQnYUc1gmA", "/something-else", "/wp-login", "/AQnYUc1gmiCNV4J", "/" + "A" * 1_000])
async def test_one_segment_that_stands_for_nothing_is_not_found(anonymous: httpx.AsyncClient, path: str) -> None:
    for accept in ("*/*", LINKSET, "text/html"):
        assert (await anonymous.get(path, headers={"accept": accept})).status_code == 404


async def test_no_other_door_looks_like_a_compressed_link(bench: Bench) -> None:
    routes = web.application(bench.services, graphiql=False, demo_key=None).routes
    paths = [route.path for route in routes if isinstance(route, Route) and "{" not in route.path]
    assert {"/graphql", "/session", "/healthz"} <= set(paths)
    assert [path for path in paths if re.fullmatch(CODE, path.strip("/"))] == []


async def test_context_chooses(bench: Bench, actor: Actor, anonymous: httpx.AsyncClient) -> None:
    level = f"01/{new_gtin()}"
    german = link("recallStatus", "https://brand.example/de", context=("DE", "AT"))
    french = link("recallStatus", "https://brand.example/fr", context=("FR",))
    await give(bench, actor, level, link(), german, french)
    asked = f"/{level}?linkType=gs1:recallStatus"
    assert (
        await where(anonymous, f"{asked}&context=at")
        == f"https://brand.example/de?{asked.partition('?')[2]}&context=at"
    )
    assert (await where(anonymous, f"{asked}&context=FR")).startswith("https://brand.example/fr")
    assert await where(anonymous, asked) == "300"
    assert await where(anonymous, f"{asked}&context=IT") == "300"


async def test_several_equal_answers_are_a_list(bench: Bench, actor: Actor, anonymous: httpx.AsyncClient) -> None:
    level = f"01/{new_gtin()}"
    one, other = link("faqs", "https://brand.example/1"), link("faqs", "https://brand.example/2")
    await give(bench, actor, level, link(), one, other)
    answer = await anonymous.get(f"/{level}?linkType=gs1:faqs")
    assert answer.status_code == 300
    assert [choice["href"] for choice in answer.json()["choices"]] == [one.href, other.href]
    page = await anonymous.get(f"/{level}?linkType=gs1:faqs", headers={"accept": "text/html"})
    assert page.status_code == 300
    assert all(f'href="{choice.href}"' in page.text for choice in (one, other))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("gs1:faqs", "https://brand.example/faqs"),
        ("https://ref.gs1.org/voc/faqs", "https://brand.example/faqs"),
        ("https://gs1.org/voc/faqs", "https://brand.example/faqs"),
        ("gs1:defaultLink", "https://brand.example/pip"),
        ("gs1:instructions", "https://brand.example/instructions"),
        ("gs1:defaultLinkMulti", "404"),
        ("gs1:nothing", "404"),
        ("nothing", "404"),
        ("", "404"),
    ],
)
async def test_a_link_type_is_found_on_this_level_or_above(
    bench: Bench, actor: Actor, anonymous: httpx.AsyncClient, asked: str, expected: str
) -> None:
    key = f"01/{new_gtin()}"
    await give(bench, actor, key, link("homepage"), link("instructions"))
    await give(bench, actor, f"{key}/21/S", link("pip"), link("faqs"))
    assert (await where(anonymous, f"/{key}/21/S?linkType={asked}")).partition("?")[0] == expected


async def test_queries_are_passed_on(bench: Bench, actor: Actor, anonymous: httpx.AsyncClient) -> None:
    level = f"01/{new_gtin()}"
    links = (
        link("pip", "https://brand.example/p?a=1#top"),
        link("faqs", forwards_query=False),
        link("support"),
    )
    await give(bench, actor, level, *links)
    assert await where(anonymous, f"/{level}?17=261231&x=%C3%A4&y") == (
        "https://brand.example/p?a=1&17=261231&x=%C3%A4&y#top"
    )
    assert await where(anonymous, f"/{level}?linkType=gs1:faqs&x=1") == "https://brand.example/faqs"
    assert await where(anonymous, f"/{level}?x=%0d%0aSet-Cookie:1&linkType=gs1:support") == (
        "https://brand.example/support?x=%0d%0aSet-Cookie:1&linkType=gs1:support"
    )


async def test_links_out_of_force_and_of_other_audiences_are_not_there(
    bench: Bench, actor: Actor, anonymous: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    level, day = f"01/{new_gtin()}", timedelta(days=1)
    await give(
        bench,
        actor,
        level,
        link(),
        link("faqs", valid_until=bench.clock.now - day),
        link("promotion", valid_from=bench.clock.now + day),
        link("masterData", audience=Audience.PARTNER),
    )
    for term in ("faqs", "promotion", "masterData"):
        assert await where(anonymous, f"/{level}?linkType=gs1:{term}") == "404"
    assert [*(await linkset(anonymous, f"/{level}"))[0]] == [
        "anchor",
        "itemDescription",
        f"{VOC}defaultLink",
        f"{VOC}pip",
    ]
    assert (await where(client, f"/{level}?linkType=gs1:masterData")).startswith("https://brand.example/masterData")
    assert (await linkset(client, f"/{level}"))[0][f"{VOC}masterData"][0]["public"] is False


async def test_a_change_is_visible_at_once_and_what_is_the_same_is_not_sent_again(
    bench: Bench, actor: Actor, anonymous: httpx.AsyncClient
) -> None:
    level = f"01/{new_gtin()}"
    await give(bench, actor, level, link())
    answer = await anonymous.get(f"/{level}", headers={"accept": LINKSET})
    assert answer.headers["vary"] == "Accept, Accept-Language, Accept-Encoding, Authorization, Cookie"
    known = {"accept": LINKSET, "if-none-match": answer.headers["etag"]}
    again = await anonymous.get(f"/{level}", headers=known)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", answer.headers["etag"])
    faqs = link("faqs", default=True)
    await bench.services.links.set(actor, Order(level, "A drill", [faqs], 1), Command())
    assert await where(anonymous, f"/{level}") == "https://brand.example/faqs"
    assert (await anonymous.get(f"/{level}", headers=known)).status_code == 200
    await bench.services.links.set(actor, Order(level, "A drill", [], 2), Command())
    assert await where(anonymous, f"/{level}") == "404"


# The twin answers where there are no links.


async def test_an_item_answers_with_the_page_of_its_newest_live_label(
    bench: Bench, actor: Actor, anonymous: httpx.AsyncClient
) -> None:
    key = f"01/{new_gtin()}"
    asset = await new_asset(bench, actor, f"gs1:{key}/21/S")
    assert await where(anonymous, f"/{key}/21/S") == f"../../../A/{key}/21/S"
    page = await anonymous.get(f"/A/{key}/21/S")
    assert (page.status_code, "A drill" in page.text) == (200, True)
    old, new = await issued(bench, actor, asset), await issued(bench, actor, asset)
    labels = bench.services.labels
    newest = f"../../../L/{new['head']['link_id']}"
    for suffix in ("/21/S", "/10/ANY/21/S"):
        assert (await where(anonymous, f"/{key}{suffix}")).endswith(f"/L/{new['head']['link_id']}")
    assert await where(anonymous, f"/{key}/21/S") == newest
    assert await where(anonymous, f"/{key}/21/S/") == f"../{newest}"
    assert (await anonymous.get(f"/{key}/21/S", follow_redirects=True)).status_code == 200
    [found] = await linkset(anonymous, f"/{key}/21/S")
    said = {"href": f"{PUBLIC_URL}/L/{new['head']['link_id']}", "title": "A drill"}
    assert found[f"{VOC}traceability"] == [{**said, "type": "text/html", "hreflang": ["en", "de"]}]
    await labels.void(actor, new["_id"], why())
    assert (await where(anonymous, f"/{key}/21/S")).endswith(old["head"]["link_id"])
    await labels.void(actor, old["_id"], why())
    assert (await where(anonymous, f"/{key}/21/S")).endswith(new["head"]["link_id"])
    await give(bench, actor, f"{key}/21/S", link())
    assert await where(anonymous, f"/{key}/21/S") == "https://brand.example/pip"


async def test_an_item_of_another_lot_is_not_the_one_that_was_scanned(
    bench: Bench, actor: Actor, anonymous: httpx.AsyncClient
) -> None:
    gtin = new_gtin()
    await new_asset(bench, actor, f"(01){gtin}(10)A(21)S")
    assert "/A/" in await where(anonymous, f"/01/{gtin}/10/A/21/S")
    assert "/A/" in await where(anonymous, f"/01/{gtin}/21/S")
    assert await where(anonymous, f"/01/{gtin}/10/B/21/S") == "404"


async def test_an_item_inherits_what_its_product_links(
    bench: Bench, actor: Actor, anonymous: httpx.AsyncClient
) -> None:
    key = f"01/{new_gtin()}"
    await give(bench, actor, key, link("pip"), link("instructions"))
    label = await issued(bench, actor, await new_asset(bench, actor, f"gs1:{key}/21/S"))
    assert (await where(anonymous, f"/{key}/21/S")).endswith(label["head"]["link_id"])
    assert (await where(anonymous, f"/{key}/21/S?linkType=gs1:instructions")).startswith("https://brand.example/")
    anchors = [one["anchor"] for one in await linkset(anonymous, f"/{key}/21/S")]
    assert anchors == [f"{PUBLIC_URL}/{key}/21/S", f"{PUBLIC_URL}/{key}"]


async def test_a_corrected_identifier_answers_as_the_right_one(
    bench: Bench, actor: Actor, anonymous: httpx.AsyncClient
) -> None:
    wrong, middle, right = (f"01/{new_gtin()}" for _ in range(3))
    product = await bench.services.assets.register(
        actor,
        kind="tool",
        granularity=Granularity.PRODUCT,
        name="A drill",
        identifiers=[f"gs1:{wrong}"],
        attributes={},
        command=Command(),
    )
    asset = product["_id"]
    for before, after in ((wrong, middle), (middle, right)):
        await bench.services.identifiers.correct(
            actor, asset, wrong=f"gs1:{before}", right=f"gs1:{after}", command=why("misread")
        )
    label = await issued(bench, actor, asset)
    for path in (wrong, middle, right, f"{wrong}/21/S"):
        assert (await where(anonymous, f"/{path}")).endswith(label["head"]["link_id"])
    await give(bench, actor, right, link())
    for path in (wrong, middle, right, f"{wrong}/21/S"):
        assert await where(anonymous, f"/{path}") == "https://brand.example/pip"
    assert (await linkset(anonymous, f"/{wrong}"))[0]["anchor"] == f"{PUBLIC_URL}/{right}"


async def test_links_from_before_a_correction_stand_back_for_those_of_the_right_identifier(
    bench: Bench, actor: Actor, anonymous: httpx.AsyncClient
) -> None:
    wrong, right, third = (f"01/{new_gtin()}" for _ in range(3))
    product = await new_asset(bench, actor, f"gs1:{wrong}", granularity=Granularity.PRODUCT)
    correct = bench.services.identifiers.correct
    await give(bench, actor, wrong, link("pip", "https://brand.example/wrong"))
    await correct(actor, product, wrong=f"gs1:{wrong}", right=f"gs1:{right}", command=why())
    assert await where(anonymous, f"/{wrong}/21/S") == "https://brand.example/wrong"
    await give(bench, actor, right, link("pip", "https://brand.example/right"))
    for path in (wrong, f"{wrong}/21/S", f"{wrong}?linkType=gs1:pip"):
        assert (await where(anonymous, f"/{path}")).startswith("https://brand.example/right")
    assert [one["anchor"] for one in await linkset(anonymous, f"/{wrong}")] == [f"{PUBLIC_URL}/{right}"]

    await correct(actor, product, wrong=f"gs1:{right}", right=f"gs1:{third}", command=why())
    for path in (wrong, right):  # the third has no links, so the latest before it answer
        assert await where(anonymous, f"/{path}") == "https://brand.example/right"
    await give(bench, actor, third, link("pip", "https://brand.example/third"))
    for path in (wrong, right):
        assert await where(anonymous, f"/{path}") == "https://brand.example/third"

    given_since = Order(wrong, "A drill", [link("pip", "https://brand.example/since", default=True)], 1)
    await bench.services.links.set(actor, given_since, Command())
    assert await where(anonymous, f"/{wrong}") == "https://brand.example/since"


async def test_what_was_corrected_back_answers_with_its_own_links(
    bench: Bench, actor: Actor, anonymous: httpx.AsyncClient
) -> None:
    one, other = (f"01/{new_gtin()}" for _ in range(2))
    product = await new_asset(bench, actor, f"gs1:{one}", granularity=Granularity.PRODUCT)
    for path in (one, other):
        await give(bench, actor, path, link("pip", f"https://brand.example/{path}"))
    for before, after in ((one, other), (other, one)):
        await bench.services.identifiers.correct(
            actor, product, wrong=f"gs1:{before}", right=f"gs1:{after}", command=why()
        )
    for path in (one, other):
        assert await where(anonymous, f"/{path}") == f"https://brand.example/{one}"


async def test_a_merged_asset_answers_as_the_one_that_took_over(
    bench: Bench, actor: Actor, anonymous: httpx.AsyncClient
) -> None:
    key = f"01/{new_gtin()}"
    ids = [await new_asset(bench, actor, f"gs1:{key}/21/{serial}") for serial in ("S", "T")]
    label = await issued(bench, actor, ids[0])
    await bench.services.identifiers.merge(actor, duplicate=ids[0], into=ids[1], command=why())
    for serial in ("S", "T"):
        assert (await where(anonymous, f"/{key}/21/{serial}")).endswith(label["head"]["link_id"])


async def test_a_printed_code_outlives_the_host_that_it_was_printed_for(
    bench: Bench, actor: Actor, anonymous: httpx.AsyncClient
) -> None:
    key = f"01/{new_gtin()}"
    label = await issued(bench, actor, await new_asset(bench, actor, f"gs1:{key}/21/S"))
    renamed = await Services.on(bench.store, public_url="https://new.example/twins", clock=bench.clock)
    application = web.application(renamed, graphiql=False, demo_key=None)
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="https://new.example") as client:
        assert await where(client, f"/{key}/21/S") == f"../../../L/{label['head']['link_id']}"
        assert (await linkset(client, f"/{key}/21/S"))[0]["anchor"] == f"https://new.example/twins/{key}/21/S"
    await renamed.changes.close()
    assert await where(anonymous, f"/{key}/21/S") == f"../../../L/{label['head']['link_id']}"


async def test_the_page_of_an_asset_is_for_what_is_known(anonymous: httpx.AsyncClient) -> None:
    assert (await anonymous.get(f"/A/01/{new_gtin()}")).status_code == 404
    assert (await anonymous.get("/A/01/1")).status_code == 400
    assert (await anonymous.get("/A/")).status_code == 400


# Ten thousand odd paths.

PIECES = [
    *("01", "00", "21", "10", "22", "235", "8004", "8003", "8010", "8011", "414", "254", "99", "7040", "17", "foo", ""),
    *("09506000134352", "9506000134352", "106141411234567897", "A", "%2F", "%00", "%", "%zz", "ä", "%C3%A4", "..", "."),
    *("A" * 30, "9" * 200, "?", "#", "&", "=", ";", "+", " ", "\\", "{", "linkset", "@", ":", "//", "[", "'", '"', "<"),
]
QUERIES = [
    "",
    "?",
    "?linkType=linkset",
    "?linkType=gs1:pip",
    "?17=1",
    "?linkType=%00",
    "?context=\ud7ff",
    "?a=b&a=b&&=",
]


async def test_ten_thousand_random_paths_never_break_the_resolver(bench: Bench) -> None:
    chance = random.Random(6)  # noqa: S311 - the same paths in every run
    application = web.application(bench.services, graphiql=False, demo_key=None)
    statuses: dict[int, int] = {}
    accepts = [b"", b"*/*", LINKSET.encode(), b"text/html", b"\xff;q=,", b"a/b;q=1;q=2"]
    for _ in range(10_000):
        pieces = [chance.choice(PIECES) for _ in range(chance.randint(1, 7))]
        first = chance.choice(("01", "01/09506000134352", "8004", "00", "414"))
        raw, _, query = ("/" + "/".join((first, *pieces)) + chance.choice(QUERIES)).partition("?")
        status = await _status(application, raw, query, chance.choice(accepts), chance.choice(("GET", "HEAD")))
        statuses[status] = statuses.get(status, 0) + 1
    assert set(statuses) <= {200, 300, 307, 308, 400, 404}
    assert statuses[400] > 1_000


async def _status(application: Any, raw: str, query: str, accept: bytes, method: str) -> int:
    """The status of one request, as a server hands it over: what a client library would refuse to send, too."""
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": raw,
        "raw_path": raw.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1:8000"), (b"accept", accept), (b"accept-language", accept)],
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 1),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await application(scope, receive, send)
    return int(sent[0]["status"])
