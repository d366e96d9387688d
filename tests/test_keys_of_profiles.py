"""A key of some profiles: what is of others is not there for it, at any door, in the words for what is nowhere."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.api.graphql.sockets import opened, served
from tests.conftest import PUBLIC_URL, bench_on
from tests.services.factory import new_asset, new_vin
from tests.test_rights import document_of, fields
from twin.api import web
from twin.domain.actor import WITHIN_PROFILES, Permission, full_actor
from twin.domain.history import Command
from twin.domain.print_job import PrintFormat, PrintOrder
from twin.domain.template import Template
from twin.errors import InvalidInput, NotFound
from twin.identity.link import LinkId
from twin.services.labels import Order

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio

CHIEF = full_actor("chief")
ROLES = ["issuer", "approver", "auditor"]
NOBODY = "lbl_" + "a" * 24
NOWHERE = LinkId.from_random(b"nowhere" * 3).value
LABELS = "{ labels { totalCount edges { node { id } } } }"
FILTERED = "query($p: [LabelProfile!]) { labels(profiles: $p) { totalCount edges { node { id } } } }"
ON = """query($asset: ID!) { labels(asset: $asset) { totalCount edges { node { id } } }
  asset(id: $asset) { labels { totalCount edges { node { id } } } } }"""
THEN = """query($asset: ID!) { asset(id: $asset, asOf: {recorded: "2030-01-01T00:00:00Z"}) {
  labels { totalCount edges { node { id } } } } }"""
SEARCH = "query($text: String!) { search(text: $text) { node { id } } }"
JOBS = "{ printJobs { totalCount edges { node { id } } } }"
TEMPLATES = "{ templates { totalCount edges { node { id } } } }"
SCAN = "query($text: String!) { resolveScan(text: $text) { outcome message label { id } asset { id } } }"


@dataclass
class Plant:
    """Two labels of one asset, of a profile that the key is of and of one that it is not, and what is around them."""

    bench: Bench
    key: str
    asset: str
    vin: str
    mine: dict[str, Any]
    other: dict[str, Any]
    mine_job: str
    other_job: str
    mine_template: str
    other_template: str

    def ours(self, text: str) -> str:
        """An answer without the names of what was asked for, of the other label or of one that there is not."""
        names = (self.other["_id"], self.other["head"]["link_id"], self.other_job, self.other_template)
        for name in (*names, NOBODY, NOWHERE, "job_none", "nowhere@1"):
            text = text.replace(name, "X")
        return text


async def template_of(bench: Bench, profile: str) -> str:
    drawn = Template.from_document(
        {
            "profile": profile,
            "width": "50",
            "height": "25",
            "elements": [{"kind": "symbol", "x": "1.5", "y": "1.5", "carrier": "link", "module": "0.5"}],
        }
    )
    document = await bench.services.templates.draw(CHIEF, name=f"{profile[:5].strip('_')}-plate", template=drawn)
    return str(document["_id"])


@pytest.fixture(scope="module")
async def plant(mongo_uri: str) -> AsyncIterator[Plant]:
    async with bench_on(mongo_uri) as bench:
        services = bench.services
        asset = await new_asset(bench, CHIEF, "vin:1M8GDM9AXKP042788", name="Quarrel")
        orders = [Order(asset, "asset_tag", {"tag": "7"}), Order(asset, "vin_plate", {})]
        mine, other = await services.labels.issue(CHIEF, orders, Command())
        jobs = [
            (await services.print_jobs.create(CHIEF, [label["_id"]], PrintOrder(PrintFormat.PDF), Command()))["_id"]
            for label in (mine, other)
        ]
        templates = [await template_of(bench, profile) for profile in ("asset_tag", "vin_plate")]
        key = await services.keys.add(CHIEF, "tags", roles=ROLES, profiles=["asset_tag"])
        yield Plant(bench, key, asset, "1M8GDM9AXKP042788", dict(mine), dict(other), *jobs, *templates)


@pytest.fixture
async def client(plant: Plant) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(web.application(plant.bench.services, graphiql=False, demo_key=None))
    headers = {"authorization": f"Bearer {plant.key}"}
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL, headers=headers) as made:
        yield made


async def ask(client: httpx.AsyncClient, query: str, **variables: Any) -> Any:
    found = (await client.post("/graphql", json={"query": query, "variables": variables})).json()
    assert "errors" not in found, found
    return found["data"]


def nodes(page: dict[str, Any]) -> list[str]:
    assert page["totalCount"] == len(page["edges"])
    return [edge["node"]["id"] for edge in page["edges"]]


def asked_of(name: str, label: str, link_id: str, job: str, template: str) -> tuple[str, dict[str, Any]] | None:
    """A root field, asked of a label, a job or a template; None if it asks for none of them."""
    operation, field = fields()[name]
    query, variables = document_of(operation, name.split()[1], field)
    query = query.replace("{ errors { code } }", "{ errors { code message path } }")
    given = {"label": label, "by": label, "labels": [label], "linkId": link_id, "job": job, "template": template}
    given["id"] = {"printJob": job, "template": template}.get(name.split()[1], label)
    told = json.dumps(variables)
    for values in (variables, *(value for value in variables.values() if isinstance(value, dict))):
        for each in values.keys() & given.keys():
            if name != "query asset" and (each != "labels" or isinstance(values[each][0], str)):
                values[each] = given[each]
    return None if json.dumps(variables) == told else (query, variables)


DOORS = [name for name in fields() if asked_of(name, "a", "b", "c", "d") is not None]


def test_every_move_of_a_label_is_among_the_doors() -> None:
    moves = {"printLabel", "voidLabel", "reviseLabel", "replaceLabel", "claimLabel", "correctLabel", "printLabels"}
    others = {"cancelPrintJob", "approveTemplate", "submitTemplate", "withdrawTemplate"}
    assert {f"mutation {name}" for name in moves | others} <= {*DOORS}
    assert {f"query {name}" for name in ("label", "node", "printJob", "template")} <= {*DOORS}


@pytest.mark.parametrize("name", DOORS)
async def test_what_is_of_another_profile_is_told_of_as_what_there_is_not(
    plant: Plant, client: httpx.AsyncClient, name: str
) -> None:
    label, link_id = plant.other["_id"], plant.other["head"]["link_id"]
    other = asked_of(name, label, link_id, plant.other_job, plant.other_template)
    none = asked_of(name, NOBODY, NOWHERE, "job_none", "nowhere@1")
    assert other is not None
    assert none is not None
    answers = [
        await client.post("/graphql", json={"query": query, "variables": variables})
        for query, variables in (other, none)
    ]
    there, nowhere = [(answer.status_code, plant.ours(answer.text)) for answer in answers]
    assert there == nowhere
    [told] = (answers[0].json().get("data") or {None: None}).values()
    assert told is None or told["errors"], answers[0].text


@pytest.mark.parametrize(
    "path",
    [
        *("/L/{link}", "/L/{link}.svg?template=", "/templates/{template}.png", "/templates/{template}.pdf"),
        *(f"/L/{{link}}.{ending}" for ending in ("svg", "png", "pdf", "zpl", "zplnative")),
        *(f"/jobs/{{job}}.{ending}" for ending in ("pdf", "zpl", "zip")),
    ],
)
@pytest.mark.parametrize("accept", ["text/html", "application/json", "application/linkset+json"])
async def test_so_is_it_on_every_route(plant: Plant, client: httpx.AsyncClient, path: str, accept: str) -> None:
    other = {"link": plant.other["head"]["link_id"], "job": plant.other_job, "template": plant.other_template}
    none = {"link": NOWHERE, "job": "job_none", "template": "nowhere@1"}
    answers = [await client.get(path.format(**names), headers={"accept": accept}) for names in (other, none)]
    there, nowhere = [(answer.status_code, plant.ours(answer.text)) for answer in answers]
    assert there == nowhere
    assert there[0] == 404


async def test_a_photo_of_another_label_is_not_taken_in(plant: Plant, client: httpx.AsyncClient) -> None:
    answers = [
        await client.post(f"/L/{link_id}/photo", content=b"x") for link_id in (plant.other["head"]["link_id"], NOWHERE)
    ]
    there, nowhere = [(answer.status_code, plant.ours(answer.text)) for answer in answers]
    assert there == nowhere
    assert there[0] == 404


async def test_what_is_of_its_own_profile_is_there(plant: Plant, client: httpx.AsyncClient) -> None:
    mine = plant.mine["_id"]
    assert (await ask(client, f'{{ label(id: "{mine}") {{ id }} }}'))["label"]["id"] == mine
    assert (await client.get(f"/L/{plant.mine['head']['link_id']}")).status_code == 200
    assert (await client.get(f"/L/{plant.mine['head']['link_id']}.svg")).status_code == 200
    assert (await client.get(f"/templates/{plant.mine_template}.png")).status_code == 200
    assert (await ask(client, f'{{ printJob(id: "{plant.mine_job}") {{ id }} }}'))["printJob"]["id"] == plant.mine_job
    issued = await plant.bench.services.labels.issue(CHIEF, [Order(plant.asset, "asset_tag", {"tag": "8"})], Command())
    void = (
        'mutation($id: ID!) { voidLabel(input: {label: $id, reason: "misprint"}) { label { state } errors { code } } }'
    )
    assert (await ask(client, void, id=issued[0]["_id"]))["voidLabel"]["label"]["state"] == "VOID"


async def test_lists_counts_and_search_leave_it_out(plant: Plant, client: httpx.AsyncClient) -> None:
    mine, other = plant.mine["_id"], plant.other["_id"]
    answers = [
        nodes((await ask(client, LABELS))["labels"]),
        nodes((await ask(client, FILTERED, p=["ASSET_TAG", "VIN_PLATE"]))["labels"]),
        nodes((await ask(client, THEN, asset=plant.asset))["asset"]["labels"]),
        *(nodes(page) for page in _pages(await ask(client, ON, asset=plant.asset))),
        [hit["node"]["id"] for hit in (await ask(client, SEARCH, text=plant.mine["head"]["link_id"][:6]))["search"]],
    ]
    for answer in answers:
        assert mine in answer
        assert other not in answer
    assert nodes((await ask(client, FILTERED, p=["VIN_PLATE"]))["labels"]) == []
    assert (await ask(client, SEARCH, text=plant.other["head"]["link_id"]))["search"] == []
    assert nodes((await ask(client, JOBS))["printJobs"]) == [plant.mine_job]
    assert nodes((await ask(client, TEMPLATES))["templates"]) == [plant.mine_template]


def _pages(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [found["labels"], found["asset"]["labels"]]


async def test_a_scan_leads_to_it_no_more_than_to_what_there_is_not(plant: Plant, client: httpx.AsyncClient) -> None:
    told = [
        (await ask(client, SCAN, text=f"{PUBLIC_URL}/L/{link_id}"))["resolveScan"]
        for link_id in (plant.other["head"]["link_id"], NOWHERE)
    ]
    assert [plant.ours(json.dumps(each)) for each in told] == [plant.ours(json.dumps(told[1]))] * 2
    assert told[0]["label"] is None
    mine = (await ask(client, SCAN, text=f"{PUBLIC_URL}/L/{plant.mine['head']['link_id']}"))["resolveScan"]
    assert mine["label"]["id"] == plant.mine["_id"]


async def test_the_resolver_leads_to_a_label_that_is_there(plant: Plant, client: httpx.AsyncClient) -> None:
    bench = plant.bench
    path = f"01/09506000134352/21/{uuid.uuid4().hex[:10]}"
    asset = await new_asset(bench, CHIEF, f"gs1:{path}", f"vin:{new_vin()}", name="Resolved")
    [mine] = await bench.services.labels.issue(CHIEF, [Order(asset, "asset_tag", {"tag": "9"})], Command())
    assert (await client.get(f"/{path}")).headers["location"].endswith(f"L/{mine['head']['link_id']}")
    await bench.services.labels.issue(CHIEF, [Order(asset, "vin_plate", {})], Command())
    assert (await client.get(f"/{path}")).headers["location"].endswith(f"L/{mine['head']['link_id']}")


async def test_subscribers_are_not_told_of_it(plant: Plant) -> None:
    services = plant.bench.services
    application = web.application(services, graphiql=False, demo_key=None)
    async with served(application) as url, opened(url, plant.key) as listening:
        await listening.subscribe(
            "subscription { changes(filter: {kinds: [LABEL]}) { version { ... on LabelVersion { label { id } } } } }"
        )
        await listening.subscribe(
            f'subscription {{ labelChanged(linkId: "{plant.other["head"]["link_id"]}") {{ cursor }} }}', "2"
        )
        there = await listening.failed("2")
        await listening.subscribe(f'subscription {{ labelChanged(linkId: "{NOWHERE}") {{ cursor }} }}', "3")
        assert plant.ours(json.dumps(there)) == plant.ours(json.dumps(await listening.failed("3")))
        made = [
            (await services.labels.issue(CHIEF, [Order(plant.asset, profile, face)], Command()))[0]["_id"]
            for profile, face in (("vin_plate", dict[str, str]()), ("asset_tag", {"tag": "7"}))
        ]
        assert (await listening.next())["changes"]["version"]["label"]["id"] == made[1]


async def test_labels_of_other_profiles_are_not_made(plant: Plant, client: httpx.AsyncClient) -> None:
    actor = await plant.bench.services.keys.actor(plant.key)
    labels, templates = plant.bench.services.labels, plant.bench.services.templates
    with pytest.raises(NotFound, match="There is no profile 'vin_plate'"):
        await labels.issue(actor, [Order(plant.asset, "asset_tag"), Order(plant.asset, "vin_plate")], Command())
    with pytest.raises(NotFound, match="There is no profile 'vin_plate'"):
        await labels.preprint(actor, "vin_plate", 1, Command(reason="stock"))
    with pytest.raises(NotFound, match="There is no profile 'vin_plate'"):
        await plant.bench.services.linting.of_draft(actor, "vin_plate", {}, asset=None, template=None, dpi=None)
    drawn = await templates.find(CHIEF, plant.other_template)
    with pytest.raises(NotFound, match="There is no profile 'vin_plate'"):
        await templates.draw(actor, name="mine", template=Template.from_document(drawn["layout"]))


async def test_of_its_roles_a_key_keeps_what_is_about_labels(plant: Plant) -> None:
    keys = plant.bench.services.keys
    chief = await keys.actor(await keys.add(CHIEF, "chief", roles=["admin"], profiles=["asset_tag"]))
    assert chief.permissions == WITHIN_PROFILES
    assert not chief.may(Permission.MANAGE_KEYS)
    for profiles in ([], ["tag"], ["asset_tag", "$ne"]):
        with pytest.raises(InvalidInput, match="profiles: expected alterer_label"):
            await keys.add(CHIEF, "tags", roles=["viewer"], profiles=profiles)
