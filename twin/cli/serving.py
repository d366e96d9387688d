"""serve, demo, backup, restore, schema: the service and its database as a whole."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from twin.cli.command import OPERATOR, main
from twin.config import Settings
from twin.errors import Refused


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
def serve(host: str, port: int) -> None:
    """Start the service and keep it running until Ctrl-C."""
    from twin import app

    app.serve(Settings(), host, port, click.echo)


@main.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--https", is_flag=True, help="With a certificate that this machine signs itself.")
@click.option("--lan", metavar="ADDRESS", help="Listen on this address of the machine instead, by HTTPS: for phones.")
def demo(port: int, *, https: bool, lan: str | None) -> None:
    """Start the service on this machine alone, with a small fleet and the key `demo`."""
    from twin import app

    app.serve_demo(Settings(graphiql=True), port, click.echo, https=https, lan=lan)


@main.command()
@click.option(
    "--released",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Print instead what clients of this older schema would miss, and end with 1 if that is anything.",
)
def schema(released: Path | None) -> None:
    """Print the GraphQL schema."""
    from twin.api.graphql.compatibility import broken
    from twin.api.graphql.schema import sdl

    if released is None:
        click.echo(sdl(), nl=False)
        return
    found = broken(released.read_text(encoding="utf-8"), sdl(), datetime.now(UTC).date())
    for line in found:
        click.echo(line)
    sys.exit(bool(found))


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write everything to FILE, as of one moment; the service may go on meanwhile."""
    from twin.store.backup import backup as write_backup

    _copy(write_backup, file, "Backing up")


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Read FILE, which `twin backup` wrote, into an empty database."""
    from twin.store.backup import restore as read_backup

    _copy(read_backup, file, "Restoring")


def _copy(
    work: Callable[[Any, Path, Callable[[int], None]], Awaitable[dict[str, int]]], file: Path, title: str
) -> None:
    from twin import app
    from twin.services.audit_log import Call, Door

    operation = click.get_current_context().command_path.partition(" ")[2]

    async def opened() -> dict[str, int]:
        async with app.prepared_database(Settings()) as (mongo, audit_log):
            call = Call(OPERATOR.id, Door.CLI)
            try:
                with click.progressbar(
                    length=0, label=title, show_percent=False, show_pos=True, file=sys.stderr
                ) as bar:
                    counts = await work(mongo, file, bar.update)
            except Refused as error:  # other errors leave no row: it would be in the way of the next try to restore
                audit_log.note(call, operation, error.code)
                raise
            audit_log.note(call, operation)
            return counts

    counts = asyncio.run(opened())
    for name, count in counts.items():
        click.echo(f"{count:>10}  {name}")
