"""Whatever is entered: it is refused in our words or stays as it is, and lint answers with findings."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.profiles.samples import SAMPLES
from twin.domain.lint import Finding, lint_face
from twin.domain.profiles import profile, profiles
from twin.errors import InvalidInput, TooLarge

HOSTILE = [
    "A" * 2_500,
    "^XA^XZ~JA",
    "</svg><script>alert(1)</script>",
    "1M8\u202eGDM9AXKP042788",
    "a\x1db",
    "a\x00b",
    "\ud800",
    "{vin}",
    "$where",
    "٣" * 14,
    "\uff12\uff10\uff12\uff16",
    " ",
    "",
]
TEXTS = st.sampled_from(HOSTILE) | st.text(max_size=40) | st.from_regex(r"[0-9A-Z/(){}%+.$-]{0,30}", fullmatch=True)


@st.composite
def entered(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    """A profile, and a sample of it with some texts that are otherwise."""
    name = draw(st.sampled_from(sorted(profiles())))
    fields = [field.name for field in profile(name).face]
    changes = draw(st.dictionaries(st.sampled_from(fields), TEXTS, max_size=4))
    return name, {**SAMPLES[name][1], **changes}


@settings(max_examples=300, deadline=None)
@given(entered())
def test_a_face_is_complete_or_refused_and_what_is_complete_prints_as_it_was_entered(
    case: tuple[str, dict[str, Any]],
) -> None:
    name, face = case
    identifiers = SAMPLES[name][0]
    findings = lint_face(profile(name), face, identifiers)
    assert all(isinstance(found, Finding) and len(found.message) < 2_000 for found in findings)
    try:
        complete = profile(name).complete_face(face, identifiers)
    except InvalidInput:
        return
    assert all(complete[field] == text for field, text in face.items())
    rules = {found.rule for found in lint_face(profile(name), complete, identifiers)}
    assert rules <= {rule.name for rule in profile(name).rules}


@settings(max_examples=100, deadline=None)
@given(entered())
def test_a_draft_never_fails(case: tuple[str, dict[str, Any]]) -> None:
    name, face = case
    drafted = profile(name).drafted_face(face, SAMPLES[name][0])
    assert isinstance(lint_face(profile(name), drafted, ()), tuple)


@pytest.mark.parametrize("name", profiles())
def test_200_kb_are_too_large_for_any_field(name: str) -> None:
    identifiers, given_texts = SAMPLES[name]
    kind = profile(name)
    for field in kind.face:
        if field.composed is None:
            face = {**given_texts, field.name: "A" * 200_000}
            with pytest.raises(TooLarge) as refused:
                kind.complete_face(face, identifiers)
            assert len(refused.value.message) < 500
            assert all(len(found.message) < 500 for found in lint_face(kind, face, identifiers))
