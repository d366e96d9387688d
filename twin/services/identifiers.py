"""What an asset is called: more identifiers, corrected ones, and two assets that turn out to be one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from twin.domain import asset as rules
from twin.domain.actor import Actor, Permission
from twin.domain.asset import Asset
from twin.domain.fact import FactKind
from twin.domain.history import AsOf, Command, Document, Draft
from twin.errors import IdentifierTaken, InconsistentFact, Refused, within
from twin.identity.gs1 import SCHEME
from twin.services import audiences
from twin.services.assets import Assets, issued_identifier, issued_identifiers
from twin.services.commits import Change, Commits, found
from twin.store.facts import fact_query
from twin.store.mongo import Session

_GS1 = f"{SCHEME}:"
_HAPPENED = [kind for kind in FactKind if kind is not FactKind.CORRECT]

Along = Callable[[Session], Awaitable[None]]


class Identifiers:
    """What callers do with the identifiers of assets. All of them lead to their asset for ever.

    Args:
        commits: the write path.
        assets: to find assets.
    """

    def __init__(self, commits: Commits, assets: Assets) -> None:
        self._commits = commits
        self._assets = assets
        self._twins = commits.store.assets
        self._registry = commits.store.identifiers

    async def identify(self, actor: Actor, key: str, identifiers: Sequence[str], command: Command) -> Document:
        """Give more identifiers to an asset.

        Args:
            actor: needs `assets:identify`.
            key: the asset's id, or a text that names it.
            identifiers: `scheme:value`, in any form that the scheme accepts, or the text of a carrier.
            command: the move.

        Raises:
            IdentifierTaken: another asset has one of them.
            AssetMerged: another asset has taken over.
            InvalidInput: anything that breaks a rule.
        """
        actor.require(Permission.IDENTIFY_ASSETS)
        twin = await self._assets.id_of(key)
        inputs = {"asset": key, "identifiers": list(identifiers)}
        change = self._commits.change(actor, "addIdentifiers", command, inputs)

        def decide(asset: Asset) -> tuple[Draft, Along]:
            draft = rules.identify(asset, issued_identifiers(identifiers), command=command, now=self._commits.clock())
            new = set(draft.change["identifiers"]) - set(asset.identifiers)

            async def along(session: Session) -> None:
                await self._registry.register(new, twin, session=session)

            return draft, along

        return await self._change(actor, twin, change, decide)

    async def correct(self, actor: Actor, key: str, *, wrong: str, right: str, command: Command) -> Document:
        """Put the right identifier in the place of a wrong one, which still leads to the asset.

        Args:
            actor: needs `assets:identify`.
            key: the asset's id, or a text that names it.
            wrong: one of its identifiers, in canonical form.
            right: what it should have been, as `scheme:value`.
            command: the reason is required.

        Raises:
            IdentifierTaken: another asset has the right one: merge them, if they are the same.
            AssetMerged: another asset has taken over.
            InvalidInput: anything that breaks a rule.
        """
        actor.require(Permission.IDENTIFY_ASSETS)
        twin = await self._assets.id_of(key)
        inputs = {"asset": key, "wrong": wrong, "right": right}
        change = self._commits.change(actor, "correctIdentifier", command, inputs)

        def decide(asset: Asset) -> tuple[Draft, Along]:
            with within("right"):
                known = issued_identifier(right)
            draft = rules.correct_identifier(asset, wrong, known, command=command, now=self._commits.clock())
            new = set(draft.change["identifiers"]) - set(asset.identifiers)

            async def along(session: Session) -> None:
                await self._registry.register(new, twin, session=session)
                await self._registry.correct(wrong, known.canonical, session=session)
                if wrong.startswith(_GS1):
                    await self._commits.store.links.correct(wrong.removeprefix(_GS1), session=session)

            return draft, along

        return await self._change(actor, twin, change, decide)

    async def merge(self, actor: Actor, *, duplicate: str, into: str, command: Command) -> tuple[Document, Document]:
        """Make one of two assets that turned out to be the same; the duplicate leads to the other for ever.

        Args:
            actor: needs `assets:merge`.
            duplicate: the id of the asset that changes no more.
            into: the id of the asset that takes over its identifiers and its labels.
            command: the reason is required; `expected_revision` is that of the duplicate.

        Returns:
            The duplicate and the asset that took over.

        Raises:
            AssetMerged: another asset has taken over one of them already.
            InconsistentFact: something was recorded to have happened to the duplicate.
            Refused: a recall that goes on has one of both in its set.
            InvalidInput: anything that breaks a rule.
        """
        actor.require(Permission.MERGE_ASSETS)
        ids = [await self._assets.id_of(key) for key in (duplicate, into)]
        change = self._commits.change(actor, "mergeAssets", command, {"duplicate": duplicate, "into": into})

        async def look(_: bool) -> list[dict[str, Any]]:  # noqa: FBT001 - as `once` calls it
            return [found(await self._twins.sure_head({"_id": twin}), "asset", twin) for twin in ids]

        async def attempt(seen: list[dict[str, Any]]) -> list[Document]:
            self._commits.check_revision(seen[0], command)
            both = [Asset.from_document(document) for document in seen]
            drafts = rules.merge_into(both[0], both[1], command=command, now=self._commits.clock())
            if told := await self._commits.store.facts.count(
                fact_query(assets=[ids[0]], kinds=_HAPPENED, as_of=AsOf())
            ):
                raise InconsistentFact(
                    f"{ids[0]}: expected no facts of what is merged, found {told}; correct those, and record them for "
                    f"{ids[1]}."
                )
            if recall := await self._commits.store.recalls.going_on_with(ids):
                raise Refused(f"{ids[0]}: one of both is in the recall {recall}; merge it once that is closed.")
            versions = [self._commits.next(seen[n], drafts[n], change, n)[0] for n in (0, 1)]

            async def work(session: Session) -> list[Document]:
                await self._registry.hand_over(ids[0], ids[1], session=session)
                return [await self._twins.append(seen[n], versions[n], session=session) for n in (0, 1)]

            return await self._commits.store.mongo.transaction(work)

        async def answer(*_: object) -> list[Document]:
            written = [await self._commits.repeated(change, position) for position in (0, 1)]
            return [await self._at(actor, *version) for version in written if version is not None]

        retired, own = await self._commits.once(change, look, attempt, answer)
        return audiences.asset(actor, retired), audiences.asset(actor, own)

    async def _change(
        self, actor: Actor, twin: str, change: Change, decide: Callable[[Asset], tuple[Draft, Along]]
    ) -> Document:
        """Commit the next version of an asset together with what changes in the registry."""

        async def look(_: bool) -> dict[str, Any]:  # noqa: FBT001 - as `once` calls it
            return found(await self._twins.sure_head({"_id": twin}), "asset", twin)

        async def attempt(head: dict[str, Any]) -> Document:
            self._commits.check_revision(head, change.command)
            draft, along = decide(Asset.from_document(head))
            version, _ = self._commits.next(head, draft, change)

            async def work(session: Session) -> Document:
                await along(session)
                return await self._twins.append(head, version, session=session)

            return await self._commits.store.mongo.transaction(work)

        async def answer(twin: str, revision: int) -> Document:
            return await self._at(actor, twin, revision)

        try:
            return audiences.asset(actor, await self._commits.once(change, look, attempt, answer))
        except IdentifierTaken as taken:
            raise await self._assets.taken(actor, taken) from taken

    async def _at(self, actor: Actor, twin: str, revision: int) -> Document:
        return await self._commits.find(actor, self._twins, {"_id": twin}, revision, "asset", twin)
