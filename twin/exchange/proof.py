"""Check the history of one label or asset, without the service: python -m twin.exchange.proof bundle.json.

A bundle holds every version of one twin, oldest first, and, when a checkpoint covers it, that signed checkpoint and the
way from the twin to the checkpoint's root. This file says all that is checked, and needs nothing but Python and the
package `cryptography`. Each version's `hash` is SHA-256 over the rest of it, `previous_hash` included, so the versions
are a chain. A checkpoint signs the root of a tree whose leaves are the newest version of every twin at one moment, so
whatever it covers can be neither changed nor taken away without another signature.

Exit codes: 0 whole; 1 broken, and it says at which revision; 2 not a bundle, or not a key.

References:
    RFC 8785 canonical JSON, of documents without floats and with names in ASCII; RFC 7396 merge patch;
    RFC 6962, section 2.1: the tree; RFC 9162, section 2.1.3.2: checking a path; RFC 8032 Ed25519
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

FORMAT = "label-twin-proof/1"
LARGEST_INTEGER = 2**53 - 1
DEEPEST = 32

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Break:
    """Where a history is not what it was: the first revision that is wrong, and why."""

    revision: int
    why: str


# Versions and their chain


def canonical_json(document: object) -> bytes:
    """RFC 8785 canonical JSON of a document of texts, integers, booleans, nulls, lists and documents.

    Raises:
        ValueError: anything else in it: a float, a name that is not ASCII, half a surrogate pair.

    Examples:
        >>> canonical_json({"b": 1, "a": ["é", None, True]}).decode()
        '{"a":["é",null,true],"b":1}'
    """
    _require_plain(document, DEEPEST)
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _require_plain(value: object, depth: int) -> None:
    if depth == 0:
        raise ValueError("nested too deeply")
    if isinstance(value, dict):
        if not all(type(name) is str and name.isascii() for name in value):
            raise ValueError("a name that is not ASCII")
        for inner in value.values():
            _require_plain(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            _require_plain(inner, depth - 1)
    elif isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise ValueError("an integer beyond 2^53")
    elif value is not None and type(value) is not str:
        raise ValueError(f"a {type(value).__name__}")


def digest(document: object) -> str:
    """SHA-256 over canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical_json(document)).hexdigest()


def version_hash(version: Document) -> str:
    """What the `hash` of a version must be."""
    return digest({name: value for name, value in version.items() if name != "hash"})


def merge(document: Document, patch: Document) -> dict[str, Any]:
    """The document after an RFC 7396 merge patch.

    Examples:
        >>> merge({"state": "PRINTED", "face": {"vin": "1"}}, {"face": {"vin": None, "colour": "red"}})
        {'state': 'PRINTED', 'face': {'colour': 'red'}}
    """
    merged = dict(document)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, Mapping):
            before = merged.get(name)
            merged[name] = merge(before if isinstance(before, Mapping) else {}, value)
        else:
            merged[name] = value
    return merged


class Chain:
    """Takes the versions of a twin one by one, oldest first, and remembers where they first went wrong.

    Args:
        twin: the id of the twin.
        first: the first revision that it will be given; what leads to it is checked only if it is 1.
    """

    def __init__(self, twin: str, first: int = 1) -> None:
        self.twin, self.length = twin, first - 1
        self.broken: Break | None = None
        self.hash: str | None = "" if first == 1 else None
        self.snapshot: Document | None = {} if first == 1 else None

    def add(self, version: object) -> None:
        """Check the next version; after the first that is wrong, nothing counts."""
        if self.broken is not None:
            return
        revision = self.length + 1
        why = self._fault(version, revision)
        if why is not None:
            self.broken = Break(revision, why)

    def _fault(self, version: object, revision: int) -> str | None:
        found = version.get("revision") if isinstance(version, dict) else None
        if not isinstance(version, dict) or type(found) is not int or found != revision:
            return f"it is missing or out of its place: revision {found!r} stands there"
        snapshot, change = version.get("snapshot", {}), version.get("change")
        try:
            if version_hash(version) != version.get("hash"):
                return "its hash is not that of its content"
            if version.get("twin") != self.twin:
                return "it is a version of another twin"
            if self.hash is not None and version.get("previous_hash", "") != self.hash:
                return "its previous_hash is not the hash of the revision before it"
            if not isinstance(snapshot, dict) or not isinstance(change, dict):
                return "it has no snapshot or no change"
            if self.snapshot is not None and digest(merge(self.snapshot, change)) != digest(snapshot):
                return "its change does not lead from the snapshot before it to its own"
        except (ValueError, TypeError) as error:
            return f"it is nothing that has a hash: {error}"
        self.length, self.hash, self.snapshot = revision, version["hash"], snapshot
        return None


def against_leaf(leaf: Document, length: int, hash_there: str | None, checkpoint: int) -> Break | None:
    """How a chain differs from what a checkpoint says of it.

    Args:
        leaf: the checkpoint's leaf of the twin: `twin`, `revision`, `hash`.
        length: the newest revision of the chain.
        hash_there: the hash that the chain has at the leaf's revision.
        checkpoint: its number, to name it.
    """
    if length < leaf["revision"]:
        return Break(length + 1, f"it is missing: checkpoint {checkpoint} covers revisions 1 to {leaf['revision']}")
    if hash_there != leaf["hash"]:
        return Break(leaf["revision"], f"checkpoint {checkpoint} signed another one: it or one before it was rewritten")
    return None


def against_head(head: Document | None, chain: Chain) -> Break | None:
    """How a whole chain differs from the `revision` and `hash` of its twin's head; a head of None means no twin."""
    if head is None:
        return Break(chain.length + 1, "it is missing: of the twin there is nothing else")
    revision = head.get("revision")
    if type(revision) is int and revision > chain.length:
        return Break(chain.length + 1, f"it is missing: the twin says that it is at revision {revision}")
    if (revision, head.get("hash")) != (chain.length, chain.hash):
        return Break(chain.length, f"the twin says that it is at revision {revision!r} or names another hash")
    return None


# The tree of a checkpoint


def leaf_hash(leaf: Document) -> bytes:
    """The hash of a leaf: a document of `twin`, `revision` and `hash`."""
    return hashlib.sha256(b"\x00" + canonical_json(leaf)).digest()


def _levels(hashes: Sequence[bytes]) -> Iterator[list[bytes]]:
    level = list(hashes)
    yield level
    while len(level) > 1:
        pairs = [level[at : at + 2] for at in range(0, len(level), 2)]
        level = [_node(*pair) if len(pair) == 2 else pair[0] for pair in pairs]
        yield level


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_root(hashes: Sequence[bytes]) -> bytes:
    """The root over the hashes of leaves; or of subtrees that are full, all of one power of two, but for the last."""
    return list(_levels(hashes))[-1][0] if hashes else hashlib.sha256(b"").digest()


def inclusion_path(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """What must be joined to the hash at `index`, from the bottom up, to reach the root."""
    path = []
    for level in _levels(hashes):
        if index ^ 1 < len(level):
            path.append(level[index ^ 1])
        index >>= 1
    return path


def root_by_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that a path leads to from the leaf at `index` of `size`; None when no path of that tree is so long."""
    if not 0 <= index < size:
        return None
    last, found, left = size - 1, leaf, list(path)
    while last:
        if index % 2 or index < last:
            if not left:
                return None
            found = _node(left.pop(0), found) if index % 2 else _node(found, left.pop(0))
        index, last = index >> 1, last >> 1
    return None if left else found


# The signature of a checkpoint


def public_hex(key: Ed25519PublicKey) -> str:
    """The 32 bytes of a public key, in hexadecimal."""
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw).hex()


def sign(body: Document, key: Ed25519PrivateKey) -> str:
    """Ed25519 over canonical JSON of a checkpoint's body, in hexadecimal."""
    return key.sign(canonical_json(body)).hex()


def _public_key(pem: bytes) -> Ed25519PublicKey:
    key = serialization.load_pem_public_key(pem)
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("expected an Ed25519 public key")  # noqa: TRY004 - a wrong value, in a file
    return key


def is_signed(body: Document, signature: str, key: str) -> bool:
    """Whether the signature of the body is that of the public key, both in hexadecimal."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), canonical_json(body))
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


# A bundle


class NotABundle(Exception):
    """The file is not what `twin proof` writes."""


@dataclass
class Verdict:
    """What is so: `broken` says why it is not whole, `revision` where, and `says` what was found on the way."""

    says: list[str] = field(default_factory=list)
    broken: str | None = None
    revision: int | None = None


def check_bundle(bundle: object, key: str | None = None) -> Verdict:
    """Check everything that a bundle says.

    Args:
        bundle: as it was read from JSON.
        key: the public key that alone is trusted, in hexadecimal; None trusts the one in the bundle.

    Raises:
        NotABundle: it is none.
    """
    if not isinstance(bundle, dict) or bundle.get("format") != FORMAT or type(bundle.get("twin")) is not str:
        raise NotABundle(f"expected a document with the format {FORMAT}")
    versions, checkpoint = bundle.get("versions"), bundle.get("checkpoint")
    inclusion: Any = bundle.get("inclusion")
    if not isinstance(versions, list) or not isinstance(bundle.get("head"), dict | None):
        raise NotABundle("expected a list of versions, and a head")
    chain, hashes = Chain(bundle["twin"]), [""]
    for version in versions:
        chain.add(version)
        hashes.append(chain.hash or "")
    where = chain.broken
    verdict = Verdict([f"{chain.twin}: {len(versions)} versions."])
    if checkpoint is None:
        verdict.says.append("No checkpoint covers any of them: who held the database may have rewritten them all.")
        verdict.broken = None if key is None else "no checkpoint, so nothing here is signed by your key"
    else:
        try:
            body, leaf = checkpoint["body"], inclusion["leaf"]
            verdict.broken = _checkpoint_fault(body, checkpoint["signature"], inclusion, chain.twin, key)
            if verdict.broken is None:
                there = hashes[leaf["revision"]] if leaf["revision"] <= chain.length else None
                where = where or against_leaf(leaf, chain.length, there, body["number"])
                tail = f"{leaf['revision'] + 1} to {len(versions)}" if len(versions) > leaf["revision"] else "none"
                whose = "your key" if key else "the key in the bundle, for which nobody vouches: name yours with --key"
                verdict.says += [
                    f"Checkpoint {body['number']} of {body['made_at']} is signed by {body['key']}: {whose}.",
                    f"It covers revisions 1 to {leaf['revision']}. Revisions that it does not cover: {tail}.",
                ]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise NotABundle(f"the checkpoint or the way to it is malformed: {error!r}") from error
    where = where or against_head(bundle.get("head"), chain)
    if where is not None:
        verdict.broken, verdict.revision = where.why, where.revision
    return verdict


def _checkpoint_fault(body: Any, signature: str, inclusion: Any, twin: str, key: str | None) -> str | None:
    leaf = inclusion["leaf"]
    if key is not None and body["key"] != key:
        return f"checkpoint {body['number']} names another key than yours: {body['key']}"
    if not is_signed(body, signature, body["key"]):
        return f"checkpoint {body['number']} is not what its key signed"
    if set(leaf) != {"twin", "revision", "hash"} or leaf["twin"] != twin:
        return f"the leaf is not one of {twin}"
    path = [bytes.fromhex(step) for step in inclusion["path"]]
    root = root_by_path(leaf_hash(leaf), inclusion["index"], body["leaves"], path)
    return None if root == bytes.fromhex(body["root"]) else "the path does not lead from the twin to the signed root"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name stands twice in one document")
    return dict(pairs)


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the bundle that the command line names, say what is so, and return the exit code."""
    parser = argparse.ArgumentParser(prog="proof", description="Check the history of one label or asset, offline.")
    parser.add_argument("bundle", type=Path, help="what `twin proof ID` wrote")
    parser.add_argument("--key", type=Path, help="the public key (PEM) that alone is trusted")
    given = parser.parse_args(arguments)
    try:
        key = None if given.key is None else public_hex(_public_key(given.key.read_bytes()))
        verdict = check_bundle(json.loads(given.bundle.read_bytes(), object_pairs_hook=_once), key)
    except (NotABundle, OSError, ValueError, RecursionError) as error:
        sys.stderr.write(f"Not a bundle, or not a key: {error}\n")
        return 2
    place = "" if verdict.revision is None else f" at revision {verdict.revision}"
    end = "WHOLE." if verdict.broken is None else f"BROKEN{place}: {verdict.broken}."
    sys.stdout.write("\n".join([*verdict.says, end, ""]))
    return 0 if verdict.broken is None else 1


if __name__ == "__main__":
    sys.exit(main())
