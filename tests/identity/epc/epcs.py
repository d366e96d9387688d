"""Random EPCs, made from the rules of each scheme in a second way: not from the forms in the code."""

from __future__ import annotations

from string import ascii_letters, ascii_uppercase, digits
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from twin.identity.epc.identifier import EPC

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import DrawFn

SET_82 = digits + ascii_letters + "!\"%&'()*+,-./:;<=>?_"
SET_38 = digits + ascii_uppercase + "-/"
CAGE = "".join(character for character in digits + ascii_uppercase if character not in "IO")

# scheme, digits of company prefix and reference together, the longest serial and the bits of the short coding
COUNTED = {
    "sgtin": (13, 20, 38),
    "upui": (13, 28, 0),
    "lgtin": (13, 20, 0),
    "sscc": (17, 0, 0),
    "sgln": (12, 20, 41),
    "grai": (12, 16, 38),
    "gsrn": (17, 0, 0),
    "gsrnp": (17, 0, 0),
    "gdti": (12, 17, 41),
    "gsin": (16, 0, 0),
    "pgln": (12, 0, 0),
}
SCHEMES = (*COUNTED, "giai", "ginc", "cpi", "sgcn", "itip", "gid", "usdod", "adi", "bic", "imovn")
# What has a binary coding scheme.
ON_TAGS = (
    "sgtin",
    "sscc",
    "sgln",
    "grai",
    "giai",
    "gsrn",
    "gsrnp",
    "gdti",
    "cpi",
    "sgcn",
    "itip",
    "gid",
    "usdod",
    "adi",
)


def decimal(least: int, most: int) -> st.SearchStrategy[str]:
    return st.text(digits, min_size=least, max_size=most)


def number(bits: int) -> st.SearchStrategy[str]:
    return st.integers(0, 2**bits - 1).map(str)


def serial(most: int, bits: int) -> st.SearchStrategy[str]:
    anything = st.text(SET_82, min_size=1, max_size=most)
    return st.one_of(number(bits), decimal(1, most), anything) if bits else anything


def bic(owner: str, kind: str, number: str) -> str:
    values = {letter: 10 + place + (9 + place) // 10 for place, letter in enumerate(ascii_uppercase)}
    total = sum(int(values.get(c, c)) * 2**place for place, c in enumerate(owner + kind + number))
    return f"{owner}{kind}{number}{total % 11 % 10}"


def imo(number: str) -> str:
    return number + str(sum(weight * int(c) for weight, c in zip(range(7, 1, -1), number, strict=True)))[-1]


@st.composite
def epcs(draw: DrawFn, schemes: Sequence[str] = SCHEMES) -> EPC:
    scheme = draw(st.sampled_from(schemes))
    prefix = draw(decimal(6, 12))
    left = 30 - len(prefix)
    if scheme in COUNTED:
        together, most, bits = COUNTED[scheme]
        reference = draw(decimal(together - len(prefix), together - len(prefix)))
        return EPC(scheme, (prefix, reference, draw(serial(most, bits))) if most else (prefix, reference))
    if scheme in ("giai", "ginc"):
        return EPC(scheme, (prefix, draw(st.one_of(number(42), serial(left, 0)))))
    if scheme == "cpi":
        reference = draw(st.one_of(number(9), st.text(SET_38 + "#", min_size=1, max_size=left)))
        return EPC(scheme, (prefix, reference, str(draw(st.integers(1, 2**31 - 1) | st.integers(1, 10**12 - 1)))))
    if scheme == "sgcn":
        return EPC(scheme, (prefix, draw(decimal(12 - len(prefix), 12 - len(prefix))), draw(decimal(1, 12))))
    if scheme == "itip":
        total = draw(st.integers(1, 99))
        piece = draw(st.integers(1, total))
        reference = draw(decimal(13 - len(prefix), 13 - len(prefix)))
        return EPC(scheme, (prefix, reference, f"{piece:02}", f"{total:02}", draw(serial(20, 38))))
    if scheme == "gid":
        return EPC(scheme, (draw(number(28)), draw(number(24)), draw(number(36))))
    if scheme == "bic":
        owner = draw(st.text(CAGE[10:], min_size=3, max_size=3))
        return EPC(scheme, (bic(owner, draw(st.sampled_from("JUZ")), draw(decimal(6, 6))),))
    if scheme == "imovn":
        return EPC(scheme, (imo(draw(decimal(6, 6))),))
    cage = draw(st.text(CAGE, min_size=5, max_size=6))
    if scheme == "usdod":
        return EPC(scheme, (cage, draw(number(36))))
    mark = draw(st.sampled_from(["", "#"]))
    return EPC(
        scheme, (cage, draw(st.text(SET_38, max_size=32)), mark + draw(st.text(SET_38, min_size=1, max_size=29)))
    )
