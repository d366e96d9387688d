"""Search: assets and labels by any part of them that people have, such as the last digits of a VIN."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from twin import identity
from twin.domain import fields
from twin.domain import search as rules
from twin.domain.actor import Actor, Audience, Permission
from twin.domain.history import Document
from twin.domain.search import Match
from twin.errors import InvalidInput, TooLarge
from twin.services import audiences
from twin.store.changes import Kind
from twin.store.paging import key_of
from twin.store.search import MOST_EXAMINED
from twin.store.search import Search as Words

MOST_HITS = 50
MOST_READINGS = 3

_VISIBLE: Mapping[Kind, Callable[[Actor, Document], Document]] = {"asset": audiences.asset, "label": audiences.label}


@dataclass(frozen=True, slots=True)
class Hit:
    """A twin that answers a question.

    Args:
        kind: what sort of twin.
        document: it, as the caller may see it.
        match: how well it answers, and by which fields.
    """

    kind: Kind
    document: Document
    match: Match


class Search:
    """What callers look for.

    Args:
        words: the words of all twins.
    """

    def __init__(self, words: Words) -> None:
        self._words = words

    async def find(self, actor: Actor, text: str, first: int) -> list[Hit]:
        """The assets and labels that answer best: by whole words, then by the ends of words, then by their beginnings.

        Of those that answer alike, the newest come first. Nobody finds a twin by what he may not see of it: who does
        not see everything is answered from the candidates that a search takes at most.

        Args:
            actor: needs `twins:read`.
            text: words, each of which must begin or end a word of the twin; or an identifier or link in any form.
            first: how many at most, 1 to 50. Fewer are all that there are.

        Raises:
            InvalidInput: no word of the text has three letters or digits.
            TooLarge: so many twins have each of the words that those which have them all cannot be told.
            Unavailable: the database is too busy to search.
        """
        actor.require(Permission.READ_TWINS)
        if not 1 <= first <= MOST_HITS:
            raise InvalidInput(f"first: expected 1 to {MOST_HITS}, found {first}.", path=("first",))
        ways = rules.ways_of(text, _identifiers(fields.scanned_text(text, path=("text",))))
        asked = [(kind, way) for kind in _VISIBLE for way in ways]
        answers = await asyncio.gather(*(self._words.candidates(kind, way) for kind, way in asked))
        hits: dict[str, Hit] = {}
        for (kind, _), answer in zip(asked, answers, strict=True):
            for head in answer.heads:
                if head["_id"] not in hits and actor.reaches(head["head"].get("profile")):
                    document = _VISIBLE[kind](actor, head)
                    match = rules.match(document["head"], ways)
                    if match is not None:
                        hits[head["_id"]] = Hit(kind, document, match)
        sees_all = Audience.INTERNAL in actor.audiences and actor.profiles is None
        if sees_all and len(hits) < first and not all(answer.complete for answer in answers):
            raise TooLarge(
                f"text: more than {MOST_EXAMINED:,} twins have each of these words; expected a rarer one with them.",
                path=("text",),
            )
        newest_first = sorted(hits.values(), key=lambda hit: key_of(hit.document), reverse=True)
        return sorted(newest_first, key=lambda hit: hit.match.fit)[:first]


def _identifiers(text: str) -> list[str]:
    """What the text is as an identifier, or may be, in canonical form."""
    try:
        return [identity.parse(text).canonical]
    except InvalidInput:
        return [known.canonical for known in identity.read(text).candidates[:MOST_READINGS]]
