"""Whatever is scanned, only our errors come out, and what is recognised has one canonical form."""

from __future__ import annotations

import random
import time
from collections import Counter

import pytest

from twin import identity
from twin.errors import TwinError

# One text or more of each form that we read; the rest is made of them.
SEEDS = (
    "1M8GDM9AXKP042788",
    "I1M8GDM9AXKP042788",
    "https://twin.example/L/0123456789ABC8",
    "0109506000134352172612311010A1\x1d21ABC-7",
    "(01)09506000134352(17)261231(10)A1(21)ABC",
    "[01]09506000134352[21]ABC",
    "https://id.gs1.org/01/09506000134352/10/A%2F1/21/S1?17=261231",
    "http://brand.example/a/b/8006/095060001343520102/21/S1",
    "00106141411234567897",
    "80131987654Ad4X4bL5ttr2310c2K",
    "09506000134352",
    "+A99912345/$$52001510X3C",
    "+A123BJC5D6E71G",
    "=/A9999XYZ100T0944=,000025=A99971312345600=>014032=}013032&,1000000000000XYZ123",
    "[)>\x1e06\x1d17V0CVA5\x1d1P1234\x1dS786950\x1e\x04",
    "[)>\x1e06\x1d18S0CVA5786950\x1e\x04",
    "[)>\x1e05\x1d0109506000134352\x1d21ABC\x1e\x04",
    "[)>\x1e12\x1dMFR 0CVA5\x1dPNO 1234\x1dSER 786950\x1e\x04",
    "3074257BF7194E4000001A85",
    "urn:epc:id:sgtin:0614141.812345.6789",
    "urn:epc:tag:sscc-96:0.0614141.1234567890",
    "urn:epc:raw:96.x3074257BF7194E4000001A85",
    "3B0E0CF5E76C9047759AD00373DC7602E7200000",
    "https://example.com/nameplate?s=4711",
    "part:0CVA5/1234/lot/L7/serial/S%2F1",
    "iuid:D0CVA51234786950",
    "1JUN123456789A2B4C6D8E",
    "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
)
SPICE = "0123456789ABCXYZ()[]{}<>^%/+$.:-=&?#* \x1d\x1e\x04\x00\u241d\ud800\u0663\uff11\u017fé"
SYMBOLOGIES = (None, None, None, "]A0", "]C1", "]d2", "]d1", "]E0", "]Q3", "]Q1", "]I1", "]X9")


def mutated(choose: random.Random) -> str:
    """A text that looks like a scan."""
    text = choose.choice(SEEDS)
    for _ in range(choose.choice((0, 1, 1, 2, 3, 6))):
        at = choose.randrange(len(text) + 1)
        match choose.randrange(6):
            case 0:
                text = text[:at] + choose.choice(SPICE) + text[at:]
            case 1:
                text = text[:at] + text[at + 1 :]
            case 2:
                text = text[:at] + choose.choice(SPICE) + text[at + 1 :]
            case 3:
                other = choose.choice(SEEDS)
                text = text[:at] + other[choose.randrange(len(other)) :]
            case 4:
                text = text[:at] + text[at : at + choose.randrange(20)] * choose.randrange(4) + text[at:]
            case _:
                text = text.swapcase() if choose.random() < 0.2 else text[:at]
        text = text[:1_990]
    return text


def read_many(count: int, seed: int) -> Counter[str]:
    """Read that many texts, and tell what came of them."""
    choose, came = random.Random(seed), Counter[str]()  # noqa: S311 - a run that can be repeated
    for _ in range(count):
        text, symbology_identifier = mutated(choose), choose.choice(SYMBOLOGIES)
        try:
            reading = identity.read(text, symbology_identifier)
        except TwinError:
            came["refused"] += 1
            continue
        except Exception as error:
            raise AssertionError((seed, text, symbology_identifier)) from error
        came["candidates" if reading.candidates else "faults" if reading.faults else "nothing"] += 1
        assert all(fault.message.isprintable() for fault in reading.faults), (seed, text)
        for candidate in reading.candidates:
            assert all(finding.message.isprintable() for finding in candidate.findings), (seed, text)
            for known in (candidate, *candidate.implied):
                assert identity.parse(known.canonical).canonical == known.canonical, (seed, text, known)
    return came


def test_only_our_errors_come_out_and_canonical_forms_stay() -> None:
    came = read_many(10_000, seed=1)
    assert all(came[what] > 500 for what in ("candidates", "faults", "nothing")), came


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_only_our_errors_come_out_of_a_million_texts() -> None:
    seed, began = time.time_ns() % 1_000_000, time.monotonic()
    print(f"\nseed {seed}")  # noqa: T201 - to repeat it
    came = read_many(1_000_000, seed)
    print(f"1,000,000 texts in {time.monotonic() - began:.0f} s: {dict(came)}")  # noqa: T201 - for the note
