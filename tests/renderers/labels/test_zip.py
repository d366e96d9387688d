"""ZIP: an SVG of each label, opened by the standard library and by unzip."""

from __future__ import annotations

import shutil
import subprocess
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from renderers import Page, RenderError, compose, draw, stream
from renderers.writers.pdf import A4, Grid
from tests.renderers.paper import sample


def test_every_label_is_a_document_of_its_own() -> None:
    other = compose(Page(20, 10, ()))
    with ZipFile(BytesIO(b"".join(stream([sample(), other, sample()], "zip")))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["0001.svg", "0002.svg", "0003.svg"]
        assert [archive.read(name) for name in archive.namelist()] == [
            draw(drawing, "svg") for drawing in (sample(), other, sample())
        ]
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_ten_thousandth_has_a_name_too() -> None:
    empty = compose(Page(20, 10, ()))
    with ZipFile(BytesIO(b"".join(stream([empty] * 10_001, "zip")))) as archive:
        assert archive.namelist()[-2:] == ["10000.svg", "10001.svg"]


@pytest.mark.skipif(shutil.which("unzip") is None, reason="unzip is missing: Python alone opens our ZIP")
def test_unzip_finds_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "labels.zip"
    file.write_bytes(b"".join(stream([sample()] * 3, "zip")))
    done = subprocess.run(["unzip", "-t", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_documents_have_no_grid() -> None:
    with pytest.raises(RenderError, match="grid: expected none for zip"):
        stream([sample()], "zip", grid=Grid(page=A4, columns=1, rows=1))
