"""Label printers: which there are, and where they listen. Only what the deployment names is ever spoken to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from twin.errors import InvalidInput, shown

_WORD = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = rf"(?P<host>{_WORD}(?:\.{_WORD})*\.?|\[[0-9A-Fa-f:.]+(?:%[A-Za-z0-9._-]+)?\])"
_PRINTER = re.compile(rf"(?P<name>[a-z0-9][a-z0-9._-]{{0,62}})={_HOST}:(?P<port>[0-9]{{1,5}})", re.ASCII)
_LONGEST_HOST = 253


@dataclass(frozen=True, slots=True)
class Address:
    """Where a printer listens.

    Args:
        host: a name, an IPv4 address, or an IPv6 address in brackets.
        port: 1 to 65535.
    """

    host: str
    port: int


def printers_of(text: str) -> Mapping[str, Address]:
    """The printers that a setting names.

    Args:
        text: `name=host:port`, with commas between them.

    Raises:
        InvalidInput: anything else, or a name twice.

    Examples:
        >>> printers_of("line-3=10.0.0.7:9100, store=[fe80::1]:9100")["line-3"]
        Address(host='10.0.0.7', port=9100)
    """
    found: dict[str, Address] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        match = _PRINTER.fullmatch(part)
        if match is None or not 1 <= int(match["port"]) <= 65_535 or len(match["host"]) > _LONGEST_HOST:
            raise InvalidInput(f"printers: expected name=host:port, such as line-3=10.0.0.7:9100, found {shown(part)}.")
        if match["name"] in found:
            raise InvalidInput(f"printers: expected each name once, found {shown(match['name'])} twice.")
        found[match["name"]] = Address(match["host"].strip("[]"), int(match["port"]))
    return found
