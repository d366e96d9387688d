"""One file per output format, found by its name.

It has `MEDIA_TYPE` and `write(symbol, *, module_mm, dpi) -> bytes`, whose measures `renderers.write` has checked. It
draws the quiet zone with the symbol, dark on light on any page, and the same bytes every time.
"""
