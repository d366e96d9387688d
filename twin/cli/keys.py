"""keys, people, forget: who may do what, what they are called, and to forget that."""

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
@click.option(
    "--profile",
    "-p",
    multiple=True,
    help="The holder has labels of this profile alone; may be repeated. All if not said.",
)
@click.option(
    "--actor", metavar="ID", help="The actor of a key before, for whom this one stands too; a new one if not said."
)
def add_key(
    name: str,
    role: tuple[str, ...],
    audience: str,
    expires: str | None,
    profile: tuple[str, ...],
    actor: str | None,
) -> None:
    """Make a key for NAME, and print it, once.

    History shows the actor's id, a pseudonym. The name is kept apart from it, and forgotten by `twin forget`.
    """

    async def work(services: Any) -> Any:
        return await services.keys.add(
            OPERATOR,
            name,
            roles=role,
            audience=Audience(audience),
            expires=expires,
            stands_for=actor,
            profiles=profile or None,
        )

    click.echo(run(work, noted=True))


@keys.command("list")
def list_keys() -> None:
    """List the keys: id, actor, roles, whether each holds still, and for whom. Their texts are nowhere."""

    async def work(services: Any) -> Any:
        return await services.keys.all(OPERATOR)

    def day(at: Any) -> str:
        return at.isoformat(sep=" ", timespec="minutes")[:16] if at else "never"

    for listed in run(work):
        key = listed.key
        state = f"revoked {day(key.revoked_at)}" if key.revoked_at else f"expires {day(key.expires_at)}"
        sees = "" if Audience.INTERNAL in key.audiences else f"  sees {', '.join(sorted(key.audiences))}"
        sees += f"  labels of {', '.join(sorted(key.profiles))}" if key.profiles else ""
        roles = ", ".join(sorted(key.roles))
        name = f"  {listed.name}" if listed.name else ""
        click.echo(f"{listed.id}  {key.actor:<20}  {roles:<10}  used {day(key.last_used)}  {state}{sees}{name}")


@keys.command("revoke")
@click.argument("key")
def revoke_key(key: str) -> None:
    """Take back KEY, an id that `twin keys list` shows: from now on it is nobody's."""

    async def work(services: Any) -> Any:
        return await services.keys.revoke(OPERATOR, key)

    run(work, noted=True)
    click.echo(f"{key} is revoked.")


@main.command()
def people() -> None:
    """List the actors whose names are kept, with where each name came from, and those who were forgotten."""

    async def work(services: Any) -> Any:
        return await services.people.all(OPERATOR)

    for person in run(work):
        if person.forgotten_at:
            click.echo(
                f"{person.actor:<22}  forgotten {person.forgotten_at.isoformat(sep=' ', timespec='minutes')[:16]}"
            )
        else:
            click.echo(f"{person.actor:<22}  {person.source:<5}  {person.name}")


@main.command()
@click.argument("actor")
def forget(actor: str) -> None:
    """Forget the name of ACTOR, an id that `twin people` lists: history goes on to show the id alone.

    Nothing else changes: the actor's keys hold, and the hashes of history too. The name does not come back by itself.
    """

    async def work(services: Any) -> Any:
        return await services.people.forget(OPERATOR, actor)

    run(work, noted=True)
    click.echo(f"{actor} is forgotten.")
