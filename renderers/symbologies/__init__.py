"""One file per symbology, found by its name.

It has `encode(payload: str) -> Symbol`, which refuses with `RenderError` what the symbology cannot hold, and hands to
the library below nothing but constants and a text that `renderers.payload.checked` let through.
"""
