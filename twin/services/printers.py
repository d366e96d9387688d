"""Label printers that take raw bytes at a socket, port 9100 as a rule."""

from __future__ import annotations

import asyncio

from twin.domain.printers import Address
from twin.errors import PrinterStopped, shown

ANSWER_S = 8.0
_CHUNK = 64 * 1024


async def send(name: str, address: Address, content: bytes, *, within_s: float = ANSWER_S) -> None:
    """Write bytes to a printer, and wait until it has taken all of them and closes.

    What was written may be printed even if this fails: nobody tells us. So whoever sends again may print twice.

    Args:
        name: the printer's, for errors.
        address: where it listens.
        content: what it is to print.
        within_s: how long all of it may take.

    Raises:
        PrinterStopped: no connection, one that was cut, or a printer that did not take everything in time.
    """
    try:
        async with asyncio.timeout(within_s):
            reader, writer = await asyncio.open_connection(address.host, address.port)
            try:
                writer.write(content)
                await writer.drain()
                writer.write_eof()
                while await reader.read(_CHUNK):  # a printer may say something; it closes once it has read the end
                    pass
            finally:
                writer.transport.abort()
    except TimeoutError:
        raise PrinterStopped(f"The printer {shown(name)} did not take a label within {within_s:g} s.") from None
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise PrinterStopped(f"The printer {shown(name)} did not take a label: {why}.") from error
