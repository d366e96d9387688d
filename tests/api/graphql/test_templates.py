"""Templates over GraphQL and HTTP: drawn, reviewed, approved by somebody else, and looked at."""

from __future__ import annotations

import base64
import uuid
from io import BytesIO
from typing import Any

import httpx
import pytest
import zxingcpp
from PIL import Image

from tests.api.graphql.calls import ERRORS, Ask, issued
from tests.conftest import Bench
from twin.domain.actor import full_actor
from twin.domain.elements import LARGEST_PICTURE

pytestmark = pytest.mark.anyio

TEMPLATE = "template { id name version profile state sha256 width height steps { action actor reason sha256 } }"
DRAW = (
    f"mutation($input: DrawTemplateInput!) {{ drawTemplate(input: $input) {{ {TEMPLATE} clientMutationId {ERRORS} }} }}"
)
ELEMENTS = """query($id: ID!) { template(id: $id) { elements { __typename
  ... on TextElement { x y width height text size least font align wrap }
  ... on FieldsElement { x y size fields }
  ... on SymbolElement { x y carrier module symbology options { name value } frame }
  ... on LineElement { x y toX toY thickness }
  ... on BoxElement { x y width height thickness }
  ... on ImageElement { x y width height png } } } }"""
TEXT: dict[str, dict[str, Any]] = {
    "text": {"x": 24, "y": 2, "width": 25, "height": 4, "text": "{tag}", "size": 3, "least": 1}
}
SYMBOL: dict[str, dict[str, Any]] = {"symbol": {"x": 1.5, "y": 1.5, "carrier": "link", "module": 0.5}}


def step(name: str, kind: str) -> str:
    return f"mutation($input: {kind}!) {{ {name}(input: $input) {{ {TEMPLATE} clientMutationId {ERRORS} }} }}"


def new_name() -> str:
    return f"t{uuid.uuid4().hex}"


async def draw(query: Ask, *elements: Any, **more: Any) -> dict[str, Any]:
    given = {
        "name": new_name(),
        "profile": "ASSET_TAG",
        "width": 50,
        "height": 25,
        "elements": elements or (TEXT, SYMBOL),
        **more,
    }
    return dict((await query(DRAW, input=given))["drawTemplate"])


async def in_review(query: Ask) -> dict[str, Any]:
    template = (await draw(query))["template"]
    submit = step("submitTemplate", "SubmitTemplateInput")
    return dict((await query(submit, input={"template": template["id"]}))["submitTemplate"]["template"])


async def approved(query: Ask, bench: Bench) -> dict[str, Any]:
    template = await in_review(query)
    await bench.services.templates.approve(full_actor("second"), template["id"], sha256=template["sha256"])
    return template


async def test_the_walk_of_a_template(query: Ask, bench: Bench) -> None:
    answer = await draw(query, clientMutationId=uuid.uuid4().hex)
    template = answer["template"]
    assert answer["errors"] == []
    assert (template["version"], template["profile"], template["state"]) == (1, "ASSET_TAG", "DRAFT")
    assert template["id"] == f"{template['name']}@1"
    submitted = await query(step("submitTemplate", "SubmitTemplateInput"), input={"template": template["id"]})
    assert submitted["submitTemplate"]["template"]["state"] == "IN_REVIEW"
    approve = step("approveTemplate", "ApproveTemplateInput")
    given = {"template": template["id"], "sha256": template["sha256"]}
    [error] = (await query(approve, input=given))["approveTemplate"]["errors"]
    assert (error["__typename"], error["code"]) == ("Refused", "REFUSED")
    assert "needs somebody else" in error["message"]
    refuse = step("refuseTemplate", "RefuseTemplateInput")
    refused = await query(refuse, input={"template": template["id"], "reason": "Too small"})
    assert refused["refuseTemplate"]["template"]["state"] == "DRAFT"
    again = (await draw(query, TEXT, name=template["name"], draft=1))["template"]
    assert again["sha256"] != template["sha256"]
    await query(step("submitTemplate", "SubmitTemplateInput"), input={"template": template["id"]})
    await bench.services.templates.approve(full_actor("second"), template["id"], sha256=again["sha256"])
    found = await query(
        f"query($id: ID!) {{ {TEMPLATE.replace('template', 'template(id: $id)', 1)} }}", id=again["name"]
    )
    told = [(one["action"], one["actor"], one["reason"]) for one in found["template"]["steps"]]
    assert told == [
        ("DRAW", "demo", None),
        ("SUBMIT", "demo", None),
        ("REFUSE", "demo", "Too small"),
        ("DRAW", "demo", None),
        ("SUBMIT", "demo", None),
        ("APPROVE", "second", None),
    ]
    withdraw = step("withdrawTemplate", "WithdrawTemplateInput")
    gone = await query(withdraw, input={"template": template["id"], "reason": "Old"})
    assert gone["withdrawTemplate"]["template"]["state"] == "WITHDRAWN"


async def test_a_template_says_whether_a_tag_is_written(query: Ask) -> None:
    asked = "query($id: ID!) { template(id: $id) { tag { companyPrefixLength filterValue } } }"
    for tag in ({"companyPrefixLength": 7, "filterValue": 1}, {"companyPrefixLength": None, "filterValue": 0}, None):
        template = (await draw(query, tag=tag))["template"]
        assert (await query(asked, id=template["id"]))["template"]["tag"] == tag
    refused = await draw(query, tag={"companyPrefixLength": 3})
    [error] = refused["errors"]
    assert (error["path"], error["message"]) == (
        ["tag", "companyPrefixLength"],
        "companyPrefixLength: expected a whole number, 4 to 12, found 3.",
    )


def black_png(side: int = 8) -> str:
    content = BytesIO()
    Image.new("1", (side, side)).save(content, "PNG")
    return base64.b64encode(content.getvalue()).decode()


async def test_every_element_comes_back_as_it_was_drawn(query: Ask) -> None:
    elements: list[dict[str, dict[str, Any]]] = [
        {"text": {**TEXT["text"], "x": 0.1 + 0.2, "font": "OCR", "align": "RIGHT", "wrap": True}},
        {"fields": {"x": 1, "y": 2, "width": 20, "height": 9, "size": 1.5, "fields": ["tag"]}},
        {
            "symbol": {
                **SYMBOL["symbol"],
                "symbology": "qr",
                "options": [{"name": "level", "value": "H"}],
                "frame": True,
            }
        },
        {"line": {"x": 1, "y": 24, "toX": 20, "toY": 24, "thickness": 0.2}},
        {"box": {"x": 0, "y": 0, "width": 50, "height": 25, "thickness": 0.3}},
        {"image": {"x": 30, "y": 15, "width": 5, "height": 5, "png": black_png()}},
    ]
    answer = await draw(query, *elements)
    assert answer["errors"] == []
    found = (await query(ELEMENTS, id=answer["template"]["id"]))["template"]["elements"]
    assert [one.pop("__typename") for one in found] == [
        "TextElement", "FieldsElement", "SymbolElement", "LineElement", "BoxElement", "ImageElement",
    ]  # fmt: skip
    for one, given in zip(found, elements, strict=True):
        [sent] = given.values()
        assert {name: one[name] for name in one if name in sent} == {
            name: 0.3 if value == 0.1 + 0.2 else value for name, value in sent.items() if name in one
        }


@pytest.mark.parametrize(
    ("element", "path"),
    [
        ({"text": {**TEXT["text"], "text": "{{"}}, ["elements", "1", "text"]),
        ({"text": {**TEXT["text"], "text": "{colour}"}}, ["elements", "1"]),
        ({"text": {**TEXT["text"], "width": 1e9}}, ["elements", "1", "width"]),
        ({"text": {**TEXT["text"], "x": 40}}, ["elements", "1", "width"]),
        ({"text": {**TEXT["text"], "text": "x" * 2000}}, ["elements", "1", "text"]),
        ({"text": {**TEXT["text"], "text": "a\u202eb"}}, ["elements", "1", "text"]),
        ({"symbol": {**SYMBOL["symbol"], "carrier": "udi"}}, ["elements", "1", "carrier"]),
        ({"symbol": {**SYMBOL["symbol"], "options": [{"name": "bar_mm", "value": "x"}]}}, ["elements", "1", "options"]),
        ({"symbol": {**SYMBOL["symbol"], "options": [{"name": "level"}]}}, ["elements", "1", "options"]),
        ({"image": {"x": 1, "y": 1, "width": 5, "height": 5, "png": "%"}}, ["elements", "1", "png"]),
        ({"image": {"x": 1, "y": 1, "width": 5, "height": 5, "png": "A" * 4 * LARGEST_PICTURE}}, None),
    ],
)
async def test_a_hostile_template_gets_an_error_that_names_the_place(
    client: httpx.AsyncClient, element: Any, path: list[str] | None
) -> None:
    given = {"name": new_name(), "profile": "ASSET_TAG", "width": 50, "height": 25, "elements": [TEXT, element]}
    answer = await client.post("/graphql", json={"query": DRAW, "variables": {"input": given}})
    if path is None:
        assert answer.status_code == 413
        return
    payload = answer.json()["data"]["drawTemplate"]
    assert payload["template"] is None
    assert payload["errors"][0]["path"] == path


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1"])
async def test_what_is_no_measure_is_refused(client: httpx.AsyncClient, number: str) -> None:
    asked = (
        f'{{"query": "mutation($w: Float!) {{ drawTemplate(input: {{name: \\"{new_name()}\\", profile: ASSET_TAG, '
        f"width: $w, height: 25, elements: [{{box: {{x: 0, y: 0, width: $w, height: 5, thickness: 0.2}}}}]}}) "
        f'{{ template {{ id }} errors {{ code path }} }} }}", "variables": {{"w": {number}}}}}'
    )
    answer = await client.post("/graphql", content=asked, headers={"content-type": "application/json"})
    found = answer.json()
    assert "Traceback" not in answer.text
    assert "INTERNAL" not in answer.text
    assert found.get("errors") or found["data"]["drawTemplate"]["errors"][0]["code"] == "INVALID_INPUT"


async def test_two_kinds_in_one_element_are_refused(client: httpx.AsyncClient) -> None:
    for element in ({**TEXT, **SYMBOL}, {}, {"text": None}):
        given = {"name": new_name(), "profile": "ASSET_TAG", "width": 50, "height": 25, "elements": [element]}
        answer = (await client.post("/graphql", json={"query": DRAW, "variables": {"input": given}})).json()
        assert answer["errors"][0]["extensions"]["code"] == "INVALID_QUERY"


async def test_an_approver_is_told_what_is_wrong_with_it(query: Ask) -> None:
    asked = "query($id: ID!, $dpi: Int) { template(id: $id) { findings(dpi: $dpi) { rule path message } } }"
    small = {"symbol": {**SYMBOL["symbol"], "module": 0.1}}
    drawn = (await draw(query, small))["template"]
    found = (await query(asked, id=drawn["id"], dpi=300))["template"]["findings"]
    assert {"layout.field", "symbol.module"} <= {one["rule"] for one in found}, found
    assert (await query(asked, id="asset_tag@builtin", dpi=203))["template"]["findings"] == []


async def test_templates_are_listed_in_pages_and_bring_their_elements_on_demand(query: Ask) -> None:
    drawn = [(await draw(query))["template"]["id"] for _ in range(3)]
    page = (
        await query(
            """{ templates(profile: ASSET_TAG, state: DRAFT, first: 2) { totalCount pageInfo { hasNextPage }
              edges { node { id elements { __typename } } } } }"""
        )
    )["templates"]
    assert [edge["node"]["id"] for edge in page["edges"]] == drawn[:0:-1]
    assert page["pageInfo"]["hasNextPage"]
    assert page["totalCount"] >= 3
    assert [len(edge["node"]["elements"]) for edge in page["edges"]] == [2, 2]


async def test_built_in_ones_are_there_from_the_start(query: Ask) -> None:
    found = (await query("{ builtinTemplates { id version state profile preview } }"))["builtinTemplates"]
    assert {"vin_plate@builtin", "battery@builtin", "logistic_unit@builtin"} <= {one["id"] for one in found}
    for one in found:
        assert (one["version"], one["state"]) == (None, "APPROVED")
        assert one["preview"].startswith("<svg")
    one = (await query('{ template(id: "vin_plate@builtin") { id width } }'))["template"]
    assert one == {"id": "vin_plate@builtin", "width": 70}


async def test_an_anonymous_caller_gets_nothing(anonymous: httpx.AsyncClient) -> None:
    for asked in ("{ templates { totalCount } }", '{ template(id: "vin_plate@builtin") { id } }'):
        answer = (await anonymous.post("/graphql", json={"query": asked})).json()
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert (await anonymous.get("/templates/vin_plate@builtin.svg")).status_code == 401


# Previews over HTTP


def read(content: bytes) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(Image.open(BytesIO(content)).convert("L"))]


async def test_a_label_is_drawn_from_its_template(
    query: Ask, client: httpx.AsyncClient, anonymous: httpx.AsyncClient, bench: Bench
) -> None:
    label, template = await issued(query), await approved(query, bench)
    whole = await client.get(f"/templates/{template['id']}.png?label={label['linkId']}&dpi=203")
    assert (whole.status_code, whole.headers["content-type"]) == (200, "image/png")
    assert read(whole.content) == [label["payload"]]
    same = await client.get(f"/L/{label['linkId']}.png?template={template['name']}&dpi=203")
    assert same.content == whole.content, "a name alone is its current version"
    assert same.headers["cache-control"] == "private, no-cache"
    again = await client.get(
        f"/L/{label['linkId']}.png?template={template['name']}&dpi=203", headers={"if-none-match": same.headers["etag"]}
    )
    assert again.status_code == 304
    own = await client.get(f"/L/{label['linkId']}.pdf?template=")
    assert own.content.startswith(b"%PDF"), "an empty one is that of the label's profile"
    assert (await client.get(f"/L/{label['linkId']}.zpl?template={template['id']}")).content.startswith(b"^XA")
    assert (await anonymous.get(f"/L/{label['linkId']}.pdf?template=")).status_code == 401
    symbol = await anonymous.get(f"/L/{label['linkId']}.png")
    assert read(symbol.content) == [label["payload"]], "without a template it is the symbol, for anybody"
    assert symbol.content != whole.content


async def test_nothing_prints_from_an_unapproved_one_and_its_preview_is_marked(
    query: Ask, client: httpx.AsyncClient, bench: Bench
) -> None:
    template = await in_review(query)
    refused = await client.get(f"/templates/{template['id']}.zpl")
    assert refused.status_code == 409
    assert "Nothing prints from" in refused.json()["errors"][0]["message"]
    draft = await client.get(f"/templates/{template['id']}.png")
    await bench.services.templates.approve(full_actor("second"), template["id"], sha256=template["sha256"])
    final = await client.get(f"/templates/{template['id']}.png")
    tall, low = Image.open(BytesIO(draft.content)), Image.open(BytesIO(final.content))
    assert tall.height > low.height, "the margin of the preview"
    assert (await client.get(f"/templates/{template['id']}.zpl")).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/templates/nothing@1.svg", 404),
        ("/templates/nothing.svg", 404),
        ("/templates/A@1.svg", 400),
        ("/templates/$where.svg", 400),
        ("/templates/vin_plate@builtin.svg?label=00000000000001", 404),
        ("/templates/vin_plate@builtin.svg?dpi=high", 400),
        ("/templates/vin_plate@builtin.png?dpi=99999", 400),
        ("/templates/vin_plate@builtin.zpl?dpi=301", 400),
        ("/templates/vin_plate@builtin.gif", 404),
    ],
)
async def test_what_cannot_be_drawn_says_why(client: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await client.get(path)
    assert answer.status_code == status
    assert answer.json()["errors"][0]["extensions"]["code"]


async def test_a_label_of_another_profile_is_refused(query: Ask, client: httpx.AsyncClient) -> None:
    label = await issued(query)
    answer = await client.get(f"/templates/vin_plate@builtin.svg?label={label['linkId']}")
    assert answer.status_code == 400
    assert "is for labels of vin_plate" in answer.json()["errors"][0]["message"]
