"""The leaves of a checkpoint: read only if they are those that it signed, and laid beside the twins."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from typing import Any

from twin.domain.history import Document
from twin.exchange import proof
from twin.store.checkpoints import Checkpoints

Pair = tuple[Document | None, Document | None]


class Leaves:
    """The leaves of a checkpoint in the order of twins, and what is wrong with them: `faults`."""

    def __init__(self, store: Checkpoints, checkpoint: Document | None) -> None:
        self._store = store
        self._checkpoint = checkpoint
        self.faults: list[str] = []

    async def since(self, start: str) -> AsyncGenerator[Document, None]:
        """The leaves of twins from `start` on; those of a chunk that was changed are left out, and make a fault."""
        if self._checkpoint is None:
            return
        run, body = self._checkpoint["run"], self._checkpoint["body"]
        outline = await self._store.outline(run)
        roots = [str(chunk.get("root")) for chunk in outline]
        if root_of(roots) != body["root"]:
            self.faults.append("its leaves are not those that it signed: some are missing, added or changed")
            return
        ends = (place for place, chunk in enumerate(outline) if str(chunk.get("last")) >= start)
        begin = max(0, next(ends, len(outline)) - 1)
        place = begin
        async for chunk in self._store.chunks(run, begin):
            leaves = true_leaves(chunk)
            if leaves is None or chunk["index"] != place or place >= len(roots) or chunk["root"] != roots[place]:
                span = f"{chunk.get('first')} to {chunk.get('last')}"
                self.faults.append(f"its leaves from {span} are not those that it signed")
            else:
                if place == begin > 0 and leaves[0]["twin"] > start:
                    self.faults.append(f"its leaves before {leaves[0]['twin']} were moved")
                for leaf in leaves:
                    if leaf["twin"] >= start:
                        yield leaf
            place += 1
        if place != len(roots):
            self.faults.append("its leaves changed while they were read")


def true_leaves(chunk: Mapping[str, Any]) -> list[Document] | None:
    """The leaves of a chunk, if they are those of its root."""
    try:
        leaves: list[Document] = chunk["leaves"]
        root = proof.tree_root([proof.leaf_hash(leaf) for leaf in leaves]).hex()
        if root == chunk["root"] and (chunk["first"], chunk["last"]) == (leaves[0]["twin"], leaves[-1]["twin"]):
            return leaves
    except (KeyError, TypeError, ValueError, IndexError):
        pass
    return None


def root_of(roots: Iterable[str]) -> str:
    """The root of a tree over the roots of its chunks, hexadecimal; empty when one of them is none."""
    try:
        return proof.tree_root([bytes.fromhex(root) for root in roots]).hex()
    except ValueError:
        return ""


async def joined(
    documents: AsyncGenerator[Document, None], leaves: AsyncGenerator[Document, None]
) -> AsyncGenerator[Pair, None]:
    """The documents, by `_id`, beside the leaves, by `twin`; both in that order, and None where one has no other."""
    async with aclosing(documents), aclosing(leaves):
        document, leaf = await anext(documents, None), await anext(leaves, None)
        while document is not None or leaf is not None:
            if leaf is None or (document is not None and document["_id"] < leaf["twin"]):
                yield document, None
                document = await anext(documents, None)
            elif document is None or document["_id"] > leaf["twin"]:
                yield None, leaf
                leaf = await anext(leaves, None)
            else:
                yield document, leaf
                document, leaf = await anext(documents, None), await anext(leaves, None)


def id_of(document: Document | None, leaf: Document | None) -> str:
    """The id of the twin that a pair is about."""
    return str(document["_id"] if document is not None else leaf["twin"] if leaf is not None else "")
