"""From a layout to a drawing: texts are set, symbols encoded, and nothing overlaps a symbol."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from renderers.drawing import Drawing
    from renderers.layout import Page

__all__ = ["compose"]


def compose(page: Page) -> Drawing:
    """Set the texts of a label and encode its symbols, each of which is read back.

    Args:
        page: the layout.

    Raises:
        RenderError: names the element and what is wrong with it.
    """
    raise NotImplementedError
