"""The elements of a template: valid if they exist, and stored without floats."""

from __future__ import annotations

import math
import struct
from typing import Any

import pytest

from twin.domain import elements
from twin.domain.elements import (
    BoxElement,
    FieldsElement,
    ImageElement,
    LineElement,
    SymbolElement,
    TextElement,
    as_document,
    from_document,
)
from twin.domain.history import canonical_json
from twin.errors import InvalidInput, TooLarge


def png(width: int = 8, height: int = 8) -> bytes:
    """The beginning of a PNG file, which is as far as the domain looks."""
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + b"\x01\0\0\0\0"


EVERY: tuple[elements.Element, ...] = (
    TextElement(1, 2.5, 30, 4, "VIN {vin}", 3.175, 2, "ocr", "centre", wrap=True),
    FieldsElement(1, 2, 30, 20, 2, None, "sans", ("vin", "modelYear")),
    SymbolElement(0, 0, "link", 0.381, "qr", {"level": "Q", "bar_mm": 12.5}, frame=True),
    LineElement(0, 5, 40, 5, 0.05),
    BoxElement(0.001, 0.1, 1000, 20, 0.3),
    ImageElement(1, 1, 10, 10, png()),
)


@pytest.mark.parametrize("element", EVERY, ids=lambda element: type(element).__name__)
def test_an_element_comes_back_from_its_document_which_holds_no_floats(element: elements.Element) -> None:
    document = as_document(element)
    assert from_document(document) == element
    canonical_json(document)
    assert not any(isinstance(value, float) for value in document.values())
    assert not any(isinstance(value, float) for value in document.get("options", {}).values())


BAD_MEASURES = [math.nan, math.inf, -math.inf, -0.001, 1000.001, 1e300, 0.0001, True, "5", None, 10**40]


@pytest.mark.parametrize("value", BAD_MEASURES, ids=str)
@pytest.mark.parametrize("name", ["x", "y", "width", "height"])
def test_a_measure_out_of_range_is_named(name: str, value: Any) -> None:
    given: dict[str, Any] = {"x": 1, "y": 1, "width": 10, "height": 10, "thickness": 0.1, name: value}
    with pytest.raises(InvalidInput, match=f"^{name}: expected .* mm with 3 decimals at most, found ") as refused:
        BoxElement(**given)
    assert refused.value.path == (name,)


@pytest.mark.parametrize(
    ("made", "path", "words"),
    [
        (lambda: TextElement(1, 1, 9, 9, "", 3), ("text",), "which is empty"),
        (lambda: TextElement(1, 1, 9, 9, "a\nb", 3), ("text",), r"U\+000A"),
        (lambda: TextElement(1, 1, 9, 9, "1M8\u202eGDM", 3), ("text",), r"U\+202E"),
        (lambda: TextElement(1, 1, 9, 9, "x" * 1001, 3), ("text",), "at most 1000"),
        (lambda: TextElement(1, 1, 9, 9, "a", 0.4), ("size",), "0.5 to 100"),
        (lambda: TextElement(1, 1, 9, 9, "a", 3, 4), ("least",), "0.5 to 3"),
        (lambda: TextElement(1, 1, 9, 9, "a", 3, font="serif"), ("font",), "sans or ocr"),  # type: ignore[arg-type]
        (lambda: TextElement(1, 1, 9, 9, "a", 3, align="up"), ("align",), "left or"),  # type: ignore[arg-type]
        (lambda: TextElement(1, 1, 9, 9, "a", 3, wrap=1), ("wrap",), "true or"),  # type: ignore[arg-type]
        (lambda: FieldsElement(1, 1, 9, 9, 3, fields=("vin", "vin")), ("fields",), "each once"),
        (lambda: FieldsElement(1, 1, 9, 9, 3, fields=("$where",)), ("fields",), "not the name of a field"),
        (lambda: FieldsElement(1, 1, 9, 9, 3, fields=tuple(f"f{n}" for n in range(65))), ("fields",), "at most 64"),
        (lambda: SymbolElement(1, 1, "link", 0.05), ("module",), "0.1 to 20"),
        (lambda: SymbolElement(1, 1, "link", 1, options={"$a": "b"}), ("options",), "not the name of an option"),
        (lambda: SymbolElement(1, 1, "link", 1, options={"level": 5}), ("options", "level"), "expected a text"),
        (lambda: SymbolElement(1, 1, "link", 1, options={"bar_mm": "5"}), ("options", "bar_mm"), "0.1 to 1000"),
        (lambda: SymbolElement(1, 1, "link", 1, options={f"o{n}": "b" for n in range(9)}), ("options",), "at most 8"),
        (lambda: LineElement(1, 1, 5, 2, 0.2), ("to_x",), "horizontal or vertical"),
        (lambda: LineElement(1, 1, 1, 1, 0.2), ("to_x",), "horizontal or vertical"),
        (lambda: BoxElement(1, 1, 4, 9, 2.1), ("thickness",), "0.05 to 2 mm"),
        (lambda: ImageElement(1, 1, 9, 9, b"GIF89a"), ("png",), "expected a PNG file"),
        (lambda: ImageElement(1, 1, 9, 9, png(1025, 1)), ("png",), "1 to 1024 dots a side, found 1025 x 1"),
        (lambda: ImageElement(1, 1, 9, 9, png(0, 1)), ("png",), "1 to 1024"),
        (lambda: ImageElement(1, 1, 9, 9, png() + bytes(65_536)), ("png",), "at most 65536 bytes"),
    ],
)
def test_what_is_no_element_is_refused_by_name(made: Any, path: tuple[str, ...], words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as refused:
        made()
    assert refused.value.path == path


def test_base64_is_bounded_before_it_is_decoded() -> None:
    with pytest.raises(TooLarge, match="at most 65536 bytes"):
        elements.picture("A" * 100_000)
    with pytest.raises(InvalidInput, match="expected base64"):
        elements.picture("<svg>")
    assert elements.picture("iVBO") == b"\x89PN"


def test_an_option_that_is_a_measure_is_a_number() -> None:
    with pytest.raises(InvalidInput, match="bar_mm: expected a number, found 'high'"):
        elements.option("bar_mm", "high")
    with pytest.raises(InvalidInput, match="found nan"):
        SymbolElement(1, 1, "link", 1, options={"bar_mm": elements.option("bar_mm", "nan")})
