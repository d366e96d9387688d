from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from twin.errors import InvalidIdentifier
from twin.identity import Fragment, Part
from twin.identity.gs1 import GS1
from twin.identity.iuid import envelope
from twin.identity.iuid.enveloped import Enveloped
from twin.identity.iuid.message import named
from twin.identity.iuid.uii import IUID, Construct
from twin.identity.vin import VIN

if TYPE_CHECKING:
    from twin.identity import Identifier

GS, RS, EOT = "\x1d", "\x1e", "\x04"


def message(*elements: str, indicator: str = "06") -> str:
    return f"[)>{RS}{GS.join([indicator, *elements])}{RS}{EOT}"


def read(text: str) -> tuple[list[Identifier], list[Fragment]]:
    found = named(envelope.read(text))
    fragments = [each for each in found if isinstance(each, Fragment)]
    identifiers = [each for each in found if not isinstance(each, Fragment)]
    assert list(found) == [*identifiers, *fragments]
    return identifiers, fragments


def codes(named: Identifier | Fragment) -> list[str]:
    return [finding.code for finding in named.findings]


# what was encoded, what it names, source
PUBLISHED = [
    (message("MFR 0CVA5", "SER 674A36458", indicator="12"), "iuid:D0CVA5674A36458", "uidlaser.com, IUID string"),
    (message("MFR 0CVA5", "SER 674A36458", indicator="DD"), "iuid:D0CVA5674A36458", "ezmarking.com, format DD"),
    (message("MFR 0CVA5", "SER 786950", indicator="12"), "iuid:D0CVA5786950", "DoD UID 101, by technifor.com"),
    (message("CAG A3309", "SER 1234567", indicator="12"), "iuid:DA33091234567", "bradyid.com, Encoding UII data"),
    (message("12V194532636", "1P1234", "S786950"), "iuid:UN1945326361234786950", "DoD UID 101, by technifor.com"),
    (message("25SUN123456789PA12345"), "iuid:UN123456789PA12345", "ANSI MH10.8.2, 34L"),
    (
        message("800406141419999960MH80312", "21MH80312", "950614141", "24099999", indicator="05"),
        "gs1:8004/06141419999960MH80312",
        "MIL-STD-130N, figure 8, by barcodefaq.com",
    ),
]


@pytest.mark.parametrize(("text", "canonical", "source"), PUBLISHED, ids=[row[2] for row in PUBLISHED])
def test_published(text: str, canonical: str, source: str) -> None:
    identifiers, _ = read(text)
    assert [each.canonical for each in identifiers] == [canonical]


def test_the_rest_of_a_message_is_a_fragment_of_its_own() -> None:
    [item], [rest] = read(message("17V1AB23", "1PPN", "S9", "Q1", "16D20240230", "99Qx", "xyz"))
    assert item.findings == ()
    assert rest.parts == (
        Part("Quantity", "1"),
        Part("Production date YYYYMMDD", "20240230"),
        Part("Data identifier 99Q", "x"),
        Part("Data without an identifier", "xyz"),
    )
    assert codes(rest) == ["IUID_FORMAT", "IUID_DATA_IDENTIFIER", "IUID_DATA_IDENTIFIER"]
    assert rest.findings[0].message == "16D: expected data of the format YYYYMMDD, found '20240230'."


def test_what_is_the_matter_with_a_message_is_said_of_what_it_names() -> None:
    [item], [rest] = read("[)>06\x1d17V1AB23\x1d1PPN\x1dS9\x1dQ1")
    assert isinstance(item, IUID)
    assert codes(item) == ["IUID_HEADER", "IUID_TRAILER"]
    assert codes(rest) == []
    [rest] = read("[)>06\x1d1PPN\x1dQ1")[1]
    assert codes(rest) == ["IUID_HEADER", "IUID_TRAILER"]


def test_an_identifier_of_another_standard_is_itself() -> None:
    [vin], fragments = read(message("I1M8GDM9AXKP042788"))
    assert vin == VIN("1M8GDM9AXKP042788")
    assert fragments == []
    [vin], _ = read(message("4I1M8GDM9AXKP042788+B-AB 1234"))
    assert vin == VIN("1M8GDM9AXKP042788")


def test_an_identifier_of_another_standard_with_remarks_says_the_same() -> None:
    [found], _ = read("[)>\x1e06\x1dI11111111011111111")
    assert isinstance(found, Enveloped)
    vin = VIN("11111111011111111")
    assert found.identifier == vin
    assert (found.canonical, found.granularity, found.implied) == (vin.canonical, vin.granularity, vin.implied)
    assert found.parts == vin.parts
    assert codes(found) == ["VIN_CHECK_DIGIT", "IUID_TRAILER"]


@pytest.mark.parametrize(
    ("elements", "canonical"),
    [
        (["8S106141411234567897"], "gs1:00/106141411234567897"),
        (["J106141411234567897"], "gs1:00/106141411234567897"),
        (["1JUN043325711MH8031200000000001"], "lpn:UN043325711MH8031200000000001"),
        (["6JLEXYZ12345678901"], "lpn:LEXYZ12345678901"),
        (["8P09506000134352"], "gs1:01/09506000134352"),
        (["8P09506000134352", "1TL7"], "gs1:01/09506000134352/10/L7"),
        (["8P09506000134352", "SSER42"], "gs1:01/09506000134352/21/SER42"),
        (["8P09506000134352", "1TL7", "SSER42", "D271231"], "gs1:01/09506000134352/21/SER42"),
    ],
)
def test_data_identifiers_that_correspond_to_other_standards(elements: list[str], canonical: str) -> None:
    [found], _ = read(message(*elements))
    assert found.canonical == canonical
    assert found.findings == ()


def test_application_identifiers_are_gs1_data() -> None:
    [found], fragments = read(message("0109506000134352", "21SER42", indicator="05"))
    assert isinstance(found, GS1)
    assert found.canonical == "gs1:01/09506000134352/21/SER42"
    assert fragments == []
    assert [each.canonical for each in read(message("010950600013435221SER42", indicator="05"))[0]] == [found.canonical]


def test_what_is_a_uii_is_read_from_broken_gs1_data() -> None:
    [found], _ = read(message("800406141419999960MH80312", "0109506000134353", indicator="05"))
    assert isinstance(found, GS1)
    assert codes(found) == ["IUID_GS1_DATA"]
    with pytest.raises(InvalidIdentifier):
        read(message("0109506000134353", indicator="05"))


def test_a_cell_phones_serial_number_is_a_uii_under_either_identifier() -> None:
    for text in (message("22S3F0A1B2C"), message("80023F0A1B2C", indicator="05")):
        found = read(text)[0][0]
        assert isinstance(found, IUID)
        assert (found.canonical, found.construct) == ("iuid:3F0A1B2C", Construct.EQUIVALENT)


def test_one_thing_said_twice_is_one_identifier() -> None:
    [item], fragments = read(message("25SD1AB23PN9", "17V1AB23", "1PPN", "S9"))
    assert isinstance(item, IUID)
    assert item.construct is Construct.TWO
    assert (item.findings, fragments) == ((), [])
    [item], fragments = read(message("USN 1AB239", "MFR 1AB23", "SER 9", indicator="12"))
    assert (item.canonical, item.findings, fragments) == ("iuid:D1AB239", (), [])


def test_what_another_implies_is_no_candidate_of_its_own() -> None:
    [item], _ = read(f"[)>{RS}06{GS}17V1AB23{GS}1PPN{GS}S9{RS}12{GS}MFR 1AB23{GS}PNO PN{RS}{EOT}")
    assert (item.canonical, item.findings) == ("iuid:D1AB23PN9", ())


def test_several_things_are_several_candidates_with_a_finding() -> None:
    identifiers, _ = read(message("17V1AB23", "12V194532636", "1PPN", "S9"))
    assert [each.canonical for each in identifiers] == ["iuid:D1AB23PN9", "iuid:UN194532636PN9"]
    assert [codes(each) for each in identifiers] == [["IUID_SEVERAL"]] * 2
    text = f"[)>{RS}06{GS}I1M8GDM9AXKP042788{RS}12{GS}MFR 1AB23{GS}SER 9{RS}{EOT}"
    assert [each.canonical for each in read(text)[0]] == ["vin:1M8GDM9AXKP042788", "iuid:D1AB239"]


def test_the_formats_of_a_message_are_read_together() -> None:
    [item], [rest] = read(f"[)>{RS}06{GS}17V1AB23{GS}1PPN{GS}S9{RS}07Handle with care{RS}{EOT}")
    assert item.canonical == "iuid:D1AB23PN9"
    assert rest.parts == (Part("Free text", "Handle with care"),)
    [rest] = read(f"[)>{RS}42what{RS}{EOT}")[1]
    assert rest.parts == (Part("Data of format 42", "what"),)


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        (["I1M8GDM9AXKP04278"], "is not a VIN: expected 17 characters, found 16."),
        (["17VIAB23", "1PPN", "S9"], "'IAB23' is not a CAGE code"),
        (["18S1AB23"], "is not a CAGE code and a serial number"),
        (["1JUN04332571-1"], "is not a licence plate"),
        (["8P09506000134353"], ""),
        (["8S106141411234567898"], ""),
    ],
)
def test_a_message_that_clearly_names_something_broken_says_why(elements: list[str], expected: str) -> None:
    with pytest.raises(InvalidIdentifier) as refused:
        read(message(*elements))
    assert expected in refused.value.message


def test_something_broken_beside_what_is_named_is_a_finding() -> None:
    [item], [rest] = read(message("18S1AB239", "I1M8GDM9AXKP04278"))
    assert item.canonical == "iuid:D1AB239"
    assert codes(item) == ["IUID_ELEMENT"]
    assert rest.parts == (Part("Vehicle identification number", "1M8GDM9AXKP04278"),)


def test_a_text_element_without_its_space_is_forgiven() -> None:
    [item], _ = read(message("MFR1AB23", "SER 9", indicator="12"))
    assert (item.canonical, codes(item)) == ("iuid:D1AB239", ["IUID_TEXT_ELEMENT"])
    [rest] = read(message("ABC 1", "xyz", indicator="12"))[1]
    assert rest.parts == (Part("Text element ABC", "1"), Part("Data without an identifier", "xyz"))


def test_distributors_labels_name_nothing_worldwide() -> None:
    """Source: InvenTree tests. A maker's name under 1V is what two partners agreed on."""
    identifiers, [label] = read(
        "[)>\x1e06\x1dKP0-1337\x1d14K011\x1d1PMC34063ADR\x1dQ3\x1d11K073121337\x1d4LMX\x1d1VTI\x1e\x04"
    )
    assert identifiers == []
    assert label.parts == (
        Part("Customer's order number", "P0-1337"),
        Part("Order number + line number", "011"),
        Part("Supplier's part number", "MC34063ADR"),
        Part("Quantity", "3"),
        Part("Packing list number", "073121337"),
        Part("Country of origin", "MX"),
        Part("Supplier, code of the supplier", "TI"),
    )
    assert label.findings == ()


def test_a_pharmacy_product_number_is_a_fragment() -> None:
    """Source: IFA specification, by the tests of several public readers."""
    identifiers, [pack] = read(message("9N111234567842", "1T1A234B5", "D151231", "S1234567890123456"))
    assert identifiers == []
    assert pack.parts[0] == Part("Pharmacy product number (PPN)", "111234567842")
    assert pack.findings == ()


def test_blanks_around_what_names_the_item_are_remarked() -> None:
    [item], [rest] = read(message("17V1AB23 ", "1PPN", "S9", "Q 1"))
    assert (item.canonical, codes(item)) == ("iuid:D1AB23PN9", ["IUID_BLANKS"])
    assert rest.parts == (Part("Quantity", " 1"),)
    [vin], _ = read(message("I1M8GDM9AXKP042788 "))
    assert (vin.canonical, codes(vin)) == ("vin:1M8GDM9AXKP042788", ["IUID_BLANKS"])
