"""What is wrong with a label before it prints, each finding with the rule that it breaks and the clause behind it.

A finding stops a print, unless the rule is overridden by name and with a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from twin import identity
from twin.domain.actor import Audience
from twin.domain.elements import FieldsElement, SymbolElement, TextElement
from twin.domain.profiles import Carrier, FaceField, Profile, profiles
from twin.domain.template import LINK_ID, Template, placeholders_in
from twin.errors import InvalidInput, shown

__all__ = ["GENERAL_RULES", "Finding", "lint", "lint_face", "lint_layout", "lint_tag"]

MM_PER_INCH: Final = 25.4

GENERAL_RULES: Final[Mapping[str, str]] = {
    "asset.identity": "The asset has an identifier of the scheme that the profile is about.",
    "field.unknown": "Every field is one of the profile's.",
    "field.required": "Every field that the profile asks for is there.",
    "field.text": "Every text is of its field's kind, prints as it is stored, and is not longer than the field.",
    "field.asset": "No field contradicts the asset's identifiers.",
    "field.composed": "A text that other fields make says what they say.",
    "carrier.content": "What a carrier encodes is what its standard allows, and there where the profile asks for it.",
    "carrier.asset": "What a carrier encodes names the asset.",
    "layout.profile": "The layout is one of the profile's.",
    "layout.carrier": "Every symbol that the profile asks for is on the layout, and no other.",
    "layout.field": "Every field that the profile asks for is on the layout, and no other.",
    "layout.order": "The fields stand in the profile's order where a clause asks for it.",
    "symbol.symbology": "Every symbol is of a symbology that the profile permits.",
    "symbol.options": "Every symbol has the options that the profile asks for, or stronger error correction.",
    "symbol.printer": "A module is at least one dot of the printer.",
    "symbol.module": "A module, in whole dots of the printer, is of a size that the profile permits.",
    "tag.epc": "The asset has an EPC that the RFID tag of the label can hold, where the layout has one.",
    "text.height": "Capital letters are as high as the profile asks for, even where a text shrinks.",
}
"""What is asked of every label, by the names of the rules. A profile has rules of its own besides."""

_LEVELS: Final = "LMQH"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Args:
        rule: the name of the rule, such as `symbol.module`; an override names it.
        clause: where the rule comes from; None for a rule of the house.
        path: what it is wrong with: `("face", "vin")`, or `("elements", "3")` of the layout.
        message: what was expected and what was found.
    """

    rule: str
    clause: str | None
    path: tuple[str, ...]
    message: str


def lint(
    profile: Profile,
    face: Mapping[str, str],
    identifiers: Sequence[str],
    *,
    layout: Template | None = None,
    dpi: int | None = None,
) -> tuple[Finding, ...]:
    """Everything that is wrong with a label: first with what it says, then with how it is laid out.

    Args:
        profile: the label's.
        face: name to text.
        identifiers: the asset's, in canonical form.
        layout: what it is to be printed from; None looks at the face alone.
        dpi: dots per inch of the printer; None where nothing is known of dots.

    Examples:
        >>> from twin.domain.profiles import profile
        >>> [(found.rule, found.clause) for found in lint(profile("vin_plate"), {}, ["vin:1M8GDM9AXKP042788"])]
        [('field.required', '49 CFR 565.13(b)')]
    """
    if layout is None:
        return lint_face(profile, face, identifiers)
    return lint_face(profile, face, identifiers) + lint_layout(profile, layout, dpi=dpi) + lint_tag(layout, identifiers)


def lint_face(profile: Profile, face: Mapping[str, str], identifiers: Sequence[str]) -> tuple[Finding, ...]:
    """Everything that is wrong with what a label says.

    Args:
        profile: the label's.
        face: name to text.
        identifiers: the asset's, in canonical form.
    """
    found = list(_of_asset(profile, identifiers))
    found += (
        Finding("field.unknown", None, ("face", name), f"expected a field of the profile, found {shown(name)}.")
        for name in face
        if profile.field(name) is None
    )
    sound = {field.name: face[field.name] for field in profile.face if _is_sound(field, face.get(field.name))}
    for field in profile.face:
        found += _of_field(field, face, identifiers)
        found += _of_composed(field, face, sound)
    for carrier in profile.carriers:
        found += _of_carrier(carrier, sound, identifiers)
    for rule in profile.rules:
        message = rule.check(sound)
        if message is not None:
            found.append(Finding(rule.name, rule.clause, rule.path, message))
    return tuple(found)


def lint_layout(profile: Profile, layout: Template, *, dpi: int | None = None) -> tuple[Finding, ...]:
    """Everything that is wrong with a layout, whatever its labels say.

    Args:
        profile: that of its labels.
        layout: the template.
        dpi: dots per inch of the printer; None where nothing is known of dots.
    """
    found: list[Finding] = []
    if profiles().get(layout.profile) is not profile:
        message = f"expected a layout of the profile {profile.title}, found one of {shown(layout.profile)}."
        found.append(Finding("layout.profile", None, ("profile",), message))
    symbols = [(index, each) for index, each in enumerate(layout.elements) if isinstance(each, SymbolElement)]
    drawn = {symbol.carrier for _, symbol in symbols}
    for carrier in profile.carriers:
        if carrier.required and carrier.name not in drawn:
            message = f"expected the symbol {carrier.name}, found {', '.join(sorted(drawn)) or 'none'}."
            found.append(Finding("layout.carrier", carrier.clause, ("elements",), message))
    for index, symbol in symbols:
        found += _of_symbol(profile, symbol, ("elements", str(index)), dpi)
    return (*found, *_of_texts(profile, layout))


def lint_tag(layout: Template, identifiers: Sequence[str]) -> tuple[Finding, ...]:
    """What is wrong with what the RFID tag of a label would say; nothing where the layout has no tag.

    Args:
        layout: the template.
        identifiers: the asset's, in canonical form.
    """
    try:
        if layout.tag is not None:
            layout.tag.epc_of(identifiers)
    except InvalidInput as error:
        return (Finding("tag.epc", "GS1 EPC Tag Data Standard 2.3, 14.3", ("tag",), error.message),)
    return ()


def _of_asset(profile: Profile, identifiers: Sequence[str]) -> Iterator[Finding]:
    try:
        profile.require_identity(identifiers)
    except InvalidInput as error:
        yield Finding("asset.identity", None, error.path, error.message)


def _of_field(field: FaceField, face: Mapping[str, str], identifiers: Sequence[str]) -> Iterator[Finding]:
    text = face.get(field.name)
    if text is None:
        if field.required:
            yield Finding("field.required", field.clause, field.path, f"expected {field.title}, found nothing.")
        return
    try:
        field.require(text)
    except InvalidInput as error:
        yield Finding("field.text", field.clause, field.path, error.message)
    try:
        field.require_of_asset(text, identifiers)
    except InvalidInput as error:
        yield Finding("field.asset", field.clause, field.path, error.message)


def _is_sound(field: FaceField, text: str | None) -> bool:
    """Whether a text may stand in the field: rules and carriers look at no other."""
    if text is None:
        return False
    with suppress(InvalidInput):
        return bool(field.require(text))
    return False


def _of_composed(field: FaceField, face: Mapping[str, str], sound: Mapping[str, str]) -> Iterator[Finding]:
    if field.composed is None or field.name not in face:
        return
    with suppress(InvalidInput):  # which the carrier of the same content says
        made = field.composed(sound)
        if made != face[field.name]:
            message = f"expected {shown(made or '')}, found {shown(face[field.name])}."
            yield Finding("field.composed", field.clause, field.path, message)


def _of_carrier(carrier: Carrier, face: Mapping[str, str], identifiers: Sequence[str]) -> Iterator[Finding]:
    if carrier.content is None:
        return
    try:
        content = carrier.content(face)
    except InvalidInput as error:
        yield Finding("carrier.content", carrier.clause, ("carriers", carrier.name), error.message)
        return
    if content is None:
        if carrier.required:
            message = "expected something to encode, found nothing on the face."
            yield Finding("carrier.content", carrier.clause, ("carriers", carrier.name), message)
        return
    names = _named(content)
    if names and identifiers and names.isdisjoint(identifiers):
        message = f"expected {' or '.join(map(shown, identifiers))}, the asset's, found {shown(min(names))}."
        yield Finding("carrier.asset", carrier.clause, ("carriers", carrier.name), message)


def _named(content: str) -> set[str]:
    """All that a reader of the symbol would take it to name."""
    candidates = identity.read(content).candidates
    return {name.canonical for each in candidates for name in (each, *each.implied)}


def _of_symbol(profile: Profile, symbol: SymbolElement, path: tuple[str, ...], dpi: int | None) -> Iterator[Finding]:
    carrier = next((each for each in profile.carriers if each.name == symbol.carrier), None)
    if carrier is None:
        known = ", ".join(each.name for each in profile.carriers)
        message = f"expected a symbol of the profile ({known}), found {shown(symbol.carrier)}."
        yield Finding("layout.carrier", None, path, message)
        return
    symbology = symbol.symbology or carrier.symbologies[0]
    if symbology not in carrier.symbologies:
        message = f"expected {' or '.join(carrier.symbologies)}, found {shown(symbology)}."
        yield Finding("symbol.symbology", carrier.clause, path, message)
    for name, wanted in carrier.options_of(symbology).items():
        given = symbol.options.get(name, wanted)
        if given != wanted and not (name == "level" and _stronger(given, wanted)):
            message = f"{name}: expected {wanted}, found {shown(given)}."
            yield Finding("symbol.options", carrier.clause, path, message)
    yield from _of_module(carrier, symbol.module, path, dpi)


def _stronger(level: object, than: str) -> bool:
    return isinstance(level, str) and level in tuple(_LEVELS) and _LEVELS.index(level) > _LEVELS.index(than)


def _of_module(carrier: Carrier, module: float, path: tuple[str, ...], dpi: int | None) -> Iterator[Finding]:
    printed, how = module, f"{module:g} mm"
    if dpi is not None:
        dots = round(module * dpi / MM_PER_INCH)  # as the renderers do
        if dots < 1:
            message = f"expected a module of 1 dot at least, found {module:g} mm, which is 0 dots at {dpi} dpi."
            yield Finding("symbol.printer", None, path, message)
            return
        printed = dots * MM_PER_INCH / dpi
        how = f"{printed:.3f} mm, which {module:g} mm in whole dots are ({dots} at {dpi} dpi)"
    least, most = carrier.least_module_mm, carrier.most_module_mm
    if round(printed, 3) < least:
        message = f"expected modules of {least:g} mm at least, found {how}."
    elif most is not None and round(printed, 3) > most:
        message = f"expected modules of {most:g} mm at most, found {how}."
    else:
        return
    yield Finding("symbol.module", carrier.clause, path, message)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A field on a layout: where it stands, down and across and by its row, and down to which size it may shrink."""

    field: FaceField
    place: tuple[float, float, int]
    least_mm: float
    path: tuple[str, ...]


def _of_texts(profile: Profile, layout: Template) -> Iterator[Finding]:
    for name in layout.placeholders:
        if name != LINK_ID and profile.field(name) is None:
            message = f"expected a field of the profile, found {shown(name)}."
            yield Finding("layout.field", None, ("elements",), message)
    on_layout = list(_shown(profile, layout))
    named: set[str | None] = {each.field.name for each in on_layout}
    for field in profile.face:
        if field.required and named.isdisjoint((field.name, field.said_in)):
            message = f"expected {field.title} ({field.name}), found it nowhere."
            yield Finding("layout.field", field.clause, ("elements",), message)
    for each in on_layout:
        least = each.field.least_text_mm or profile.least_text_mm
        if least is not None and each.least_mm < least:
            message = f"{each.field.name}: expected capitals of {least:g} mm at least, found {each.least_mm:g} mm."
            yield Finding("text.height", profile.text_clause, each.path, message)
    if profile.ordered is not None:
        yield from _of_order(profile, on_layout)


def _of_order(profile: Profile, on_layout: Sequence[_Shown]) -> Iterator[Finding]:
    stands = [each.field.name for each in sorted(on_layout, key=lambda each: each.place)]
    found = list(dict.fromkeys(stands))
    expected = [field.name for field in profile.face if field.name in found]
    if found != expected:
        message = f"expected the order {', '.join(expected)}, found {', '.join(found)}."
        yield Finding("layout.order", profile.ordered, ("elements",), message)


def _shown(profile: Profile, layout: Template) -> Iterator[_Shown]:
    for index, element in enumerate(layout.elements):
        if isinstance(element, TextElement | FieldsElement):
            least = element.size if element.least is None else element.least
            for row, field in enumerate(_fields_of(profile, element)):
                yield _Shown(field, (element.y, element.x, row), least, ("elements", str(index)))


def _fields_of(profile: Profile, element: TextElement | FieldsElement) -> list[FaceField]:
    """The fields that an element shows, in the order in which it shows them."""
    if isinstance(element, FieldsElement):
        return [
            field
            for field in profile.face
            if (field.name in element.fields if element.fields else field.audience is Audience.PUBLIC)
        ]
    return [field for name in placeholders_in(element.text) if (field := profile.field(name)) is not None]
