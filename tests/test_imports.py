"""Imports of services and command lines that are killed in the middle: no row twice, none missing, history whole."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import MongoClient

from tests.running import TWIN, running, twin
from twin.store import embedded

LONGEST_S = 1_500
JOB = "query($id: ID!) { importJob(id: $id) { state total done refused startedAt endedAt error report } }"
OPEN = {"QUEUED", "RUNNING"}


def lines(count: int) -> Iterator[bytes]:
    """A file of that many rows, each with a label; every tenth row has the identifier of the one before."""
    for at in range(count):
        number = at - 1 if at % 10 == 9 else at
        row = {
            "kind": "component",
            "name": f"Module {at}",
            "identifiers": [f"part:ACME/PN-1/serial/S{number:07}"],
            "label": {"profile": "asset_tag", "face": {"tag": f"T-{at}"}},
        }
        yield json.dumps(row).encode() + b"\n"


def require_each_once(folder: Path, count: int, report: list[dict[str, Any]]) -> None:
    """Let pass a database that holds what the report says, each once, and nothing else."""
    assert [row["row"] for row in report] == list(range(1, count + 1))
    refused = [row for row in report if "code" in row]
    assert [row["row"] for row in refused] == list(range(10, count + 1, 10))
    assert {row["code"] for row in refused} <= {"IDENTIFIER_TAKEN"}
    done = {row["asset"]: row for row in report if "asset" in row}
    with embedded.acquire(folder) as mongod, MongoClient[dict[str, Any]](mongod.uri) as client:
        base = client["twin"]
        assets = {each["_id"]: each["head"]["name"] for each in base["assets"].find({}, {"head.name": True})}
        assert assets == {asset: f"Module {row['row'] - 1}" for asset, row in done.items()}
        on = {each["_id"]: each["head"]["asset"] for each in base["labels"].find({}, {"head.asset": True})}
        assert on == {row["label"]: asset for asset, row in done.items()}
        held = {each["_id"]: each["asset"] for each in base["identifiers"].find({})}
        assert sorted(held.values()) == sorted(done)
        assert base["import_chunks"].count_documents({"expires": {"$exists": True}}) == 0
    checked = twin_checked(folder)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def twin_checked(folder: Path) -> subprocess.CompletedProcess[str]:
    """`twin check-history`, which may take a while."""
    environment = {**os.environ, "TWIN_DATA_DIR": str(folder)}
    command = [str(TWIN), "check-history"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=LONGEST_S)


def until(client: httpx.Client, url: str, job: str, settled: int) -> dict[str, Any]:
    """The import, once so many rows are settled, or it is over."""
    deadline = time.monotonic() + LONGEST_S
    while True:
        answer = client.post(f"{url}/graphql", json={"query": JOB, "variables": {"id": job}}).json()
        found: dict[str, Any] = answer["data"]["importJob"]
        if found["done"] + found["refused"] >= settled or found["state"] not in OPEN:
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.02)


def killed_in_the_middle(folder: Path, count: int) -> str:
    """Import so many rows with a kill -9 when a third is done, and look at all that is left of it."""
    key = twin(folder, "keys", "add", "importer", "--role", "issuer").stdout.strip()
    headers = {"content-type": "application/x-ndjson"}
    send: dict[str, Any] = {"params": {"clientMutationId": "opening"}, "headers": headers}
    with httpx.Client(timeout=LONGEST_S, headers={"authorization": f"Bearer {key}"}) as client:
        with running(folder, "serve") as service:
            began = time.monotonic()
            job = client.post(f"{service.url}/imports", content=lines(count), **send).json()["importJob"]["id"]
            received_s = time.monotonic() - began
            seen = until(client, service.url, job, count // 3)
            service.process.send_signal(signal.SIGKILL)
            service.process.wait()
        killed = seen["done"] + seen["refused"]
        assert count // 3 <= killed < count
        with running(folder, "serve") as service:
            again = client.post(f"{service.url}/imports", content=lines(count), **send)
            assert again.json()["importJob"]["id"] == job
            began = time.monotonic()
            found = until(client, service.url, job, count + 1)
            resumed_s = time.monotonic() - began
            assert (found["state"], found["error"], found["total"]) == ("DONE", None, count)
            assert (found["done"], found["refused"]) == (count - count // 10, count // 10)
            report = client.get(f"{service.url}{found['report'][0]}").text.splitlines()
    require_each_once(folder, count, [json.loads(line) for line in report])
    return f"{count} rows came in in {received_s:.1f} s; killed at {killed}; over {resumed_s:.1f} s after the restart"


def test_an_import_goes_on_after_a_kill_and_has_each_row_once(tmp_path: Path) -> None:
    killed_in_the_middle(tmp_path, 3_000)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_an_import_of_a_hundred_thousand_goes_on_after_a_kill(tmp_path: Path) -> None:
    print(f"\n{killed_in_the_middle(tmp_path, 100_000)}")  # noqa: T201 - a figure for the note


def test_the_command_line_goes_on_where_it_was_killed(tmp_path: Path) -> None:
    count, file, report = 2_000, tmp_path / "opening.ndjson", tmp_path / "report.ndjson"
    file.write_bytes(b"".join(lines(count)))
    folder = tmp_path / "data"
    environment = {**os.environ, "TWIN_DATA_DIR": str(folder)}
    with embedded.acquire(folder) as mongod, MongoClient[dict[str, Any]](mongod.uri) as client:
        with subprocess.Popen([TWIN, "import", file], env=environment, stderr=subprocess.DEVNULL) as process:
            deadline = time.monotonic() + 60
            while not client["twin"]["assets"].count_documents({}):
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert client["twin"]["imports"].count_documents({"state": "RUNNING"}) == 1
    first = twin(folder, "import", str(file), "--report", str(report))
    assert first.returncode == 1, first.stderr
    assert first.stdout.splitlines()[:2] == [f"{count - count // 10:>10}  done", f"{count // 10:>10}  refused"]
    taken = "row 10, line 10: IDENTIFIER_TAKEN: 'part:ACME/PN-1/serial/S0000008'"
    assert first.stderr.splitlines()[0].startswith(taken)
    assert first.stderr.splitlines()[-1] == f"and {count // 10 - 20} more"
    assert len(first.stderr.splitlines()) == 21  # and no progress bar: this is no terminal
    assert twin(folder, "import", str(file)).stdout == first.stdout
    require_each_once(folder, count, [json.loads(line) for line in report.read_text().splitlines()])


def test_the_command_line_tells_what_is_no_file_of_ours(tmp_path: Path) -> None:
    given = (("a.txt", b"", ".csv or .ndjson"), ("a.csv", b"kind\n", "name"), ("b.csv", None, "read"))
    for name, content, word in given:
        if content is not None:
            (tmp_path / name).write_bytes(content)
        told = twin(tmp_path / "data", "import", str(tmp_path / name))
        assert (told.returncode, told.stdout) == (2, ""), told.stderr
        assert word in told.stderr
    (tmp_path / "c.ndjson").write_bytes(b"".join(lines(1)))
    told = twin(tmp_path / "data", "import", str(tmp_path / "c.ndjson"), "--report", str(tmp_path / "none" / "r.csv"))
    assert told.returncode == 2
    assert told.stderr.splitlines()[-1].endswith("r.csv cannot be written: No such file or directory.")


def test_the_command_line_shows_its_progress_on_a_terminal(tmp_path: Path) -> None:
    file = tmp_path / "opening.ndjson"
    file.write_bytes(b"".join(lines(3)))
    environment = {**os.environ, "TWIN_DATA_DIR": str(tmp_path / "data"), "TERM": "xterm"}
    ours, theirs = pty.openpty()
    with subprocess.Popen([TWIN, "import", file], env=environment, stderr=theirs, stdout=subprocess.PIPE) as process:
        os.close(theirs)
        out, _ = process.communicate(timeout=60)
    shown = os.read(ours, 4096).decode()
    os.close(ours)
    assert process.returncode == 0, shown
    assert out.decode().splitlines()[:2] == [f"{3:>10}  done", f"{0:>10}  refused"]
    assert "Reading" in shown
    assert "Importing" in shown
    assert "100%" in shown
