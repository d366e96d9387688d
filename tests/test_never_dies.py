"""A printed code never dies: hosts, identifiers, assets and labels change, and every code that was issued answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.api.resolving import LINKSET, give, link, new_gtin
from tests.conftest import PUBLIC_URL, Bench
from tests.services.factory import applied, issued, new_asset, new_vin, preprinted, printed, why
from twin.api import web
from twin.domain.actor import ANONYMOUS
from twin.domain.scan import Outcome
from twin.identity import Granularity
from twin.identity.link import origin_of
from twin.services import Services

if TYPE_CHECKING:
    from twin.domain.actor import Actor

pytestmark = pytest.mark.anyio

HOSTS = (PUBLIC_URL, "https://id.second.example", "https://third.example/twins")


class Codes:
    """Every code that the test issued, and what it must answer with.

    Args:
        bench: where they were issued.
        actor: who did.
    """

    def __init__(self, bench: Bench, actor: Actor) -> None:
        self.bench, self.actor = bench, actor
        self.hosts: list[str] = []
        self.labels: dict[str, Outcome] = {}
        self.payloads: dict[str, str] = {}
        self.levels: dict[str, str] = {}
        self.texts: dict[str, str] = {}

    def label(self, document: Any, outcome: Outcome) -> str:
        """A label was issued, or is something else by now; its id."""
        link_id = document["head"]["link_id"]
        self.labels[link_id] = outcome
        self.payloads.setdefault(link_id, self.bench.services.labels.payload(document))
        return str(document["_id"])

    def page(self, document: Any, outcome: Outcome) -> str:
        """A label was issued; where its page is."""
        self.label(document, outcome)
        return f"L/{document['head']['link_id']}"

    async def asset(self, *identifiers: str, granularity: Granularity = Granularity.ITEM) -> str:
        """A new asset; each of its identifiers leads to it."""
        twin = await new_asset(self.bench, self.actor, *identifiers, granularity=granularity)
        self.texts |= dict.fromkeys(identifiers, twin)
        return twin

    async def correct(self, twin: str, wrong: str, right: str) -> None:
        """The identifier of an asset was a mistake: both lead to it."""
        command = why("misread")
        identifiers = self.bench.services.identifiers
        await identifiers.correct(self.actor, twin, wrong=f"gs1:{wrong}", right=f"gs1:{right}", command=command)
        self.texts[f"gs1:{right}"] = twin


@asynccontextmanager
async def served(bench: Bench, host: str) -> AsyncIterator[tuple[Services, httpx.AsyncClient]]:
    """The service as it is after it was given a host, and a phone there."""
    services = await Services.on(bench.store, public_url=host, clock=bench.clock)
    transport = httpx.ASGITransport(web.application(services, graphiql=False, demo_key=None))
    async with httpx.AsyncClient(transport=transport, base_url=origin_of(host)) as phone:
        yield services, phone
    await services.changes.close()


async def wrong_answers(codes: Codes, services: Services, phone: httpx.AsyncClient) -> dict[str, object]:
    """Which codes do not answer as promised, and with what."""
    wrong: dict[str, object] = {}

    def expect(code: str, found: object, expected: object) -> None:
        if found != expected:
            wrong[code] = (found, expected)

    for link_id, outcome in codes.labels.items():
        page = await phone.get(f"/L/{link_id}")
        expect(f"page {link_id}", page.status_code, 200)
        expect(f"typed {link_id}", (await phone.get(f"/l/{link_id.lower()}")).status_code, 308)
        for text in (codes.payloads[link_id], link_id, *(f"{host}/L/{link_id}" for host in codes.hosts)):
            found = await services.scans.resolve(ANONYMOUS, text)
            expect(text, (found.outcome, found.label and found.label["head"]["link_id"]), (outcome, link_id))
    for path, expected in codes.levels.items():
        answer = await phone.get(f"/{path}")
        where = answer.headers.get("location", str(answer.status_code))
        expect(path, where.removeprefix("../" * path.count("/")), expected)
        expect(f"link set of {path}", (await phone.get(f"/{path}", headers={"accept": LINKSET})).status_code, 200)
    for text, twin in codes.texts.items():
        scheme, _, value = text.partition(":")
        scanned = [value] if scheme == "vin" else [f"{host}/{value}" for host in ("https://id.gs1.org", *HOSTS)]
        for one in scanned:
            found = await services.scans.resolve(codes.actor if scheme == "vin" else ANONYMOUS, one)
            expect(one, (found.asset and found.asset["_id"], found.exact), (twin, True))
    return wrong


async def labels_of_every_fate(codes: Codes) -> AsyncIterator[None]:
    """Labels are printed, then damaged, removed, replaced or void; then what took over is void too."""
    bench, actor, labels = codes.bench, codes.actor, codes.bench.services.labels
    unready = [codes.label(await born(bench, actor), Outcome.NOT_YET_APPLIED) for born in (issued, preprinted, printed)]
    kept, void = [codes.label(await applied(bench, actor), Outcome.CURRENT) for _ in range(2)]
    codes.label(await issued(bench, actor), Outcome.NOT_YET_APPLIED)
    lost, gone, old = [codes.label(await applied(bench, actor), Outcome.CURRENT) for _ in range(3)]
    yield
    for twin in (*unready, void):
        codes.label(await labels.void(actor, twin, why()), Outcome.VOID)
    codes.label(await labels.report(actor, lost, lost=True, command=why()), Outcome.DAMAGED)
    codes.label(await labels.remove(actor, gone, why()), Outcome.REMOVED)
    before, after = await bench.services.replacements.replace(actor, old, by=None, face=None, command=why())
    codes.label(before, Outcome.REPLACED)
    codes.label(after, Outcome.NOT_YET_APPLIED)
    yield
    codes.label(await labels.void(actor, after["_id"], why()), Outcome.VOID)
    codes.label(await labels.void(actor, kept, why()), Outcome.VOID)
    yield


async def a_label_that_is_replaced(codes: Codes) -> AsyncIterator[None]:
    """The Digital Link on it leads to the label that took over, and when that is void, to it all the same."""
    bench, actor = codes.bench, codes.actor
    path = f"01/{new_gtin()}/21/S"
    first = await applied(bench, actor, await codes.asset(f"gs1:{path}"))
    codes.levels[path] = codes.page(first, Outcome.CURRENT)
    yield
    before, second = await bench.services.replacements.replace(actor, first["_id"], by=None, face=None, command=why())
    codes.label(before, Outcome.REPLACED)
    codes.levels[path] = codes.page(second, Outcome.NOT_YET_APPLIED)
    yield
    codes.label(await bench.services.labels.void(actor, second["_id"], why()), Outcome.VOID)
    yield


async def a_misread_gtin(codes: Codes) -> AsyncIterator[None]:
    """A product, a lot and an item, whose GTIN is corrected, and corrected once more; then the right one gets links."""
    bench, actor = codes.bench, codes.actor
    gtins = [f"01/{new_gtin()}" for _ in range(3)]
    things = {
        "": await codes.asset(f"gs1:{gtins[0]}", granularity=Granularity.PRODUCT),
        "/10/L": await codes.asset(f"gs1:{gtins[0]}/10/L", granularity=Granularity.LOT),
        "/21/S": await codes.asset(f"gs1:{gtins[0]}/21/S", f"vin:{new_vin()}"),
    }
    product, item = [codes.page(await applied(bench, actor, things[name]), Outcome.CURRENT) for name in ("", "/21/S")]

    def answers(gtin: str) -> dict[str, str]:
        levels = {"": product, "/21/UNKNOWN": product, "/10/L": f"A/{gtin}/10/L", "/21/S": item}
        return {f"{gtin}{qualifiers}": page for qualifiers, page in levels.items()}

    codes.levels |= answers(gtins[0])
    yield
    for before, after in pairwise(gtins):
        for qualifiers, twin in things.items():
            await codes.correct(twin, f"{before}{qualifiers}", f"{after}{qualifiers}")
        codes.levels |= answers(after)
    yield
    await give(bench, actor, gtins[2], link("pip", "https://brand.example/right"))
    for gtin in gtins:
        codes.levels |= dict.fromkeys((gtin, f"{gtin}/21/UNKNOWN"), "https://brand.example/right")
    yield


async def a_linked_gtin(codes: Codes) -> AsyncIterator[None]:
    """A GTIN has links of its own when it turns out to be wrong; then the right one gets some."""
    bench, actor = codes.bench, codes.actor
    wrong, right = (f"01/{new_gtin()}" for _ in range(2))
    product = await codes.asset(f"gs1:{wrong}", granularity=Granularity.PRODUCT)
    await give(bench, actor, wrong, link("pip", "https://brand.example/old"))
    codes.levels |= dict.fromkeys((wrong, f"{wrong}/21/X"), "https://brand.example/old")
    yield
    await codes.correct(product, wrong, right)
    yield
    await give(bench, actor, right, link("pip", "https://brand.example/new"))
    codes.levels |= dict.fromkeys((wrong, f"{wrong}/21/X", right, f"{right}/21/X"), "https://brand.example/new")
    yield


async def items_that_are_one(codes: Codes) -> AsyncIterator[None]:
    """Three items, the last without a label; the first turns out to be the second, and then the second the third."""
    bench, actor = codes.bench, codes.actor
    paths = [f"01/{new_gtin()}/21/{serial}" for serial in "TUV"]
    things = [await codes.asset(f"gs1:{path}") for path in paths]
    pages = [codes.page(await applied(bench, actor, twin), Outcome.CURRENT) for twin in things[:2]]
    codes.levels |= dict(zip(paths, (*pages, f"A/{paths[2]}"), strict=True))
    yield
    for place in (1, 2):
        duplicate, into = things[place - 1 : place + 1]
        await bench.services.identifiers.merge(actor, duplicate=duplicate, into=into, command=why())
        codes.levels |= dict.fromkeys(paths[: place + 1], pages[1])
        codes.texts |= dict.fromkeys((f"gs1:{path}" for path in paths[: place + 1]), into)
        yield


STORIES = (labels_of_every_fate, a_label_that_is_replaced, a_misread_gtin, a_linked_gtin, items_that_are_one)


async def test_every_code_ever_issued_answers_as_promised(fresh_bench: Bench, actor: Actor) -> None:
    codes, doors = Codes(fresh_bench, actor), []
    stories = [story(codes) for story in STORIES]
    async with AsyncExitStack() as stack:
        for host in HOSTS:
            codes.hosts.append(host)
            doors.append(await stack.enter_async_context(served(fresh_bench, host)))
            for story in stories:
                await anext(story)
            for services, phone in doors:
                assert await wrong_answers(codes, services, phone) == {}
    assert (len(codes.labels), len(codes.levels)) == (16, 20)
    report = await fresh_bench.services.audit.check_history(actor)
    assert (report.broken, report.uncovered_twins) == (0, report.twins)
