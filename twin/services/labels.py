"""Labels: every move of their life, and every way to find them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from twin.domain import fields
from twin.domain import moves as rules
from twin.domain.actor import Actor, Permission
from twin.domain.history import AsOf, Command, Document, Draft
from twin.domain.label import Label, LabelAction, LabelState
from twin.domain.print_job import PrintFormat, PrintOrder, Provenance
from twin.domain.profiles import profile
from twin.domain.verification import Seen, Sight, contents
from twin.errors import InvalidInput, NotFound, TooLarge, within
from twin.identity import link
from twin.services import audiences, recalled
from twin.services.artefacts import Layout, clean_artefact_of
from twin.services.assets import Assets
from twin.services.commits import At, Change, Commits, require_revision, there_for
from twin.services.templates import Templates
from twin.store.paging import Page, PageRequest

PREFIX = "lbl"
_ID = re.compile(rf"{PREFIX}_[a-z0-9]{{1,64}}")
MOST_AT_ONCE = 500
ONE = PrintOrder(PrintFormat.SVG)

Decide = Callable[[Label, Document], Awaitable[Draft]]
Texts = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Order:
    """One label to be issued.

    Args:
        asset: the asset's id, or a text that names it.
        profile: which kind of label.
        face: printed fields, by name.
        attributes: free fields, by name.
    """

    asset: str
    profile: str
    face: Texts = field(default_factory=dict)
    attributes: Texts = field(default_factory=dict)

    def as_input(self) -> dict[str, Any]:
        """As a document, to tell one order from another."""
        return {
            "asset": self.asset,
            "profile": self.profile,
            "face": dict(self.face),
            "attributes": dict(self.attributes),
        }


class Labels:
    """What callers do with labels. A label is named by its id or by the link id that is printed on it.

    Args:
        commits: the write path.
        assets: to find what a label is for, by any of its names.
        templates: what labels are printed from.
        public_url: the host that new links name, and what leads to the service there.
    """

    def __init__(self, commits: Commits, assets: Assets, templates: Templates, public_url: str) -> None:
        self._commits = commits
        self._assets = assets
        self._templates = templates
        self._twins = commits.store.labels
        self._public_url = public_url

    # Births

    async def issue(self, actor: Actor, orders: Sequence[Order], command: Command) -> list[Document]:
        """Issue labels for assets, all or none.

        Args:
            actor: needs `labels:issue`.
            orders: 1 to 500 labels.
            command: reason, occurred_at and client_mutation_id count.

        Returns:
            The labels at revision 1, in the order of the orders.
        """
        actor.require(Permission.ISSUE_LABELS)
        _require_count("labels", len(orders))
        for order in orders:
            actor.require_profile(order.profile)
        inputs = {"labels": [order.as_input() for order in orders]}
        change = self._commits.change(actor, "issueLabels", command, inputs)
        ids = self._ids(change, len(orders))

        async def decide() -> list[Draft]:
            names = await self._assets.ids_of({order.asset for order in orders})
            assets = await self._commits.store.assets.owns(set(names.values()))
            now = self._now
            drafts = []
            for position, order in enumerate(orders):
                asset = assets.get(names[order.asset])
                if asset is None:
                    raise NotFound("asset", order.asset)
                with within("labels", str(position)):
                    draft = rules.issue(
                        link_id=self.new_link_id(change, position),
                        asset=asset["_id"],
                        profile_name=order.profile,
                        face=order.face,
                        attributes=order.attributes,
                        identifiers=asset["head"].get("identifiers", ()),
                        command=command,
                        now=now,
                    )
                drafts.append(draft)
            return drafts

        return self._visible(actor, await self._commits.create(self._twins, change, ids, decide))

    async def preprint(self, actor: Actor, profile_name: str, count: int, command: Command) -> list[Document]:
        """Make a batch of labels that are printed before anybody knows what they will be on.

        Args:
            actor: needs `labels:issue`.
            profile_name: which kind of label.
            count: 1 to 500.
            command: the reason is required.
        """
        actor.require(Permission.ISSUE_LABELS)
        _require_count("count", count)
        actor.require_profile(profile_name)
        change = self._commits.change(actor, "preprintLabels", command, {"profile": profile_name, "count": count})
        ids = self._ids(change, count)

        async def decide() -> list[Draft]:
            now = self._now
            link_ids = [self.new_link_id(change, position) for position in range(count)]
            return [
                rules.preprint(
                    link_id=link_id,
                    profile_name=profile_name,
                    payload=self._url(link_id, profile_name),
                    command=command,
                    now=now,
                )
                for link_id in link_ids
            ]

        return self._visible(actor, await self._commits.create(self._twins, change, ids, decide))

    # Moves of one label

    async def claim(self, actor: Actor, key: str, *, asset: str, face: Texts, command: Command) -> Document:
        """Bind a pre-printed label to an asset."""

        async def decide(label: Label, _: Document) -> Draft:
            own = await self._own(asset)
            return rules.claim(
                label,
                asset=own["_id"],
                face=face,
                identifiers=own["head"].get("identifiers", ()),
                command=command,
                now=self._now,
            )

        inputs = {"asset": asset, "face": dict(face)}
        return await self._move(actor, Permission.CLAIM_LABELS, "claimLabel", key, command, inputs, decide)

    async def print_label(
        self, actor: Actor, key: str, *, command: Command, order: PrintOrder = ONE, symbology: str | None = None
    ) -> Document:
        """Print a label for the first time; its payload is fixed for ever.

        Args:
            actor: needs `labels:print`.
            key: the label.
            command: reason and occurred_at count.
            order: how it is printed.
            symbology: what the link is drawn in; None: what the template says.

        Raises:
            LabelNotClean: it breaks rules that the order does not override.
            NotFound, Refused: there is no such template, or it is not approved.
        """

        async def decide(label: Label, document: Document) -> Draft:
            rules.require_legal(label, LabelAction.PRINT)
            payload = self.payload(document)
            provenance = await self._drawn(label, document, order, symbology)
            return rules.print_label(label, payload=payload, provenance=provenance, command=command, now=self._now)

        inputs = _print_inputs(order, symbology)
        return await self._move(actor, Permission.PRINT_LABELS, "printLabel", key, command, inputs, decide)

    async def reprint(
        self, actor: Actor, key: str, *, command: Command, order: PrintOrder = ONE, symbology: str | None = None
    ) -> Document:
        """Print a label again whose paper was never applied; all else is as in `print_label`."""

        async def decide(label: Label, document: Document) -> Draft:
            rules.require_legal(label, LabelAction.REPRINT)
            provenance = await self._drawn(label, document, order, symbology)
            return rules.reprint(label, provenance=provenance, command=command, now=self._now)

        inputs = _print_inputs(order, symbology)
        return await self._move(actor, Permission.PRINT_LABELS, "reprintLabel", key, command, inputs, decide)

    async def apply(self, actor: Actor, key: str, command: Command) -> Document:
        """The paper is on the asset."""
        return await self._plain(actor, Permission.APPLY_LABELS, "applyLabel", key, command, rules.apply)

    async def verify(
        self, actor: Actor, key: str, *, read: str | Sight, grade: str | None, command: Command
    ) -> Document:
        """Compare what was read from the paper with what must be there; a failure is recorded and changes no state.

        Args:
            actor: needs `labels:verify`.
            key: the label.
            read: what the scanner read, or what a photo showed.
            grade: the letter of the print quality, if a verifier gave one.
            command: reason and occurred_at count.
        """
        actor.require(Permission.VERIFY_LABELS)
        sight = read if isinstance(read, Sight) else Sight((Seen(fields.scanned_text(read, path=("read",))),))

        async def decide(label: Label, document: Document) -> Draft:
            must_be = contents(
                label, label.payload or self.payload(document), await self._newest_print(label, document)
            )
            return rules.verify(label, must_be=must_be, sight=sight, grade=grade, command=command, now=self._now)

        seen = {"photo": sight.photo.sha256} if sight.photo else {"read": read}
        return await self._move(
            actor, Permission.VERIFY_LABELS, "verifyLabel", key, command, {**seen, "grade": grade}, decide
        )

    async def report(self, actor: Actor, key: str, *, lost: bool, command: Command) -> Document:
        """The paper is damaged or lost."""
        name, rule = ("reportLabelLost", rules.report_lost) if lost else ("reportLabelDamaged", rules.report_damaged)
        return await self._plain(actor, Permission.REPORT_LABELS, name, key, command, rule)

    async def remove(self, actor: Actor, key: str, command: Command) -> Document:
        """The paper was taken off its asset."""
        return await self._plain(actor, Permission.REMOVE_LABELS, "removeLabel", key, command, rules.remove)

    async def void(self, actor: Actor, key: str, command: Command) -> Document:
        """The label is not valid any more and never will be."""
        return await self._plain(actor, Permission.VOID_LABELS, "voidLabel", key, command, rules.void)

    async def revise(self, actor: Actor, key: str, *, face: Texts, attributes: Texts, command: Command) -> Document:
        """Change printed or free fields; `expected_revision` is required, because a free edit never wins by time."""
        actor.require(Permission.REVISE_LABELS)
        require_revision(command)

        async def decide(label: Label, _: Document) -> Draft:
            identifiers = await self.identifiers(label.asset) if label.asset else ()
            return rules.revise(
                label, face=face, attributes=attributes, identifiers=identifiers, command=command, now=self._now
            )

        inputs = {"face": dict(face), "attributes": dict(attributes)}
        return await self._move(actor, Permission.REVISE_LABELS, "reviseLabel", key, command, inputs, decide)

    async def correct(self, actor: Actor, key: str, command: Command) -> Document:
        """Take back the last move, which was a mistake."""

        async def decide(label: Label, document: Document) -> Draft:
            versions = await self._twins.versions(document)
            return rules.correct(label, versions=versions, command=command, now=self._now)

        return await self._move(actor, Permission.CORRECT_LABELS, "correctLabel", key, command, {}, decide)

    # Reading

    async def find(self, actor: Actor, key: str, at: At = None) -> Document:
        """A label, now or as it was. Whoever holds its link may read its public fields.

        Args:
            actor: needs `twins:read`, unless the key is a link id.
            key: the label's id or its link id.
            at: which state is meant.

        Raises:
            NotFound: no such label, or no such state.
        """
        if _is_id(key):
            actor.require(Permission.READ_TWINS)
        found = await self._commits.find(actor, self._twins, label_query(key), at, "label", key)
        label = audiences.label(actor, found)
        return label if at is not None else await self._now_of(label)

    async def page(
        self,
        actor: Actor,
        request: PageRequest,
        *,
        states: Iterable[LabelState] | None = None,
        profiles: Iterable[str] | None = None,
        asset: str | None = None,
    ) -> Page:
        """A page of the labels, newest first.

        Args:
            actor: needs `twins:read`.
            request: which part.
            states: only those in one of these.
            profiles: only those of one of these.
            asset: only those on this asset.
        """
        actor.require(Permission.READ_TWINS)
        assets = None if asset is None else await self._merged(asset)
        page = await self._twins.page(request, states=states, profiles=actor.within(profiles), assets=assets)
        labels = await recalled.marked(self._commits.store.recalls, self._visible(actor, page.documents))
        return Page(labels, page.has_next, page.has_previous)

    async def count(
        self,
        actor: Actor,
        *,
        states: Iterable[LabelState] | None = None,
        profiles: Iterable[str] | None = None,
        asset: str | None = None,
    ) -> int:
        """How many labels there are in all."""
        actor.require(Permission.READ_TWINS)
        assets = None if asset is None else await self._merged(asset)
        return await self._twins.count(states=states, profiles=actor.within(profiles), assets=assets)

    async def page_as_of(self, actor: Actor, request: PageRequest, asset: str, as_of: AsOf) -> Page:
        """A page of the labels that an asset carried then, as they were then."""
        actor.require(Permission.READ_TWINS)
        assets = await self._merged(asset, as_of)
        page = await self._twins.page(request, profiles=actor.within(None), assets=assets, as_of=as_of)
        ids = [document["_id"] for document in page.documents]
        then = [await self._commits.find(actor, self._twins, {"_id": twin}, as_of, "label", twin) for twin in ids]
        return Page(self._visible(actor, then), page.has_next, page.has_previous)

    async def count_as_of(self, actor: Actor, asset: str, as_of: AsOf) -> int:
        """How many labels an asset carried then."""
        actor.require(Permission.READ_TWINS)
        assets = await self._merged(asset, as_of)
        return await self._twins.count(profiles=actor.within(None), assets=assets, as_of=as_of)

    async def versions(self, actor: Actor, key: str, first: int, last: int) -> list[Document]:
        """The versions of a label from one revision to another, oldest first; the public does not see who and why."""
        versions = await self._commits.versions(actor, self._twins, label_query(key), first, last, "label", key)
        return [audiences.label_version(actor, version) for version in versions]

    def payload(self, document: Document) -> str:
        """What the label's symbol encodes: what was fixed at the first print, or what will be."""
        head = document["head"]
        return str(head.get("payload") or self._url(head["link_id"], head["profile"]))

    # Parts of the above

    async def _move(
        self,
        actor: Actor,
        permission: Permission,
        name: str,
        key: str,
        command: Command,
        inputs: Mapping[str, Any],
        decide: Decide,
    ) -> Document:
        actor.require(permission)
        query = label_query(key)
        change = self._commits.change(actor, name, command, {"label": query, **inputs})

        async def decide_document(document: Document) -> Draft:
            return await decide(Label.from_document(document), document)

        document = await self._commits.commit(self._twins, query, change, decide_document, what="label", key=key)
        return await self._now_of(audiences.label(actor, document))

    async def _plain(
        self, actor: Actor, permission: Permission, name: str, key: str, command: Command, rule: Callable[..., Draft]
    ) -> Document:
        """A move that asks for nothing but a command."""

        async def decide(label: Label, _: Document) -> Draft:
            return rule(label, command=command, now=self._now)

        return await self._move(actor, permission, name, key, command, {}, decide)

    async def head(self, actor: Actor, key: str) -> dict[str, Any]:
        """The newest head of the label that a key names, for the services alone: nothing is left out."""
        return there_for(actor, await self._twins.sure_head(label_query(key)), "label", key)

    async def _now_of(self, label: Document) -> Document:
        """A label as it is now, with what it is recalled for."""
        return (await recalled.marked(self._commits.store.recalls, [label]))[0]

    @staticmethod
    def _visible(actor: Actor, documents: Iterable[Document]) -> list[Document]:
        return [audiences.label(actor, document) for document in documents]

    async def identifiers(self, asset: str) -> Sequence[str]:
        """The identifiers of an asset, in canonical form."""
        identifiers: Sequence[str] = (await self._own(asset))["head"].get("identifiers", ())
        return identifiers

    async def _own(self, asset: str) -> Document:
        """The head of the asset that a key names, or of the one that it was merged into."""
        twin = await self._assets.id_of(asset)
        found = await self._commits.store.assets.owns([twin])
        if twin not in found:
            raise NotFound("asset", asset)
        return found[twin]

    async def _merged(self, asset: str, as_of: AsOf | None = None) -> list[str]:
        """An asset and those that were merged into it: a label that was bound to one of them is on the asset."""
        assets = self._commits.store.assets
        head = (await assets.heads([asset])).get(asset)
        if head is None or "merged" not in head["head"]:
            return [asset]
        then = (head["head"], head) if as_of is None else await assets.state_as_of(asset, as_of)
        return [asset, *(then[0].get("merged", ()) if then else ())]

    async def _newest_print(self, label: Label, document: Document) -> Document | None:
        if label.printed is None or len(profile(label.profile).carriers) == 1:  # the link says the payload for ever
            return None
        at = label.printed["revision"]
        return (await self._twins.versions(document, at, at))[0]

    def _ids(self, change: Change, count: int) -> list[str]:
        return [self._commits.twin_id(PREFIX, change.mutation, position) for position in range(count)]

    def new_link_id(self, change: Change, position: int) -> str:
        """The link id of a new label."""
        return link.LinkId.from_random(self._commits.derived("link", change.mutation, position)).value

    def _url(self, link_id: str, profile_name: str) -> str:
        return link.LinkId(link_id).as_url(self._public_url, lower_case=profile(profile_name).lower_case_link)

    async def _drawn(self, label: Label, document: Document, order: PrintOrder, symbology: str | None) -> Provenance:
        """What is made of a label that may be printed."""
        version = await self._templates.approved(order.template, label.profile)
        layout = Layout.of(version, order.dpi, symbology)
        identifiers = await self.identifiers(label.asset) if label.asset else ()
        payload = self.payload(document)
        made = await asyncio.to_thread(clean_artefact_of, document, payload, identifiers, layout, order)
        return made.provenance

    @property
    def _now(self) -> Any:
        return self._commits.clock()


def label_query(key: str) -> dict[str, str]:
    """The filter for the label that a key names.

    Raises:
        NotFound: the key is neither an id nor a link id: such a label was never issued.
    """
    if _is_id(key):
        if not _ID.fullmatch(key):
            raise NotFound("label", key)
        return {"_id": key}
    try:
        return {"head.link_id": link.parse(key).value}
    except InvalidInput as error:
        raise NotFound("label", key) from error


def _print_inputs(order: PrintOrder, symbology: str | None) -> dict[str, Any]:
    """What a print was asked for. What is usual is left out: prints from before it could be asked for stay the same."""
    usual = replace(ONE, copies=order.copies).as_document()
    asked = {name: value for name, value in order.as_document().items() if usual.get(name) != value}
    return {"symbology": symbology, "copies": order.copies, **asked}


def _is_id(key: str) -> bool:
    return key.startswith(f"{PREFIX}_")


def _require_count(name: str, count: int) -> None:
    if count < 1:
        raise InvalidInput(f"{name}: expected at least 1, found {count}.", path=(name,))
    if count > MOST_AT_ONCE:
        raise TooLarge(f"{name}: expected at most {MOST_AT_ONCE} at once, found {count}.", path=(name,))
