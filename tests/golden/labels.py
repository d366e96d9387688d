"""The sample label of each profile in every format, as the files beside this one hold it.

SVG and both forms of ZPL are there as they are; of PDF and PNG the digests, of PNG that of its dots, since its
compression is that of whatever zlib there is. `make golden` draws them anew: look at what has changed before it is
committed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from PIL import Image

from twin.domain.builtin import builtins, sample
from twin.services import printing

FOLDER = Path(__file__).parent
DIGESTS = FOLDER / "digests.json"
KEPT = ("svg", "zpl", "zplnative")
PAYLOAD = "https://id.example.com/L/00000000000000"
DPI = 203


def drawn(profile: str, format_name: str) -> bytes:
    """The sample of a profile in a format."""
    page = printing.page_of(builtins()[profile].template, {"head": sample(profile)}, PAYLOAD)
    return printing.draw_page(page, format_name, dpi=DPI).content


def dots(png: bytes) -> Image.Image:
    """What a PNG shows, without its compression."""
    return Image.open(BytesIO(png)).convert("1")


def digests(profile: str) -> Mapping[str, str]:
    """What stands for the formats that are not kept as they are."""
    picture = dots(drawn(profile, "png"))
    return {
        "pdf": hashlib.sha256(drawn(profile, "pdf")).hexdigest(),
        "png": hashlib.sha256(f"{picture.size}".encode() + picture.tobytes()).hexdigest(),
    }


def kept(profile: str, format_name: str) -> Path:
    """The file that holds a label as it is."""
    return FOLDER / f"{profile}.{format_name}"


def renew() -> None:
    """Draw all of them anew."""
    for profile in builtins():
        for format_name in KEPT:
            kept(profile, format_name).write_bytes(drawn(profile, format_name))
    found = {profile: digests(profile) for profile in builtins()}
    DIGESTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    renew()
