"""Symbols per second, encoded, read back and drawn, beside the libraries' own drawings of the same payload.

Ours and theirs in turns. A ratio of 2 means that ours draws twice as many. Ours is timed with the read-back, which
every new payload has, and without it. Nobody reads back what the libraries draw by themselves.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import count

import segno
import zxingcpp
from PIL import Image

from renderers import encode, write
from renderers.symbologies import datamatrix, qr

ROUNDS = 7
DRAWN = 60  # symbols a round
SCALE = 6
NUMBERS: Iterator[int] = count()
Draw = Callable[[str], object]


def payload() -> str:
    """Never the same twice, and always as long."""
    return f"HTTP://127.0.0.1:8000/L/{next(NUMBERS):014}"


def zxing_png(text: str) -> bytes:
    file = BytesIO()
    code = zxingcpp.create_barcode(text, zxingcpp.DataMatrix, force_square=True)
    Image.fromarray(code.to_image(scale=SCALE)).save(file, "PNG")
    return file.getvalue()


def segno_drawn(text: str, kind: str) -> bytes:
    file = BytesIO()
    segno.make(text, error="M", micro=False, mode="alphanumeric").save(file, kind=kind, scale=SCALE, border=4)
    return file.getvalue()


def rate(draw: Draw) -> float:
    """Symbols per second in one round."""
    payloads = [payload() for _ in range(DRAWN)]
    begun = time.perf_counter()
    for text in payloads:
        draw(text)
    return DRAWN / (time.perf_counter() - begun)


def compare(title: str, ours: Draw, unread: Draw, theirs: Draw) -> None:
    rates = [(rate(ours), rate(unread), rate(theirs)) for _ in range(ROUNDS)]
    mine, bare, other = (statistics.median(one) for one in zip(*rates, strict=True))
    print(f"{title:<44} {mine:8.0f} {bare:10.0f} {other:8.0f} {mine / other:7.2f} {bare / other:9.2f}")


def main() -> None:
    print(f"{'symbols per second':<44} {'ours':>8} {'not read':>10} {'theirs':>8} {'ratio':>7} {'not read':>9}")
    for form in ("svg", "png"):
        compare(
            f"QR Code as {form.upper()}, theirs by segno",
            lambda text, form=form: write(encode(text, "qr"), form),  # type: ignore[misc]
            lambda text, form=form: write(qr.encode(text), form),  # type: ignore[misc]
            lambda text, form=form: segno_drawn(text, form),  # type: ignore[misc]
        )
        own = (
            zxing_png
            if form == "png"
            else lambda text: zxingcpp.create_barcode(text, zxingcpp.DataMatrix, force_square=True).to_svg()
        )
        compare(
            f"Data Matrix as {form.upper()}, theirs by zxing-cpp",
            lambda text, form=form: write(encode(text, "datamatrix"), form),  # type: ignore[misc]
            lambda text, form=form: write(datamatrix.encode(text), form),  # type: ignore[misc]
            own,
        )


if __name__ == "__main__":
    main()
