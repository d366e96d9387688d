"""issue, show, render: one label; and read, which needs none."""

from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path
from typing import Any

import click

from twin.cli.command import OPERATOR, Failure, main, run
from twin.domain.history import Command
from twin.errors import InvalidInput
from twin.identity import Granularity


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

    label, services = run(work, noted=True)
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
        names = await services.people.names(OPERATOR, {version["actor"] for version in versions})
        return document, versions, named, services.labels.payload(document), names

    document, versions, asset, payload, names = run(work)
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
        who = version["actor"]
        called = f" ({names[who]})" if who in names else ""
        click.echo(f"  {version['revision']:>3}  {at}  {version['action']:<17}  {who}{called}{why}")


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

    image = run(work)
    if output is None:
        sys.stdout.buffer.write(image.content)
        return
    try:
        output.write_bytes(image.content)
    except OSError as error:
        raise Failure(f"{output} cannot be written: {error.strerror}.", 2) from error
    click.echo(f"{output}  {len(image.content)} bytes  sha256 {image.sha256}")


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise click.BadParameter(f"expected NAME=TEXT, found {text!r}", param_hint="--face")
    return name, value
