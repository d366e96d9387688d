"""The resolver of GS1 Digital Links: what a phone gets that has scanned one, and what machines ask for.

References:
    GS1-Conformant Resolver Standard; RFC 9264 (link sets); RFC 9110, 12 (content negotiation)
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import orjson
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from twin.api import errors, reads
from twin.api.auth import actor_of
from twin.api.pages import html, story, words
from twin.domain.links import VOCABULARY, Link, Linkset, asked_type
from twin.domain.resolution import Choice, Wishes, linkset_type, preferences
from twin.domain.scan import Answer
from twin.errors import InvalidIdentifier, NotFound, TwinError, shown
from twin.exchange.linkset import CONTEXT, JSON_LD, MEDIA_TYPE, MEDIA_TYPES, as_linkset
from twin.identity.gs1 import PRIMARY_KEYS, Level
from twin.services import Services

METHODS: Final = "GET, HEAD, OPTIONS"
CONTEXT_PATH: Final = "contexts/linkset.jsonld"
LONGEST_TARGET: Final = 2_000

CORS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": "Accept, Accept-Language, Authorization",
    "Access-Control-Expose-Headers": "ETag, Link, Location",
}
NEGOTIATED: Final = {
    **CORS,
    "Cache-Control": "no-cache",
    "Vary": "Accept, Accept-Language, Authorization, Cookie",
}
_LINKSET: Final = f'?linkType=linkset>; rel="linkset"; type="{MEDIA_TYPE}"'
_ALL_LINKS: Final = frozenset({"linkset", "all"})
_DEPRECATED: Final = '299 - "linkType=all is deprecated: ask for linkType=linkset"'
_OF_A_URI: Final = "%!$&'()*+,;=:@/?-._~"


class _PrimaryKey(Convertor[str]):
    """A segment of a path that is the application identifier of a primary key."""

    regex = "|".join(PRIMARY_KEYS)

    def convert(self, value: str) -> str:
        """The segment."""
        return value

    def to_string(self, value: str) -> str:
        """The segment."""
        return value


register_url_convertor("gs1_key", _PrimaryKey())


def routes(services: Services) -> list[Route]:
    """Every primary key with what follows it, the page of an asset without labels, and what describes the resolver."""
    resolver = _Resolver(services)
    return [
        Route("/{key:gs1_key}/{rest:path}", resolver.resolve, methods=["GET", "OPTIONS"]),
        Route("/A/{path:path}", resolver.about),
        Route("/.well-known/gs1resolver", resolver.description),
        Route(f"/{CONTEXT_PATH}", resolver.context),
    ]


class _Resolver:
    """The endpoints.

    Args:
        services: the use cases.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._resolution = services.resolution
        self._base = services.resolution.public_url
        self._description = orjson.dumps(_described(self._base))

    async def resolve(self, request: Request) -> Response:
        """A GS1 Digital Link."""
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={**CORS, "Allow": METHODS})
        try:
            return await self._answer(request)
        except TwinError as error:
            return await _problem(request, error)

    async def about(self, request: Request) -> Response:
        """The page of an asset that has no label."""
        try:
            raw, query = _target(request, "A/")
            level = _level(raw, query)
            actor = await actor_of(request, self._services)
            asset = await self._resolution.asset(actor, level)
            told = await story.story_of(self._services, actor, asset)
        except TwinError as error:
            return await _problem(request, error)
        up = "../" * (raw.count("/") + 1)
        return html.page(request, "asset.html", asset=asset["head"], path=level.path, story=told, up=up)

    async def description(self, request: Request) -> Response:
        """What the resolver supports."""
        return _known(request, self._description, "application/json", {})

    async def context(self, request: Request) -> Response:
        """How its link sets read as JSON-LD."""
        return _known(request, orjson.dumps(CONTEXT), JSON_LD, {})

    async def _answer(self, request: Request) -> Response:
        raw, query = _target(request)
        level = _level(raw, query)
        try:
            answer, response = await self._found(request, raw, query, level)
        except NotFound:
            reads.note_level(self._services, request, level.path, Answer.NOTHING)
            raise
        reads.note_level(self._services, request, level.path, answer)
        return response

    async def _found(self, request: Request, raw: str, query: str, level: Level) -> tuple[Answer, Response]:
        actor = await actor_of(request, self._services)
        given = request.query_params if query else {}
        link_type = given.get("linkType")
        accept = preferences(request.headers.get("accept", ""))
        media_type = linkset_type(accept, MEDIA_TYPES if link_type is None else (MEDIA_TYPE,))
        if link_type in _ALL_LINKS or media_type is not None:
            levels = await self._resolution.linkset(actor, level)
            found = self._linkset(request, levels, media_type or MEDIA_TYPE, deprecated=link_type == "all")
            return Answer.LINKSET, found
        languages = preferences(request.headers.get("accept-language", ""))
        wishes = Wishes(_asked(link_type), languages, accept, given.get("context"))
        choice = await self._resolution.choose(actor, level, wishes)
        headers = {**NEGOTIATED, "Link": f"<{self._base}/{level.path}{_LINKSET}"}
        if len(choice.links) > 1:
            return Answer.CHOICES, _choices(request, choice, headers)
        headers["Location"] = self._location(choice.links[0], raw, query)
        return Answer.REDIRECT, Response(status_code=307, headers=headers)

    def _location(self, link: Link, raw: str, query: str) -> str:
        where = link.href
        if where.startswith(f"{self._base}/"):  # relative, because a proxy may have put a path before ours
            where = "../" * raw.count("/") + where.removeprefix(f"{self._base}/")
        return _with_query(where, query) if query and link.forwards_query else where

    def _linkset(self, request: Request, levels: list[Linkset], media_type: str, *, deprecated: bool) -> Response:
        context = f"{self._base}/{CONTEXT_PATH}"
        headers = {"Link": f'<{context}>; rel="http://www.w3.org/ns/json-ld#context"; type="{JSON_LD}"'}
        if deprecated:
            headers["Warning"] = _DEPRECATED
        document = as_linkset(levels, self._base)
        if media_type == JSON_LD:
            document = {"@context": context, **document}
        return _known(request, orjson.dumps(document), media_type, headers)


def _choices(request: Request, choice: Choice, headers: Mapping[str, str]) -> Response:
    if "text/html" in request.headers.get("accept", ""):
        return html.answer(request, "choices.html", 300, headers, title=choice.level.description, links=choice.links)
    choices = [{"href": link.href, "title": link.title, "hreflang": link.hreflang} for link in choice.links]
    return Response(orjson.dumps({"choices": choices}), 300, headers, "application/json")


async def _problem(request: Request, error: TwinError) -> Response:
    """An expected error, as a page for who asks for HTML."""
    status = errors.status_of(error)
    if "text/html" in request.headers.get("accept", ""):
        known = words.PROBLEMS.get(status, words.OTHER_PROBLEM)
        nowhere = status in {400, 404}
        response = html.answer(
            request,
            "problem.html",
            status,
            {"WWW-Authenticate": "Bearer"} if status == 401 else {},
            problem=words.NOWHERE if nowhere else known,
            detail=error.message if nowhere else None,
        )
    else:
        response = await errors.twin_error(request, error)
    response.headers.update({**NEGOTIATED, "Cache-Control": "no-store"})
    return response


def _described(base: str) -> dict[str, Any]:
    return {
        "name": "Label twin resolver",
        "resolverRoot": base,
        "supportedPrimaryKeys": list(PRIMARY_KEYS),
        "supportedLinkType": [{"namespace": VOCABULARY, "prefix": "gs1:"}],
        "linkTypeDefaultCanBeLinkset": False,
        "jsonLdContext": f"{base}/{CONTEXT_PATH}",
    }


def _target(request: Request, before: str = "") -> tuple[str, str]:
    """The path as it was sent, without the slash in front and what stands `before`; and the query as it was sent.

    Raises:
        InvalidIdentifier: longer than 2,000 characters, or not ASCII.
    """
    raw: bytes = request.scope.get("raw_path") or quote(request.scope["path"]).encode()
    query: bytes = request.scope["query_string"]
    if len(raw) + len(query) > LONGEST_TARGET:
        raise InvalidIdentifier(
            f"Expected a GS1 Digital Link of at most {LONGEST_TARGET} characters, found {len(raw) + len(query)}."
        )
    if not raw.isascii():
        raise InvalidIdentifier(f"{shown(raw.decode('latin-1'))}: expected the characters of a URI.")
    return raw.decode("ascii").removeprefix(f"/{before}"), query.decode("latin-1")


def _level(raw: str, query: str) -> Level:
    """The level that a path names; a slash at its end is tolerated, and so is all of the query but GS1's own.

    Raises:
        InvalidIdentifier: why it names none.
    """
    attributes = "&".join(pair for pair in query.split("&") if pair[:1].isdigit()) if query else ""
    return Level.parse(f"{raw.removesuffix('/')}?{attributes}" if attributes else raw.removesuffix("/"))


def _asked(link_type: str | None) -> str | None:
    if link_type is None:
        return None
    found = asked_type(link_type)
    if found is None:
        raise NotFound("link type", link_type)
    return found


def _with_query(where: str, query: str) -> str:
    target, mark, fragment = where.partition("#")
    joined = "&" if "?" in target else "?"
    return f"{target}{joined}{quote(query, _OF_A_URI, 'latin-1')}{mark}{fragment}"


def _known(request: Request, content: bytes, media_type: str, headers: Mapping[str, str]) -> Response:
    """The answer with a body that may be kept, but is asked for again each time; 304 for who has it already."""
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    every = {**NEGOTIATED, **headers, "ETag": etag}
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if known & {etag, "*"}:
        return Response(status_code=304, headers=every)
    return Response(content, headers=every, media_type=media_type)
