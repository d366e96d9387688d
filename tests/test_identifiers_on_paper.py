"""Random valid identifiers of each scheme, in every symbology that holds them, read by decoders that drew nothing.

Data Matrix is read by libdmtx, QR and linear symbols by zbar: neither shares a line with what encodes or reads back
here. The whole text must come back, byte for byte.
"""

from __future__ import annotations

import random
import shutil
import string
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from itertools import islice
from pathlib import Path

import pytest
from PIL import Image

from renderers import RenderError, Symbol, encode, write
from twin.errors import InvalidInput
from twin.identity.epc import EPC
from twin.identity.epc.keys import check_digit_of
from twin.identity.gs1 import GS1
from twin.identity.hibc import HIBC
from twin.identity.iec61406 import IdentificationLink
from twin.identity.iuid import IUID
from twin.identity.link import LinkId
from twin.identity.vin import VIN

SHORT, WHOLE = 60, 2_000
AT_ONCE = 100
STRIP = 24  # dots
DIGITS, CAPITALS, LETTERS = string.digits, string.ascii_uppercase, string.ascii_letters
SET_82 = DIGITS + LETTERS + "!\"%&'()*+,-./:;<=>?_"
VIN_CHARACTERS = "".join(character for character in CAPITALS + DIGITS if character not in "IOQ")
CAGE = "".join(character for character in DIGITS + CAPITALS if character not in "IO")

MATRIX = {"datamatrix": (), "gs1datamatrix": ("-G29",)}
ZBAR = {"code128": "code128", "code39": "code39", "gs1128": "code128", "gs1qr": "qrcode", "qr": "qrcode"}
PLAIN = ("code128", "code39", "datamatrix", "qr")
ELEMENTS = ("gs1128", "gs1datamatrix", "gs1qr")


def some(choose: random.Random, characters: str, least: int, most: int) -> str:
    return "".join(choose.choices(characters, k=choose.randint(least, most)))


def vin(choose: random.Random) -> str:
    return VIN(some(choose, VIN_CHARACTERS, 13, 13) + some(choose, DIGITS, 4, 4)).value


def gs1(choose: random.Random) -> GS1:
    item = some(choose, DIGITS, 13, 13)
    elements = [("01", item + check_digit_of(item))]
    if choose.random() < 0.5:
        elements.append(("10", some(choose, SET_82, 1, 20)))
    if choose.random() < 0.8 or len(elements) == 1:
        elements.append(("21", some(choose, SET_82, 1, 20)))
    return GS1.of(elements)


def hibc(choose: random.Random) -> str:
    labeler = choose.choice(CAPITALS) + some(choose, CAPITALS + DIGITS, 3, 3)
    product, unit = some(choose, CAPITALS + DIGITS, 1, 18), choose.choice(DIGITS)
    lot, serial = (choose.choice([None, some(choose, CAPITALS + DIGITS, 1, 18)]) for _ in range(2))
    return HIBC(labeler, product, unit, lot=lot, serial=serial).as_concatenated()


def iuid(choose: random.Random) -> str:
    part = some(choose, CAPITALS + DIGITS + "-/", 1, 20) if choose.random() < 0.5 else None
    item = IUID.of("D", some(choose, CAGE, 5, 5), some(choose, CAPITALS + DIGITS + "-", 1, 20), part_number=part)
    return item.as_envelope()


def epc(choose: random.Random) -> str:
    length = choose.randint(6, 12)
    prefix, rest = some(choose, DIGITS, length, length), 17 - length
    made = {
        "sgtin": (prefix, some(choose, DIGITS, 13 - length, 13 - length), some(choose, SET_82, 1, 20)),
        "sscc": (prefix, some(choose, DIGITS, rest, rest)),
        "giai": (prefix, some(choose, SET_82, 1, 30 - length)),
    }
    scheme = choose.choice(list(made))
    key = EPC(scheme, made[scheme]).as_gs1()
    assert key is not None
    return key.as_element_string()


def iec61406(choose: random.Random) -> str:
    host = some(choose, string.ascii_lowercase, 1, 20)
    path = some(choose, LETTERS + DIGITS + "-._~", 1, 40)
    return IdentificationLink(f"https://{host}.example/{path}?s={some(choose, LETTERS + DIGITS, 1, 20)}").url


def link(choose: random.Random) -> str:
    return LinkId.from_random(choose.getrandbits(65)).as_url("https://id.example.com")


SCHEMES: Mapping[str, tuple[Callable[[random.Random], str], tuple[str, ...]]] = {
    "vin": (vin, PLAIN),
    "gs1": (lambda choose: gs1(choose).as_element_string(), ELEMENTS),
    "gs1 digital link": (lambda choose: gs1(choose).as_digital_link(), ("datamatrix", "qr")),
    "hibc": (hibc, PLAIN),
    "iuid": (iuid, ("datamatrix",)),
    "epc": (epc, ELEMENTS),
    "iec61406": (iec61406, ("datamatrix", "qr")),
    "link": (link, ("code128", "datamatrix", "qr")),
}
CASES = [(scheme, symbology) for scheme, (_, fitting) in SCHEMES.items() for symbology in fitting]


def identifiers(scheme: str, count: int) -> Iterator[str]:
    """So many valid ones, each once, the same in every run."""
    choose, seen = random.Random(scheme), set[str]()  # noqa: S311 - a repeatable choice
    while len(seen) < count:
        try:
            text = SCHEMES[scheme][0](choose)
        except InvalidInput:  # random characters that make none
            continue
        if text not in seen:
            seen.add(text)
            yield text


def picture(symbol: Symbol) -> Image.Image:
    """The symbol as a printer of 203 dpi draws it; of bars, of which every row is the same, a strip."""
    whole = Image.open(BytesIO(write(symbol, "png", module_mm=0.375, dpi=203)))
    return whole if symbol.bar_mm is None else whole.crop((0, 0, whole.width, min(STRIP, whole.height)))


def read_by_others(symbology: str, files: list[Path]) -> list[bytes]:
    """What each picture says, in their order."""
    if symbology in MATRIX:
        command = ["dmtxread", "-n", "-N1", "-m5000", *MATRIX[symbology]]
    else:
        command = ["zbarimg", "--quiet", "--raw", "--nodbus", "-Sdisable", f"-S{ZBAR[symbology]}.enable"]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, check=False, timeout=300)
    return done.stdout.split(b"\n")[:-1]


def all_read(scheme: str, symbology: str, count: int, folder: Path) -> tuple[int, int]:
    """How many symbols were drawn and read back by another decoder, and how many texts the symbology cannot hold."""
    read = refused = 0
    lead = b"\x1d" if symbology == "gs1datamatrix" else b""
    found = identifiers(scheme, count)
    while texts := list(islice(found, AT_ONCE)):
        drawn: dict[Path, str] = {}
        for text in texts:
            try:
                symbol = encode(text, symbology)
            except RenderError:  # too long for it, or a character that it does not have
                refused += 1
                continue
            file = folder / f"{len(drawn):03}.png"
            picture(symbol).save(file)
            drawn[file] = text
        if drawn:
            assert read_by_others(symbology, list(drawn)) == [lead + text.encode() for text in drawn.values()]
        read += len(drawn)
    return read, refused


def needs_decoder(symbology: str) -> None:
    name, package = ("dmtxread", "dmtx-utils") if symbology in MATRIX else ("zbarimg", "zbar-tools")
    if shutil.which(name) is None:
        pytest.skip(f"{name} (Debian: {package}) is missing: {symbology} is read by zxing-cpp alone")


@pytest.mark.parametrize(("scheme", "symbology"), CASES)
def test_another_decoder_reads_random_identifiers(scheme: str, symbology: str, tmp_path: Path) -> None:
    needs_decoder(symbology)
    read, refused = all_read(scheme, symbology, SHORT, tmp_path)
    assert read + refused == SHORT
    assert read >= SHORT / 4


@pytest.mark.soak
@pytest.mark.parametrize(("scheme", "symbology"), CASES)
def test_another_decoder_reads_two_thousand(scheme: str, symbology: str, tmp_path: Path) -> None:
    needs_decoder(symbology)
    began = time.perf_counter()
    read, refused = all_read(scheme, symbology, WHOLE, tmp_path)
    print(  # noqa: T201 - the figures are what the soak is for
        f"\n{scheme} in {symbology}: {read} read, {refused} do not fit, {time.perf_counter() - began:.0f} s"
    )
    assert read + refused == WHOLE
    assert read >= WHOLE / 4
