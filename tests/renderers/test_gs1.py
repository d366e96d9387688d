"""Element strings, held against the table of all application identifiers, which the renderer does not have."""

from __future__ import annotations

import pytest
from hypothesis import given

from renderers import RenderError
from renderers.gs1 import bracketed
from tests.renderers.reading import NO_ELEMENTS, elements
from twin.identity import gs1
from twin.identity.gs1._ais import AIS


@pytest.mark.parametrize("ai", AIS)
def test_every_application_identifier_is_found_and_ended_where_it_is(ai: str) -> None:
    """The length of one that is predefined comes from the table; the others end with GS."""
    component = AIS[ai]
    if component.predefined_length:
        value = "1" * ({"00": 18, "20": 2}.get(ai) or (13 if ai[:2] == "41" else 14 if ai[0] == "0" else 6))
        assert bracketed(f"{ai}{value}21S") == f"[{ai}]{value}[21]S"
    else:
        assert bracketed(f"{ai}7\x1d21S") == f"[{ai}]7[21]S"


@given(payload=elements())
def test_the_elements_are_those_that_identity_reads(payload: str) -> None:
    [found] = [one for one in gs1.read(payload, "]d2") if isinstance(one, gs1.GS1)]
    assert found.as_element_string() == payload
    assert bracketed(payload) == "".join(f"[{ai}]{value}" for ai, value in found.elements)


@pytest.mark.parametrize("payload", NO_ELEMENTS.values(), ids=NO_ELEMENTS)
def test_what_is_no_element_string_is_refused(payload: str) -> None:
    with pytest.raises(RenderError, match=r"expected (a GS1 element at character \d+|GS1 characters), found "):
        bracketed(payload)
