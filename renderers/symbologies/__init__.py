"""One file per symbology, found by its name.

It has `encode(payload: str, *, ...) -> Symbol`, whose further parameters are the options that `renderers.encode` passes
on: words or numbers, not yet checked otherwise. It refuses with `RenderError` what the symbology cannot hold, and hands
to the library below nothing but constants and a text that `renderers.payload.checked` let through. `READ_AS` is what
zxing-cpp calls the symbology, to read it back.
"""
