"""Scanned texts read a second, beside the field's other readers on the same inputs in one run.

Ours is `identity.read`: it asks every standard, checks whatever the standard lets one check, and gives the canonical
form. The others are told which standard it is. A ratio of 2 means that ours reads twice as many a second. Rounds
alternate; the median round counts.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence

import biip
import vininfo
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from epcpy import epc_pure_identity_to_gs1_element_string, hex_to_tag_encodable

from twin import identity
from twin.identity.epc import EPC
from twin.identity.gs1 import GS1

ROUNDS = 7
TEXTS = 1_000
CHOICE = random.Random(20261122)  # noqa: S311 - the same texts in every run

Reader = Callable[[str], object]


def rate(read: Reader, texts: Sequence[str]) -> float:
    """Texts a second."""
    begun = time.perf_counter()
    for text in texts:
        read(text)
    return len(texts) / (time.perf_counter() - begun)


def compare(name: str, texts: Sequence[str], other: Reader) -> None:
    """Print the median ratio of ours to another reader over alternating rounds."""
    assert all(len(identity.read(text).candidates) >= 1 for text in texts), "a text that we do not read"
    ratios, rates = [], []
    for _ in range(ROUNDS):
        ours, others = rate(identity.read, texts), rate(other, texts)
        ratios.append(ours / others)
        rates.append((ours, others))
    ours, others = (statistics.median(column) for column in zip(*rates, strict=True))
    print(
        f"{name:<44} {statistics.median(ratios):6.2f}   ({min(ratios):.2f} to {max(ratios):.2f})"
        f"   ours {ours:7.0f}/s   other {others:7.0f}/s"
    )


def text(alphabet: str, shortest: int, longest: int) -> str:
    """A random text of some length."""
    return "".join(CHOICE.choices(alphabet, k=CHOICE.randint(shortest, longest)))


def items() -> list[GS1]:
    """Trade items with lot, expiry and serial number."""
    found = []
    for _ in range(TEXTS):
        body = "0614141" + text("0123456789", 5, 5)
        check = -sum(int(digit) * weight for digit, weight in zip("0" + body, (3, 1) * 7, strict=False)) % 10
        elements = [("01", f"0{body}{check}"), ("17", "271231"), ("10", text("ABCDEF0123456789", 4, 10))]
        found.append(GS1.of([*elements, ("21", str(CHOICE.randint(1, 2**38 - 1)))]))
    return found


def vins() -> list[str]:
    """VINs of a North American maker, with their check digits."""
    found: list[str] = []
    while len(found) < TEXTS:
        candidate = f"1M8GDM9A{text('0123456789X', 1, 1)}KP{text('0123456789', 6, 6)}"
        if not identity.read(candidate).candidates[0].findings:
            found.append(candidate)
    return found


def main() -> None:
    """Compare with each."""
    trade = items()
    tags = [EPC.of_gs1(GS1.of([("01", item.elements[0][1]), ("21", item.elements[3][1])]), 7) for item in trade]
    print(f"{TEXTS} texts, {ROUNDS} rounds\n{'':<44}  ratio")
    compare("GS1 element string, to biip", [f"]d2{item.as_element_string()}" for item in trade], biip.parse)
    compare("GS1 Digital Link, to biip", [item.as_digital_link() for item in trade], GS1DigitalLinkURI.parse)
    compare("GTIN-14, to biip", [item.elements[0][1] for item in trade], biip.parse)
    compare("SGTIN-96 hex, to epcpy", [tag.as_hex() for tag in tags], hex_to_tag_encodable)
    uris = [tag.as_pure_identity() for tag in tags]
    compare("SGTIN URI, to epcpy", uris, epc_pure_identity_to_gs1_element_string)
    compare("VIN with check digit, to vininfo", vins(), lambda value: vininfo.Vin(value).verify_checksum())
    foreign = [text("abcdefghijklmnopqrstuvwxyz -", 5, 40) for _ in range(TEXTS)]
    print(f"{'text of no known form':<44} {'':<24}   ours {rate(identity.read, foreign):7.0f}/s")


if __name__ == "__main__":
    main()
