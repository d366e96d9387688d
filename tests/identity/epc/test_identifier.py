from __future__ import annotations

import pytest
from hypothesis import given

from tests.identity.epc.epcs import epcs
from twin import identity
from twin.errors import InvalidIdentifier, InvalidInput, TooLarge
from twin.identity import Granularity, Identifier, Part
from twin.identity.epc import EPC, parse


@given(epcs())
def test_the_canonical_form_is_read_back(epc: EPC) -> None:
    assert isinstance(epc, Identifier)
    again = identity.parse(epc.canonical)
    assert again.canonical == epc.canonical
    assert all(identity.parse(other.canonical).canonical == other.canonical for other in epc.implied)
    assert epc.canonical not in [other.canonical for other in epc.implied]
    if epc.canonical.startswith("epc:"):
        assert again == epc


@given(epcs())
def test_every_form_is_the_same_epc(epc: EPC) -> None:
    uri = epc.as_pure_identity()
    assert parse(uri) == parse(uri.removeprefix("urn:epc:id:").removeprefix("urn:epc:class:")) == epc
    assert epc.findings == parse(uri).findings


@pytest.mark.parametrize(
    ("scheme", "components", "canonical", "granularity", "implied"),
    [
        (
            "sgtin",
            ("0614141", "812345", "6789"),
            "gs1:01/80614141123458/21/6789",
            Granularity.ITEM,
            ["gs1:01/80614141123458"],
        ),
        ("sgtin", ("0614141", "812345"), "gs1:01/80614141123458", Granularity.PRODUCT, []),
        (
            "lgtin",
            ("0614141", "812345", "L7"),
            "gs1:01/80614141123458/10/L7",
            Granularity.LOT,
            ["gs1:01/80614141123458"],
        ),
        ("sscc", ("0614141", "1234567890"), "gs1:00/106141412345678908", Granularity.ITEM, []),
        ("sgln", ("0614141", "12345", "0"), "gs1:414/0614141123452", None, []),
        ("gid", ("31415", "271828", "1414"), "epc:gid:31415.271828.1414", Granularity.ITEM, []),
        ("usdod", ("CAGEY", "5678"), "epc:usdod:CAGEY.5678", Granularity.ITEM, []),
        ("bic", ("CSQU3054383",), "epc:bic:CSQU3054383", Granularity.ITEM, []),
        ("imovn", ("9176187",), "epc:imovn:9176187", Granularity.ITEM, []),
        ("adi", ("2S194", "", "12345678901"), "iuid:D2S19412345678901", Granularity.ITEM, []),
        (
            "adi",
            ("W81X9C", "3KL984PX1", "2WMA52"),
            "iuid:LDW81X9C3KL984PX12WMA52",
            Granularity.ITEM,
            ["part:W81X9C/3KL984PX1/serial/2WMA52", "part:W81X9C/3KL984PX1"],
        ),
        ("adi", ("35962", "PQ7/4", "#1"), "epc:adi:35962.PQ7%2F4.%231", Granularity.ITEM, ["part:35962/PQ7%2F4"]),
        ("adi", ("35962", "", "#1"), "epc:adi:35962..%231", Granularity.ITEM, []),
        (
            "adi",
            ("35962", "P" * 32, "1" * 30),
            f"epc:adi:35962.{'P' * 32}.{'1' * 30}",
            Granularity.ITEM,
            [f"part:35962/{'P' * 32}"],
        ),
    ],
)
def test_what_it_names(
    scheme: str, components: tuple[str, ...], canonical: str, granularity: Granularity | None, implied: list[str]
) -> None:
    epc = EPC(scheme, components)
    assert (epc.canonical, epc.granularity) == (canonical, granularity)
    assert [other.canonical for other in epc.implied] == implied


def test_the_parts_are_without_escapes_and_not_empty() -> None:
    assert EPC("sgln", ("061411123456", "", "A/-B")).parts == (
        Part("GS1 Company Prefix", "061411123456"),
        Part("Extension", "A/-B"),
    )
    assert EPC("sgtin", ("0614141", "812345")).parts == (
        Part("GS1 Company Prefix", "0614141"),
        Part("Item reference and indicator", "812345"),
    )


def test_the_company_prefix() -> None:
    assert EPC("sscc", ("0614141", "1234567890")).company_prefix == "0614141"
    assert EPC("gid", ("1", "2", "3")).company_prefix is None
    assert EPC("gid", ("1", "2", "3")).as_gs1() is None
    assert EPC("adi", ("2S194", "", "1")).as_gs1() is None


@pytest.mark.parametrize(
    ("prefix", "reference", "restricted"),
    [
        ("0012345", "012345", ""),
        ("0212345", "012345", "02"),
        ("0412345", "012345", "04"),
        ("2012345", "012345", "2"),
        ("2912345", "012345", "2"),
        ("0001234", "012345", "0001"),
        ("0007234", "012345", "0007"),
        ("0008234", "012345", ""),
        ("9771234", "012345", "977"),
        ("9781234", "012345", ""),
        ("9801234", "012345", "980"),
        ("9841234", "012345", "984"),
        ("9851234", "012345", ""),
        ("9901234", "012345", "99"),
        ("00000012", "01234", "000000"),
        ("00000212", "01234", "000002"),
        ("00000950", "01093", ""),
    ],
)
def test_numbers_that_must_not_become_an_sgtin_are_remarked(prefix: str, reference: str, restricted: str) -> None:
    """TDS 7.3.3 to 7.3.8."""
    findings = EPC("sgtin", (prefix, reference, "1")).findings
    assert [finding.code for finding in findings] == ["EPC_RESTRICTED_NUMBER"] * bool(restricted)
    assert all(f"begins with {restricted}, which is restricted" in finding.message for finding in findings)
    assert EPC("grai", (prefix, "12345678"[: 12 - len(prefix)], "1")).findings == ()


def test_a_serial_number_keeps_its_leading_zeros() -> None:
    """TDS 12.3.1: 34, 034 and 0034 are different serial numbers, and only the first has room in 96 bits."""
    first, second = EPC("sgtin", ("0614141", "812345", "34")), EPC("sgtin", ("0614141", "812345", "034"))
    assert first != second
    assert (first.as_hex()[:2], second.as_hex()[:2]) == ("30", "36")
    with pytest.raises(InvalidInput, match="does not fit sgtin-96: expected digits without leading zeros"):
        second.as_hex(coding="sgtin-96")


@pytest.mark.parametrize(
    ("epc", "coding", "why"),
    [
        (EPC("sgtin", ("0614141", "812345")), None, "expected one object in a binary coding scheme, found None"),
        (EPC("lgtin", ("0614141", "812345", "L7")), None, "urn:epc:class:lgtin:0614141.812345.L7: expected one object"),
        (EPC("pgln", ("0614141", "12345")), None, "expected one object in a binary coding scheme"),
        (EPC("sgtin", ("0614141", "812345", "1")), "sscc-96", "found 'sscc-96'"),
        (EPC("sgtin", ("0614141", "812345", "1")), "sgtin-64", "found 'sgtin-64'"),
        (EPC("gdti", ("0614141", "12345", "1")), "gdti-113", "found 'gdti-113'"),
        (EPC("sgtin", ("0614141", "812345", str(2**38))), "sgtin-96", "less than 2^38, found '274877906944'"),
        (EPC("sgln", ("0614141", "12345", str(2**41))), "sgln-96", "less than 2^41, found '2199023255552'"),
        (EPC("giai", ("061414101234", str(2**42))), "giai-96", "less than 2^42, found '4398046511104'"),
        (EPC("cpi", ("061414101234", "1000", "1")), "cpi-96", "at most 3 of them"),
        (EPC("cpi", ("061414101234", "01", "1")), "cpi-96", "without leading zeros"),
        (EPC("cpi", ("061414101234", "1", str(2**31))), "cpi-96", "less than 2^31, found '2147483648'"),
        (EPC("gid", ("268435456", "1", "1")), None, "does not fit gid-96: expected digits"),
    ],
)
def test_what_has_no_place_on_a_tag_is_refused(epc: EPC, coding: str | None, why: str) -> None:
    for write in (epc.as_hex, epc.as_tag_uri):
        with pytest.raises(InvalidInput) as refused:
            write(0, coding)
        assert why in refused.value.message


def test_a_filter_value_out_of_range_is_refused() -> None:
    epc = EPC("sgtin", ("0614141", "812345", "6789"))
    with pytest.raises(InvalidInput, match="Expected a filter value from 0 to 7 in sgtin-96, found 8"):
        epc.as_tag_uri(8)
    with pytest.raises(InvalidInput, match="found '3'"):
        epc.as_hex("3")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("scheme", "components", "why"),
    [
        ("sgtan", ("1",), "Expected an EPC scheme of sgtin, upui, lgtin"),
        ("SGTIN", ("1",), "found 'SGTIN'"),
        (None, ("1",), "Expected a text, found NoneType."),
        ("sgtin", ["0614141", "812345", "1"], "Expected a tuple of components, found list."),
        ("sgtin", "0614141", "Expected a tuple of components, found str."),
        ("sgtin", ("0614141", 812345, "1"), "Expected a text, found int."),
    ],
)
def test_wrong_arguments_are_refused(scheme: object, components: object, why: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        EPC(scheme, components)  # type: ignore[arg-type]
    assert why in refused.value.message


def test_a_component_is_bounded() -> None:
    with pytest.raises(TooLarge):
        EPC("sgtin", ("0614141", "812345", "1" * 2001))


def test_what_the_gs1_key_refuses_is_no_epc() -> None:
    """A piece of more than there are: GS1 General Specifications, AI 8006."""
    with pytest.raises(InvalidIdentifier):
        EPC("itip", ("9521141", "012345", "03", "02", "1"))
