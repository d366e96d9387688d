"""What each kind of label requires: one file, one profile, discovered by its name.

A module here holds one `PROFILE`. Its file name is the profile's name.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from twin.domain import fields
from twin.domain.actor import Audience
from twin.errors import InvalidInput, shown


@dataclass(frozen=True, slots=True)
class FaceField:
    """One printed field.

    Args:
        name: its key, as `fields.field_name` allows.
        title: what a person calls it.
        audience: who may see it.
        required: whether a label of this profile must have it.
        longest: characters at most.
        identifier: the identity scheme whose value of the asset must stand here; the field is then filled by itself.
        clause: where the rule comes from.
    """

    name: str
    title: str
    audience: Audience = Audience.PUBLIC
    required: bool = False
    longest: int = 80
    identifier: str | None = None
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What a kind of label requires.

    Args:
        title: what a person calls it.
        description: what it is for, in one sentence.
        face: its printed fields, in printed order.
        identity: the identity scheme that the asset must have an identifier of, or None.
        symbologies: the permitted ones; the first is the default.
    """

    title: str
    description: str
    face: tuple[FaceField, ...]
    identity: str | None
    symbologies: tuple[str, ...]

    def field(self, name: str) -> FaceField | None:
        """The face field of that name."""
        return next((field for field in self.face if field.name == name), None)

    def complete_face(self, given: Mapping[str, str | None], identifiers: Iterable[str]) -> dict[str, str]:
        """The face as it will be printed: what was given, and what the asset's identifiers say.

        Args:
            given: name to text.
            identifiers: the asset's, in canonical form (`vin:…`).

        Raises:
            InvalidInput: a field that the profile does not have, one that is missing, one that contradicts the asset,
                or an asset without an identifier of the scheme that the profile is about.
            TooLarge: a text longer than its field.
        """
        by_scheme = {scheme: value for scheme, _, value in (known.partition(":") for known in identifiers)}
        if self.identity and self.identity not in by_scheme:
            raise InvalidInput(
                f"asset: the profile {self.title} needs an asset with an identifier of the scheme {self.identity}, "
                f"found {', '.join(by_scheme) or 'none'}.",
                path=("asset",),
            )
        unknown = next((name for name in given if self.field(name) is None), None)
        if unknown is not None:
            known = ", ".join(field.name for field in self.face)
            raise InvalidInput(
                f"face: {shown(unknown)} is not a field of the profile {self.title}; expected one of {known}.",
                path=("face", unknown),
            )
        face = {field.name: self._entry(field, given.get(field.name), by_scheme) for field in self.face}
        return {name: entry for name, entry in face.items() if entry is not None}

    def _entry(self, field: FaceField, given: str | None, by_scheme: Mapping[str, str]) -> str | None:
        path = ("face", field.name)
        entry = fields.optional_text(given, path=path, longest=field.longest)
        if field.identifier is not None:
            of_asset = by_scheme.get(field.identifier)
            if entry is not None and of_asset is not None and entry != of_asset:
                raise InvalidInput(
                    f"{'.'.join(path)}: expected {shown(of_asset)}, the asset's {field.identifier}, "
                    f"found {shown(entry)}.",
                    path=path,
                )
            entry = of_asset or entry
        if entry is None and field.required:
            raise InvalidInput(f"{'.'.join(path)}: {field.title} is required by the profile {self.title}.", path=path)
        return entry


@cache
def profiles() -> Mapping[str, Profile]:
    """Every profile by its name, in the order of the names."""
    found = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        found[module.name] = importlib.import_module(f"{__name__}.{module.name}").PROFILE
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
