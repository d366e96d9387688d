"""What is recalled, at the doors for everybody: the label's page in each form, the link set, GraphQL, the scan log."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.services.factory import applied, new_asset, why
from tests.services.test_identifiers import gtin
from tests.services.test_recalls import published
from twin.domain.actor import Actor, full_actor
from twin.domain.history import Command
from twin.domain.recall import Progress
from twin.services.resolution import RECALL_TYPE

if TYPE_CHECKING:
    from tests.conftest import Bench

pytestmark = pytest.mark.anyio


async def test_every_door_tells_it_until_it_is_closed(
    bench: Bench, actor: Actor, anonymous: httpx.AsyncClient, query: Callable[..., Any]
) -> None:
    path = f"01/{gtin()}/21/{uuid.uuid4().hex[:8]}"
    car = await new_asset(bench, actor, f"gs1:{path}")
    label = await applied(bench, actor, car)
    page = f"/L/{label['head']['link_id']}"
    before = await anonymous.get(page)
    etag = before.headers["etag"]
    assert "recalled" not in before.text
    recall = await published(bench, actor, full_actor("second"), car)

    shown = await anonymous.get(page, headers={"if-none-match": etag})
    assert shown.status_code == 200, "what was kept before is not good any more"
    assert "This is recalled." in shown.text
    assert "Do not drive. See your dealer." in shown.text
    told = (await anonymous.get(page, headers={"accept": "application/json"})).json()
    assert told["outcome"] == "RECALLED"
    [notice] = told["recalls"]
    assert (notice["id"], notice["title"]) == (recall["_id"], "Brake hoses of lot 7")
    assert not {"criteria", "events", "actor"} & notice.keys()
    links = (await anonymous.get(page, headers={"accept": "application/linkset+json"})).json()
    assert [link["title"] for link in links["linkset"][0][RECALL_TYPE]] == ["Brake hoses of lot 7"]

    links = (await anonymous.get(f"/{path}?linkType=linkset")).json()
    assert RECALL_TYPE in links["linkset"][0]
    asked = await anonymous.get(f"/{path}?linkType=gs1:recallStatus", follow_redirects=False)
    assert asked.status_code == 307
    wider = await anonymous.get(f"/{path.partition('/21/')[0]}?linkType=gs1:recallStatus")
    assert wider.status_code == 404, "the product is not recalled, one item is"

    answer = await query(
        "query($id: ID!) { label(id: $id) { outcome recalls { title notice recall } asset { recalls { title } } } }",
        id=label["_id"],
    )
    assert answer["label"]["outcome"] == "RECALLED"
    open_before = (await query("{ statistics { openRecalls } }"))["statistics"]["openRecalls"]
    assert open_before >= 1
    assert answer["label"]["recalls"][0]["recall"] == recall["_id"]
    assert answer["label"]["asset"]["recalls"] == [{"title": "Brake hoses of lot 7"}]

    work = bench.services.recalls.work
    await work(actor, recall["_id"], car, progress=Progress.CORRECTED, place=None, command=Command())
    await bench.services.recalls.close(full_actor("second"), recall["_id"], why())
    assert (await query("{ statistics { openRecalls } }"))["statistics"]["openRecalls"] == open_before - 1
    assert "recalled" not in (await anonymous.get(page)).text
    assert (await anonymous.get(f"/{path}?linkType=gs1:recallStatus")).status_code == 404
