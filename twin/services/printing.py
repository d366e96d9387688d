"""Printing: from a payload to a symbol's bytes, from a template to a label's. The one service that draws."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import renderers
from twin.domain.history import Document
from twin.domain.profiles import LINK, profile
from twin.services.filling import page_of, translated

__all__ = [
    "DEFAULT_DPI",
    "DEFAULT_MODULE_MM",
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


@dataclass(frozen=True, slots=True)
class Image:
    """A drawn symbol.

    Args:
        content: the bytes; the same input always gives the same.
        media_type: such as `image/svg+xml`.
        sha256: of the bytes, hexadecimal.
    """

    content: bytes
    media_type: str
    sha256: str


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
    """The symbol that encodes a payload, with its quiet zone.

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
    with translated():
        symbol = renderers.encode(payload, symbology, **dict[str, Any](options or {}))
        return _image(renderers.write(symbol, format_name, module_mm=module_mm, dpi=dpi), format_name)


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
    return Image(content, renderers.media_type(format_name), hashlib.sha256(content).hexdigest())
