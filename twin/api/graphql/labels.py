"""Labels in the API: the noun, and how to ask for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

import strawberry

from twin.api.graphql.assets import Asset
from twin.api.graphql.context import Info
from twin.api.graphql.enums import LabelAction, LabelProfile, LabelState, Outcome
from twin.api.graphql.nodes import (
    After,
    AsOf,
    Before,
    Connection,
    Field,
    First,
    Last,
    Moment,
    Node,
    at_of,
    cursor_of,
    fields_of,
    moment_of,
    one_of,
    page_request,
)
from twin.api.graphql.prints import Print
from twin.api.graphql.recall_items import RecallNotice
from twin.api.graphql.scan_counts import ScanCount, scan_counts
from twin.api.graphql.verifications import Verification
from twin.api.graphql.versions import (
    FieldChange,
    From,
    Load,
    To,
    Version,
    Window,
    diff_of,
    field_change,
    history_page,
    only,
)
from twin.domain.history import AsOf as Point
from twin.domain.history import Document
from twin.domain.label import legal_actions
from twin.domain.lint import Finding
from twin.domain.profiles import profile
from twin.errors import NotFound
from twin.store.paging import Page, PageRequest, key_of


@strawberry.type(description="A printed field.")
class FaceField:
    """A field of the face."""

    name: str = strawberry.field(description="Its name in the profile.")
    title: str = strawberry.field(description="What people call it.")
    value: str = strawberry.field(description="Its text.")


@strawberry.type(description="Something that is wrong with a label, so that it does not print unless it is overridden.")
class LabelFinding:
    """A finding of lint."""

    rule: str = strawberry.field(description="The rule that it breaks, by which an override names it.")
    clause: str | None = strawberry.field(description="Where the rule comes from; null for a rule of the house.")
    path: list[str] = strawberry.field(
        description="What is wrong: a field (`face`, `vin`), a symbol (`carriers`, `udi`), or an element of the layout."
    )
    message: str = strawberry.field(description="What was expected and what was found.")

    @classmethod
    def of(cls, finding: Finding) -> LabelFinding:
        """The finding of the domain."""
        return cls(rule=finding.rule, clause=finding.clause, path=list(finding.path), message=finding.message)


@strawberry.type(description="What is on the paper.")
class Printed:
    """The last print."""

    revision: int = strawberry.field(description="The revision that the paper shows.")
    face: list[FaceField] = strawberry.field(description="The fields as they were printed.")


@strawberry.type(description="The twin of one physical label.")
class Label(Node):
    """A label's twin, now or as it was."""

    document: strawberry.Private[Document]
    as_of: strawberry.Private[Point | None] = None

    @classmethod
    def of(cls, document: Document, as_of: Point | None = None) -> Label:
        """The label whose document this is."""
        return cls(id=strawberry.ID(document["_id"]), document=document, as_of=as_of)

    @strawberry.field(description="The id that is printed: 13 random characters and a check character.")
    def link_id(self) -> str:
        """The link id."""
        return str(self.document["head"]["link_id"])

    @strawberry.field(description="The counter of its versions: 1, 2, 3….")
    def revision(self) -> int:
        """The revision shown."""
        return int(self.document["revision"])

    @strawberry.field(description="Where it stands in its life.")
    def state(self) -> LabelState:
        """The state."""
        return LabelState(self.document["head"]["state"])

    @strawberry.field(description="What kind of label it is.")
    def profile(self) -> LabelProfile:
        """The profile."""
        return LabelProfile(self.document["head"]["profile"])

    @strawberry.field(description="The worst that holds of it: what a scan answers.")
    def outcome(self) -> Outcome:
        """The outcome of a scan."""
        return self.document["flags"][0]  # type: ignore[no-any-return]  # the services' documents have it

    @strawberry.field(description="All that holds of it, worst first.")
    def flags(self) -> list[Outcome]:
        """All outcomes."""
        return list(self.document["flags"])

    @strawberry.field(description="What it is recalled for now; empty for a past state.")
    def recalls(self) -> list[RecallNotice]:
        """What the public is told of its recalls."""
        return [RecallNotice(document=recall) for recall in self.document.get("recalls", ())]

    @strawberry.field(description="The moves that its state allows.")
    def legal_moves(self) -> list[LabelAction]:
        """The legal moves."""
        return list(legal_actions(LabelState(self.document["head"]["state"])))

    @strawberry.field(description="What its symbol encodes: fixed for ever at the first print.")
    def payload(self, info: Info) -> str:
        """The payload."""
        return info.context.services.labels.payload(self.document)

    @strawberry.field(description="The printed fields that the caller may see, in printed order.")
    def face(self) -> list[FaceField]:
        """The face."""
        return face_of(self.document["head"], self.document["head"].get("face", {}))

    @strawberry.field(description="Its free fields that the caller may see.")
    def attributes(self) -> list[Field]:
        """The free fields."""
        return fields_of(self.document["head"].get("attributes", {}))

    @strawberry.field(description="What is on the paper; null before the first print, or where it may not be seen.")
    def printed(self) -> Printed | None:
        """The last print."""
        paper = self.document["head"].get("printed")
        if paper is None:
            return None
        return Printed(revision=paper["revision"], face=face_of(self.document["head"], paper["face"]))

    @strawberry.field(
        description="What is wrong with it, if it were printed now; none where it may print. Internal: null for others."
    )
    async def findings(
        self,
        info: Info,
        template: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="What it is to be printed from; null: what came with the profile."),
        ] = None,
        dpi: Annotated[
            int | None,
            strawberry.argument(
                description="Dots per inch of the printer, 72 to 2,400; null: modules are taken as drawn."
            ),
        ] = None,
    ) -> list[LabelFinding] | None:
        """The findings of lint, held against the asset as it is now."""
        twin = self.document["head"].get("asset")
        asset = None if twin is None else await info.context.assets.load(twin)
        found = await info.context.services.linting.of_label(
            info.context.actor, self.document, asset, template=template, dpi=dpi
        )
        return None if found is None else [LabelFinding.of(each) for each in found]

    @strawberry.field(description="The asset that it is bound to; null when it is on none.")
    async def asset(self, info: Info) -> Asset | None:
        """The asset, in the state of the same point in time as the label."""
        twin = self.document["head"].get("asset")
        if twin is None:
            return None
        if self.as_of is not None:
            document = await info.context.services.assets.of_label_as_of(info.context.actor, twin, self.as_of)
            return None if document is None else Asset.of(document, self.as_of)
        loaded = await info.context.assets.load(twin)
        return None if loaded is None else Asset.of(loaded)

    @strawberry.field(description="The label that it took over from.")
    async def replaces(self, info: Info) -> Label | None:
        """The label before it."""
        return await self._other(info, "replaces")

    @strawberry.field(description="The label that took over from it.")
    async def replaced_by(self, info: Info) -> Label | None:
        """The label after it."""
        return await self._other(info, "replaced_by")

    async def _other(self, info: Info, link: str) -> Label | None:
        twin = self.document["head"].get(link)
        if twin is None:
            return None
        return Label.of(await info.context.services.labels.find(info.context.actor, twin))

    @strawberry.field(description="When it was issued.")
    async def issued(self, info: Info) -> Moment:
        """The moment of its first version, which never changes: a change of the feed does not bring it along."""
        if "created" not in self.document:
            whole = await info.context.services.labels.find(info.context.actor, self.link_key())
            return moment_of(whole["created"])
        return moment_of(self.document["created"])

    @strawberry.field(description="When it changed last, up to the state shown.")
    def changed(self) -> Moment:
        """The moment of the version shown."""
        return moment_of(self.document["changed"])

    @strawberry.field(description="Its versions, newest first.")
    async def history(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        actions: Annotated[
            list[LabelAction] | None, strawberry.argument(description="Only versions of these actions.")
        ] = None,
        actor: Annotated[str | None, strawberry.argument(description="Only versions by this actor.")] = None,
    ) -> Connection[LabelVersion]:
        """A page of the label's versions."""
        window = Window(first, after, last, before)
        return await history_page(self.revision_shown(), self.loader(info), self.version, window, only(actions, actor))

    @strawberry.field(
        description="The prints that a piece of paper can be from, by what was read from it: newest first, none if this"
        " label never carried that. By another carrier than the link it needs a key."
    )
    async def printed_from(
        self, info: Info, payload: Annotated[str, strawberry.argument(description="What was read from the paper.")]
    ) -> list[PrintedFrom]:
        """The prints of a piece of paper."""
        found = await info.context.services.verifications.printed_from(
            info.context.actor, self.link_key(), payload, self.revision_shown()
        )
        return [
            PrintedFrom(
                carrier=one.carrier,
                version=self.version(one.version),
                stale=one.stale,
                changed=[field_change(change) for change in one.changed],
            )
            for one in found
        ]

    scan_counts: list[ScanCount] = strawberry.field(
        resolver=scan_counts,
        description="How often it was read, for each day of UTC on which it was. Needs `twins:read`.",
    )

    @strawberry.field(description="Which fields differ between two revisions, from what to what.")
    async def diff(self, info: Info, from_: From, to: To = None) -> list[FieldChange]:
        """The difference between two revisions, as the caller may see it."""
        return await diff_of(self.revision_shown(), self.loader(info), from_, to)

    def revision_shown(self) -> int:
        """The revision of the state shown: its history ends there."""
        return int(self.document["revision"])

    def loader(self, info: Info) -> Load:
        """How its versions are read."""
        services, actor, key = info.context.services, info.context.actor, self.link_key()
        return lambda lowest, highest: services.labels.versions(actor, key, lowest, highest)

    def version(self, document: Document) -> LabelVersion:
        """The version that a document is."""
        return LabelVersion(document=document, label_document=self.document)

    def link_key(self) -> str:
        """The link id, by which whoever sees this label may ask for it."""
        return str(self.document["head"]["link_id"])


@strawberry.type(description="The immutable state and change of a label at a revision.")
class LabelVersion(Version):
    """A version of a label."""

    label_document: strawberry.Private[Document]

    @strawberry.field(description="What happened.")
    def action(self) -> LabelAction:
        """The action."""
        return LabelAction(self.document["action"])

    @strawberry.field(description="What was seen: what was read, the grade, the printed copies.")
    def evidence(self) -> list[Field]:
        """The evidence that the caller may see."""
        seen = self.document.get("evidence", {})
        return fields_of({name: value for name, value in seen.items() if isinstance(value, str | int)})

    @strawberry.field(
        name="print", description="What was printed, and from what; null when nothing was, or it may not be seen."
    )
    def provenance(self) -> Print | None:
        """The print that this version is of."""
        return Print.of(self.document.get("evidence", {}))

    @strawberry.field(
        description="What was seen when it was verified; null for other actions, or where the caller may not see it."
    )
    def verification(self) -> Verification | None:
        """The verification."""
        return Verification.of(self.document)

    @strawberry.field(description="The label as it was after this version.")
    def label(self) -> Label:
        """The state at this revision."""
        return Label.of({**self.label_document, **self.state(), "flags": self.document["flags"]})


@strawberry.type(description="A print that a piece of paper can be from.")
class PrintedFrom:
    """A print, and how its paper differs from the twin."""

    carrier: str = strawberry.field(description="The symbol that says what was read, such as `link`.")
    version: LabelVersion = strawberry.field(
        description="The version that records the print: which revision, when, by whom, and its evidence."
    )
    stale: bool = strawberry.field(description="Whether that paper says something else than the label as it is shown.")
    changed: list[FieldChange] = strawberry.field(
        description="The printed fields in which it does that the caller may see: `before` is on the paper."
    )

    @strawberry.field(description="The print job; null where there was none, or the caller may not see it.")
    def job(self) -> strawberry.ID | None:
        """The job."""
        job = self.version.document.get("evidence", {}).get("job")
        return None if job is None else strawberry.ID(str(job))

    @strawberry.field(
        description="The template, as `name@version`; null where there was none, or the caller may not see it."
    )
    def template(self) -> str | None:
        """The template."""
        template = self.version.document.get("evidence", {}).get("template")
        return None if template is None else str(template)


@strawberry.type
class LabelQuery:
    """What can be asked about labels."""

    @strawberry.field(
        description="A label by its id (needs a key) or by the link that is printed on it, now or as it was."
    )
    async def label(
        self,
        info: Info,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="The label's id.")] = None,
        link_id: Annotated[str | None, strawberry.argument(description="The id that is printed.")] = None,
        revision: Annotated[int | None, strawberry.argument(description="The state at this revision.")] = None,
        as_of: Annotated[AsOf | None, strawberry.argument(description="The state as of this point.")] = None,
    ) -> Label | None:
        """One label."""
        key = one_of({"id": id, "linkId": link_id})
        if (key == id) is not key.startswith("lbl_"):
            raise NotFound("label", key)
        at = at_of(revision, as_of)
        document = await info.context.services.labels.find(info.context.actor, key, at)
        return Label.of(document, at if isinstance(at, Point) else None)

    @strawberry.field(description="Labels, newest first. Needs a key.")
    async def labels(
        self,
        info: Info,
        states: Annotated[list[LabelState] | None, strawberry.argument(description="Only in these states.")] = None,
        profiles: Annotated[list[LabelProfile] | None, strawberry.argument(description="Only of these.")] = None,
        asset: Annotated[strawberry.ID | None, strawberry.argument(description="Only on this asset.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Label]:
        """A page of the labels."""
        request = page_request(first, after, last, before)
        return await label_connection(info, request, states=states, profiles=profiles, asset=asset)


async def labels_on(info: Info, request: PageRequest, asset: str, as_of: Point | None) -> Connection[Label]:
    """A page of the labels on an asset, now or then."""
    if as_of is None:
        return await label_connection(info, request, asset=asset)
    labels, actor = info.context.services.labels, info.context.actor
    page = await labels.page_as_of(actor, request, asset, as_of)
    return _connection(page, as_of, lambda: labels.count_as_of(actor, asset, as_of))


async def label_connection(
    info: Info,
    request: PageRequest,
    *,
    states: list[LabelState] | None = None,
    profiles: list[LabelProfile] | None = None,
    asset: str | None = None,
) -> Connection[Label]:
    """A page of labels that match."""
    labels, actor = info.context.services.labels, info.context.actor
    names = None if profiles is None else [kind.value for kind in profiles]
    page = await labels.page(actor, request, states=states, profiles=names, asset=asset)
    return _connection(page, None, lambda: labels.count(actor, states=states, profiles=names, asset=asset))


def _connection(page: Page, as_of: Point | None, counted: Callable[[], Awaitable[int]]) -> Connection[Label]:
    return Connection.of(
        [(Label.of(document, as_of), cursor_of(key_of(document))) for document in page.documents],
        counted,
        has_next=page.has_next,
        has_previous=page.has_previous,
    )


def face_of(head: Document, texts: Document) -> list[FaceField]:
    """Printed fields in printed order."""
    return [
        FaceField(name=field.name, title=field.title, value=texts[field.name])
        for field in profile(head["profile"]).face
        if field.name in texts
    ]
