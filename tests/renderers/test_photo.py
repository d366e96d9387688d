"""A photo is read however it was taken, and whatever it is, nothing comes of it but symbols or one clear error."""

from __future__ import annotations

import random

import pytest
from PIL import Image

from renderers import RenderError, photo
from tests.renderers.photos import ELEMENTS, drawn, file_of, png_header, taken

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")  # Pillow's, of broken files

LINK = "HTTP://127.0.0.1:8000/L/0123456789ABCD"
LABEL = drawn((LINK, "qr"), (ELEMENTS, "gs1datamatrix"))
BOTH = {(LINK, "]Q1"), (ELEMENTS, "]d2")}


def said(found: tuple[photo.Found, ...]) -> set[tuple[str, str]]:
    return {(one.text, one.aim) for one in found}


@pytest.mark.parametrize("turn", [0, 17, 90, 143, 270])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_read_however_it_is_turned(form: str, turn: int) -> None:
    assert said(photo.read(file_of(taken(LABEL, turn=turn), form))) == BOTH


@pytest.mark.parametrize(("blur", "slant", "quality"), [(2.0, 0, 90), (1.5, 0.2, 60), (0, 0.35, 40), (1.0, 0.1, 25)])
def test_a_photo_is_read_blurred_from_the_side_and_compressed(blur: float, slant: float, quality: int) -> None:
    made = taken(LABEL, turn=11, blur=blur, slant=slant)
    assert said(photo.read(file_of(made, "JPEG", quality=quality))) == BOTH


def test_a_large_photo_is_read_and_its_corners_are_pixels_of_it() -> None:
    desk = Image.new("RGB", (4000, 3000), (118, 104, 90))
    desk.paste(drawn((LINK, "qr")), (2500, 1800))
    [found] = photo.read_apart(file_of(desk))
    assert found.text == LINK
    (left, top), *_ = found.corners
    assert 2500 < left < 2700
    assert 1800 < top < 2000


def test_a_plate_that_is_light_on_dark_is_read() -> None:
    engraved = LABEL.point([255 - value for value in range(256)] * 3)
    assert said(photo.read(file_of(engraved, "PNG"))) == BOTH


def test_what_is_transparent_is_white() -> None:
    clear = Image.new("RGBA", LABEL.size, "black")
    clear.putalpha(LABEL.convert("L").point([255 - value for value in range(256)]))
    assert said(photo.read(file_of(clear, "PNG"))) == BOTH


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_corners_are_those_of_the_upright_photo(orientation: int) -> None:
    """Mirrored or not, as the camera was held."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    lying = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    held = LABEL if lying is None else LABEL.transpose(lying)
    upright, turned = photo.read(file_of(LABEL, quality=95)), photo.read(file_of(held, exif=exif, quality=95))
    assert said(turned) == BOTH
    for one, other in zip(upright, turned, strict=True):
        for (x, y), (u, v) in zip(one.corners, other.corners, strict=True):
            assert abs(x - u) + abs(y - v) < 12


def test_a_symbol_that_stands_in_it_twice_is_found_once() -> None:
    assert said(photo.read(file_of(drawn((LINK, "qr"), (LINK, "qr"))))) == {(LINK, "]Q1")}
    assert len(photo.read(file_of(drawn((LINK, "qr"), (LINK, "qr"))))) == 1


def test_a_picture_without_a_symbol_has_none() -> None:
    assert photo.read_apart(file_of(Image.effect_noise((640, 480), 80))) == ()


HOSTILE = {
    "nothing": (b"", "PNG, JPEG or WebP"),
    "a text": (b"photo" * 1000, "PNG, JPEG or WebP"),
    "an SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "PNG, JPEG or WebP"),
    "a GIF": (file_of(LABEL, "GIF"), "PNG, JPEG or WebP"),
    "a TIFF": (file_of(LABEL, "TIFF"), "PNG, JPEG or WebP"),
    "a PDF": (file_of(LABEL, "PDF"), "PNG, JPEG or WebP"),
    "a bomb": (png_header(50_000, 50_000), "40000000 pixels"),
    "a bomb that Pillow warns of": (png_header(10_000, 10_000), "40000000 pixels"),
    "a bomb that Pillow lets pass": (png_header(8_000, 5_001), "40000000 pixels"),
    "a picture without its picture": (png_header(5_000, 5_000), "can be decoded"),
    "a truncated JPEG": (file_of(LABEL)[:9000], "can be decoded"),
    "a truncated PNG": (file_of(LABEL, "PNG")[:1500], "can be decoded"),
    "a truncated WebP": (file_of(LABEL, "WEBP")[:900], "PNG, JPEG or WebP|can be decoded"),
    "nine megabytes": (b"\xff\xd8\xff" + bytes(9_000_000), "8388608 bytes"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_photo_is_refused_and_the_reason_is_said(name: str) -> None:
    content, why = HOSTILE[name]
    with pytest.raises(RenderError, match=why):
        photo.read(content)


@pytest.mark.parametrize("name", ["a text", "a bomb", "a truncated JPEG", "nine megabytes"])
def test_a_refusal_comes_out_of_the_process_apart(name: str) -> None:
    content, why = HOSTILE[name]
    with pytest.raises(RenderError, match=why):
        photo.read_apart(content)


def test_a_photo_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(RenderError, match=r"within 0\.01 seconds"):
        photo.read_apart(file_of(LABEL), seconds=0.01)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_broken_bytes_raise_nothing_else(form: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    whole, chance = file_of(LABEL.resize((300, 160)), form, exif=exif), random.Random(form)  # noqa: S311 - the same at each run
    for _ in range(120):
        broken = bytearray(whole)
        for _ in range(chance.randint(1, 12)):
            broken[chance.randrange(len(broken) if chance.random() < 0.5 else 200)] = chance.randrange(256)
        try:
            photo.read(bytes(broken[: chance.randint(20, len(broken))] if chance.random() < 0.3 else broken))
        except RenderError:
            continue
