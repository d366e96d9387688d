"""A print job of a service that is killed in the middle: each label printed once in history, the file whole."""

from __future__ import annotations

import signal
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from pymongo import MongoClient

from tests.running import Running, running, twin
from twin.store import embedded

LONGEST_S = 900
MOST_ISSUED = 500
OPEN = {"QUEUED", "RUNNING", "CANCELLING"}

REGISTER = 'mutation { done: registerAsset(input: { kind: "tool", name: "A drill" }) { asset { id } } }'
ISSUE = (
    "mutation($input: IssueLabelsInput!) { done: issueLabels(input: $input) { labels { linkId } errors { message } } }"
)
PRINT = "mutation($input: PrintLabelsInput!) { done: printLabels(input: $input) { job { id } errors { message } } }"
CANCEL = "mutation($input: PrintJobInput!) { done: cancelPrintJob(input: $input) { job { state } errors { message } } }"
JOB = "query($id: ID!) { done: printJob(id: $id) { state total printed refused startedAt endedAt download error } }"


@contextmanager
def plant_in(folder: Path) -> Iterator[Plant]:
    """A client with a key of the service on that data."""
    key = twin(folder, "keys", "add", "printer", "--role", "admin").stdout.strip()
    with httpx.Client(timeout=60, headers={"authorization": f"Bearer {key}"}) as client:
        yield Plant(client)


class Plant:
    """A client of a service that may be started anew, at another `url`."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.url = ""

    def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        answer = self.client.post(f"{self.url}/graphql", json={"query": document, "variables": variables}).json()
        assert "errors" not in answer, answer
        done = dict(answer["data"]["done"])
        assert not done.get("errors"), done
        return done

    def issued(self, count: int) -> list[str]:
        """The link ids of new labels."""
        asset = self.ask(REGISTER)["asset"]["id"]
        found: list[str] = []
        while len(found) < count:
            numbers = range(len(found), min(count, len(found) + MOST_ISSUED))
            orders = [
                {"asset": asset, "profile": "ASSET_TAG", "face": [{"name": "tag", "value": f"T-{number}"}]}
                for number in numbers
            ]
            found += [label["linkId"] for label in self.ask(ISSUE, input={"labels": orders})["labels"]]
        return found

    def printing(self, labels: list[str], **more: Any) -> str:
        """The id of a new job."""
        given = {"labels": labels, "format": "ZPL", "dpi": 203, **more}
        return str(self.ask(PRINT, input=given)["job"]["id"])

    def until(self, job: str, printed: int) -> dict[str, Any]:
        """The job, once it has printed that many, or is over."""
        deadline = time.monotonic() + LONGEST_S
        while True:
            found = self.ask(JOB, id=job)
            if found["printed"] >= printed or found["state"] not in OPEN:
                return found
            assert time.monotonic() < deadline, found
            time.sleep(0.05)

    def downloaded(self, path: str) -> bytes:
        answer = self.client.get(f"{self.url}{path}", timeout=LONGEST_S)
        assert answer.status_code == 200, answer.text
        return answer.content


def peak_mb(service: Running) -> int:
    """The most memory that the service has had, in MB."""
    [line] = [
        line
        for line in Path(f"/proc/{service.process.pid}/status").read_text().splitlines()
        if line.startswith("VmHWM:")
    ]
    return int(line.split()[1]) // 1024


def prints(folder: Path) -> list[int]:
    """How often each label was printed, in history."""
    with embedded.acquire(folder) as mongod, MongoClient[dict[str, Any]](mongod.uri) as client:
        found = client["twin"]["labels"].find({}, {"versions.action": True})
        return [sum(version["action"] == "PRINT" for version in label["versions"]) for label in found]


def killed_in_the_middle(folder: Path, count: int) -> str:
    """Print so many labels with a kill -9 when a third is printed, and look at all that is left of it."""
    with plant_in(folder) as plant:
        return _killed_in_the_middle(plant, folder, count)


def _killed_in_the_middle(plant: Plant, folder: Path, count: int) -> str:
    with running(folder, "serve") as service:
        plant.url = service.url
        labels = plant.issued(count)
        before = peak_mb(service)
        job = plant.printing(labels, clientMutationId="the-night-shift")
        seen = plant.until(job, count // 3)["printed"]
        first = peak_mb(service)
        service.process.send_signal(signal.SIGKILL)
        service.process.wait()
    with running(folder, "serve") as service:
        plant.url = service.url
        assert plant.printing(labels, clientMutationId="the-night-shift") == job
        assert count // 3 <= seen < count
        began = time.monotonic()
        done = plant.until(job, count + 1)
        resumed_s = time.monotonic() - began
        assert (done["state"], done["printed"], done["refused"], done["error"]) == ("DONE", count, 0, None)
        began = time.monotonic()
        content = plant.downloaded(done["download"])
        streamed_s = time.monotonic() - began
        assert content.count(b"^XA") == content.count(b"^XZ") == count
        second = peak_mb(service)
    assert prints(folder) == [1] * count
    return (
        f"{count} labels: killed at {seen}, the rest {resumed_s:.0f} s after the restart; "
        f"the file of {len(content) / 1e6:.1f} MB in {streamed_s:.1f} s; "
        f"peak memory {before} MB before, {first} MB at the kill, {second} MB at the end"
    )


def test_a_job_goes_on_after_a_kill_and_prints_each_label_once(tmp_path: Path) -> None:
    killed_in_the_middle(tmp_path, 200)


def test_a_job_that_is_cancelled_in_the_middle_keeps_what_is_printed(tmp_path: Path) -> None:
    with plant_in(tmp_path) as plant, running(tmp_path, "serve") as service:
        plant.url = service.url
        job = plant.printing(plant.issued(300))
        plant.until(job, 1)
        assert plant.ask(CANCEL, input={"job": job})["job"]["state"] == "CANCELLING"
        done = plant.until(job, 300)
        assert done["state"] == "CANCELLED"
        content = plant.downloaded(done["download"])
    assert 0 < content.count(b"^XA") == done["printed"] == sum(prints(tmp_path)) < 300


@contextmanager
def printer(taken: list[bytes]) -> Iterator[int]:
    """The port of a printer that puts what it takes into a list."""

    class Label(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            taken.append(self.rfile.read())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Label) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.05,))
        serving.start()
        yield server.server_address[1]
        server.shutdown()
        serving.join()


def test_a_printer_gets_each_label_though_the_service_is_killed(tmp_path: Path) -> None:
    taken: list[bytes] = []
    count = 60
    with plant_in(tmp_path) as plant, printer(taken) as port:
        settings: dict[str, Any] = {"TWIN_PRINTERS": f"line-3=127.0.0.1:{port}"}
        with running(tmp_path, "serve", **settings) as service:
            plant.url = service.url
            job = plant.printing(plant.issued(count), printer="line-3")
            plant.until(job, count // 3)
            service.process.send_signal(signal.SIGKILL)
            service.process.wait()
        # What was taken just before the kill is drawn again after it: with the same link only at the same address.
        same = urlsplit(service.url).port or 0
        with running(tmp_path, "serve", port=same, **settings) as service:
            plant.url = service.url
            done = plant.until(job, count + 1)
            content = plant.downloaded(done["download"])
    assert (done["state"], done["printed"]) == ("DONE", count)
    assert prints(tmp_path) == [1] * count
    in_order = list(dict.fromkeys(label for label in taken if label.endswith(b"^XZ\n")))  # a cut one is printed by none
    assert b"".join(in_order) == content
    assert count <= len(taken) <= count + 1  # the one that was under way may come out twice


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_job_of_ten_thousand_labels_goes_on_after_a_kill(tmp_path: Path) -> None:
    print(f"\n{killed_in_the_middle(tmp_path, 10_000)}")  # noqa: T201 - a figure for the note


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_job_of_ten_thousand_labels_in_steady_memory(tmp_path: Path) -> None:
    with plant_in(tmp_path) as plant, running(tmp_path, "serve") as service:
        plant.url = service.url
        labels = plant.issued(10_000)
        began = time.monotonic()
        job = plant.printing(labels)
        made_s = time.monotonic() - began
        peaks = [peak_mb(service)]
        for tenth in range(1, 11):
            done = plant.until(job, tenth * 1_000)
            peaks.append(peak_mb(service))
        done = plant.until(job, 10_001)
        printed_s = time.monotonic() - began
        began = time.monotonic()
        content = plant.downloaded(done["download"])
        streamed_s = time.monotonic() - began
        peaks.append(peak_mb(service))
    assert (done["state"], done["printed"]) == ("DONE", 10_000)
    assert content.count(b"^XA") == 10_000
    print(  # noqa: T201 - a figure for the note
        f"\n10,000 labels: the job made in {made_s:.1f} s, printed in {printed_s:.0f} s, "
        f"the file of {len(content) / 1e6:.0f} MB in {streamed_s:.0f} s; peak memory in MB at each tenth: {peaks}"
    )
    assert peaks[-1] < peaks[1] + 100
