"""API keys and the names of people in the API, for admins: the same use cases as those of the command line."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from twin.api.graphql.context import ACTOR_NAME, Info
from twin.api.graphql.enums import Audience, LabelProfile, Role
from twin.api.graphql.mutations import Payload, answered
from twin.api.graphql.nodes import After, Before, Connection, First, Last, Node, cursor_of, page_request
from twin.domain import fields
from twin.services.keys import Listed, key_of

PROFILES = (
    "The holder has labels, templates and print jobs of these profiles alone, and of its roles what is about those; "
    "null: of all."
)


@strawberry.type(description="An API key: for whom it stands, and what its holder may do. Its text is nowhere.")
class ApiKey(Node):
    """A key."""

    actor: str = strawberry.field(description="The actor that it stands for, as history shows it: a pseudonymous id.")
    actor_name: str | None = strawberry.field(description=ACTOR_NAME)
    roles: list[Role] = strawberry.field(description="The holder may do what any of them may.")
    audiences: list[Audience] = strawberry.field(description="Whose fields the holder sees.")
    profiles: list[LabelProfile] | None = strawberry.field(description=PROFILES)
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime | None = strawberry.field(description="From when on it is nobody's; null: never.")
    last_used_at: datetime | None = strawberry.field(description="About when it was used last, to the minute.")
    revoked_at: datetime | None = strawberry.field(description="When it was taken back; null: it was not.")

    @classmethod
    def of(cls, listed: Listed) -> ApiKey:
        """The key as it is listed."""
        key = listed.key
        return cls(
            id=strawberry.ID(listed.id),
            actor=key.actor,
            actor_name=listed.name,
            roles=[Role(role) for role in sorted(key.roles)],
            audiences=[Audience(audience) for audience in sorted(key.audiences)],
            profiles=None if key.profiles is None else [LabelProfile(name) for name in sorted(key.profiles)],
            created_at=key.created_at,
            expires_at=key.expires_at,
            last_used_at=key.last_used,
            revoked_at=key.revoked_at,
        )


@strawberry.input(description="A key to be made. Nobody gives more rights than they have.")
class AddKeyInput:
    """What `addKey` asks for."""

    name: str = strawberry.field(
        description="What the holder is called: a line of 100 characters at most, kept apart from history."
    )
    roles: list[Role] = strawberry.field(description="One or more; the holder may do what any of them may.")
    audience: Audience = strawberry.field(
        default=Audience.INTERNAL, description="Whose fields the holder sees beside the public's; INTERNAL is all."
    )
    profiles: list[LabelProfile] | None = strawberry.field(default=None, description=PROFILES)
    expires_at: datetime | None = strawberry.field(
        default=None, description="From when on it is nobody's, within ten years; null: never."
    )
    actor: str | None = strawberry.field(
        default=None, description="The actor of a key before, for whom this one stands too; null: a new one."
    )
    client_mutation_id: str | None = strawberry.field(
        default=None, description="Comes back with the answer. A repeat makes another key: the first text is nowhere."
    )


@strawberry.input(description="A key to be taken back.")
class RevokeKeyInput:
    """What `revokeKey` asks for."""

    key: strawberry.ID = strawberry.field(description="Its id.")
    client_mutation_id: str | None = strawberry.field(
        default=None, description="Comes back with the answer. A repeat changes nothing."
    )


@strawberry.input(description="A person to be forgotten.")
class ForgetPersonInput:
    """What `forgetPerson` asks for."""

    actor: str = strawberry.field(description="The actor's id, as history shows it.")
    client_mutation_id: str | None = strawberry.field(
        default=None, description="Comes back with the answer. A repeat changes nothing."
    )


@strawberry.type(description="A key that was made, with its text, which is shown this once.")
class AddKeyPayload(Payload):
    """The answer of `addKey`."""

    key: ApiKey | None = strawberry.field(description="The key; null when there are errors.")
    text: str | None = strawberry.field(
        description="What the holder sends as `Authorization: Bearer …`. It is kept nowhere and never shown again."
    )


@strawberry.type(description="What became of a key.")
class RevokeKeyPayload(Payload):
    """The answer of `revokeKey`."""

    key: ApiKey | None = strawberry.field(description="The key as it is now; null when there are errors.")


@strawberry.type(description="What became of a name.")
class ForgetPersonPayload(Payload):
    """The answer of `forgetPerson`."""

    actor: str | None = strawberry.field(description="The actor's id; null when there are errors.")
    forgotten_at: datetime | None = strawberry.field(description="When its name was forgotten.")


@strawberry.type
class KeyQuery:
    """What admins ask about keys."""

    @strawberry.field(description="The API keys, newest first, those that hold no more too. Needs `keys:manage`.")
    async def keys(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[ApiKey]:
        """A page of the keys."""
        keys, actor = info.context.services.keys, info.context.actor
        page, count = await keys.page(actor, page_request(first, after, last, before))

        async def counted() -> int:
            return count

        return Connection.of(
            [(ApiKey.of(listed), cursor_of(key_of(listed))) for listed in page.items],
            counted,
            has_next=page.has_next,
            has_previous=page.has_previous,
        )


@strawberry.type
class KeyMutation:
    """What admins do about keys and names."""

    @strawberry.mutation(
        description="Make an API key, and show its text, this once. Nobody gives more rights than they have. Needs "
        "`keys:manage`."
    )
    async def add_key(
        self, info: Info, input: Annotated[AddKeyInput, strawberry.argument(description="The key.")]
    ) -> AddKeyPayload:
        """Make a key."""
        made, errors = await answered(_added(info, input))
        return AddKeyPayload(
            key=made and ApiKey.of(made[1]),
            text=made and made[0],
            errors=errors,
            client_mutation_id=input.client_mutation_id,
        )

    @strawberry.mutation(
        description="Take an API key back: from the next request on it is nobody's. Needs `keys:manage`."
    )
    async def revoke_key(
        self, info: Info, input: Annotated[RevokeKeyInput, strawberry.argument(description="The key.")]
    ) -> RevokeKeyPayload:
        """Take a key back."""
        listed, errors = await answered(_revoked(info, input.key))
        return RevokeKeyPayload(
            key=None if listed is None else ApiKey.of(listed),
            errors=errors,
            client_mutation_id=input.client_mutation_id,
        )

    @strawberry.mutation(
        description="Forget what an actor is called: history goes on to show the id alone, its hashes hold, and the "
        "name does not come back by itself. Needs `people:forget`."
    )
    async def forget_person(
        self, info: Info, input: Annotated[ForgetPersonInput, strawberry.argument(description="Who.")]
    ) -> ForgetPersonPayload:
        """Forget a name."""
        work = info.context.services.people.forget(info.context.actor, input.actor)
        person, errors = await answered(work)
        return ForgetPersonPayload(
            actor=None if person is None else person.actor,
            forgotten_at=None if person is None else person.forgotten_at,
            errors=errors,
            client_mutation_id=input.client_mutation_id,
        )


async def _added(info: Info, wanted: AddKeyInput) -> tuple[str, Listed]:
    keys, actor = info.context.services.keys, info.context.actor
    expires = None if wanted.expires_at is None else fields.utc(wanted.expires_at, path=("expiresAt",))
    text = await keys.add(
        actor,
        wanted.name,
        roles=[role.value for role in wanted.roles],
        audience=wanted.audience,
        expires=expires,
        profiles=None if wanted.profiles is None else [each.value for each in wanted.profiles],
        stands_for=wanted.actor,
    )
    return text, await keys.of_text(actor, text)


async def _revoked(info: Info, key: str) -> Listed:
    keys, actor = info.context.services.keys, info.context.actor
    await keys.revoke(actor, key)
    return await keys.find(actor, key)
