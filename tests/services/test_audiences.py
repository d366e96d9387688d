"""Redaction: nothing that is not for a caller is in what the caller gets, wherever it stands in the document."""

from __future__ import annotations

from typing import Any

from tests.domain.life import issued, print_, revise
from twin.domain import moves as rules
from twin.domain.actor import ANONYMOUS, Actor, Audience, full_actor
from twin.services import audiences

INSIDER = full_actor("insider")
PARTNER = Actor("partner", frozenset(), frozenset({Audience.PUBLIC, Audience.PARTNER}))
ASSET: dict[str, Any] = {
    "_id": "ast_one",
    "revision": 1,
    "head": {"kind": "bus", "name": "A bus", "identifiers": ["vin:SECRET"], "attributes": {"price": "SECRET"}},
    "versions": [{"snapshot": {"identifiers": ["vin:SECRET"]}, "actor": "SECRET"}],
}


def label_document() -> dict[str, Any]:
    life = issued(tag="7", note="SECRET")
    print_(life)
    revise(life, attributes={"price": "SECRET"})
    life.do(rules.void, reason="SECRET")
    return {**life.document, "versions": life.versions}


def test_an_insider_sees_all() -> None:
    document = label_document()
    assert audiences.label(INSIDER, document) == {**document, "flags": ("VOID",)}
    assert audiences.asset(INSIDER, ASSET) == ASSET
    first = document["versions"][0]
    assert audiences.label_version(INSIDER, first) == {**first, "flags": ("NOT_YET_APPLIED",)}


def test_others_see_the_fields_of_their_audiences_alone() -> None:
    for actor in (ANONYMOUS, PARTNER):
        seen = audiences.label(actor, label_document())
        assert seen["head"]["face"] == {"tag": "7"}
        assert seen["head"]["state"] == "VOID"
        assert "SECRET" not in repr(seen)


def test_the_public_sees_a_vin_shortened_in_label_and_history_and_partners_see_all_of_it() -> None:
    state = {"link_id": "L", "state": "ISSUED", "profile": "vin_plate", "face": {"vin": "1M8GDM9AXKP042788"}}
    document = {"_id": "lbl_one", "revision": 1, "head": state}
    version = {"revision": 1, "action": "ISSUE", "hash": "", "snapshot": state}
    for actor, shown in ((ANONYMOUS, "1M8…2788"), (PARTNER, "1M8GDM9AXKP042788"), (INSIDER, "1M8GDM9AXKP042788")):
        assert audiences.label(actor, document)["head"]["face"] == {"vin": shown}
        assert audiences.label_version(actor, version)["snapshot"]["face"] == {"vin": shown}
    assert "1M8GDM9AXKP042788" not in repr(audiences.label(ANONYMOUS, document))


def test_others_see_what_an_asset_is_not_which_one() -> None:
    seen = audiences.asset(ANONYMOUS, ASSET)
    assert seen["head"] == {"kind": "bus", "name": "A bus"}
    assert "SECRET" not in repr(seen)


def test_others_see_how_serials_are_written_not_how_many_there_are() -> None:
    scheme = {"_id": "bus", "style": "RANDOM", "prefix": "", "length": 8, "created": {}}
    document = {**scheme, "used": 77_777, "defined_by": "SECRET"}
    assert audiences.serial_scheme(INSIDER, document) == document
    assert audiences.serial_scheme(PARTNER, document) == scheme


def test_others_see_a_template_not_who_drew_it() -> None:
    layout = {"_id": "tag@1", "name": "tag", "state": "DRAFT", "layout": {}}
    document = {**layout, "events": [{"actor": "SECRET", "reason": "SECRET"}]}
    assert audiences.template(INSIDER, document) == document
    assert audiences.template(PARTNER, document) == {**layout, "events": []}


def test_others_see_that_a_version_was_made_but_not_by_whom_and_why() -> None:
    for version in label_document()["versions"]:
        seen = audiences.label_version(ANONYMOUS, version)
        assert set(seen) == {"revision", "action", "occurred_at", "recorded_at", "hash", "snapshot", "flags"}
        assert "SECRET" not in repr(seen)


def test_what_is_redacted_is_a_copy() -> None:
    document = label_document()
    before = repr(document)
    audiences.label(ANONYMOUS, document)
    audiences.label_version(ANONYMOUS, document["versions"][0])
    assert repr(document) == before


def test_flags_are_worked_out_before_anything_is_left_out() -> None:
    life = issued(tag="7", note="x")
    print_(life)
    revise(life, face={"note": "y"})
    assert audiences.label(ANONYMOUS, life.document)["flags"] == ("NOT_YET_APPLIED", "STALE")
