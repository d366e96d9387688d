"""Imports of assets and labels: `POST /imports` takes a file in, `/imports/{id}.ndjson` and `.csv` tell of each row."""

from __future__ import annotations

import re

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from twin.api.audited import note_done
from twin.api.auth import actor_of
from twin.domain.history import Command
from twin.errors import InvalidInput, shown
from twin.exchange.rows import RowFormat
from twin.services import Services

PATH = re.compile("/imports")
PARAMETERS = ("reason", "clientMutationId")
MEDIA_TYPES = {
    RowFormat.NDJSON: ("application/x-ndjson", "application/ndjson", "application/jsonl"),
    RowFormat.CSV: ("text/csv",),
}


def routes(services: Services) -> list[Route]:
    """The door in, and one out for each format."""

    async def receive(request: Request) -> Response:
        actor = await actor_of(request, services)
        services.imports.require(actor)
        await services.audit_log.room()
        form, command = _format(request.headers.get("content-type", "")), _command(request)
        try:
            job = await services.imports.receive(actor, request.stream(), form, command)
        except ClientDisconnect:
            return Response(status_code=400)  # for nobody
        note_done(services.audit_log, request, [(job["_id"], None)], command.client_mutation_id)
        told = {"id": job["_id"], "state": job["state"], "total": job["total"]}
        reports = {"report": [f"/imports/{job['_id']}.{ending}" for ending in RowFormat]}
        return JSONResponse({"importJob": {**told, **reports}}, 202)

    async def report(request: Request) -> Response:
        actor, job = await actor_of(request, services), request.path_params["job"]
        form = RowFormat(request.url.path.rpartition(".")[2])
        lines = await services.imports.report(actor, job, form)
        headers = {"Content-Disposition": f'attachment; filename="{job}.{form}"', "Cache-Control": "private, no-store"}
        return StreamingResponse(lines, media_type=MEDIA_TYPES[form][0], headers=headers)

    return [
        Route("/imports", receive, methods=["POST"]),
        *(Route(f"/imports/{{job}}.{ending}", report) for ending in RowFormat),
    ]


def _format(content_type: str) -> RowFormat:
    kind = content_type.partition(";")[0].strip().lower()
    for form, known in MEDIA_TYPES.items():
        if kind in known:
            return form
    expected = " or ".join(known[0] for known in MEDIA_TYPES.values())
    raise InvalidInput(f"Content-Type: expected {expected}, found {shown(kind)}.")


def _command(request: Request) -> Command:
    query = request.query_params
    unknown = next((name for name in query if name not in PARAMETERS), None)
    if unknown is not None:
        raise InvalidInput(f"{shown(unknown)}: expected one of {', '.join(PARAMETERS)}.")
    return Command(reason=query.get("reason"), client_mutation_id=query.get("clientMutationId"))
