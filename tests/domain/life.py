"""A label's twin in memory: the rules and the chain, without a store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from twin.domain import moves as rules
from twin.domain.actor import full_actor
from twin.domain.history import Command, Draft, Mutation, Version, next_version
from twin.domain.label import Label, LabelState, bindings_after
from twin.domain.print_job import Provenance
from twin.domain.verification import Seen, Sight

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
ACTOR = full_actor("tester")
LINK_ID = "0123456789ABC8"
PAYLOAD = f"HTTPS://TWIN.EXAMPLE/L/{LINK_ID}"
PROVENANCE = Provenance("asset_tag@builtin", "cd" * 32, (), "svg", 300, 1, "ab" * 32)
Rule = Callable[..., Draft]


class Life:
    """What the service keeps of one label: its document and all its versions; an hour passes between two moves."""

    def __init__(self, draft: Draft, *, twin: str = "lbl_one") -> None:
        self.twin = twin
        self.now = T0
        self.document: dict[str, Any] = {}
        self.versions: list[dict[str, Any]] = []
        self.record(draft)

    @property
    def label(self) -> Label:
        """The head."""
        return Label.from_document(self.document)

    @property
    def head(self) -> dict[str, Any]:
        """The state now."""
        return dict(self.document["head"])

    def record(self, draft: Draft) -> Version:
        """Commit a draft, as the service and the store do."""
        version = next_version(
            draft,
            twin=self.twin,
            head=self.document or None,
            actor=ACTOR,
            now=self.now,
            mutation=Mutation.of(ACTOR, f"{self.twin}-{len(self.versions)}", {}),
        )
        point = {"occurred_at": version.occurred_at, "recorded_at": version.recorded_at}
        self.versions.append(version.as_document())
        self.document = {
            "_id": self.twin,
            "revision": version.revision,
            "head": dict(version.snapshot),
            "hash": version.hash,
            "created": self.document.get("created", point),
            "since": version.since,
            "bindings": bindings_after(self.document.get("bindings", []), version.as_document()),
        }
        return version

    def do(
        self,
        rule: Rule,
        *,
        reason: str | None = None,
        occurred: datetime | None = None,
        recorded: datetime | None = None,
        **given: Any,
    ) -> Version:
        """Make a move, recorded an hour after the one before unless told otherwise."""
        now = recorded or self.now + HOUR
        draft = rule(self.label, command=Command(reason, occurred), now=now, **given)
        self.now = now
        return self.record(draft)

    def correct(self, reason: str | None = "a mistake", *, recorded: datetime | None = None) -> Version:
        """Take back the last move."""
        return self.do(rules.correct, reason=reason, recorded=recorded, versions=self.versions)


def issued(*, twin: str = "lbl_one", asset: str = "ast_one", link_id: str = LINK_ID, **face: str) -> Life:
    """A label for an asset, of the profile asset_tag."""
    draft = rules.issue(
        link_id=link_id,
        asset=asset,
        profile_name="asset_tag",
        face=face or {"tag": "7"},
        attributes={},
        identifiers=(),
        command=Command(),
        now=T0,
    )
    return Life(draft, twin=twin)


def preprinted(*, twin: str = "lbl_one", link_id: str = LINK_ID) -> Life:
    """A label that waits for its asset."""
    draft = rules.preprint(
        link_id=link_id, profile_name="asset_tag", payload=PAYLOAD, command=Command("a batch"), now=T0
    )
    return Life(draft, twin=twin)


def print_(life: Life, **more: Any) -> Version:
    """Its first print."""
    return life.do(rules.print_label, payload=PAYLOAD, provenance=PROVENANCE, **more)


def reprint(life: Life, reason: str | None = "smudged") -> Version:
    """Another print."""
    return life.do(rules.reprint, provenance=PROVENANCE, reason=reason)


def claim(life: Life, asset: str = "ast_one", **more: Any) -> Version:
    """A pre-printed label finds its asset."""
    return life.do(rules.claim, **({"asset": asset, "face": {"tag": "7"}, "identifiers": ()} | more))


def verify(life: Life, *, passed: bool = True, grade: str | None = None) -> Version:
    """Somebody compared paper and twin."""
    sight = Sight((Seen(PAYLOAD if passed else "something else"),))
    return life.do(rules.verify, must_be={"link": PAYLOAD}, sight=sight, grade=grade)


def revise(
    life: Life,
    face: dict[str, str | None] | None = None,
    attributes: dict[str, Any] | None = None,
    **when: Any,
) -> Version:
    """A free edit; of an attribute, unless told otherwise."""
    free = {"site": f"rev {life.document['revision']}"} if face is None and attributes is None else attributes or {}
    return life.do(rules.revise, face=face or {}, attributes=free, identifiers=(), **when)


def in_state(state: LabelState) -> Life:
    """A label in this state, on the shortest way."""
    if state is LabelState.UNCLAIMED:
        return preprinted()
    life = issued()
    if state is LabelState.VOID:
        life.do(rules.void, reason="wrong batch")
    if state in {LabelState.ISSUED, LabelState.VOID}:
        return life
    print_(life)
    if state is LabelState.PRINTED:
        return life
    life.do(rules.apply)
    if state is LabelState.VERIFIED:
        verify(life)
    elif state is LabelState.DAMAGED:
        life.do(rules.report_damaged, reason="scratched")
    elif state is LabelState.REMOVED:
        life.do(rules.remove, reason="repainted")
    elif state is LabelState.REPLACED:
        life.do(rules.replace, by="lbl_two", reason="faded")
    return life
