"""The two typefaces, held against fontTools and against each other."""

from __future__ import annotations

import unicodedata
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files

import pytest
from fontTools.ttLib import TTFont

from renderers import RenderError, typefaces
from renderers.typefaces import FACES, capital, dots, em_of, outline, set_run

ALPHABETS = {
    "Latin": "ABCXYZ abcxyz ÀÉÎÕÜ ßæøåčďěłńőřšťůžŽ ĦŦ",
    "Greek": "ΑΒΓΔΕΩ αβγδεςω άέήίόύώ Ϊϋ",
    "Cyrillic": "АБВГДЯ абвгдя ёїієґўћђ",
    "signs": "0123456789 €£µ°²³±×÷≤≥≠≈∞√∅⌀→←↑↓⏚⎓■□▲●○✓⚠☐№™©®–—…„“”‚‘’«»§%‰½",
}
OCR = "".join(map(chr, range(0x20, 0x7F)))
UNSETTABLE = {
    "a control character": "\x07",
    "a line's end": "\n",
    "NUL": "\0",
    "FNC1": "\x1d",
    "a bidi override": "\u202e",
    "a bidi isolate": "\u2066",
    "a mark of direction": "\u200f",
    "Hebrew": "א",
    "Arabic": "ع",
    "an accent that nothing composes": "q\u0301",
    "a joiner": "\u200d",
    "a soft hyphen": "\u00ad",
    "a byte order mark": "\ufeff",
    "Devanagari": "क",
    "Chinese": "日",
    "an emoji": "🏷",
    "a private character": "\ue000",
    "half a character": "\ud800",
}


@pytest.mark.parametrize("text", ALPHABETS.values(), ids=ALPHABETS)
def test_what_labels_say_can_be_set(text: str) -> None:
    run = set_run("sans", text)
    assert run.text == text
    assert list(run.starts) == sorted(set(run.starts))
    for character in text.replace(" ", ""):
        assert outline("sans", character)


def test_human_readable_lines_can_be_set() -> None:
    run = set_run("ocr", OCR)
    assert len({after - before for before, after in zip(run.starts, run.starts[1:], strict=False)}) == 1
    assert all(outline("ocr", character) for character in OCR[1:])


@pytest.mark.parametrize("font", FACES)
@pytest.mark.parametrize("text", UNSETTABLE.values(), ids=UNSETTABLE)
def test_what_cannot_be_set_is_named(font: str, text: str) -> None:
    missing = text[-1] if text == "q\u0301" else text
    with pytest.raises(RenderError) as refused:
        set_run(font, f"A{text}B")
    assert f"found {missing!r} (U+{ord(missing):04X}) at character {len(text) + 1}" in str(refused.value)
    assert FACES[font][1] in str(refused.value)


@pytest.mark.parametrize("font", FACES)
def test_no_character_is_invisible_combines_or_sets_a_direction(font: str) -> None:
    for character in typefaces._advances(font):
        assert unicodedata.category(character)[0] not in "CM", f"U+{ord(character):04X}"
        assert unicodedata.bidirectional(character) not in {"R", "AL", "RLE", "RLO", "RLI", "LRO"}
        assert unicodedata.category(character) in {"Zs"} or outline(font, character), f"U+{ord(character):04X}"


def test_a_decomposed_text_is_the_composed_one() -> None:
    assert set_run("sans", unicodedata.normalize("NFD", "Žižkov Ελλάς й")) == set_run("sans", "Žižkov Ελλάς й")


@pytest.mark.parametrize("font", FACES)
def test_advances_are_the_font_s_own(font: str) -> None:
    face = TTFont(str(files("renderers") / "fonts" / FACES[font][0]))
    names, widths = face.getBestCmap(), face["hmtx"]
    run = set_run(font, "TWIN-42")
    assert run.width == sum(widths[names[ord(character)]][0] for character in "TWIN-42")
    assert run.starts[1] == widths[names[ord("T")]][0]


@pytest.mark.parametrize("font", FACES)
@pytest.mark.parametrize("tall", [8, 12, 20, 47])
def test_a_capital_is_as_high_as_it_is_said(font: str, tall: int) -> None:
    picture, _, top = dots(set_run(font, "H"), em_of(font, tall))
    box = picture.getbbox()
    assert box is not None
    assert abs(box[3] - box[1] - tall) <= 1 + tall / 33, "a round end reaches a little further, and hints move an edge"
    assert abs(box[3] + top) <= 1
    ink = set_run(font, "H").ink
    assert ink is not None
    assert ink[3] - ink[1] == pytest.approx(capital(font), rel=0.04)


def test_dots_are_where_the_outlines_are() -> None:
    run = set_run("sans", "ÅgЖ")
    picture, left, top = dots(run, 100)
    box = picture.getbbox()
    assert box is not None
    assert run.ink is not None
    expected = run.ink[0] / 10, -run.ink[3] / 10, run.ink[2] / 10, -run.ink[1] / 10
    assert (box[0] + left, box[1] + top, box[2] + left, box[3] + top) == pytest.approx(expected, abs=1.5)


def test_a_text_without_ink_has_none() -> None:
    assert set_run("sans", "").ink is None
    assert set_run("sans", " \u00a0").ink is None
    assert dots(set_run("sans", " "), 20)[0].getbbox() is None


def test_many_threads_read_one_font() -> None:
    characters = sorted(typefaces._advances("sans"))
    for cached in (typefaces.outline, typefaces._box, typefaces._glyphs, typefaces._font):
        cached.cache_clear()
    with ThreadPoolExecutor(8) as threads:
        read = list(threads.map(lambda character: outline("sans", character), characters * 2))
    assert read[: len(characters)] == read[len(characters) :]
