"""What every command of the command line is: expected errors as one line and an exit code; work on the services."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import click
from pydantic import ValidationError

from twin.config import Settings
from twin.domain.actor import full_actor
from twin.errors import InvalidInput, TwinError, Unavailable

Result = TypeVar("Result")


OPERATOR = full_actor("cli")


class TwinGroup(click.Group):
    """Turns expected errors into one line and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except ValidationError as error:
            found = "; ".join(f"TWIN_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
            raise Failure(found, 3) from error
        except Unavailable as error:
            raise Failure(error.message, 3) from error
        except TwinError as error:
            raise Failure(error.message, 2 if isinstance(error, InvalidInput) else 1) from error


class Failure(click.ClickException):
    """An expected error, with its exit code."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        vars(self)["exit_code"] = exit_code  # click has one for each class; we have one for each error


@click.group(cls=TwinGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="label-twin")
def main() -> None:
    """The digital twin of every physical label.

    Without TWIN_MONGO_URI the commands start, or join, a MongoDB of their own, whose data are in TWIN_DATA_DIR (.twin).
    """


def run(work: Callable[[Any], Awaitable[Result]], *, noted: bool = False) -> Result:
    """Do some work on the services of the deployment.

    Args:
        work: what is done.
        noted: whether it stands in the audit log.
    """
    from twin import app
    from twin.services.audit_log import Call, Door

    command = click.get_current_context().command_path.partition(" ")[2]

    async def opened() -> Result:
        async with app.opened(Settings()) as services:
            if not noted:
                return await work(services)
            return await services.audit_log.audited(Call(OPERATOR.id, Door.CLI), command, work(services))

    return asyncio.run(opened())
