"""The key that signs checkpoints: a file of one's own, made once, readable by its owner alone."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa, x25519

from twin.errors import SetupError
from twin.exchange import proof
from twin.services.signing import Signer


def test_a_missing_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "checkpoint-key.pem"
    signer = Signer(path, make=True)
    assert not path.exists(), "it is made when it is first needed"
    signature = signer.sign({"a": 1})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    again = Signer(path, make=True)
    assert again.key == signer.key
    assert proof.is_signed({"a": 1}, signature, again.key)
    assert again.trusts({"key": again.key}, signer.sign({"key": again.key}))
    assert not again.trusts({"key": again.key}, signature)
    assert not again.trusts({}, signature)
    assert "PRIVATE" not in signer.public_pem


def test_of_many_who_make_it_at_once_all_get_the_same(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint-key.pem"
    begin = threading.Barrier(8)
    keys: list[str] = []

    def work() -> None:
        begin.wait()
        keys.append(Signer(path, make=True).key)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1


def test_a_named_key_is_never_made(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="TWIN_CHECKPOINT_KEY"):
        _ = Signer(tmp_path / "missing.pem", make=False).key
    assert list(tmp_path.iterdir()) == []


def _pem(key: rsa.RSAPrivateKey | x25519.X25519PrivateKey) -> str:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not a PEM file"),
        ("nonsense", "not a PEM file"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "not a PEM file"),
        (_pem(x25519.X25519PrivateKey.generate()), "not Ed25519"),
        (_pem(rsa.generate_private_key(65537, 2048)), "not Ed25519"),
    ],
    ids=["empty", "text", "cut", "x25519", "rsa"],
)
def test_what_is_no_such_key_is_refused(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "key.pem"
    path.write_text(text, encoding="ascii")
    with pytest.raises(SetupError, match=why):
        _ = Signer(path, make=True).key
    assert path.read_text(encoding="ascii") == text
