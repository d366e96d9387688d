"""The printer's own bar code commands: printed by an engine that we did not write, read by decoders, in our place."""

from __future__ import annotations

import random

import pytest
import zxingcpp
from PIL import Image

from renderers import Symbol, encode
from renderers.commands import command
from tests.renderers.engine import Printer, printer

__all__ = ["printer"]

DOTS, X, Y, HIGH = 4, 64, 80, 120
LABEL = 1600, 640
ELEMENT_STRING = "01095060001343521712021110ABC-1\x1d2112345"
TEXTS = {
    "code39": ["TWIN-42", "1M8GDM9AXKP042788", "AB-12.3 X"],
    "code128": ["TWIN-4X", "0123456789", "123456AB", "a_b\\e,f", "12"],
    "gs1128": ["010950600013435210AB-C\x1d21X", "00306141411234567891"],
    "qr": ["HTTP://127.0.0.1:8000/L/0123456789ABCD", "0123456789", "https://id.example.com/L/x?y=z&q=%20,a"],
    "datamatrix": ["TWIN-42", "https://id.example.com/L/0123456789abc", "a1b~1^FS", "1234567890" * 9],
    "gs1datamatrix": [ELEMENT_STRING, "010950600013435210A%B*C", "00306141411234567891"],
}
CASES = [(symbology, text) for symbology, texts in TEXTS.items() for text in texts]
HOSTILE = [
    "^XZ^XA^FO0,0^FDowned^FS",
    "~JR",
    "~DGR:A.GRF,8,1,FF",
    "^CC!",
    "\\5E\\7E_5E",
    ">8>5>0",
    "__1_2",
    "{}[]'\"<&;",
]


def printed(printer: Printer, field: str) -> Image.Image:
    return printer(f"^XA^PW{LABEL[0]}^LL{LABEL[1]}^LH0,0^LRN^PMN\n{field}^XZ\n".encode("ascii"), 203)


def field_of(symbol: Symbol) -> str:
    field = command(symbol, x=X, y=Y, dots=DOTS, high=HIGH)
    assert field is not None
    return field


def read(image: Image.Image) -> list[tuple[str, str]]:
    return [(found.bytes.decode(), found.symbology_identifier) for found in zxingcpp.read_barcodes(image)]


def ink(image: Image.Image) -> tuple[int, int, int, int] | None:
    return image.point(lambda dot: 255 * (dot < 128)).getbbox()


@pytest.mark.parametrize(("symbology", "text"), CASES)
def test_what_an_engine_prints_is_the_payload_in_our_place_and_size(
    printer: Printer, symbology: str, text: str
) -> None:
    symbol = encode(text, symbology)
    image = printed(printer, field_of(symbol))
    assert read(image) == [(text, symbol.aim)]
    high = HIGH if symbol.bar_mm is not None else symbol.height * DOTS
    assert ink(image) == (X, Y, X + symbol.width * DOTS, Y + high)


@pytest.mark.parametrize("symbology", ["qr", "datamatrix", "code128"])
@pytest.mark.parametrize("text", HOSTILE)
def test_no_payload_is_a_command(printer: Printer, symbology: str, text: str) -> None:
    symbol = encode(text, symbology)
    if (symbology == "datamatrix" and "_" in text) or (symbology == "code128" and {*">^~"} & {*text}):  # escapes
        assert command(symbol, x=X, y=Y, dots=DOTS, high=HIGH) is None
        return
    field = field_of(symbol)
    assert field.count("^FS") == field.count("^FD") == 1
    assert "~" not in field
    assert read(printed(printer, field)) == [(text, symbol.aim)]


@pytest.mark.parametrize("symbology", ["code39", "code128", "qr", "datamatrix"])
def test_random_payloads(printer: Printer, symbology: str) -> None:
    choice = random.Random(20261201)  # noqa: S311 - the same in every run
    letters = "0123456789ABCXYZ -" + {"code39": "", "datamatrix": "0123abc>^~\\,;#"}.get(symbology, "0123abc>^~_\\,;#")
    for _ in range(25):
        text = "".join(choice.choices(letters, k=choice.randint(2, 20))).strip() or "0"
        symbol = encode(text, symbology)
        field = command(symbol, x=X, y=Y, dots=DOTS, high=HIGH)
        if field is None:
            assert symbology == "code128"
            continue
        image = printed(printer, field)
        assert read(image) == [(text, symbol.aim)]
        assert (ink(image) or ())[::2] == (X, X + symbol.width * DOTS)


@pytest.mark.parametrize("level", "LMQH")
def test_the_level_of_error_correction_is_that_of_the_symbol(printer: Printer, level: str) -> None:
    symbol = encode("https://id.example.com/L/0123456789abc", "qr", level=level)
    image = printed(printer, field_of(symbol))
    [found], [ours] = zxingcpp.read_barcodes(image), zxingcpp.read_barcodes(picture(symbol))
    assert (found.ec_level, found.text) == (ours.ec_level, symbol.payload)


def picture(symbol: Symbol) -> Image.Image:
    rows = [
        [255 * (1 - (row >> symbol.printed_width - 1 - place & 1)) for place in range(symbol.printed_width)]
        for row in symbol.printed_rows
    ]
    image = Image.new("L", (symbol.printed_width, symbol.printed_height))
    image.putdata([dot for row in rows for dot in row])
    return image.resize((image.width * DOTS, image.height * DOTS), Image.Resampling.NEAREST)


@pytest.mark.parametrize(
    ("symbology", "text"),
    [
        ("microqr", "12345"),
        ("gs1qr", "0109506000134352"),
        ("qr", "Größe"),
        ("datamatrix", "Größe"),
        ("datamatrix", "[)>\x1e06\x1dS1\x1e\x04"),
        ("code128", "a\tb"),
        ("code128", "TWIN-42"),
        ("code128", "1234567"),
    ],
)
def test_what_no_command_can_say_has_none(symbology: str, text: str) -> None:
    assert command(encode(text, symbology), x=X, y=Y, dots=DOTS, high=HIGH) is None


@pytest.mark.parametrize(("x", "y", "dots"), [(-1, 80, 4), (64, -1, 4), (64, 9, 4), (64, 80, 2), (64, 80, 11)])
def test_a_qr_code_without_room_for_what_firmware_makes_of_its_place_has_none(x: int, y: int, dots: int) -> None:
    assert command(encode("TWIN-42", "qr"), x=x, y=y, dots=dots, high=dots) is None


def test_bars_wider_or_higher_than_a_command_takes_have_none() -> None:
    for symbology in ("code39", "code128"):
        symbol = encode("TWIN-42", symbology)
        assert command(symbol, x=0, y=0, dots=11, high=100) is None
        assert command(symbol, x=0, y=0, dots=4, high=10_000) is None
