"""GraphiQL, from files of ours: nothing comes from another host."""

from __future__ import annotations

from starlette.responses import HTMLResponse, Response

from twin.api.headers import NOTHING
from twin.api.pages import html

QUERY = """\
# Labels on their assets: how good is each, and
# what happened to it last?
query Labels {
  labels(first: 5, states: [APPLIED, VERIFIED]) {
    totalCount
    edges {
      node {
        linkId
        state
        outcome
        asset {
          name
          identifiers
        }
        history(first: 1) {
          edges {
            node {
              action
              occurredAt
              actor
            }
          }
        }
      }
    }
  }
}
"""

# The one style element that GraphiQL makes: it holds the page still behind an open dialog.
_DIALOG_STYLE = "'sha256-Y/huXlwoYkVyQlxwSVcCi1RCDGDCSVBzDt0hYP9qlTc='"
POLICY = (
    f"{NOTHING}; script-src 'self'; style-src 'self' {_DIALOG_STYLE}; img-src 'self' data:; font-src data:; "
    "connect-src 'self'"
)


def response(demo_key: str | None) -> Response:
    """The page.

    Args:
        demo_key: what it sends as the caller's key by itself, or None.
    """
    content = html.rendered("graphiql.html", query=QUERY, key=demo_key)
    return HTMLResponse(content, headers={"Cache-Control": "no-store", "Content-Security-Policy": POLICY})
