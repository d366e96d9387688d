"""Resolution: what a GS1 Digital Link leads to, for whoever has scanned one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from typing import Final

from twin.domain import resolution as rules
from twin.domain.actor import Actor
from twin.domain.history import Document
from twin.domain.links import VOCABULARY, Link, Linkset
from twin.domain.resolution import Choice, Wishes
from twin.errors import NotFound
from twin.identity.gs1 import SCHEME, Level
from twin.services import audiences
from twin.services.commits import Commits
from twin.store.identifiers import Holder
from twin.store.together import Together

TWIN_TYPE: Final = f"{VOCABULARY}traceability"
"""The type under which the twin answers where a level has no links: its page tells what happened to the thing."""

RECALL_TYPE: Final = f"{VOCABULARY}recallStatus"
"""The type of what tells of recalls."""

PAGE_LANGUAGES: Final = ("en", "de")
"""The languages that the pages come in."""

MOST_CORRECTIONS: Final = 8


class Resolution:
    """What a resolver asks for. Anybody may: a Digital Link is what a phone scans.

    Args:
        commits: the clock and the store.
        public_url: what stands before the paths of identifiers and pages.
    """

    def __init__(self, commits: Commits, public_url: str) -> None:
        self._clock = commits.clock
        self._store = commits.store
        self.public_url = public_url
        self._held: Together[tuple[str, ...], dict[str, Holder]] = Together(self._find_holders)

    async def choose(self, actor: Actor, level: Level, wishes: Wishes) -> Choice:
        """The links that answer a request.

        Args:
            actor: gets the links of its audiences.
            level: what was scanned.
            wishes: what the request says.

        Raises:
            NotFound: nothing is known of the identifier or what it is of; or no link of the type that is asked for.
        """
        levels = await self._levels(actor, level, whole=wishes.link_type is not None)
        if wishes.link_type == RECALL_TYPE:
            levels = await self._with_recalls(level, levels)
        found = rules.choose(levels, wishes)
        if found is None:
            raise NotFound("link of that type for" if levels else "identifier", level.path)
        return found

    async def linkset(self, actor: Actor, level: Level) -> list[Linkset]:
        """The links of every level from an identifier up to its key, the narrowest first.

        Args:
            actor: gets the links of its audiences.
            level: what was scanned.

        Raises:
            NotFound: nothing is known of the identifier or what it is of.
        """
        levels = await self._levels(actor, level, whole=True)
        if not levels:
            raise NotFound("identifier", level.path)
        return await self._with_recalls(level, levels)

    async def _with_recalls(self, level: Level, levels: list[Linkset]) -> list[Linkset]:
        """The links, and at each level one for each recall of what has that identifier."""
        holders = await self._holders(level.paths_up())
        recalls = await self._store.recalls.open_of({holder.asset for holder in holders.values()})
        if not recalls:
            return levels
        return [
            replace(one, links=(*one.links, *self._recall_links(one.path, recalls.get(holders[one.path].asset, ()))))
            if one.path in holders
            else one
            for one in levels
        ]

    def _recall_links(self, path: str, recalls: Sequence[Document]) -> list[Link]:
        page = f"{self.public_url}/A/{path}"
        return [
            Link(RECALL_TYPE, recall["title"], recall.get("url", page), media_type="text/html") for recall in recalls
        ]

    async def _levels(
        self, actor: Actor, level: Level, *, whole: bool, corrections: int = MOST_CORRECTIONS
    ) -> list[Linkset]:
        """What holds for an identifier; if not `whole`, perhaps without what is wider than the first default.

        What a mistaken identifier is of was a mistake too: in its place stands what the right one is of.
        """
        paths = level.paths_up()
        if whole:
            stored, holders = await asyncio.gather(self._stored(actor, paths), self._holders(paths))
        else:
            stored = await self._stored(actor, paths)
            if _holds(stored, paths[0]):
                return [stored[paths[0]]]
            holders = await self._holders([path for path in paths if not _holds(stored, path)])
        without = {path: holder for path, holder in holders.items() if not _holds(stored, path)}
        known = await self._of_twins(actor, level, without, stored) if without else stored
        mistaken = next((path for path in paths if path in known and _right_path(holders.get(path))), None)
        if mistaken is None or not whole or not corrections:
            return [known[path] for path in paths if path in known]
        own = [known[path] for path in paths if path in known and _elements(path) >= _elements(mistaken)]
        right = Level.parse(_right_path(holders[mistaken]) or "")
        told = {right.path, *(one.path for one in own)}
        others = await self._levels(actor, right, whole=True, corrections=corrections - 1)
        return [*own, *(other for other in others if other.path not in told)]

    async def _stored(self, actor: Actor, paths: Sequence[str]) -> dict[str, Linkset]:
        """The links of levels that the actor may see and that are in force, by path; without levels that have none."""
        found = await self._store.links.of_levels(paths)
        now = self._clock()
        seen = {path: audiences.links(actor, linkset, now) for path, linkset in found.items()}
        return {path: linkset for path, linkset in seen.items() if linkset.links}

    async def _of_twins(
        self, actor: Actor, level: Level, holders: Mapping[str, Holder], stored: Mapping[str, Linkset]
    ) -> dict[str, Linkset]:
        """What answers besides the links of levels: those of the right identifier for a mistaken one, or a page."""
        found = {**stored, **await self._corrected(actor, holders)}
        assets = await self._store.assets.owns({holder.asset for path, holder in holders.items() if path not in found})
        for path, holder in holders.items():
            asset = assets.get(holder.asset)
            if path not in found and asset is not None and not _contradicts(asset, level):
                found[path] = await self._page_of(actor, asset, path)
        return found

    async def _holders(self, paths: Sequence[str]) -> dict[str, Holder]:
        """What each of some identifiers leads to, by path; without those that nobody has."""
        return await self._held(tuple(paths)) if paths else {}

    async def _find_holders(self, rounds: Sequence[tuple[str, ...]]) -> list[dict[str, Holder]]:
        """What is asked for at the same time is looked for at once."""
        names = {path: f"{SCHEME}:{path}" for path in set(chain.from_iterable(rounds))}
        found = await self._store.identifiers.holders(names.values())
        return [{path: found[names[path]] for path in paths if names[path] in found} for paths in rounds]

    async def _corrected(self, actor: Actor, holders: Mapping[str, Holder]) -> dict[str, Linkset]:
        """The links of the identifiers that are right instead, by the path of the mistaken one."""
        now = {path: right for path, holder in holders.items() if (right := _right_path(holder))}
        found: dict[str, Linkset] = {}
        for _ in range(MOST_CORRECTIONS):
            if not now:
                break
            links = await self._stored(actor, list(now.values()))
            found |= {path: links[right] for path, right in now.items() if right in links}
            further = await self._holders([right for path, right in now.items() if not _holds(found, path)])
            now = {
                path: right
                for path, before in now.items()
                if not _holds(found, path) and before in further and (right := _right_path(further[before]))
            }
        return found

    async def _page_of(self, actor: Actor, asset: Document, path: str) -> Linkset:
        """The page of the asset's newest live label as the one link of a level; or a page that says what it is."""
        assets = [asset["_id"], *asset["head"].get("merged", ())]
        link_id = await self._store.labels.newest_of(assets, actor.within(None))
        page = f"L/{link_id}" if link_id else f"A/{path}"
        return _page(path, asset["head"]["name"], f"{self.public_url}/{page}")

    async def of_label(self, actor: Actor, asset: str) -> tuple[Document | None, tuple[Link, ...]]:
        """The asset of a label that the caller holds, and its links: of what it is, and of what it is of, each once.

        Args:
            actor: sees what the public sees, at least, and gets the links of its audiences.
            asset: its id.
        """
        document = (await self._store.assets.owns({asset})).get(asset)
        if document is None:
            return None, ()
        return audiences.asset(actor, document), await self._links_of(actor, document["head"])

    async def _links_of(self, actor: Actor, head: Document) -> tuple[Link, ...]:
        names = (*head.get("identifiers", ()), *head.get("broader", ()))
        paths = list(dict.fromkeys(chain.from_iterable(map(_paths_up, names))))
        stored = await self._stored(actor, paths) if paths else {}
        found: dict[str, Link] = {}
        for path in paths:
            for link in stored[path].links if path in stored else ():
                found.setdefault(link.href, link)
        return tuple(found.values())

    async def asset(self, actor: Actor, level: Level) -> tuple[Document, tuple[Link, ...]]:
        """The asset that an identifier names, and its links, for its page.

        Args:
            actor: sees what the public sees, at least, and gets the links of its audiences.
            level: its identifier.

        Raises:
            NotFound: no asset has it.
        """
        holders = await self._holders([level.path])
        assets = await self._store.assets.owns({holder.asset for holder in holders.values()})
        for holder in holders.values():
            if holder.asset in assets:
                document = assets[holder.asset]
                return audiences.asset(actor, document), await self._links_of(actor, document["head"])
        raise NotFound("identifier", level.path)


@lru_cache(maxsize=4_096)
def _page(path: str, name: str, href: str) -> Linkset:
    """The one link of a level that its twin answers for."""
    return Linkset(path, name, (Link(TWIN_TYPE, name, href, PAGE_LANGUAGES, "text/html", default=True),))


@lru_cache(maxsize=8_192)
def _paths_up(name: str) -> tuple[str, ...]:
    """The levels of an identifier, up to its key; none where it is not of GS1."""
    scheme, _, path = name.partition(":")
    return tuple(Level.parse(path).paths_up()) if scheme == SCHEME else ()


def _elements(path: str) -> set[tuple[str, str]]:
    pieces = path.split("/")
    return set(zip(pieces[::2], pieces[1::2], strict=True))


def _holds(found: Mapping[str, Linkset], path: str) -> bool:
    """Whether a level has links that were not given to it before its identifier was found to be a mistake."""
    return path in found and not found[path].mistaken


def _right_path(holder: Holder | None) -> str | None:
    """The path of the identifier that is right instead, if it is of GS1 too."""
    right = None if holder is None else holder.corrected_to
    return right.removeprefix(f"{SCHEME}:") if right is not None and right.startswith(f"{SCHEME}:") else None


def _contradicts(asset: Document, level: Level) -> bool:
    """Whether the asset is known to be of another lot than the one that was scanned with it."""
    lots = [one for one in level.up() if [ai for ai, _ in one.elements[1:]] == ["10"]]
    prefix = f"{SCHEME}:{'/'.join(lots[0].path.split('/')[:2])}/10/" if lots else ""
    known = [name for name in asset["head"].get("broader", ()) if prefix and name.startswith(prefix)]
    return bool(known) and f"{SCHEME}:{lots[0].path}" not in known
