"""An issuer of tokens for tests: real keys, and a real server on loopback that gives out the public ones."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

AUDIENCE = "label-twin"
KINDS: dict[str, Any] = {
    "rs": jwt.algorithms.RSAAlgorithm,
    "ec": jwt.algorithms.ECAlgorithm,
    "ed": jwt.algorithms.OKPAlgorithm,
}
OF = {"RS256": "rsa", "ES256": "ec", "EdDSA": "ed"}


@cache
def private(name: str) -> Any:
    """A private key of this name, whose beginning says its type; the same for the whole run."""
    if name.startswith("rsa"):
        return rsa.generate_private_key(public_exponent=65_537, key_size=1_024 if name == "rsa-small" else 2_048)
    return ec.generate_private_key(ec.SECP256R1()) if name.startswith("ec") else ed25519.Ed25519PrivateKey.generate()


def public(name: str) -> dict[str, Any]:
    """The public key of this name, as issuers give it out."""
    kind: dict[str, Any] = {
        "rs": jwt.algorithms.RSAAlgorithm,
        "ec": jwt.algorithms.ECAlgorithm,
        "ed": jwt.algorithms.OKPAlgorithm,
    }
    return {**kind[name[:2]].to_jwk(private(name).public_key(), as_dict=True), "kid": name, "use": "sig"}


@dataclass
class IssuerServer:
    """What the issuer answers, and how often it was asked for its keys."""

    url: str = ""
    names: tuple[str, ...] = ("rsa", "ec", "ed")
    status: int = 200
    padding: int = 0
    named: str | None = None
    asked: int = 0
    release: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.release.set()

    def body(self, path: str) -> dict[str, Any]:
        """What it answers."""
        if path.endswith("/openid-configuration"):
            return {"issuer": self.named or self.url, "jwks_uri": f"{self.url}/keys"}
        self.asked += 1
        return {"keys": [public(name) for name in self.names], "padding": "x" * self.padding}

    def claims(self, now: datetime, **more: Any) -> dict[str, Any]:
        """Those of a good token, with others in their place; None leaves one out."""
        whole = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "anna.schmidt@example.com",
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(minutes=5)).timestamp()),
            "roles": ["operator"],
            **more,
        }
        return {name: value for name, value in whole.items() if value is not None}

    def token(self, now: datetime, key: str = "rsa", algorithm: str = "RS256", **more: Any) -> str:
        """A token, good unless claims say otherwise."""
        return jwt.encode(self.claims(now, **more), private(key), algorithm, headers={"kid": key})


@contextmanager
def issuing() -> Iterator[IssuerServer]:
    """A running issuer."""
    issuer = IssuerServer()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(issuer.body(self.path)).encode()
            issuer.release.wait(20)
            self.send_response(issuer.status)
            self.send_header("Location", f"{issuer.url}/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    issuer.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield issuer
    finally:
        issuer.release.set()
        server.shutdown()
        thread.join()
        server.server_close()
