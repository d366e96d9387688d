from __future__ import annotations

import pkgutil
import types
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from twin import identity
from twin.errors import InvalidIdentifier, InvalidInput, TooLarge, TwinError
from twin.identity import MAX_TEXT, Fault, Finding, Fragment, Granularity, Identifier, Part, Standard, link, vin

if TYPE_CHECKING:
    from collections.abc import Callable

VIN = "1M8GDM9AXKP042788"
LINK = "0123456789ABC8"

# The type checker holds these modules to the convention, before any test runs.
STANDARDS: tuple[Standard, ...] = (link, vin)

NASTY = [
    "",
    ":",
    "vin:",
    ":x",
    "vin",
    "\0",
    "\ud800",
    "vin:\udfff" + "A" * 16,
    "]",
    "]Q1",
    "\x1d",
    "¹M8GDM9AXKP042788",
    "٣" * 17,
]


def test_standards_are_discovered_in_the_order_of_their_schemes() -> None:
    assert list(identity.standards()) == sorted(identity.standards())
    assert set(STANDARDS) <= set(identity.standards().values())


def test_the_standards_cannot_be_changed_by_a_caller() -> None:
    with pytest.raises(TypeError):
        identity.standards()["mine"] = vin  # type: ignore[index]


def test_every_module_is_one_standard_with_one_scheme() -> None:
    names = [found.name for found in pkgutil.iter_modules(identity.__path__) if not found.name.startswith("_")]
    assert len(names) == len(identity.standards())


@pytest.mark.parametrize("scheme", identity.standards())
def test_a_standard_keeps_the_convention(scheme: str) -> None:
    standard = identity.standards()[scheme]
    assert isinstance(standard, types.ModuleType)
    assert isinstance(standard, Standard)
    assert scheme == standard.SCHEME
    assert scheme == scheme.lower()
    assert ":" not in scheme
    assert standard.TITLE
    assert standard.__doc__


@pytest.mark.parametrize("scheme", identity.standards())
def test_a_standard_has_its_tests(scheme: str) -> None:
    standard = identity.standards()[scheme]
    assert isinstance(standard, types.ModuleType)
    name = standard.__name__.removeprefix(f"{identity.__name__}.")
    here = Path(__file__).parent
    assert (here / f"test_{name}.py").exists() or (here / name).is_dir()


@pytest.mark.parametrize("canonical", [f"vin:{VIN}", f"link:{LINK}"])
def test_parse_goes_by_the_scheme_and_reads_back_what_canonical_says(canonical: str) -> None:
    value = identity.parse(canonical)
    assert isinstance(value, Identifier)
    assert value.canonical == canonical
    assert all(isinstance(part, Part) for part in value.parts)
    assert all(isinstance(finding, Finding) for finding in value.findings)


@pytest.mark.parametrize(
    ("canonical", "found"),
    [(VIN, "no colon"), ("isbn:1", "'isbn'"), ("VIN:" + VIN, "'VIN'"), (" vin:" + VIN, "' vin'"), (":" + VIN, "''")],
)
def test_an_unknown_scheme_is_refused_and_the_known_ones_are_named(canonical: str, found: str) -> None:
    with pytest.raises(InvalidIdentifier) as refused:
        identity.parse(canonical)
    known = ", ".join(identity.standards())
    assert refused.value.message == f"'{canonical}': expected scheme:value with a scheme of {known}, found {found}."


def test_read_finds_the_standard() -> None:
    assert [found.canonical for found in identity.read(VIN).candidates] == [f"vin:{VIN}"]
    url = f"https://twin.example/L/{LINK}"
    assert [found.canonical for found in identity.read(url).candidates] == [f"link:{LINK}", f"iec61406:{url}"]
    assert identity.read("Hello").candidates == ()


def test_a_symbology_identifier_in_front_of_the_text_is_taken_off() -> None:
    for reading in (identity.read(f"]A0{VIN}"), identity.read(f"]A0{VIN}", "]A0"), identity.read(VIN, "]A0")):
        assert (reading.text, reading.symbology_identifier) == (VIN, "]A0")
        assert len(reading.candidates) == 1


@pytest.mark.parametrize("identifier", ["]C1", "]J1", "]Q3", "]d2", "]e0"])
@pytest.mark.parametrize("text", [VIN, LINK])
def test_what_is_gs1_by_its_symbology_identifier_is_nothing_else(text: str, identifier: str) -> None:
    assert identity.read(text, identifier).candidates == ()
    assert identity.read(identifier + text).candidates == ()
    assert identity.read(text, "]C0").candidates != ()


@pytest.mark.parametrize("identifier", ["", "Q1", "]Q", "]Q1x", "]11", "QR", "]é1", "\ud800"])
def test_a_symbology_identifier_that_is_none_is_refused(identifier: str) -> None:
    with pytest.raises(InvalidInput, match="expected a symbology identifier such as ]Q1"):
        identity.read(VIN, identifier)


@dataclass(frozen=True, slots=True)
class Guess:
    canonical: str
    findings: tuple[Finding, ...] = ()
    parts: tuple[Part, ...] = ()
    granularity: Granularity | None = None
    implied: tuple[Identifier, ...] = ()


FRAGMENT = Fragment("A lot without its product", (Part("Lot", "7"),))


def refusing(text: str, symbology_identifier: str | None) -> tuple[Identifier, ...]:
    raise InvalidIdentifier("'1' is not an E: expected 2, found 1.")


def test_ambiguous_text_gives_every_candidate_those_with_fewest_findings_first(monkeypatch: pytest.MonkeyPatch) -> None:
    doubtful, sound, sound_too = Guess("a:1", (Finding("A", "odd"),)), Guess("b:1"), Guess("c:1")
    answers = {"a": (doubtful,), "b": (FRAGMENT, sound), "c": (sound_too,), "d": ()}
    fakes = {
        scheme: types.SimpleNamespace(read=lambda text, symbology_identifier, answer=answer: answer)
        for scheme, answer in answers.items()
    } | {"e": types.SimpleNamespace(read=refusing)}
    monkeypatch.setattr(identity, "standards", lambda: fakes)
    reading = identity.read("1")
    assert reading.candidates == (sound, sound_too, doubtful)
    assert reading.fragments == (FRAGMENT,)
    assert reading.faults == (Fault("e", "'1' is not an E: expected 2, found 1."),)


def test_a_text_is_bounded() -> None:
    assert identity.read("A" * MAX_TEXT).candidates == ()
    with pytest.raises(TooLarge, match="at most 2,000 characters, found 2,001"):
        identity.read("A" * (MAX_TEXT + 1))
    with pytest.raises(TooLarge):
        identity.parse("vin:" + "A" * MAX_TEXT)
    with pytest.raises(TooLarge):
        identity.read(VIN, "]" * (MAX_TEXT + 1))


@pytest.mark.parametrize("value", [None, 17, 1.5, VIN.encode(), [VIN], {"vin": VIN}, object()])
def test_what_is_not_a_text_is_refused(value: object) -> None:
    expected = f"Expected a text, found {type(value).__name__}."
    calls = [identity.parse, identity.read, vin.VIN, link.LinkId, link.public_url_of, link.origin_of, vin.policy_for]
    calls += [call for standard in identity.standards().values() for call in (standard.parse, standard.read)]
    for call in calls:
        with pytest.raises(InvalidInput) as refused:
            call(value)  # type: ignore[operator]
        assert refused.value.message == expected


texts = st.one_of(
    st.text(),
    st.text(st.characters()),  # lone surrogates too
    st.text("]QACd0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ:/.-* \x1d\0", max_size=40),
    st.from_regex(r"\A(https?|HTTPS)://[^/]{0,9}(:\d{0,6})?(/\S{0,9})?/[Ll]/\S{10,20}\Z"),
    st.builds("{}:{}".format, st.sampled_from(["vin", "link", "VIN", ""]), st.text()),
)


def refusal(call: Callable[..., object], *arguments: object) -> str:
    """Why the call refuses; empty when it answers. Any error but ours comes through."""
    try:
        call(*arguments)
    except TwinError as refused:
        return refused.message
    return ""


def every_call_answers_or_refuses(text: str, symbology_identifier: str | None) -> None:
    for call in (identity.parse, vin.parse, link.parse, link.public_url_of, link.origin_of, vin.policy_for):
        assert refusal(call, text).isprintable()  # so it can be sent and logged: no lone surrogate came through
    why = refusal(identity.read, text, symbology_identifier)
    assert why.isprintable()
    if not why:
        for candidate in identity.read(text, symbology_identifier).candidates:
            assert identity.parse(candidate.canonical).canonical == candidate.canonical
            assert all(identity.parse(other.canonical).canonical == other.canonical for other in candidate.implied)


@given(text=texts, symbology_identifier=st.none() | st.from_regex(r"\A\][A-Za-z]\d\Z") | st.text(max_size=4))
@example(text="\ud800", symbology_identifier="\ud800")
def test_whatever_the_text_only_our_errors_come_out(text: str, symbology_identifier: str | None) -> None:
    every_call_answers_or_refuses(text, symbology_identifier)


@pytest.mark.parametrize("text", [*NASTY, *(nasty * 500 for nasty in NASTY), "A" * 10_000_000])
def test_nasty_texts_only_our_errors_come_out(text: str) -> None:
    every_call_answers_or_refuses(text, None)
