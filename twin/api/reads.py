"""Which requests are reads of a code, and what of them goes to the scan log."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from starlette.requests import Request

from twin.domain.actor import Actor
from twin.domain.history import Document
from twin.domain.scan import Answer, Outcome
from twin.errors import NotFound
from twin.services import Services

_ROBOT: Final = re.compile(rb"(?<!cu)bot\b|crawler|spider|preview|facebookexternalhit|whatsapp/", re.IGNORECASE)
_LONGEST_AGENT: Final = 256
_AHEAD: Final = frozenset({b"sec-purpose", b"purpose", b"x-purpose", b"x-moz"})
_KNOWN: Final = (Outcome.CURRENT,)
_UNKNOWN: Final = (Outcome.UNKNOWN,)


def is_read(request: Request) -> bool:
    """Whether somebody reads a code.

    HEAD is none, nor is what a browser fetches before anybody wants it, or a robot that says so: what draws the preview
    of a link in a chat has no label before it.
    """
    if request.method != "GET":
        return False
    for name, value in request.scope["headers"]:
        if name == b"user-agent":
            if _is_robot(value[:_LONGEST_AGENT]):
                return False
        elif name in _AHEAD and (b"prefetch" in value or b"preview" in value):
            return False
    return True


@lru_cache(maxsize=1_000)  # phones of one make say the same
def _is_robot(agent: bytes) -> bool:
    return _ROBOT.search(agent) is not None


async def label_of(services: Services, request: Request, actor: Actor, link_id: str) -> Document:
    """The label whose link was read.

    Raises:
        NotFound: there is none; that was a read too.
    """
    try:
        label = await services.labels.find(actor, link_id)
    except NotFound:
        if is_read(request):
            services.scan_log.note(f"L/{link_id}", Answer.NOTHING, _UNKNOWN)
        raise
    if is_read(request):
        services.scan_log.note(f"L/{link_id}", Answer.PAGE, label["flags"], label["_id"])
    return label


def note_level(services: Services, request: Request, path: str, answer: Answer) -> None:
    """Note that a Digital Link was read.

    Args:
        services: the use cases.
        request: how.
        path: its level.
        answer: what the reader got.
    """
    if is_read(request):
        services.scan_log.note(path, answer, _UNKNOWN if answer is Answer.NOTHING else _KNOWN)
