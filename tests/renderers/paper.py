"""A label with everything on it, and readers of what was drawn that share no line with the writers."""

from __future__ import annotations

import re
from io import BytesIO

import pypdfium2
import zxingcpp
from PIL import Image

from renderers import Box, Drawing, Line, Mark, Page, Picture, Text, compose

LINK = "HTTPS://ID.EXAMPLE.COM/L/0123456789ABCD"
ELEMENTS = "010950600013435210ABC\x1d21SER42"
MARKS = {("]Q1", LINK), ("]d2", ELEMENTS), ("]C0", "SN-000042")}
EPC = "3074257BF7194E4000001A85"
HOSTILE = [
    "^XZ~JA^XA",
    "~DGR:A.GRF,8,1,FF",
    "</svg><script>alert(1)</script>",
    "]]>&amp;\"'<!--",
    ")Tj ET endstream endobj",
    "<</JavaScript(app.alert(1))>> %%EOF",
    "{serial} ${PATH} `reboot`",
]


def dot_png() -> bytes:
    """Dark, but for its middle."""
    picture = Image.new("L", (9, 9), 0)
    picture.paste(255, (3, 3, 6, 6))
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


SAMPLE = Page(
    100,
    50,
    (
        Box(0.5, 0.5, 99, 49, 0.3),
        Text(3, 3, 60, 4, "ACME Κατασκευαστής Завод Žižkov", 3, least=1.5),
        Text(3, 9, 60, 12, "Drucktransmitter · Μεταδότης πίεσης · Преобразователь давления", 2, least=1.2, wrap=True),
        Line(3, 22, 62, 22, 0.2),
        Text(30, 24, 30, 3, "SN-000042/Ж", 2, align="right"),
        Mark(67, 4, LINK, "qr", 0.75, options={"level": "Q"}, frame=True),
        Text(64, 38, 34, 3, "0123456789ABCD", 2, font="ocr", align="centre"),
        Mark(3, 34, ELEMENTS, "gs1datamatrix", 0.4),
        Mark(18, 36, "SN-000042", "code128", 0.25),
        Picture(88, 42, 6, 6, dot_png()),
    ),
    epc=EPC,
)


def sample() -> Drawing:
    return compose(SAMPLE)


def read(picture: Image.Image) -> set[tuple[str, str]]:
    """The symbology identifiers and contents of all symbols on a picture."""
    found = zxingcpp.read_barcodes(picture.convert("L"), text_mode=zxingcpp.TextMode.Plain)
    return {(code.symbology_identifier, code.bytes.decode()) for code in found}


def pdf_pages(pdf: bytes, dpi: float = 300) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=dpi / 72).to_pil().convert("L") for page in document]
    finally:
        document.close()


def opened(png: bytes) -> Image.Image:
    return Image.open(BytesIO(png)).convert("L")


def likeness(one: Image.Image, other: Image.Image) -> float:
    """The part of what is dark on either picture that is dark on both."""
    assert abs(one.width - other.width) <= 1
    assert abs(one.height - other.height) <= 1
    size = min(one.width, other.width), min(one.height, other.height)
    masks = [
        int.from_bytes(picture.crop((0, 0, *size)).point(lambda dot: 255 * (dot < 128), "1").tobytes())
        for picture in (one, other)
    ]
    return (masks[0] & masks[1]).bit_count() / (masks[0] | masks[1]).bit_count()


def zpl_dots(zpl: bytes) -> Image.Image:
    """What a format prints, by the programming guide; what is no graphic nor tag of ours is an error."""
    head = re.match(rb"\^XA\^PW(\d+)\^LL(\d+)\^LH0,0\^LRN\^PMN\n(?:\^RFW,H,,,A\^FD[0-9A-F]+\^FS\n)?", zpl)
    assert head, f"no format of ours: {zpl[:200]!r}"
    label = Image.new("L", (int(head[1]), int(head[2])), 255)
    at = head.end()
    field = re.compile(rb"\^FO(\d+),(\d+)\^GFA,(\d+),(\d+),(\d+),([0-9A-F]*)\^FS\n")
    while found := field.match(zpl, at):
        x, y, sent, count, octets = (int(number) for number in found.groups()[:5])
        data = bytes.fromhex(found[6].decode())
        assert sent == count == len(data) <= 99_999
        dark = Image.frombytes("1", (octets * 8, count // octets), data)
        label.paste(0, (x, y), dark)
        at = found.end()
    assert zpl[at:] == b"^XZ\n"
    return label
