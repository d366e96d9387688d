"""check-history, checkpoint, proof, audit-log: what auditors ask; and doctor, of resolvers."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Any

import click

from twin.cli.command import OPERATOR, main, run
from twin.config import Settings


@main.command("check-history")
@click.argument("twin", required=False)
def check_history(twin: str | None) -> None:
    """Check that the history of TWIN, an id, or of every twin, is what was written; exit code 1 when it is not."""

    async def work(services: Any) -> Any:
        return await services.audit.check_history(OPERATOR, twin)

    report = run(work)
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

    made = run(work, noted=True)
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

    click.echo(json.dumps(run(work), indent=1))


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
        page = await services.audit_log.page(OPERATOR, wanted, PageRequest(most))
        return page, await services.people.names(OPERATOR, {row["actor"] for row in page.documents})

    page, names = run(work, noted=True)
    for row in page.documents:
        at = row["created"]["recorded_at"].isoformat(sep=" ", timespec="milliseconds")
        nodes = "".join(
            f"  {node['id']}" + ("" if node["revision"] is None else f"@{node['revision']}")
            for node in row.get("nodes", ())
        )
        times = f" x{row['times']}" if row["times"] > 1 else ""
        name = f" ({names[row['actor']]})" if row["actor"] in names else ""
        who = f"{row['actor']}{name}  {row.get('client', '-')}  {row.get('request_id', '-')}"
        click.echo(f"{at}  {row['outcome']}{times}  {row['door']} {row['operation']}  {who}{nodes}")


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
