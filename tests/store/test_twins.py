"""Twins in a real MongoDB: one document, compare-and-set, and buckets that lose nothing."""

from __future__ import annotations

import asyncio
import itertools
import random
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.domain.life import ACTOR, T0
from twin.domain.history import AsOf, Document, Draft, Mutation, Version, next_version, state_as_of, version_hash
from twin.domain.search import words_of
from twin.store.assets import Assets
from twin.store.mongo import connected
from twin.store.recent import MOST_RECENT, RecentHeads
from twin.store.twins import BUCKET, HEAD, MOST_KEPT, Lost, bucket_id, kept

if TYPE_CHECKING:
    from tests.conftest import Bench
    from twin.store.twins import Twins

pytestmark = pytest.mark.anyio


def version(document: dict[str, Any] | None, twin: str, *, mutation: str | None = None, **change: str) -> Version:
    """The next version of a twin, an hour after the one before."""
    revision = 1 if document is None else document["revision"] + 1
    at = T0 + timedelta(hours=revision)
    return next_version(
        Draft("REVISE", change or {"name": f"revision {revision}"}, at),
        twin=twin,
        head=document,
        actor=ACTOR,
        now=at,
        mutation=Mutation.of(ACTOR, mutation or f"{twin}-{revision}", {}),
    )


async def born(twins: Twins, twin: str) -> dict[str, Any]:
    return (await twins.insert([(version(None, twin), [])]))[0]


async def grown(twins: Twins, twin: str, revision: int) -> dict[str, Any]:
    document = await born(twins, twin)
    while document["revision"] < revision:
        document = await twins.append(document, version(document, twin))
    return await stored(twins, twin)


async def stored(twins: Twins, twin: str) -> dict[str, Any]:
    document = await twins.read({"_id": twin})
    assert document is not None
    return document


async def stored_head(twins: Twins, twin: str) -> dict[str, Any]:
    head = await twins.head({"_id": twin})
    assert head is not None
    return head


@pytest.fixture
def twin() -> str:
    return f"ast_{uuid.uuid4().hex}"


async def test_a_new_twin_is_stored_as_it_was_returned(bench: Bench, twin: str) -> None:
    document = await born(bench.store.assets, twin)
    assert await stored(bench.store.assets, twin) == document
    assert document["revision"] == 1
    assert document["head"] == document["versions"][0]["snapshot"] == {"name": "revision 1"}
    assert document["created"] == document["changed"]
    assert await bench.store.assets.read({"_id": f"{twin}x"}) is None


async def test_a_second_twin_of_that_id_or_mutation_is_lost_and_nothing_is_written(bench: Bench, twin: str) -> None:
    twins = bench.store.assets
    document = await born(twins, twin)
    with pytest.raises(Lost):
        await twins.insert([(version(None, twin, mutation=f"{twin}-other"), [])])
    with pytest.raises(Lost):
        await twins.insert([(version(None, f"{twin}x", mutation=f"{twin}-1"), [])])
    assert await stored(twins, twin) == document
    assert await twins.read({"_id": f"{twin}x"}) is None


async def test_new_twins_in_a_transaction_are_all_or_none(bench: Bench, twin: str) -> None:
    twins = bench.store.assets
    await born(twins, twin)
    new: list[tuple[Version, list[Document]]] = [(version(None, name), []) for name in (f"{twin}a", f"{twin}b", twin)]
    with pytest.raises(Lost):
        await bench.mongo.transaction(lambda session: twins.insert(new, session=session))
    assert await twins.heads([f"{twin}a", f"{twin}b"]) == {}
    await bench.mongo.transaction(lambda session: twins.insert(new[:2], session=session))
    assert set(await twins.heads([f"{twin}a", f"{twin}b"])) == {f"{twin}a", f"{twin}b"}


async def test_an_append_is_stored_as_it_was_returned(bench: Bench, twin: str) -> None:
    twins = bench.store.assets
    document = await born(twins, twin)
    after = await twins.append(document, version(document, twin), [{"asset": "x"}])
    assert await stored_head(twins, twin) == after
    assert (after["revision"], after["bindings"]) == (2, [{"asset": "x"}])
    assert after["created"] == document["created"]
    third = await twins.append(after, version(after, twin))
    assert third["bindings"] == [{"asset": "x"}]
    assert await stored_head(twins, twin) == third


async def test_who_comes_second_has_lost_and_wrote_nothing(bench: Bench, twin: str) -> None:
    twins = bench.store.assets
    document = await born(twins, twin)
    after = await twins.append(document, version(document, twin))
    with pytest.raises(Lost):
        await twins.append(document, version(document, twin, mutation=f"{twin}-late", name="too late"))
    assert await stored_head(twins, twin) == after
    assert len((await stored(twins, twin))["versions"]) == 2


async def test_of_commits_made_together_each_is_judged_alone(bench: Bench, twin: str) -> None:
    twins = bench.store.assets
    names = [f"{twin}{letter}" for letter in "abcd"]
    before = [await born(twins, name) for name in names]
    moved_on = await twins.append(before[1], version(before[1], names[1]))
    commits = [version(document, name) for document, name in zip(before, names, strict=True)]
    commits[1] = version(before[1], names[1], mutation=f"{twin}-late")  # on a revision that has passed
    commits[2] = version(before[2], names[2], mutation=f"{names[0]}-1")  # of a mutation that is there already
    rival = version(before[3], names[3], mutation=f"{twin}-rival", name="rival")
    answers = await asyncio.gather(
        *(twins.append(document, commit) for document, commit in zip(before, commits, strict=True)),
        twins.append(before[3], rival),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers] == [dict, Lost, Lost, dict, Lost]
    stands = [await stored_head(twins, name) for name in names]
    assert [stands[0], stands[1], stands[3]] == [answers[0], moved_on, answers[3]]
    assert await stored(twins, names[2]) == before[2]


async def test_of_commits_made_together_who_won_is_no_loser_when_a_new_primary_answers_from_before(
    bench: Bench, twin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    twins = bench.store.assets
    passed, before = await born(twins, f"{twin}a"), await born(twins, f"{twin}b")
    await twins.append(passed, version(passed, f"{twin}a"))
    find = twins.collection.find
    monkeypatch.setattr(twins.collection, "find", lambda _, *args, **more: find({"_id": None}, *args, **more))
    answers = await asyncio.gather(
        twins.append(passed, version(passed, f"{twin}a", mutation=f"{twin}-late")),
        twins.append(before, version(before, f"{twin}b")),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers] == [Lost, dict]


async def test_a_mutation_is_written_once(bench: Bench, twin: str) -> None:
    twins = bench.store.assets
    document = await grown(twins, twin, 2)
    with pytest.raises(Lost):
        await twins.append(document, version(document, twin, mutation=f"{twin}-2"))
    other = await born(twins, f"{twin}x")
    with pytest.raises(Lost):
        await twins.append(other, version(other, f"{twin}x", mutation=f"{twin}-2"))
    assert await stored(twins, twin) == document
    assert await stored(twins, f"{twin}x") == other


async def test_of_many_who_write_the_same_revision_one_wins(bench: Bench, twin: str) -> None:
    twins = bench.store.assets
    document = await grown(twins, twin, MOST_KEPT)
    tries = [twins.append(document, version(document, twin, mutation=f"{twin}-try-{n}")) for n in range(16)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    won = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert len(won) == 1
    assert sum(isinstance(answer, Lost) for answer in answers) == 15
    assert await stored_head(twins, twin) == won[0]
    assert [one["revision"] for one in await twins.versions(await stored(twins, twin))] == list(range(1, MOST_KEPT + 2))


async def test_over_a_hundred_versions_nothing_is_lost_and_the_document_stays_small(bench: Bench, twin: str) -> None:
    twins, written = bench.store.assets, []
    document = await born(twins, twin)
    written.append(document["versions"][-1])
    for revision in range(2, 101):
        following = version(document, twin)
        document = await twins.append(document, following)
        written.append(following.as_document())
        if revision % 16 in {0, 1}:
            found = await stored(twins, twin)
            assert len(found["versions"]) == kept(revision) <= MOST_KEPT
            assert {name: value for name, value in found.items() if name not in HEAD} == document
            assert found["words"] == words_of(found["head"])
            assert await twins.versions(found) == written
    versions = await twins.versions(await stored(twins, twin))
    assert [one["revision"] for one in versions] == list(range(1, 101))
    assert all(one["hash"] == version_hash(one) for one in versions)
    assert all(later["previous_hash"] == one["hash"] for one, later in itertools.pairwise(versions))
    buckets = await twins.history.find({"twin": twin}).sort("versions.revision").to_list(None)
    assert [bucket["_id"] for bucket in buckets] == [bucket_id(twin, first) for first in range(1, 81, BUCKET)]
    assert all(len(bucket["versions"]) == BUCKET for bucket in buckets)


async def test_any_range_of_versions_is_read_whole_and_in_order(bench: Bench, twin: str) -> None:
    twins = bench.store.assets
    document = await grown(twins, twin, 100)
    choose = random.Random(1)  # noqa: S311 - a repeatable choice of ranges
    ranges = [tuple(sorted((choose.randint(1, 100), choose.randint(1, 100)))) for _ in range(60)]
    for first, last in [*ranges, (1, 1), (16, 17), (80, 81), (100, 100), (1, 100), (90, 200)]:
        found = await twins.versions(document, first, last)
        assert [one["revision"] for one in found] == list(range(first, min(last, 100) + 1))
    assert await twins.versions(document, 5, 4) == []
    assert await twins.versions(document, 101) == []


async def test_a_document_that_was_read_before_others_wrote_still_tells_its_whole_past(bench: Bench, twin: str) -> None:
    twins = bench.store.assets
    for_later = await grown(twins, twin, MOST_KEPT)
    document = for_later
    for _ in range(40):
        document = await twins.append(document, version(document, twin))
    assert [one["revision"] for one in await twins.versions(for_later)] == list(range(1, MOST_KEPT + 1))


async def test_a_crash_between_archiving_and_appending_is_harmless(bench: Bench, twin: str) -> None:
    twins = bench.store.assets
    document = await grown(twins, twin, MOST_KEPT)
    for _ in range(2):
        await twins._archive(document)
        found = await stored(twins, twin)
        assert found == document
        assert [one["revision"] for one in await twins.versions(found)] == list(range(1, MOST_KEPT + 1))
    assert await bench.store.by_mutation(f"{ACTOR.id} {twin}-3 0") == (twin, document["versions"][2])
    await twins.append(document, version(document, twin))
    after = await stored(twins, twin)
    assert [one["revision"] for one in after["versions"]] == list(range(BUCKET + 1, MOST_KEPT + 2))
    assert [one["revision"] for one in await twins.versions(after)] == list(range(1, MOST_KEPT + 2))


@pytest.mark.parametrize(("revision", "shown"), [(MOST_KEPT, 0), (MOST_KEPT, 5), (48, 20)])
async def test_nothing_is_dropped_that_a_new_primary_does_not_show_yet(
    bench: Bench, twin: str, monkeypatch: pytest.MonkeyPatch, revision: int, shown: int
) -> None:
    twins = bench.store.assets
    earlier = await grown(twins, twin, shown) if shown else None
    document = earlier or await born(twins, twin)
    while document["revision"] < revision:
        document = await twins.append(document, version(document, twin))

    async def from_before(*_: object, **__: object) -> dict[str, Any] | None:
        return earlier

    with monkeypatch.context() as patched:
        patched.setattr(twins, "read", from_before)
        with pytest.raises(Lost):
            await twins.append(document, version(document, twin))
    document = await twins.append(document, version(document, twin))
    whole = await twins.versions(await stored(twins, twin))
    assert [one["revision"] for one in whole] == list(range(1, revision + 2))


async def test_an_append_that_is_rolled_back_loses_no_version(bench: Bench, twin: str) -> None:
    twins = bench.store.assets
    document = await grown(twins, twin, MOST_KEPT)

    async def work(session: Any) -> None:
        await twins.append(document, version(document, twin), session=session)
        raise Lost

    with pytest.raises(Lost):
        await bench.mongo.transaction(work)
    found = await stored(twins, twin)
    assert found == document
    assert [one["revision"] for one in await twins.versions(found)] == list(range(1, MOST_KEPT + 1))


async def test_a_mutation_is_found_wherever_its_version_is_kept(bench: Bench, twin: str) -> None:
    twins = bench.store.assets
    document = await grown(twins, twin, 100)
    versions = await twins.versions(document)
    for revision in (1, 16, 17, 50, 80, 81, 100):
        assert await bench.store.by_mutation(f"{ACTOR.id} {twin}-{revision} 0") == (twin, versions[revision - 1])
    assert await bench.store.by_mutation(f"{ACTOR.id} {twin}-101 0") is None
    assert await bench.store.by_mutation(f"{ACTOR.id} {twin}-1 1") is None


async def test_heads_come_without_versions_and_words(bench: Bench, twin: str) -> None:
    document = await born(bench.store.assets, twin)
    head = {name: value for name, value in document.items() if name not in {"versions", "words"}}
    assert await bench.store.assets.heads([twin, "ast_missing"]) == {twin: head}
    assert await bench.store.assets.heads([]) == {}
    assert await bench.store.assets.head({"_id": twin}) == head


async def test_a_head_that_was_seen_lately_is_offered_to_write_on_and_never_an_old_one_for_the_newest(
    bench: Bench, twin: str
) -> None:
    twins, other = bench.store.assets, Assets(bench.mongo)
    seen = await twins.append(await born(twins, twin), version(await stored(twins, twin), twin))
    moved_on = await other.append(seen, version(seen, twin))
    assert await twins.recent_head({"_id": twin}) == seen
    with pytest.raises(Lost):
        await twins.append(seen, version(seen, twin, mutation=f"{twin}-late"))
    assert await twins.recent_head({"_id": twin}) == moved_on
    assert await twins.head({"_id": twin}) == await twins.sure_head({"_id": twin}) == moved_on


def test_the_heads_that_are_remembered_are_bounded_and_found_by_either_name() -> None:
    recent = RecentHeads()
    for number in range(MOST_RECENT + 5):
        recent.keep({"_id": f"lbl_{number}", "head": {"link_id": f"link{number}"}})
    assert recent.find({"_id": "lbl_4"}) is None
    assert recent.find({"head.link_id": "link4"}) is None
    found = recent.find({"_id": "lbl_5"})
    assert found is not None
    assert recent.find({"head.link_id": "link5"}) is found
    recent.forget("lbl_5")
    assert recent.find({"head.link_id": "link5"}) is None
    assert len(recent._heads) == MOST_RECENT - 1 == len(recent._ids)


@pytest.mark.parametrize("late_share", [0.0, 0.03, 0.3])
@pytest.mark.parametrize("length", [1, 40, 120])
async def test_the_state_as_of_a_point_is_the_fold_of_all_versions(
    bench: Bench, twin: str, length: int, late_share: float
) -> None:
    """However much of it is read: late facts, corrections and equal times, at points on and between all times."""
    twins, choose = bench.store.assets, random.Random(length)  # noqa: S311 - a repeatable life
    head: dict[str, Any] = {}
    made: list[Version] = []
    for revision in range(1, length + 1):
        recorded = T0 + timedelta(minutes=120 + revision * 10 - (choose.choice([0, 0, 30]) if late_share else 0))
        occurred = recorded - timedelta(minutes=choose.randint(0, 300) if choose.random() < late_share else 0)
        corrects = choose.randint(2, revision - 1) if revision > 2 and choose.random() < late_share / 2 else None
        if corrects is not None:
            occurred = made[corrects - 1].occurred_at
        draft = Draft(
            "REVISE",
            {f"field{choose.randint(1, 5)}": str(revision)},
            max(occurred, T0 + timedelta(hours=1)),
            corrects=corrects,
        )
        following = (
            next_version(
                draft,
                twin=twin,
                head={**head, "since": {}},  # whatever the rules would refuse: the store reads it right
                actor=ACTOR,
                now=recorded,
                mutation=Mutation.of(ACTOR, f"{twin}-{revision}", {}),
            )
            if revision > 1
            else version(None, twin)
        )
        made.append(following)
        head = await (twins.append(head, following) if head else _first(twins, following))
    every = [one.as_document() for one in made]
    moments = [None, *(one[axis] for one in every for axis in ("occurred_at", "recorded_at"))]
    for _ in range(150):
        occurred_at, recorded_at = choose.choice(moments), choose.choice(moments)
        as_of = AsOf(occurred_at, recorded_at and recorded_at + timedelta(milliseconds=choose.choice([-1, 0, 1])))
        assert await twins.state_as_of(twin, as_of) == state_as_of(every, as_of), as_of


async def _first(twins: Twins, first: Version) -> dict[str, Any]:
    return (await twins.insert([(first, [])]))[0]


class Cut:
    """A way to the database that is cut once, after an update has been sent on and before it is answered."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self.left = 1

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(*self._address)
        cut = asyncio.Event()

        async def asked() -> None:
            while data := await reader.read(1 << 16):
                if self.left and b"\x02update\x00" in data:
                    self.left -= 1
                    cut.set()
                back.write(data)
            back.close()

        async def answered() -> None:
            while data := await there.read(1 << 16):
                if cut.is_set():
                    break
                writer.write(data)
            writer.close()

        await asyncio.gather(asked(), answered(), return_exceptions=True)


async def test_a_commit_whose_answer_is_lost_is_sent_again_and_made_once(bench: Bench) -> None:
    twins = bench.store.assets
    head = await born(twins, "ast_cut")
    [host, port] = (await twins.collection.database.client.admin.command("hello"))["me"].split(":")
    cut = Cut((host, int(port)))
    async with await asyncio.start_server(cut, "127.0.0.1") as server:
        through = f"mongodb://127.0.0.1:{server.sockets[0].getsockname()[1]}/?directConnection=true"
        async with connected(through, twins.collection.database.name) as mongo:
            after = await Assets(mongo).append(head, version(head, "ast_cut"))
    assert cut.left == 0
    document = await stored(twins, "ast_cut")
    assert (document["revision"], document["hash"]) == (2, after["hash"])
    assert [one["revision"] for one in document["versions"]] == [1, 2]
