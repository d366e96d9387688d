"""Photos of labels to be verified: `POST /L/{linkId}/photo`. GraphQL takes what a scanner read, which is short."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from twin.api.audited import note_done
from twin.api.auth import actor_of
from twin.domain.history import Command, Document
from twin.domain.label import LabelAction
from twin.errors import InvalidInput, shown
from twin.services import Services

PATH = re.compile("/L/[^/]+/photo")
PARAMETERS = ("grade", "reason", "occurredAt", "expectedRevision", "clientMutationId")


def routes(services: Services) -> list[Route]:
    """The one route."""

    async def verify(request: Request) -> Response:
        actor, key = await actor_of(request, services), request.path_params["link_id"]
        await services.audit_log.room()
        try:
            label = await services.verifications.verify_photo(
                actor,
                key,
                content=request.stream(),
                grade=request.query_params.get("grade"),
                command=_command(request),
            )
        except ClientDisconnect:
            return Response(status_code=400)  # for nobody
        touched, mutation = [(label["_id"], label["revision"])], request.query_params.get("clientMutationId")
        note_done(services.audit_log, request, touched, mutation)
        [version] = await services.labels.versions(actor, label["_id"], label["revision"], label["revision"])
        return JSONResponse({"label": _label(label), "verification": verification(version)})

    return [Route("/L/{link_id}/photo", verify, methods=["POST"])]


def verification(version: Document) -> dict[str, Any]:
    """A verification as GraphQL's `Verification` tells it; of what is internal, nothing but whether it passed."""
    evidence = version.get("evidence", {})
    symbols = [
        {"text": row["text"], "symbologyIdentifier": row.get("aim"), "carrier": row.get("carrier")}
        for row in evidence.get("symbols", ())
    ]
    photo = {**evidence["photo"], "symbols": symbols} if "photo" in evidence else None
    told = {name: evidence.get(name) for name in ("read", "carrier", "grade")}
    return {"passed": version["action"] == LabelAction.VERIFY, **told, "photo": photo}


def _label(document: Document) -> dict[str, Any]:
    head = document["head"]
    return {"id": document["_id"], "linkId": head["link_id"], "revision": document["revision"], "state": head["state"]}


def _command(request: Request) -> Command:
    query = request.query_params
    unknown = next((name for name in query if name not in PARAMETERS), None)
    if unknown is not None:
        raise InvalidInput(f"{shown(unknown)}: expected one of {', '.join(PARAMETERS)}.")
    at, revision = query.get("occurredAt"), query.get("expectedRevision")
    return Command(
        reason=query.get("reason"),
        occurred_at=None if at is None else _moment(at),
        expected_revision=None if revision is None else _number(revision),
        client_mutation_id=query.get("clientMutationId"),
    )


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text[:64])
    except ValueError:
        message = f"occurredAt: expected a moment such as 2026-01-02T09:00:00Z, found {shown(text)}."
        raise InvalidInput(message, path=("occurredAt",)) from None


def _number(text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return int(text)
    message = f"expectedRevision: expected a revision such as 3, found {shown(text)}."
    raise InvalidInput(message, path=("expectedRevision",))
