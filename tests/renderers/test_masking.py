"""The mask of a QR Code is the one that segno itself chooses, whatever is encoded."""

from __future__ import annotations

import random

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st
from segno import consts, encoder

from renderers.masking import FIRST_MASK, _version, _wholes, best_rows, penalty
from renderers.symbologies.qr import ALPHANUMERIC, rows_of

CHARACTERS = "".join(sorted(ALPHANUMERIC))
LEVELS = "LMQH"
LETTERS = "abcdefghij<>&Zł日"


def texts(version: int, level: str, number: int) -> list[str]:
    """Texts that fill a symbol more or less, in all modes; the same at each run."""
    chance = random.Random(f"{version}{level}")  # noqa: S311 - no secret
    bits = int(consts.SYMBOL_CAPACITY[version][consts.ERROR_MAPPING[level]])  # type: ignore[index]
    room = max(1, bits // 8 - 6)
    made = []
    for kind in range(number):
        alphabet, share = (("0123456789", 2.0), (CHARACTERS, 1.4), (LETTERS, 0.5))[kind % 3]
        length = max(1, int(room * share * chance.random()))
        made.append("".join(chance.choice(alphabet) for _ in range(length)))
    return [*made, "0", "A" * room]


def same_as_segno(text: str, version: int, level: str) -> bool:
    first = segno.make(text, version=version, error=level, micro=False, mask=FIRST_MASK)
    return best_rows(first) == rows_of(segno.make(text, version=version, error=level, micro=False))


@pytest.mark.parametrize("version", [1, 2, 3, 6, 7, 8, 11, 14])
@pytest.mark.parametrize("level", LEVELS)
def test_the_symbol_is_segnos_own(version: int, level: str) -> None:
    assert all(same_as_segno(text, version, level) for text in texts(version, level, 3))


@pytest.mark.parametrize("version", range(1, 41))
def test_of_every_version(version: int) -> None:
    level = LEVELS[version % 4]
    assert same_as_segno(texts(version, level, 3)[version % 3], version, level)


@pytest.mark.soak
@pytest.mark.parametrize("version", range(1, 41))
@pytest.mark.parametrize("level", LEVELS)
def test_of_every_version_and_level(version: int, level: str) -> None:
    assert all(same_as_segno(text, version, level) for text in texts(version, level, 6))


def penalty_by_segno(matrix: tuple[bytearray, ...]) -> int:
    return int(encoder.evaluate_mask(matrix, len(matrix), len(matrix)))  # type: ignore[no-untyped-call]


PIECES = ["1011101", "10111011101", "1011101011101", "0000", "00000", "11111", "1", "0", "01", "000010111010000"]


@settings(deadline=None, max_examples=150)
@given(st.sampled_from([21, 25, 45]), st.randoms(use_true_random=False), st.integers(0, 3))
def test_any_matrix_has_the_penalty_that_segno_gives_it(width: int, chance: random.Random, odd: int) -> None:
    """Rows of what the rules look for, so that one pattern begins within another, at edges and beside light."""
    text = "".join(chance.choice(PIECES) for _ in range(width * width))[: width * width]
    rows = [bytes(map(int, text[at : at + width])) for at in range(0, width * width, width)]
    if odd == 0:
        rows = list(map(bytes, zip(*rows, strict=True)))
    if odd == 1:
        rows = [rows[0]] * width
    matrix = tuple(map(bytearray, rows))
    across, down = _wholes(matrix)
    assert penalty(across, down, _version(width)) == penalty_by_segno(matrix)


@pytest.mark.parametrize("module", [0, 1])
def test_of_one_colour(module: int) -> None:
    matrix = tuple(bytearray([module] * 21) for _ in range(21))
    assert penalty(*_wholes(matrix), _version(21)) == penalty_by_segno(matrix)
