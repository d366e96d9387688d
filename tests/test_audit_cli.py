"""Checks, checkpoints and proofs on the command line, and the checkpoint that a running service makes by itself."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from tests.exchange.offline import offline_in
from tests.running import running, twin
from twin.store import embedded


@pytest.mark.timeout(120)
def test_an_auditor_gets_a_key_a_proof_and_a_verdict(tmp_path: Path) -> None:
    data = tmp_path / "data"
    printed = twin(data, "issue", "vin:1M8GDM9AXKP042788", "-p", "asset_tag", "-f", "tag=7", "-r", "vehicle")
    assert printed.returncode == 0, printed.stderr
    link_id = printed.stdout.split()[0]

    before = twin(data, "check-history")
    assert before.returncode == 0, before.stderr
    assert "2 twins with 2 versions checked against no checkpoint" in before.stdout
    assert "Not covered by it: 2 versions of 2 twins." in before.stdout
    assert not (data / "checkpoint-key.pem").exists()

    made = twin(data, "checkpoint")
    assert made.returncode == 0, made.stderr
    signed = json.loads(made.stdout)
    assert (signed["body"]["number"], signed["body"]["leaves"]) == (1, 2)
    assert stat.S_IMODE((data / "checkpoint-key.pem").stat().st_mode) == 0o600
    again = twin(data, "checkpoint")
    assert json.loads(again.stdout) == signed
    assert "Nothing has changed" in again.stderr

    key = twin(data, "checkpoint", "--public-key")
    public = tmp_path / "public.pem"
    public.write_text(key.stdout, encoding="ascii")
    bundle = twin(data, "proof", link_id)
    assert bundle.returncode == 0, bundle.stderr
    with offline_in(tmp_path) as offline:
        answer = offline.check(bundle.stdout, "--key", str(public))
        assert answer.code == 0, answer
        assert "does not cover: none." in answer.out
        forged = json.loads(bundle.stdout)
        forged["versions"][0]["actor"] = "nobody"
        assert offline.check(forged, "--key", str(public)).revision == 1

    after = twin(data, "check-history", link_id)
    assert after.returncode == 0, after.stderr
    assert "1 twins with 1 versions checked against checkpoint 1" in after.stdout
    assert "Whole." in after.stdout
    missing = twin(data, "proof", "lbl_missing")
    assert (missing.returncode, missing.stdout) == (1, "")


def test_a_key_that_is_named_and_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWIN_CHECKPOINT_KEY", str(tmp_path / "missing.pem"))
    done = twin(tmp_path, "checkpoint", "--public-key")
    assert done.returncode == 3
    assert "TWIN_CHECKPOINT_KEY" in done.stderr


@pytest.mark.timeout(120)
def test_a_broken_history_is_told_and_the_exit_code_says_so(tmp_path: Path) -> None:
    issued = twin(tmp_path, "issue", "vin:1M8GDM9AXKP042788", "-p", "asset_tag", "-f", "tag=7", "-r", "vehicle")
    assert issued.returncode == 0, issued.stderr
    assert twin(tmp_path, "checkpoint").returncode == 0
    with embedded.acquire(tmp_path) as mongod, MongoClient[dict[str, Any]](mongod.uri) as client:
        assets = client["twin"]["assets"]
        [asset] = assets.find()
        assets.update_one({"_id": asset["_id"]}, {"$set": {"versions.0.actor": "nobody"}})
        done = twin(tmp_path, "check-history")
        assert done.returncode == 1
        assert f"{asset['_id']}  revision 1  its hash is not that of its content" in done.stdout
        assert "Broken: 1 findings." in done.stdout
        assets.delete_one({"_id": asset["_id"]})
        made = twin(tmp_path, "checkpoint")
        assert made.returncode == 1
        assert f"{asset['_id']}  does not extend" in made.stderr


@pytest.mark.timeout(120)
def test_a_running_service_makes_checkpoints_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWIN_CHECKPOINT_EVERY", "1")
    issued = twin(tmp_path, "issue", "vin:1M8GDM9AXKP042788", "-p", "asset_tag", "-f", "tag=7", "-r", "vehicle")
    assert issued.returncode == 0, issued.stderr
    with running(tmp_path, "serve"):
        for _ in range(40):  # each look takes about a second
            done = twin(tmp_path, "check-history")
            if "against checkpoint 1" in done.stdout:
                break
    assert "Not covered by it: 0 versions of 0 twins." in done.stdout
    assert done.returncode == 0
