"""What comes with each profile beside its rules: a template, and the face of a sample label.

They stand in the profile's file: `TEMPLATE` and `SAMPLE` beside `PROFILE`.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache
from types import ModuleType
from typing import Any

from twin.domain import profiles as package
from twin.domain.approval import BUILTIN, TemplateId, TemplateState, TemplateVersion
from twin.domain.profiles import profiles
from twin.domain.template import Template
from twin.identity.link import LinkId


@cache
def builtins() -> Mapping[str, TemplateVersion]:
    """The template that came with each profile, by the profile's name."""
    found = {}
    for name, profile in profiles().items():
        template: Template = _module(name).TEMPLATE
        template.require_fit(profile)
        found[name] = TemplateVersion(TemplateId(name, BUILTIN), template, TemplateState.APPROVED, ())
    return found


def sample(profile: str) -> Mapping[str, Any]:
    """The head of a label of a profile that is nobody's, to be drawn and never printed.

    Examples:
        >>> sample("vin_plate")["face"]["vin"]
        '1M8GDM9AXKP042788'
    """
    return {"profile": profile, "link_id": LinkId.from_random(0).value, "face": dict(_module(profile).SAMPLE)}


def _module(profile: str) -> ModuleType:
    return importlib.import_module(f"{package.__name__}.{profile}")
