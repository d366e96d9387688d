from __future__ import annotations

import pytest
from hypothesis import given

from tests.identity.gs1.strategies import messages
from twin.errors import InvalidIdentifier
from twin.identity.gs1._ais import AIS, Element
from twin.identity.gs1._element_string import bracketed_elements_in, bracketed_of, element_string_of, elements_in
from twin.identity.gs1._elements import associations, require_elements

PROCESS = "gs1-syntax-engine, ai.c, test_ai_processAIdata"

# element string with ^ for FNC1, whether it is one, source
STRINGS = [
    ("991234", True, PROCESS),
    ("891234", False, PROCESS),
    ("99~ABC", False, PROCESS),
    ("99ABC~", False, PROCESS),
    ("0112345678901231", True, PROCESS),
    ("01A2345678901231", False, PROCESS),
    ("011234567890123A", False, PROCESS),
    ("0112345678901234", False, PROCESS),
    ("011234567890123", False, PROCESS),
    ("01123456789012312", False, PROCESS),
    ("0112345678901231^", True, PROCESS),
    ("011234567890123^", False, PROCESS),
    ("01123456789012345^", False, PROCESS),
    ("01123456789012345^991234", False, PROCESS),
    ("0112345678901231991234", True, PROCESS),
    ("0112345678901231^991234", True, PROCESS),
    ("2421", True, PROCESS),
    ("242123456", True, PROCESS),
    ("242123456^10ABC123", True, PROCESS),
    ("242123456^", True, PROCESS),
    ("2421234567", False, PROCESS),
    ("81111234", True, PROCESS),
    ("8111123", False, PROCESS),
    ("811112345", False, PROCESS),
    ("81111234^10ABC123", True, PROCESS),
    ("800112341234512398", True, PROCESS),
    ("80011234123451239", False, PROCESS),
    ("8001123412345123981", False, PROCESS),
    ("800112341234512398^0112345678901231", True, PROCESS),
    ("80011234123451239^0112345678901231", False, PROCESS),
    ("8001123412345123981^01123456789012312", False, PROCESS),
    ("7007211225211231", True, PROCESS),
    ("7007211225", True, PROCESS),
    ("70072112252", False, PROCESS),
    ("7007211225211", False, PROCESS),
    ("700721122521123", False, PROCESS),
    ("70072112252212311", False, PROCESS),
    ("800302112345678900ABC", True, PROCESS),
    ("800302112345678901ABC", False, PROCESS),
    ("800302112345678900", True, PROCESS),
    ("800302112345678900^10ABC123", True, PROCESS),
    ("800302112345678900ABCDEFGHIJKLMNOPQ", False, PROCESS),
    ("7230121234567890123456789012345678", True, PROCESS),
    ("72301212345678901234567890123456789", False, PROCESS),
    ("7230123", True, PROCESS),
    ("723012", False, PROCESS),
]

PARSE = "gs1-syntax-engine, ai.c, test_ai_parseAIdata"

# in brackets, element string with ^ for FNC1, source
BRACKETED = [
    ("(01)12345678901231", "0112345678901231", PARSE),
    ("(10)12345", "1012345", PARSE),
    ("(01)12345678901231(10)12345", "01123456789012311012345", PARSE),
    ("(3100)123456(10)12345", "31001234561012345", PARSE),
    ("(10)12345(11)991225", "1012345^11991225", PARSE),
    ("(3900)12345(11)991225", "390012345^11991225", PARSE),
    ("(10)12345\\(11)991225", "1012345(11)991225", PARSE),
]

ASSOCIATIONS = "gs1-syntax-engine, ai.c, test_ai_validateAIassociations"

# in brackets, whether the elements go together, source
TOGETHER = [
    ("(01)12345678901231(02)12345678901231", False, ASSOCIATIONS),
    ("(99)ABC123(01)12345678901231(02)12345678901231", False, ASSOCIATIONS),
    ("(01)12345678901231(99)ABC123(02)12345678901231", False, ASSOCIATIONS),
    ("(01)12345678901231(255)5412345000150", False, ASSOCIATIONS),
    ("(01)12345678901231(37)123", False, ASSOCIATIONS),
    ("(21)ABC123(235)XYZ", False, ASSOCIATIONS),
    ("(3940)1234(8111)9999", False, ASSOCIATIONS),
    ("(3940)1234(3941)9999", False, ASSOCIATIONS),
    ("(3955)123456(3929)123", False, ASSOCIATIONS),
    ("(02)12345678901231", False, ASSOCIATIONS),
    ("(02)12345678901231(37)123", False, ASSOCIATIONS),
    ("(02)12345678901231(37)123(00)123456789012345675", True, ASSOCIATIONS),
    ("(91)XXX(02)12345678901231(92)YYY(37)123(93)ZZZ(00)123456789012345675", True, ASSOCIATIONS),
    ("(21)ABC123", False, ASSOCIATIONS),
    ("(21)ABC123(01)12345678901231", True, ASSOCIATIONS),
    ("(21)ABC123(8006)123456789012310510", True, ASSOCIATIONS),
    ("(01)12345678901231(250)ABC123", False, ASSOCIATIONS),
    ("(01)12345678901231(21)XYZ999(250)ABC123", True, ASSOCIATIONS),
    ("(01)12345678901231(3925)12599", False, ASSOCIATIONS),
    ("(01)12345678901231(3925)12599(30)123", True, ASSOCIATIONS),
    ("(01)12345678901231(3925)12599(3100)654321", True, ASSOCIATIONS),
    ("(01)12345678901231(3925)12599(3165)654321", True, ASSOCIATIONS),
    ("(01)12345678901231(3925)12599(3295)654321", True, ASSOCIATIONS),
    ("(01)12345678901231(3925)12599(3575)654321", True, ASSOCIATIONS),
    ("(01)12345678901231(3925)12599(3695)654321", True, ASSOCIATIONS),
]


@pytest.mark.parametrize(("written", "good", "source"), STRINGS)
def test_published_element_strings(written: str, good: bool, source: str) -> None:
    text = written.replace("^", "\x1d")
    if not good:
        with pytest.raises(InvalidIdentifier):
            require_elements(elements_in(text))
        return
    elements = elements_in(text)
    require_elements(elements)
    assert elements_in(element_string_of(elements)) == elements, source


@pytest.mark.parametrize(("bracketed", "string", "source"), BRACKETED)
def test_published_brackets(bracketed: str, string: str, source: str) -> None:
    elements = bracketed_elements_in(bracketed)
    assert element_string_of(elements).replace("\x1d", "^") == string, source
    assert bracketed_of(elements) == bracketed
    assert elements_in(string.replace("^", "\x1d")) == elements


@pytest.mark.parametrize(("bracketed", "good", "source"), TOGETHER)
def test_published_associations(bracketed: str, good: bool, source: str) -> None:
    elements = bracketed_elements_in(bracketed)
    require_elements(elements)
    assert (associations(elements) == ()) == good, source


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", None),
        ("0109506000134352XX", "'XX' at position 17"),
        ("8", "'8' at position 1"),
        ("10ABC\x1d\x1d21X", "'\\x1d21X' at position 7"),
        ("\x1d0109506000134352", "'\\x1d010' at position 1"),
    ],
)
def test_what_stands_where_an_application_identifier_must(text: str, found: str | None) -> None:
    if found is None:
        assert elements_in(text) == ()
        return
    with pytest.raises(InvalidIdentifier) as refused:
        elements_in(text)
    assert refused.value.message.endswith(f" is not GS1 data: expected an application identifier, found {found}.")


@given(messages())
def test_every_form_is_read_back(elements: tuple[Element, ...]) -> None:
    string = element_string_of(elements)
    assert elements_in(string) == elements
    assert not string.startswith("\x1d")
    assert not string.endswith("\x1d")
    assert string.count("\x1d") == sum(not AIS[ai].predefined_length for ai, _ in elements[:-1])
    assert bracketed_elements_in(bracketed_of(elements)) == elements
    assert bracketed_elements_in(bracketed_of(elements).replace("(", "[").replace(")", "]"))[0][0] == elements[0][0]


@pytest.mark.parametrize(
    "value",
    [
        "(",
        ")",
        "((",
        "(21)",
        "((21)",
        "(21",
        "(1)",
        "(21)(21)",
        "(99)x",
        "(999)",
        "A(01)",
        "()",
        "(01",
        "(12)",
        "(12345)",
    ],
)
def test_a_bracket_may_be_of_a_value(value: str) -> None:
    elements = (("10", value), ("21", "X"))
    assert bracketed_elements_in(bracketed_of(elements)) == elements
    assert ("\\" in bracketed_of(elements)) == (
        value in {"(21)", "((21)", "(21)(21)", "(99)x", "(999)", "A(01)", "(12)"}
    )
