"""What each kind of label requires: one file, one profile, discovered by its name.

A module here whose name does not begin with an underscore holds one `PROFILE`. Its file name is the profile's name.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from twin import identity
from twin.domain import fields
from twin.domain.actor import Audience
from twin.domain.profiles._carriers import LINK, Carrier, Content, link
from twin.domain.profiles._kinds import FieldKind, require_kind
from twin.errors import InvalidInput, shown
from twin.identity import Identifier

__all__ = [
    "LINK",
    "Carrier",
    "Content",
    "FaceField",
    "FieldKind",
    "Profile",
    "Rule",
    "link",
    "profile",
    "profiles",
    "require_kind",
]


@dataclass(frozen=True, slots=True)
class FaceField:
    """One printed field.

    Args:
        name: its key, as `fields.field_name` allows.
        title: what a person calls it.
        kind: what sort of text it holds.
        audience: who may see it.
        public_form: what the public sees of a text, where it may not see all of it.
        required: whether a label of this profile must have it.
        longest: characters at most.
        identifier: the identity scheme whose value of the asset must stand here; the field is then filled by itself.
        source: what of an identifier of that scheme must stand here, where it is not all of it.
        composed: the text that the other fields make; the field then stands by itself, and nobody enters another.
        said_in: the composed field that says it too, so that it need not stand by itself on the label.
        choices: what a field of the kind CHOICE may say.
        least_text_mm: the least height of its capital letters, in millimetres, where the profile's is not enough.
        clause: where the rule comes from.
    """

    name: str
    title: str
    kind: FieldKind = FieldKind.TEXT
    audience: Audience = Audience.PUBLIC
    public_form: Callable[[str], str] | None = None
    required: bool = False
    longest: int = 80
    identifier: str | None = None
    source: Callable[[Identifier], str | None] | None = None
    composed: Content | None = None
    said_in: str | None = None
    choices: tuple[str, ...] = ()
    least_text_mm: float | None = None
    clause: str | None = None

    @property
    def path(self) -> tuple[str, str]:
        """Where it stands in the input."""
        return ("face", self.name)

    def seen_by(self, audiences: frozenset[Audience], text: str) -> str | None:
        """What of a text may be seen: all, the public form, or nothing.

        Args:
            audiences: those of who looks.
            text: what stands in the field.
        """
        if self.audience not in audiences:
            return None
        return text if self.public_form is None or audiences - {Audience.PUBLIC} else self.public_form(text)

    def of_asset(self, identifiers: Iterable[str]) -> tuple[str, ...]:
        """What the asset's identifiers say that must stand here: nothing, one text, or several to choose from.

        Args:
            identifiers: the asset's, in canonical form (`vin:…`).
        """
        if self.identifier is None:
            return ()
        scheme = f"{self.identifier}:"
        named = [known for known in identifiers if known.startswith(scheme)]
        if self.source is None:
            return tuple(dict.fromkeys(known.removeprefix(scheme) for known in named))
        said = (self.source(identity.parse(known)) for known in named)
        return tuple(dict.fromkeys(text for text in said if text is not None))

    def require(self, text: str) -> str:
        """The text, if it may stand here.

        Raises:
            InvalidInput: it does not print as it is stored, or is not of the field's kind.
            TooLarge: it is longer than the field.
        """
        checked = fields.text(text, path=self.path, longest=self.longest)
        return require_kind(self.kind, checked, path=self.path, choices=self.choices)

    def require_of_asset(self, text: str, identifiers: Iterable[str]) -> str:
        """The text, if it does not contradict the asset.

        Raises:
            InvalidInput: the asset's identifiers say something else.
        """
        of_asset = self.of_asset(identifiers)
        if of_asset and text not in of_asset:
            raise InvalidInput(
                f"{'.'.join(self.path)}: expected {' or '.join(map(shown, of_asset))}, the asset's {self.identifier}, "
                f"found {shown(text)}.",
                path=self.path,
            )
        return text


@dataclass(frozen=True, slots=True)
class Rule:
    """What the fields of a face have to do with each other, or with the asset.

    Args:
        name: the words by which an override names it, such as `vin.model-year`.
        description: what must be, in one sentence.
        check: from the face to what is wrong with it, or None.
        path: where it is wrong.
        clause: where the rule comes from.
    """

    name: str
    description: str
    check: Callable[[Mapping[str, str]], str | None]
    path: tuple[str, ...] = ("face",)
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What a kind of label requires.

    Args:
        title: what a person calls it.
        description: what it is for, in one sentence.
        face: its printed fields, in printed order.
        identity: the identity scheme that the asset must have an identifier of, or None.
        carriers: the symbols that the label carries; the first is always the link that leads to the twin.
        rules: what holds of the face beyond its fields, for `twin.domain.lint`.
        ordered: the clause that asks for the fields to stand in this order on the label, or None.
        least_text_mm: the least height of a capital letter, in millimetres, where one is asked for.
        text_clause: where that, or a field's own, comes from.
        lower_case_link: whether scheme and host of the link stand in lower case.
    """

    title: str
    description: str
    face: tuple[FaceField, ...]
    identity: str | None
    carriers: tuple[Carrier, ...]
    rules: tuple[Rule, ...] = ()
    ordered: str | None = None
    least_text_mm: float | None = None
    text_clause: str | None = None
    lower_case_link: bool = False

    @property
    def symbologies(self) -> tuple[str, ...]:
        """Those that the link may be drawn in; the first is the default."""
        return self.carriers[0].symbologies

    def link_symbology(self, asked: str | None) -> str:
        """What the link is drawn in: the first symbology that the profile permits, unless another one is asked for.

        Raises:
            InvalidInput: the profile does not permit it.
        """
        if asked is not None and asked not in self.symbologies:
            raise InvalidInput(
                f"symbology: the profile {self.title} permits {' or '.join(self.symbologies)}, found {asked!r}.",
                path=("symbology",),
            )
        return asked or self.symbologies[0]

    def field(self, name: str) -> FaceField | None:
        """The face field of that name."""
        return next((field for field in self.face if field.name == name), None)

    def carrier(self, name: str) -> Carrier:
        """The carrier of that name.

        Raises:
            InvalidInput: there is none.
        """
        found = next((carrier for carrier in self.carriers if carrier.name == name), None)
        if found is None:
            known = ", ".join(carrier.name for carrier in self.carriers)
            raise InvalidInput(
                f"carrier: {shown(name)} is not a carrier of the profile {self.title}; expected one of {known}.",
                path=("carrier",),
            )
        return found

    def content(self, name: str, *, payload: str, face: Mapping[str, str]) -> str | None:
        """What a carrier encodes; None where the face holds nothing to encode.

        Args:
            name: the carrier's.
            payload: the label's, which the link encodes.
            face: name to text.

        Raises:
            InvalidInput: no such carrier, or a face that the carrier's standard does not allow.
        """
        carrier = self.carrier(name)
        return payload if carrier.content is None else carrier.content(face)

    def complete_face(
        self,
        given: Mapping[str, str | None],
        identifiers: Iterable[str],
        *,
        standing: Mapping[str, str] | None = None,
    ) -> dict[str, str]:
        """The face as it will be printed: what was given, and what the asset's identifiers say.

        Args:
            given: name to text.
            identifiers: the asset's, in canonical form (`vin:…`).
            standing: the face until now. A text that stays is not asked again whether it is of its field's kind, so
                that a rule that came later does not stop an older label.

        Raises:
            InvalidInput: a field that the profile does not have, one that is missing, one that is not of its kind or
                contradicts the asset, a carrier that cannot encode the face, or an asset without an identifier of the
                scheme that the profile is about.
            TooLarge: a text longer than its field.
        """
        identifiers = tuple(identifiers)
        self.require_identity(identifiers)
        self.require_known(given)
        stays = {name for name, text in (standing or {}).items() if given.get(name) == text}
        entered = [field for field in self.face if field.composed is None]
        entries = {
            field.name: self._entry(field, given.get(field.name), identifiers, stays=field.name in stays)
            for field in entered
        }
        face = {name: entry for name, entry in entries.items() if entry is not None}
        self._require_encodable(face)
        return self._with_composed(face, {name: text for name, text in given.items() if name not in stays})

    def drafted_face(self, given: Mapping[str, str | None], identifiers: Iterable[str]) -> dict[str, str]:
        """The face as far as it can be told, right or wrong: for a form that is not whole yet.

        Args:
            given: name to text.
            identifiers: the asset's, in canonical form.
        """
        identifiers, face = tuple(identifiers), {}
        for field in self.face:
            of_asset = field.of_asset(identifiers)
            text = given.get(field.name) or (of_asset[0] if len(of_asset) == 1 else None)
            if text is not None and field.composed is None:
                face[field.name] = text
        with suppress(InvalidInput):
            return self._with_composed(face, {})
        return face

    def _with_composed(self, face: Mapping[str, str], given: Mapping[str, str | None]) -> dict[str, str]:
        """The whole face in printed order: what was entered, and what that makes."""
        whole = {}
        for field in self.face:
            text = face.get(field.name) if field.composed is None else field.composed(face)
            if field.composed is not None and given.get(field.name) not in {None, text}:
                raise InvalidInput(
                    f"{'.'.join(field.path)}: expected {shown(text)}, which the other fields make, "
                    f"found {shown(given[field.name])}.",
                    path=field.path,
                )
            if text is not None:
                whole[field.name] = text
        return whole

    def require_identity(self, identifiers: Sequence[str]) -> None:
        """Let pass an asset with an identifier of the scheme that the profile is about.

        Raises:
            InvalidInput: it has none.
        """
        schemes = dict.fromkeys(known.partition(":")[0] for known in identifiers)
        if self.identity and self.identity not in schemes:
            raise InvalidInput(
                f"asset: the profile {self.title} needs an asset with an identifier of the scheme {self.identity}, "
                f"found {', '.join(schemes) or 'none'}.",
                path=("asset",),
            )

    def require_known(self, names: Iterable[str]) -> None:
        """Let pass names of fields that the profile has.

        Raises:
            InvalidInput: another name.
        """
        unknown = next((name for name in names if self.field(name) is None), None)
        if unknown is not None:
            known = ", ".join(field.name for field in self.face)
            raise InvalidInput(
                f"face: {shown(unknown)} is not a field of the profile {self.title}; expected one of {known}.",
                path=("face", unknown),
            )

    def _entry(self, field: FaceField, given: str | None, identifiers: Sequence[str], *, stays: bool) -> str | None:
        if given is None:
            of_asset = field.of_asset(identifiers)
            if len(of_asset) == 1:
                return of_asset[0]
            if field.required:
                choice = f", found none of {', '.join(map(shown, of_asset))}" if of_asset else ""
                raise InvalidInput(
                    f"{'.'.join(field.path)}: {field.title} is required by the profile {self.title}{choice}.",
                    path=field.path,
                )
            return None
        entry = fields.text(given, path=field.path, longest=field.longest) if stays else field.require(given)
        return field.require_of_asset(entry, identifiers)

    def _require_encodable(self, face: Mapping[str, str]) -> None:
        """Let pass a face that every carrier can encode: what can never be printed is refused when it is entered."""
        for carrier in self.carriers:
            try:
                self.content(carrier.name, payload="", face=face)
            except InvalidInput as error:
                raise InvalidInput(f"face: the carrier {carrier.name}: {error.message}", path=("face",)) from error


@cache
def profiles() -> Mapping[str, Profile]:
    """Every profile by its name, in the order of the names."""
    found = {}
    for name in sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")):
        found[name] = importlib.import_module(f"{__name__}.{name}").PROFILE
    return found


def profile(name: str) -> Profile:
    """The profile of that name.

    Raises:
        InvalidInput: there is none.
    """
    try:
        return profiles()[name]
    except KeyError:
        known = ", ".join(profiles())
        raise InvalidInput(
            f"profile: {shown(name)} is not known; expected one of {known}.", path=("profile",)
        ) from None
