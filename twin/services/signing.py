"""The key that signs checkpoints. It stands in a file outside the database: who holds the database must not hold it."""

from __future__ import annotations

import os
import re
import secrets
from datetime import datetime
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from twin.domain.history import Document
from twin.errors import SetupError
from twin.exchange import proof

_PEM = re.compile(rb"-----BEGIN ([A-Z ]+)-----.*?-----END \1-----", re.DOTALL)
_ADVICE = "TWIN_CHECKPOINT_KEY names it; `openssl genpkey -algorithm ed25519` makes one."


class Signer:
    """Signs checkpoints with the private key of a PEM file, which is read when it is first needed.

    After the private key the file may hold public keys: those of keys that were used before, and are trusted still.

    Args:
        path: the file.
        make: whether a missing file is made, with a new key, readable by its owner alone.
    """

    def __init__(self, path: Path, *, make: bool) -> None:
        self._path = path
        self._make = make

    @cached_property
    def _keys(self) -> tuple[Ed25519PrivateKey, frozenset[str]]:
        try:
            if self._make and not self._path.exists():
                _make(self._path)
            blocks = [match[0] for match in _PEM.finditer(self._path.read_bytes())]
        except OSError as error:
            raise SetupError(f"The key that signs checkpoints cannot be read: {error}. {_ADVICE}") from error
        try:
            private = serialization.load_pem_private_key(blocks[0], None)
            former = [serialization.load_pem_public_key(block) for block in blocks[1:]]
        except (ValueError, TypeError, IndexError) as error:
            raise SetupError(f"{self._path} is not a PEM file of an unencrypted Ed25519 key. {_ADVICE}") from error
        publics = [key for key in former if isinstance(key, Ed25519PublicKey)]
        if not isinstance(private, Ed25519PrivateKey) or len(publics) < len(former):
            raise SetupError(f"{self._path} holds a key that is not Ed25519. {_ADVICE}")
        return private, frozenset(proof.public_hex(key) for key in (private.public_key(), *publics))

    @property
    def key(self) -> str:
        """The public key, in hexadecimal.

        Raises:
            SetupError: the file is not there, or is no key.
        """
        return proof.public_hex(self._keys[0].public_key())

    @property
    def public_pem(self) -> str:
        """The public key, as auditors get it."""
        public = self._keys[0].public_key()
        encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        return public.public_bytes(encoding, form).decode()

    def sign(self, body: Document) -> str:
        """The signature of a checkpoint's body, in hexadecimal."""
        return proof.sign(body, self._keys[0])

    def trusts(self, body: Document, signature: str) -> bool:
        """Whether a checkpoint was signed with this key, or with one that was used before."""
        return body.get("key") in self._keys[1] and proof.is_signed(body, signature, body["key"])


def signed(signer: Signer | None, body: Document) -> dict[str, str]:
    """The signature of something, and the key that it is checked with; nothing where nobody signs.

    Args:
        signer: signs it.
        body: what is signed: RFC 8785 canonical JSON of it and of the key, moments as texts.
    """
    if signer is None:
        return {}
    plain = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in body.items()}
    return {"key": signer.key, "signature": signer.sign({**plain, "key": signer.key})}


def _make(path: Path) -> None:
    """Make a new key in one step: whoever reads the file finds the whole key, and of two who make it one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    form = serialization.PrivateFormat.PKCS8
    pem = Ed25519PrivateKey.generate().private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()
