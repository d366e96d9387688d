"""Answers with a body: known by their digest, asked for again each time, and small on their way.

A coding of a body has a strong ETag of its own (RFC 9110, 8.8.3.3), so that no cache takes one for the other; 304 is
for who has the body in the coding that the request would get.

Of BREACH: who looks on learns the length of a compressed answer, so what is told to one caller alone must not stand in
it beside what somebody else's page put into the request. Pages, records and link sets say nothing of the request back;
problems that do say nothing private; and of GraphQL, answers to POST are compressed, which no such page can have sent
with a session.

References:
    RFC 9110, 8.8.3 (ETag), 12.5.3 (Accept-Encoding), 13.1.2 (If-None-Match); RFC 1952 (gzip)
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Scope

from twin.domain.resolution import preferences
from twin.services.kept import Image, Kept

VARY: Final = "Accept, Accept-Language, Accept-Encoding, Authorization, Cookie"
SMALL: Final = 1024
"""Bytes of a body that is one packet anyway."""

_LISTS: Final = frozenset({b"accept", b"accept-encoding", b"accept-language", b"if-none-match"})
_LEAST: Final = 1
_LEVEL: Final = 6
_GZIPPED: Final = Kept(8 * 1024 * 1024, 64 * 1024)  # by the digest of what they are of, whoever is told it


def join_lists(scope: Scope) -> None:
    """Make one line of several lines of a header that is a list (RFC 9110, 5.3).

    Args:
        scope: of a request; its headers are changed.
    """
    found = [name for name, _ in scope["headers"] if name in _LISTS]
    if len(found) == len(set(found)):
        return
    lines: dict[bytes, list[bytes]] = {name: [] for name in found}
    for name, value in scope["headers"]:
        if name in lines:
            lines[name].append(value)
    others = [(name, value) for name, value in scope["headers"] if name not in lines]
    scope["headers"] = [*others, *((name, b", ".join(values)) for name, values in lines.items())]


def kept(request: HTTPConnection, image: Image, headers: Mapping[str, str]) -> Response:
    """The answer with a body that may be kept, but is asked for again each time; 304 for who has it already.

    Args:
        request: whose `If-None-Match` and `Accept-Encoding` count.
        image: the body.
        headers: more of the answer.
    """
    gzipped = wants_gzip(request.headers.get("accept-encoding"), len(image.content))
    etag = f'"{image.sha256[:32]}{"-gzip" if gzipped else ""}"'
    every = {"Cache-Control": "no-cache, must-revalidate", "Vary": VARY, **headers, "ETag": etag}
    if has(request, etag):
        return Response(status_code=304, headers=every)
    if not gzipped:
        return Response(image.content, headers=every, media_type=image.media_type)
    every["Content-Encoding"] = "gzip"
    return Response(_gzipped(image), headers=every, media_type=image.media_type)


def shrink(request: HTTPConnection, response: Response) -> None:
    """Write an answer that is nobody's to keep as gzip, where that is wanted.

    Args:
        request: whose `Accept-Encoding` counts.
        response: with a whole body, whose `Vary` says so; it is changed.
    """
    content = bytes(response.body)
    if wants_gzip(request.headers.get("accept-encoding"), len(content)):
        response.body = gzip.compress(content, 1, mtime=0)
        response.headers["Content-Length"] = str(len(response.body))
        response.headers["Content-Encoding"] = "gzip"


def has(request: HTTPConnection, etag: str) -> bool:
    """Whether who asks says to have this already."""
    header = request.headers.get("if-none-match")
    if header is None:
        return False
    return bool({tag.strip().removeprefix("W/") for tag in header.split(",")} & {etag, "*"})


def wants_page(request: HTTPConnection) -> bool:
    """Whether a request names HTML among what it takes, as browsers do."""
    return any(name == "text/html" and quality for name, quality in preferences(request.headers.get("accept", "")))


def wants_gzip(header: str | None, size: int) -> bool:
    """Whether a body is sent as gzip; where neither that nor a plain body is wanted, a plain one is better than none.

    Args:
        header: Accept-Encoding.
        size: of the body, in bytes.

    Examples:
        >>> [wants_gzip(header, 5_000) for header in ("gzip, br", "*", "gzip;q=0", "identity, gzip;q=0.5", "*;q=0")]
        [True, True, False, False, False]
        >>> wants_gzip("gzip", 10), wants_gzip("gzip, identity;q=0", 10)
        (False, True)
    """
    if not header:
        return False
    wanted = dict(reversed(preferences(header)))
    gzipped = wanted.get("gzip", wanted.get("x-gzip", wanted.get("*", 0)))
    plain = wanted.get("identity", wanted.get("*", _LEAST))
    return gzipped > 0 and gzipped >= plain and (size >= SMALL or plain == 0)


def _gzipped(image: Image) -> bytes:
    found = _GZIPPED.get(image.sha256)
    if found is None:
        found = Image.of(gzip.compress(image.content, _LEVEL, mtime=0), "application/gzip")
        _GZIPPED.put(image.sha256, found)
    return found.content
