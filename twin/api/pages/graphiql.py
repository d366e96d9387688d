"""GraphiQL, from files of ours."""

from __future__ import annotations

from starlette.responses import HTMLResponse, Response


def response(demo_key: str | None) -> Response:
    """The page.

    Args:
        demo_key: what it sends as the caller's key by itself, or None.
    """
    return HTMLResponse(f"<title>GraphiQL</title>{demo_key}")
