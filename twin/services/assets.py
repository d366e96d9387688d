"""Assets: register, revise, find, list."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from twin import identity
from twin.domain import asset as rules
from twin.domain.actor import Actor, Permission
from twin.domain.asset import Asset
from twin.domain.history import AsOf, Command, Document, Draft
from twin.domain.serials import PLACEHOLDER, filled
from twin.errors import IdentifierTaken, InvalidIdentifier, NotFound, shown, within
from twin.identity import Granularity, Identifier, vin
from twin.services import audiences
from twin.services.commits import At, Commits, require_revision
from twin.services.serials import Serials
from twin.store.identifiers import Holder
from twin.store.mongo import Session
from twin.store.paging import Page, PageRequest

PREFIX = "ast"
_ID = re.compile(rf"{PREFIX}_[a-z0-9]{{1,64}}")


class Assets:
    """What callers do with assets.

    Args:
        commits: the write path.
        serials: the serial numbers of each kind.
    """

    def __init__(self, commits: Commits, serials: Serials) -> None:
        self._commits = commits
        self._serials = serials
        self._twins = commits.store.assets
        self._identifiers = commits.store.identifiers

    async def register(
        self,
        actor: Actor,
        *,
        kind: str,
        granularity: Granularity,
        name: str,
        identifiers: Sequence[str],
        attributes: Mapping[str, str | None],
        command: Command,
    ) -> Document:
        """Register a new asset with its identifiers, all or nothing.

        Wherever `{serial}` stands in the name, an identifier or an attribute, the next serial of its kind is put: one
        for all of them.

        Args:
            actor: needs `assets:register`.
            kind: what sort of thing it is.
            granularity: item, lot or product.
            name: what people call it.
            identifiers: `scheme:value`, in any form that the scheme accepts; or the text of a carrier.
            attributes: free fields.
            command: reason, occurred_at and client_mutation_id count.

        Returns:
            The asset at revision 1.

        Raises:
            IdentifierTaken: another asset holds one of them.
            InvalidInput: anything that breaks a rule, and `{serial}` for a kind that has no scheme.
            SerialsExhausted: the kind's scheme has no more.
        """
        actor.require(Permission.REGISTER_ASSETS)
        inputs = {
            "kind": kind,
            "granularity": granularity.value,
            "name": name,
            "identifiers": list(identifiers),
            "attributes": dict(attributes),
        }
        change = self._commits.change(actor, "registerAsset", command, inputs)
        twin = self._commits.twin_id(PREFIX, change.mutation, 0)

        def draft(serial: str) -> Draft:
            return rules.register(
                kind=kind,
                granularity=granularity,
                name=filled(name, serial),
                identifiers=issued_identifiers([filled(text, serial) for text in identifiers]),
                attributes={field: text and filled(text, serial) for field, text in attributes.items()},
                command=command,
                now=self._commits.clock(),
            )

        async def decide() -> list[Draft]:
            texts = (name, *identifiers, *attributes.values())
            if any(text and PLACEHOLDER in text for text in texts):
                return [await self._serials.numbered(kind, draft)]
            return [draft(PLACEHOLDER)]

        async def identifiers_too(drafts: Sequence[Draft], session: Session) -> None:
            await self._identifiers.register(drafts[0].change["identifiers"], twin, session=session)

        try:
            [document] = await self._commits.create(self._twins, change, [twin], decide, identifiers_too)
        except IdentifierTaken as taken:
            raise await self.taken(actor, taken) from taken
        return audiences.asset(actor, document)

    async def taken(self, actor: Actor, taken: IdentifierTaken) -> IdentifierTaken:
        """The refusal as the actor may see it: with who has the identifier, or without."""
        holder = await self._identifiers.asset_of(taken.identifier) if actor.may(Permission.READ_TWINS) else None
        return IdentifierTaken(taken.identifier, holder)

    async def revise(
        self, actor: Actor, key: str, *, name: str | None, attributes: Mapping[str, str | None], command: Command
    ) -> Document:
        """Change an asset's name or free fields.

        Args:
            actor: needs `assets:revise`.
            key: the asset's id, or a text that names it.
            name: the new one, or None.
            attributes: fields to set; None as a text removes the field.
            command: `expected_revision` is required, because a free edit never wins by time.
        """
        actor.require(Permission.REVISE_ASSETS)
        require_revision(command)
        inputs = {"asset": key, "name": name, "attributes": dict(attributes)}
        change = self._commits.change(actor, "reviseAsset", command, inputs)

        async def decide(document: Document) -> Draft:
            asset = Asset.from_document(document)
            return rules.revise(asset, name=name, attributes=attributes, command=command, now=self._commits.clock())

        twin = await self.id_of(key)
        document = await self._commits.commit(self._twins, {"_id": twin}, change, decide, what="asset", key=key)
        return audiences.asset(actor, document)

    async def find(self, actor: Actor, key: str, at: At = None) -> Document:
        """An asset, now or as it was.

        Args:
            actor: needs `twins:read`.
            key: the asset's id, or a text that names it.
            at: which state is meant.

        Raises:
            NotFound: no such asset, or no such state.
        """
        actor.require(Permission.READ_TWINS)
        twin = await self.id_of(key)
        query = {"_id": await self._then(twin, key, at) if isinstance(at, AsOf) and twin != key else twin}
        return audiences.asset(actor, await self._commits.find(actor, self._twins, query, at, "asset", key))

    async def _then(self, twin: str, key: str, as_of: AsOf) -> str:
        """The asset that an identifier led to then: until a merge was learnt, that was the duplicate."""
        canonical = identity.parse(key).canonical
        head = await self._twins.sure_head({"_id": twin})
        for other in (twin, *(head["head"].get("merged", ()) if head else ())):
            then = await self._twins.state_as_of(other, as_of)
            state = then[0] if then else {}
            if canonical in (*state.get("identifiers", ()), *state.get("former", ())) and "merged_into" not in state:
                return str(other)
        return twin

    async def of_labels(self, actor: Actor, ids: Iterable[str]) -> dict[str, Document]:
        """The assets of labels that the caller holds, by id; who may not read twins sees their public fields."""
        documents = await self._twins.owns(set(ids))
        return {twin: audiences.asset(actor, document) for twin, document in documents.items()}

    async def of_label_as_of(self, actor: Actor, twin: str, as_of: AsOf) -> Document | None:
        """The asset of a label that the caller holds, as it was then; None when it had not begun."""
        into: str | None = twin
        while into is not None:
            try:
                found = await self._commits.find(actor, self._twins, {"_id": into}, as_of, "asset", twin)
            except NotFound:
                return None
            into = found["head"].get("merged_into")
        return audiences.asset(actor, found)

    async def of_identifiers(self, actor: Actor, canonicals: Collection[str]) -> dict[str, tuple[Document, Holder]]:
        """The assets that identifiers lead to, by identifier, each with how; without those that nobody has.

        For the services alone: whether the caller may ask by identifier is theirs to judge.
        """
        holders = await self._identifiers.holders(canonicals)
        documents = await self._twins.owns({holder.asset for holder in holders.values()})
        return {
            name: (audiences.asset(actor, documents[by.asset]), audiences.holder(actor, by))
            for name, by in holders.items()
        }

    async def broader(self, actor: Actor, document: Document) -> list[Document]:
        """The lots and products that an asset is of, as far as they are registered; lots first."""
        actor.require(Permission.READ_TWINS)
        names = document["head"].get("broader", ())
        found = (
            {asset["_id"]: asset for asset, _ in (await self.of_identifiers(actor, names)).values()} if names else {}
        )
        return sorted(found.values(), key=lambda asset: (asset["head"]["granularity"], asset["_id"]))

    async def page(
        self,
        actor: Actor,
        request: PageRequest,
        *,
        kinds: Iterable[str] | None = None,
        granularities: Iterable[str] | None = None,
        part_of: str | None = None,
    ) -> Page:
        """A page of the assets, newest first.

        Args:
            actor: needs `twins:read`.
            request: which part.
            kinds: only those of one of these.
            granularities: only those of one of these.
            part_of: only those whose identifiers say that they are of this lot or product, as `scheme:value`.
        """
        actor.require(Permission.READ_TWINS)
        broader = _canonical(part_of)
        page = await self._twins.page(request, kinds=kinds, granularities=granularities, part_of=broader)
        visible = [audiences.asset(actor, document) for document in page.documents]
        return Page(visible, page.has_next, page.has_previous)

    async def count(
        self,
        actor: Actor,
        *,
        kinds: Iterable[str] | None = None,
        granularities: Iterable[str] | None = None,
        part_of: str | None = None,
    ) -> int:
        """How many assets there are in all."""
        actor.require(Permission.READ_TWINS)
        broader = _canonical(part_of)
        return await self._twins.count(kinds=kinds, granularities=granularities, part_of=broader)

    async def versions(self, actor: Actor, twin: str, first: int, last: int) -> list[Document]:
        """The versions of an asset from one revision to another, oldest first."""
        actor.require(Permission.READ_TWINS)
        found = await self._commits.versions(actor, self._twins, {"_id": twin}, first, last, "asset", twin)
        return [audiences.asset_version(actor, version) for version in found]

    async def id_of(self, key: str) -> str:
        """The id of the asset that a key names: itself, or that of the holder of an identifier.

        Args:
            key: an id, an identifier as `scheme:value`, or what a carrier holds that can be one thing alone.

        Raises:
            NotFound: no asset has that identifier.
            InvalidIdentifier: the key is none of these.
        """
        return (await self.ids_of([key]))[key]

    async def ids_of(self, keys: Collection[str]) -> dict[str, str]:
        """The ids of the assets that keys name, by key, in one look; as `id_of` takes and refuses them."""
        names = {key: named(key).canonical for key in keys if not key.startswith(f"{PREFIX}_")}
        for key in keys:
            if key not in names and not _ID.fullmatch(key):
                raise NotFound("asset", key)
        holders = await self._identifiers.holders(names.values())
        found = {key: key for key in keys if key not in names}
        for key, canonical in names.items():
            holder = holders.get(canonical)
            twin = await self._identifiers.asset_of(canonical) if holder is None else holder.asset
            if twin is None:
                raise NotFound("asset", canonical)
            found[key] = twin
        return found


def issued_identifiers(texts: Sequence[str]) -> tuple[Identifier, ...]:
    """The identifiers that we are about to give to an asset."""
    found = []
    for position, text in enumerate(texts):
        with within("identifiers", str(position)):
            found.append(issued_identifier(text))
    return tuple(found)


def issued_identifier(text: str) -> Identifier:
    """An identifier that we are about to give to an asset: strict.

    Args:
        text: as `named` takes it. What a carrier holds tells more: the lot of an item, the part number in an item mark.

    Raises:
        InvalidIdentifier: not of its standard; a link id, which names a label; or a vehicle of a North American maker
            whose VIN has a wrong check digit.

    References:
        49 CFR 565.15(c): the check digit
    """
    known = named(text)
    if isinstance(known, vin.VIN):
        vin.parse(known.value, vin.policy_for(known.value))
    if known.canonical.startswith("link:"):
        raise InvalidIdentifier(f"{known.canonical} names a label; expected an identifier of an asset.")
    return known


def named(text: str) -> Identifier:
    """The identifier that a text names, without a guess.

    Args:
        text: `scheme:value`; or what a carrier holds, if that can be one thing alone and nothing has to be forgiven.

    Raises:
        InvalidIdentifier: neither.
    """
    return identity.parse(text) if text.partition(":")[0] in identity.standards() else _scanned(text)


def _scanned(text: str) -> Identifier:
    reading = identity.read(text)
    clean = [candidate for candidate in reading.candidates if not candidate.findings]
    if len(clean) == 1:
        return clean[0]
    if not clean and reading.faults:
        raise InvalidIdentifier(reading.faults[0].message)
    found = " or ".join(candidate.canonical for candidate in reading.candidates)
    schemes = ", ".join(identity.standards())
    raise InvalidIdentifier(
        f"{shown(text)}: expected scheme:value with a scheme of {schemes}, or the whole text of a carrier that can be "
        f"one thing alone, found {f'{found}; write that if it is meant' if found else 'neither'}."
    )


def _canonical(text: str | None) -> str | None:
    return None if text is None else named(text).canonical
