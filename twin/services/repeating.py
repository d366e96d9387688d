"""What is done again and again beside the requests, for as long as the service runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, NoReturn

Pause = Callable[[float], Awaitable[object]]


async def repeated(
    work: Callable[[], Coroutine[Any, Any, None]], every_s: float, pause: Pause, log: logging.Logger, failed: str
) -> NoReturn:
    """Do something every so often; what fails is logged, and tried again. Who ends the service waits for what is begun.

    Args:
        work: what is done.
        every_s: how long the pauses are, in seconds.
        pause: waits for so many seconds.
        log: where a failure is told.
        failed: what is told of it.
    """
    while True:
        await pause(every_s)
        try:
            await asyncio.shield(asyncio.create_task(work()))
        except Exception:
            log.exception("%s", failed)
