"""The resolver of GS1 Digital Links: what a phone gets that has scanned one, and what machines ask for.

References:
    GS1-Conformant Resolver Standard; RFC 9264 (link sets); RFC 9110, 12 (content negotiation)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from twin.api import answers, errors, reads
from twin.api.auth import actor_of
from twin.api.open_routes import OpenRoute, name_segment
from twin.api.pages import html, words
from twin.domain.links import VOCABULARY, Link, Linkset, asked_type
from twin.domain.resolution import Choice, Wishes, linkset_type, preferences
from twin.domain.scan import Answer
from twin.errors import InvalidIdentifier, NotFound, TwinError, shown
from twin.exchange.linkset import CONTEXT, JSON_LD, MEDIA_TYPE, MEDIA_TYPES, as_linkset
from twin.identity.gs1 import CODE, PRIMARY_KEYS, Level, decompressed
from twin.services import Services
from twin.services.kept import Image, Kept

CONTEXT_PATH: Final = "contexts/linkset.jsonld"
LONGEST_TARGET: Final = 2_000
MOST_KEPT, LARGEST_KEPT = 8 * 1024 * 1024, 64 * 1024  # bytes of link sets, and of one

NEGOTIATED: Final = {"Cache-Control": "no-cache", "Vary": answers.VARY}
_LINKSET: Final = f'?linkType=linkset>; rel="linkset"; type="{MEDIA_TYPE}"'
_OF_COMPRESSED: Final = frozenset({0, 2})  # slashes in its path: all of it is one segment, or what follows the key
_CODE: Final = re.compile(CODE)
_ALL_LINKS: Final = frozenset({"linkset", "all"})
_DEPRECATED: Final = '299 - "linkType=all is deprecated: ask for linkType=linkset"'
_CONTEXT: Final = Image.of(orjson.dumps(CONTEXT), JSON_LD)
_OF_A_URI: Final = "%!$&'()*+,;=:@/?-._~"


name_segment("gs1_key", "|".join(PRIMARY_KEYS))
name_segment("gs1_compressed", CODE)


def routes(services: Services) -> list[BaseRoute]:
    """Every primary key with what follows it, and what describes the resolver."""
    resolver = _Resolver(services)
    return [
        OpenRoute("/{key:gs1_key}/{rest:path}", resolver.resolve),
        OpenRoute("/{code:gs1_compressed}", resolver.resolve),
        OpenRoute("/{code:gs1_compressed}/", resolver.resolve),
        OpenRoute("/.well-known/gs1resolver", resolver.description),
        OpenRoute(f"/{CONTEXT_PATH}", resolver.context),
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
        self._kept = Kept(MOST_KEPT, LARGEST_KEPT)  # link sets, by the levels that they are of, as they were shown
        self._description = Image.of(orjson.dumps(_described(self._base)), "application/json")

    async def resolve(self, request: Request) -> Response:
        """A GS1 Digital Link."""
        try:
            return await self._answer(request)
        except TwinError as error:
            return await problem(request, error)

    async def description(self, request: Request) -> Response:
        """What the resolver supports."""
        return answers.kept(request, self._description, {})

    async def context(self, request: Request) -> Response:
        """How its link sets read as JSON-LD."""
        return answers.kept(request, _CONTEXT, {})

    async def _answer(self, request: Request) -> Response:
        raw, query = target(request)
        plain, query = _decompressed(raw, query)
        level = level_of(plain, query)
        try:
            answer, response = await self._found(request, raw, query, level)
        except NotFound:
            reads.note_level(self._services, request, level.path, Answer.NOTHING)
            raise
        reads.note_level(self._services, request, level.path, answer)
        if plain is not raw:
            response.headers["Link"] = f'<{self._base}/{plain}>; rel="owl:sameAs", {response.headers["Link"]}'
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
        key = (media_type, *levels)
        image = self._kept.get(key)
        if image is None:
            document = as_linkset(levels, self._base)
            if media_type == JSON_LD:
                document = {"@context": context, **document}
            image = Image.of(orjson.dumps(document), media_type)
            self._kept.put(key, image)
        return answers.kept(request, image, headers)


def _choices(request: Request, choice: Choice, headers: Mapping[str, str]) -> Response:
    if answers.wants_page(request):
        return html.answer(request, "choices.html", 300, headers, title=choice.level.description, links=choice.links)
    choices = [{"href": link.href, "title": link.title, "hreflang": link.hreflang} for link in choice.links]
    return Response(orjson.dumps({"choices": choices}), 300, headers, "application/json")


async def problem(request: Request, error: TwinError) -> Response:
    """An expected error, as a page for who asks for HTML."""
    status = errors.status_of(error)
    if answers.wants_page(request):
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


def target(request: Request, before: str = "") -> tuple[str, str]:
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


def _decompressed(raw: str, query: str) -> tuple[str, str]:
    """The path and the query that a compressed Digital Link stands for; those that were sent, if it is none.

    Raises:
        NotFound: a path of one segment, which nothing else can be, is none.
    """
    stripped = raw.removesuffix("/")
    if stripped.count("/") not in _OF_COMPRESSED:
        return raw, query
    try:
        plain, _, attributes = decompressed(stripped).partition("?")
    except InvalidIdentifier:
        if _CODE.fullmatch(stripped):
            raise NotFound("page", stripped) from None
        return raw, query  # what is wrong with it as it stands is clearer
    return plain, "&".join(filter(None, (attributes, query)))


def level_of(raw: str, query: str) -> Level:
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
    before, mark, fragment = where.partition("#")
    joined = "&" if "?" in before else "?"
    return f"{before}{joined}{quote(query, _OF_A_URI, 'latin-1')}{mark}{fragment}"
