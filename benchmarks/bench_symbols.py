"""Symbols a CPU-second, encoded, read back and drawn, beside others on the same payloads; and a sheet of 1,000.

Ours and theirs in turns; the medians of the rounds. A ratio of 2 means that ours draws twice as many. Ours reads every
symbol back, which nobody else does; "not read" is ours without. Others are left out where they are not installed:
`pip install pystrich python-barcode qrcode reportlab`, `npm install --no-save bwip-js`, and Debian's zint.
"""

from __future__ import annotations

import json
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any

import segno
import zxingcpp
from PIL import Image

from renderers import encode, write
from renderers.symbologies import code128, datamatrix, gs1datamatrix, qr
from renderers.writers.pdf import A4, Grid, sheet

ROUNDS = 5
DRAWN = 40  # symbols a round
SCALE = 6
LABELS = 1_000
MODULE_MM = 0.5
FORMS = "svg", "png"
ROOT = Path(__file__).parent.parent
NUMBERS: Iterator[int] = count()

Draw = Callable[[str], object]
Spend = Callable[[list[str]], float]
"""Draws symbols, and says how many seconds of CPU that took."""

GTIN = "0109506000134352"
PAYLOADS: Mapping[str, Callable[[int], str]] = {  # never the same twice, and always as long
    "qr": "HTTP://127.0.0.1:8000/L/{:014}".format,
    "datamatrix": "HTTP://127.0.0.1:8000/L/{:014}".format,
    "gs1datamatrix": (GTIN + "10LOT7\x1d21{:08}").format,
    "code128": "TWIN-{:012}".format,
}
UNREAD: Mapping[str, Callable[[str], Any]] = {
    "qr": qr.encode,
    "datamatrix": datamatrix.encode,
    "gs1datamatrix": gs1datamatrix.encode,
    "code128": code128.encode,
}
ZXING: Mapping[str, tuple[Any, dict[str, Any]]] = {
    "qr": (zxingcpp.QRCode, {"ec_level": "M"}),
    "datamatrix": (zxingcpp.DataMatrix, {"force_square": True}),
    "gs1datamatrix": (zxingcpp.DataMatrix, {"force_square": True, "gs1": True}),
    "code128": (zxingcpp.Code128, {}),
}
ZINT = {
    "qr": ("-b58", "--secure=2"),
    "datamatrix": ("-b71", "--square"),
    "gs1datamatrix": ("-b71", "--square", "--gs1"),
    "code128": ("-b20",),
}
BWIP = {"qr": "qrcode", "datamatrix": "datamatrix", "gs1datamatrix": "gs1datamatrix", "code128": "code128"}
BWIP_SCRIPT = """
const bwip = require('bwip-js'), fs = require('fs');
const { kind, form, texts } = JSON.parse(fs.readFileSync(0, 'utf8'));
const options = text => ({ bcid: kind, text, scale: 6, eclevel: kind === 'qrcode' ? 'M' : undefined });
const draw = text => form === 'svg' ? bwip.toSVG(options(text)) : bwip.toBuffer(options(text));
(async () => {
  for (const text of texts) await draw(text);
  const begun = process.cpuUsage();
  for (const text of texts) await draw(text);
  const { user, system } = process.cpuUsage(begun);
  console.log((user + system) / 1e6);
})();
"""


def spent(draw: Draw) -> Spend:
    """What a function of this process spends."""

    def spend(texts: list[str]) -> float:
        begun = time.process_time()
        for text in texts:
            draw(text)
        return time.process_time() - begun

    return spend


def bracketed(symbology: str, text: str, brackets: str = "[]") -> str:
    """A payload as libraries want it that put in FNC1 themselves."""
    if symbology != "gs1datamatrix":
        return text
    left, right = brackets[0], brackets[1]
    lot, serial = text.removeprefix(GTIN).split("\x1d")
    return f"{left}01{right}{GTIN[2:]}{left}10{right}{lot[2:]}{left}21{right}{serial[2:]}"


def by_zxing(symbology: str, form: str) -> Draw:
    kind, options = ZXING[symbology]

    def draw(text: str) -> object:
        code = zxingcpp.create_barcode(bracketed(symbology, text), kind, **options)
        if form == "svg":
            return code.to_svg()
        file = BytesIO()
        Image.fromarray(code.to_image(scale=SCALE)).save(file, "PNG")
        return file

    return draw


def by_segno(form: str) -> Draw:
    def draw(text: str) -> object:
        file = BytesIO()
        segno.make(text, error="M", micro=False, mode="alphanumeric").save(file, kind=form, scale=SCALE, border=4)
        return file

    return draw


def by_qrcode(form: str) -> Draw:
    library = import_module("qrcode")
    path = import_module("qrcode.image.svg").SvgPathImage

    def draw(text: str) -> object:
        code = library.QRCode(error_correction=library.ERROR_CORRECT_M, box_size=SCALE, image_factory=None)
        code.add_data(text)
        file = BytesIO()
        (code.make_image(image_factory=path) if form == "svg" else code.make_image()).save(file)
        return file

    return draw


def by_python_barcode(form: str) -> Draw:
    writers, kind = import_module("barcode.writer"), import_module("barcode").Code128

    def draw(text: str) -> object:
        file = BytesIO()
        kind(text, writer=writers.SVGWriter() if form == "svg" else writers.ImageWriter()).write(file)
        return file

    return draw


def by_pystrich(symbology: str, form: str) -> Draw:
    name = {"qr": "QRCodeEncoder", "datamatrix": "DataMatrixEncoder", "code128": "Code128Encoder"}[symbology]
    encoder = getattr(import_module(f"pystrich.{'qrcode' if symbology == 'qr' else symbology}"), name)
    return lambda text: encoder(text).get_svg() if form == "svg" else encoder(text).get_imagedata()


def by_zint(symbology: str, form: str) -> Spend:
    import resource

    def spend(texts: list[str]) -> float:
        with tempfile.TemporaryDirectory() as folder:
            lines = "".join(f"{bracketed(symbology, text)}\n" for text in texts)
            (Path(folder) / "texts").write_text(lines, encoding="ascii")
            command = ["zint", *ZINT[symbology], "--batch", "-i", "texts", "-o", f"~~~~.{form}", f"--scale={SCALE / 2}"]
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            assert len(list(Path(folder).glob(f"*.{form}"))) == len(texts)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return spend


def by_bwip(symbology: str, form: str) -> Spend:
    def spend(texts: list[str]) -> float:
        given = {
            "kind": BWIP[symbology],
            "form": form,
            "texts": [bracketed(symbology, text, "()") for text in texts],
        }
        done = subprocess.run(
            ["node", "-e", BWIP_SCRIPT],
            cwd=ROOT,
            input=json.dumps(given).encode(),
            check=True,
            capture_output=True,
            timeout=120,
        )
        return float(done.stdout)

    return spend


def has_bwip() -> bool:
    if shutil.which("node") is None:
        return False
    asked = ["node", "-e", "require('bwip-js')"]
    return subprocess.run(asked, cwd=ROOT, capture_output=True, timeout=60).returncode == 0


def peers() -> dict[str, bool]:
    """The others, and whether they are installed."""
    return {
        "zint": shutil.which("zint") is not None,
        "bwip-js": has_bwip(),
        "qrcode": find_spec("qrcode") is not None,
        "python-barcode": find_spec("barcode") is not None,
        "pystrich": find_spec("pystrich") is not None,
        "reportlab": find_spec("reportlab") is not None,
    }


def contestants(symbology: str, form: str, installed: Mapping[str, bool]) -> dict[str, Spend]:
    """Who draws such symbols, ours first."""
    unread = UNREAD[symbology]
    found: dict[str, Spend] = {
        "ours": spent(lambda text: write(encode(text, symbology), form)),
        "ours, not read": spent(lambda text: write(unread(text), form)),
    }
    if symbology == "qr":
        found["segno"] = spent(by_segno(form))
    found["zxing-cpp"] = spent(by_zxing(symbology, form))
    if installed["zint"]:
        found["zint"] = by_zint(symbology, form)
    if installed["bwip-js"]:
        found["bwip-js"] = by_bwip(symbology, form)
    if installed["qrcode"] and symbology == "qr":
        found["qrcode"] = spent(by_qrcode(form))
    if installed["python-barcode"] and symbology == "code128":
        found["python-barcode"] = spent(by_python_barcode(form))
    if installed["pystrich"] and symbology != "gs1datamatrix":
        found["pystrich"] = spent(by_pystrich(symbology, form))
    return found


def compare(symbology: str, form: str, installed: Mapping[str, bool]) -> None:
    spends = contestants(symbology, form, installed)
    seconds: dict[str, list[float]] = {name: [] for name in spends}
    for round_ in range(ROUNDS + 1):
        texts = [PAYLOADS[symbology](next(NUMBERS)) for _ in range(DRAWN)]
        for name, spend in spends.items():
            if name == "ours":  # or the symbols of this round would be remembered
                taken = spend([PAYLOADS[symbology](next(NUMBERS)) for _ in range(DRAWN)])
            else:
                taken = spend(texts)
            if round_:  # the first one is for warming up
                seconds[name].append(taken)
    rates = {name: DRAWN / statistics.median(taken) for name, taken in seconds.items()}
    for name, rate in rates.items():
        print(f"{symbology + ' as ' + form:<24} {name:<16} {rate:10.0f} {rates['ours'] / rate:8.2f}")


def by_reportlab(symbols: list[Any], grid: Grid) -> bytes:
    """What a program does that knows reportlab and a symbol's modules: a rectangle for each."""
    file = BytesIO()
    canvas = import_module("reportlab.pdfgen.canvas").Canvas(file, pagesize=(595.276, 841.89))
    unit, places = MODULE_MM * 72 / 25.4, list(grid.places())
    for number, symbol in enumerate(symbols):
        if number and number % len(places) == 0:
            canvas.showPage()
        left, top = places[number % len(places)]
        for y, row in enumerate(symbol.printed_rows):
            for found in re.finditer("1", f"{row:0{symbol.printed_width}b}"):
                across = left * 72 / 25.4 + found.start() * unit
                canvas.rect(across, 841.89 - top * 72 / 25.4 - (y + 1) * unit, unit, unit, stroke=0, fill=1)
    canvas.save()
    return file.getvalue()


def compare_sheets() -> None:
    grid = Grid(page=A4, columns=5, rows=13)
    ours, theirs = [], []
    for _ in range(3):
        texts = [PAYLOADS["qr"](next(NUMBERS)) for _ in range(LABELS)]
        begun = time.process_time()
        symbols = [encode(text, "qr") for text in texts]
        encoded = time.process_time() - begun
        begun = time.process_time()
        b"".join(sheet(symbols, grid, module_mm=MODULE_MM))
        ours.append((encoded, time.process_time() - begun))
        begun = time.process_time()
        by_reportlab(symbols, grid)
        theirs.append(time.process_time() - begun)
    encoded, drawn = (statistics.median(one) for one in zip(*ours, strict=True))
    other = statistics.median(theirs)
    print(f"\nsheets of {LABELS} QR Codes, seconds of CPU: drawn by us {drawn:.2f}, by reportlab {other:.2f}", end="")
    print(f" (ratio {other / drawn:.1f}); with encoding and reading back {encoded + drawn:.2f}", end="")
    print(f" and {encoded + other:.2f} (ratio {(encoded + other) / (encoded + drawn):.1f})")


def main() -> None:
    installed = peers()
    print(f"{'':<24} {'':<16} {'a CPU-second':>12} {'ours is':>8}")
    for symbology in PAYLOADS:
        for form in FORMS:
            compare(symbology, form, installed)
    if installed["reportlab"]:
        compare_sheets()
    if missing := [name for name, there in installed.items() if not there]:
        print(f"\nleft out, not installed: {', '.join(missing)}")


if __name__ == "__main__":
    main()
