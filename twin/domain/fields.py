"""What a person or a machine may enter: texts, names, fields and moments, checked before anything else sees them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from twin.errors import InvalidInput, TooLarge, shown

LONGEST_TEXT = 1_000
MOST_FIELDS = 64
CLOCK_SKEW = timedelta(seconds=60)

_NAME = re.compile(r"[a-z][A-Za-z0-9]{0,63}")
# Directional formatting (UAX #9, section 2) can make one serial number look like another; so can what cannot be seen at
# all. The joiners are for the scripts that need them.
_FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")
_WITHOUT_JOINERS = dict.fromkeys(map(ord, _JOINERS))
_SEPARATORS = dict.fromkeys((0x04, 0x1C, 0x1D, 0x1E, 0x1F), "_")

Path = tuple[str, ...]


def text(value: object, *, path: Path, longest: int = LONGEST_TEXT) -> str:
    r"""A text of one line that prints as it is stored.

    Args:
        value: what came in.
        path: where it stood in the input, for the error.
        longest: characters at most.

    Raises:
        InvalidInput: not a text, empty, or with control characters, lone surrogates or directional formatting.
        TooLarge: longer than `longest`.

    Examples:
        >>> text("Werk 3, Linie 2", path=("site",))
        'Werk 3, Linie 2'
        >>> text("1M8\u202eGDM", path=("vin",))
        Traceback (most recent call last):
        twin.errors.InvalidInput: vin: '1M8\u202eGDM' holds U+202E at position 4; expected printable text of one line.
    """
    where = ".".join(path)
    if not isinstance(value, str):
        raise InvalidInput(f"{where}: expected a text, found {shown(value)}.", path=path)
    if len(value) > longest:
        raise TooLarge(f"{where}: expected at most {longest} characters, found {len(value)}.", path=path)
    if not value.translate(_WITHOUT_JOINERS).strip():
        raise InvalidInput(f"{where}: expected a text, found {shown(value)}, which is empty.", path=path)
    if value.isascii() and value.isprintable():
        return value
    for position, character in enumerate(value, start=1):
        if character not in _JOINERS and unicodedata.category(character) in _FORBIDDEN_CATEGORIES:
            raise InvalidInput(
                f"{where}: {shown(value)} holds U+{ord(character):04X} at position {position}; "
                "expected printable text of one line.",
                path=path,
            )
    return value


def scanned_text(value: object, *, path: Path, longest: int = 2_000) -> str:
    """A text as a scanner gave it: as `text`, but with the separators of ISO/IEC 15434 and of element strings.

    References:
        ISO/IEC 15434 (EOT, FS, GS, RS, US); GS1 General Specifications, 7.8 (GS)

    Raises:
        InvalidInput: as `text` does.
        TooLarge: longer than `longest`.
    """
    if isinstance(value, str):
        text(value.translate(_SEPARATORS), path=path, longest=longest)
        return value
    return text(value, path=path, longest=longest)


def optional_text(value: object, *, path: Path, longest: int = LONGEST_TEXT) -> str | None:
    """As `text`, but None stays None."""
    return None if value is None else text(value, path=path, longest=longest)


def field_name(value: object, *, path: Path) -> str:
    """The name of a field: a letter in lower case, then letters and digits, 64 at most.

    Raises:
        InvalidInput: anything else; so no name can be an operator (`$where`) or a path (`a.b`) to the database.
    """
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise InvalidInput(
            f"{'.'.join(path)}: {shown(value)} is not the name of a field; expected a letter in lower case, "
            "then letters and digits, 64 at most.",
            path=path,
        )
    return value


def fields(value: Mapping[str, str | None], *, path: Path, removable: bool = False) -> dict[str, str | None]:
    """Named texts, as free fields are.

    Args:
        value: name to text; with `removable`, None removes the field.
        path: where they stood in the input.
        removable: whether None is allowed.

    Raises:
        InvalidInput: a bad name or text, with its path.
        TooLarge: more than 64 fields.
    """
    require_few(value, path=path)
    return {
        field_name(name, path=path): None if entry is None and removable else text(entry, path=(*path, name))
        for name, entry in value.items()
    }


def require_few(value: Mapping[str, object], *, path: Path) -> None:
    """Let pass no more fields than one twin may hold.

    Raises:
        TooLarge: more than 64.
    """
    if len(value) > MOST_FIELDS:
        raise TooLarge(f"{'.'.join(path)}: expected at most {MOST_FIELDS} fields, found {len(value)}.", path=path)


def utc(value: datetime, *, path: Path) -> datetime:
    """A moment with its time zone, in UTC.

    Args:
        value: what came in.
        path: where it stood in the input.

    Raises:
        InvalidInput: no time zone, or out of the calendar's range in UTC.
    """
    where = ".".join(path)
    if value.tzinfo is None:
        raise InvalidInput(
            f"{where}: {value.isoformat()} has no time zone; expected one such as 2026-01-02T09:00:00Z.", path=path
        )
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise InvalidInput(f"{where}: {value.isoformat()} is out of the calendar's range.", path=path) from None


def moment(value: datetime | None, *, now: datetime, path: Path = ("occurredAt",)) -> datetime:
    """When something happened: UTC, whole milliseconds, not in the future.

    Args:
        value: None means now.
        now: the service's clock, with its time zone.
        path: where it stood in the input.

    Raises:
        InvalidInput: no time zone, or later than `now` plus a clock skew of 60 seconds.

    Examples:
        >>> moment(datetime(2026, 1, 2, 9, 0, 0, 1999, UTC), now=datetime(2026, 1, 3, tzinfo=UTC))
        datetime.datetime(2026, 1, 2, 9, 0, 0, 1000, tzinfo=datetime.timezone.utc)
    """
    where = ".".join(path)
    at = now if value is None else utc(value, path=path)
    if at > now + CLOCK_SKEW:
        raise InvalidInput(
            f"{where}: {at.isoformat()} is in the future; expected at most {CLOCK_SKEW.seconds} seconds after "
            f"{now.isoformat()}, the service's clock.",
            path=path,
        )
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
