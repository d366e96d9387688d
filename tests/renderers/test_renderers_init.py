"""The door: names are files, measures have bounds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import renderers
from renderers import RenderError, Symbol, encode, formats, media_type, symbologies, write

FOLDER = Path(renderers.__file__).parent
HUGE = pytest.param(10**5000, id="huge")  # whose repr is a ValueError
SYMBOL = encode("TWIN-42", "datamatrix")


def files(folder: str) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in (FOLDER / folder).glob("[!_]*.py")))


def test_every_file_is_known_by_its_name() -> None:
    assert symbologies() == files("symbologies") == ("datamatrix", "qr")
    assert formats() == files("writers") == ("pdf", "png", "svg", "zpl")


@pytest.mark.parametrize("folder", ["symbologies", "writers"])
def test_every_file_has_its_test(folder: str) -> None:
    tests = Path(__file__).parent / folder
    assert [name for name in files(folder) if not (tests / f"test_{name}.py").is_file()] == []


def test_the_functions_survive_the_import_of_their_folders() -> None:
    """`renderers.symbologies` is a function and a package: the import of the second must not replace the first."""
    program = "from renderers.symbologies import qr; from renderers.writers import svg; import renderers as r;"
    program += "r.encode('A', 'qr'); print(*r.symbologies(), *r.formats())"
    done = subprocess.run([sys.executable, "-c", program], cwd=FOLDER.parent, capture_output=True, check=True)
    assert done.stdout.split() == [b"datamatrix", b"qr", b"pdf", b"png", b"svg", b"zpl"]


@pytest.mark.parametrize("symbology", symbologies())
def test_a_symbol_knows_what_it_is(symbology: str) -> None:
    symbol = encode("TWIN-42", symbology)
    assert (symbol.symbology, symbol.payload) == (symbology, "TWIN-42")


def test_a_format_has_a_media_type() -> None:
    assert {form: media_type(form) for form in formats()} == {
        "pdf": "application/pdf",
        "png": "image/png",
        "svg": "image/svg+xml",
        "zpl": "application/zpl",
    }


@pytest.mark.parametrize(
    "name", ["", "QR", "Qr", "../qr", "qr ", "__init__", "__name__", None, True, 7, ["qr"], "q" * 500]
)
def test_an_unknown_name_is_refused_with_the_known_ones(name: object) -> None:
    with pytest.raises(RenderError, match="symbology: expected datamatrix or qr, found "):
        encode("TWIN-42", name)  # type: ignore[arg-type]
    with pytest.raises(RenderError, match="format: expected pdf or png or svg or zpl, found "):
        write(SYMBOL, name)  # type: ignore[arg-type]
    with pytest.raises(RenderError, match="format: expected pdf or png or svg or zpl, found "):
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


@pytest.mark.parametrize("form", [form for form in formats() if form != "zpl"])  # whose printers have three resolutions
@pytest.mark.parametrize(("module_mm", "dpi"), [(0.1, 600), (20, 72), (20.0, 72), (1, 72), (0.1, 2400)])
def test_the_bounds_themselves_are_inside(form: str, module_mm: float, dpi: int) -> None:
    assert write(SYMBOL, form, module_mm=module_mm, dpi=dpi)


@pytest.mark.parametrize("form", formats())
@pytest.mark.parametrize("symbology", symbologies())
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
