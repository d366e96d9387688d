"""How pages are made: one environment that escapes everything, one look, one strict policy."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

TEMPLATES = Path(__file__).parent / "templates"

_STYLES = (TEMPLATES / "page.css").read_text(encoding="utf-8")
_STYLES_HASH = base64.b64encode(hashlib.sha256(_STYLES.encode()).digest()).decode()

NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
POLICY = f"{NOTHING}; img-src 'self'; style-src 'sha256-{_STYLES_HASH}'"


def iso(at: datetime) -> str:
    """The moment for machines.

    Examples:
        >>> iso(datetime(2026, 3, 1, 8, 5, tzinfo=UTC))
        '2026-03-01T08:05:00.000Z'
    """
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def said(at: datetime) -> str:
    """The moment for people.

    Examples:
        >>> said(datetime(2026, 3, 1, 8, 5, tzinfo=UTC))
        '1 Mar 2026, 08:05 UTC'
    """
    utc = at.astimezone(UTC)
    return f"{utc.day} {utc:%b %Y, %H:%M} UTC"


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_ENVIRONMENT.filters |= {"iso": iso, "said": said}
_ENVIRONMENT.globals["styles"] = _STYLES


def rendered(template: str, **context: Any) -> str:
    """A template, filled; whatever comes from outside is escaped.

    Args:
        template: a file of `templates/`.
        context: what it names.
    """
    return _ENVIRONMENT.get_template(template).render(context)


def page(request: Request, content: str) -> Response:
    """The answer with a page that may be kept, but is asked for again each time; 304 for who has it already.

    Args:
        request: whose `If-None-Match` counts.
        content: the HTML.
    """
    etag = f'"{hashlib.sha256(content.encode()).hexdigest()[:32]}"'
    headers = {
        "ETag": etag,
        "Cache-Control": "no-cache",
        "Vary": "Authorization",
        "Content-Security-Policy": POLICY,
    }
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if known & {etag, "*"}:
        return Response(status_code=304, headers=headers)
    return HTMLResponse(content, headers=headers)
