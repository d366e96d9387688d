"""Printing: the symbol of a label, and refusals in our own words."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

import renderers
from twin.errors import InvalidInput
from twin.services import printing

PAYLOAD = "HTTPS://TWIN.EXAMPLE/L/0123456789ABC8"
SHORTEST = {
    "code128": "TWIN-42",
    "code39": "TWIN-42",
    "gs1128": "0109506000134352",
    "gs1datamatrix": "0109506000134352",
    "gs1qr": "0109506000134352",
    "microqr": "TWIN-42",
}
LABEL = {"head": {"profile": "vin_plate"}}


@pytest.mark.parametrize("symbology", printing.symbologies())
@pytest.mark.parametrize("format_name", printing.formats())
def test_every_kind_in_every_format_is_the_same_bytes_each_time(symbology: str, format_name: str) -> None:
    payload = SHORTEST.get(symbology, PAYLOAD)
    one = printing.draw(payload, symbology, format_name, module_mm=0.5, dpi=300)
    printing.DRAWN.clear()
    assert one == printing.draw(payload, symbology, format_name, module_mm=0.5, dpi=300)
    assert one.sha256 == hashlib.sha256(one.content).hexdigest()
    assert one.media_type.startswith(("image/", "application/"))
    assert one.content != printing.draw(f"{payload}10A", symbology, format_name, module_mm=0.5, dpi=300).content


@pytest.mark.parametrize(
    "given",
    [
        {"symbology": "pdf417"},
        {"symbology": "code39"},  # which holds no URL
        {"symbology": "microqr"},
        {"symbology": "gs1qr"},
        {"format_name": "gif"},
        {"payload": ""},
        {"payload": "x" * 10_000},
        {"module_mm": 0.0},
        {"module_mm": -1.0},
        {"module_mm": float("nan")},
        {"format_name": "png", "dpi": 0},
        {"format_name": "zpl", "dpi": 301},
    ],
)
def test_what_the_renderer_refuses_is_invalid_input(given: dict[str, Any]) -> None:
    usual: dict[str, Any] = {"payload": PAYLOAD, "symbology": "qr", "format_name": "svg", "module_mm": 0.5, "dpi": 300}
    asked = usual | given
    with pytest.raises(InvalidInput):
        printing.draw(
            asked["payload"], asked["symbology"], asked["format_name"], module_mm=asked["module_mm"], dpi=asked["dpi"]
        )


def test_a_label_is_drawn_in_the_first_kind_that_its_profile_permits_or_in_another_one() -> None:
    default = printing.draw_label(LABEL, PAYLOAD)
    assert default == printing.draw(PAYLOAD, "datamatrix", "svg", module_mm=0.5, dpi=300)
    assert printing.draw_label(LABEL, PAYLOAD, symbology="qr", format_name="png") == printing.draw(
        PAYLOAD, "qr", "png", module_mm=0.5, dpi=300
    )


@pytest.mark.parametrize("symbology", [*SHORTEST, "pdf417"])
def test_a_kind_that_the_profile_forbids_is_refused(symbology: str) -> None:
    with pytest.raises(InvalidInput, match=f"VIN plate permits datamatrix or qr, found '{symbology}'") as refused:
        printing.draw_label(LABEL, PAYLOAD, symbology=symbology)
    assert refused.value.path == ("symbology",)


def test_the_link_has_the_options_that_its_profile_asks_for() -> None:
    plate = {"head": {"profile": "nameplate"}}
    chosen = printing.draw(PAYLOAD, "qr", "svg", module_mm=0.5, dpi=300, options={"level": "Q"})
    assert printing.draw_label(plate, PAYLOAD) == chosen
    assert chosen != printing.draw(PAYLOAD, "qr", "svg", module_mm=0.5, dpi=300)
    assert printing.draw_label(plate, PAYLOAD, symbology="datamatrix").content


def test_an_unchanged_symbol_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    printing.DRAWN.clear()
    asked: dict[str, Any] = {"symbology": "qr", "format_name": "svg", "module_mm": 0.5, "dpi": 300, "options": {}}
    first = printing.draw(PAYLOAD, **asked)
    others = ({"symbology": "datamatrix"}, {"format_name": "png"}, {"module_mm": 0.4}, {"options": {"level": "H"}})
    assert first not in [printing.draw(PAYLOAD, **{**asked, **other}) for other in others]
    drawn: list[str] = []
    write = renderers.write

    def counted(symbol: renderers.Symbol, name: str, **more: Any) -> bytes:
        drawn.append(name)
        return write(symbol, name, **more)

    monkeypatch.setattr(renderers, "write", counted)
    assert printing.draw(PAYLOAD, **asked) == first
    assert drawn == []
    assert printing.draw(f"{PAYLOAD}1", **asked) != first
    assert printing.draw(PAYLOAD, **{**asked, "dpi": 203, "format_name": "png"}).content
    assert drawn == ["svg", "png"]
