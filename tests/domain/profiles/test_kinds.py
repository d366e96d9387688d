"""Kinds: what a text of each sort looks like, and that nothing else passes."""

from __future__ import annotations

import pytest

from twin.domain.profiles import FieldKind, require_kind
from twin.errors import InvalidInput

GOOD = [
    (FieldKind.TEXT, "Grüße, <b>^XZ~"),
    (FieldKind.DATE, "2028-02-29"),
    (FieldKind.MONTH, "02/2028"),
    (FieldKind.YEAR, "1899".replace("18", "19")),
    (FieldKind.DECIMAL, "123456789.123456"),
    (FieldKind.DECIMAL, "0"),
    (FieldKind.MASS, "2449 kg (5400 lb)"),
    (FieldKind.MASS, "0.5g"),
    (FieldKind.COUNTRY, "DE"),
    (FieldKind.GTIN, "09506000134352"),
    (FieldKind.SSCC, "106141411234567897"),
    (FieldKind.VIN, "1M8GDM9AXKP042788"),
    (FieldKind.UII, "D1AB23PN123SER"),
    (FieldKind.LOT, "L-7/~"),
    (FieldKind.SERIAL, "SER42"),
]
BAD = [
    (FieldKind.DATE, "2027-02-29"),
    (FieldKind.DATE, "20280229"),
    (FieldKind.DATE, "2028-W09-2"),
    (FieldKind.DATE, "٢٠٢٨-02-29"),
    (FieldKind.MONTH, "2/2028"),
    (FieldKind.MONTH, "13/2028"),
    (FieldKind.YEAR, "28"),
    (FieldKind.YEAR, "٢٠٢٨"),
    (FieldKind.DECIMAL, "-1"),
    (FieldKind.DECIMAL, "1,5"),
    (FieldKind.DECIMAL, "NaN"),
    (FieldKind.DECIMAL, "1.1234567"),
    (FieldKind.MASS, "2449"),
    (FieldKind.MASS, "2449 stone"),
    (FieldKind.COUNTRY, "Germany"),
    (FieldKind.COUNTRY, "de"),
    (FieldKind.COUNTRY, "XX"),
    (FieldKind.COUNTRY, "UK"),
    (FieldKind.GTIN, "9506000134352"),
    (FieldKind.GTIN, "09506000134353"),
    (FieldKind.GTIN, "09506000134352/21/X"),
    (FieldKind.SSCC, "10614141123456789"),
    (FieldKind.VIN, "1m8gdm9axkp042788"),
    (FieldKind.VIN, "1M8GDM9AXKP04278I"),
    (FieldKind.UII, "d1ab23"),
    (FieldKind.LOT, "L 7"),
    (FieldKind.SERIAL, "SÉR"),
]


@pytest.mark.parametrize(("kind", "text"), GOOD)
def test_a_text_of_its_kind_stays_as_it_is(kind: FieldKind, text: str) -> None:
    assert require_kind(kind, text, path=("face", "x")) == text


@pytest.mark.parametrize(("kind", "text"), BAD)
def test_another_text_is_refused_with_what_was_expected(kind: FieldKind, text: str) -> None:
    with pytest.raises(InvalidInput, match=r"face\.x: expected an? |face\.x: expected two ") as refused:
        require_kind(kind, text, path=("face", "x"))
    assert refused.value.path == ("face", "x")


def test_a_choice_is_one_of_its_words() -> None:
    assert require_kind(FieldKind.CHOICE, "BUS", path=("face", "x"), choices=("BUS", "TRUCK")) == "BUS"
    with pytest.raises(InvalidInput, match="expected one of BUS, TRUCK, found 'U'"):
        require_kind(FieldKind.CHOICE, "U", path=("face", "x"), choices=("BUS", "TRUCK"))


def test_every_kind_is_tried_above() -> None:
    assert {kind for kind, _ in GOOD} | {FieldKind.CHOICE} == set(FieldKind)
    assert {kind for kind, _ in BAD} | {FieldKind.CHOICE, FieldKind.TEXT} == set(FieldKind)
