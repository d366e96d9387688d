"""The door: names are files, measures have bounds."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import zxingcpp

import renderers
from renderers import RenderError, Symbol, encode, encoding, formats, media_type, symbologies, write
from renderers.symbologies import qr
from renderers.zxing import read_back
from tests.renderers.reading import ANY_TEXT, LINEAR, SAMPLES

FOLDER = Path(renderers.__file__).parent
HUGE = pytest.param(10**5000, id="huge")  # whose repr is a ValueError
SYMBOL = encode("TWIN-42", "datamatrix")
GOLDEN = {  # SHA-256 of the samples as SVG
    "code128": "e06bea009efb0f9be7793f378060be7642059dda37c0a8d4de2b15578578b04a",
    "code39": "47a30e0c908ce6d6ef9edfd28f5469fde598d529f8267765e1a23880e2c5a099",
    "datamatrix": "da10b3640a1f82dbcdb65ca2ce87276933499c724e88a642b599e3536ca3640b",
    "gs1128": "9c9811eacb02cdb486d1983c1381de522b0d3c60b66b26c60a35ae23680966b3",
    "gs1datamatrix": "6096fe17e515e244dac410aaf71e2ddf80f7f6aa8911c74e31561e035d1a63ec",
    "gs1qr": "d934f874caa545793b513780b45d5191c0c216707c0cc476d89aac96788454ac",
    "microqr": "082bbc7dbfdf446806352f004e42512ac86e754a2492d97b0041943b76a9b836",
    "qr": "88f44f4941e7d046460c731b9c947b3f44b8637297a6b2064249c4b3c7057ddf",
}


def files(folder: str) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in (FOLDER / folder).glob("[!_]*.py")))


def test_every_file_is_known_by_its_name() -> None:
    assert symbologies() == files("symbologies") == tuple(SAMPLES)
    assert formats() == files("writers") == ("pdf", "png", "svg", "zpl", "zplnative")


@pytest.mark.parametrize("folder", ["symbologies", "writers"])
def test_every_file_has_its_test(folder: str) -> None:
    tests = Path(__file__).parent / folder
    assert [name for name in files(folder) if not (tests / f"test_{name}.py").is_file()] == []


def test_the_functions_survive_the_import_of_their_folders() -> None:
    """`renderers.symbologies` is a function and a package: the import of the second must not replace the first."""
    program = "from renderers.symbologies import qr; from renderers.writers import svg; import renderers as r;"
    program += "r.encode('A', 'qr'); print(*r.symbologies(), *r.formats())"
    done = subprocess.run([sys.executable, "-c", program], cwd=FOLDER.parent, capture_output=True, check=True)
    assert done.stdout.split() == [name.encode() for name in (*SAMPLES, "pdf", "png", "svg", "zpl", "zplnative")]


@pytest.mark.parametrize("symbology", symbologies())
def test_a_symbol_knows_what_it_is(symbology: str) -> None:
    symbol = encode(SAMPLES[symbology], symbology)
    assert (symbol.symbology, symbol.payload) == (symbology, SAMPLES[symbology])
    assert (symbol.bar_mm is not None) == (symbology in LINEAR)


def test_a_format_has_a_media_type() -> None:
    assert {form: media_type(form) for form in formats()} == {
        "pdf": "application/pdf",
        "png": "image/png",
        "svg": "image/svg+xml",
        "zpl": "application/zpl",
        "zplnative": "application/zpl",
    }


@pytest.mark.parametrize(
    "name", ["", "QR", "Qr", "../qr", "qr ", "__init__", "__name__", None, True, 7, ["qr"], "q" * 500]
)
def test_an_unknown_name_is_refused_with_the_known_ones(name: object) -> None:
    with pytest.raises(RenderError, match=r"symbology: expected code128 or .* or microqr or qr, found "):
        encode("TWIN-42", name)  # type: ignore[arg-type]
    with pytest.raises(RenderError, match="format: expected pdf or png or svg or zpl or zplnative, found "):
        write(SYMBOL, name)  # type: ignore[arg-type]
    with pytest.raises(RenderError, match="format: expected pdf or png or svg or zip or zpl or zplnative, found "):
        media_type(name)  # type: ignore[arg-type]


@pytest.mark.parametrize("form", formats())
@pytest.mark.parametrize(
    "value", [0, -1, 0.0999, 20.001, True, None, "0.5", float("nan"), float("inf"), float("-inf"), HUGE, 1 + 0j]
)
def test_a_module_has_a_size_that_can_be_printed(form: str, value: object) -> None:
    with pytest.raises(RenderError, match=r"module_mm: expected int or float from 0\.1 to 20\.0, found "):
        write(SYMBOL, form, module_mm=value)  # type: ignore[arg-type]


@pytest.mark.parametrize("form", formats())
@pytest.mark.parametrize("value", [0, 71, 2401, 300.0, True, None, "300", float("nan"), HUGE])
def test_a_printer_has_whole_dots_per_inch(form: str, value: object) -> None:
    with pytest.raises(RenderError, match="dpi: expected int from 72 to 2400, found "):
        write(SYMBOL, form, dpi=value)  # type: ignore[arg-type]


@pytest.mark.parametrize("form", [form for form in formats() if "zpl" not in form])  # three resolutions
@pytest.mark.parametrize(("module_mm", "dpi"), [(0.1, 600), (20, 72), (20.0, 72), (1, 72), (0.1, 2400)])
def test_the_bounds_themselves_are_inside(form: str, module_mm: float, dpi: int) -> None:
    assert write(SYMBOL, form, module_mm=module_mm, dpi=dpi)


@pytest.mark.parametrize("form", formats())
@pytest.mark.parametrize("symbology", ANY_TEXT)
def test_the_same_input_gives_the_same_bytes_in_another_process(symbology: str, form: str) -> None:
    program = (
        "import sys; from renderers import encode, write;"
        f"sys.stdout.buffer.write(write(encode('Zł-42', {symbology!r}), {form!r}, module_mm=0.4, dpi=203))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=FOLDER.parent,
        env={"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
        capture_output=True,
        check=True,
    )
    again: Symbol = encode("Zł-42", symbology)
    assert write(again, form, module_mm=0.4, dpi=203) == done.stdout


@pytest.mark.parametrize("symbology", symbologies())
def test_the_bytes_are_those_of_the_first_day(symbology: str) -> None:
    drawn = write(encode(SAMPLES[symbology], symbology), "svg")
    assert hashlib.sha256(drawn).hexdigest() == GOLDEN[symbology]


@pytest.mark.parametrize("symbology", symbologies())
@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        ({"payload": "TWIN-43"}, "other bytes$"),
        ({"aim": "]X9"}, "other bytes$"),
        ({"rows": (1,)}, "found nothing$"),
    ],
)
def test_what_does_not_read_back_never_leaves(
    symbology: str, wrong: dict[str, Any], found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = import_module(f"renderers.symbologies.{symbology}")
    good = kind.encode(SAMPLES[symbology])
    monkeypatch.setattr(kind, "encode", lambda payload: replace(good, **wrong))
    encoding._encoded.cache_clear()
    try:
        with pytest.raises(RenderError, match=found):
            encode(SAMPLES[symbology], symbology)
    finally:
        encoding._encoded.cache_clear()


def test_a_symbol_is_read_back_once_for_each_content_and_option(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Symbol] = []
    monkeypatch.setattr(encoding, "read_back", lambda symbol, _: read.append(symbol))
    encoding._encoded.cache_clear()
    for _ in range(2):
        for level in ("L", "H"):
            encode("TWIN-42", "qr", level=level)
        encode("TWIN-42", "qr")
    assert len(read) == 3
    encoding._encoded.cache_clear()


@pytest.mark.parametrize("symbology", ["code128", "code39", "datamatrix", "qr"])
def test_hibc_needs_no_symbology_of_its_own(symbology: str) -> None:
    """It is a text with its own check character; `encode` refuses what does not read back as exactly that."""
    assert encode("+A123BJC5D6E71G", symbology).payload == "+A123BJC5D6E71G"


def test_an_option_of_another_symbology_is_refused_with_those_there_are() -> None:
    with pytest.raises(RenderError, match="option: expected level, found 'shape'"):
        encode("TWIN-42", "qr", shape="square")
    with pytest.raises(RenderError, match="option: expected shape, found 'payload_'"):
        encode("TWIN-42", "datamatrix", payload_="x")


BAD_LEVELS = ["", "X", "l", "LM", 1, True, None, ["L"], 0.5]


@pytest.mark.parametrize("value", BAD_LEVELS)
@pytest.mark.parametrize("symbology", ["qr", "gs1qr", "microqr"])
def test_a_level_is_one_letter(symbology: str, value: Any) -> None:
    with pytest.raises(RenderError, match=r"^level: expected "):
        encode(SAMPLES[symbology], symbology, level=value)


@pytest.mark.parametrize("value", ["", "dmre", "Square", 30, True, None, ["square"]])
@pytest.mark.parametrize("symbology", ["datamatrix", "gs1datamatrix"])
def test_a_shape_is_a_word(symbology: str, value: Any) -> None:
    with pytest.raises(RenderError, match=r"^shape: expected "):
        encode(SAMPLES[symbology], symbology, shape=value)


@pytest.mark.parametrize("value", [0, 4.99, 200.1, -5, float("nan"), float("inf"), True, "10", None, HUGE])
@pytest.mark.parametrize("symbology", LINEAR)
def test_bars_have_a_height_that_can_be_scanned(symbology: str, value: Any) -> None:
    with pytest.raises(RenderError, match=r"^bar_mm: expected "):
        encode(SAMPLES[symbology], symbology, bar_mm=value)


@pytest.mark.parametrize("symbology", symbologies())
def test_a_symbol_that_is_too_wide_is_refused_with_both_widths(symbology: str) -> None:
    width = encode(SAMPLES[symbology], symbology).width
    assert encode(SAMPLES[symbology], symbology, max_width=width).width == width
    with pytest.raises(RenderError, match=f"expected at most {width - 1} modules a row, found {width}$"):
        encode(SAMPLES[symbology], symbology, max_width=width - 1)


@pytest.mark.parametrize("value", [0, 4097, 25.0, True, "25", HUGE])
def test_a_width_is_a_number_of_modules(value: Any) -> None:
    with pytest.raises(RenderError, match=r"^max_width: expected int from 1 to 4096, found "):
        encode("TWIN-42", "qr", max_width=value)


def test_the_reader_is_not_the_writer() -> None:
    """A symbol of the wrong kind is no symbol, be it ever so readable."""
    with pytest.raises(RenderError, match="expected to be read as ]Q1, found nothing"):
        read_back(qr.encode("TWIN-42"), zxingcpp.DataMatrix)
