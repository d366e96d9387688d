"""The service speaks HTTPS itself, with files that are checked before it starts."""

from __future__ import annotations

import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.exchange.resolvers import certificate
from tests.running import running, twin
from twin.api.tls import Tls
from twin.app import edge_at
from twin.config import Settings
from twin.errors import SetupError

LOOPBACK = ["localhost", "127.0.0.1"]
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def written(folder: Path, name: str, key: Key, password: bytes | None = None) -> Path:
    how = NoEncryption() if password is None else BestAvailableEncryption(password)
    path = folder / name
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how))
    return path


def signed(folder: Path, name: str, key: Key, first: timedelta, last: timedelta) -> Path:
    """A certificate that holds between those moments from now."""
    who, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")]), datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now + first).not_valid_after(now + last)
    path = folder / name
    path.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    return path


def refused(cert: Path | None, key: Path | None) -> str:
    with pytest.raises(SetupError) as found:
        Tls.of(cert, key)
    return found.value.message


def test_files_that_do_not_fit_are_refused_with_the_reason(tmp_path: Path) -> None:
    day, key = timedelta(days=1), ec.generate_private_key(ec.SECP256R1())
    good, good_key = signed(tmp_path, "good.pem", key, -day, day), written(tmp_path, "good.key", key)
    assert Tls.of(None, None) is None
    assert Tls.of(good, good_key) == Tls(good, good_key)
    assert "go together" in refused(good, None)
    assert "go together" in refused(None, good_key)
    assert "cannot read" in refused(tmp_path / "no.pem", good_key)
    assert "cannot read" in refused(good, tmp_path / "no.key")
    assert "is no certificate in PEM" in refused(good_key, good_key)
    assert "without a password" in refused(good, good)
    assert "without a password" in refused(good, written(tmp_path, "locked.key", key, b"secret"))
    other = written(tmp_path, "other.key", ec.generate_private_key(ec.SECP256R1()))
    assert f"'{other}' is not the key of '{good}'" in refused(good, other)
    assert "and now is" in refused(signed(tmp_path, "old.pem", key, -2 * day, -day), good_key)
    assert "and now is" in refused(signed(tmp_path, "early.pem", key, day, 2 * day), good_key)
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505 - too short for OpenSSL's default level
    weak_cert = signed(tmp_path, "weak.pem", weak, -day, day)
    assert "cannot be used" in refused(weak_cert, written(tmp_path, "weak.key", weak))


def test_what_cannot_be_served_is_told_before_anything_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cert, _ = certificate(tmp_path)
    monkeypatch.setenv("TWIN_TLS_CERT", str(cert))
    monkeypatch.setenv("TWIN_TLS_KEY", str(tmp_path / "none.pem"))
    found = twin(tmp_path / "data", "serve", "--port", "0")
    assert found.returncode != 0
    assert "TWIN_TLS_KEY: cannot read" in found.stderr
    assert "Traceback" not in found.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.5"])  # noqa: S104 - not bound here
def test_with_a_certificate_it_may_be_reached_by_others_by_its_own_names(tmp_path: Path, host: str) -> None:
    cert, key = certificate(tmp_path)
    assert edge_at(Settings(tls_cert=cert, tls_key=key, hosts="twin.plant"), host).hosts == {"twin.plant"}


def test_it_speaks_https_alone_and_says_so(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    trust = ssl.create_default_context(cafile=cert)
    with (
        running(tmp_path, "serve", TWIN_TLS_CERT=str(cert), TWIN_TLS_KEY=str(key)) as service,
        httpx.Client(base_url=service.url, verify=trust) as client,
    ):
        assert service.url.startswith("https://127.0.0.1:")
        first = service.said.partition("shown this once: ")[2].split()[0]
        bearer = {"authorization": f"Bearer {first}"}
        answer = client.get("/healthz")
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        begun = client.post("/session", headers=bearer)
        assert begun.headers["set-cookie"].startswith("__Host-twin=")
        assert "; Secure" in begun.headers["set-cookie"]
        issued = 'mutation { registerAsset(input: {kind: "tool", name: "x"}) { asset { id } errors { message } } }'
        made = client.post("/graphql", json={"query": issued}, headers=bearer).json()
        assert made["data"]["registerAsset"]["asset"], made
        assert client.get("/healthz", headers={"host": "evil.example"}).status_code == 200  # for the platform
        assert client.get("/graphql", headers={"host": "evil.example"}).status_code == 421
        with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
            httpx.get(f"{service.url}/healthz")
        with pytest.raises(httpx.HTTPError):
            httpx.get(f"{service.url.replace('https', 'http')}/healthz")


def test_the_demo_makes_a_certificate_of_its_own_once(tmp_path: Path) -> None:
    first = Tls.self_signed(tmp_path / "tls", LOOPBACK)
    assert stat.S_IMODE(first.key.stat().st_mode) == 0o600
    assert Tls.of(first.certificate, first.key) == first
    before = first.certificate.read_bytes()
    assert Tls.self_signed(tmp_path / "tls", LOOPBACK).certificate.read_bytes() == before
    again = Tls.self_signed(tmp_path / "tls", [*LOOPBACK, "192.168.1.5"])
    assert again.certificate.read_bytes() != before
    names = x509.load_pem_x509_certificate(again.certificate.read_bytes()).extensions
    told = names.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(name.value) for name in told] == [*LOOPBACK, "192.168.1.5"]
    again.key.write_text("torn")
    mended = Tls.self_signed(tmp_path / "tls", LOOPBACK)
    assert Tls.of(mended.certificate, mended.key) == mended


def test_the_demo_speaks_https_and_says_how_to_trust_it(tmp_path: Path) -> None:
    with running(tmp_path, "demo", "--https") as service:
        cert = tmp_path / "demo-tls" / "certificate.pem"
        assert f"curl --cacert {cert}" in service.said
        link = service.said.partition("a twin page   ")[2].split()[0]
        assert link.startswith("https://127.0.0.1:")
        with httpx.Client(verify=ssl.create_default_context(cafile=cert)) as client:
            assert client.get(link).status_code == 200
            local = client.get(link.replace("127.0.0.1", "localhost"))
            assert local.status_code == 200
            assert "strict-transport-security" not in local.headers


def test_for_others_the_demo_has_a_key_that_nobody_knows(tmp_path: Path) -> None:
    with running(tmp_path, "demo", "--lan", "127.0.0.1") as service:
        key = service.said.partition("here it is: ")[2].split(".")[0]
        cert = tmp_path / "demo-tls" / "certificate.pem"
        with httpx.Client(base_url=service.url, verify=ssl.create_default_context(cafile=cert)) as client:
            ask = {"query": "{ labels { totalCount } }"}
            known = client.post("/graphql", json=ask, headers={"authorization": "Bearer demo"})
            assert known.status_code == 401
            assert client.post("/graphql", json=ask, headers={"authorization": f"Bearer {key}"}).json()["data"]
            assert key not in client.get("/graphql", headers={"accept": "text/html"}).text
