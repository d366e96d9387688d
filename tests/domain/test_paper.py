"""Which prints of a label there are, and what the paper of each shows."""

from __future__ import annotations

from tests.domain.life import PAYLOAD, Life, claim, issued, preprinted, print_, reprint, revise
from twin.domain.history import FieldChange
from twin.domain.paper import ABOUT_PAPER, prints


def shown(life: Life) -> list[tuple[int, dict[str, str]]]:
    found = prints(life.versions)
    assert prints(version for version in life.versions if version["action"] in ABOUT_PAPER) == found
    return [(one.version["revision"], dict(one.face)) for one in found]


def test_each_print_shows_the_face_of_its_moment() -> None:
    life = issued()
    print_(life)
    before = dict(life.label.face)
    revise(life, {"tag": "8"})
    after = dict(life.label.face)
    reprint(life)
    assert shown(life) == [(2, before), (4, after)]
    assert before != after


def test_a_preprinted_label_shows_what_was_filled_in() -> None:
    life = preprinted()
    assert shown(life) == [(1, {})]
    claim(life)
    assert shown(life) == [(1, dict(life.label.face))]
    life.correct()
    assert shown(life) == [(1, {})]


def test_a_print_that_was_a_mistake_never_was() -> None:
    life = issued()
    print_(life)
    life.correct()
    assert shown(life) == []
    print_(life)
    assert [revision for revision, _ in shown(life)] == [4]


def test_a_print_knows_its_carriers_and_how_it_differs() -> None:
    life = issued()
    print_(life)
    document = life.versions[-1]
    [paper] = prints([document])
    assert (paper.carrier_of(f"]d1{PAYLOAD}"), paper.carrier_of("something else")) == ("link", None)
    name, text = next(iter(paper.face.items()))
    assert paper.changes_to({**paper.face, name: "9"}) == (FieldChange(("face", name), text, "9"),)
    recorded = {"carriers": [{"name": "udi", "content": "0109506000134352"}]}
    [paper] = prints([{**document, "evidence": recorded}])
    assert (paper.carrier_of(PAYLOAD), paper.carrier_of("(01)09506000134352")) == (None, "udi")
