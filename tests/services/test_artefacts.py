"""Artefacts: of each profile's sample in each format the same bytes again, with all that is on it recorded."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

import renderers
from twin.domain.builtin import builtins, sample
from twin.domain.history import canonical_json
from twin.domain.print_job import Override, PrintFormat, PrintOrder
from twin.domain.profiles import profile
from twin.domain.tag import Tag
from twin.errors import InvalidInput, LabelNotClean
from twin.services.artefacts import Layout, artefact_of, clean_artefact_of, grid_of, require_clean

PAYLOAD = "HTTPS://TWIN.EXAMPLE/L/0123456789ABC8"


@pytest.mark.parametrize("name", sorted(builtins()))
@pytest.mark.parametrize("format_", PrintFormat)
def test_every_sample_is_drawn_again_as_it_was(name: str, format_: PrintFormat) -> None:
    head = sample(name)
    label = {"_id": "lbl_sample", "head": head}
    order = PrintOrder(format_)
    layout = Layout.of(builtins()[name], order.dpi)
    made, again = (artefact_of(label, PAYLOAD, layout, order, job="job_a") for _ in range(2))
    assert (made.content, made.provenance) == (again.content, again.provenance)
    assert made.provenance.sha256 == hashlib.sha256(made.content).hexdigest()
    assert made.provenance.template_sha256 == builtins()[name].template.sha256
    symbols = {symbol.name: symbol for symbol in made.provenance.symbols}
    assert symbols["link"].content == PAYLOAD
    assert {carrier.name for carrier in profile(name).carriers if carrier.required} <= symbols.keys()
    for symbol in symbols.values():
        assert symbol.content == profile(name).content(symbol.name, payload=PAYLOAD, face=head["face"])
        assert symbol.symbology in renderers.symbologies()
    canonical_json(made.provenance.as_evidence())  # no float anywhere


def test_the_module_of_a_printer_is_of_whole_dots() -> None:
    label = {"_id": "lbl_sample", "head": sample("asset_tag")}
    layout = Layout.of(builtins()["asset_tag"], 203)
    zpl, pdf = (
        artefact_of(label, PAYLOAD, layout, PrintOrder(format_, dpi=203), job="job_a").provenance.symbols[0].module
        for format_ in (PrintFormat.ZPL, PrintFormat.PDF)
    )
    dots = float(zpl) * 203 / 25.4
    assert abs(dots - round(dots)) < 0.001
    assert zpl != pdf


def test_of_several_broken_rules_each_needs_its_override() -> None:
    head = sample("asset_tag")
    label = {"_id": "lbl_sample", "head": {**head, "face": {"colour": "red"}}}
    layout = Layout.of(builtins()["asset_tag"], 300)
    with pytest.raises(LabelNotClean) as refused:
        require_clean(label, (), layout, PrintOrder(PrintFormat.PDF))
    rules = set(refused.value.rules)
    assert {"field.unknown", "field.required"} <= rules
    some = (Override("field.unknown", "last year's"), Override("never.broken", "for a rainy day"))
    with pytest.raises(LabelNotClean) as refused:
        require_clean(label, (), layout, PrintOrder(PrintFormat.PDF, overrides=some))
    assert set(refused.value.rules) == rules - {"field.unknown"}
    every = tuple(Override(rule, f"because of {rule}") for rule in sorted(rules))
    passed = require_clean(label, (), layout, PrintOrder(PrintFormat.PDF, overrides=(*every, some[1])))
    assert passed == {rule: f"because of {rule}" for rule in rules}


def test_a_tag_is_written_by_zpl_alone_and_recorded() -> None:
    head = sample("asset_tag")
    label, sgtin = {"_id": "lbl_sample", "head": head}, ("gs1:01/80614141123458/21/6789",)
    version = builtins()["asset_tag"]
    layout = Layout.of(replace(version, template=replace(version.template, tag=Tag(7, 3))), 300)
    zpl = PrintOrder(PrintFormat.ZPL)
    made = clean_artefact_of(label, PAYLOAD, sgtin, layout, zpl)
    epc = "3074257BF7194E4000001A85"
    assert made.content.decode().count(f"^RFW,H,,,A^FD{epc}^FS") == made.content.count(b"^RF") == 1
    assert made.provenance.as_evidence()["epc"] == epc
    assert artefact_of(label, PAYLOAD, layout, zpl, epc=epc).content == made.content  # as a download draws it again
    with pytest.raises(InvalidInput, match="writes an RFID tag, which needs zpl, found pdf"):
        clean_artefact_of(label, PAYLOAD, sgtin, layout, PrintOrder(PrintFormat.PDF))
    with pytest.raises(LabelNotClean) as refused:
        clean_artefact_of(label, PAYLOAD, (), layout, zpl)
    assert refused.value.rules == ("tag.epc",)
    blank = PrintOrder(PrintFormat.ZPL, overrides=(Override("tag.epc", "written by hand"),))
    made = clean_artefact_of(label, PAYLOAD, (), layout, blank)
    assert b"^RF" not in made.content
    assert "epc" not in made.provenance.as_evidence()


def test_a_sheet_without_room_is_refused() -> None:
    with pytest.raises(InvalidInput, match="labels with a width"):
        grid_of("LETTER", 2, 2, (0, 110, 0, 110))
