"""Verification: whether what was read from a label is what must be there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from twin import identity
from twin.domain.history import Document
from twin.domain.label import Label
from twin.domain.profiles import profile
from twin.errors import InvalidInput
from twin.identity.gs1 import GS1
from twin.identity.gs1 import parse as parse_gs1

__all__ = ["Photo", "Seen", "Sight", "Verdict", "carried", "contents", "judge", "recorded", "same"]

_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_BLANKS = " \t\r\n"
_GS = "\x1d"
_SEPARATORS = dict.fromkeys((0x04, 0x1C, 0x1D, 0x1E, 0x1F))


@dataclass(frozen=True, slots=True)
class Seen:
    """One symbol that was read.

    Args:
        text: what it says; a scanner may have put its symbology identifier in front.
        aim: the symbology identifier, where the reader told it apart.

    References:
        ISO/IEC 15424 (symbology identifiers)
    """

    text: str
    aim: str | None = None


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo that was looked at and not kept.

    Args:
        sha256: of the file, hexadecimal.
        size: of the file, in bytes.
    """

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen of a label.

    Args:
        symbols: what was read, one or more.
        photo: what it was read from; None where a scanner gave one text.

    Raises:
        InvalidInput: nothing was read: that says nothing about the label.
    """

    symbols: tuple[Seen, ...]
    photo: Photo | None = None

    def __post_init__(self) -> None:
        if not self.symbols:
            message = "photo: expected a symbol that can be read, found none; nothing is recorded."
            raise InvalidInput(message, path=("photo",))


@dataclass(frozen=True, slots=True)
class Verdict:
    """How what was seen compares with what must be there.

    Args:
        passed: whether a carrier was read and none is contradicted.
        carriers: for each symbol that was seen, the carrier that it is, or None.
        contradicted: carriers that were not read, while a symbol of the same standard that is not theirs was; looked
            for where another carrier was read.
    """

    passed: bool
    carriers: tuple[str | None, ...]
    contradicted: tuple[str, ...]

    def evidence(self, sight: Sight) -> dict[str, Any]:
        """What history keeps of it: the text that decided, its carrier, and all that a photo showed.

        Args:
            sight: what was seen.
        """
        rows = list(zip(sight.symbols, self.carriers, strict=True))
        # A carrier that was read speaks for a label that passed, a stranger against one that did not.
        seen, carrier = next((row for row in rows if (row[1] is not None) is self.passed), rows[0])
        kept: dict[str, Any] = {"read": seen.text} | ({"carrier": carrier} if carrier else {})
        if sight.photo is None:
            return kept
        symbols = [
            {"text": seen.text} | ({"aim": seen.aim} if seen.aim else {}) | ({"carrier": carrier} if carrier else {})
            for seen, carrier in rows
        ]
        return {**kept, "photo": {"sha256": sight.photo.sha256, "size": sight.photo.size}, "symbols": symbols}


def contents(label: Label, payload: str, printed: Document | None = None) -> dict[str, str]:
    """What each carrier of the label says: as its newest print recorded it, or else as its profile says.

    Args:
        label: the head.
        payload: what the link encodes.
        printed: the version of the newest print, if there is one.

    Returns:
        The name of each carrier and its content; of a label that is printed, by the face that is on the paper.
    """
    return recorded(printed or {}) or carried(
        label.profile, payload, label.face if label.printed is None else label.printed["face"]
    )


def recorded(version: Document) -> dict[str, str]:
    """What each carrier says, by name, as the version of a print recorded it; nothing where none did."""
    return {row["name"]: row["content"] for row in version.get("evidence", {}).get("carriers", ())}


def carried(profile_name: str, payload: str, face: Mapping[str, str]) -> dict[str, str]:
    """What each carrier of a label of a profile says, by its face; the link says the payload.

    Examples:
        >>> carried("asset_tag", "HTTP://T.EXAMPLE/L/0123456789ABC8", {"tag": "7"})
        {'link': 'HTTP://T.EXAMPLE/L/0123456789ABC8'}
    """
    kind, found = profile(profile_name), {}
    for carrier in kind.carriers:
        try:
            content = kind.content(carrier.name, payload=payload, face=face)
        except InvalidInput:  # a face from before the profile had this carrier
            continue
        if content is not None:
            found[carrier.name] = content
    return found


def judge(must_be: Mapping[str, str], sight: Sight) -> Verdict:
    """Compare what was seen with what must be there.

    Photos show other things too: what is of another standard than a carrier of ours says nothing about it. A symbol of
    the same standard with other content, where ours was not read, is the wrong label.

    Args:
        must_be: the label's carriers, by name.
        sight: what was seen.

    Examples:
        >>> must_be = {"link": "HTTP://T.EXAMPLE/L/0123456789ABC8", "udi": "010950600013435210A"}
        >>> judge(must_be, Sight((Seen("http://t.example/L/0123456789ABC8"), Seen("https://maker.example")))).passed
        True
        >>> judge(must_be, Sight((Seen(must_be["link"]), Seen("010950600013435210B")))).contradicted
        ('udi',)
    """
    carriers = tuple(next((name for name in must_be if same(seen.text, must_be[name])), None) for seen in sight.symbols)
    read = {must_be[name] for name in carriers if name is not None}
    if not read:
        return Verdict(passed=False, carriers=carriers, contradicted=())
    strange = (seen.text for seen, name in zip(sight.symbols, carriers, strict=True) if name is None)
    schemes = {_scheme(text) for text in strange} - {None}
    contradicted = tuple(
        name for name, content in must_be.items() if schemes and content not in read and _scheme(content) in schemes
    )
    return Verdict(passed=not contradicted, carriers=carriers, contradicted=contradicted)


def same(text: str, content: str) -> bool:
    r"""Whether a text that was read is what a symbol must say.

    A symbology identifier and blanks around it are no part of it. Scheme and host of a link may come in either case.
    Keyboards cannot type separators: a text that has lost all of them is the same. GS1 elements may come in brackets,
    in another order, or after FNC1.

    Args:
        text: what was read.
        content: what the symbol must say.

    References:
        ISO/IEC 15424 (symbology identifiers); GS1 General Specifications, 7.8 (separators); RFC 3986 section 6.2.2.1

    Examples:
        >>> same("]Q1http://t.example/L/0123456789ABC8", "HTTP://T.EXAMPLE/L/0123456789ABC8")
        True
        >>> same("http://t.example/plant/L/0123456789ABC8", "HTTP://T.EXAMPLE/L/0123456789ABC8")
        False
        >>> same("(01)09506000134352(10)ABC(21)SER", "010950600013435210ABC\x1d21SER")
        True
        >>> same("010950600013435210ABC21SER", "010950600013435210ABC\x1d21SER")
        True
    """
    data = _AIM.sub("", text, count=1) if _AIM.match(text) else text
    data = data.strip(_BLANKS).removeprefix(_GS)
    if _folded(data) == _folded(content) or data == content.translate(_SEPARATORS):
        return True
    elements = _elements(content)
    return elements is not None and "://" not in data and any(elements == found for found in _gs1_in(data))


def _folded(text: str) -> str:
    scheme, sign, rest = text.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}{sign}{host.lower()}{slash}{path}" if sign else text


def _elements(content: str) -> list[tuple[str, str]] | None:
    try:
        return sorted(parse_gs1(content).elements) if content[:1].isdigit() else None
    except InvalidInput:
        return None


def _gs1_in(text: str) -> Iterable[list[tuple[str, str]]]:
    for candidate in identity.read(text).candidates:
        if isinstance(candidate, GS1):
            yield sorted(candidate.elements)


def _scheme(text: str) -> str | None:
    """The standard that a text is most likely of."""
    first = next(iter(identity.read(text).candidates), None)
    return None if first is None else first.canonical.partition(":")[0]
