"""The command line: serve, demo, issue, show, read, render, check-history, audit-log, checkpoint, proof, doctor, keys….

Exit codes: 0 done; 1 refused (not found, illegal, taken); 2 the command or its input is wrong; 3 the machine is not
ready (no database, port taken).
"""

from __future__ import annotations

import asyncio
import json
import sys
import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from pydantic import ValidationError

from twin.config import Settings
from twin.domain.actor import Audience, Role, full_actor
from twin.domain.history import Command
from twin.errors import InvalidInput, TwinError, Unavailable
from twin.identity import Granularity

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


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
def serve(host: str, port: int) -> None:
    """Start the service and keep it running until Ctrl-C."""
    from twin import app

    app.serve(Settings(), host, port, click.echo)


@main.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
def demo(port: int) -> None:
    """Start the service on this machine alone, with a small fleet and the key `demo`."""
    from twin import app

    app.serve_demo(Settings(graphiql=True), port, click.echo)


@main.command()
@click.argument("asset")
@click.option("--profile", "-p", required=True, help="What kind of label, such as asset_tag or vin_plate.")
@click.option("--face", "-f", multiple=True, metavar="NAME=TEXT", help="A printed field; may be repeated.")
@click.option("--register", "-r", metavar="KIND", help="Register the asset first, as this kind of thing.")
@click.option("--name", "-n", help="With --register: what people call it; its identifier if not said.")
@click.option("--id", "mutation_id", help="Your name for this one request: repeating it issues nothing twice.")
def issue(
    asset: str, profile: str, face: tuple[str, ...], register: str | None, name: str | None, mutation_id: str | None
) -> None:
    """Issue a label for ASSET: an id, or an identifier such as vin:1M8GDM9AXKP042788."""
    from twin.services.labels import Order

    texts: dict[str, str | None] = {}
    for pair in face:
        field, text = _pair(pair)
        if field in texts:
            raise click.BadParameter(f"{field} is given twice", param_hint="--face")
        texts[field] = text
    request = mutation_id or f"cli-{uuid.uuid4()}"

    async def work(services: Any) -> Any:
        if register:
            found = await services.assets.register(
                OPERATOR,
                kind=register,
                granularity=Granularity.ITEM,
                name=name or asset,
                identifiers=[asset],
                attributes={},
                command=Command(client_mutation_id=f"{request}-asset"),
            )
        else:
            found = await services.assets.find(OPERATOR, asset)
        order = Order(asset=found["_id"], profile=profile, face=texts)
        return (await services.labels.issue(OPERATOR, [order], Command(client_mutation_id=request)))[0], services

    label, services = _run(work, changes=True)
    click.echo(f"{label['head']['link_id']}  {label['head']['state']}  {services.labels.payload(label)}")


@main.command("read")
@click.argument("text")
@click.option("--symbology", "-s", help="AIM's symbology identifier, such as ]d2, if the scanner told.")
def read_text(text: str, symbology: str | None) -> None:
    """Say what a scanned TEXT can be, field by field. Asks no database."""
    from twin import identity

    reading = identity.read(text, symbology)
    for candidate in reading.candidates:
        click.echo(candidate.canonical)
        _tell(*((part.name, part.value) for part in candidate.parts))
        _tell(*(("also", other.canonical) for other in candidate.implied))
        _tell(*((finding.code, finding.message) for finding in candidate.findings))
    for fragment in reading.fragments:
        click.echo(fragment.title)
        _tell(*((part.name, part.value) for part in fragment.parts))
        _tell(*((finding.code, finding.message) for finding in fragment.findings))
    if not reading.candidates and not reading.fragments:
        raise InvalidInput(reading.faults[0].message if reading.faults else "Text of no known form.")


def _tell(*rows: tuple[str, str]) -> None:
    for name, value in rows:
        click.echo(f"  {name:<40} {value}")


@main.command()
@click.argument("label")
@click.option("--revision", type=click.IntRange(min=1), help="The label as it was at this revision.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole twin as JSON.")
def show(label: str, revision: int | None, *, as_json: bool) -> None:
    """Show LABEL, by its link id or id, and its history."""

    async def work(services: Any) -> Any:
        document = await services.labels.find(OPERATOR, label, revision)
        versions = await services.labels.versions(OPERATOR, label, 1, document["revision"])
        asset = document["head"].get("asset")
        named = (await services.assets.of_labels(OPERATOR, [asset])).get(asset) if asset else None
        return document, versions, named, services.labels.payload(document)

    document, versions, asset, payload = _run(work)
    head = document["head"]
    if as_json:
        whole = {**document, "versions": versions}
        click.echo(json.dumps(whole, default=str, ensure_ascii=False, indent=2))
        return
    click.echo(f"{head['link_id']}  revision {document['revision']}  {head['state']}  {head['profile']}")
    click.echo(f"  {'payload':<13} {payload}")
    if asset is not None:
        click.echo(f"  {'asset':<13} {asset['head']['name']}  {' '.join(asset['head'].get('identifiers', ()))}")
    for field, text in head.get("face", {}).items():
        click.echo(f"  {field:<13} {text}")
    click.echo("history")
    for version in reversed(versions):
        at = version["occurred_at"].isoformat(sep=" ", timespec="seconds")
        why = f"  {version['reason']}" if "reason" in version else ""
        click.echo(f"  {version['revision']:>3}  {at}  {version['action']:<17}  {version['actor']}{why}")


@main.command()
@click.argument("label")
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="label.svg, .png, .pdf or .zpl; the ending chooses the format. Standard output, as SVG, if not said.",
)
@click.option("--symbology", "-s", help="One that the label's profile permits; its first if not said.")
@click.option("--module", "module_mm", default=0.5, show_default=True, help="The side of a module, in millimetres.")
@click.option("--dpi", default=300, show_default=True, help="Dots per inch, where the format has dots.")
def render(label: str, output: Path | None, symbology: str | None, module_mm: float, dpi: int) -> None:
    """Draw the symbol of LABEL, by its link id or id."""
    from twin.services import printing

    format_name = "svg" if output is None else output.suffix.removeprefix(".").lower()

    async def work(services: Any) -> Any:
        document = await services.labels.find(OPERATOR, label)
        return printing.draw_label(
            document,
            services.labels.payload(document),
            symbology=symbology,
            format_name=format_name,
            module_mm=module_mm,
            dpi=dpi,
        )

    image = _run(work)
    if output is None:
        sys.stdout.buffer.write(image.content)
        return
    try:
        output.write_bytes(image.content)
    except OSError as error:
        raise Failure(f"{output} cannot be written: {error.strerror}.", 2) from error
    click.echo(f"{output}  {len(image.content)} bytes  sha256 {image.sha256}")


@main.command("check-history")
@click.argument("twin", required=False)
def check_history(twin: str | None) -> None:
    """Check that the history of TWIN, an id, or of every twin, is what was written; exit code 1 when it is not."""

    async def work(services: Any) -> Any:
        return await services.audit.check_history(OPERATOR, twin)

    report = _run(work)
    for finding in report.findings:
        where = "" if finding.revision is None else f"  revision {finding.revision}"
        click.echo(f"{finding.subject}{where}  {finding.why}")
    if twin is not None:
        for tail in report.tails:
            click.echo(f"{tail.twin}  revisions {tail.first} to {tail.last}  are covered by no checkpoint yet")
    against = "no checkpoint" if report.checkpoint is None else f"checkpoint {report.checkpoint} of {report.made_at}"
    click.echo(f"{report.twins} twins with {report.versions} versions checked against {against}.")
    click.echo(f"Not covered by it: {report.uncovered_versions} versions of {report.uncovered_twins} twins.")
    click.echo("Whole." if report.broken == 0 else f"Broken: {report.broken} findings.")
    if report.broken:
        sys.exit(1)


@main.command()
@click.option("--public-key", is_flag=True, help="Print the public key instead, which auditors need; make none.")
def checkpoint(*, public_key: bool) -> None:
    """Sign the newest version of every twin, and print what was signed: keep it where others cannot reach it."""
    if public_key:
        from twin import app

        click.echo(app.signer(Settings()).public_pem, nl=False)
        return

    async def work(services: Any) -> Any:
        return await services.audit.checkpoint(OPERATOR)

    made = _run(work, changes=True)
    if made.signed is None:
        click.echo("There is nothing to sign yet.", err=True)
    else:
        if not made.is_new:
            click.echo("Nothing has changed since this checkpoint:", err=True)
        click.echo(json.dumps({name: made.signed[name] for name in ("body", "signature")}, indent=2))
    for twin in made.broken:
        click.echo(f"{twin}  does not extend what the checkpoint before says of it; see twin check-history", err=True)
    if made.broken:
        sys.exit(1)


@main.command()
@click.argument("twin")
def proof(twin: str) -> None:
    """Print all that an auditor needs to check TWIN, an id, link id or identifier, without the service."""

    async def work(services: Any) -> Any:
        return await services.audit.proof(OPERATOR, twin)

    click.echo(json.dumps(_run(work), indent=1))


@main.command()
def schema() -> None:
    """Print the GraphQL schema."""
    from twin.api.graphql.schema import sdl

    click.echo(sdl(), nl=False)


@main.command()
@click.argument("url")
@click.option("--known", "-k", multiple=True, required=True, metavar="PATH", help="What it knows: 01/09506000134352.")
@click.option("--insecure", is_flag=True, help="Take a certificate that nobody vouches for, as a self-signed one.")
def doctor(url: str, known: tuple[str, ...], *, insecure: bool) -> None:
    """Examine the GS1 resolver at URL; exit code 1 when it breaks a SHALL. Asks nobody else.

    URL is what stands before the paths. The more levels, types and languages the known paths have links of, the more
    can be asked.
    """
    from twin.exchange.doctor import Client, Verdict, examine

    with Client(url, insecure=insecure) as client:
        findings = examine(client, known)
    for found in findings:
        statement = found.statement
        strength = "SHALL" if statement.binding else "SHOULD"
        click.echo(f"{found.verdict:<9} {statement.number:>2}  {strength:<6} {statement.name:<28} {statement.text}")
        if found.why:
            click.echo(f"{'':<21} {found.why}")
    counts = {verdict: sum(found.verdict is verdict for found in findings) for verdict in Verdict}
    click.echo(", ".join(f"{count} {verdict}" for verdict, count in counts.items()) + ".")
    if any(found.breaks for found in findings):
        sys.exit(1)


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

    click.echo(_run(work, changes=True))


@main.command("audit-log")
@click.option("--actor", help="Of this caller.")
@click.option("--operation", help="Of this operation, such as reviseLabel.")
@click.option("--outcome", help="With this outcome: done, or an error's code such as FORBIDDEN.")
@click.option("--since", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]), help="Of this moment or later.")
@click.option("--most", default=100, show_default=True, type=click.IntRange(1, 10_000), help="Rows at most.")
def audit_log(actor: str | None, operation: str | None, outcome: str | None, since: datetime | None, most: int) -> None:
    """Print who changed what, and what was refused, newest first."""
    from twin.services.audit_log import Wanted
    from twin.store.paging import PageRequest

    wanted = Wanted(actor, operation, outcome, since)

    async def work(services: Any) -> Any:
        return await services.audit_log.page(OPERATOR, wanted, PageRequest(most))

    for row in _run(work, changes=True).documents:
        at = row["created"]["recorded_at"].isoformat(sep=" ", timespec="milliseconds")
        nodes = "".join(f"  {node['id']}@{node['revision']}" for node in row.get("nodes", ()))
        times = f" x{row['times']}" if row["times"] > 1 else ""
        who = f"{row['actor']}  {row.get('client', '-')}  {row.get('request_id', '-')}"
        click.echo(f"{at}  {row['outcome']}{times}  {row['door']} {row['operation']}  {who}{nodes}")


@keys.command("list")
def list_keys() -> None:
    """List the keys: id, name, roles, and whether each holds still. Their texts are nowhere."""

    async def work(services: Any) -> Any:
        return await services.keys.all(OPERATOR)

    def day(at: Any) -> str:
        return at.isoformat(sep=" ", timespec="minutes")[:16] if at else "never"

    for listed in _run(work):
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

    _run(work, changes=True)
    click.echo(f"{key} is revoked.")


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

    async def opened() -> dict[str, int]:
        async with app.prepared_database(Settings()) as mongo:
            with click.progressbar(length=0, label=title, show_percent=False, show_pos=True, file=sys.stderr) as bar:
                return await work(mongo, file, bar.update)

    counts = asyncio.run(opened())
    for name, count in counts.items():
        click.echo(f"{count:>10}  {name}")


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise click.BadParameter(f"expected NAME=TEXT, found {text!r}", param_hint="--face")
    return name, value


def _run(work: Callable[[Any], Awaitable[Result]], *, changes: bool = False) -> Result:
    from twin import app
    from twin.services.audit_log import Call, Door

    command = click.get_current_context().command_path.partition(" ")[2]

    async def opened() -> Result:
        async with app.opened(Settings()) as services:
            if not changes:
                return await work(services)
            return await services.audit_log.audited(Call(OPERATOR.id, Door.CLI), command, work(services))

    return asyncio.run(opened())
