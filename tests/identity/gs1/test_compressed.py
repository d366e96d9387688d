"""Compressed Digital Links, by the examples of an implementation that is not ours, and of GS1's own prototype."""

from __future__ import annotations

import random
import string

import pytest

from twin.errors import InvalidIdentifier
from twin.identity.gs1 import compressed, decompressed

# Solidsoft-Reply/Gs1DigitalLinkLib, Tests/Features; the last two: gs1/GS1DigitalLinkCompressionPrototype, its source.
WHOLE = [
    ("AN2yxDhfaiaw", "00/998440410914660971"),
    ("AQnYUc1gmg", "01/05412345000013"),
    ("AQnYUc1gmiCNV4JG", "01/05412345000013/10/ABC123"),
    ("AQnYUc1gmiCNV4JGQhcNT6K6c", "01/05412345000013/10/ABC123/21/72292641703"),
    (
        "AQnYUc1gmiCNV4JGQhcNT6K6cibQCWN9Pee9tT-PQ",
        "01/05412345000013/22/AJY3095721P49/10/ABC123/21/72292641703",
    ),
    ("AQnYUc1gmiCNV4JGRNoBLG-nvPe2p_Ho", "01/05412345000013/22/AJY3095721P49/10/ABC123"),
    ("AQnYUc1gmkax7ipGrOHDPC5YNI8hMz", "01/05412345000013/235/8TFV883a904GH%263"),
    ("AQnYUc1gmkIXDU-iun", "01/05412345000013/21/72292641703"),
    ("AQnYUc1gmkIXDU-iunIm0AljfT3nvbU_j0", "01/05412345000013/22/AJY3095721P49/21/72292641703"),
    ("AQnYUc1gmkTaASxvp7z3tqfx6", "01/05412345000013/22/AJY3095721P49"),
    ("JTLIetaiHYA", "253/3060077601309"),
    ("JVUqG5hJ5wA", "255/5678409730535"),
    ("QBl2DVoxZM2jVm3ZOWEFoxTR5HDgzZg", "401/0541234537290A41%26GHpp33"),
    ("QCJZyW9mC6Z4", "402/21173492661712079"),
    ("QUSaVjC_dA", "414/5060917510004"),
    ("JUa0T-eifdtOO9UFEmlYwv3Q", "414/5060917510004/254/RP56J920471"),
    ("QUSaVjC_dHBAVlCrg", "414/5060917510004/7040/5KFX"),
    ("QVSaVjC_dA", "415/5060917510004"),
    ("QXSaVjC_dA", "417/5060917510004"),
    ("QXSaVjC_dHBAVlCrg", "417/5060917510004/7040/5KFX"),
    ("cEB2CqjAAkuwatGLJm0as27JywgtGKaPI4cGbM", "8004/0541234537290A41%26GHpp33/7040/7BVR"),
    ("gAMJCAXukTMA", "8003/04965031954585"),
    ("gASXYNWjFkzaNWbdk5YQWjFNHkcODNm", "8004/0541234537290A41%26GHpp33"),
    ("gBCVYNWjFkzaNWbdk5YQWjFHHkM2cAI0xdvpGo", "8010/0541234537290A41%23GH33/8011/6639047221"),
    ("gBCVYNWjFkzaNWbdk5YQWjFHHkM2Y", "8010/0541234537290A41%23GH33"),
    ("gBe1ajAd9ATDk", "8017/817019610850151481"),
    ("gBe1ajAd9ATDmAGXPRfk", "8017/817019610850151481/8019/4003812"),
    ("gBhbV6rzBENPk", "8018/411369833821910265"),
    ("gBhbV6rzBENPmAGXPRfk", "8018/411369833821910265/8019/4003812"),
    ("AQnYUc1gmiERBhQ0ytiyZuAGOLc1TQ", "01/05412345000013/10/ABC%26%2B123?7003=1903061658"),
    (
        "AQnYUc1gmiERBhQ0ytiyZuAGOLc1TXhXsaXbQKHFuaprwUmrBX6g",
        "01/05412345000013/10/ABC%26%2B123?7003=1903061658&expdt=1903061658&k1=v1",
    ),
]
PARTIAL = [
    ("01/05412345000013/EEarwSM", "01/05412345000013/10/ABC123"),
    ("01/05412345000013/EEarwSMhC4an0V04", "01/05412345000013/10/ABC123/21/72292641703"),
    ("01/05412345000013/I1j3FSNWcOGeFywaR5CZm", "01/05412345000013/235/8TFV883a904GH%263"),
    ("414/5060917510004/cEBWUKu", "414/5060917510004/7040/5KFX"),
    ("414/5060917510004/JUa0T-eifdtOO9Q", "414/5060917510004/254/RP56J920471"),
    ("8004/0541234537290A41%26GHpp33/cEB2Cqi", "8004/0541234537290A41%26GHpp33/7040/7BVR"),
    ("8010/0541234537290A41%23GH33/gBGmLt9I1", "8010/0541234537290A41%23GH33/8011/6639047221"),
    ("8018/411369833821910265/gBlz0X5A", "8018/411369833821910265/8019/4003812"),
]
ITIPS = [
    "EEarwSMhC4an0V05E2gEsb6e897an8ewAMGAkftmjYEy",
    "EEarwSMhC4an0V08ADBgJH7Zo2BMg",
    "EEarwSMibQCWN9Pee9tT-PYAGDASP2zRsCZ",
    "EEarwSOABgwEj9s0bAmQ",
    "gAYMBI_bNGwJk",
    "Im0AljfT3nvbU_j2ABgwEj9s0bAmQ",
    "IQuGp9FdORNoBLG-nvPe2p_HsADBgJH7Zo2BMg",
    "IQuGp9FdPAAwYCR-2aNgTI",
    "8006/054123450000130201/IQuGp9FdORNoBLG-nvPe2p_Ho",
]
"""Of (8006)054123450000130201, which is the second piece of one."""

OTHERWISE = ("JUa0", "cEB2")  # others write the key behind its qualifiers
WRITTEN = {path: code for code, path in WHOLE if "?" not in path and "/22/" not in path and code[:4] not in OTHERWISE}


@pytest.mark.parametrize(("code", "path"), [*WHOLE, *PARTIAL])
def test_examples_of_others_are_read(code: str, path: str) -> None:
    assert decompressed(code) == path


@pytest.mark.parametrize("code", ITIPS)
def test_examples_that_break_a_rule_are_refused_for_it(code: str) -> None:
    with pytest.raises(InvalidIdentifier, match=r"'054123450000130201' is not a GS1 \(8006\) ITIP: expected a piece"):
        decompressed(code)


@pytest.mark.parametrize("path", WRITTEN)
def test_what_is_written_is_what_others_write(path: str) -> None:
    assert compressed(path) == WRITTEN[path]


@pytest.mark.parametrize("path", sorted({path.partition("?")[0] for _, path in WHOLE}))
def test_what_is_written_is_read(path: str) -> None:
    assert decompressed(compressed(path)) == path


@pytest.mark.parametrize(
    ("bits", "path"),
    [
        (f"{0x0C:08b}{5412345000013:047b}" + "000" + "00010" + f"{42:07b}", "01/05412345000013/21/42"),
        (f"{0x0D:08b}{5412345000013:047b}{261231:020b}", "01/05412345000013?17=261231"),
        (f"{0x9B:08b}{817019610850151481:060b}" + "0111" + f"{4003812:024b}", "8017/817019610850151481/8019/4003812"),
        (f"{0xC0:08b}{5678409730535:044b}" + "0000" + "0" + "0001" + f"{5:04b}", "255/5678409730535?3900=5"),
    ],
)
def test_sequences_of_application_identifiers_are_read(bits: str, path: str) -> None:
    padded = bits + "0" * (-len(bits) % 6)
    alphabet = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    code = "".join(alphabet[int(padded[at : at + 6], 2)] for at in range(0, len(padded), 6))
    assert decompressed(code) == path


WRONG = [
    ("AQnYUc1gmA", "expected the check digit 3"),
    ("AQnYUc1gm", "bits more, found"),
    ("AQnYUc1gmh", "expected zeros at the end"),
    ("AQnYUc1gmiCNV4J", "bits more"),
    ("GgnYUc1gmg", "expected a known sequence of application identifiers, found 1A"),
    ("nQnYUc1gmg", "expected a known sequence of application identifiers, found 9D"),
    ("BAnYUc1gmg", "expected an application identifier, found 04"),
    ("IEarwSMAAAA", "expected"),
    ("EEarwSMA", "expected elements"),
    ("01/05412345000013/AQnYUc1gmg", "each application identifier once"),
    ("01/05412345000012/EEarwSM", "check digit"),
    ("foo/bar/EEarwSM", "expected a primary key"),
    ("AQnYUc1g=g", "expected letters, digits, - and _"),
    ("", "expected letters"),
]


@pytest.mark.parametrize(("code", "why"), WRONG)
def test_what_stands_for_nothing_says_why(code: str, why: str) -> None:
    with pytest.raises(InvalidIdentifier, match=why):
        decompressed(code)


def test_random_texts_are_refused_or_are_links() -> None:
    chance = random.Random(9)  # noqa: S311 - the same texts in every run
    alphabet = string.ascii_letters + string.digits + "-_"
    read = 0
    for _ in range(20_000):
        code = "".join(chance.choices(alphabet, k=chance.randint(1, 60)))
        try:
            path = decompressed(code)
        except InvalidIdentifier:
            continue
        read += 1
        assert decompressed(compressed(path.partition("?")[0])) == path.partition("?")[0]
    assert read < 200
