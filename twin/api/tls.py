"""The certificate and key that the service speaks HTTPS with: checked before it starts, or made for the demo."""

from __future__ import annotations

import ipaddress
import os
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from twin.errors import SetupError

VALID_FOR: Final = timedelta(days=365)  # phones take no certificate that holds for longer than 825 days
NEARLY_OVER: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Tls:
    """Two PEM files that belong together.

    Args:
        certificate: the certificate, and those that lead to one that clients trust.
        key: its private key, not encrypted.
    """

    certificate: Path
    key: Path

    @classmethod
    def of(cls, certificate: Path | None, key: Path | None) -> Tls | None:
        """Those that a deployment names; None where it names none.

        Raises:
            SetupError: one of them is missing, cannot be read or is not what it should be; they do not belong
                together; or the certificate does not hold now.
        """
        if certificate is None and key is None:
            return None
        if certificate is None or key is None:
            raise SetupError("TWIN_TLS_CERT and TWIN_TLS_KEY go together; expected both or neither.")
        found = _certificate_in(certificate)
        if _public(_private_key_in(key)) != _public(found):
            raise SetupError(f"TWIN_TLS_KEY: {str(key)!r} is not the key of {str(certificate)!r}.")
        now, first, last = datetime.now(UTC), found.not_valid_before_utc, found.not_valid_after_utc
        if not first <= now <= last:
            raise SetupError(
                f"TWIN_TLS_CERT: {str(certificate)!r} holds from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} "
                f"UTC, and now is {now:%Y-%m-%d %H:%M}."
            )
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
        except (OSError, ssl.SSLError) as error:  # a chain that is broken, or too weak for this machine
            raise SetupError(f"TWIN_TLS_CERT: {str(certificate)!r} cannot be used: {error}.") from error
        return cls(certificate, key)

    @classmethod
    def self_signed(cls, folder: Path, names: Sequence[str]) -> Tls:
        """A certificate that this machine signs itself, made when there is none for those names that holds a while.

        Args:
            folder: where both files are; the key is for its owner alone.
            names: host names and addresses.
        """
        found = cls(folder / "certificate.pem", folder / "key.pem")
        if not _is_of(found, names):
            folder.mkdir(parents=True, exist_ok=True)
            _make(found, names)
        return found


def _certificate_in(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except OSError as error:
        raise SetupError(f"TWIN_TLS_CERT: cannot read {str(path)!r}: {error.strerror}.") from error
    except ValueError as error:
        raise SetupError(f"TWIN_TLS_CERT: {str(path)!r} is no certificate in PEM.") from error


def _private_key_in(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        found = load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        raise SetupError(f"TWIN_TLS_KEY: cannot read {str(path)!r}: {error.strerror}.") from error
    except (ValueError, TypeError) as error:  # TypeError: it is encrypted
        raise SetupError(f"TWIN_TLS_KEY: {str(path)!r} is no private key in PEM without a password.") from error
    return found  # type: ignore[return-value]  # of any kind; what is asked of it, every kind has


def _public(holder: x509.Certificate | ec.EllipticCurvePrivateKey) -> bytes:
    return holder.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _is_of(tls: Tls, names: Sequence[str]) -> bool:
    try:
        found = _certificate_in(tls.certificate)
        whole = _public(_private_key_in(tls.key)) == _public(found)
        told = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (SetupError, x509.ExtensionNotFound):
        return False
    return whole and list(told) == _named(names) and found.not_valid_after_utc > datetime.now(UTC) + NEARLY_OVER


def _named(names: Sequence[str]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    for name in names:
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            found.append(x509.DNSName(name))
    return found


def _make(tls: Tls, names: Sequence[str]) -> None:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Label twin on this machine")])
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + VALID_FOR)
        .add_extension(x509.SubjectAlternativeName(_named(names)), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)  # phones trust nothing else
        .add_extension(usage, critical=False)
        .sign(key, hashes.SHA256())
    )
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    tls.key.unlink(missing_ok=True)
    with os.fdopen(os.open(tls.key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text)
    tls.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
