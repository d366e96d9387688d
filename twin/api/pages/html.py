"""How pages are made: one environment for each language, which escapes everything; one look, one strict policy."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from twin.api import answers
from twin.api.headers import NOTHING
from twin.api.pages.language import ENGLISH, LANGUAGES, Language, wanted

TEMPLATES = Path(__file__).parent / "templates"

_STYLES = (TEMPLATES / "page.css").read_text(encoding="utf-8")
_STYLES_HASH = base64.b64encode(hashlib.sha256(_STYLES.encode()).digest()).decode()

POLICY = f"{NOTHING}; img-src 'self'; style-src 'sha256-{_STYLES_HASH}'"

_IN_SCRIPT = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"})


def iso(at: datetime) -> str:
    """The moment for machines.

    Examples:
        >>> iso(datetime(2026, 3, 1, 8, 5, tzinfo=UTC))
        '2026-03-01T08:05:00.000Z'
    """
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def data_block(document: Mapping[str, Any]) -> str:
    r"""JSON that may stand in a script element: nothing in it can end the element.

    Examples:
        >>> data_block({"name": "</script>"})
        '{"name":"\\u003c/script\\u003e"}'
    """
    return orjson.dumps(document).decode().translate(_IN_SCRIPT)


def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(language.catalogue, newstyle=True)  # type: ignore[attr-defined]
    environment.filters |= {"iso": iso, "said": language.moment, "told": language.told, "data_block": data_block}
    environment.globals |= {
        "styles": _STYLES,
        "language": language,
        "others": [other for other in LANGUAGES.values() if other is not language],
    }
    return environment


_ENVIRONMENTS = {tag: _environment(language) for tag, language in LANGUAGES.items()}


def rendered(template: str, language: Language = ENGLISH, **context: Any) -> str:
    """A template, filled; whatever comes from outside is escaped.

    Args:
        template: a file of `templates/`.
        language: that the page is in.
        context: what it names.
    """
    return _ENVIRONMENTS[language.tag].get_template(template).render(context)


def language_of(request: Request) -> Language:
    """The language that a request gets its page in."""
    asked = request.query_params.get("lang") if request.scope["query_string"] else None
    return wanted(request.headers.get("accept-language", ""), asked)


def answer(request: Request, template: str, status: int, headers: Mapping[str, str], **context: Any) -> Response:
    """The answer with a page of another status, which is not for keeping.

    Args:
        request: whose languages count.
        template: a file of `templates/`.
        status: of the answer.
        headers: beside those of every page.
        context: what the template names.
    """
    language = language_of(request)
    every = {
        "Cache-Control": "no-store",
        "Vary": answers.VARY,
        "Content-Security-Policy": POLICY,
        **headers,
        "Content-Language": language.tag,
    }
    response = HTMLResponse(rendered(template, language, **context), status, every)
    answers.shrink(request, response)
    return response
