"""What no symbology may be asked to encode."""

from __future__ import annotations

import pytest

from renderers import RenderError, encode, symbologies
from renderers.payload import checked, require_ascii
from tests.renderers.reading import ANY_TEXT

HOSTILE = {
    "empty": ("", "expected a str of one character or more, found ''"),
    "None": (None, "found None"),
    "bool": (True, "found True"),
    "int": (42, "found 42"),
    "float": (4.2, "found 4.2"),
    "bytes": (b"TWIN", "found a value of type bytes"),
    "list": (["TWIN"], "found a value of type list"),
    "NUL": ("TWIN\0", "expected no NUL, found one at character 5"),
    "lone surrogate": ("TWIN\udc80", "expected Unicode characters, found half of one at character 5"),
    "surrogate pair in halves": ("\ud83d\ude00", "found half of one at character 1"),
}
HUGE = {
    "200 KB of digits": ("7" * 200_000, "found 200000"),
    "200 KB of capitals": ("A" * 200_000, "found 200000"),
    "200 KB of text": ("ab " * 66_667, "found 200001"),
    "200 KB beyond ASCII": ("é" * 100_000, "found 200000"),
}


@pytest.mark.parametrize("symbology", symbologies())
@pytest.mark.parametrize(("payload", "said"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_payload_is_refused_in_words(symbology: str, payload: object, said: str) -> None:
    with pytest.raises(RenderError, match=said) as refusal:
        encode(payload, symbology)  # type: ignore[arg-type]
    assert len(str(refusal.value).encode()) < 400


@pytest.mark.parametrize("symbology", symbologies())
@pytest.mark.parametrize(("payload", "said"), HUGE.values(), ids=HUGE)
def test_a_huge_payload_is_refused_in_few_words(symbology: str, payload: str, said: str) -> None:
    with pytest.raises(RenderError, match=said if symbology in ANY_TEXT else "^payload ") as refusal:
        encode(payload, symbology)
    assert len(str(refusal.value).encode()) < 400


def test_text_passes_as_it_stands() -> None:
    text = "[)>\x1e06\x1d17V1M8\x1e\x04 <&>é日😀"
    assert checked(text) is text


def test_ascii_is_all_of_it() -> None:
    text = "".join(map(chr, range(1, 128)))
    assert require_ascii(text, "a symbol") is text
    with pytest.raises(RenderError, match=r"expected ASCII in a symbol, found '\\x80' at character 2$"):
        require_ascii("a\x80", "a symbol")
