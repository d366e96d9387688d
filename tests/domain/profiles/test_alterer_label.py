"""The alterer's label: its statement is made of what was entered, and stands beside the certification label."""

from __future__ import annotations

import pytest

from tests.domain.profiles.samples import SAMPLES, face_of
from twin.domain.profiles import profile
from twin.errors import InvalidInput

LABEL = profile("alterer_label")


def test_the_statement_has_the_words_of_the_regulation() -> None:
    assert face_of("alterer_label")["statement"] == (
        "THIS VEHICLE WAS ALTERED BY HOFMANN BODY CO. IN 11/2026 AND AS ALTERED IT CONFORMS TO ALL APPLICABLE FEDERAL "
        "MOTOR VEHICLE SAFETY, BUMPER AND THEFT PREVENTION STANDARDS AFFECTED BY THE ALTERATION AND IN EFFECT IN "
        "10/2026."
    )


def test_nobody_enters_another_statement_and_it_follows_what_it_is_made_of() -> None:
    identifiers, given = SAMPLES["alterer_label"]
    with pytest.raises(InvalidInput, match=r"which the other fields make, found 'IT IS FINE\.'") as refused:
        LABEL.complete_face({**given, "statement": "IT IS FINE."}, identifiers)
    assert refused.value.path == ("face", "statement")
    before = face_of("alterer_label")
    after = LABEL.complete_face({**before, "altered": "12/2026"}, identifiers, standing=before)
    assert "IN 12/2026 AND" in after["statement"]


def test_only_what_the_alteration_changed_is_stated() -> None:
    required = {field.name for field in LABEL.face if field.required}
    assert required == {"alteredBy", "altered", "inEffect", "statement", "vin"}
