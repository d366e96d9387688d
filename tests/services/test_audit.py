"""History that cannot be forged unnoticed: every kind of tampering, done in the database, is reported where it is."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bson
import pytest
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.raw_bson import RawBSONDocument
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from pymongo.errors import OperationFailure

from tests.conftest import Bench, bench_on
from tests.exchange.offline import Answer, Offline, offline_in
from tests.services.factory import issued, new_asset, printed, why
from twin.domain.actor import ANONYMOUS, Actor, Audience, Permission, full_actor
from twin.domain.history import Command, version_hash
from twin.errors import Forbidden, NotFound, SetupError, Unauthenticated
from twin.exchange import proof
from twin.services.audit import Finding, Report
from twin.services.signing import Signer
from twin.services.stored import as_json
from twin.store.twins import BUCKET, bucket_id

pytestmark = pytest.mark.anyio

AUDITOR = full_actor("auditor")
LENGTHS = (1, 5, 60)
LENIENT: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=True,
    tzinfo=UTC,
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
    unicode_decode_error_handler="surrogateescape",
)
SLOW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
# What of a finding is about the twin's document alone, which a bundle, being made of versions, does not carry.
NOT_IN_A_BUNDLE = ("the twin's document has another", "archived as something else")

Doc = dict[str, Any]


@dataclass
class Vault:
    """Twins of 1, 5 and 60 versions that a checkpoint covers; how to look at what is stored of them, and to mend it."""

    bench: Bench
    offline: Offline
    twins: Mapping[int, str]

    def collection(self, twin: str) -> Any:
        name = "labels" if twin.startswith("lbl_") else "assets"
        return self.bench.mongo.collection(name).with_options(codec_options=LENIENT)

    @property
    def history(self) -> Any:
        return self.bench.mongo.collection("history").with_options(codec_options=LENIENT)

    async def stored(self, twin: str) -> tuple[Doc, list[Doc]]:
        """The twin's document, and its buckets, oldest first."""
        document = await self.collection(twin).find_one({"_id": twin})
        buckets = await self.history.find({"twin": twin}).to_list(None)
        return document, sorted(buckets, key=lambda bucket: int(bucket["_id"].rpartition(":")[2]))

    async def versions(self, twin: str) -> list[Doc]:
        document, buckets = await self.stored(twin)
        return [version for one in (*buckets, document) for version in one["versions"]]

    async def store(self, twin: str, document: Doc | None, buckets: list[Doc]) -> None:
        """Put this where the twin was."""
        await self.history.delete_many({"_id": {"$gte": f"{twin}:", "$lt": f"{twin};"}})
        if buckets:
            await self.history.insert_many(buckets)
        if document is None:
            await self.collection(twin).delete_one({"_id": twin})
        else:
            await self.collection(twin).replace_one({"_id": twin}, document, upsert=True)

    async def lay(self, twin: str, versions: list[Doc], *, head: bool = True) -> None:
        """Store these versions as the service would have; the head fits the last one if asked for."""
        document, _ = await self.stored(twin)
        size = len(versions)
        cut = 0 if size <= 32 else (size - 17) // BUCKET * BUCKET
        buckets = []
        for start in range(1, cut + 1, BUCKET):
            held = versions[start - 1 : start - 1 + BUCKET]
            first = {name: held[0][name] for name in ("revision", "occurred_at", "recorded_at")}
            buckets.append({"_id": bucket_id(twin, start), "twin": twin, "first": first, "versions": held})
        fits = {}
        if head:
            last = versions[-1]
            changed = {"occurred_at": last["occurred_at"], "recorded_at": last["recorded_at"]}
            fits = {"revision": size, "hash": last["hash"], "head": last["snapshot"], "changed": changed}
        await self.store(twin, {**document, **fits, "versions": versions[cut:]}, buckets)

    @asynccontextmanager
    async def mended(self, twin: str) -> AsyncIterator[None]:
        """Afterwards all is as it was."""
        document, buckets = await self.stored(twin)
        try:
            yield
        finally:
            await self.store(twin, document, buckets)

    async def check(self, twin: str) -> Report:
        """The report on one twin, when that on all says the same, and so does the auditor's file."""
        audit = self.bench.services.audit
        one, every = await audit.check_history(AUDITOR, twin), await audit.check_history(AUDITOR)
        assert [finding for finding in every.findings if finding.subject == twin] == one.findings
        assert len(every.findings) == len(one.findings), "a finding about what nobody touched"
        await self.agree(twin, one)
        return one

    async def agree(self, twin: str, report: Report) -> Answer:
        """What the auditor's file says of the twin's bundle, which must be what the report says."""
        answer = self.offline.check(await self.bench.services.audit.proof(AUDITOR, twin))
        findings = [one for one in report.findings if not any(words in one.why for words in NOT_IN_A_BUNDLE)]
        if findings:
            assert (answer.code, answer.revision) == (1, findings[0].revision), (findings, answer)
        else:
            assert answer.code == 0, (report, answer)
            tails = "".join(f"{tail.first} to {tail.last}" for tail in report.tails) or "none"
            assert f"does not cover: {tails}." in answer.out or report.checkpoint is None
        return answer


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Offline]:
    with offline_in(tmp_path_factory.mktemp("auditor")) as made:
        yield made


async def grown(bench: Bench, length: int) -> str:
    """An asset's twin of so many versions."""
    twin = await new_asset(bench, AUDITOR)
    for revision in range(1, length):
        attributes = {"shelf": f"{revision} — é", "box": None if revision % 3 else f"b{revision}"}
        command = Command(expected_revision=revision, reason="moved" if revision % 2 else None)
        await bench.services.assets.revise(AUDITOR, twin, name=None, attributes=attributes, command=command)
    return twin


@pytest.fixture(scope="module")
async def vault(mongo_uri: str, offline: Offline, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Vault]:
    signer = Signer(tmp_path_factory.mktemp("key") / "checkpoint-key.pem", make=True)
    async with bench_on(mongo_uri, signer) as bench:
        twins = {length: await grown(bench, length) for length in LENGTHS}
        for _ in range(3):
            await issued(bench, AUDITOR)
        made = Vault(bench, offline, twins)
        assert (await bench.services.audit.checkpoint(AUDITOR)).is_new
        yield made


@pytest.fixture
async def signing_bench(mongo_uri: str, tmp_path: Path) -> AsyncIterator[Bench]:
    """Services on a database that is empty, with a key."""
    async with bench_on(mongo_uri, Signer(tmp_path / "checkpoint-key.pem", make=True)) as made:
        yield made


def rehashed(versions: list[Doc], start: int) -> list[Doc]:
    """The versions as a forger leaves them who knows the rules: from `start` on every change and hash fits."""
    for place in range(start - 1, len(versions)):
        version = versions[place]
        if place:
            version["previous_hash"] = versions[place - 1]["hash"]
            version["snapshot"] = proof.merge(versions[place - 1]["snapshot"], version["change"])
        version["hash"] = version_hash(version)
    return versions


# Whole


@pytest.mark.parametrize("length", LENGTHS)
async def test_what_was_not_touched_is_whole_and_covered(vault: Vault, length: int) -> None:
    report = await vault.check(vault.twins[length])
    assert report.findings == []
    assert (report.twins, report.versions, report.checkpoint) == (1, length, 1)
    assert (report.uncovered_versions, report.tails) == (0, [])


async def test_labels_with_their_whole_life_are_whole(signing_bench: Bench, offline: Offline) -> None:
    bench = signing_bench
    labels = bench.services.labels
    label = (await printed(bench, AUDITOR))["_id"]
    await labels.apply(AUDITOR, label, Command())
    await labels.correct(AUDITOR, label, why())
    await labels.apply(AUDITOR, label, Command())
    await labels.remove(AUDITOR, label, why())
    old = (await printed(bench, AUDITOR))["_id"]
    replaced = await bench.services.replacements.replace(AUDITOR, old, by=None, face={"tag": "8"}, command=why())
    await bench.services.audit.checkpoint(AUDITOR)
    report = await bench.services.audit.check_history(AUDITOR)
    assert (report.findings, report.uncovered_versions) == ([], 0)
    assert report.twins == 5
    vault = Vault(bench, offline, {})
    for twin in (label, old, replaced[1]["_id"]):
        await vault.check(twin)


async def test_without_a_checkpoint_everything_is_uncovered(signing_bench: Bench, offline: Offline) -> None:
    twin = await grown(signing_bench, 5)
    report = await Vault(signing_bench, offline, {}).check(twin)
    assert (report.checkpoint, report.uncovered_versions, report.broken) == (None, 5, 0)


# Tampering with one version


def stored_at(document: Doc, buckets: list[Doc], revision: int) -> list[Doc]:
    """The list that holds a revision, and where."""
    held: list[Doc] = next(
        one["versions"] for one in (*buckets, document) if any(v["revision"] == revision for v in one["versions"])
    )
    return held


async def edited(vault: Vault, twin: str, revision: int, edit: Callable[[Doc], Any]) -> None:
    document, buckets = await vault.stored(twin)
    held = stored_at(document, buckets, revision)
    version = next(one for one in held if one["revision"] == revision)
    before = copy.deepcopy(version)
    edit(version)
    assert as_json(version) != as_json(before) or repr(version) != repr(before), "the edit did nothing"
    for bucket in buckets:  # the forger keeps the archive's own index in step
        first = bucket["versions"][0]
        bucket["first"] = {name: first.get(name) for name in ("revision", "occurred_at", "recorded_at")}
    await vault.store(twin, document, buckets)


def leaves_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The ways to every value, and to every document and list, within one."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(leaf for name, item in inner for leaf in leaves_of(item, (*path, name)))]


def bent(value: Any, position: int) -> Any:
    """Another value, near the one that is there; `position` chooses what is different."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        if not value or position % 7 == 0:
            return [1, None, value + " ", value + "\0", {"text": value}][position % 5]
        at = position % len(value)
        return value[:at] + chr(ord(value[at]) ^ (1 << position % 5)) + value[at + 1 :]
    if isinstance(value, int):
        return [value + 1, value - 1, float(value), str(value), value ^ (1 << position % 31), None][position % 6]
    if isinstance(value, datetime):
        text = value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        far = bson.datetime_ms.DatetimeMS(2**53)
        shift = timedelta(milliseconds=1 << position % 40)
        return [value + shift, value - shift, text, far, None, value.timestamp()][position % 6]
    if isinstance(value, list):
        return [[*value, "x"], value[1:] if value else [None], dict(enumerate(map(str, value)))][position % 2]
    if isinstance(value, dict):
        name = sorted(value)[position % len(value)] if value else None
        kept = {key: inner for key, inner in value.items() if key != name}
        renamed = {(f"{key}x" if key == name else key): inner for key, inner in value.items()}
        return [kept, renamed, {**value, "more": "x"}, {**value, "é": 1}][position % 4] if value else {"more": "x"}
    return "x" if value is None else None


@SLOW
@given(length=st.sampled_from(LENGTHS), data=st.data(), position=st.integers(0, 10_000))
async def test_whatever_is_changed_of_a_version_is_reported_at_its_revision(
    vault: Vault, length: int, data: st.DataObject, position: int
) -> None:
    twin = vault.twins[length]
    revision = data.draw(st.integers(1, length), "revision")
    version = (await vault.versions(twin))[revision - 1]
    path = data.draw(st.sampled_from(leaves_of(version)[1:]), "path")

    def edit(document: Doc) -> None:
        spot: Any = document
        for step in path[:-1]:
            spot = spot[step]
        spot[path[-1]] = bent(spot[path[-1]], position)

    # an index of the archive can only follow a version that still has the fields that it is by
    assume(not (path[0] == "revision" and revision % BUCKET == 1))
    async with vault.mended(twin):
        if path == ("revision",):
            document, buckets = await vault.stored(twin)
            held = stored_at(document, buckets, revision)
            edit(next(one for one in held if one["revision"] == revision))
            await vault.store(twin, document, buckets)
        else:
            await edited(vault, twin, revision, edit)
        report = await vault.check(twin)
        assert [finding.revision for finding in report.findings] == [revision], report


@SLOW
@given(length=st.sampled_from(LENGTHS), data=st.data(), flip=st.integers(1, 255))
@example(length=1, data=None, flip=1)
async def test_whatever_byte_of_what_is_stored_is_flipped_is_reported_unless_it_reads_the_same(
    vault: Vault, length: int, data: Any, flip: int
) -> None:
    twin = vault.twins[length]
    document, buckets = await vault.stored(twin)
    holders = [document, *buckets]
    which = 0 if data is None else data.draw(st.integers(0, len(holders) - 1), "document")
    raw = bytearray(bson.encode(holders[which], codec_options=LENIENT))
    place = len(raw) // 2 if data is None else data.draw(st.integers(0, len(raw) - 1), "byte")
    raw[place] ^= flip
    try:
        read = bson.decode(bytes(raw), LENIENT)
    except (bson.errors.InvalidBSON, ValueError, OverflowError, TypeError):
        assume(data is None)  # no such document can be stored
        return
    assume(read.get("_id") == holders[which]["_id"])  # the key is what finds it; another one is another document
    async with vault.mended(twin):
        collection = vault.history if which else vault.collection(twin)
        try:
            await collection.replace_one({"_id": read["_id"]}, RawBSONDocument(bytes(raw)))
        except (OperationFailure, bson.errors.InvalidBSON):
            return  # the server takes no such document
        now, _ = await vault.stored(twin)
        kept = now if which == 0 else await collection.find_one({"_id": read["_id"]})
        report = await vault.check(twin)
        if repr(kept) == repr(holders[which]):
            assert report.findings == []
            return
        assert len(report.findings) == 1, (kept, report)
        first = holders[which]["versions"][0]["revision"]
        same = (
            [
                repr(one) == repr(other)
                for one, other in zip(kept.get("versions") or [], holders[which]["versions"], strict=False)
            ]
            if isinstance(kept.get("versions"), list)
            else []
        )
        if len(same) == len(holders[which]["versions"]) and not all(same):
            assert report.findings[0].revision == first + same.index(False)


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("name", ["occurred_at", "recorded_at", "revision", "schema", "reason"])
async def test_a_value_that_only_reads_the_same_is_reported(vault: Vault, length: int, name: str) -> None:
    """A moment as its own text, a number as a float, a text as code: the same when written, another when used."""
    twin = vault.twins[length]
    document, buckets = await vault.stored(twin)

    def other(value: Any) -> Any:
        if isinstance(value, datetime):
            return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return float(value) if isinstance(value, int) else bson.Code(value or "")

    version = document["versions"][-1]
    version[name] = other(version.get(name))
    async with vault.mended(twin):
        await vault.store(twin, document, buckets)
        assert [finding.revision for finding in (await vault.check(twin)).findings] == [length]


# Dropping, swapping, cutting, rewriting, deleting


@pytest.mark.parametrize(
    ("length", "revision"), [(1, 1), (5, 1), (5, 3), (5, 5), (60, 1), (60, 16), (60, 17), (60, 60)]
)
@pytest.mark.parametrize("relaid", [False, True], ids=["in place", "laid anew"])
async def test_a_dropped_version_is_reported_at_its_revision(
    vault: Vault, length: int, revision: int, relaid: bool
) -> None:
    twin = vault.twins[length]
    async with vault.mended(twin):
        if relaid:
            versions = await vault.versions(twin)
            del versions[revision - 1]
            await vault.lay(twin, versions, head=False)
        else:
            document, buckets = await vault.stored(twin)
            held = stored_at(document, buckets, revision)
            held[:] = [one for one in held if one["revision"] != revision]
            await vault.store(twin, document, buckets)
        report = await vault.check(twin)
        assert [finding.revision for finding in report.findings] == [revision]
        assert "missing" in report.findings[0].why


@pytest.mark.parametrize(
    ("length", "one", "other"), [(5, 1, 2), (5, 2, 5), (60, 1, 60), (60, 16, 17), (60, 3, 4), (60, 40, 41)]
)
@pytest.mark.parametrize("renumbered", [False, True])
async def test_two_swapped_versions_are_reported_at_the_first(
    vault: Vault, length: int, one: int, other: int, renumbered: bool
) -> None:
    twin = vault.twins[length]
    async with vault.mended(twin):
        versions = await vault.versions(twin)
        versions[one - 1], versions[other - 1] = versions[other - 1], versions[one - 1]
        if renumbered:
            versions[one - 1]["revision"], versions[other - 1]["revision"] = one, other
        await vault.lay(twin, versions, head=False)
        report = await vault.check(twin)
        assert [finding.revision for finding in report.findings] == [one]


@pytest.mark.parametrize(("length", "left"), [(5, 1), (5, 4), (60, 1), (60, 32), (60, 59)])
async def test_a_cut_tail_is_reported_where_a_checkpoint_covers_it(vault: Vault, length: int, left: int) -> None:
    twin = vault.twins[length]
    async with vault.mended(twin):
        await vault.lay(twin, (await vault.versions(twin))[:left])
        report = await vault.check(twin)
        assert [finding.revision for finding in report.findings] == [left + 1]
        assert f"checkpoint 1 covers revisions 1 to {length}" in report.findings[0].why


@pytest.mark.parametrize(("length", "start"), [(1, 1), (5, 1), (5, 3), (5, 5), (60, 1), (60, 20), (60, 60)])
async def test_a_history_rewritten_with_all_its_hashes_is_reported(vault: Vault, length: int, start: int) -> None:
    twin = vault.twins[length]
    async with vault.mended(twin):
        versions = await vault.versions(twin)
        versions[start - 1]["change"]["name"] = "forged"
        if start == 1:
            versions[0]["snapshot"]["name"] = "forged"
        rehashed(versions, start)
        await vault.lay(twin, versions)
        chain = proof.Chain(twin)
        for version in await vault.versions(twin):
            chain.add(as_json(version))
        assert (chain.broken, chain.length) == (None, length), "the forger has done it well: the chain itself is whole"
        report = await vault.check(twin)
        assert [finding.revision for finding in report.findings] == [length]
        assert "checkpoint 1 signed another one" in report.findings[0].why


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("thoroughly", [False, True])
async def test_a_deleted_twin_is_reported(vault: Vault, length: int, thoroughly: bool) -> None:
    twin = vault.twins[length]
    async with vault.mended(twin):
        _, buckets = await vault.stored(twin)
        await vault.store(twin, None, [] if thoroughly else buckets)
        report = await vault.check(twin)
        left = 0 if thoroughly else len(buckets) * BUCKET
        assert [finding.revision for finding in report.findings] == [left + 1]


async def test_what_no_checkpoint_covers_can_be_forged_and_the_report_says_what_that_is(
    signing_bench: Bench, offline: Offline
) -> None:
    bench = signing_bench
    vault = Vault(bench, offline, {})
    twin = await grown(bench, 3)
    await bench.services.audit.checkpoint(AUDITOR)
    for revision in (3, 4):
        command = Command(expected_revision=revision)
        await bench.services.assets.revise(AUDITOR, twin, name=f"n{revision}", attributes={}, command=command)
    report = await vault.check(twin)
    assert report.findings == []
    assert [(tail.twin, tail.first, tail.last) for tail in report.tails] == [(twin, 4, 5)]
    versions = await vault.versions(twin)
    versions[3]["change"]["name"] = "forged"
    await vault.lay(twin, rehashed(versions, 4))
    assert (await vault.check(twin)).tails == report.tails
    await vault.lay(twin, versions[:4])
    assert [(tail.first, tail.last) for tail in (await vault.check(twin)).tails] == [(4, 4)]
    await vault.lay(twin, versions[:2])
    assert [finding.revision for finding in (await vault.check(twin)).findings] == [3]


# The twin's document, and the archive


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("head", {"name": "forged"}),
        ("revision", 4),
        ("revision", 5.0),
        ("revision", "5"),
        ("hash", "0" * 64),
        ("created", {}),
        ("changed", {"occurred_at": datetime(2020, 1, 1, tzinfo=UTC), "recorded_at": datetime(2020, 1, 1, tzinfo=UTC)}),
        ("bindings", [{"asset": "ast_x", "from": {}}]),
        ("words", ["FORGED"]),
        ("words", None),
    ],
)
async def test_a_document_that_is_not_what_its_versions_make_is_reported(vault: Vault, name: str, value: Any) -> None:
    twin = vault.twins[5]
    async with vault.mended(twin):
        await vault.collection(twin).update_one({"_id": twin}, {"$set": {name: value}})
        report = await vault.check(twin)
        assert [finding.revision for finding in report.findings] == [5]
        assert name in report.findings[0].why


async def test_bindings_are_those_that_the_versions_make(signing_bench: Bench) -> None:
    label = (await printed(signing_bench, AUDITOR))["_id"]
    labels = signing_bench.store.labels.collection
    await labels.update_one({"_id": label}, {"$set": {"bindings.0.asset": "ast_forged"}})
    [finding] = (await signing_bench.services.audit.check_history(AUDITOR, label)).findings
    assert (finding.subject, finding.revision) == (label, 2)
    assert "`bindings`" in finding.why


async def test_an_archive_that_waits_with_other_versions_is_reported(vault: Vault) -> None:
    twin = vault.twins[60]
    async with vault.mended(twin):
        document, buckets = await vault.stored(twin)
        first = document["versions"][0]
        times = {name: first[name] for name in ("revision", "occurred_at", "recorded_at")}
        planted = {"_id": bucket_id(twin, 33), "twin": twin, "first": times, "versions": document["versions"][:BUCKET]}
        await vault.store(twin, document, [*buckets, planted])
        assert (await vault.check(twin)).findings == [], "after a crash the same versions stand twice"
        forged = copy.deepcopy(planted)
        forged["versions"][4]["reason"] = "forged"
        await vault.store(twin, document, [*buckets, forged])
        assert [finding.revision for finding in (await vault.check(twin)).findings] == [37]


@pytest.mark.parametrize("edit", [{"twin": "ast_x"}, {"first": {}}, {"versions": []}, {"versions": None}])
async def test_a_misfiled_bucket_is_as_good_as_missing(vault: Vault, edit: Doc) -> None:
    twin = vault.twins[60]
    async with vault.mended(twin):
        await vault.history.update_one({"_id": bucket_id(twin, 17)}, {"$set": edit})
        report = await vault.bench.services.audit.check_history(AUDITOR, twin)
        assert [finding.revision for finding in report.findings] == [17]
        await vault.agree(twin, report)
        await vault.history.update_one({"_id": bucket_id(twin, 17)}, {"$set": {"twin": twin}})


async def test_what_stands_where_no_twin_belongs_is_reported(signing_bench: Bench) -> None:
    twin = await grown(signing_bench, 60)
    audit, mongo = signing_bench.services.audit, signing_bench.mongo
    await mongo.collection("assets").delete_one({"_id": twin})
    await mongo.collection("labels").insert_one({"_id": "ast_copied", "head": {"link_id": "x"}, "versions": []})
    await mongo.collection("assets").insert_one({"_id": 7, "versions": []})
    report = await audit.check_history(AUDITOR)
    assert {finding.subject for finding in report.findings} == {twin, "ast_copied", "7"}
    assert report.broken == 3


# Asking


async def test_all_twins_are_checked_page_by_page(vault: Vault) -> None:
    audit = vault.bench.services.audit
    whole = await audit.check_history(AUDITOR)
    assert (whole.twins, whole.broken, whole.next) == (9, 0, None)
    seen, after = 0, ""
    while True:
        page = await audit.check_history(AUDITOR, after=after, most=4)
        seen += page.twins
        assert page.broken == 0
        assert page.twins <= 4
        if page.next is None:
            break
        after = page.next
    assert seen == 9


async def test_a_broken_twin_is_on_the_page_that_it_belongs_to(vault: Vault) -> None:
    audit = vault.bench.services.audit
    twin = vault.twins[5]
    async with vault.mended(twin):
        await vault.store(twin, None, [])
        found: list[Finding] = []
        after: str | None = ""
        while after is not None:
            page = await audit.check_history(AUDITOR, after=after, most=1)
            found += page.findings
            after = page.next
        assert [finding.subject for finding in found] == [twin]


async def test_twins_go_by_link_and_identifier_too(signing_bench: Bench) -> None:
    label = await issued(signing_bench, AUDITOR)
    asset = await new_asset(signing_bench, AUDITOR, "vin:1M8GDM9AXKP042788")
    audit = signing_bench.services.audit
    assert (await audit.proof(AUDITOR, label["head"]["link_id"]))["twin"] == label["_id"]
    assert (await audit.proof(AUDITOR, "vin:1M8GDM9AXKP042788"))["twin"] == asset
    assert (await audit.check_history(AUDITOR, label["head"]["link_id"])).twins == 1
    for missing in ("lbl_missing", "0123456789ABC8"):
        with pytest.raises(NotFound):
            await audit.check_history(AUDITOR, missing)
        with pytest.raises(NotFound):
            await audit.proof(AUDITOR, missing)


async def test_each_right_is_asked_for(vault: Vault) -> None:
    audit = vault.bench.services.audit
    calls: dict[Permission, Callable[[Actor], Any]] = {
        Permission.CHECK_HISTORY: audit.check_history,
        Permission.CHECKPOINT_HISTORY: audit.checkpoint,
        Permission.PROVE_HISTORY: lambda actor: audit.proof(actor, vault.twins[1]),
    }
    for permission, call in calls.items():
        clerk = Actor("clerk", frozenset(Permission) - {permission}, frozenset(Audience))
        with pytest.raises(Forbidden, match=permission.value):
            await call(clerk)
        with pytest.raises(Unauthenticated):
            await call(ANONYMOUS)


async def test_without_a_key_there_is_no_checkpoint(fresh_bench: Bench) -> None:
    twin = await grown(fresh_bench, 2)
    with pytest.raises(SetupError, match="TWIN_CHECKPOINT_KEY"):
        await fresh_bench.services.audit.checkpoint(AUDITOR)
    assert (await fresh_bench.services.audit.check_history(AUDITOR, twin)).broken == 0
