"""Printing: from a payload to a symbol's bytes, from a template to a label's. The one service that draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import renderers
from twin.domain.history import Document
from twin.domain.profiles import LINK, profile
from twin.services.filling import page_of, translated
from twin.services.kept import Image, Kept

__all__ = [
    "DEFAULT_DPI",
    "DEFAULT_MODULE_MM",
    "DRAWN",
    "Image",
    "draw",
    "draw_label",
    "draw_page",
    "formats",
    "page_of",
    "symbologies",
]

DEFAULT_MODULE_MM = 0.5
DEFAULT_DPI = 300


DRAWN = Kept(most=16 * 1024 * 1024, largest=128 * 1024)
"""The symbols that were asked for last: a label's symbol is drawn once, and fetched often."""


def symbologies() -> tuple[str, ...]:
    """The kinds of symbol that we can draw."""
    return renderers.symbologies()


def formats() -> tuple[str, ...]:
    """The formats that we can write."""
    return renderers.formats()


def draw(
    payload: str,
    symbology: str,
    format_name: str,
    *,
    module_mm: float,
    dpi: int,
    options: Mapping[str, str] | None = None,
) -> Image:
    """The symbol that encodes a payload, with its quiet zone; drawn once, for as long as it is asked for.

    Args:
        payload: what it encodes.
        symbology: one of `symbologies()`.
        format_name: one of `formats()`.
        module_mm: the side of a module, in millimetres.
        dpi: dots per inch, where the format has dots.
        options: of the symbology, such as `level`.

    Raises:
        InvalidInput: what the renderer refuses.
    """
    key = (payload, symbology, format_name, module_mm, dpi, tuple(sorted((options or {}).items())))
    image = DRAWN.get(key)
    if image is None:
        with translated():
            symbol = renderers.encode(payload, symbology, **dict[str, Any](options or {}))
            image = _image(renderers.write(symbol, format_name, module_mm=module_mm, dpi=dpi), format_name)
        DRAWN.put(key, image)
    return image


def draw_label(
    label: Document,
    payload: str,
    *,
    symbology: str | None = None,
    format_name: str = "svg",
    module_mm: float = DEFAULT_MODULE_MM,
    dpi: int = DEFAULT_DPI,
) -> Image:
    """The symbol of a label: of the first kind that its profile permits, unless another is asked for.

    Args:
        label: the label's document.
        payload: what it encodes.
        symbology: one that the profile permits, or None.
        format_name: one of `formats()`.
        module_mm: the side of a module, in millimetres.
        dpi: dots per inch, where the format has dots.

    Raises:
        InvalidInput: a symbology that the profile does not permit, or what the renderer refuses.
    """
    known = profile(label["head"]["profile"])
    chosen = known.link_symbology(symbology)
    options = known.carrier(LINK).options_of(chosen)
    return draw(payload, chosen, format_name, module_mm=module_mm, dpi=dpi, options=options)


def draw_page(page: renderers.Page, format_name: str, *, dpi: int = DEFAULT_DPI) -> Image:
    """A whole label: its texts set, its symbols encoded and read back.

    Args:
        page: what stands on it, as `page_of` filled it.
        format_name: one of `formats()`.
        dpi: dots per inch, where the format has dots.

    Raises:
        InvalidInput: what the renderer refuses: a text that is too long, a symbol that does not fit.
    """
    with translated():
        return _image(renderers.draw(renderers.compose(page), format_name, dpi=dpi), format_name)


def _image(content: bytes, format_name: str) -> Image:
    return Image.of(content, renderers.media_type(format_name))
