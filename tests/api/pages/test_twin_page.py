"""The twin page over HTTP: what it says, to whom, and how it is delivered."""

from __future__ import annotations

import base64
import hashlib
import html
import itertools
import re
from datetime import timedelta

import httpx
import pytest

from tests.api.pages.lives import HEADLINES, WHY, issued, link_id, lived, revised
from tests.conftest import Bench, client_on
from tests.domain.profiles.samples import SAMPLES
from tests.services.factory import new_asset
from twin.api.pages.view import MOST_ENTRIES
from twin.domain.actor import ANONYMOUS, Actor
from twin.domain.history import Command
from twin.domain.profiles import profile
from twin.errors import Unavailable
from twin.services.keys import Keys
from twin.services.labels import Order

pytestmark = pytest.mark.anyio

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
HOSTILE = """</dd><script>alert("1")</script><img src=x onerror='y'>"""
MOST_BYTES = 50_000


def headings(page: str) -> list[str]:
    """The levels of the headings, in order."""
    return re.findall(r"<h([1-6])", page)


@pytest.mark.parametrize("life", HEADLINES)
async def test_every_life_is_told_in_words(bench: Bench, anonymous: httpx.AsyncClient, actor: Actor, life: str) -> None:
    label = await lived(bench, actor, life)
    answer = await anonymous.get(f"/L/{link_id(label)}")
    page = answer.text
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert f'<h1 id="verdict">{HEADLINES[life]}</h1>' in page
    assert '<svg class="icon"' in page
    assert ("Lift truck 7" in page) == (life not in ("unclaimed", "removed", "replaced", "void"))
    assert f'src="{link_id(label)}.svg"' in page
    assert page.count("<li>\n<h3>") == label["revision"]
    assert len(answer.content) < MOST_BYTES / 2
    levels = headings(page)
    assert levels.count("1") == 1
    assert all(int(after) <= int(before) + 1 for before, after in itertools.pairwise(levels))
    assert re.findall(r"(?:src|href|action)=[\"'](?:https?:)?//", page) == []
    assert re.findall("<script[^>]*>", page) == ['<script type="application/ld+json">'], "which is never run"
    assert " style=" not in page


async def test_a_label_of_every_profile_is_told_and_each_of_its_images_is_there(
    fresh_bench: Bench, actor: Actor
) -> None:
    services = fresh_bench.services
    assets: dict[tuple[str, ...], str] = {}
    async with client_on(fresh_bench, key=None) as anybody:
        for name, (identifiers, given) in SAMPLES.items():
            if identifiers not in assets:
                assets[identifiers] = await new_asset(fresh_bench, actor, *identifiers)
            order = Order(assets[identifiers], name, given)
            [label] = await services.labels.issue(actor, [order], Command())
            page = html.unescape((await anybody.get(f"/L/{link_id(label)}")).text)
            for field in profile(name).face:
                if text := field.seen_by(ANONYMOUS.audiences, label["head"]["face"].get(field.name, "")):
                    assert f"<dd>{text}</dd>" in page
            for vin in {label["head"]["face"].get("vin")} - {None}:
                assert vin not in page
            images = re.findall(r'<li><a href="([^"]+)">', page)
            assert images
            for image in images:
                assert (await anybody.get(f"/L/{image}")).status_code == 200, image


async def test_who_and_why_and_which_one_are_for_who_has_a_key(
    bench: Bench, anonymous: httpx.AsyncClient, client: httpx.AsyncClient, actor: Actor
) -> None:
    label = await lived(bench, actor, "stale")
    asset = await bench.services.assets.find(actor, label["head"]["asset"])
    vin = asset["head"]["identifiers"][0].removeprefix("vin:")
    known, unknown = [await one.get(f"/L/{link_id(label)}") for one in (client, anonymous)]
    for secret in (vin, actor.id, str(WHY.reason), "In the safe", "The print says <q>Works</q>"):
        assert secret in known.text
        assert secret not in unknown.text
    assert known.headers["etag"] != unknown.headers["etag"]
    assert unknown.headers["vary"] == "Accept, Accept-Language, Accept-Encoding, Authorization, Cookie"


async def test_a_replaced_label_leads_on_and_back_where_that_may_be_seen(
    bench: Bench, anonymous: httpx.AsyncClient, client: httpx.AsyncClient, actor: Actor
) -> None:
    old = await lived(bench, actor, "applied")
    old, new = await bench.services.replacements.replace(actor, old["_id"], by=None, face=None, command=WHY)
    page = (await client.get(f"/L/{link_id(old)}")).text
    assert f'href="{link_id(new)}"' in page
    assert "It was on" in page
    assert f'href="{link_id(old)}"' in (await client.get(f"/L/{link_id(new)}")).text
    for one, other in ((old, new), (new, old)):
        assert link_id(other) not in (await anonymous.get(f"/L/{link_id(one)}")).text
    assert "It was on" not in (await anonymous.get(f"/L/{link_id(old)}")).text


async def test_markup_in_a_twin_is_text(bench: Bench, client: httpx.AsyncClient, actor: Actor) -> None:
    label = await issued(bench, actor, {"tag": "T-1", "owner": HOSTILE})
    command = Command(reason=HOSTILE, expected_revision=1)
    face = {"note": HOSTILE, "tag": "<b>'\""}
    await bench.services.labels.revise(actor, label["_id"], face=face, attributes={}, command=command)
    page = (await client.get(f"/L/{link_id(label)}")).text
    assert page.count("<script") == page.count("</script") == 1
    assert "<img src=x" not in page
    assert "<b>" not in page
    assert html.unescape(page).count(HOSTILE) == 4


async def test_a_long_history_is_cut(bench: Bench, client: httpx.AsyncClient, actor: Actor) -> None:
    label = await issued(bench, actor)
    for number in range(2, MOST_ENTRIES + 12):
        command = Command(reason=f"Reason {number}, told at some length. " * 8, expected_revision=number - 1)
        face = {"tag": f"T-{number}"}
        await bench.services.labels.revise(actor, label["_id"], face=face, attributes={}, command=command)
    answer = await client.get(f"/L/{link_id(label)}")
    assert answer.text.count("<li>\n<h3>") == MOST_ENTRIES
    assert "11 earlier entries are not shown here." in answer.text
    assert "<q>T-11</q> became <q>T-12</q>" in answer.text
    assert len(answer.content) < MOST_BYTES


async def test_a_late_fact_says_so(bench: Bench, anonymous: httpx.AsyncClient, actor: Actor) -> None:
    label = await issued(bench, actor)
    bench.clock.now += timedelta(days=3)
    late = Command(occurred_at=label["created"]["occurred_at"] + timedelta(hours=1))
    await bench.services.labels.print_label(actor, label["_id"], command=late)
    assert "Recorded only <time" in (await anonymous.get(f"/L/{link_id(label)}")).text


async def test_who_has_the_page_gets_304(bench: Bench, anonymous: httpx.AsyncClient, actor: Actor) -> None:
    label = await lived(bench, actor, "applied")
    path = f"/L/{link_id(label)}"
    first = await anonymous.get(path)
    etag = first.headers["etag"]
    assert first.headers["cache-control"] == "no-cache, must-revalidate"
    assert re.fullmatch(r'"[0-9a-f]{32}-gzip"', etag)
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = await anonymous.get(path, headers={"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    await revised(bench, actor, label, {"owner": "New works"})
    changed = await anonymous.get(path, headers={"if-none-match": etag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != etag


async def test_head_answers_as_get_does(bench: Bench, anonymous: httpx.AsyncClient, actor: Actor) -> None:
    path = f"/L/{link_id(await issued(bench, actor))}"
    head, get = await anonymous.head(path), await anonymous.get(path)
    for name in ("etag", "content-length", "content-type", "content-security-policy"):
        assert head.headers[name] == get.headers[name]


async def test_nothing_but_our_styles_and_images_may_load(
    bench: Bench, anonymous: httpx.AsyncClient, actor: Actor
) -> None:
    ours = await anonymous.get(f"/L/{link_id(await issued(bench, actor))}")
    problem = await anonymous.get("/L/NONE", headers=BROWSER)
    for answer in (ours, problem):
        policy = answer.headers["content-security-policy"]
        (styles,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(styles.encode()).digest()).decode()
        assert f"style-src 'sha256-{digest}'" in policy
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "unsafe" not in policy
        assert '<meta name="robots" content="noindex">' in answer.text


WRITTEN = ["{lower}", "{hyphens}", "{spaces}", "{id}/", "{ambiguous}"]


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("folder", ["L", "l"])
async def test_a_link_id_in_another_form_leads_to_its_page(
    bench: Bench, anonymous: httpx.AsyncClient, actor: Actor, folder: str, written: str
) -> None:
    known = link_id(await issued(bench, actor))
    forms = {
        "id": known,
        "lower": known.lower(),
        "hyphens": f"{known[:4]}-{known[4:9]}-{known[9:]}",
        "spaces": f"{known[:4]}%20{known[4:]}",
        "ambiguous": known.translate(str.maketrans("10", "lo")).lower(),
    }
    answer = await anonymous.get(f"/{folder}/{written.format(**forms)}?a=1&b=%3Cx%3E")
    assert answer.status_code == 308
    assert answer.next_request is not None
    target = answer.next_request.url
    assert (target.path, target.query) == (f"/L/{known}", b"a=1&b=%3Cx%3E")
    assert (await anonymous.get(target)).status_code == 200


async def test_the_lower_case_path_leads_on_too(bench: Bench, anonymous: httpx.AsyncClient, actor: Actor) -> None:
    known = link_id(await issued(bench, actor))
    answer = await anonymous.get(f"/l/{known}")
    assert answer.status_code == 308
    assert answer.next_request is not None
    assert answer.next_request.url.path == f"/L/{known}"


UNKNOWN = [
    "0123456789ABC8",
    "0123456789ABC8",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "%22%3E%3Cimg%20src=x%3E",
    "lbl_abc",
    "A" * 3_000,
    "a/b/c",
    "",
    "%00",
    "%FF",
    "..%2f..%2fetc",
    "%F0%9F%8D%8C",
]


@pytest.mark.parametrize("typed", UNKNOWN)
async def test_what_was_never_issued_gets_a_friendly_404(anonymous: httpx.AsyncClient, typed: str) -> None:
    page = await anonymous.get(f"/L/{typed}", headers=BROWSER)
    assert page.status_code == 404
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-store"
    assert "We do not know this label." in page.text
    assert "script" not in page.text
    assert "<img" not in page.text
    plain = await anonymous.get(f"/L/{typed}", headers={"accept": "application/json"})
    assert plain.status_code == 404
    assert plain.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_the_id_of_a_twin_is_no_link(bench: Bench, client: httpx.AsyncClient, actor: Actor) -> None:
    label = await issued(bench, actor)
    assert (await client.get(f"/L/{label['_id']}", headers=BROWSER)).status_code == 404


async def test_a_wrong_key_gets_a_page_with_401(bench: Bench, anonymous: httpx.AsyncClient, actor: Actor) -> None:
    path = f"/L/{link_id(await issued(bench, actor))}"
    for sent in ("Bearer wrong", "Basic abc", "Bearer "):
        answer = await anonymous.get(path, headers={**BROWSER, "authorization": sent})
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert "This key does not open this page." in answer.text


async def test_a_database_that_is_away_gets_a_page_with_503(
    bench: Bench, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise Unavailable("mongod at 127.0.0.1 is away")

    monkeypatch.setattr(Keys, "actor", away)
    answer = await client.get("/L/0123456789ABC8", headers=BROWSER)
    assert answer.status_code == 503
    assert "We cannot look this label up just now." in answer.text
    assert "mongod" not in answer.text


async def test_the_icon_is_an_image_that_runs_nothing(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.get("/favicon.ico")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.text.startswith("<svg ")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
