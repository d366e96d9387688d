"""keys: who may do what."""

from __future__ import annotations

from typing import Any

import click

from twin.cli.command import OPERATOR, main, run
from twin.domain.actor import Audience, Role


@main.group()
def keys() -> None:
    """Manage API keys."""


@keys.command("add")
@click.argument("name")
@click.option(
    "--role",
    "-r",
    multiple=True,
    required=True,
    type=click.Choice([role.value for role in Role]),
    help="May be repeated.",
)
@click.option(
    "--audience",
    default=Audience.INTERNAL.value,
    show_default=True,
    type=click.Choice([audience.value for audience in Audience]),
    help="Whose fields the holder sees beside the public's; internal is all.",
)
@click.option("--expires", metavar="WHEN", help="12h, 90d or a day such as 2027-01-31; never if not said.")
def add_key(name: str, role: tuple[str, ...], audience: str, expires: str | None) -> None:
    """Make a key for NAME, the actor that history will show, and print it, once."""

    async def work(services: Any) -> Any:
        return await services.keys.add(OPERATOR, name, roles=role, audience=Audience(audience), expires=expires)

    click.echo(run(work, noted=True))


@keys.command("list")
def list_keys() -> None:
    """List the keys: id, name, roles, and whether each holds still. Their texts are nowhere."""

    async def work(services: Any) -> Any:
        return await services.keys.all(OPERATOR)

    def day(at: Any) -> str:
        return at.isoformat(sep=" ", timespec="minutes")[:16] if at else "never"

    for listed in run(work):
        key = listed.key
        state = f"revoked {day(key.revoked_at)}" if key.revoked_at else f"expires {day(key.expires_at)}"
        sees = "" if Audience.INTERNAL in key.audiences else f"  sees {', '.join(sorted(key.audiences))}"
        roles = ", ".join(sorted(key.roles))
        click.echo(f"{listed.id}  {key.actor:<20}  {roles:<10}  used {day(key.last_used)}  {state}{sees}")


@keys.command("revoke")
@click.argument("key")
def revoke_key(key: str) -> None:
    """Take back KEY, an id that `twin keys list` shows: from now on it is nobody's."""

    async def work(services: Any) -> Any:
        return await services.keys.revoke(OPERATOR, key)

    run(work, noted=True)
    click.echo(f"{key} is revoked.")
