"""Threads: the first texts of a process may be set by several at once."""

from __future__ import annotations

import subprocess
import sys

SET_AT_ONCE = """
from concurrent.futures import ThreadPoolExecutor
from renderers.typefaces import outline, set_run

def width(text):
    outline("ocr", text[0])
    return set_run("sans", text).width + set_run("ocr", text).width

texts = [f"TWIN {number}" for number in range(8)]
with ThreadPoolExecutor(8) as pool:
    print(list(pool.map(width, texts)) == [width(text) for text in texts])
"""


def test_threads_that_read_a_typeface_first_set_the_same_text() -> None:
    for _ in range(3):
        ran = subprocess.run([sys.executable, "-c", SET_AT_ONCE], capture_output=True, text=True, check=False)
        assert ran.stdout == "True\n", ran.stderr[-500:]
