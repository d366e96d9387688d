"""An engine that prints ZPL and that we did not write."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
DOTS_PER_MM = {203: 8, 300: 12, 600: 24}  # how the engine says it
Printer = Callable[[bytes, int], Image.Image]

ENGINE = """
globalThis.crypto ??= require("node:crypto").webcrypto;
require("zpl-renderer-js").ready.then(async ({ api }) => {
  for await (const line of require("node:readline").createInterface({ input: process.stdin })) {
    const { zpl, width, height, density } = JSON.parse(line);
    console.log(await api.zplToBase64Async(zpl, width, height, density));
  }
  process.exit(0);
});
"""


def missing() -> bool:
    node = shutil.which("node")
    asked = [node or "", "-e", "require.resolve('zpl-renderer-js')"]
    return node is None or subprocess.run(asked, cwd=ROOT, capture_output=True, check=False).returncode != 0


@pytest.fixture(scope="module")
def printer() -> Iterator[Printer]:
    """A printer of 1-bit dots: takes a format and the resolution, gives the label."""
    if missing():
        pytest.skip(
            "zpl-renderer-js (npm install --no-save zpl-renderer-js@3.4.0) is missing: nobody else prints our ZPL"
        )
    with subprocess.Popen(
        ["node", "-e", ENGINE], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as engine:
        assert engine.stdin is not None
        assert engine.stdout is not None
        paper, answers = engine.stdin, engine.stdout

        def printed(zpl: bytes, dpi: int) -> Image.Image:
            width, height = (int(side) for side in re.findall(rb"\^PW(\d+)\^LL(\d+)", zpl)[0])
            density = DOTS_PER_MM[dpi]
            size = {"width": width / density, "height": height / density, "density": density}
            paper.write(json.dumps({"zpl": zpl.decode("ascii")} | size) + "\n")
            paper.flush()
            label = Image.open(BytesIO(base64.b64decode(answers.readline())))
            return label.convert("L").point(lambda dot: 255 * (dot > 127))

        yield printed
        paper.close()
