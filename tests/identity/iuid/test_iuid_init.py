from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from twin import identity
from twin.errors import InvalidIdentifier, TwinError
from twin.identity import Fragment, Identifier, iuid
from twin.identity.iuid import IUID, parse, read

GS, RS, EOT = "\x1d", "\x1e", "\x04"
MESSAGE = f"[)>{RS}06{GS}17V1AB23{GS}1PPN123{GS}SSER{RS}{EOT}"


def test_the_reader_of_the_package_finds_it() -> None:
    reading = identity.read(f"]d1{MESSAGE}")
    assert [each.canonical for each in reading.candidates] == ["iuid:D1AB23PN123SER"]
    assert reading.faults == ()
    assert identity.parse("iuid:D1AB23PN123SER") == reading.candidates[0]
    [fault] = identity.read(f"[)>{RS}06").faults
    assert fault.scheme == "iuid"


@pytest.mark.parametrize(
    "text",
    [
        MESSAGE,
        f" \t{MESSAGE}\r\n",
        "[)>^^06^]17V1AB23^]1PPN123^]SSER^^^D",
        "[)><RS>06<GS>17V1AB23<GS>1PPN123<GS>SSER<RS><EOT>",
        "[)>{RS}06{GS}17V1AB23{GS}1PPN123{GS}SSER{RS}{EOT}",
        "[)>\u241e06\u241d17V1AB23\u241d1PPN123\u241dSSER\u241e\u2404",
        f"[)>{RS}06{GS}17V1AB23{GS}1PPN123{GS}SSER",
        f"[)>06{GS}17V1AB23{GS}1PPN123{GS}SSER{RS}{EOT}",
        f">[)>06{GS}17V1AB23{GS}1PPN123{GS}SSER",
        f"[)>{RS}06{GS}18VD1AB23{GS}1PPN123{GS}SSER{RS}{EOT}",
        f"[)>{RS}06{GS}SSER{GS}1PPN123{GS}17V1AB23{RS}{EOT}",
        f"[)>{RS}06{GS}25SD1AB23PN123SER{RS}{EOT}",
        f"[)>{RS}12{GS}CAG 1AB23{GS}PNO PN123{GS}SEQ SER{RS}{EOT}",
        f"[)>{RS}DD{GS}UID D1AB23PN123SER{RS}{EOT}",
        "25SD1AB23PN123SER",
        "*25SD1AB23PN123SER*",
    ],
)
def test_all_forms_of_one_item_are_one_identifier(text: str) -> None:
    assert [each.canonical for each in read(text) if not isinstance(each, Fragment)] == ["iuid:D1AB23PN123SER"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "D1AB23PN123SER",
        "17V1AB23",
        "1PABC",
        "SABC",
        "18S",
        "18S1AB2",
        "18SIAB239",
        "18s1AB239",
        "18S1AB23é",
        "25S",
        "25S0614141X",
        "25SXYZ123",
        "25SUN12345678X",
        "1M8GDM9AXKP042788",
        "0109506000134352",
        "https://twin.example/L/0123456789ABC8",
        "(01)09506000134352",
        "[)",
        "x[)>",
        "\u00a0[)>\x1e06\x1dS1",
        "**",
    ],
)
def test_a_text_of_another_form_is_none_and_never_a_guess(text: str) -> None:
    assert read(text) == ()


@pytest.mark.parametrize("text", ["18S1AB239", "*18S1AB239*", " 18S1AB239\r\n", "25SUN194532636A", "25SLDW81X9CA"])
def test_a_whole_identifier_in_a_linear_symbol_is_read_with_a_finding(text: str) -> None:
    [item] = read(text)
    assert isinstance(item, IUID)
    assert [finding.code for finding in item.findings] == ["IUID_NO_ENVELOPE"]


@pytest.mark.parametrize("symbology_identifier", ["]C1", "]d2", "]Q3"])
def test_what_promises_gs1_data_is_no_message(symbology_identifier: str) -> None:
    assert read(MESSAGE, symbology_identifier) == ()
    assert read(MESSAGE, "]d1") != ()


def test_a_bare_uii_says_nothing_but_itself() -> None:
    item = parse("d1ab23pn123ser")
    assert (item.canonical, item.construct, item.implied) == ("iuid:D1AB23PN123SER", None, ())
    with pytest.raises(InvalidIdentifier, match="found 'ß' at position 3"):
        parse("D1ß")


@pytest.mark.parametrize("scheme", ["iuid", "lpn"])
def test_it_keeps_the_convention(scheme: str) -> None:
    assert scheme == identity.standards()[scheme].SCHEME


CODES = """17V 12V 3V 7L 18V 1P 1T S 18S 25S 22S I 4I 8S 8P J 1J 25V 13V Q 16D D 99Q 8004 8003 8002 01 21 10 17 +A
    MFR_ CAG_ SPL_ DUN_ EUC_ SER_ UCN_ PNO_ PNR_ SEQ_ LOT_ UID_ USN_ UST_"""

elements = st.builds(
    "{}{}".format,
    st.sampled_from([code.replace("_", " ") for code in CODES.split()]),
    st.one_of(
        st.text(max_size=20),
        st.text(st.characters(), max_size=20),
        st.text("0123456789ABCDEFGHJKLMNPRSTUVWXYZ-/", max_size=20),
        st.sampled_from(["1AB23", "194532636", "W81X9C", "0614141", "1M8GDM9AXKP042788", "09506000134352"]),
    ),
)
messages = st.builds(
    lambda indicator, elements, trailer: f"[)>{RS}{GS.join([indicator, *elements])}{trailer}",
    st.sampled_from(["05", "06", "06", "06", "12", "DD", "01", "77"]),
    st.lists(elements, max_size=6),
    st.sampled_from([RS + EOT, RS, ""]),
)


def only_our_errors_come_out(text: str) -> None:
    why = ""
    try:
        found = read(text)
    except TwinError as refused:
        why = refused.message
    else:
        for each in found:
            if isinstance(each, Fragment):
                assert all(part.name for part in each.parts)
                continue
            assert isinstance(each, Identifier)
            assert identity.parse(each.canonical).canonical == each.canonical
            assert all(identity.parse(other.canonical).canonical == other.canonical for other in each.implied)
            assert all(finding.message.isprintable() for finding in each.findings)
            assert each.granularity is None or each.granularity
            assert each.parts
    assert why.isprintable()


@given(messages)
@example(f"[)>{RS}06{GS}3V{RS}{EOT}")
@example(f"[)>{RS}06{GS}18V{'A' * 40}{GS}1PP{GS}S9{RS}{EOT}")
def test_whatever_the_message_only_our_errors_come_out(text: str) -> None:
    only_our_errors_come_out(text)


@given(st.integers(0, len(MESSAGE) - 1), st.characters())
def test_one_wrong_character_never_makes_another_error(place: int, other: str) -> None:
    only_our_errors_come_out(MESSAGE[:place] + other + MESSAGE[place + 1 :])


@given(st.integers(0, len(MESSAGE) - 1), st.characters())
def test_one_wrong_character_is_another_item_or_is_noticed(place: int, other: str) -> None:
    """A UII has no check character: within its pieces a change is another item; elsewhere it is refused or remarked.

    But for 1T in place of 1P: with the same number, a lot makes the same UII as a part.
    """
    text = MESSAGE[:place] + other + MESSAGE[place + 1 :]
    if other == MESSAGE[place] or "1TPN123" in text:
        return
    try:
        found = read(text)
    except InvalidIdentifier:
        return
    same = [each for each in found if not isinstance(each, Fragment) and each.canonical == "iuid:D1AB23PN123SER"]
    assert all(each.findings for each in same)


@pytest.mark.parametrize(
    "text", ["[)>" * 500, f"[)>{RS}06" + GS * 1990, f"[)>{RS}06{GS}" + f"S{GS}" * 990, "A" * 10_000_000]
)
def test_nasty_texts_only_our_errors_come_out(text: str) -> None:
    only_our_errors_come_out(text)


@given(st.text())
def test_other_texts_are_not_read(text: str) -> None:
    if not text.lstrip(" \t\r\n").startswith(("[)>", ">[)>", "18S", "25S", "*18S", "*25S")):
        assert read(text) == ()


def test_the_names_of_the_package() -> None:
    assert iuid.TITLE == "Unique item identifier"
