"""Keys from the command line: made, listed, taken back, and the first one, which a new deployment prints once."""

from __future__ import annotations

import re
from pathlib import Path

import httpx

from tests.running import running, twin

ASKED = "{ assets(first: 1) { edges { node { id } } } }"


def status(url: str, key: str) -> str:
    """What a question that needs a key gets: `ok`, or the code of the error."""
    headers = {"authorization": f"Bearer {key}"}
    answer = httpx.post(f"{url}/graphql", json={"query": ASKED}, headers=headers).json()
    return str(answer["errors"][0]["extensions"]["code"]) if "errors" in answer else "ok"


def test_a_new_deployment_prints_its_first_key_once(tmp_path: Path) -> None:
    with running(tmp_path, "serve") as service:
        [key] = re.findall(r"shown this once: (\S+)", service.said)
        assert status(service.url, key) == "ok"
        assert status(service.url, key[:-1]) == "UNAUTHENTICATED"
        made = twin(tmp_path, "keys", "add", "gate", "--role", "viewer", "--expires", "30d")
        text = made.stdout.strip()
        assert status(service.url, text) == "ok"
        listed = twin(tmp_path, "keys", "list").stdout
        assert text not in listed
        assert key not in listed
        [line] = [line for line in listed.splitlines() if "gate" in line]
        assert re.fullmatch(r"key_[0-9a-f]{12}  (act-\w{16}) +viewer +used 20\d\d-.* expires 20\d\d-.*  gate", line), (
            line
        )
        actor = line.split()[1]
        assert twin(tmp_path, "people").stdout.split() == [actor, "key", "gate"]
        next_one = twin(tmp_path, "keys", "add", "gate 3", "--role", "viewer", "--actor", actor).stdout.strip()
        assert status(service.url, next_one) == "ok"
        assert "gate 3" in twin(tmp_path, "keys", "list").stdout
        assert "is forgotten" in twin(tmp_path, "forget", actor).stdout
        assert "gate" not in twin(tmp_path, "keys", "list").stdout
        assert twin(tmp_path, "people").stdout.split()[:2] == [actor, "forgotten"]
        assert "gate" not in twin(tmp_path, "audit-log").stdout
        assert status(service.url, next_one) == "ok"
        assert "is revoked" in twin(tmp_path, "keys", "revoke", line.split()[0]).stdout
        assert status(service.url, text) == "UNAUTHENTICATED"
    with running(tmp_path, "serve") as service:
        assert "shown this once" not in service.said
        assert status(service.url, key) == "ok"


def test_a_key_that_cannot_be_is_refused_in_one_line(tmp_path: Path) -> None:
    refused = twin(tmp_path, "keys", "add", "gate")
    assert refused.returncode == 2
    assert "--role" in refused.stderr
    refused = twin(tmp_path, "keys", "add", "gate", "--role", "viewer", "--expires", "soon")
    assert refused.returncode == 2
    assert "expected hours, days or a day such as 12h, 90d or 2027-01-31, found 'soon'" in refused.stderr
    refused = twin(tmp_path, "keys", "add", "gate", "--role", "viewer", "--actor", "gate")
    assert (refused.returncode, "There is no actor with a key 'gate'" in refused.stderr) == (1, True)
    refused = twin(tmp_path, "forget", "gate")
    assert (refused.returncode, "There is no person 'gate'" in refused.stderr) == (1, True)
    refused = twin(tmp_path, "keys", "revoke", "key_0123456789ab")
    assert refused.returncode == 1
    assert "key_0123456789ab" in refused.stderr
