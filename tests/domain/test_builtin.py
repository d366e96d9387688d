"""What comes with each profile: a template that fits it, and a sample that the profile lets pass."""

from __future__ import annotations

import pytest

from tests.domain.life import T0
from twin.domain.approval import TemplateAction, TemplateState
from twin.domain.builtin import builtins, sample
from twin.domain.lint import lint
from twin.domain.profiles import profile, profiles
from twin.errors import Refused

IDENTIFIERS = {
    "alterer_label": "vin:1M8GDM9AXKP042788",
    "certification_label": "vin:1M8GDM9AXKP042788",
    "component_part": "part:1AB23/PN123/serial/SER",
    "iuid": "iuid:D1AB23PN123SER",
    "logistic_unit": "gs1:00/106141411234567897",
    "udi_gs1": "gs1:01/09506000134352/21/SER42",
    "udi_hibc": "hibc:A99912345/serial/S42",
    "vin_plate": "vin:1M8GDM9AXKP042788",
}
"""What the asset of a sample is called, where its profile asks for that."""


def test_every_profile_has_one() -> None:
    assert list(builtins()) == list(profiles())
    for name, version in builtins().items():
        assert str(version.id) == f"{name}@builtin"
        assert version.template.profile == name
        assert version.state is TemplateState.APPROVED


@pytest.mark.parametrize("name", profiles())
def test_nothing_is_wrong_with_it_or_with_its_sample(name: str) -> None:
    template, identifiers = builtins()[name].template, [IDENTIFIERS[name]] if name in IDENTIFIERS else []
    for dpi in (203, 300, 600):
        assert lint(profile(name), sample(name)["face"], identifiers, layout=template, dpi=dpi) == ()


@pytest.mark.parametrize("name", profiles())
def test_the_sample_is_what_the_profile_would_make_of_it(name: str) -> None:
    for field in profile(name).face:
        said = sample(name)["face"].get(field.name)
        if said is not None:
            assert field.require(said) == said
        assert said is not None or not field.required
        if field.composed is not None:
            assert field.composed(sample(name)["face"]) == said


def test_a_built_in_one_never_changes() -> None:
    for action in TemplateAction:
        with pytest.raises(Refused, match="came with its profile and never changes"):
            builtins()["vin_plate"].after(action, actor="a", now=T0, reason="b")
