"""Photos of labels, taken by Pillow: turned, blurred, seen from the side, compressed."""

from __future__ import annotations

import math
import struct
import zlib
from io import BytesIO

from PIL import Image, ImageFilter

from renderers import encode, write

DESK = 118, 104, 90
ELEMENTS = "010950600013435210ABC\x1d21SER42"


def drawn(*symbols: tuple[str, str]) -> Image.Image:
    """A label with symbols side by side, each a payload and its symbology."""
    pictures = [
        Image.open(BytesIO(write(encode(payload, symbology), "png", module_mm=0.5, dpi=300))).convert("RGB")
        for payload, symbology in symbols
    ]
    label = Image.new(
        "RGB", (sum(one.width + 80 for one in pictures), max(one.height for one in pictures) + 80), "white"
    )
    left = 40
    for one in pictures:
        label.paste(one, (left, 40))
        left += one.width + 80
    return label


def taken(label: Image.Image, *, turn: float = 0, blur: float = 0, slant: float = 0) -> Image.Image:
    """A photo of a label on a desk.

    Args:
        label: what it shows.
        turn: degrees.
        blur: radius in pixels.
        slant: how much shorter the far edge is than the near one.
    """
    width, height = label.size
    side = math.ceil(math.hypot(width, height)) + 60
    desk = Image.new("RGB", (side, side), DESK)
    desk.paste(label, ((side - width) // 2, (side - height) // 2))
    photo = desk.rotate(turn, Image.Resampling.BICUBIC, fillcolor=DESK)
    far = slant * side / 2
    edge = (-far, 0, 0, side, side, side, side + far, 0)
    photo = photo.transform(photo.size, Image.Transform.QUAD, edge, Image.Resampling.BICUBIC, fillcolor=DESK)
    return photo.filter(ImageFilter.GaussianBlur(blur))


def file_of(photo: Image.Image, form: str = "JPEG", **options: object) -> bytes:
    """A photo as a camera saves it."""
    content = BytesIO()
    photo.save(content, form, **options)
    return content.getvalue()


def png_header(width: int, height: int) -> bytes:
    """The beginning of a PNG that claims a size; and nothing of its picture."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
