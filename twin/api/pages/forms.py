"""Forms of our own pages: what such a page may send and says of itself, and what comes from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qs

from starlette.requests import Request

from twin.api.pages.html import POLICY
from twin.errors import InvalidInput, shown

MEDIA_TYPE: Final = "application/x-www-form-urlencoded"
MOST_FIELDS: Final = 16

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": POLICY.replace("form-action 'none'", "form-action 'self'"),
    "Referrer-Policy": "same-origin",  # else Origin would be null
}
"""What stands on a page from which something is sent to us."""


async def fields_of(request: Request) -> dict[str, str]:
    """The fields of a form; of one that is sent twice, the first.

    Raises:
        InvalidInput: it is no form in UTF-8, or has more than 16 fields.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != MEDIA_TYPE:
        raise InvalidInput(f"Expected {MEDIA_TYPE}, found {shown(kind)}.")
    try:
        found = parse_qs((await request.body()).decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise InvalidInput(f"Expected at most {MOST_FIELDS} fields of a form in UTF-8.") from error
    return {name: values[0] for name, values in found.items()}
