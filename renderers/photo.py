"""Photos of labels: what their symbols say.

A photo is hostile until proven otherwise, and libraries that decode pictures are native code. So `read_apart`, which is
what services call, hands it to a process of its own, which has no secrets, little memory and not much time: what hangs,
swells or crashes there harms nobody. A thread could not be stopped.
"""

from __future__ import annotations

import json
import os
import pkgutil
import struct
import subprocess
import sys
from dataclasses import asdict, dataclass
from functools import cache
from importlib import import_module
from io import BytesIO
from typing import TYPE_CHECKING

import zxingcpp
from PIL import Image, ImageOps, UnidentifiedImageError

from renderers.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MAX_BYTES", "MAX_PIXELS", "Found", "read", "read_apart"]

MAX_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_SECONDS = 20.0
MAX_SYMBOLS = 16
FORMATS = "PNG", "JPEG", "WEBP"
SIDES = 1600, 3200, None  # what a picture is reduced to as well: so noise and moiré go

DECODABLE = "a picture that can be decoded"

_MAX_MEMORY = 1 << 30
_LIGHT = 255
_BROKEN = (OSError, ValueError, SyntaxError, EOFError, struct.error, LookupError, TypeError, ArithmeticError)
_INHERITED = "PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "SYSTEMROOT"


@dataclass(frozen=True, slots=True)
class Found:
    """A symbol in a photo, as a reader reports it.

    Args:
        text: what it says.
        aim: the symbology identifier.
        corners: x and y of its corners in pixels of the upright photo, clockwise from where the symbol begins.

    References:
        ISO/IEC 15424 (`aim`).
    """

    text: str
    aim: str
    corners: tuple[tuple[int, int], ...]


def read(photo: bytes) -> tuple[Found, ...]:
    """Read the symbols in a photo, in this process: for tests, and for the process of `read_apart`.

    The photo is read reduced, less reduced and whole, since one size shows the large symbol and another the small one
    beside it; turned, light on dark, and upright as its EXIF data say.

    Args:
        photo: a PNG, JPEG or WebP file of at most `MAX_BYTES` and `MAX_PIXELS`; of an animation the first picture.

    Returns:
        Each symbol of a symbology that we draw, `MAX_SYMBOLS` at most, from the top of the photo down; one that stands
        in it more than once is found once.

    Raises:
        RenderError: it is no such file, a broken one, or too large.

    Examples:
        >>> from renderers import encode, write
        >>> [found] = read(write(encode("TWIN-42", "datamatrix"), "png", module_mm=0.5))
        >>> found.text, found.aim
        ('TWIN-42', ']d1')
    """
    grey = _grey(photo)
    found: dict[tuple[str, str], Found] = {}
    for picture, scale in _sizes(grey):
        for one in zxingcpp.read_barcodes(picture, formats=_formats(), text_mode=zxingcpp.TextMode.Plain):
            at = one.position
            corners = tuple(
                (round(corner.x * scale), round(corner.y * scale))
                for corner in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
            )
            found.setdefault((one.text, one.symbology_identifier), Found(one.text, one.symbology_identifier, corners))
    return tuple(sorted(found.values(), key=lambda one: one.corners[0][::-1])[:MAX_SYMBOLS])


def read_apart(photo: bytes, *, seconds: float = MAX_SECONDS) -> tuple[Found, ...]:
    """Read the symbols in a photo, in a process of its own.

    Args:
        photo: as `read` takes it.
        seconds: how long it may take.

    Returns:
        What `read` finds.

    Raises:
        RenderError: what `read` refuses, or a photo that takes too long or too much memory.
    """
    _require_size(photo)
    command = [sys.executable, "-P", "-W", "ignore", "-m", "renderers.photo"]
    environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    try:
        done = subprocess.run(  # noqa: S603 - the command is constant
            command, input=photo, capture_output=True, timeout=seconds, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise _refused(f"one that is read within {seconds:g} seconds", "one that takes longer") from None
    try:
        answer = json.loads(done.stdout)
    except ValueError:  # it was ended from outside, or by native code
        raise _refused(DECODABLE, "one that ends the decoder") from None
    if "expected" in answer:
        raise _refused(**answer)
    return tuple(Found(**one | {"corners": tuple(map(tuple, one["corners"]))}) for one in answer["found"])


@cache
def _formats() -> zxingcpp.BarcodeFormats:
    """What we draw: readers of everything take the texture of a shop floor for a barcode now and then."""
    package = import_module("renderers.symbologies")  # by its name: the package has a function of that name too
    names = [name for _, name, _ in pkgutil.iter_modules(package.__path__)]
    return zxingcpp.BarcodeFormats([import_module(f"{package.__name__}.{name}").READ_AS for name in names])


def _require_size(photo: bytes) -> None:
    if len(photo) > MAX_BYTES:
        raise _refused(f"at most {MAX_BYTES} bytes", f"{len(photo)}")


def _grey(photo: bytes) -> Image.Image:
    """The picture upright, in shades of grey, on white where it is transparent."""
    _require_size(photo)
    try:
        picture = Image.open(BytesIO(photo), formats=FORMATS)
        _require_pixels(picture)
        upright = ImageOps.exif_transpose(picture)
        if upright.has_transparency_data:
            white = Image.new("RGBA", upright.size, (_LIGHT,) * 4)
            upright = Image.alpha_composite(white, upright.convert("RGBA"))
        return upright.convert("L")
    except RenderError:
        raise
    except UnidentifiedImageError:
        raise _refused("PNG, JPEG or WebP", "another file, or a broken one") from None
    except Image.DecompressionBombError:
        raise _refused(f"at most {MAX_PIXELS} pixels", "many more") from None
    except MemoryError:
        raise _refused(DECODABLE, "one that takes too much memory") from None
    except _BROKEN as error:
        raise _refused(DECODABLE, f"a broken one ({type(error).__name__})") from None


def _require_pixels(picture: Image.Image) -> None:
    if picture.width * picture.height > MAX_PIXELS:
        raise _refused(f"at most {MAX_PIXELS} pixels", f"{picture.width} x {picture.height}")


def _refused(expected: str, found: str) -> RenderError:
    return RenderError("photo", "of a label", expected=expected, found=found)


def _sizes(grey: Image.Image) -> Iterator[tuple[Image.Image, float]]:
    """The picture reduced, less reduced and whole; each with how many pixels of the photo one of its pixels is."""
    longest = max(grey.size)
    for side in SIDES:
        if side is None or side >= longest:
            yield grey, 1.0
            return
        scale = longest / side
        size = max(1, round(grey.width / scale)), max(1, round(grey.height / scale))
        yield grey.resize(size, Image.Resampling.BOX, reducing_gap=2.0), scale


def _main() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, _MAX_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer: dict[str, object] = {"found": [asdict(one) for one in read(sys.stdin.buffer.read(MAX_BYTES + 1))]}
    except RenderError as error:
        answer = {"expected": error.expected, "found": error.found}
    except MemoryError:
        answer = {"expected": DECODABLE, "found": "one that takes too much memory"}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    _main()
