"""The view model: from documents to what is shown, without HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from twin.api.pages import words
from twin.api.pages.view import MOST_ENTRIES, Line, Material, TwinPage, twin_page
from twin.domain.actor import ANONYMOUS, Actor, full_actor
from twin.domain.history import Document
from twin.services import audiences

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
LINK_ID = "0123456789ABC8"
INSIDER = full_actor("insider")
FACE = {"tag": "T-1", "owner": "Works", "note": "In the safe"}
ASSET = {"_id": "ast_1", "head": {"name": "Truck", "kind": "liftTruck", "identifiers": ["vin:1M8GDM9AXKP042788"]}}


def version(revision: int, action: str, face: Document = FACE, **more: Any) -> dict[str, Any]:
    at = START + timedelta(hours=revision)
    return {
        "revision": revision,
        "action": action,
        "actor": "worker-1",
        "occurred_at": at,
        "recorded_at": at,
        "hash": "",
        "snapshot": {"profile": "asset_tag", "state": "ISSUED", "face": face},
        **more,
    }


def label(revision: int, **head: Any) -> dict[str, Any]:
    return {
        "_id": "lbl_1",
        "revision": revision,
        "hash": "ab" * 32,
        "created": {"occurred_at": START},
        "changed": dict.fromkeys(("occurred_at", "recorded_at"), START + timedelta(hours=revision)),
        "head": {"link_id": LINK_ID, "profile": "asset_tag", "state": "VERIFIED", "asset": "ast_1", "face": FACE}
        | {name: value for name, value in head.items() if value is not None},
    }


def shown(actor: Actor, document: Document, versions: list[dict[str, Any]], **more: Any) -> TwinPage:
    """The page for an actor, from documents that were redacted as the services do it."""
    redacted = [audiences.label_version(actor, one) for one in versions]
    payload = f"HTTP://TWIN.EXAMPLE/L/{LINK_ID}"
    return twin_page(Material(audiences.label(actor, document), redacted, payload, **more), ("png", "svg"))


LIFE = [version(1, "ISSUE"), version(2, "PRINT", evidence={"copies": 2, "sha256": "ab"}), version(3, "APPLY")]


def test_a_current_label() -> None:
    page = shown(INSIDER, label(3), LIFE, asset=ASSET)
    assert page.verdict is words.VERDICTS[audiences.label(INSIDER, label(3))["flags"][0]]
    assert page.verdict.tone == "good"
    assert page.also == ()
    assert page.thing is not None
    assert (page.thing.name, page.thing.kind, page.thing.past) == ("Truck", "Lift truck", False)
    assert page.thing.identifiers == (("Vehicle identification number", "1M8GDM9AXKP042788"),)
    assert page.face == (Line("Asset number", "T-1"), Line("Property of", "Works"), Line("Note", "In the safe"))
    assert page.face_title == "What it says"
    assert dict(page.facts)["Link id"] == LINK_ID
    assert [entry.action for entry in page.history] == ["Applied", "Printed", "Issued"]
    assert page.history[1].evidence == (("Copies", "2"),)
    assert page.earlier == 0


def test_the_public_sees_neither_who_nor_why_nor_internal_fields() -> None:
    life = [*LIFE, version(4, "REPORT_DAMAGED", reason="Crash")]
    asset = audiences.asset(ANONYMOUS, ASSET)
    page = shown(ANONYMOUS, label(4, state="DAMAGED", replaced_by="lbl_2"), life, asset=asset)
    assert [line.title for line in page.face] == ["Asset number", "Property of"]
    assert {(entry.actor, entry.reason, entry.evidence) for entry in page.history} == {(None, None, ())}
    assert page.thing is not None
    assert page.thing.identifiers == ()
    assert page.replaced_by is None


def test_a_stale_label_says_what_the_paper_says_where_that_may_be_seen() -> None:
    face = {"tag": "T-1", "owner": "New works"}
    document = label(4, face=face, printed={"revision": 2, "face": FACE})
    life = [*LIFE, version(4, "REVISE", face)]
    page = shown(INSIDER, document, life)
    assert page.face == (
        Line("Asset number", "T-1"),
        Line("Property of", "New works", "Works"),
        Line("Note", "", "In the safe"),
    )
    assert page.face_title == "What it should say"
    assert page.history[0].changes == (("Property of", "Works", "New works"), ("Note", "In the safe", ""))
    public = shown(ANONYMOUS, document, life)
    assert public.verdict is page.verdict
    assert all(line.paper is None for line in public.face)
    assert public.history[0].changes == (("Property of", "Works", "New works"),)


def test_the_worst_decides_and_the_rest_is_named() -> None:
    page = shown(INSIDER, label(3, state="VOID", printed={"revision": 2, "face": {}}), LIFE)
    assert (page.verdict.badge, page.also) == ("Void", ("Out of date",))
    assert page.face_title == "What it should say"


def test_lost_and_damaged_are_one_state_and_two_verdicts() -> None:
    damaged, lost = version(4, "REPORT_DAMAGED"), version(4, "REPORT_LOST")
    assert shown(ANONYMOUS, label(4, state="DAMAGED"), [*LIFE, damaged]).verdict.badge == "Damaged"
    assert shown(ANONYMOUS, label(4, state="DAMAGED"), [*LIFE, lost]).verdict is words.LOST
    assert shown(ANONYMOUS, label(5), [*LIFE, lost, version(5, "CORRECT")]).verdict.badge == "Current"


def test_an_unclaimed_label_is_on_nothing_and_says_nothing() -> None:
    document = label(1, state="UNCLAIMED")
    del document["head"]["asset"], document["head"]["face"]
    page = shown(ANONYMOUS, document, [version(1, "PREPRINT", {})])
    assert page.verdict is words.UNCLAIMED
    assert (page.thing, page.face) == (None, ())


def test_the_labels_before_and_after_are_links_where_they_may_be_seen() -> None:
    document = label(3, replaces="lbl_0", replaced_by="lbl_2")
    seen = shown(INSIDER, document, LIFE, others={"lbl_0": "A", "lbl_2": "B"})
    assert (seen.replaces, seen.replaced_by) == ("A", "B")
    blind = shown(INSIDER, document, LIFE)
    assert (blind.replaces, blind.replaced_by) == (None, None)


def test_history_is_bounded_and_says_how_much_is_left_out() -> None:
    revisions = 80
    newest = [version(number, "REVISE", {"tag": f"T-{number}"}) for number in range(revisions - MOST_ENTRIES, 81)]
    page = shown(ANONYMOUS, label(revisions), newest)
    assert [entry.revision for entry in page.history] == list(range(80, 30, -1))
    assert page.earlier == 30
    assert page.history[-1].changes == (("Asset number", "T-30", "T-31"),), "the version before it was loaded for this"


def test_a_late_fact_says_when_it_was_recorded() -> None:
    late = version(4, "APPLY", recorded_at=START + timedelta(days=2))
    page = shown(ANONYMOUS, label(4), [*LIFE, late])
    assert page.history[0].recorded_at == START + timedelta(days=2)
    assert page.history[1].recorded_at is None


def test_what_a_wrong_label_said_is_evidence() -> None:
    seen = version(4, "FAIL_VERIFICATION", evidence={"read": "<b>else</b>", "grade": "F"})
    page = shown(INSIDER, label(4), [*LIFE, seen])
    assert page.history[0].evidence == (("What was read", "<b>else</b>"), ("Print quality", "F"))


def test_the_symbol_can_be_had_in_every_permitted_kind_and_format() -> None:
    page = shown(ANONYMOUS, label(3), LIFE)
    assert page.symbol == "QR Code"
    assert page.images[0] == ("QR Code, PNG", f"{LINK_ID}.png?symbology=qr")
    assert len(page.images) == 4
