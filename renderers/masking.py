"""The data mask of a QR Code: the one that segno chooses, in a tenth of the time.

Eight masks are scored, and four fifths of segno's time go into that. Here a whole symbol is one integer, so that each
rule is a few shifts. Encoding is segno's, through what it offers to everybody: symbols of one version and level, of
which only the masks differ, differ in the same modules whatever they encode, so that one with the first mask tells all
eight.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from operator import xor

import segno

__all__ = ["FIRST_MASK", "best_rows", "penalty"]

FIRST_MASK = 0
MASKS = range(8)
GUARD = 4  # modules of light between rows, and before and after them: as wide as rule 3 looks
RUN, BLOCK, FINDER, BALANCE = 3, 3, 40, 10  # N1 to N4

_DIGITS = bytes.maketrans(b"\0\1", b"01")
_LIGHT = bytes(GUARD)


@dataclass(frozen=True, slots=True)
class _Version:
    """What symbols of one size have in common.

    Args:
        width: modules a side.
        inside: the modules of a whole symbol, without guards.
        pairs: those of them that have a right neighbour.
        scored: those of them that are scored; format and version information, which are written later, count as light.
        every: all bits.
    """

    width: int
    inside: int
    pairs: int
    scored: int
    every: int


@dataclass(frozen=True, slots=True)
class _Difference:
    """In which modules a symbol with another mask differs from the one with the first.

    Args:
        rows: each row, as a `Symbol` has them.
        across: the scored modules as one integer, row by row.
        down: the same, column by column.
    """

    rows: tuple[int, ...]
    across: int
    down: int


def best_rows(code: segno.QRCode) -> tuple[int, ...]:
    """The rows of a symbol with the mask that has the least penalty, as a `Symbol` has them.

    Args:
        code: the symbol with the mask `FIRST_MASK`, not Micro QR.

    References:
        ISO/IEC 18004:2015 section 7.8.3.1 (evaluation of masks; of equal ones, the first).

    Examples:
        >>> rows = best_rows(segno.make("TWIN-42", micro=False, mask=FIRST_MASK))
        >>> rows == tuple(int(row.translate(_DIGITS), 2) for row in segno.make("TWIN-42", micro=False).matrix)
        True
    """
    size, differences = _version(len(code.matrix)), _differences(int(code.version), code.error)
    across, down = (whole & size.scored for whole in _wholes(code.matrix))
    penalties = [penalty(across ^ other.across, down ^ other.down, size) for other in differences]
    best = differences[penalties.index(min(penalties))]
    return tuple(map(xor, _rows(code.matrix), best.rows))


def penalty(across: int, down: int, size: _Version) -> int:
    """How badly a masked symbol can be read.

    Args:
        across: the symbol as one integer, row by row.
        down: the same, column by column.
        size: what symbols of its size have in common.

    References:
        ISO/IEC 18004:2015 table 11 (N1 to N4), as segno reads it.
    """
    stride = size.width + GUARD
    alike = ~(across ^ across << 1) & size.pairs  # with the right neighbour
    blocks = alike & alike >> stride & ~(across ^ across >> stride)
    runs = _runs(alike) + _runs(~(down ^ down << 1) & size.pairs)
    finders = _finders(across, size.every) + _finders(down, size.every)
    share = float(across.bit_count()) / size.width**2
    return runs + BLOCK * blocks.bit_count() + FINDER * finders + BALANCE * int(abs(share * 100 - 50) / 5)


def _runs(alike: int) -> int:
    """Rule 1: a run of 5 counts 3, each module more one more. A run of n has n - 4 windows of five."""
    twos = alike & alike << 1
    windows = twos & twos << 2
    return windows.bit_count() + (RUN - 1) * (windows & ~(windows >> 1)).bit_count()


def _finders(whole: int, every: int) -> int:
    """Rule 3: 1 : 1 : 3 : 1 : 1 beside four modules of light. What begins within one that counts, does not."""
    light = whole ^ every
    ones = whole & whole << 2 & whole << 3 & whole << 4 & whole << 6
    found = ones & light << 1 & light << 5
    if not found:
        return 0
    twos = light & light << 1
    fours = twos & twos << 2  # where four modules of light begin
    found &= fours << 7 | fours >> GUARD
    if not found & (found >> 4 | found >> 6):
        return found.bit_count()
    number = 0
    while found:
        first = 1 << found.bit_length() - 1
        found &= ~(first | first >> 4 | first >> 6)
        number += 1
    return number


@lru_cache(maxsize=40)
def _version(width: int) -> _Version:
    row = b"\1" * width
    later = [bytearray(row) for _ in range(width)]
    for place in range(9):
        if place != 6:  # the timing patterns
            later[8][place] = later[place][8] = 0
        later[8][-place or width - 1] = later[-place or width - 1][8] = 0
    if width >= 45:
        for place in range(6):
            for other in (-11, -10, -9):
                later[place][other] = later[other][place] = 0
    inside = _whole([row] * width)
    pairs = _whole([row[1:] + b"\0"] * width)
    return _Version(width, inside, pairs, _whole(later), (1 << inside.bit_length() + GUARD) - 1)


@lru_cache(maxsize=160)
def _differences(version: int, level: str) -> tuple[_Difference, ...]:
    first, *others = (
        segno.make("0", version=version, error=level, mask=mask, micro=False, boost_error=False).matrix
        for mask in MASKS
    )
    size, rows = _version(len(first)), _rows(first)
    across, down = _wholes(first)
    found = [_Difference((0,) * size.width, 0, 0)]
    for other in others:
        other_across, other_down = _wholes(other)
        found.append(
            _Difference(
                tuple(map(xor, rows, _rows(other))),
                (across ^ other_across) & size.scored,
                (down ^ other_down) & size.scored,
            )
        )
    return tuple(found)


def _wholes(matrix: tuple[bytearray, ...]) -> tuple[int, int]:
    return _whole(matrix), _whole(list(map(bytes, zip(*matrix, strict=True))))


def _whole(rows: list[bytes] | list[bytearray] | tuple[bytearray, ...]) -> int:
    return int((_LIGHT.join(rows) + _LIGHT).translate(_DIGITS), 2)


def _rows(matrix: tuple[bytearray, ...]) -> tuple[int, ...]:
    return tuple(int(row.translate(_DIGITS), 2) for row in matrix)
