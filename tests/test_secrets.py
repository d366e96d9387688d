"""No secret comes out again: not in what the process prints, in errors, in the audit log or in histories."""

from __future__ import annotations

import secrets
import signal
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import MongoClient

from tests.running import running, twin
from twin.config import Settings
from twin.store import embedded

QUERIES = ("{ labels(first: 1) { totalCount } }", "{ nothing }", 'mutation { voidLabel(input: {label: "x"')


def whole_database(uri: str) -> str:
    """Every document of the service's database, as text."""
    with MongoClient[dict[str, Any]](uri) as client:
        database = client["twin"]
        names = database.list_collection_names()
        assert "audit_log" in names
        return "\n".join(str(document) for name in names for document in database[name].find())


@pytest.mark.timeout(120)
def test_keys_come_out_nowhere(tmp_path: Path) -> None:
    data, bad, alias = tmp_path / "data", secrets.token_urlsafe(32), f"s{secrets.token_hex(16)}"
    key = twin(data, "keys", "add", "line-7", "--role", "admin").stdout.strip()
    hidden = (key, bad, alias)
    answers: list[httpx.Response] = []
    with running(data, "serve") as service, httpx.Client(base_url=service.url) as client:
        for sent in (key, bad):
            headers = {"authorization": f"Bearer {sent}"}
            answers.extend(client.post("/graphql", json={"query": query}, headers=headers) for query in QUERIES)
            answers.append(client.post("/L/0123456789ABC8/photo", content=b"x", headers=headers))
            answers.append(client.get("/L/0123456789ABC8.svg?template=x", headers=headers))
        answers.append(client.get(f"/L/0123456789ABC8?key={key}"))
        answers.append(client.get("/healthz", params={"key": key}, headers={"authorization": f"Basic {bad}"}))
        answers.append(client.post("/graphql", json={"query": f"{{ {alias}: labels {{ totalCount }} }}"}))
        void = f'mutation {{ voidLabel(input: {{label: "lbl_x", reason: "{key}"}}) {{ errors {{ message }} }} }}'
        callers: list[dict[str, str]] = [{"authorization": f"Bearer {key}"}, {}]
        answers.extend(client.post("/graphql", json={"query": void}, headers=caller) for caller in callers)
        service.process.send_signal(signal.SIGINT)
        assert service.process.stdout is not None
        said = service.said + service.process.stdout.read()
    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []
    with embedded.acquire(data) as mongod:
        kept = whole_database(mongod.uri)
    assert "UNAUTHENTICATED" in kept
    told = [text for answer in answers for text in (answer.text, str(answer.headers)) if alias not in answer.text]
    for secret in hidden:
        assert secret not in said
        assert secret not in kept
        assert not [text for text in told if secret in text]


@pytest.mark.timeout(60)
def test_the_password_of_the_database_comes_out_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    password = secrets.token_hex(16)
    for uri in (
        f"mongodb://twin:{password}@127.0.0.1:1/?serverSelectionTimeoutMS=200",
        f"mongodb://twin:{password}@@127.0.0.1:x/",
        f"nonsense://twin:{password}@127.0.0.1",
    ):
        monkeypatch.setenv("TWIN_MONGO_URI", uri)
        assert password not in repr(Settings()) + str(Settings()) + Settings().model_dump_json()
        answer = twin(tmp_path / "data", "show", "0123456789ABC8")
        assert answer.returncode == 3
        assert password not in answer.stdout + answer.stderr
