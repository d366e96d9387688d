"""ZIP: an SVG document for each label."""

from __future__ import annotations

from io import RawIOBase
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from renderers.errors import RenderError
from renderers.labels import svg

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from typing_extensions import Buffer

    from renderers.drawing import Drawing
    from renderers.writers.pdf import Grid

__all__ = ["MEDIA_TYPE", "stream"]

MEDIA_TYPE = "application/zip"
BEGINNING = 1980, 1, 1, 0, 0, 0  # of time, in a ZIP file: there is no clock in it
UNIX, READABLE = 3, 0o100644 << 16


def stream(drawings: Iterable[Drawing], *, dpi: int, grid: Grid | None = None) -> Iterator[bytes]:
    """Draw labels as SVG documents, `0001.svg` and so on, in one archive.

    Args:
        drawings: what to draw.
        dpi: not used.
        grid: none; a document is a label.

    Returns:
        The file, in parts, one label at a time.

    Raises:
        RenderError: there is a grid.

    References:
        PKWARE, APPNOTE.TXT sections 4.3 (structure; data descriptors), 4.4.6 (date and time).

    Examples:
        >>> from io import BytesIO
        >>> from renderers.drawing import Drawing
        >>> ZipFile(BytesIO(b"".join(stream([Drawing(60, 30)] * 2, dpi=300)))).namelist()
        ['0001.svg', '0002.svg']
    """
    if grid is not None:
        raise RenderError("grid", grid, expected="none for zip")
    return _parts(drawings, dpi)


def _parts(drawings: Iterable[Drawing], dpi: int) -> Iterator[bytes]:
    sink = _Sink()
    with ZipFile(sink, "w") as archive:
        for number, drawing in enumerate(drawings, 1):
            entry = ZipInfo(f"{number:04}.svg", BEGINNING)
            entry.compress_type, entry.create_system, entry.external_attr = ZIP_DEFLATED, UNIX, READABLE
            archive.writestr(entry, svg.draw(drawing, dpi=dpi))
            yield sink.taken()
    yield sink.taken()


class _Sink(RawIOBase):
    """What an archive is written to, and taken from before the next part is."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, part: Buffer, /) -> int:
        self._parts.append(octets := bytes(part))
        return len(octets)

    def taken(self) -> bytes:
        whole = b"".join(self._parts)
        self._parts.clear()
        return whole
