"""What every format of labels does alike."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from renderers import Drawing, Page, RenderError, Text, compose, draw, media_type, stream
from renderers.labels import pdf, png, svg, zpl
from tests.renderers.labels.test_svg import drawn
from tests.renderers.paper import HOSTILE, MARKS, likeness, opened, pdf_pages, read, sample, zpl_dots

ROOT = Path(__file__).parents[3]
FORMATS = "pdf", "png", "svg", "zpl"
STREAMS = "pdf", "zip", "zpl"
MANY = 5000  # octets, which only a label has
SEEN: dict[str, Callable[[Drawing], Image.Image]] = {
    "pdf": lambda drawing: pdf_pages(draw(drawing, "pdf"))[0],
    "png": lambda drawing: opened(draw(drawing, "png", dpi=300)),
    "svg": lambda drawing: drawn(draw(drawing, "svg"), 300),
    "zpl": lambda drawing: zpl_dots(draw(drawing, "zpl", dpi=300)),
}
GOLDEN = {  # SHA-256 of the sample, at 300 dpi
    "pdf": "4d7c4c56147f7b102a35cccfe187aa60f91b6fc9edb0d0c17df2a1711d647ff1",
    "svg": "fe60e46993cc0b9b97c45502e7b9450f1b6ff88996887b389bcbec237fd05f19",
    "zpl": "3f92f82e3de5bac12bd99b5ff2de460a93ce2200a302e2c1842f299d49d44cd7",
}


@pytest.mark.parametrize("form", SEEN)
def test_every_symbol_is_read_from_the_label(form: str) -> None:
    assert read(SEEN[form](sample())) == MARKS


@pytest.mark.parametrize("form", ["pdf", "svg", "zpl"])
def test_all_formats_show_the_same_label(form: str) -> None:
    """PDFium and Pillow draw the outlines, FreeType set the dots; symbols are compared by reading them."""
    drawing = sample()
    bare = Drawing(drawing.width, drawing.height, drawing.strokes, drawing.runs, (), drawing.bitmaps)
    assert likeness(SEEN[form](bare), SEEN["png"](bare)) > 0.7


@pytest.mark.parametrize("form", SEEN)
def test_a_text_is_where_it_was_set(form: str) -> None:
    box = Text(20, 5, 30, 3, "HHH", 3, align="right")
    seen = SEEN[form](compose(Page(60, 30, (box,))))
    ink = seen.point(lambda dot: 255 * (dot < 128)).getbbox()
    assert ink is not None
    left, upper, right, lower = (edge * 25.4 / 300 for edge in ink)
    assert upper == pytest.approx(5, abs=0.2)
    assert lower == pytest.approx(8, abs=0.2)
    assert left > 40
    assert right == pytest.approx(50, abs=0.5)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_is_a_command_or_markup(form: str, text: str) -> None:
    """It is drawn, and the file holds nothing of it."""
    file = draw(compose(Page(100, 20, (Text(5, 5, 90, 5, text, 2, least=1),))), form, dpi=300)
    harmless = draw(compose(Page(100, 20, (Text(5, 5, 90, 5, "HARMLESS", 2, least=1),))), form, dpi=300)
    assert text.encode() not in file
    for word in (b"script", b"JavaScript", b"~J", b"~D", b"reboot", b"serial", b"Tj"):
        assert word not in file
    assert file.count(b"^X") == harmless.count(b"^X")
    assert file.count(b"endobj") - file.count(b"/Form") == harmless.count(b"endobj") - harmless.count(b"/Form")
    assert file.count(b"<path") == harmless.count(b"<path")


def test_a_text_of_200_kb_is_refused() -> None:
    with pytest.raises(RenderError, match="expected at most 1000 characters, found 200000"):
        Text(5, 5, 90, 5, "x" * 200_000, 2)


@pytest.mark.parametrize("form", ["pdf", "svg", "zpl"])
def test_the_bytes_are_these(form: str) -> None:
    """A new edition of a writer or a typeface may change them; nothing else may."""
    assert hashlib.sha256(draw(sample(), form, dpi=300)).hexdigest() == GOLDEN[form]


def test_another_process_draws_the_same_bytes() -> None:
    code = (
        "import hashlib; from renderers import draw, stream; from tests.renderers.paper import sample\n"
        "for form in ('pdf', 'png', 'svg', 'zpl'): print(hashlib.sha256(draw(sample(), form, dpi=203)).hexdigest())\n"
        "for form in ('pdf', 'zip', 'zpl'):\n"
        "    print(hashlib.sha256(b''.join(stream([sample()] * 3, form, dpi=203))).hexdigest())"
    )
    environment = os.environ | {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    here = [draw(sample(), form, dpi=203) for form in FORMATS]
    here += [b"".join(stream([sample()] * 3, form, dpi=203)) for form in STREAMS]
    assert done.stdout.split() == [hashlib.sha256(file).hexdigest() for file in here]


@pytest.mark.parametrize("name", ["", "SVG", "gif", "zip", "../svg", None, 7])
def test_a_format_that_is_none_is_refused(name: object) -> None:
    with pytest.raises(RenderError, match="format: expected pdf or png or svg or zpl or zplnative, found "):
        draw(sample(), name)  # type: ignore[arg-type]
    if name != "zip":
        with pytest.raises(RenderError, match="format: expected pdf or zip or zpl or zplnative, found "):
            stream([sample()], name)  # type: ignore[arg-type]


@pytest.mark.parametrize("dpi", [0, 71, 2401, 300.0, True, None])
def test_a_printer_has_whole_dots_per_inch(dpi: object) -> None:
    with pytest.raises(RenderError, match="dpi: expected int from 72 to 2400, found "):
        draw(sample(), "png", dpi=dpi)  # type: ignore[arg-type]
    with pytest.raises(RenderError, match="dpi: expected int from 72 to 2400, found "):
        stream([sample()], "zpl", dpi=dpi)  # type: ignore[arg-type]


@pytest.mark.parametrize("form", STREAMS)
def test_no_label_is_no_file(form: str) -> None:
    with pytest.raises(RenderError, match="drawings None: expected one or more, found none"):
        list(stream([], form))


@pytest.mark.parametrize("form", STREAMS)
def test_a_label_is_written_before_the_next_is_asked_for(form: str) -> None:
    asked: list[int] = []

    def drawings() -> Iterator[Drawing]:
        for number in range(5):
            asked.append(number)
            yield sample()

    parts = stream(drawings(), form, dpi=300)
    assert [len(asked) for part in parts if len(part) > MANY][:5] == [1, 2, 3, 4, 5]


def test_media_types() -> None:
    assert {form: media_type(form) for form in (*FORMATS, "zip")} == {
        "pdf": pdf.MEDIA_TYPE,
        "png": png.MEDIA_TYPE,
        "svg": svg.MEDIA_TYPE,
        "zpl": zpl.MEDIA_TYPE,
        "zip": "application/zip",
    }
