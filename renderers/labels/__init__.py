"""One file per output format of whole labels, found by its name.

It has `MEDIA_TYPE` and, if a file of it can be one label, `draw(drawing, *, dpi) -> bytes`; if it can be many,
`stream(drawings, *, dpi, grid) -> Iterator[bytes]`, which is asked for one label or more. `renderers` has checked the
resolution. The same bytes come out every time, and nothing of a text or payload is in them but its outlines and dots.
"""
