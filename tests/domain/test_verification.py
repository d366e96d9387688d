"""What was read from a label is what must be there, however scanners spell it, or it is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.domain.life import PAYLOAD, in_state
from twin.domain.label import LabelState
from twin.domain.verification import Photo, Seen, Sight, contents, judge, same
from twin.errors import InvalidInput
from twin.identity.link import LinkId

UDI = "01095060001343521726123110A(1)B\x1d21SER42"
HIBC = "+A123BJC5D6E71G"
IUID = "[)>\x1e06\x1d25SUN194532636\x1e\x04"
MUST_BE = {"link": PAYLOAD, "udi": UDI}


@pytest.mark.parametrize(
    "text",
    [
        UDI,
        f"]d2{UDI}",
        f"\x1d{UDI}",
        f"]d2\x1d{UDI}",
        f"]Q3{UDI}",
        f" {UDI}\r\n",
        UDI.replace("\x1d", ""),
        UDI.replace("\x1d", "<GS>"),
        UDI.replace("\x1d", "^]"),
        f"{UDI}\x1d",
        "(01)09506000134352(17)261231(21)SER42(10)A(1)B",
        "010950600013435221SER42\x1d17261231" + "10A(1)B",
    ],
)
def test_an_element_string_is_the_same_however_it_is_spelt(text: str) -> None:
    assert same(text, UDI)


@pytest.mark.parametrize(
    "text",
    [
        UDI.replace("SER42", "SER43"),
        UDI.replace("261231", "270131"),
        UDI.replace("A(1)B", "A(1)C"),
        UDI.partition("\x1d")[0],
        f"{UDI}\x1d37" + "5",
        "0109506000134352",
        "https://id.example/01/09506000134352/10/A(1)B/21/SER42?17=261231",
        UDI.lower(),
        "",
        "]d2",
        "\x1d",
        "(01",
        "(01)09506000134352(17)",
    ],
)
def test_other_elements_are_not_the_same(text: str) -> None:
    assert not same(text, UDI)


@pytest.mark.parametrize("content", [HIBC, IUID, "1M8GDM9AXKP042788", PAYLOAD])
def test_other_standards_are_compared_as_they_stand(content: str) -> None:
    assert same(content, content)
    assert same(f"]d1{content}\r\n", content)
    assert not same(f"{content[:-2]}Z", content)
    assert not same(content[1:], content)


def test_a_keyboard_that_types_no_separators_is_forgiven_all_or_none() -> None:
    assert same("[)>0625SUN194532636", IUID)
    assert not same("[)>06\x1d25SUN194532636", IUID)


def test_each_carrier_passes_by_itself() -> None:
    for text, carrier in ((PAYLOAD, "link"), (UDI, "udi"), ("something else", None)):
        verdict = judge(MUST_BE, Sight((Seen(text),)))
        assert (verdict.passed, verdict.carriers) == (carrier is not None, (carrier,))


OTHER_LINK = f"HTTP://T.EXAMPLE/L/{LinkId.from_random(bytes(range(32))).value}"


@pytest.mark.parametrize(
    ("texts", "passed", "contradicted"),
    [
        ((PAYLOAD, UDI), True, ()),
        ((PAYLOAD,), True, ()),
        ((PAYLOAD, "https://maker.example", HIBC), True, ()),
        ((PAYLOAD, UDI, UDI.replace("SER42", "SER43")), True, ()),
        ((PAYLOAD, UDI.replace("SER42", "SER43")), False, ("udi",)),
        ((UDI, OTHER_LINK), False, ("link",)),
        ((PAYLOAD, OTHER_LINK), True, ()),
        ((OTHER_LINK,), False, ()),
        (("https://maker.example", HIBC), False, ()),
    ],
)
def test_a_photo_passes_when_a_carrier_is_read_and_none_is_contradicted(
    texts: tuple[str, ...], passed: bool, contradicted: tuple[str, ...]
) -> None:
    verdict = judge(MUST_BE, Sight(tuple(map(Seen, texts))))
    assert (verdict.passed, verdict.contradicted) == (passed, contradicted)


def test_evidence_shows_what_decided_and_all_that_a_photo_showed() -> None:
    photo = Photo("ab" * 32, 1234)
    sight = Sight((Seen("https://maker.example", "]Q1"), Seen(PAYLOAD, "]Q1"), Seen(UDI.replace("42", "43"))), photo)
    assert judge({"link": PAYLOAD}, sight).evidence(sight) == {
        "read": PAYLOAD,
        "carrier": "link",
        "photo": {"sha256": "ab" * 32, "size": 1234},
        "symbols": [
            {"text": "https://maker.example", "aim": "]Q1"},
            {"text": PAYLOAD, "aim": "]Q1", "carrier": "link"},
            {"text": UDI.replace("42", "43")},
        ],
    }
    failed = judge(MUST_BE, sight).evidence(sight)
    assert (failed["read"], "carrier" in failed) == ("https://maker.example", False)


def test_nothing_that_was_read_says_nothing() -> None:
    with pytest.raises(InvalidInput, match="found none; nothing is recorded"):
        Sight((), Photo("ab" * 32, 1))


def test_the_newest_print_says_what_must_be_there() -> None:
    label = in_state(LabelState.APPLIED).label
    assert contents(label, PAYLOAD) == {"link": PAYLOAD}
    recorded = [{"name": "link", "content": PAYLOAD}, {"name": "udi", "content": UDI}]
    assert contents(label, PAYLOAD, {"evidence": {"carriers": recorded}}) == MUST_BE
    assert contents(replace(label, printed=None), PAYLOAD, {"evidence": {}}) == {"link": PAYLOAD}
