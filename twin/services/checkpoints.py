"""Signed checkpoints: what the newest version of every twin was at one point in time (docs/adr/0005)."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from copy import deepcopy
from dataclasses import dataclass

from twin.domain import fields
from twin.domain.history import Document
from twin.errors import Refused, SetupError, Unavailable
from twin.exchange import proof
from twin.exchange.proof import Chain
from twin.services.commits import Clock
from twin.services.leaves import Leaves, Pair, id_of, joined, root_of
from twin.services.signing import Signer
from twin.services.stored import as_json, text_of
from twin.store import Store
from twin.store.chains import AT_ONCE
from twin.store.checkpoints import CHUNK
from twin.store.twins import Lost

SCHEMA = 1
LEASE = "checkpoint"
SCHEDULE = "checkpoint schedule"
LEASE_S = 600


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What came of asking for a checkpoint.

    Args:
        signed: the newest checkpoint, `body` and `signature`; None when there is nothing to cover.
        is_new: whether it was made just now; it is not when nothing has changed since.
        broken: twins that do not extend what the checkpoint before says of them, which stands for them still.
    """

    signed: Document | None
    is_new: bool
    broken: Sequence[str]


class Checkpoints:
    """Makes checkpoints, and knows which are ours.

    Args:
        store: where twins and checkpoints are.
        clock: tells the time, in UTC.
        signer: signs; None where the process has no key.
    """

    def __init__(self, store: Store, clock: Clock, signer: Signer | None) -> None:
        self._clock = clock
        self._chains = store.chains
        self._checkpoints = store.checkpoints
        self._leases = store.leases
        self._maybe_signer = signer
        self._seen: Document | None = None  # the one that was trusted last: to check a signature takes 0.1 ms

    async def newest_trusted(self) -> tuple[Document | None, str | None]:
        """The newest checkpoint if a key that we trust has signed it; or why it is not to be trusted."""
        newest = await self._checkpoints.newest()
        if newest is None or newest == self._seen:
            return newest, None
        if self._trusts(newest):
            self._seen = deepcopy(newest)
            return newest, None
        return None, f"checkpoint {newest['_id']} is not what a key of this service signed"

    def _trusts(self, checkpoint: Document) -> bool:
        body, signature = checkpoint.get("body"), checkpoint.get("signature")
        if not isinstance(body, dict) or body.get("number") != checkpoint["_id"] or not isinstance(signature, str):
            return False
        return isinstance(checkpoint.get("run"), str) and self.signer.trusts(body, signature)

    async def make(self) -> Checkpoint:
        """Sign the newest version of every twin, as they all are at one point in time.

        A twin counts with its newest version only if that extends what the checkpoint before says of it; if not, what
        that says is said again. So a checkpoint never vouches for a history that was cut, rewritten or taken away.

        Raises:
            Unavailable: another process is making one.
            Refused: the checkpoint before is not what this service signed.
        """
        lease = await self._leases.take(LEASE, LEASE_S)
        if lease is None:
            raise Unavailable("Another process is making a checkpoint just now; try again in a moment.")
        run = secrets.token_hex(8)
        heads = f"{run}-heads"
        try:
            return await self._make(lease, run, heads)
        except Lost:
            raise Unavailable("Another process has made a checkpoint meanwhile; try again.") from None
        finally:
            await self._checkpoints.discard(heads)
            await self._leases.release(LEASE, lease)

    async def make_in_turn(self, every_s: float) -> Checkpoint | None:
        """A checkpoint if none was asked for by schedule in the last `every_s` seconds, by any process."""
        turn = await self._leases.take(SCHEDULE, every_s)
        if turn is None:
            return None
        try:
            return await self.make()
        except BaseException:
            await self._leases.release(SCHEDULE, turn)
            raise

    async def _make(self, lease: str, run: str, heads: str) -> Checkpoint:
        last, why = await self.newest_trusted()
        if why is not None:
            raise Refused(why)
        number = 1 if last is None else last["_id"] + 1
        await self._keep_heads(lease, heads, number)
        leaves = Leaves(self._checkpoints, last)
        roots: list[str] = []
        broken: list[str] = []
        chunk: list[Document] = []
        count = 0
        is_changed = False
        pairs = joined(self._kept_heads(heads), leaves.since(""))
        async for leaf, is_new in self._next_leaves(pairs, broken):
            is_changed = is_changed or is_new
            count += 1
            chunk.append(leaf)
            if len(chunk) == CHUNK:
                await self._put(lease, run, number, roots, chunk)
                chunk = []
        if leaves.faults:
            await self._checkpoints.discard(run)
            raise Refused(f"Checkpoint {number - 1}: {leaves.faults[0]}; so no other can follow it.")
        if not is_changed:
            await self._checkpoints.discard(run)
            return Checkpoint(last, is_new=False, broken=broken)
        if chunk:
            await self._put(lease, run, number, roots, chunk)
        made_at = text_of(fields.moment(None, now=self._clock()))
        body = {
            "schema": SCHEMA,
            "number": number,
            "made_at": made_at,
            "previous": "" if last is None else proof.digest(last["body"]),
            "leaves": count,
            "root": root_of(roots),
            "key": self.signer.key,
        }
        signature = self.signer.sign(body)
        keep = last is None or last["body"]["made_at"][:7] != made_at[:7]
        try:
            await self._checkpoints.add(number, body, signature, run, keep=keep)
        except Lost:
            await self._checkpoints.discard(run)
            raise
        return Checkpoint({"_id": number, "body": body, "signature": signature}, is_new=True, broken=broken)

    async def _keep_heads(self, lease: str, heads: str, number: int) -> None:
        """Copy the heads out of the snapshot, which the servers keep for five minutes only."""
        chunk: list[Document] = []
        index = 0
        async for head in self._chains.heads_at_one_point():
            chunk.append({"twin": head["_id"], "revision": head.get("revision"), "hash": head.get("hash")})
            if len(chunk) == CHUNK:
                await self._hold(lease)
                await self._checkpoints.put(heads, number, index, chunk, "")
                index, chunk = index + 1, []
        if chunk:
            await self._checkpoints.put(heads, number, index, chunk, "")

    async def _kept_heads(self, heads: str) -> AsyncGenerator[Document, None]:
        async for chunk in self._checkpoints.chunks(heads):
            for head in chunk["leaves"]:
                yield {"_id": head["twin"], **head}

    async def _put(self, lease: str, run: str, number: int, roots: list[str], leaves: Sequence[Document]) -> None:
        await self._hold(lease)
        root = proof.tree_root([proof.leaf_hash(leaf) for leaf in leaves]).hex()
        await self._checkpoints.put(run, number, len(roots), leaves, root)
        roots.append(root)

    async def _hold(self, lease: str) -> None:
        if not await self._leases.extend(LEASE, lease, LEASE_S):
            raise Unavailable("Making the checkpoint took so long that another process has begun; try again.")

    async def _next_leaves(
        self, pairs: AsyncGenerator[Pair, None], broken: list[str]
    ) -> AsyncGenerator[tuple[Document, bool], None]:
        """The leaves of the next checkpoint, each with whether it differs from that of the one before."""
        async for batch in _batches(pairs):
            changed = [head for head, leaf in batch if head is not None and not _is_leaf_of(head, leaf)]
            documents = await self._chains.some([head["twin"] for head in changed])
            for head, leaf in batch:
                if head is not None and leaf is not None and _is_leaf_of(head, leaf):
                    yield leaf, False
                elif head is not None and await self._extends(documents.get(head["twin"]), head, leaf):
                    yield _leaf(head), True
                else:
                    broken.append(id_of(head, leaf))
                    if leaf is not None:
                        yield leaf, False
                await asyncio.sleep(0)

    async def _extends(self, document: Document | None, head: Document, leaf: Document | None) -> bool:
        """Whether an unbroken chain leads to the head, from the leaf of the checkpoint before if there is one."""
        if document is None or type(head["revision"]) is not int:
            return False
        chain = Chain(head["twin"], 1 if leaf is None else leaf["revision"])
        versions = self._chains.versions(head["twin"], document, chain.length + 1)
        async with aclosing(versions):
            async for version in versions:
                if chain.length >= head["revision"]:
                    break
                chain.add(as_json(version))
                is_other = leaf is not None and chain.length == leaf["revision"] and chain.hash != leaf["hash"]
                if chain.broken is not None or is_other:
                    return False
        return chain.length == head["revision"] and chain.hash == head["hash"]

    @property
    def signer(self) -> Signer:
        """What signs checkpoints.

        Raises:
            SetupError: this process has no key.
        """
        if self._maybe_signer is None:
            raise SetupError("This process has no key for checkpoints; TWIN_CHECKPOINT_KEY names it.")
        return self._maybe_signer


def _leaf(head: Document) -> Document:
    return {name: head[name] for name in ("twin", "revision", "hash")}


def _is_leaf_of(head: Document, leaf: Document | None) -> bool:
    return leaf is not None and _leaf(head) == leaf


async def _batches(pairs: AsyncGenerator[Pair, None]) -> AsyncGenerator[list[Pair], None]:
    batch: list[Pair] = []
    async for pair in pairs:
        batch.append(pair)
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
