"""The sample label of each profile is drawn as it was, and every symbol on it is read by who did not draw it."""

from __future__ import annotations

import json
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from tests.golden import labels
from tests.renderers.engine import Printer, printer
from twin.domain.builtin import builtins, sample
from twin.domain.elements import SymbolElement
from twin.domain.profiles import profile, profiles

__all__ = ["printer"]

ALL = list(profiles())


def expected(name: str) -> list[bytes]:
    """What each symbol of the template encodes."""
    elements, face = builtins()[name].template.elements, sample(name)["face"]
    carriers = [element.carrier for element in elements if isinstance(element, SymbolElement)]
    contents = [profile(name).content(carrier, payload=labels.PAYLOAD, face=face) for carrier in carriers]
    return sorted(content.encode() for content in contents if content is not None)


def read(picture: Image.Image) -> list[bytes]:
    return sorted(found.bytes for found in zxingcpp.read_barcodes(picture.convert("L")))


def digests() -> dict[str, Any]:
    return dict(json.loads(labels.DIGESTS.read_text(encoding="utf-8")))


def test_there_are_files_of_every_profile_and_of_no_other() -> None:
    assert list(digests()) == ALL
    for format_name in labels.KEPT:
        assert sorted(file.stem for file in labels.FOLDER.glob(f"*.{format_name}")) == ALL


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("format_name", labels.KEPT)
def test_a_label_is_drawn_as_it_was(name: str, format_name: str) -> None:
    same = labels.drawn(name, format_name) == labels.kept(name, format_name).read_bytes()
    assert same, "it is another label now: run make golden, and look at it"


@pytest.mark.parametrize("name", ALL)
def test_the_digests_are_what_they_were(name: str) -> None:
    assert labels.digests(name) == digests()[name], "it is another label now: run make golden, and look at it"


@pytest.mark.parametrize("name", ALL)
def test_the_dots_are_read(name: str) -> None:
    assert read(labels.dots(labels.drawn(name, "png"))) == expected(name)


@pytest.mark.parametrize("name", ALL)
def test_the_page_is_read(name: str) -> None:
    document = pypdfium2.PdfDocument(labels.drawn(name, "pdf"))
    template = builtins()[name].template
    [page] = document
    width, height = page.get_size()
    assert (width, height) == pytest.approx((template.width * 72 / 25.4, template.height * 72 / 25.4), abs=0.01)
    assert read(page.render(scale=8).to_pil()) == expected(name)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("format_name", ["zpl", "zplnative"])
def test_what_an_engine_prints_is_read(printer: Printer, name: str, format_name: str) -> None:
    assert read(printer(labels.drawn(name, format_name), labels.DPI)) == expected(name)
