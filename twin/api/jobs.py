"""What a print job made, as a file: `/jobs/{id}.pdf`, `.zpl` or `.zip`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from itertools import chain

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from twin.api.auth import actor_of
from twin.errors import InvalidInput, shown
from twin.services import Services
from twin.services.artefacts import Grid, grid_of

ENDINGS = ("pdf", "zpl", "zip")
LONGEST_NUMBER = 32


def routes(services: Services) -> list[Route]:
    """One route for each kind of file."""

    async def download(request: Request) -> Response:
        actor = await actor_of(request, services)
        ending = request.url.path.rpartition(".")[2]
        grid = _grid(request.query_params)
        file = await services.print_streams.open(actor, request.path_params["job"], ending, grid)
        first = await asyncio.to_thread(next, file.parts, b"")  # what cannot be begun still gets its status
        headers = {"Content-Disposition": f'attachment; filename="{file.name}"', "Cache-Control": "private, no-store"}
        return StreamingResponse(chain([first], file.parts), media_type=file.media_type, headers=headers)

    return [Route(f"/jobs/{{job}}.{ending}", download) for ending in ENDINGS]


def _grid(query: Mapping[str, str]) -> Grid | None:
    """Where labels stand on a sheet, if the query says: `?sheet=A4&columns=3&rows=8&margins=4.5,0,4.5,0&gaps=0,0`."""
    sheet = query.get("sheet")
    if sheet is None:
        return None
    top, right, bottom, left = _numbers(query, "margins", 4)
    across, down = _numbers(query, "gaps", 2)
    columns, rows = _count(query, "columns"), _count(query, "rows")
    return grid_of(sheet, columns, rows, (top, right, bottom, left), (across, down))


def _count(query: Mapping[str, str], name: str) -> int:
    text = query.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER):
        raise InvalidInput(f"{name}: expected a whole number, found {shown(text)}.", path=(name,))
    return int(text)


def _numbers(query: Mapping[str, str], name: str, count: int) -> list[float]:
    text = query.get(name)
    if text is None:
        return [0.0] * count
    try:
        numbers = [float(part[:LONGEST_NUMBER]) for part in text.split(",", count)]
    except ValueError:
        numbers = []
    if len(numbers) != count:
        raise InvalidInput(f"{name}: expected {count} numbers with commas, found {shown(text)}.", path=(name,))
    return numbers
