"""The VIN plate: it carries the asset's VIN and no other."""

from __future__ import annotations

import pytest

from twin.domain.actor import Audience
from twin.domain.profiles import profile
from twin.errors import InvalidInput, TooLarge

VIN = "1M8GDM9AXKP042788"
PLATE = profile("vin_plate")


def test_the_plate_takes_the_vin_from_the_asset() -> None:
    assert PLATE.complete_face({"modelYear": "1989"}, [f"vin:{VIN}"]) == {"vin": VIN, "modelYear": "1989"}
    assert (PLATE.identity, PLATE.symbologies[0]) == ("vin", "datamatrix")


def test_everything_on_a_plate_that_is_read_through_the_windscreen_is_public() -> None:
    assert {field.audience for field in PLATE.face} == {Audience.PUBLIC}


def test_the_vin_rests_on_its_clause() -> None:
    field = PLATE.field("vin")
    assert field is not None
    assert (field.required, field.longest, field.clause) == (True, 17, "49 CFR 565.13(b)")


def test_another_vin_no_vin_and_a_long_year_are_refused() -> None:
    with pytest.raises(InvalidInput, match=f"expected '{VIN}', the asset's vin, found 'WVWZZZ1JZXW000001'"):
        PLATE.complete_face({"vin": "WVWZZZ1JZXW000001"}, [f"vin:{VIN}"])
    with pytest.raises(InvalidInput, match="identifier of the scheme vin, found none"):
        PLATE.complete_face({"vin": VIN}, [])
    with pytest.raises(TooLarge, match="modelYear"):
        PLATE.complete_face({"modelYear": "19890"}, [f"vin:{VIN}"])
