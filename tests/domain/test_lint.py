"""Lint: a label of each profile that passes, and for each rule one that does not, with the clause named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.domain.profiles.samples import SAMPLES, STATEMENT, VIN, face_of
from twin.domain.builtin import builtins, sample
from twin.domain.lint import GENERAL_RULES, Finding, lint, lint_layout
from twin.domain.profiles import Profile, profile, profiles
from twin.domain.tag import Tag
from twin.domain.template import FieldsElement, LineElement, SymbolElement, Template, TextElement

CFR_567 = "49 CFR 567.4(g)"
ANNEX_VI = "Regulation (EU) 2023/1542, annex VI, part A"


def layout_of(name: str) -> Template:
    """A layout of the profile with which nothing is wrong: every symbol, and all fields in rows."""
    kind = profile(name)
    symbols = tuple(
        SymbolElement(5 + 60 * place, 5, carrier.name, module=max(carrier.least_module_mm, 0.51))
        for place, carrier in enumerate(kind.carriers)
    )
    rows = FieldsElement(5, 60, 90, 80, size=4, fields=tuple(field.name for field in kind.face))
    return Template(name, 200, 150, (*symbols, rows, TextElement(5, 145, 50, 4, "{linkId}", size=3)))


def changed(layout: Template, index: int, **changes: Any) -> Template:
    """The layout with one element that is otherwise."""
    elements = list(layout.elements)
    elements[index] = replace(elements[index], **changes)
    return replace(layout, elements=tuple(elements))


@pytest.mark.parametrize("name", profiles())
@pytest.mark.parametrize("dpi", [None, 203, 300, 600])
def test_a_label_of_each_profile_passes(name: str, dpi: int | None) -> None:
    identifiers, _ = SAMPLES[name]
    assert lint(profile(name), face_of(name), identifiers, layout=layout_of(name), dpi=dpi) == ()


@pytest.mark.parametrize("name", profiles())
@pytest.mark.parametrize("dpi", [None, 203, 300, 600])
def test_what_came_with_each_profile_passes(name: str, dpi: int | None) -> None:
    face, layout = sample(name)["face"], builtins()[name].template
    found = lint(profile(name), face, (), layout=layout, dpi=dpi)
    assert [each for each in found if each.rule != "asset.identity"] == []


# What each profile asks for of itself: the profile, what is otherwise, the rule, its clause, what the message tells.
OWN_RULES = [
    ("vin_plate", {"vin": "1M8GDM9A1KP042788"}, "vin.check-digit", "49 CFR 565.15(c)", "check digit X"),
    ("vin_plate", {"modelYear": "1990"}, "vin.model-year", "49 CFR 565.15(d)(1)", "expected 1989 or 2019"),
    ("certification_label", {"vin": "1M8GDM9A1KP042788"}, "vin.check-digit", "49 CFR 565.15(c)", "check digit X"),
    (
        "certification_label",
        {"gawrFront": None, "gawrRear": None},
        "gawr.each-axle",
        f"{CFR_567}(4)",
        "weight rating for each axle, found none",
    ),
    ("certification_label", {"gvwr": "2449 KG"}, "weight.pounds", f"{CFR_567}(3)", "gvwr: expected a weight in pounds"),
    (
        "certification_label",
        {"statement": STATEMENT.replace("ALL", "MOST")},
        "statement.wording",
        f"{CFR_567}(5)",
        "CONFORMS TO ALL APPLICABLE",
    ),
    ("certification_label", {"manufacturer": "Hofmann"}, "text.capitals", CFR_567, "capitals, found 'Hofmann'"),
    ("alterer_label", {"vin": "1M8GDM9A1KP042788"}, "vin.check-digit", "49 CFR 565.15(c)", "check digit X"),
    ("alterer_label", {"inEffect": "01/2027"}, "alteration.dates", "49 CFR 567.7(b)(1)", "no later than 11/2026"),
    ("alterer_label", {"gawrRear": "1224 KG"}, "weight.pounds", "49 CFR 567.7(b)(2)", "gawrRear: expected a weight"),
    ("alterer_label", {"alteredBy": "Hofmann"}, "text.capitals", CFR_567, "capitals, found 'Hofmann'"),
    ("udi_gs1", {"expires": "2020-01-01"}, "udi.shelf-life", None, "no earlier than 2026-11-22"),
    ("iuid", {"serial": "SER9"}, "uii.pieces", "MIL-STD-130N, table A-II", "D1AB23PN123SER9"),
    ("component_part", {"lot": None, "serial": None}, "part.traceable", None, "a lot or a serial number"),
    ("nameplate", {"yearOfConstruction": "2025"}, "date.year", "IDTA 02006-3-0, DateOfManufacture", "a date of 2025"),
    (
        "battery",
        {"model": None, "serial": None},
        "battery.identified",
        "Regulation (EU) 2023/1542, article 38(6)",
        "found none of them",
    ),
    ("battery", {"capacity": None}, "battery.capacity", "Regulation (EU) 2023/1542, article 13(2)", "category LMT"),
    ("battery", {"hazardousSubstances": "lead, nickel"}, "battery.substances", f"{ANNEX_VI}, 8", "found Lead"),
]


@pytest.mark.parametrize(("name", "changes", "rule", "clause", "said"), OWN_RULES)
def test_a_rule_of_a_profile_that_is_broken_names_its_clause(
    name: str, changes: Mapping[str, str | None], rule: str, clause: str | None, said: str
) -> None:
    found = [each for each in lint(profile(name), face_of(name, **changes), ()) if each.rule == rule]
    assert [each.clause for each in found] == [clause]
    assert said in found[0].message


def test_every_rule_of_every_profile_was_broken_above() -> None:
    broken = {(name, rule) for name, _, rule, _, _ in OWN_RULES}
    assert broken == {(name, rule.name) for name, kind in profiles().items() for rule in kind.rules}
    assert all(rule.name not in GENERAL_RULES for kind in profiles().values() for rule in kind.rules)


# What is asked of every label's face: the profile, the asset, what is otherwise, and the finding.
OF_FACES = [
    ("vin_plate", ("part:1AB23/PN123",), {}, Finding("asset.identity", None, ("asset",), "scheme vin, found part")),
    (
        "vin_plate",
        (f"vin:{VIN}",),
        {"colour": "red"},
        Finding("field.unknown", None, ("face", "colour"), "found 'colour'"),
    ),
    (
        "certification_label",
        (f"vin:{VIN}",),
        {"manufactured": None},
        Finding("field.required", f"{CFR_567}(2)", ("face", "manufactured"), "expected Month of manufacture"),
    ),
    (
        "certification_label",
        (f"vin:{VIN}",),
        {"type": "SPACESHIP"},
        Finding("field.text", f"{CFR_567}(7)", ("face", "type"), "one of PASSENGER CAR"),
    ),
    (
        "vin_plate",
        ("vin:WVWZZZ1JZXW000001",),
        {},
        Finding("field.asset", "49 CFR 565.13(b)", ("face", "vin"), "expected 'WVWZZZ1JZXW000001', the asset's vin"),
    ),
    (
        "udi_gs1",
        ("gs1:01/09506000134352/21/SER42",),
        {"lot": "L8"},
        Finding("field.composed", "21 CFR 801.40(a)", ("face", "udi"), "(10)L8(21)SER42"),
    ),
    (
        "udi_gs1",
        (),
        {"serial": "SER~42"},
        Finding("carrier.content", "21 CFR 801.40(a)", ("carriers", "udi"), "'SER~42'"),
    ),
    (
        "logistic_unit",
        (),
        {"sscc": None},
        Finding(
            "carrier.content",
            "GS1 General Specifications, 6.6.4.1 and 5.12.3",
            ("carriers", "sscc"),
            "found nothing on the face",
        ),
    ),
    (
        "udi_hibc",
        ("hibc:A99912345/serial/S43",),
        {},
        Finding("carrier.asset", "21 CFR 801.40(a)", ("carriers", "udi"), "expected 'hibc:A99912345/serial/S43'"),
    ),
]


@pytest.mark.parametrize(("name", "identifiers", "changes", "expected"), OF_FACES)
def test_a_face_that_breaks_a_rule_of_every_label(
    name: str, identifiers: tuple[str, ...], changes: Mapping[str, str | None], expected: Finding
) -> None:
    found = lint(profile(name), face_of(name, **changes), identifiers)
    [one] = [each for each in found if (each.rule, each.path) == (expected.rule, expected.path)]
    assert one.clause == expected.clause
    assert expected.message in one.message


SYMBOL, ROWS = 0, -2

# What is asked of every layout: the profile, the layout that is otherwise, and the finding.
OF_LAYOUTS = [
    (
        "asset_tag",
        replace(layout_of("asset_tag"), profile="vin_plate"),
        Finding("layout.profile", None, ("profile",), "found one of 'vin_plate'"),
    ),
    (
        "logistic_unit",
        changed(layout_of("logistic_unit"), 1, carrier="link"),
        Finding("layout.carrier", "GS1 General Specifications, 6.6.4.1 and 5.12.3", ("elements",), "the symbol sscc"),
    ),
    (
        "asset_tag",
        changed(layout_of("asset_tag"), SYMBOL, carrier="udi"),
        Finding("layout.carrier", None, ("elements", "0"), "expected a symbol of the profile (link), found 'udi'"),
    ),
    (
        "certification_label",
        changed(layout_of("certification_label"), ROWS, fields=("manufacturer", "gvwr", "statement", "vin", "type")),
        Finding("layout.field", f"{CFR_567}(2)", ("elements",), "Month of manufacture (manufactured)"),
    ),
    (
        "asset_tag",
        changed(layout_of("asset_tag"), -1, text="{colour}"),
        Finding("layout.field", None, ("elements",), "found 'colour'"),
    ),
    (
        "iuid",
        changed(layout_of("iuid"), 1, symbology="qr"),
        Finding("symbol.symbology", "MIL-STD-130N, 5.2.3", ("elements", "1"), "expected datamatrix, found 'qr'"),
    ),
    (
        "nameplate",
        changed(layout_of("nameplate"), SYMBOL, options={"level": "M"}),
        Finding(
            "symbol.options",
            "IEC 61406-1:2022, 2D-1 to 2D-6 (unverified)",
            ("elements", "0"),
            "level: expected Q, found 'M'",
        ),
    ),
    (
        "vin_plate",
        changed(layout_of("vin_plate"), -1, text="{vin}", least=3.5, size=4),
        Finding("text.height", "49 CFR 565.13(f)", ("elements", "3"), "vin: expected capitals of 4 mm at least"),
    ),
    (
        "certification_label",
        changed(layout_of("certification_label"), ROWS, size=2.3),
        Finding("text.height", CFR_567, ("elements", "1"), "expected capitals of 2.38 mm at least, found 2.3 mm"),
    ),
]


@pytest.mark.parametrize(("name", "layout", "expected"), OF_LAYOUTS)
def test_a_layout_that_breaks_a_rule(name: str, layout: Template, expected: Finding) -> None:
    found = lint_layout(profile(name), layout)
    one = next(each for each in found if (each.rule, each.path) == (expected.rule, expected.path))
    assert one.clause == expected.clause
    assert expected.message in one.message


def test_fields_out_of_the_order_that_the_clause_asks_for() -> None:
    kind, layout = profile("certification_label"), layout_of("certification_label")
    upside_down = replace(layout, elements=(*layout.elements, TextElement(5, 40, 90, 4, "{type} {vin}", size=3)))
    [found] = lint_layout(kind, upside_down)
    assert (found.rule, found.clause, found.path) == ("layout.order", "49 CFR 567.4(g)", ("elements",))
    assert "found type, vin, manufacturer" in found.message
    assert lint_layout(replace(kind, ordered=None), upside_down)[0].rule == "layout.profile"
    down = (TextElement(90, 40, 90, 4, "{manufacturer}", size=3), TextElement(5, 45, 90, 4, "{manufactured}", size=3))
    assert lint_layout(kind, replace(layout, elements=(*layout.elements, *down))) == ()
    tag = layout_of("asset_tag")
    assert lint_layout(profile("asset_tag"), changed(tag, -1, text="{owner}{tag}")) == ()


@pytest.mark.parametrize(
    ("name", "index", "module", "dpi", "rule", "said"),
    [
        ("asset_tag", 0, 0.2, None, "symbol.module", "expected modules of 0.25 mm at least, found 0.2 mm."),
        ("asset_tag", 0, 0.25, 300, None, ""),
        ("asset_tag", 0, 0.25, 203, None, ""),
        (
            "asset_tag",
            0,
            0.2,
            300,
            "symbol.module",
            "at least, found 0.169 mm, which 0.2 mm in whole dots are (2 at 300 dpi).",
        ),
        ("iuid", 1, 0.19, 300, "symbol.module", "0.19 mm at least, found 0.169 mm"),
        ("iuid", 1, 0.19, 203, None, ""),
        ("iuid", 1, 0.7, 600, "symbol.module", "expected modules of 0.64 mm at most, found 0.720 mm"),
        ("asset_tag", 0, 0.1, 72, "symbol.printer", "which is 0 dots at 72 dpi"),
    ],
)
def test_a_module_is_judged_as_the_printer_draws_it(
    name: str, index: int, module: float, dpi: int | None, rule: str | None, said: str
) -> None:
    found = lint_layout(profile(name), changed(layout_of(name), index, module=module), dpi=dpi)
    assert [each.rule for each in found] == ([] if rule is None else [rule])
    assert not found or said in found[0].message


def test_a_label_with_a_tag_needs_an_asset_with_an_epc() -> None:
    identifiers, _ = SAMPLES["udi_gs1"]
    plain = layout_of("udi_gs1")
    for tag, rules in ((None, []), (Tag(7), []), (Tag(), ["tag.epc"])):
        found = lint(profile("udi_gs1"), face_of("udi_gs1"), identifiers, layout=replace(plain, tag=tag))
        assert [each.rule for each in found] == rules
    assert "does not say how long the company prefix of 'gs1:01/09506000134352/21/SER42' is" in found[0].message


def test_every_general_rule_was_broken_above() -> None:
    broken = {expected.rule for _, _, _, expected in OF_FACES} | {expected.rule for _, _, expected in OF_LAYOUTS}
    assert broken | {"layout.order", "symbol.module", "symbol.printer", "tag.epc"} == set(GENERAL_RULES)


def test_what_a_composed_text_says_need_not_stand_by_itself() -> None:
    layout = layout_of("alterer_label")
    assert lint_layout(profile("alterer_label"), changed(layout, ROWS, fields=("statement", "vin"))) == ()
    found = lint_layout(profile("alterer_label"), changed(layout, ROWS, fields=("vin", "altered")))
    assert [each.message.split(" (")[1].split(")")[0] for each in found] == ["alteredBy", "inEffect", "statement"]


def test_stronger_error_correction_is_as_good_and_another_symbology_has_no_level() -> None:
    kind, layout = profile("nameplate"), layout_of("nameplate")
    assert lint_layout(kind, changed(layout, SYMBOL, options={"level": "H"})) == ()
    assert lint_layout(kind, changed(layout, SYMBOL, symbology="datamatrix")) == ()
    assert lint_layout(kind, changed(layout, SYMBOL, options={"level": "QH"}))[0].rule == "symbol.options"


def test_rows_show_what_the_public_may_see_unless_fields_are_named() -> None:
    tag: Profile = profile("asset_tag")
    layout = layout_of("asset_tag")
    assert lint_layout(replace(tag, face=tag.face), layout)[0].rule == "layout.profile"
    assert lint_layout(tag, changed(layout, ROWS, fields=())) == ()
    lines = replace(layout, elements=(layout.elements[0], LineElement(1, 1, 9, 1, 0.2)))
    assert [found.rule for found in lint_layout(tag, lines)] == ["layout.field"]
