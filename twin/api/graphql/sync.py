"""Batches for phones: what was done offline, in order, each judged as its mutation judges it; and what has changed."""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from enum import Enum
from functools import partial
from typing import Annotated, Any

import strawberry
from strawberry.utils.str_converters import to_camel_case

from twin.api.graphql.audit_log import ChangedNode
from twin.api.graphql.audited import audited, nodes_of
from twin.api.graphql.changes import Change
from twin.api.graphql.context import Info
from twin.api.graphql.mutations import CommandInput, Payload, answered
from twin.api.graphql.scans import RecordScanInput, RecordScanPayload
from twin.api.graphql.sync_inputs import MUTATIONS, UNDATED, SyncMutationInput
from twin.api.graphql.usererrors import Failed, NotAllowed, UserError, user_error
from twin.errors import Forbidden, InvalidInput, TwinError, Unauthenticated, Unavailable
from twin.services.changes import Since
from twin.services.sync import in_order

log = logging.getLogger(__name__)


@strawberry.enum(description="What became of one of several mutations.")
class SyncStatus(Enum):
    """Drop it, tell somebody, or send it again."""

    ACCEPTED = strawberry.enum_value("ACCEPTED", description="It is done, now or when it was sent before.")
    REJECTED = strawberry.enum_value("REJECTED", description="It was refused, and nothing was written: see `errors`.")
    NOT_DONE = strawberry.enum_value(
        "NOT_DONE", description="It was not reached, or not answered in time: send it and all after it again."
    )


@strawberry.type(description="What became of one of several mutations.")
class SyncOutcome:
    """The answer to one item."""

    client_mutation_id: str | None = strawberry.field(description="The id that its input had.")
    status: SyncStatus = strawberry.field(description="What became of it.")
    nodes: list[ChangedNode] = strawberry.field(
        description="What it wrote, as it was left then: the label or asset with its revision, the fact or the scan."
    )
    errors: list[UserError] = strawberry.field(description="Why it was rejected, as its own mutation says it.")


@strawberry.input(description="What a device did while it was offline, and how far it knows the changes.")
class SyncInput:
    """What `sync` asks for."""

    mutations: list[SyncMutationInput] = strawberry.field(
        default_factory=list, description="500 at most, in the order in which they are to be judged."
    )
    since: str | None = strawberry.field(
        default=None, description="The `cursor` that it got last; null: it has read nothing yet."
    )
    device: str | None = strawberry.field(
        default=None, description="Its name, for those scans that do not say it; only a hash of it is kept."
    )


@strawberry.type(description="What became of what a device did offline, and what has changed since it was here.")
class SyncPayload:
    """The answer of `sync`."""

    outcomes: list[SyncOutcome] = strawberry.field(description="Of each mutation, in the order of the input.")
    changed: list[Change] = strawberry.field(
        description="The versions that followed `since` and that the caller may see, its own too, in the order of the "
        "commits: 100 at most."
    )
    cursor: str | None = strawberry.field(
        description="What to send as `since` the next time. Without `since`, the cursor of now: read the lists after "
        "it. Null when `since` is not taken."
    )
    more: bool = strawberry.field(description="Whether there are more changes: ask again at once.")
    errors: list[UserError] = strawberry.field(
        description="Why there are no outcomes (`TOO_LARGE`), or no changes (`CURSOR_TOO_OLD`: read the lists anew)."
    )


@strawberry.type
class SyncMutation:
    """What is done for who was offline."""

    @strawberry.mutation(
        description="Do what was done offline, in order: each mutation is accepted or rejected as if it came alone, "
        "with the right and by the rule that it has, and one that is rejected does not stop the rest. Repeats, "
        "duplicates and splits write nothing twice. Ends after 15 seconds: what was not reached is told."
    )
    async def sync(
        self, info: Info, input: Annotated[SyncInput, strawberry.argument(description="What was done.")]
    ) -> SyncPayload:
        """Judge each item, then look for changes."""
        actor, changes = info.context.actor, info.context.services.changes
        items = [item.given() for item in input.mutations]
        steps = [partial(_outcome, info, name, _by(given, input.device)) for name, given in items]
        done, errors = await answered(in_order(actor, steps))
        if done is None:
            return SyncPayload(outcomes=[], changed=[], cursor=input.since, more=False, errors=errors)
        rest = [
            SyncOutcome(client_mutation_id=given.client_mutation_id, status=SyncStatus.NOT_DONE, nodes=[], errors=[])
            for _, given in items[len(done) :]
        ]
        since, errors = await _since(changes.since(actor, input.since), input.since)
        return SyncPayload(
            outcomes=[*done, *rest],
            changed=[] if since is None else [Change.of(told) for told in since.changes],
            cursor=None if since is None else since.cursor,
            more=since is not None and since.more,
            errors=errors,
        )


def _by(given: CommandInput, device: str | None) -> CommandInput:
    if isinstance(given, RecordScanInput) and given.device is None:
        given.device = device
    return given


async def _outcome(info: Info, name: str, given: CommandInput) -> SyncOutcome:
    """What becomes of one item.

    Raises:
        Unavailable: it may be done or not, and is worth a retry.
    """
    field = to_camel_case(name)
    try:
        payload = await audited(info.context, field, given.client_mutation_id, partial(_done, info, name, given))
        nodes, errors = list(nodes_of(payload)), payload.errors
        if isinstance(payload, RecordScanPayload) and payload.scan is not None:
            nodes = [(str(payload.scan.id), None)]
    except Unavailable:
        raise
    except Exception as error:  # noqa: BLE001 - one that meets a fault must not stand in the way of the rest for ever
        nodes, errors = [], [_shown(error, info.context.request_id, field)]
    return SyncOutcome(
        client_mutation_id=given.client_mutation_id,
        status=SyncStatus.REJECTED if errors else SyncStatus.ACCEPTED,
        nodes=[ChangedNode(id=strawberry.ID(node), revision=revision) for node, revision in nodes],
        errors=errors,
    )


async def _done(info: Info, name: str, given: CommandInput) -> Payload:
    if given.client_mutation_id is None:
        raise _missing("clientMutationId", "a name of its own, so that it is done once however often it is sent")
    if given.occurred_at is None and name not in UNDATED:
        raise _missing("occurredAt", "when it happened, since now is when it was sent")
    work: Any = MUTATIONS[name].base_resolver
    payload: Payload = await work(None, info, input=given)
    return payload


def _missing(name: str, expected: str) -> InvalidInput:
    return InvalidInput(f"{name}: expected {expected}; found nothing.", path=(name,))


def _shown(error: Exception, request_id: str, field: str) -> UserError:
    """Why an item was refused, where its own mutation would have answered with an error of the whole request."""
    if isinstance(error, Forbidden | Unauthenticated):
        return NotAllowed(code=error.code, message=error.message, path=[])
    if isinstance(error, TwinError):
        return user_error(error)
    log.error("request %s failed at %s of sync", request_id, field, exc_info=error)
    return Failed(code="INTERNAL", message=f"Something went wrong here; request {request_id}.", path=[])


async def _since(work: Awaitable[Since], after: str | None) -> tuple[Since | None, list[UserError]]:
    """What changed, or why the cursor is not taken: by the name that it has here."""
    try:
        since, errors = await answered(work)
    except Unavailable:  # the outcomes are told all the same
        return Since([], after, more=True), []
    for error in errors:
        error.path = ["since", *error.path[1:]]
        error.message = error.message.replace("after:", "since:", 1)
    return since, errors
