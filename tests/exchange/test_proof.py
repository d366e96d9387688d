"""The file that auditors run: its parts against published vectors, and its verdicts on bundles made by hand."""

from __future__ import annotations

import copy
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import x25519
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tests.exchange.offline import Offline, environment, offline_in
from twin.domain import history
from twin.exchange import proof

# RFC 6962's tree over eight inputs: the vectors that Certificate Transparency's implementations share
# (google/certificate-transparency, merkletree/merkle_tree_test.cc; also transparency-dev/merkle). Size, root.
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
    (4, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
    (5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
    (6, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
    (7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
    (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
]
# From the same tests, where leaves count from 1: leaf index from 0, size, path.
PATHS: list[tuple[int, int, list[str]]] = [
    (0, 1, []),
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
# RFC 8785, appendix and section 3.2.3, as far as documents without floats go.
JSON = [
    ({"b": 1, "a": [True, None, False, []], "A": {}}, '{"A":{},"a":[true,null,false,[]],"b":1}'),
    ({"t": '€$\x0f\nA\'B"\\\\"/'}, '{"t":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'),
    ({"": "\b\t\n\f\r\x1f\x7f\u2028😀"}, '{"":"\\b\\t\\n\\f\\r\\u001f\x7f\u2028😀"}'),
    (-(2**53) + 1, "-9007199254740991"),
]
NOT_JSON = [
    1.5,
    1.0,
    float("nan"),
    2**53,
    -(2**53),
    "\ud800",
    {"é": 1},
    {1: 2},
    b"x",
    {"a": (1,)},
    {"a": {1}},
    [object()],
]

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
names = st.text(st.characters(max_codepoint=127), max_size=6)
leaves = st.none() | st.booleans() | st.integers(1 - 2**53, 2**53 - 1) | texts
documents = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4))

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
TWIN = "lbl_one"


@pytest.mark.parametrize(("value", "text"), JSON)
def test_json_is_written_as_the_rfc_writes_it(value: Any, text: str) -> None:
    assert proof.canonical_json(value) == text.encode()


@given(documents)
def test_json_is_written_as_others_write_it(value: Any) -> None:
    assert proof.canonical_json(value) == rfc8785.dumps(value)
    assert proof.canonical_json({"a": value}) == history.canonical_json({"a": value})


@pytest.mark.parametrize("value", NOT_JSON, ids=lambda value: type(value).__name__)
def test_what_has_no_one_form_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        proof.canonical_json(value)


def test_nesting_is_bounded() -> None:
    deep: Any = "x"
    for _ in range(100):
        deep = [deep]
    with pytest.raises(ValueError, match="deep"):
        proof.canonical_json(deep)


@given(
    st.dictionaries(names, st.recursive(leaves, lambda inner: st.dictionaries(names, inner, max_size=3)), max_size=3),
    st.dictionaries(names, st.recursive(leaves, lambda inner: st.dictionaries(names, inner, max_size=3)), max_size=3),
)
def test_a_merge_is_the_one_that_the_service_makes(document: dict[str, Any], patch: dict[str, Any]) -> None:
    assert proof.merge(document, patch) == history.merge(document, patch)


def hashes(size: int) -> list[bytes]:
    return [hashlib.sha256(b"\0" + bytes.fromhex(text)).digest() for text in INPUTS[:size]]


def naive_root(level: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if len(level) == 1:
        return level[0]
    split = 1
    while split * 2 < len(level):
        split *= 2
    return hashlib.sha256(b"\1" + naive_root(level[:split]) + naive_root(level[split:])).digest()


@pytest.mark.parametrize(("size", "root"), ROOTS)
def test_roots_are_the_published_ones(size: int, root: str) -> None:
    assert proof.tree_root(hashes(size)).hex() == root


@pytest.mark.parametrize(("index", "size", "path"), PATHS)
def test_paths_are_the_published_ones(index: int, size: int, path: list[str]) -> None:
    steps = [bytes.fromhex(step) for step in path]
    assert proof.inclusion_path(hashes(size), index) == steps
    root = proof.root_by_path(hashes(size)[index], index, size, steps)
    assert root is not None
    assert root.hex() == dict(ROOTS)[size]


@pytest.mark.parametrize("size", [*range(1, 40), 64, 65, 100])
def test_every_path_of_every_tree_leads_to_its_root_and_no_other_does(size: int) -> None:
    level = [hashlib.sha256(bytes([place])).digest() for place in range(size)]
    root = naive_root(level)
    assert proof.tree_root(level) == root
    for index in range(size):
        path = proof.inclusion_path(level, index)
        assert proof.root_by_path(level[index], index, size, path) == root
        assert proof.root_by_path(level[index], index, size, [*path, root]) is None
        for place in range(len(path)):
            assert proof.root_by_path(level[index], index, size, path[:place] + path[place + 1 :]) is None
            bent = [*path[:place], bytes(32), *path[place + 1 :]]
            assert proof.root_by_path(level[index], index, size, bent) not in {root, None}
        for other in {index ^ 1, index + 1, size - 1} - {index}:
            assert proof.root_by_path(level[index], other, size, path) != root
    assert proof.root_by_path(level[0], -1, size, []) is None
    assert proof.root_by_path(level[0], size, size, []) is None


@pytest.mark.parametrize("size", [1, 3, 4, 5, 8, 11])
def test_a_tree_over_full_subtrees_is_the_tree(size: int) -> None:
    level = [hashlib.sha256(bytes([place])).digest() for place in range(size)]
    chunks = [level[start : start + 4] for start in range(0, size, 4)]
    roots = [proof.tree_root(chunk) for chunk in chunks]
    assert proof.tree_root(roots) == proof.tree_root(level)
    for index in range(size):
        path = proof.inclusion_path(chunks[index // 4], index % 4) + proof.inclusion_path(roots, index // 4)
        assert path == proof.inclusion_path(level, index)


# Bundles made by hand


def chain(length: int, twin: str = TWIN) -> list[dict[str, Any]]:
    versions: list[dict[str, Any]] = []
    snapshot: dict[str, Any] = {}
    for revision in range(1, length + 1):
        change = {"name": f"n{revision}", "face": {"tag": f"t{revision}", "old": None if revision % 2 else "x"}}
        snapshot = proof.merge(snapshot, change)
        version = {"twin": twin, "revision": revision, "change": change, "snapshot": snapshot, "schema": 1}
        if versions:
            version["previous_hash"] = versions[-1]["hash"]
        versions.append({**version, "hash": proof.version_hash(version)})
    return versions


def bundle(length: int, covered: int | None = None, key: Ed25519PrivateKey = KEY) -> dict[str, Any]:
    """A bundle of `length` versions, of which a checkpoint over five twins covers the first `covered`."""
    versions = chain(length)
    head = {"revision": length, "hash": versions[-1]["hash"]}
    made: dict[str, Any] = {"format": proof.FORMAT, "twin": TWIN, "head": head, "versions": versions}
    if covered is None:
        return {**made, "checkpoint": None, "inclusion": None}
    leaf = {"twin": TWIN, "revision": covered, "hash": versions[covered - 1]["hash"]}
    tree = [proof.leaf_hash({**leaf, "twin": f"lbl_{n}"}) for n in range(3)] + [proof.leaf_hash(leaf), bytes(32)]
    body = {
        "schema": 1,
        "number": 7,
        "made_at": "2026-01-02T09:00:00.000Z",
        "previous": "00" * 32,
        "leaves": 5,
        "root": proof.tree_root(tree).hex(),
        "key": proof.public_hex(key.public_key()),
    }
    made["checkpoint"] = {"body": body, "signature": proof.sign(body, key)}
    made["inclusion"] = {"index": 3, "leaf": leaf, "path": [step.hex() for step in proof.inclusion_path(tree, 3)]}
    return made


def rehashed(versions: list[dict[str, Any]], start: int) -> list[dict[str, Any]]:
    """What a forger does who knows the rules: every hash from `start` on is made to fit."""
    for place in range(start - 1, len(versions)):
        if place:
            versions[place]["previous_hash"] = versions[place - 1]["hash"]
        versions[place]["hash"] = proof.version_hash(versions[place])
    return versions


def head_fits(made: dict[str, Any]) -> dict[str, Any]:
    made["head"] = {"revision": len(made["versions"]), "hash": made["versions"][-1]["hash"]}
    return made


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Offline]:
    with offline_in(tmp_path_factory.mktemp("auditor")) as made:
        yield made


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Any], str]:
    folder = tmp_path_factory.mktemp("keys")

    def write(key: Any) -> str:
        file = folder / f"{id(key)}.pem"
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        file.write_bytes(key.public_key().public_bytes(serialization.Encoding.PEM, form))
        return str(file)

    return write


@pytest.mark.parametrize("covered", [1, 4, 5])
@pytest.mark.parametrize("length", [5, 60])
def test_a_whole_bundle_is_whole_and_its_tail_is_named(
    offline: Offline, pem: Callable[[Any], str], length: int, covered: int
) -> None:
    answer = offline.check(bundle(length, covered))
    assert answer.code == 0
    assert "WHOLE" in answer.out
    assert f"covers revisions 1 to {covered}." in answer.out
    assert f"does not cover: {f'{covered + 1} to {length}' if length > covered else 'none'}." in answer.out
    assert "nobody vouches" in answer.out
    named = offline.check(bundle(length, covered), "--key", pem(KEY))
    assert named.code == 0
    assert "your key" in named.out
    assert "nobody vouches" not in named.out


def test_without_a_checkpoint_only_the_chain_is_vouched_for(offline: Offline, pem: Callable[[Any], str]) -> None:
    answer = offline.check(bundle(3))
    assert answer.code == 0
    assert "No checkpoint covers any of them" in answer.out
    named = offline.check(bundle(3), "--key", pem(KEY))
    assert named.code == 1
    assert "BROKEN: no checkpoint" in named.out


Edit = Callable[[dict[str, Any]], Any]


def with_rewritten_history(made: dict[str, Any]) -> None:
    made["versions"][1]["snapshot"]["name"] = made["versions"][1]["change"]["name"] = "forged"
    rehashed(made["versions"], 2)
    head_fits(made)


def with_cut_tail(made: dict[str, Any], left: int = 2) -> None:
    del made["versions"][left:]
    head_fits(made)


def signed_anew(made: dict[str, Any]) -> None:
    with_rewritten_history(made)
    forged = bundle(5, 4, OTHER)
    leaf = {**forged["inclusion"]["leaf"], "hash": made["versions"][3]["hash"]}
    body = {**forged["checkpoint"]["body"], "leaves": 1, "root": proof.leaf_hash(leaf).hex()}
    made["checkpoint"] = {"body": body, "signature": proof.sign(body, OTHER)}
    made["inclusion"] = {"index": 0, "leaf": leaf, "path": []}


# What was done to a bundle of five versions of which four are covered; the revision named; words of the reason.
BROKEN: list[tuple[str, Edit, int | None, str]] = [
    ("changed", lambda b: b["versions"][2]["snapshot"].update(name="x"), 3, "hash is not that of its content"),
    ("another hash", lambda b: b["versions"][2].update(hash="0" * 64), 3, "hash is not that of its content"),
    (
        "rehashed once",
        lambda b: (b["versions"][2].update(name="x"), rehashed(b["versions"][:3], 3)),
        4,
        "previous_hash",
    ),
    ("dropped", lambda b: b["versions"].pop(1), 2, "missing"),
    ("first dropped", lambda b: b["versions"].pop(0), 1, "missing"),
    ("last dropped", lambda b: b["versions"].pop(), 5, "missing"),
    ("swapped", lambda b: b["versions"].insert(1, b["versions"].pop(2)), 2, "out of its place"),
    ("twice", lambda b: b["versions"].insert(2, b["versions"][1]), 3, "out of its place"),
    ("not a document", lambda b: b["versions"].insert(2, "version"), 3, "out of its place"),
    ("true for one", lambda b: (b["versions"][0].update(revision=True), rehashed(b["versions"], 1)), 1, "place"),
    ("a float", lambda b: b["versions"][1].update(schema=1.0), 2, "float"),
    ("another twin's", lambda b: (b.update(versions=chain(5, "lbl_two")), head_fits(b)), 1, "another twin"),
    (
        "a change that leads elsewhere",
        lambda b: (b["versions"][2]["change"].update(name="x"), rehashed(b["versions"], 3), head_fits(b)),
        3,
        "does not lead",
    ),
    ("no change", lambda b: (b["versions"][2].pop("change"), rehashed(b["versions"], 3), head_fits(b)), 3, "no change"),
    ("rewritten with all its hashes", with_rewritten_history, 4, "checkpoint 7 signed another one"),
    ("cut with its head", with_cut_tail, 3, "checkpoint 7 covers revisions 1 to 4"),
    ("cut whole", lambda b: b.update(versions=[], head=None), 1, "checkpoint 7 covers"),
    ("head ahead", lambda b: b["head"].update(revision=6), 6, "missing"),
    ("head behind", lambda b: b["head"].update(revision=4), 5, "the twin says"),
    ("head of another hash", lambda b: b["head"].update(hash="0" * 64), 5, "the twin says"),
    ("head gone", lambda b: b.update(head=None), 6, "nothing else"),
    ("checkpoint renumbered", lambda b: b["checkpoint"]["body"].update(number=8), None, "is not what its key signed"),
    ("checkpoint of another time", lambda b: b["checkpoint"]["body"].update(made_at="2027"), None, "its key signed"),
    ("checkpoint with more", lambda b: b["checkpoint"]["body"].update(more=1), None, "its key signed"),
    ("another signature", lambda b: b["checkpoint"].update(signature="00" * 64), None, "its key signed"),
    ("a short signature", lambda b: b["checkpoint"].update(signature="00"), None, "its key signed"),
    (
        "another key in it",
        lambda b: b["checkpoint"]["body"].update(key=proof.public_hex(OTHER.public_key())),
        None,
        "its key signed",
    ),
    ("path bent", lambda b: b["inclusion"]["path"].__setitem__(1, "00" * 32), None, "path does not lead"),
    ("path cut", lambda b: b["inclusion"]["path"].pop(), None, "path does not lead"),
    ("path longer", lambda b: b["inclusion"]["path"].append("00" * 32), None, "path does not lead"),
    ("index moved", lambda b: b["inclusion"].update(index=2), None, "path does not lead"),
    ("index out of the tree", lambda b: b["inclusion"].update(index=5), None, "path does not lead"),
    ("leaf of less", lambda b: b["inclusion"]["leaf"].update(revision=3), None, "path does not lead"),
    ("leaf of another", lambda b: b["inclusion"]["leaf"].update(twin="lbl_2"), None, "leaf is not one of lbl_one"),
    ("leaf of more", lambda b: b["inclusion"]["leaf"].update(more=1), None, "leaf is not one of lbl_one"),
]


@pytest.mark.parametrize(("edit", "revision", "why"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_broken_bundle_is_broken_where_it_is(offline: Offline, edit: Edit, revision: int | None, why: str) -> None:
    made = copy.deepcopy(bundle(5, 4))
    assert offline.check(made).code == 0
    edit(made)
    answer = offline.check(made)
    assert answer.code == 1
    assert answer.revision == revision
    assert "BROKEN" in answer.out
    assert why in answer.out
    assert "WHOLE" not in answer.out


def test_only_the_named_key_is_trusted(offline: Offline, pem: Callable[[Any], str]) -> None:
    made = bundle(5, 4)
    signed_anew(made)
    assert offline.check(made).code == 0  # whole by itself: that is why auditors name the key
    answer = offline.check(made, "--key", pem(KEY))
    assert answer.code == 1
    assert "another key than yours" in answer.out
    assert offline.check(bundle(5, 4), "--key", pem(OTHER)).code == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "nonsense",
        "[" * 100_000,
        '{"format": "label-twin-proof/1", "twin": 1, "versions": []}',
        '{"format": "label-twin-proof/1", "twin": "lbl_one"}',
        '{"format": "label-twin-proof/2", "twin": "lbl_one", "versions": []}',
        '{"format": "label-twin-proof/1", "twin": "a", "twin": "a", "versions": []}',
        '{"format": "label-twin-proof/1", "twin": "a", "versions": [], "checkpoint": {}, "inclusion": {}}',
        '{"format": "label-twin-proof/1", "twin": "a", "versions": [], "checkpoint": 1, "inclusion": null}',
    ],
    ids=lambda text: text[:60],
)
def test_what_is_no_bundle_is_said_to_be_none(offline: Offline, text: str) -> None:
    answer = offline.check(text)
    assert answer.code == 2
    assert "Not a bundle" in answer.err


def test_what_is_no_key_is_said_to_be_none(offline: Offline, pem: Callable[[Any], str], tmp_path: Path) -> None:
    other = tmp_path / "no.pem"
    other.write_text("no key", encoding="ascii")
    for file in (str(other), str(tmp_path / "missing.pem"), pem(x25519.X25519PrivateKey.generate())):
        answer = offline.check(bundle(5, 4), "--key", file)
        assert answer.code == 2
        assert answer.out == ""


def test_a_bundle_whose_parts_are_of_other_types_never_breaks_the_file(offline: Offline) -> None:
    places = [
        ("checkpoint", "body", "number"),
        ("checkpoint", "body", "leaves"),
        ("checkpoint", "body", "root"),
        ("checkpoint", "body", "key"),
        ("checkpoint", "signature"),
        ("inclusion", "index"),
        ("inclusion", "leaf"),
        ("inclusion", "path"),
        ("head",),
        ("versions", 1),
    ]
    values: list[Any] = [None, 1, -1, 1.5, "x", [], {}, True]
    for place in places:
        for value in values:
            made = copy.deepcopy(bundle(5, 4))
            spot: Any = made
            for step in place[:-1]:
                spot = spot[step]
            spot[place[-1]] = value
            assert offline.check(made).code in {1, 2}, (place, value)


def test_the_file_runs_where_there_is_nothing_else_of_the_service(tmp_path: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-S", *arguments],
            cwd=tmp_path,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            check=False,
        )

    assert "No module named 'twin.domain'" in run("-c", "import twin.domain").stderr
    file = tmp_path / "bundle.json"
    file.write_text(json.dumps(bundle(5, 4)), encoding="utf-8")
    done = run("-m", "twin.exchange.proof", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    made = bundle(5, 4)
    made["versions"].pop(1)
    file.write_text(json.dumps(made), encoding="utf-8")
    assert run("-m", "twin.exchange.proof", str(file)).returncode == 1
    assert run("-m", "twin.exchange.proof", str(tmp_path / "missing.json")).returncode == 2
