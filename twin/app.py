"""The composition root: the only module that knows every other."""

from __future__ import annotations

import asyncio
import gc
import logging
import secrets
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import uvicorn
from starlette.applications import Starlette

from twin import demo
from twin.api import hosts, limits, web
from twin.api.edge import OPEN, Edge
from twin.api.graphql.trusted import Trusted
from twin.api.tls import Tls
from twin.config import Settings
from twin.domain.actor import Actor, Permission
from twin.domain.issuer import Issuer, issuer_of
from twin.domain.printers import printers_of
from twin.errors import InvalidInput, SetupError, Unavailable
from twin.identity.link import public_url_of
from twin.services import Services
from twin.services.audit_log import AuditLog
from twin.services.commits import system_clock
from twin.services.import_worker import ImportWorker
from twin.services.notices import Webhooks
from twin.services.print_worker import PrintWorker
from twin.services.signing import Signer
from twin.store import Store, embedded
from twin.store.mongo import Mongo, connected

Say = Callable[[str], None]

LONGEST_SHUTDOWN_S = 25  # a request to a lost database is answered within 20
PING_S = 20
LOOK_S = 60
JOBS_AT_ONCE = 4
REST_S = 2.0
SHORTEST_SECRET = 24
SCHEDULE = Actor("schedule", frozenset({Permission.CHECKPOINT_HISTORY}), frozenset())

log = logging.getLogger(__name__)
LONGEST_SILENCE_MS = 60_000


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
        InvalidInput: the settings name an issuer of tokens that cannot be.
    """
    issuer = issuer_in(settings)
    async with database_uri(settings) as uri, connected(uri, settings.mongo_database) as mongo:
        services = await Services.on(
            await Store.prepared(mongo),
            public_url=settings.public_url or served_at,
            demo_key=demo_key,
            signer=signer(settings),
            printers=printers_of(settings.printers),
            scan_days=settings.scan_retention_days if settings.scan_log else None,
            audit_days=settings.audit_retention_days,
            issuer=issuer,
            webhooks=webhooks_in(settings),
        )
        try:
            yield services
        finally:
            await services.changes.close()
            await services.keys.settled()
            await services.people.settled()
            await services.scan_log.flush()
            await services.audit_log.flush()


def issuer_in(settings: Settings) -> Issuer | None:
    """Whose tokens count."""
    return issuer_of(
        settings.oidc_issuer,
        settings.oidc_audience,
        jwks_url=settings.oidc_jwks_url,
        algorithms=settings.oidc_algorithms,
        roles_claim=settings.oidc_roles_claim,
        roles=settings.oidc_roles,
        name_claim=settings.oidc_name_claim,
        audiences_claim=settings.oidc_audiences_claim,
        audiences=settings.oidc_audiences,
    )


def webhooks_in(settings: Settings) -> Webhooks:
    """Who is told of recalls.

    Raises:
        SetupError: somebody is to be told, and there is no secret that is long enough to sign with.
    """
    urls = tuple(filter(None, map(str.strip, settings.recall_webhooks.split(","))))
    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else ""
    if urls and len(secret) < SHORTEST_SECRET:
        raise SetupError(
            f"TWIN_RECALL_WEBHOOKS needs TWIN_WEBHOOK_SECRET, of {SHORTEST_SECRET} characters at least, found "
            f"{len(secret)}."
        )
    return Webhooks(urls, secret.encode())


def signer(settings: Settings) -> Signer:
    """What signs checkpoints: the key of a file that the settings name, or that is made beside the data."""
    if settings.checkpoint_key is not None:
        return Signer(settings.checkpoint_key, make=False)
    return Signer(settings.data_dir / "checkpoint-key.pem", make=True)


@asynccontextmanager
async def prepared_database(settings: Settings) -> AsyncIterator[tuple[Mongo, AuditLog]]:
    """The database with its collections and indexes and nothing on it, and its audit log, in which nothing is noted."""
    async with database_uri(settings) as uri, connected(uri, settings.mongo_database) as mongo:
        store = await Store.prepared(mongo)
        audit_log = AuditLog(store.audit_log, system_clock, settings.audit_retention_days)
        try:
            yield mongo, audit_log
        finally:
            await audit_log.flush()


@asynccontextmanager
async def database_uri(settings: Settings) -> AsyncIterator[str]:
    """The address of the database; the embedded mongod runs for as long as somebody needs it."""
    if settings.mongo_uri is not None:
        yield settings.mongo_uri.get_secret_value()
        return
    starting = asyncio.create_task(asyncio.to_thread(embedded.acquire, settings.data_dir))
    try:
        mongod = await asyncio.shield(starting)
        yield mongod.uri
    finally:  # also when the wait for the start was cut short: a thread cannot be
        await asyncio.shield(_released(starting))


async def _released(starting: asyncio.Task[embedded.EmbeddedMongod]) -> None:
    with suppress(SetupError):
        mongod = await starting
        await asyncio.to_thread(mongod.release)


def application(services: Services, settings: Settings, demo_key: str | None = None, edge: Edge = OPEN) -> Starlette:
    """The web application on running services.

    Args:
        services: what it serves.
        settings: the deployment's.
        demo_key: what GraphiQL sends by itself, in the demo.
        edge: how it meets the world.
    """
    return web.application(services, graphiql=settings.graphiql, demo_key=demo_key, edge=edge)


def edge_at(settings: Settings, host: str) -> Edge:
    """How the application meets the world from an address.

    Args:
        settings: the deployment's.
        host: the address to listen on.

    Raises:
        SetupError: others could reach it, and read the keys that are sent to it; or trusted documents cannot be read.
    """
    trusted = Trusted.read(settings.trusted_documents, only=settings.trusted_documents_only)
    names = frozenset(settings.hosts.split(",")) if settings.hosts else frozenset[str]()
    if hosts.is_loopback(host):
        return Edge(names | hosts.LOOPBACK, settings.rate_anonymous, settings.rate_caller, trusted)
    behind_tls = (settings.public_url or "").startswith("https://") and settings.trusted_proxies
    if not settings.tls_cert and not behind_tls and not settings.allow_insecure:
        raise SetupError(
            f"{host!r} can be reached from other machines, without TLS. Set TWIN_TLS_CERT and TWIN_TLS_KEY; or "
            "TWIN_PUBLIC_URL to an address with https, and TWIN_TRUSTED_PROXIES to the addresses of the proxy that "
            "ends TLS there; or TWIN_ALLOW_INSECURE=true, where nobody can listen in."
        )
    return Edge(names, settings.rate_anonymous, settings.rate_caller, trusted)


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

    async def ready(services: Services, url: str) -> None:
        if (key := await services.keys.first()) is not None:
            say(f"There was no API key yet. This one may do everything, and is shown this once: {key}")
        say(f"Ready at {url}. Ctrl-C stops it.")

    asyncio.run(_serve(settings, host, port, ready, None))


def serve_demo(settings: Settings, port: int, say: Say, *, https: bool = False, lan: str | None = None) -> None:
    """Serve the demo on loopback: a small fleet, GraphiQL, and a key that works in this process alone.

    Args:
        settings: the deployment's.
        port: 0 takes a free one.
        say: gets the progress and what to open.
        https: with a certificate that this machine signs itself.
        lan: an address of this machine to be reached at by others too; then the key is random, and GraphiQL has none.

    Raises:
        SetupError: no database, or the port is taken.
    """
    host, key = (demo.HOST, demo.KEY) if lan is None else (lan, secrets.token_urlsafe(16))
    told = f"The demo listens on {host}: "
    say(told + ("on this machine alone." if lan is None else "who is on its network can open it."))
    if https or lan is not None:
        tls = Tls.self_signed(settings.data_dir / "demo-tls", ["localhost", demo.HOST, *filter(None, [lan])])
        settings = settings.model_copy(update={"tls_cert": tls.certificate, "tls_key": tls.key})
        say(demo.how_to_trust(tls.certificate))
    if lan is not None:
        settings = settings.model_copy(update={"graphiql": False})

    async def ready(services: Services, url: str) -> None:
        sample = await demo.load(services)
        say(demo.what_to_open(url, sample, key))

    asyncio.run(_serve(settings, host, port, ready, key))


async def _serve(
    settings: Settings, host: str, port: int, ready: Callable[[Services, str], object], demo_key: str | None
) -> None:
    edge, tls = edge_at(settings, host), Tls.of(settings.tls_cert, settings.tls_key)
    me = asyncio.current_task()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: me and me.cancel())
    with suppress(asyncio.CancelledError), _listening(host, port) as listener:
        url = settings.public_url or served_url(host, listener.getsockname()[1], tls)
        if url is None:
            raise SetupError(f"No phone can follow a link to {host!r}; set TWIN_PUBLIC_URL to what links shall name.")
        async with (
            opened(settings, url, demo_key) as services,
            _beside(keep_checkpoints(services, settings)),
            _beside(keep_printing(services)),
            _beside(keep_recalling(services)),
            _beside(_work_always(services.import_worker, "imports")),
            _beside(services.scan_log.keep()),
            _beside(services.audit_log.keep()),
        ):
            config = uvicorn.Config(
                application(services, settings, demo_key, edge),
                proxy_headers=bool(settings.trusted_proxies),  # uvicorn believes everybody on this machine by default
                forwarded_allow_ips=settings.trusted_proxies.split(","),
                log_level="warning",
                server_header=False,
                ssl_certfile=None if tls is None else tls.certificate,
                ssl_keyfile=None if tls is None else tls.key,
                timeout_graceful_shutdown=LONGEST_SHUTDOWN_S,
                http=limits.BoundedHead,
                ws=limits.BoundedGoodbye,
                ws_max_size=limits.LARGEST_BODY,
                ws_ping_interval=PING_S,
                ws_ping_timeout=PING_S,
                ws_per_message_deflate=False,  # it costs each subscriber more memory than it saves bytes
            )
            server = _Server(config)
            gc.collect()
            gc.freeze()  # what is there now stays: no collection needs to go through it, while somebody waits
            readying = asyncio.create_task(_when_ready(server, ready, services, url))
            readying.add_done_callback(server.stop_if_failed)
            await server.serve([listener])
            readying.cancel()
            with suppress(asyncio.CancelledError):
                await readying


async def keep_checkpoints(
    services: Services, settings: Settings, pause: Callable[[float], Awaitable[object]] = asyncio.sleep
) -> None:
    """Make a checkpoint every so often, for as long as the service runs; of several processes one makes it.

    Args:
        services: the use cases.
        settings: how often; 0 means never.
        pause: waits for so many seconds.
    """
    every = settings.checkpoint_every
    while every:
        await pause(min(every, LOOK_S))
        try:
            made = await services.audit.checkpoint_in_turn(SCHEDULE, every)
        except Exception:
            log.exception("no checkpoint could be made; it is tried again")
            continue
        if made is not None and made.broken:
            some = ", ".join(made.broken[:10])
            log.error("%d twins do not extend the checkpoint before (twin check-history): %s", len(made.broken), some)


async def keep_printing(services: Services) -> None:
    """Do the print jobs that there are, several at once, for as long as the service runs.

    A printer that takes nothing keeps the job that waits for it, so there is one more at once for each printer.

    Args:
        services: the use cases.
    """
    async with asyncio.TaskGroup() as group:
        for _ in range(JOBS_AT_ONCE + services.print_worker.printers):
            group.create_task(_work_always(services.print_worker, "print jobs"))


async def keep_recalling(services: Services) -> None:
    """Compute what recalls affect, and tell those who are to know, for as long as the service runs.

    Args:
        services: the use cases.
    """
    while True:
        try:
            if await services.recall_worker.compute_next() or await services.notices.send_due():
                continue
        except Unavailable as error:
            log.warning("recalls wait: %s", error.message)
        except Exception:
            log.exception("no recall could be computed; it is tried again")
        await services.recall_worker.rest(REST_S)


async def _work_always(worker: PrintWorker | ImportWorker, what: str) -> None:
    while True:
        try:
            if await worker.do_next():
                continue
        except Unavailable as error:
            log.warning("%s wait: %s", what, error.message)
        except Exception:
            log.exception("none of the %s could be taken; it is tried again", what)
        await worker.rest(REST_S)


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


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

    def stop_if_failed(self, task: asyncio.Task[None]) -> None:
        """Stop serving when what had to be done first has failed."""
        self.should_exit = not task.cancelled() and task.exception() is not None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


def served_url(host: str, port: int, tls: Tls | None = None) -> str | None:
    """What links name when the settings do not say; None when no phone could follow such a link."""
    try:
        return None if host in {"", "0.0.0.0"} else public_url_of(f"{'https' if tls else 'http'}://{host}:{port}")  # noqa: S104 - not bound here
    except InvalidInput:
        return None


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise SetupError(f"Cannot listen on {host}:{port}: {error.strerror}. Choose another with --port.") from error
    with listener:
        # Else what is written in two pieces, as every answer with a body is, waits for the peer to confirm the first.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux: cut a peer that takes nothing, and free what waits for it
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, LONGEST_SILENCE_MS)
        yield listener
