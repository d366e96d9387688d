"""Links: what a resolver may send somebody to who asks for an identifier, kept for each level of it.

A level has at most 100 links, and exactly one default unless it has none. The default is one of the typed links, so
that its target is always listed under a descriptive type too; and it is public and always in force, so that it is there
for whoever asks.

References:
    RFC 9264 (link sets); RFC 6838, 4.2 (media types); BCP 47 (language tags); GS1 Web Vocabulary (link types);
    GS1-Conformant Resolver Standard (one default link for each entity)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from datetime import datetime
from typing import Any, Final

from twin.domain import fields
from twin.domain.actor import Audience
from twin.domain.history import Command, Document, Draft, difference
from twin.errors import InvalidInput, TooLarge, shown, within
from twin.identity.gs1 import Level

MOST_LINKS: Final = 100
LONGEST_HREF: Final = 2_000
LONGEST_TITLE: Final = 200
LONGEST_CONTEXT: Final = 64
MOST_TAGS: Final = 16

VOCABULARY: Final = "https://ref.gs1.org/voc/"
DEFAULT_LINK: Final = f"{VOCABULARY}defaultLink"
ACTION: Final = "SET_LINKS"

# Prefixes under which the GS1 Web Vocabulary is, or was, known.
_VOCABULARIES: Final = (
    "gs1:",
    VOCABULARY,
    "http://ref.gs1.org/voc/",
    "https://gs1.org/voc/",
    "https://www.gs1.org/voc/",
)
_TERM: Final = re.compile("[a-z][A-Za-z]{0,63}")
_DERIVED: Final = frozenset({"defaultLink", "defaultLinkMulti", "all", "linkset"})
# What the published JSON schema of link sets lets be the name of a relation.
_OTHER_TYPE: Final = re.compile("https?://[A-Za-z0-9./]{1,240}")
_HREF: Final = re.compile(
    r"https?://[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?(?::[0-9]{1,5})?"
    r"(?:[/?#](?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)?"
)
_MEDIA_TYPE: Final = re.compile("[a-z0-9][a-z0-9.+-]{0,63}/[a-z0-9][a-z0-9.+_-]{0,63}")
_LANGUAGE: Final = re.compile(
    "[a-z]{2,3}(?:-[a-z]{3}){0,3}(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    "(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3})){0,4}(?:-[a-z0-9](?:-[a-z0-9]{2,8}){1,4}){0,2}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a level.

    Args:
        type: the URL of its type, as `link_type` gives it.
        title: for people, 200 characters at most.
        href: where it leads: http or https, 2,000 characters at most.
        hreflang: the languages of what is there, as BCP 47 tags.
        media_type: of what is there, such as `text/html`.
        context: where or for what it holds, such as `DE`.
        audience: who may see it.
        valid_from: since when it is in force; None means always.
        valid_until: the moment from which on it is not; None means for ever.
        forwards_query: whether the query of a request is passed on.
        default: whether it answers who asks for nothing in particular.

    Raises:
        InvalidInput: anything that breaks a rule, with the path within the link.
        TooLarge: a longer text, or more tags.

    Examples:
        >>> Link("https://ref.gs1.org/voc/pip", "A drill", "ftp://brand.example/")
        Traceback (most recent call last):
        twin.errors.InvalidInput: href: 'ftp://brand.example/' is not an address; expected http:// or https://, a \
host, and characters of a URI.
    """

    type: str
    title: str
    href: str
    hreflang: tuple[str, ...] = ()
    media_type: str | None = None
    context: tuple[str, ...] = ()
    audience: Audience = Audience.PUBLIC
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    forwards_query: bool = True
    default: bool = False

    def __hash__(self) -> int:
        """Of what tells most links apart; equality looks at all."""
        return hash((self.type, self.href))

    def __post_init__(self) -> None:
        if self.type != link_type(self.type):
            raise InvalidInput(f"type: expected {link_type(self.type)}, found {shown(self.type)}.", path=("type",))
        fields.text(self.title, path=("title",), longest=LONGEST_TITLE)
        fields.text(self.href, path=("href",), longest=LONGEST_HREF)
        if not _HREF.fullmatch(self.href):
            raise InvalidInput(
                f"href: {shown(self.href)} is not an address; expected http:// or https://, a host, and characters of "
                "a URI.",
                path=("href",),
            )
        self._require_tags()
        if self.media_type is not None and not _MEDIA_TYPE.fullmatch(self.media_type):
            raise InvalidInput(
                f"mediaType: {shown(self.media_type)} is not a media type; expected one such as text/html, in lower "
                "case and without parameters.",
                path=("mediaType",),
            )
        self._require_times()

    def _require_tags(self) -> None:
        for name, tags in (("hreflang", self.hreflang), ("context", self.context)):
            if len(tags) > MOST_TAGS:
                raise TooLarge(f"{name}: expected at most {MOST_TAGS}, found {len(tags)}.", path=(name,))
            for tag in tags:
                fields.text(tag, path=(name,), longest=LONGEST_CONTEXT)
        for tag in self.hreflang:
            if not _LANGUAGE.fullmatch(tag):
                raise InvalidInput(
                    f"hreflang: {shown(tag)} is not a language tag; expected one such as en or de-CH.",
                    path=("hreflang",),
                )

    def _require_times(self) -> None:
        for name, at in (("validFrom", self.valid_from), ("validUntil", self.valid_until)):
            if at is not None:
                fields.utc(at, path=(name,))
        if self.valid_from is not None and self.valid_until is not None and self.valid_from >= self.valid_until:
            raise InvalidInput(
                f"validUntil: expected later than {self.valid_from.isoformat()}, found {self.valid_until.isoformat()}.",
                path=("validUntil",),
            )
        limited = self.valid_from is not None or self.valid_until is not None
        if self.default and (limited or self.audience is not Audience.PUBLIC):
            raise InvalidInput(
                "default: expected a public link without dates, which is there for whoever asks; found "
                f"{'dates' if limited else f'one for the audience {self.audience}'}.",
                path=("default",),
            )

    def in_force(self, at: datetime) -> bool:
        """Whether the link holds at a moment."""
        return (self.valid_from is None or self.valid_from <= at) and (
            self.valid_until is None or at < self.valid_until
        )

    def as_document(self) -> dict[str, Any]:
        """As it is stored: what is as usual is absent."""
        found = {field.name: getattr(self, field.name) for field in dataclass_fields(self)}
        usual = {field.name: field.default for field in dataclass_fields(self)}
        kept = {name: value for name, value in found.items() if value != usual[name] and name != "default"}
        return {name: _stored(value) for name, value in kept.items()}

    @classmethod
    def from_document(cls, document: Document, *, default: bool) -> Link:
        """The link that a document holds."""
        known = dict(document)
        for name in ("hreflang", "context"):
            known[name] = tuple(known.get(name, ()))
        for name in ("valid_from", "valid_until"):
            known[name] = datetime.fromisoformat(known[name]) if name in known else None
        return cls(**{**known, "audience": Audience(known.get("audience", Audience.PUBLIC))}, default=default)


@dataclass(frozen=True, slots=True)
class Linkset:
    """What is stored of one level.

    Args:
        path: of the level, such as `01/09506000134352/10/ABC`.
        description: of the thing, for people.
        links: in the order in which they were given.
        mistaken: whether the identifier was found to be a mistake since they were given.
    """

    path: str
    description: str
    links: tuple[Link, ...]
    mistaken: bool = False

    def __hash__(self) -> int:
        """Of what tells most link sets apart; equality looks at all."""
        return hash((self.path, len(self.links)))

    @classmethod
    def from_state(cls, state: Document) -> Linkset:
        """The link set whose head, or snapshot, this is."""
        default = state.get("default")
        links = state.get("links", {})
        return cls(
            state["path"],
            state["description"],
            tuple(Link.from_document(links[key], default=key == default) for key in sorted(links)),
        )


def link_type(text: str) -> str:
    """The URL of a link type.

    Args:
        text: a term of the GS1 Web Vocabulary as `gs1:pip` or as its URL; or the URL of a type of another vocabulary,
            in letters, digits, `.` and `/`.

    Raises:
        InvalidInput: neither; or a term that a link cannot be given, such as `gs1:defaultLink`.

    Examples:
        >>> link_type("gs1:pip"), link_type("https://gs1.org/voc/pip")
        ('https://ref.gs1.org/voc/pip', 'https://ref.gs1.org/voc/pip')
    """
    found = asked_type(fields.text(text, path=("type",), longest=256))
    if found is None or found.removeprefix(VOCABULARY) in _DERIVED:
        raise InvalidInput(
            f"type: {shown(text)} is not the type of a link; expected one such as gs1:pip that says what is there, or "
            "the URL of one in letters, digits, . and /.",
            path=("type",),
        )
    return found


def asked_type(text: str) -> str | None:
    """The URL of the link type that somebody asks for; None when the text can be none."""
    for prefix in _VOCABULARIES:
        if text.startswith(prefix):
            term = text.removeprefix(prefix)
            return VOCABULARY + term if _TERM.fullmatch(term) else None
    return text if _OTHER_TYPE.fullmatch(text) else None


def set_links(
    before: Document, level: Level, *, description: str, links: Sequence[Link], command: Command, now: datetime
) -> Draft:
    """Put links in the place of those that a level has.

    Args:
        before: the state of the level's link set; empty for the first time.
        level: the level.
        description: of the thing, 200 characters at most.
        links: all that it has from now on; none takes them away.
        command: reason and occurred_at count.
        now: the service's clock.

    Raises:
        InvalidInput: nothing would change, the same link twice, or not exactly one default.
        TooLarge: more than 100 links.
    """
    if len(links) > MOST_LINKS:
        raise TooLarge(f"links: expected at most {MOST_LINKS}, found {len(links)}.", path=("links",))
    defaults = sum(link.default for link in links)
    if links and defaults != 1:
        raise InvalidInput(f"links: expected exactly one default, found {defaults}.", path=("links",))
    _require_distinct(links)
    keyed = {f"{place:03}": link for place, link in enumerate(links)}
    state: dict[str, Any] = {
        "path": level.path,
        "description": fields.text(description, path=("description",), longest=LONGEST_TITLE),
        "links": {key: link.as_document() for key, link in keyed.items()},
    }
    if links:
        state["default"] = next(key for key, link in keyed.items() if link.default)
    change = difference(before, state)
    if not change:
        raise InvalidInput("The level has these links already; expected at least one to change.", path=("links",))
    return Draft(
        action=ACTION,
        change=change,
        occurred_at=fields.moment(command.occurred_at, now=now),
        reason=fields.optional_text(command.reason, path=("reason",)),
    )


def _require_distinct(links: Sequence[Link]) -> None:
    seen: set[tuple[object, ...]] = set()
    for place, link in enumerate(links):
        same = (link.type, link.href, link.hreflang, link.media_type, link.context, link.audience, link.valid_from)
        if same in seen:
            with within("links", str(place)):
                raise InvalidInput(
                    f"href: {shown(link.href)} is linked twice under the same type; expected it once.", path=("href",)
                )
        seen.add(same)


def _stored(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Audience):
        return value.value
    if isinstance(value, datetime):
        return fields.utc(value, path=()).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value


def inputs_of(description: str, links: Sequence[Link]) -> Mapping[str, Any]:
    """What was asked for, as a document, to tell one mutation from another."""
    shown_links = [{**link.as_document(), "default": link.default} for link in links]
    return {"description": description, "links": shown_links}
