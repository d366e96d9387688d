"""The composition root: the only module that knows every other."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import uvicorn
from starlette.applications import Starlette

from twin import demo
from twin.api import web
from twin.config import Settings
from twin.errors import SetupError
from twin.services import Services
from twin.store import Store, embedded
from twin.store.mongo import connected

Say = Callable[[str], None]

LONGEST_SHUTDOWN_S = 10


@asynccontextmanager
async def opened(
    settings: Settings, served_at: str | None = None, demo_key: str | None = None
) -> AsyncIterator[Services]:
    """The services, on the named database or on the embedded one.

    Args:
        settings: the deployment's.
        served_at: what new links name, where the settings do not say; None where nothing is served.
        demo_key: a key that works in this process alone.

    Raises:
        SetupError: no database can be had; the message says what to do.
    """
    async with database_uri(settings) as uri, connected(uri, settings.mongo_database) as mongo:
        yield await Services.on(
            await Store.prepared(mongo),
            public_url=settings.public_url or served_at,
            demo_key=demo_key,
        )


@asynccontextmanager
async def database_uri(settings: Settings) -> AsyncIterator[str]:
    """The address of the database; the embedded mongod runs for as long as somebody needs it."""
    if settings.mongo_uri is not None:
        yield settings.mongo_uri.get_secret_value()
        return
    mongod = await asyncio.to_thread(embedded.acquire, settings.data_dir)
    try:
        yield mongod.uri
    finally:
        await asyncio.to_thread(mongod.release)


def application(services: Services, settings: Settings, demo_key: str | None = None) -> Starlette:
    """The web application on running services.

    Args:
        services: what it serves.
        settings: the deployment's.
        demo_key: what GraphiQL sends by itself, in the demo.
    """
    return web.application(services, graphiql=settings.graphiql, demo_key=demo_key)


def serve(settings: Settings, host: str, port: int, say: Say) -> None:
    """Serve until SIGINT or SIGTERM.

    Args:
        settings: the deployment's.
        host: the address to listen on.
        port: 0 takes a free one.
        say: gets a line when the service is ready.

    Raises:
        SetupError: no database, or the port is taken.
    """

    async def ready(_: Services, url: str) -> None:
        say(f"Ready at {url}. Ctrl-C stops it.")

    asyncio.run(_serve(settings, host, port, ready, None))


def serve_demo(settings: Settings, port: int, say: Say) -> None:
    """Serve the demo on loopback: a small fleet, GraphiQL, and a key that works in this process alone.

    Args:
        settings: the deployment's.
        port: 0 takes a free one.
        say: gets the progress and what to open.

    Raises:
        SetupError: no database, or the port is taken.
    """

    async def ready(services: Services, url: str) -> None:
        sample = await demo.load(services)
        say(demo.what_to_open(url, sample))

    asyncio.run(_serve(settings, "127.0.0.1", port, ready, demo.KEY))


async def _serve(
    settings: Settings, host: str, port: int, ready: Callable[[Services, str], object], demo_key: str | None
) -> None:
    me = asyncio.current_task()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: me and me.cancel())
    with suppress(asyncio.CancelledError), _listening(host, port) as listener:
        url = f"http://{host}:{listener.getsockname()[1]}"
        async with opened(settings, url, demo_key) as services:
            config = uvicorn.Config(
                application(services, settings, demo_key),
                log_level="warning",
                server_header=False,
                timeout_graceful_shutdown=LONGEST_SHUTDOWN_S,
            )
            server = _Server(config)
            await asyncio.gather(server.serve([listener]), _when_ready(server, ready, services, url))


async def _when_ready(server: _Server, ready: Callable[[Services, str], object], services: Services, url: str) -> None:
    await server.up.wait()
    outcome = ready(services, url)
    if asyncio.iscoroutine(outcome):
        await outcome


class _Server(uvicorn.Server):
    """uvicorn's, which says when it is up, and ends without raising the signal again: mongod must be ended first."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise SetupError(f"Cannot listen on {host}:{port}: {error.strerror}. Choose another with --port.") from error
    with listener:
        yield listener
