"""The walk that a user takes: the demo starts, every label of it can be scanned, it stops, it finds its data again."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import zxingcpp
from PIL import Image

from tests.running import Running, running, twin
from tests.services.factory import new_asset
from twin import demo as fleet
from twin.demo.genealogy import ACTOR
from twin.domain.history import Command
from twin.errors import SetupError

if TYPE_CHECKING:
    from tests.conftest import Bench

ALL = """query($after: String) { labels(first: 100, after: $after) {
  edges { node { linkId state outcome profile payload } } pageInfo { hasNextPage endCursor } } }"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The demo on a directory of its own."""
    with running(tmp_path_factory.mktemp("demo"), "demo") as service:
        yield service


def every_label(url: str) -> list[dict[str, Any]]:
    """The labels of the demo."""
    found: list[dict[str, Any]] = []
    after = None
    while True:
        answer = httpx.post(
            f"{url}/graphql",
            json={"query": ALL, "variables": {"after": after}},
            headers={"authorization": "Bearer demo"},
        )
        page = answer.json()["data"]["labels"]
        found += [edge["node"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return found


def asked(url: str, query: str) -> Any:
    """What GraphQL answers."""
    answer = httpx.post(f"{url}/graphql", json={"query": query}, headers={"authorization": "Bearer demo"}).json()
    assert "errors" not in answer, answer
    return answer["data"]


def lands_on(url: str, scanned: str, link_id: str) -> None:
    """What was decoded, requested as a phone does, is that label's page."""
    assert httpx.URL(scanned).host == httpx.URL(url).host
    page = httpx.get(scanned, headers={"accept": "text/html"}, follow_redirects=True)
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert link_id in page.text


def test_every_qr_code_of_the_demo_leads_to_its_twin(demo: Running, tmp_path: Path) -> None:
    """QR: written by segno, read by zxing-cpp."""
    labels = every_label(demo.url)
    assert len(labels) > 50
    assert {label["state"] for label in labels} >= {"UNCLAIMED", "ISSUED", "VERIFIED", "DAMAGED", "REMOVED", "VOID"}
    assert {label["outcome"] for label in labels} >= {"CURRENT", "STALE", "REPLACED"}
    for label in labels:
        image = tmp_path / "symbol.png"
        image.write_bytes(httpx.get(f"{demo.url}/L/{label['linkId']}.png?symbology=qr").content)
        with Image.open(image) as drawn:
            [read] = zxingcpp.read_barcodes(drawn)
        assert (read.text, read.symbology_identifier) == (label["payload"], "]Q1")
        lands_on(demo.url, read.text, label["linkId"])


@pytest.mark.skipif(
    shutil.which("dmtxread") is None, reason="left out: Data Matrix read by dmtxread (Debian: dmtx-utils)"
)
def test_every_data_matrix_of_the_demo_leads_to_its_twin(demo: Running, tmp_path: Path) -> None:
    """Data Matrix: written by zxing-cpp, read by libdmtx."""
    for label in every_label(demo.url):
        image = tmp_path / "symbol.png"
        answer = httpx.get(f"{demo.url}/L/{label['linkId']}.png?symbology=datamatrix&module=0.85&dpi=150")
        image.write_bytes(answer.content)
        read = subprocess.run(
            ["dmtxread", "--stop-after=1", image], capture_output=True, text=True, check=True, timeout=30
        ).stdout
        assert read == label["payload"]
        lands_on(demo.url, read, label["linkId"])


def test_every_vehicle_of_the_demo_knows_what_it_is_made_of_and_where_it_went(demo: Running) -> None:
    vehicles = asked(demo.url, '{ assets(kinds: ["vehicle"], first: 100) { edges { node { id } } } }')["assets"][
        "edges"
    ]
    whole = """{ asset(id: "%s") { name components(first: 100) { edges { node { level how asset { kind } } } }
      whereabouts { place inTransit inside { kind } } } }"""
    found = [asked(demo.url, whole % edge["node"]["id"])["asset"] for edge in vehicles]
    assert len(found) == 24
    for vehicle in found:
        steps = [edge["node"] for edge in vehicle["components"]["edges"]]
        said = sorted((step["level"], step["how"], step["asset"]["kind"]) for step in steps)
        assert said == [
            (1, "CONSUMED", "fluid"),
            (1, "INSTALLED", "component"),
            (1, "INSTALLED", "component"),
            (2, "CONSUMED", "inflators"),
            (2, "INSTALLED", "component"),
            (2, "INSTALLED", "component"),
            (3, "CONSUMED", "cells"),
            (3, "CONSUMED", "cells"),
        ]
        where = vehicle["whereabouts"]
        assert where["place"].startswith("Dealer")
        assert where["inTransit"] == (where["inside"] == [{"kind": "container"}])
    assert sum(vehicle["whereabouts"]["inTransit"] for vehicle in found) == 8


def test_the_command_line_shows_draws_and_refuses(demo: Running, tmp_path: Path) -> None:
    label = every_label(demo.url)[-1]["linkId"]
    shown = twin(demo.data_dir, "show", label)
    assert shown.returncode == 0
    assert "ISSUE" in shown.stdout
    first = twin(demo.data_dir, "show", label, "--revision", "1")
    assert "revision 1  ISSUED" in first.stdout
    drawn = twin(demo.data_dir, "render", label, "-o", str(tmp_path / "label.png"), "-s", "qr")
    assert drawn.returncode == 0
    with Image.open(tmp_path / "label.png") as image:
        assert label in zxingcpp.read_barcodes(image)[0].text
    for ending, start in (("pdf", b"%PDF-"), ("zpl", b"^XA")):
        file = tmp_path / f"label.{ending}"
        assert twin(demo.data_dir, "render", label, "-o", str(file)).returncode == 0
        assert file.read_bytes().startswith(start)
    unknown = twin(demo.data_dir, "show", "0123456789ABC8")
    assert (unknown.returncode, unknown.stderr) == (
        1,
        "Error: There is no label '0123456789ABC8', or you may not see it.\n",
    )
    bad = twin(demo.data_dir, "issue", "vin:1M8", "--profile", "asset_tag")
    assert bad.returncode == 2
    assert "17 characters" in bad.stderr


def test_it_stops_with_its_mongod_and_finds_the_data_again(tmp_path: Path) -> None:
    with running(tmp_path, "demo") as service:
        before = what_stays(service.url), how_much(service.url)
    assert service.process.returncode == 0
    assert not mongods(tmp_path)
    with running(tmp_path, "demo") as service:
        assert (what_stays(service.url), how_much(service.url)) == before
    assert not mongods(tmp_path)


@pytest.mark.anyio
async def test_the_demo_of_another_version_is_told_from_this_one(fresh_bench: Bench) -> None:
    other = Command(client_mutation_id="demo-vehicle-1")
    await new_asset(fresh_bench, ACTOR, "vin:137ZA903X1E412677", command=other)
    with pytest.raises(SetupError, match="demo of another version"):
        await fleet.load(fresh_bench.services)


def what_stays(url: str) -> list[dict[str, Any]]:
    """The labels, in the order of their link ids; an unprinted one will name the port that it is printed from."""
    labels = every_label(url)
    for label in labels:
        if label["state"] == "ISSUED":
            del label["payload"]
    return sorted(labels, key=lambda label: str(label["linkId"]))


def how_much(url: str) -> dict[str, Any]:
    """How many facts and assets there are."""
    counts = asked(url, "{ facts { totalCount } assets { totalCount } }")
    assert counts["facts"]["totalCount"] > 100
    return dict(counts)


def mongods(data_dir: Path) -> list[str]:
    """The command lines of the mongods that run on a data directory."""
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if "mongod" in line and str(data_dir) in line]
