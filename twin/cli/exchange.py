"""import, import-catenax: what other systems know."""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import click

from twin.cli.command import OPERATOR, Failure, main, run
from twin.domain.history import Command
from twin.domain.imports import OPEN, ImportState
from twin.exchange.rows import RowFormat

MOST_SHOWN = 20
PART = 256 * 1024
LOOK_S = 0.2


@main.command("import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--reason", help="Why, as every history shows it.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="A .csv or .ndjson file: each row.")
def import_rows(file: Path, reason: str | None, report: Path | None) -> None:
    """Register the assets of FILE, .csv or .ndjson, with their labels; again goes on where it was, or changes nothing.

    A row that is refused holds up no other; exit code 1 says that there is one.
    """
    form = _format_of(file)
    told = None if report is None else _format_of(report)
    try:
        with file.open("rb") as opened:
            size = opened.seek(0, os.SEEK_END)
            opened.seek(0)
            command = Command(reason, client_mutation_id=f"file-{hashlib.file_digest(opened, 'sha256').hexdigest()}")
    except OSError as error:
        raise Failure(f"{file} cannot be read: {error.strerror}.", 2) from error

    async def work(services: Any) -> tuple[Any, list[Any]]:
        with _bar("Reading", size) as bar:
            job = await services.imports.receive(OPERATOR, _parts(file, bar), form, command)
        job = await _done(services, job)
        if report is not None and told is not None:
            await _write(report, await services.imports.report(OPERATOR, job["_id"], told))
        return job, await services.imports.rows(OPERATOR, job["_id"], 1, MOST_SHOWN, refused=True)

    job, refused = run(work, noted=True)
    click.echo(f"{job['done']:>10}  done\n{job['refused']:>10}  refused\n{job['_id']}")
    for row in refused:
        click.echo(f"row {row['row']}, line {row['line']}: {row['error']['code']}: {row['error']['message']}", err=True)
    if job["refused"] > len(refused):
        click.echo(f"and {job['refused'] - len(refused)} more", err=True)
    if job["state"] == ImportState.FAILED:
        raise Failure(job["error"], 1)
    if job["refused"]:
        raise click.exceptions.Exit(1)


async def _write(file: Path, lines: AsyncIterator[bytes]) -> None:
    try:
        with file.open("wb") as out:
            async for part in lines:
                out.write(part)
    except OSError as error:
        raise Failure(f"{file} cannot be written: {error.strerror}.", 2) from error


async def _parts(file: Path, bar: Any) -> AsyncIterator[bytes]:
    with file.open("rb") as opened:
        while part := opened.read(PART):
            yield part
            bar.update(len(part))


async def _done(services: Any, job: Any) -> Any:
    """The import, once it is over, whoever does it."""

    async def work() -> None:
        while (await services.imports.find(OPERATOR, job["_id"]))["state"] in OPEN:
            if not await services.import_worker.do_next(job["_id"]):
                await asyncio.sleep(LOOK_S)  # a service has it

    with _bar("Importing", job["total"]) as bar:
        working = asyncio.create_task(work())
        while not working.done():
            await asyncio.wait([working], timeout=LOOK_S)
            job = await services.imports.find(OPERATOR, job["_id"])
            bar.update(job["done"] + job["refused"] - bar.pos)
        await working
    return await services.imports.find(OPERATOR, job["_id"])


def _bar(label: str, length: int) -> Any:
    """A progress bar, on a terminal alone."""
    return click.progressbar(length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty())


def _format_of(file: Path) -> RowFormat:
    ending = file.suffix.removeprefix(".").lower()
    if ending not in set(RowFormat):
        raise Failure(f"{file}: expected a name that ends in .csv or .ndjson.", 2)
    return RowFormat(ending)


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
