"""GS1 Digital Link URIs: elements as the path and query of a web address.

Only uncompressed URIs. The names of application identifiers in letters (`/gtin/`), which release 1.3.0 took away, are
not read.

References:
    GS1 Digital Link Standard: URI Syntax, 1.7.0 (its text was not at hand; the rules are those that GS1's own
    engine and syntax dictionary follow); RFC 3986
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from twin.errors import InvalidIdentifier, shown
from twin.identity.gs1._ais import AIS, ApplicationIdentifier, Element
from twin.identity.gs1._linters import CSET_82

CANONICAL_BASE: Final = "https://id.gs1.org"

SHORT_GTINS: Final = frozenset({8, 12, 13})
"""The digits that a GTIN may have before zeros fill it up to fourteen."""

_URI: Final = re.compile(r"(?:https?|HTTPS?)://(?P<host>[^/]+)(?P<path>/[^?#]*)(?:\?(?P<query>[^#]*))?(?:#.*)?")
_NOT_IN_A_URI: Final = re.compile(r"[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]")
_NOT_IN_A_HOST: Final = re.compile(r"[_~?#@!$&'()*+,;=%]")
_ESCAPED: Final = re.compile("%([0-9A-Fa-f]{2})")

_UNRESERVED: Final = re.compile("[A-Za-z0-9._~-]")
_ESCAPES: Final = {
    ord(character): f"%{ord(character):02X}" for character in CSET_82 + "#" if not _UNRESERVED.match(character)
}
_PATH_ESCAPES: Final = _ESCAPES | {ord(" "): "%20"}
_QUERY_ESCAPES: Final = _ESCAPES | {ord(" "): "+"}


def escaped(value: str) -> str:
    """The value as it stands in a path.

    Examples:
        >>> escaped("32a/b")
        '32a%2Fb'
    """
    return value if value.isascii() and value.isalnum() else value.translate(_PATH_ESCAPES)


def escaped_for_query(value: str) -> str:
    """The value as it stands in a query."""
    return value.translate(_QUERY_ESCAPES)


def unescaped(written: str) -> str:
    """The value that a piece of a path is; a percent sign without a code stands for itself, and fails later.

    Examples:
        >>> unescaped("32a%2fb%4g")
        '32a/b%4g'
    """
    return _ESCAPED.sub(lambda code: chr(int(code[1], 16)), written) if "%" in written else written


def unescaped_from_query(written: str) -> str:
    """The value that a piece of a query is, where a plus sign stands for a space."""
    return unescaped(written.replace("+", " "))


def elements_in_uri(text: str) -> tuple[Element, ...]:
    """The elements of a Digital Link URI, path before query, not yet looked into.

    Args:
        text: http or https, any host, perhaps a path of its own, then the primary key and its qualifiers in order, then
            perhaps a query and a fragment. What a query holds beside application identifiers is passed over.

    Raises:
        InvalidIdentifier: why it is none.

    References:
        GS1 Digital Link Standard: URI Syntax, 4 (syntax); RFC 3986

    Examples:
        >>> elements_in_uri("https://brand.example/x/01/09506000134352/10/ABC?17=261231&from=mail")
        (('01', '09506000134352'), ('10', 'ABC'), ('17', '261231'))
    """
    wrong = f"{shown(text)} is not a GS1 Digital Link URI"
    _require_characters(wrong, text)
    uri = _URI.fullmatch(text)
    if uri is None:
        raise InvalidIdentifier(f"{wrong}: expected http:// or https://, a host and a path.")
    if odd := _NOT_IN_A_HOST.search(uri["host"]):
        position = uri.start("host") + odd.start() + 1
        raise InvalidIdentifier(f"{wrong}: expected a host, found {shown(odd[0])} in it at position {position}.")
    segments = uri["path"].split("/")
    key = _place_of_the_key(segments)
    if key is None:
        expected = "a primary key such as /01/ and its value in the path, found none"
        if any(segment in AIS and AIS[segment].primary_key for segment in segments[:-1]):
            expected = (
                f"qualifiers with their values alone behind the primary key, found {shown(segments[-1])} at the end"
            )
        raise InvalidIdentifier(f"{wrong}: expected {expected}. Compressed Digital Links are not read.")
    return _elements(wrong, segments[key:], uri["query"] or "")


def elements_in_path(text: str) -> tuple[Element, ...]:
    """The elements of the path, and the query if any, of a Digital Link: what a URI has behind its base.

    Args:
        text: a primary key, its value, and perhaps more; no slash in front.

    Raises:
        InvalidIdentifier: why it is none.

    Examples:
        >>> elements_in_path("01/09506000134352/21/SER%2F42")
        (('01', '09506000134352'), ('21', 'SER/42'))
    """
    path, _, query = text.partition("?")
    wrong = f"{shown(text)} is not the path of a GS1 Digital Link URI"
    _require_characters(wrong, text)
    segments = path.split("/")
    if _place_of_the_key(segments) != 0:
        raise InvalidIdentifier(f"{wrong}: expected a primary key such as 01, a slash and its value in front.")
    return _elements(wrong, segments, query)


def _require_characters(wrong: str, text: str) -> None:
    if odd := _NOT_IN_A_URI.search(text):
        raise InvalidIdentifier(
            f"{wrong}: expected characters of a URI, found {shown(odd[0])} at position {odd.start() + 1}."
        )


def _elements(wrong: str, segments: Sequence[str], query: str) -> tuple[Element, ...]:
    path = [(ai, unescaped(value)) for ai, value in zip(segments[::2], segments[1::2], strict=True)]
    for ai, value in path:
        if not value:
            raise InvalidIdentifier(f"{wrong}: expected a value of ({ai}), found none.")
    qualifiers = [ai for ai, _ in path[1:]]
    sequences = AIS[path[0][0]].qualifiers
    if not any(_in_order(qualifiers, sequence) for sequence in sequences):
        allowed = " or ".join(", ".join(sequence) for sequence in sequences if sequence) or "nothing"
        raise InvalidIdentifier(
            f"{wrong}: expected after ({path[0][0]}), in this order, {allowed}, found {', '.join(qualifiers)}."
        )
    attributes = _attributes(wrong, query)
    seen = {ai for ai, _ in path}
    for known, _ in attributes:
        ai = known.ai
        if ai in seen:
            raise InvalidIdentifier(f"{wrong}: expected ({ai}) once, found it again in the query.")
        seen.add(ai)
        if any(ai in sequence and set(qualifiers) <= set(sequence) for sequence in sequences):
            raise InvalidIdentifier(f"{wrong}: expected ({ai}) in the path, found it in the query.")
        if not known.attribute:
            raise InvalidIdentifier(f"{wrong}: expected no ({ai}) in the query, found it there.")
    return (*path, *((known.ai, value) for known, value in attributes))


def _place_of_the_key(segments: Sequence[str]) -> int | None:
    """The place of the last primary key: what stands before it is the host's own."""
    for place in range(len(segments) - 2, -1, -2):
        known = AIS.get(segments[place])
        if known is None:
            return None
        if known.primary_key:
            return place
    return None


def _in_order(ais: Sequence[str], sequence: Sequence[str]) -> bool:
    rest = iter(sequence)
    return all(ai in rest for ai in ais)


def _attributes(wrong: str, query: str) -> list[tuple[ApplicationIdentifier, str]]:
    found = []
    for pair in filter(None, query.split("&")):
        name, equals, written = pair.partition("=")
        if not equals or not _DIGITS.fullmatch(name):
            continue
        known = AIS.get(name)
        if known is None:
            raise InvalidIdentifier(f"{wrong}: expected an application identifier in the query, found {shown(name)}.")
        if not written:
            raise InvalidIdentifier(f"{wrong}: expected a value of ({name}), found none.")
        value = unescaped_from_query(written)
        # In the query, unlike in the path, no release asked for fourteen digits.
        found.append((known, value.zfill(14) if name == "01" and len(value) in SHORT_GTINS else value))
    return found


_DIGITS: Final = re.compile("[0-9]+")


def path_and_query_of(elements: Sequence[Element]) -> str:
    """The elements as they stand behind the base of a Digital Link URI, without a slash in front.

    The path is led by the first primary key which leaves only elements that may stand in a query; there, those of
    predefined length come first.

    Args:
        elements: right by themselves.

    Raises:
        InvalidIdentifier: they do not all fit into one URI, as (8200) never does.

    Examples:
        >>> path_and_query_of((("21", "XYZ"), ("01", "12312312312333"), ("10", "ABC123"), ("99", "A/B")))
        '01/12312312312333/10/ABC123/21/XYZ?99=A%2FB'
    """
    left_over: list[str] = []
    for key in (ai for ai, _ in elements if AIS[ai].primary_key):
        present = {ai for ai, _ in elements}
        sequences = sorted(AIS[key].qualifiers, key=lambda sequence: -len(present.intersection(sequence)))
        for sequence in sequences:
            path = [key, *(ai for ai in sequence if ai in present)]
            rest = [ai for ai, _ in elements if ai not in path]
            if all(AIS[ai].attribute for ai in rest):
                return _written(dict(elements), path, rest)
            left_over = left_over or [ai for ai in rest if not AIS[ai].attribute]
    raise InvalidIdentifier(
        f"({'), ('.join(left_over)}): expected elements that a Digital Link URI can hold beside its primary key."
    )


def _written(values: dict[str, str], path: Iterable[str], rest: Sequence[str]) -> str:
    ordered = sorted(rest, key=lambda ai: not AIS[ai].predefined_length)
    query = "&".join(f"{ai}={escaped_for_query(values[ai])}" for ai in ordered)
    return path_of((ai, values[ai]) for ai in path) + (f"?{query}" if query else "")


def path_of(elements: Iterable[Element]) -> str:
    """The elements as a path, in their order, without a slash in front.

    Examples:
        >>> path_of((("414", "9520123456788"), ("254", "32a/b")))
        '414/9520123456788/254/32a%2Fb'
    """
    return "/".join(f"{ai}/{escaped(value)}" for ai, value in elements)
