"""Payloads that a symbology can hold, and readers that share no line with its writer."""

from __future__ import annotations

import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from hypothesis import strategies as st
from PIL import Image

from renderers import Symbol, write

ELEMENTS = "010950600013435210ABC\x1d21SER42"
SAMPLES = {
    "code128": "TWIN-42",
    "code39": "TWIN-42",
    "datamatrix": "TWIN-42",
    "gs1128": ELEMENTS,
    "gs1datamatrix": ELEMENTS,
    "gs1qr": ELEMENTS,
    "microqr": "TWIN-42",
    "qr": "TWIN-42",
}
LINEAR = ("code128", "code39", "gs1128")
ANY_TEXT = ("datamatrix", "qr")

# The characters of lots and serial numbers (GS1 General Specifications, 7.11, character set 82).
SET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
NO_ELEMENTS = {
    "leading FNC1": "\x1d0109506000134352",
    "trailing separator": "10ABC\x1d",
    "two separators": "10ABC\x1d\x1d21S",
    "separator after a predefined length": "0109506000134352\x1d10ABC",
    "separator too early": "010950600\x1d10ABC",
    "too short": "01095060001343",
    "no value": "10",
    "no value before a separator": "10\x1d21S",
    "no application identifier": "0550",
    "half of one": "1",
    "letters": "ABC",
    "letters in one": "3A1",
    "brackets": "[01]09506000134352",
    "a bracket in a value": "10A[B",
    "a space": "10A B",
    "a control character": "10A\x1eB",
    "beyond ASCII": "10Zł",
    "other digits": "1٣12",
}


def elements(longest: int = 20) -> st.SearchStrategy[str]:
    """Element strings of a GTIN, perhaps a date, a lot and a serial number."""
    value = st.text(SET_82, min_size=1, max_size=longest)
    return st.builds(
        "0109506000134352{}10{}\x1d21{}".format, st.sampled_from(["", "17261122", "11240229"]), value, value
    )


def png(symbol: Symbol) -> bytes:
    return write(symbol, "png", module_mm=0.5, dpi=203)


def read(
    symbol: Symbol, kind: zxingcpp.BarcodeFormat, mode: zxingcpp.TextMode = zxingcpp.TextMode.Plain
) -> zxingcpp.Barcode:
    image = Image.open(BytesIO(png(symbol))).convert("L")
    [found] = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormats(kind), text_mode=mode)
    return found


dmtxread = pytest.mark.skipif(
    shutil.which("dmtxread") is None,
    reason="dmtxread (Debian: dmtx-utils) is missing: Data Matrix is read by zxing-cpp alone, which wrote it",
)
zbarimg = pytest.mark.skipif(
    shutil.which("zbarimg") is None,
    reason="zbarimg (Debian: zbar-tools) is missing: linear symbols and GS1 QR are read by zxing-cpp alone",
)


def read_by_libdmtx(symbol: Symbol, folder: Path, *options: str) -> bytes:
    file = folder / "symbol.png"
    file.write_bytes(png(symbol))
    done = subprocess.run(["dmtxread", "-N1", "-m5000", *options, str(file)], capture_output=True, timeout=60)
    assert done.returncode == 0, f"dmtxread finds no symbol: {done.stderr!r}"
    return done.stdout


def read_by_zbar(symbol: Symbol, folder: Path) -> bytes:
    file = folder / "symbol.png"
    file.write_bytes(png(symbol))
    options = ["--quiet", "--raw", "--oneshot", "-Sbinary", "--nodbus"]
    done = subprocess.run(["zbarimg", *options, str(file)], capture_output=True, timeout=60)
    assert done.returncode == 0, f"zbarimg finds no symbol: {done.stderr!r}"
    return done.stdout
