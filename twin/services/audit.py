"""Audit: is every history whole? And what an auditor needs to see for himself (docs/adr/0005)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from twin.domain.actor import Actor, Permission
from twin.domain.history import Document
from twin.domain.search import words_of
from twin.errors import NotFound, Refused, SetupError
from twin.exchange import proof
from twin.exchange.proof import Break, Chain
from twin.services.assets import Assets
from twin.services.checkpoints import Checkpoint, Checkpoints
from twin.services.fact_audit import FactAudit, told_by
from twin.services.labels import Labels
from twin.services.leaves import Leaves, id_of, joined
from twin.services.stored import alike, as_json, derived, light, plain
from twin.store import Store
from twin.store.checkpoints import CHUNK

MOST_LISTED = 1_000


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written.

    Args:
        subject: the id of the twin, or `checkpoint 7`.
        revision: the first revision that is wrong; None where it is not about one.
        why: what is wrong with it.
    """

    subject: str
    revision: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Tail:
    """The newest versions of a twin, from one revision to another, that no checkpoint covers."""

    twin: str
    first: int
    last: int


@dataclass(slots=True)
class Report:
    """What a check of history found: all counts, and 1,000 findings and 1,000 tails at most.

    Args:
        checkpoint: the number of the checkpoint that was checked against; None when there is none to trust.
        made_at: when that was made.
        twins: how many were checked.
        versions: how many those have.
        broken: how many findings there are in all.
        uncovered_twins: how many of the twins have versions that the checkpoint does not cover.
        uncovered_versions: how many versions those are.
        next: the id after which the check goes on, when it was cut short.
    """

    checkpoint: int | None = None
    made_at: str | None = None
    twins: int = 0
    versions: int = 0
    broken: int = 0
    findings: list[Finding] = field(default_factory=list)
    uncovered_twins: int = 0
    uncovered_versions: int = 0
    tails: list[Tail] = field(default_factory=list)
    next: str | None = None

    def add(self, finding: Finding) -> None:
        """Count a finding, and list it if there is room."""
        self.broken += 1
        if len(self.findings) < MOST_LISTED:
            self.findings.append(finding)

    def cover(self, twin: str, length: int, leaf: Document | None) -> None:
        """Count what of a twin's versions a checkpoint covers."""
        self.twins += 1
        self.versions += length
        covered = 0 if leaf is None else leaf["revision"]
        if length > covered:
            self.uncovered_twins += 1
            self.uncovered_versions += length - covered
            if len(self.tails) < MOST_LISTED:
                self.tails.append(Tail(twin, covered + 1, length))


class Audit:
    """What auditors and the schedule ask for.

    Args:
        store: where twins and checkpoints are.
        labels: to find labels by their link.
        assets: to find assets by their identifiers.
        checkpoints: makes them, and knows which are ours.
    """

    def __init__(self, store: Store, labels: Labels, assets: Assets, checkpoints: Checkpoints) -> None:
        self._chains = store.chains
        self._store = store.checkpoints
        self._labels = labels
        self._assets = assets
        self._checkpoints = checkpoints
        self._facts = FactAudit(store)

    async def check_history(
        self, actor: Actor, key: str | None = None, *, after: str = "", most: int | None = None
    ) -> Report:
        """Whether histories are whole: each twin's first bad revision, and what no checkpoint covers yet.

        Args:
            actor: needs `history:check`.
            key: one twin's id, link id or identifier; None checks them all, in the order of their ids.
            after: of all, only those after this id.
            most: of all, so many at most; the report then says where to go on.

        Raises:
            NotFound: there is no such twin, and no trace of one.
        """
        actor.require(Permission.CHECK_HISTORY)
        report = Report()
        if key is None and not after:
            await self._check_line(report)
        newest, why = await self._checkpoints.newest_trusted()
        if why is not None:
            report.add(Finding("checkpoints", None, f"{why}; so nothing was checked against it"))
        if newest is not None:
            report.checkpoint, report.made_at = newest["_id"], newest["body"]["made_at"]
        leaves = Leaves(self._store, newest)
        if key is not None:
            await self._check_one(report, await self._id_of(actor, key), leaves)
        else:
            await self._check_all(report, leaves, after, most)
        for fault in leaves.faults:
            report.add(Finding(f"checkpoint {report.checkpoint}", None, fault))
        return report

    async def _check_line(self, report: Report) -> None:
        """Whether every checkpoint follows from the one before it; the newest one's signature then vouches for all."""
        before, expected = "", 1
        async for checkpoint in self._store.all():
            body = checkpoint.get("body")
            why = _out_of_line(checkpoint, before, expected)
            if why is not None:
                report.add(Finding(f"checkpoint {checkpoint['_id']}", None, why))
            before = proof.digest(body) if _is_plain(body) else ""
            expected += 1

    async def _check_one(self, report: Report, twin: str, leaves: Leaves) -> None:
        leaf = await _first(leaves.since(twin))
        if leaf is not None and leaf["twin"] != twin:
            leaf = None
        document = (await self._chains.some([twin])).get(twin)
        if document is None and leaf is None and await _first(self._chains.versions(twin, None)) is None:
            raise NotFound("twin", twin)
        await self._check(report, twin, document, leaf)

    async def _check_all(self, report: Report, leaves: Leaves, after: str, most: int | None) -> None:
        gone: set[str] = set()
        last = after
        pairs = joined(self._chains.all(after), leaves.since(f"{after}\0" if after else ""))
        async with aclosing(pairs):
            async for document, leaf in pairs:
                if report.twins == most:
                    report.next = last
                    return
                last = id_of(document, leaf)
                if document is None:
                    gone.add(last)
                await self._check(report, last, document, leaf)
                await asyncio.sleep(0)  # others want to be served meanwhile
        if most is None:
            async for place in self._chains.misplaced():
                report.add(Finding(str(place), None, "no twin of such an id belongs where it stands"))
            async for twin in self._chains.archived_without_twin():
                if twin not in gone:
                    report.add(Finding(twin, None, "it has archived versions, and is not there"))

    async def _check(self, report: Report, twin: str, document: Document | None, leaf: Document | None) -> None:
        chain, there, held = Chain(twin), None, list[Document]()
        told: dict[str, tuple[int, str]] = {}
        async with aclosing(self._chains.versions(twin, document)) as versions:
            async for version in versions:
                chain.add(as_json(version))
                if chain.broken is not None:
                    break
                if leaf is not None and chain.length == leaf["revision"]:
                    there = chain.hash
                held.append(light(version))
                told |= told_by(version)
        where = chain.broken
        if where is None and leaf is not None:
            where = proof.against_leaf(leaf, chain.length, there, report.checkpoint or 0)
        if where is None:
            where = proof.against_head(_head(document), chain)
        if where is None and document is not None:
            where = _unlike(document, chain, held) or await self._archived_twice(document)
            if where is None and twin.startswith("ast_"):
                where = await self._facts.differing(document, told)
        if where is not None:
            report.add(Finding(twin, where.revision, where.why))
        length = chain.length if document is None else document.get("revision")
        report.cover(twin, length if isinstance(length, int) else chain.length, leaf)

    async def _archived_twice(self, document: Document) -> Break | None:
        differing = await self._chains.differing_archive(document)
        return None if differing is None else Break(differing, "it is archived as something else")

    # Checkpoints

    async def checkpoint(self, actor: Actor) -> Checkpoint:
        """Sign the newest version of every twin; see `Checkpoints.make`.

        Args:
            actor: needs `history:checkpoint`.
        """
        actor.require(Permission.CHECKPOINT_HISTORY)
        return await self._checkpoints.make()

    async def checkpoint_in_turn(self, actor: Actor, every_s: float) -> Checkpoint | None:
        """A checkpoint, unless one was asked for by any process in the last `every_s` seconds; see `checkpoint`."""
        actor.require(Permission.CHECKPOINT_HISTORY)
        return await self._checkpoints.make_in_turn(every_s)

    async def newest(self) -> Document | None:
        """The body of the newest checkpoint, for anybody; None where there is none that this process can vouch for."""
        try:
            newest, _ = await self._checkpoints.newest_trusted()
        except SetupError:
            return None
        return None if newest is None else dict(newest["body"])

    @property
    def public_pem(self) -> str:
        """The public key that auditors trust, as PEM."""
        return self._checkpoints.signer.public_pem

    # Proofs

    async def proof(self, actor: Actor, key: str) -> dict[str, Any]:
        """All that an auditor needs to check one twin without the service: a bundle for `twin.exchange.proof`.

        Nothing is left out for anybody, because a hash is over the whole; nothing is mended either.

        Args:
            actor: needs `history:prove`.
            key: the twin's id, link id or identifier.

        Raises:
            NotFound: there is no such twin, and no trace of one.
        """
        actor.require(Permission.PROVE_HISTORY)
        twin = await self._id_of(actor, key)
        newest = await self._store.newest()
        inclusion = None if newest is None else await self._inclusion(newest, twin)
        document = (await self._chains.some([twin])).get(twin)
        versions = [as_json(version) async for version in self._chains.versions(twin, document)]
        if document is None and inclusion is None and not versions:
            raise NotFound("twin", key)
        signed = None
        if newest is not None and inclusion is not None:
            signed = {name: plain(newest.get(name)) for name in ("body", "signature")}
        return {
            "format": proof.FORMAT,
            "twin": twin,
            "head": _head(document),
            "versions": versions,
            "checkpoint": signed,
            "inclusion": inclusion,
        }

    async def _inclusion(self, checkpoint: Document, twin: str) -> dict[str, Any] | None:
        chunk = await self._store.chunk_of(str(checkpoint.get("run")), twin)
        if chunk is None:
            return None
        try:
            place = next((at for at, leaf in enumerate(chunk["leaves"]) if leaf["twin"] == twin), None)
            if place is None:
                return None
            roots = [bytes.fromhex(one["root"]) for one in await self._store.outline(checkpoint["run"])]
            leaves = [proof.leaf_hash(leaf) for leaf in chunk["leaves"]]
            path = proof.inclusion_path(leaves, place) + proof.inclusion_path(roots, chunk["index"])
            leaf = plain(chunk["leaves"][place])
            return {"index": chunk["index"] * CHUNK + place, "leaf": leaf, "path": [step.hex() for step in path]}
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Refused(
                f"The leaves of checkpoint {checkpoint['_id']} have been changed; check the history."
            ) from error

    async def _id_of(self, actor: Actor, key: str) -> str:
        if key.startswith(("ast_", "lbl_", "lnk_")):
            return key
        if ":" in key:
            return await self._assets.id_of(key)
        return str((await self._labels.head(actor, key))["_id"])


def _head(document: Document | None) -> dict[str, Any] | None:
    """What a twin's document says of its newest version."""
    return None if document is None else {name: plain(document.get(name)) for name in ("revision", "hash")}


def _unlike(document: Document, chain: Chain, versions: list[Document]) -> Break | None:
    """How a twin's document differs from what its versions, which are a whole chain, make of it."""
    try:
        expected = {"head": chain.snapshot, "words": words_of(chain.snapshot or {}), **derived(versions)}
    except (TypeError, KeyError, ValueError, AttributeError, IndexError):
        return Break(chain.length, "its hashes fit, but no service wrote what it and those before it say")
    for name, value in expected.items():
        if not alike(document.get(name), value):
            return Break(chain.length, f"the twin's document has another `{name}` than its versions lead to")
    return None


def _out_of_line(checkpoint: Document, before: str, expected: int) -> str | None:
    body = checkpoint.get("body")
    if checkpoint["_id"] != expected:
        return f"it is out of line: expected checkpoint {expected} there"
    if not isinstance(body, dict) or not _is_plain(body) or body.get("number") != expected:
        return "its body is not one of a checkpoint of that number"
    if body.get("previous") != before:
        return "it does not follow from the checkpoint before it"
    return None


def _is_plain(body: object) -> bool:
    try:
        proof.canonical_json(body)
    except ValueError:
        return False
    return True


async def _first(stream: AsyncGenerator[Any, None]) -> Any:
    async with aclosing(stream):
        return await anext(stream, None)
