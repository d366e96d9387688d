"""What the statements ask of a resolver: requests for what it knows, and the link sets that it answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final, NoReturn
from urllib.parse import urljoin, urlsplit

from twin.exchange.doctor.client import Answer, Client, printable
from twin.identity.gs1 import Level

LINKSET = "application/linkset+json"
UNKNOWN = "DOCTOR404"
MOST_ASKED = 2_000
_ATTRIBUTES = frozenset({"anchor", "itemDescription", "description"})

# Values that no known thing has, of every qualifier that a primary key may have.
_QUALIFIERS: Final = {
    "01": (f"22/{UNKNOWN}", f"10/{UNKNOWN}", f"21/{UNKNOWN}", f"22/D/10/D/21/{UNKNOWN}", f"235/{UNKNOWN}"),
    "8006": (f"22/{UNKNOWN}", f"10/{UNKNOWN}", f"21/{UNKNOWN}", f"22/D/10/D/21/{UNKNOWN}"),
    "8010": ("8011/404",),
    "414": (f"254/{UNKNOWN}", "7040/1DOC"),
    "417": ("7040/1DOC",),
    "415": (f"8020/{UNKNOWN}",),
    "8004": ("7040/1DOC",),
    "8017": ("8019/404",),
    "8018": ("8019/404",),
}

Link = Mapping[str, Any]


class Fails(Exception):
    """The statement does not hold."""


class Untested(Exception):
    """The statement could not be asked."""


class Probe:
    """A resolver, and what it is known to know.

    Args:
        client: asks it.
        known: levels that it has links of.
    """

    def __init__(self, client: Client, known: Sequence[Level]) -> None:
        self.client = client
        self.known = known
        self._asked = 0

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """One request, to a path without the slash in front.

        Raises:
            Untested: so many were made already.
        """
        self._asked += 1
        if self._asked > MOST_ASKED:
            raise Untested(f"{MOST_ASKED} requests were made already")
        return self.client.ask(f"/{path}", method, **headers)

    @property
    def paths(self) -> list[str]:
        """What it is known to know."""
        return [level.path for level in self.known]

    @property
    def key(self) -> Level:
        """The key of the first of them."""
        return Level(self.known[0].elements[:1])

    @cached_property
    def linksets(self) -> dict[str, list[dict[str, Any]]]:
        """The link set of each known path, as far as it can be had in either way."""
        return {path: found for path in self.paths if (found := self.linkset(path))}

    def linkset(self, path: str) -> list[dict[str, Any]]:
        """The link set of a path; empty when there is none to be had."""
        for answer in (self.ask(f"{path}?linkType=linkset", accept=LINKSET), self.ask(path, accept=LINKSET)):
            found = parsed(answer)
            if answer.status == 200 and isinstance(found, dict) and isinstance(found.get("linkset"), list):
                return [level for level in found["linkset"] if isinstance(level, dict)]
        return []

    def levels(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every level of every link set, with what was asked for."""
        if not self.linksets:
            raise Untested("no link set could be had of what it is known to know")
        for path, levels in self.linksets.items():
            for level in levels:
                yield path, level

    def links(self) -> Iterator[tuple[str, str, Link]]:
        """Every link of every link set: what was asked for, its type, and itself."""
        for path, level in self.levels():
            for name, links in typed(level):
                for link in links:
                    yield path, name, link

    def default_of(self, path: str) -> Link | None:
        """The default that the link set of a path tells of: that of its narrowest level that has one."""
        levels = sorted(self.linksets.get(path, ()), key=lambda level: -len(str(level.get("anchor", ""))))
        for level in levels:
            for name, links in typed(level):
                if term(name) == "defaultLink" and links:
                    return links[0]
        return None


def typed(level: Mapping[str, Any]) -> Iterator[tuple[str, list[Link]]]:
    """The types of a level's links, and their links."""
    for name, links in level.items():
        if name not in _ATTRIBUTES and isinstance(links, list):
            yield name, [link for link in links if isinstance(link, dict)]


def term(name: str) -> str:
    """The last word of a link type.

    Examples:
        >>> term("https://ref.gs1.org/voc/pip"), term("gs1:pip")
        ('pip', 'pip')
    """
    return name.rpartition("/")[2].rpartition(":")[2]


def parsed(answer: Answer) -> Any:
    """The body as JSON; None when it is none."""
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None


def leads_to(answer: Answer, href: str) -> bool:
    """Whether an answer redirects to an address, whatever it adds to the query."""
    location = answer.headers.get("location", "")
    try:
        found, wanted = urlsplit(urljoin(answer.url, location)), urlsplit(href)
    except ValueError:
        return False
    same_place = found.path.rstrip("/") == wanted.path.rstrip("/")
    return same_place and (not urlsplit(location).netloc or found.netloc.lower() == wanted.netloc.lower())


def told(answer: Answer) -> str:
    """An answer, in a few words."""
    location = f" to {answer.headers['location'][:200]}" if answer.redirects else ""
    return f"{answer.status}{location} for {answer.url}"


def fail(expected: str, found: str) -> NoReturn:
    """Say that a statement does not hold.

    Raises:
        Fails: always.
    """
    raise Fails(f"expected {printable(expected)}; found {printable(found)}")


def with_unknown_qualifiers(probe: Probe) -> list[str]:
    """Paths of the key with qualifiers whose values nobody knows.

    Raises:
        Untested: the key has no qualifiers.
    """
    key = probe.key
    qualifiers = _QUALIFIERS.get(key.elements[0][0])
    if qualifiers is None:
        raise Untested(f"({key.elements[0][0]}) has no qualifiers; name a known path of (01)")
    return [f"{key.path}/{one}" for one in qualifiers]


def is_default(name: str) -> bool:
    """Whether a link type says nothing of what is there."""
    return term(name) in {"defaultLink", "defaultLinkMulti"}
