"""import-catenax: what other systems know."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from twin.cli.command import OPERATOR, Failure, main, run


@main.command("import-catenax")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def import_catenax(file: Path) -> None:
    """Take in the parts, batches and assemblies of FILE, a container of Catena-X test data; again changes nothing."""
    from twin.exchange import catenax

    try:
        with file.open("rb") as opened:
            text = opened.read(catenax.LARGEST + 1)
    except OSError as error:
        raise Failure(f"{file} cannot be read: {error.strerror}.", 2) from error
    things = catenax.parse(text)

    async def work(services: Any) -> Any:
        return await services.catenax.take_in(OPERATOR, things)

    for name, count in run(work, noted=True).items():
        click.echo(f"{count:>10}  {name.lower()}")
