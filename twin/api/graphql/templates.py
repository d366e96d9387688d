"""Templates in the API: drawn, reviewed, approved, withdrawn, and looked at."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated

import strawberry

from twin.api.graphql.context import ACTOR_NAME, Info
from twin.api.graphql.elements import TemplateElement, TemplateElementInput, elements_of, shown_element
from twin.api.graphql.enums import LabelProfile, TemplateAction, TemplateState
from twin.api.graphql.labels import LabelFinding
from twin.api.graphql.mutations import Payload, answered
from twin.api.graphql.nodes import After, Before, Connection, First, Last, cursor_of, page_request
from twin.api.graphql.usererrors import UserError
from twin.domain.builtin import builtins
from twin.domain.history import Document
from twin.domain.tag import Tag
from twin.domain.template import Template as Layout
from twin.services import printing
from twin.store.paging import key_of

TemplateId = Annotated[
    strawberry.ID,
    strawberry.argument(description="Name and version, `frame-plate@3`; a name alone means its current version."),
]


@strawberry.type(description="One thing that happened to a version of a template.")
class TemplateStep:
    """An event."""

    action: TemplateAction = strawberry.field(description="What happened.")
    actor: str = strawberry.field(description="Who did it.")
    recorded_at: datetime = strawberry.field(description="When.")
    reason: str | None = strawberry.field(description="Why.")
    sha256: str = strawberry.field(description="The digest of the layout as it was after it.")

    @strawberry.field(description=ACTOR_NAME)
    async def actor_name(self, info: Info) -> str | None:
        """The actor's name."""
        return await info.context.names.load(self.actor)


@strawberry.type(description="That the labels have an RFID tag, and how the EPC of their assets is encoded.")
class TemplateTag:
    """A tag."""

    company_prefix_length: int | None = strawberry.field(
        default=None,
        description="How many digits of a GS1 key are the GS1 Company Prefix, 4 to 12, which the key does not tell; "
        "null: only assets with an identifier of the scheme `epc` have an EPC.",
    )
    filter_value: int = strawberry.field(
        default=0, description="What kind of thing is tagged, a help to readers: 0 to 7, of an aerospace part to 63."
    )


@strawberry.input(description="That the labels have an RFID tag, and how the EPC of their assets is encoded.")
class TemplateTagInput(TemplateTag):
    """A tag, as it is asked for."""


@strawberry.type(
    description="One version of a template: the layout of a profile's labels, in millimetres. It never changes once it "
    "is approved. The newest approved version of a name is its current one; older ones print where they are named with "
    "their version."
)
class Template:
    """A version of a template."""

    id: strawberry.ID = strawberry.field(description="Name and version: `frame-plate@3`, `vin_plate@builtin`.")
    name: str = strawberry.field(description="Its name.")
    version: int | None = strawberry.field(description="1, 2, 3…; null for what came with its profile.")
    profile: LabelProfile = strawberry.field(description="Whose labels it is for.")
    state: TemplateState = strawberry.field(description="Where it stands; labels are printed from APPROVED ones alone.")
    sha256: str = strawberry.field(description="SHA-256 over RFC 8785 canonical JSON of the layout, in hexadecimal.")
    width: float = strawberry.field(description="Width of the label, in mm.")
    height: float = strawberry.field(description="Height of the label, in mm.")
    tag: TemplateTag | None = strawberry.field(
        description="What is written into the RFID tag of its labels; null: nothing."
    )
    steps: list[TemplateStep] = strawberry.field(
        description="What happened to it, oldest first. Internal: empty for others."
    )
    document: strawberry.Private[Document]

    @classmethod
    def of(cls, document: Document) -> Template:
        """The version that a document holds, as far as the caller may see it."""
        version = document["version"]
        return cls(
            id=strawberry.ID(document["_id"]),
            name=document["name"],
            version=version if isinstance(version, int) else None,
            profile=LabelProfile(document["profile"]),
            state=TemplateState(document["state"]),
            sha256=document["sha256"],
            width=float(document["layout"]["width"]),
            height=float(document["layout"]["height"]),
            tag=_tag(document["layout"]),
            steps=[
                TemplateStep(
                    action=TemplateAction(event["action"]),
                    actor=event["actor"],
                    recorded_at=event["at"],
                    reason=event.get("reason"),
                    sha256=event["sha256"],
                )
                for event in document["events"]
            ],
            document=document,
        )

    @strawberry.field(description="What stands on the label; later ones are drawn over earlier ones.")
    async def elements(self, info: Info) -> list[TemplateElement]:
        """The elements, which a list of templates does not bring."""
        whole = self.document
        if "elements" not in whole["layout"]:
            whole = await info.context.services.templates.find(info.context.actor, self.id)
        return [shown_element(element) for element in Layout.from_document(whole["layout"]).elements]

    @strawberry.field(
        description="What a label of it looks like, as an SVG document; `/templates/{id}.png`, `.pdf` and `.zpl` have "
        "other formats. One that is not approved is marked as a preview in a margin."
    )
    async def preview(
        self,
        info: Info,
        label: Annotated[
            strawberry.ID | None, strawberry.argument(description="The label, by its id or link id; null: a sample.")
        ] = None,
    ) -> str:
        """The picture."""
        drawn = await info.context.services.previews.draw(
            info.context.actor, self.id, label=label, format_name="svg", dpi=printing.DEFAULT_DPI
        )
        return drawn.content.decode()

    @strawberry.field(
        description="What is wrong with it, whatever its labels say: which rules of the profile it breaks."
    )
    async def findings(
        self,
        info: Info,
        dpi: Annotated[
            int | None,
            strawberry.argument(
                description="Dots per inch of the printer, 72 to 2,400; null: modules are taken as drawn."
            ),
        ] = None,
    ) -> list[LabelFinding]:
        """The findings of lint."""
        found = await info.context.services.linting.of_template(info.context.actor, self.id, dpi=dpi)
        return [LabelFinding.of(each) for each in found]


def _tag(layout: Document) -> TemplateTag | None:
    if "tag" not in layout:
        return None
    tag = Tag.from_document(layout["tag"])
    return TemplateTag(company_prefix_length=tag.company_prefix_length, filter_value=tag.filter_value)


@strawberry.input(description="A layout of a profile's labels.")
class DrawTemplateInput:
    """What `drawTemplate` asks for."""

    name: str = strawberry.field(
        description="Its name: a letter in lower case, then letters in lower case, digits, `_` and `-`, 64 at most."
    )
    profile: LabelProfile = strawberry.field(description="Whose labels it is for; the same in all versions.")
    width: float = strawberry.field(description="Width of the label, 5 to 1000 mm.")
    height: float = strawberry.field(description="Height of the label, 5 to 1000 mm.")
    elements: list[TemplateElementInput] = strawberry.field(description="What stands on it, 1 to 200.")
    tag: TemplateTagInput | None = strawberry.field(
        default=None, description="What is written into the RFID tag, by printers of ZPL alone; null: nothing."
    )
    draft: int | None = strawberry.field(
        default=None, description="The version to be drawn again, which must be a draft; null: a new version."
    )
    client_mutation_id: str | None = strawberry.field(
        default=None, description="Your name for this one change: repeating it writes nothing."
    )

    def layout(self) -> Layout:
        """As the services take it."""
        tag = None if self.tag is None else Tag(self.tag.company_prefix_length, self.tag.filter_value)
        elements = elements_of(self.elements)
        return Layout(self.profile.value, round(self.width, 3), round(self.height, 3), elements, tag)


@strawberry.input
class TemplateInput:
    """What every step of a template may say."""

    template: strawberry.ID = strawberry.field(description="Name and version, such as `frame-plate@3`.")
    client_mutation_id: str | None = strawberry.field(
        default=None, description="Your name for this one change: repeating it writes nothing."
    )


@strawberry.input(description="A draft to be handed in.")
class SubmitTemplateInput(TemplateInput):
    """What `submitTemplate` asks for."""


@strawberry.input(description="A version to be approved.")
class ApproveTemplateInput(TemplateInput):
    """What `approveTemplate` asks for."""

    sha256: str = strawberry.field(description="The digest of the layout that was looked at, `Template.sha256`.")


@strawberry.input(description="A version to be drawn again.")
class RefuseTemplateInput(TemplateInput):
    """What `refuseTemplate` asks for."""

    reason: str = strawberry.field(description="What is wrong with it, in one line.")


@strawberry.input(description="A version to be taken out of use.")
class WithdrawTemplateInput(TemplateInput):
    """What `withdrawTemplate` asks for."""

    reason: str = strawberry.field(description="Why, in one line.")


@strawberry.type(description="What became of a step of a template.")
class TemplatePayload(Payload):
    """The answer of every mutation of a template."""

    template: Template | None = strawberry.field(description="The version as it is now; null when there are errors.")


@strawberry.type
class TemplateQuery:
    """What can be asked about templates."""

    @strawberry.field(description="A version of a template. Needs a key.")
    async def template(self, info: Info, id: TemplateId) -> Template:
        """One version."""
        return Template.of(await info.context.services.templates.find(info.context.actor, id))

    @strawberry.field(
        description="The versions of all templates, newest first; those that came with profiles are in "
        "`builtinTemplates`. Needs a key."
    )
    async def templates(
        self,
        info: Info,
        profile: Annotated[
            LabelProfile | None, strawberry.argument(description="Only those for labels of this profile.")
        ] = None,
        state: Annotated[TemplateState | None, strawberry.argument(description="Only those in this state.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Template]:
        """A page of versions."""
        templates, actor = info.context.services.templates, info.context.actor
        name = None if profile is None else profile.value
        page = await templates.page(actor, page_request(first, after, last, before), profile=name, state=state)
        return Connection.of(
            [(Template.of(document), cursor_of(key_of(document))) for document in page.documents],
            lambda: templates.count(actor, profile=name, state=state),
            has_next=page.has_next,
            has_previous=page.has_previous,
        )

    @strawberry.field(description="The template that came with each profile, which is approved and never changes.")
    async def builtin_templates(self) -> list[Template]:
        """One for each profile."""
        return [Template.of(version.as_document()) for version in builtins().values()]


@strawberry.type
class TemplateMutation:
    """What can be done about templates."""

    @strawberry.mutation(description="Draw a new version of a template, or one of its drafts again.")
    async def draw_template(
        self, info: Info, input: Annotated[DrawTemplateInput, strawberry.argument(description="The layout.")]
    ) -> TemplatePayload:
        """Draw."""

        async def drawn() -> Document:
            return await info.context.services.templates.draw(
                info.context.actor,
                name=input.name,
                template=input.layout(),
                draft=input.draft,
                client_mutation_id=input.client_mutation_id,
            )

        return await _answer(drawn(), input)

    @strawberry.mutation(description="Hand a draft in for review.")
    async def submit_template(
        self, info: Info, input: Annotated[SubmitTemplateInput, strawberry.argument(description="The draft.")]
    ) -> TemplatePayload:
        """Submit."""
        templates, actor = info.context.services.templates, info.context.actor
        return await _answer(
            templates.submit(actor, input.template, client_mutation_id=input.client_mutation_id), input
        )

    @strawberry.mutation(
        description="Let labels be printed from a version that is in review. Whoever drew or submitted it may not."
    )
    async def approve_template(
        self, info: Info, input: Annotated[ApproveTemplateInput, strawberry.argument(description="The version.")]
    ) -> TemplatePayload:
        """Approve."""
        templates, actor = info.context.services.templates, info.context.actor
        return await _answer(
            templates.approve(actor, input.template, sha256=input.sha256, client_mutation_id=input.client_mutation_id),
            input,
        )

    @strawberry.mutation(description="Send a version that is in review back to be drawn again.")
    async def refuse_template(
        self, info: Info, input: Annotated[RefuseTemplateInput, strawberry.argument(description="The version.")]
    ) -> TemplatePayload:
        """Refuse."""
        templates, actor = info.context.services.templates, info.context.actor
        return await _answer(
            templates.refuse(actor, input.template, reason=input.reason, client_mutation_id=input.client_mutation_id),
            input,
        )

    @strawberry.mutation(
        description="Let nothing be printed from a version any more, for ever. If it was the current one of its name, "
        "the newest approved one before it is."
    )
    async def withdraw_template(
        self, info: Info, input: Annotated[WithdrawTemplateInput, strawberry.argument(description="The version.")]
    ) -> TemplatePayload:
        """Withdraw."""
        templates, actor = info.context.services.templates, info.context.actor
        return await _answer(
            templates.withdraw(actor, input.template, reason=input.reason, client_mutation_id=input.client_mutation_id),
            input,
        )


async def _answer(work: Awaitable[Document], given: DrawTemplateInput | TemplateInput) -> TemplatePayload:
    document, errors = await answered(work)
    template: Template | None = None if document is None else Template.of(document)
    return _payload(template, errors, given.client_mutation_id)


def _payload(template: Template | None, errors: list[UserError], client_mutation_id: str | None) -> TemplatePayload:
    return TemplatePayload(template=template, errors=errors, client_mutation_id=client_mutation_id)
