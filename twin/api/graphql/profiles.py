"""Profiles in the API: what each kind of label requires, so that a form can be made of it."""

from __future__ import annotations

from typing import Annotated

import strawberry

from twin.api.graphql.context import Info
from twin.api.graphql.enums import Audience, FieldKind, LabelProfile, Symbology
from twin.api.graphql.labels import FaceField, LabelFinding, face_of
from twin.api.graphql.nodes import Field, FieldInput, fields_of, texts_of
from twin.domain import lint, profiles


@strawberry.type(description="What a printed field of a kind of label must be.")
class ProfileField:
    """A face field as the profile asks for it."""

    name: str = strawberry.field(description="Its name in the profile.")
    title: str = strawberry.field(description="What people call it.")
    kind: FieldKind = strawberry.field(description="What sort of text it holds.")
    audience: Audience = strawberry.field(description="Who may see it.")
    required: bool = strawberry.field(description="Whether every label has it.")
    longest: int = strawberry.field(description="Characters at most.")
    choices: list[str] = strawberry.field(description="What a CHOICE may say; else empty.")
    identifier: str | None = strawberry.field(
        description="The scheme of the asset's identifier that says it, so that nobody need enter it."
    )
    composed: bool = strawberry.field(description="Whether other fields make it, so that nobody enters it.")
    least_text_mm: float | None = strawberry.field(description="The least height of its capital letters, in mm.")
    clause: str | None = strawberry.field(description="Where it is asked for.")

    @classmethod
    def of(cls, kind: profiles.Profile, field: profiles.FaceField) -> ProfileField:
        """The field of a profile."""
        return cls(
            name=field.name,
            title=field.title,
            kind=field.kind,
            audience=field.audience,
            required=field.required,
            longest=field.longest,
            choices=list(field.choices),
            identifier=field.identifier,
            composed=field.composed is not None,
            least_text_mm=field.least_text_mm or kind.least_text_mm,
            clause=field.clause,
        )


@strawberry.type(description="A symbol that a kind of label carries.")
class ProfileCarrier:
    """A carrier as the profile asks for it."""

    name: str = strawberry.field(description="What templates call it; `link` leads to the twin.")
    symbologies: list[Symbology] = strawberry.field(description="The permitted ones; the first is the default.")
    options: list[Field] = strawberry.field(description="Options of the first symbology, such as `level`.")
    least_module_mm: float = strawberry.field(description="The least size of a module or narrowest bar, in mm.")
    most_module_mm: float | None = strawberry.field(description="The greatest, where there is one.")
    required: bool = strawberry.field(description="Whether every label carries it.")
    clause: str | None = strawberry.field(description="Where it is asked for.")

    @classmethod
    def of(cls, carrier: profiles.Carrier) -> ProfileCarrier:
        """The carrier of a profile."""
        return cls(
            name=carrier.name,
            symbologies=[Symbology(name) for name in carrier.symbologies],
            options=fields_of(carrier.options),
            least_module_mm=carrier.least_module_mm,
            most_module_mm=carrier.most_module_mm,
            required=carrier.required,
            clause=carrier.clause,
        )


@strawberry.type(description="A rule that labels are linted by.")
class ProfileRule:
    """A rule of a profile, or of every label."""

    name: str = strawberry.field(description="What a finding, and an override, call it.")
    description: str = strawberry.field(description="What must be.")
    clause: str | None = strawberry.field(description="Where it is asked for; null: by the field or the carrier.")


@strawberry.type(description="What a kind of label requires.")
class Profile:
    """A profile."""

    name: LabelProfile = strawberry.field(description="Its name.")
    title: str = strawberry.field(description="What people call it.")
    description: str = strawberry.field(description="What it is for.")
    identity: str | None = strawberry.field(description="The scheme that the asset must have an identifier of.")
    fields: list[ProfileField] = strawberry.field(description="Its printed fields, in printed order.")
    carriers: list[ProfileCarrier] = strawberry.field(description="The symbols that it carries; the first is the link.")
    rules: list[ProfileRule] = strawberry.field(description="Its own rules, then those of every label.")
    order_clause: str | None = strawberry.field(
        description="Where it is asked that the fields stand in this order on the label; null where it is not."
    )

    @classmethod
    def of(cls, name: str) -> Profile:
        """The profile of that name."""
        kind = profiles.profile(name)
        own = [ProfileRule(name=rule.name, description=rule.description, clause=rule.clause) for rule in kind.rules]
        every = [
            ProfileRule(name=rule, description=description, clause=None)
            for rule, description in lint.GENERAL_RULES.items()
        ]
        return cls(
            name=LabelProfile(name),
            title=kind.title,
            description=kind.description,
            identity=kind.identity,
            fields=[ProfileField.of(kind, field) for field in kind.face],
            carriers=[ProfileCarrier.of(carrier) for carrier in kind.carriers],
            rules=own + every,
            order_clause=kind.ordered,
        )


@strawberry.input(description="A label that is not issued yet.")
class LabelDraftInput:
    """What `labelDraft` asks for."""

    profile: LabelProfile = strawberry.field(description="What kind of label.")
    face: list[FieldInput] = strawberry.field(default_factory=list, description="The printed fields, as entered.")
    asset: str | None = strawberry.field(
        default=None, description="A text that names the asset: its id, or any identifier; null: one without any."
    )
    template: strawberry.ID | None = strawberry.field(
        default=None, description="What it is to be printed from; null: what came with the profile."
    )
    dpi: int | None = strawberry.field(
        default=None, description="Dots per inch of the printer, 72 to 2,400; null: modules are taken as drawn."
    )


@strawberry.type(description="What a label would say if it were issued, and what is wrong with it.")
class LabelDraft:
    """A draft, completed and linted. Nothing is written."""

    face: list[FaceField] = strawberry.field(
        description="The printed fields, with those that the asset's identifiers and other fields make."
    )
    findings: list[LabelFinding] = strawberry.field(description="What is wrong with it; empty where it may print.")


@strawberry.type
class ProfileQuery:
    """What can be asked about kinds of labels."""

    @strawberry.field(description="What every kind of label requires, in the order of their names.")
    def profiles(self) -> list[Profile]:
        """All profiles."""
        return [Profile.of(name) for name in profiles.profiles()]

    @strawberry.field(description="What a kind of label requires.")
    def profile(self, name: Annotated[LabelProfile, strawberry.argument(description="Which kind.")]) -> Profile:
        """One profile."""
        return Profile.of(name.value)

    @strawberry.field(
        description="What a label would say if it were issued, and what is wrong with it: for a form, before it is "
        "sent. Nothing is written. Needs a key."
    )
    async def label_draft(
        self, info: Info, input: Annotated[LabelDraftInput, strawberry.argument(description="The label.")]
    ) -> LabelDraft:
        """A draft."""
        face, findings = await info.context.services.linting.of_draft(
            info.context.actor,
            input.profile.value,
            texts_of(input.face, "face"),
            asset=input.asset,
            template=input.template,
            dpi=input.dpi,
        )
        return LabelDraft(
            face=face_of({"profile": input.profile.value}, face), findings=[LabelFinding.of(each) for each in findings]
        )
