"""A small resolver for the doctor to examine, over TLS, with one fault if a test plants one."""

from __future__ import annotations

import ipaddress
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from twin.identity.gs1 import decompressed

KEY = "01/09506000134352"
LOT = f"{KEY}/10/ABC"
VOC = "https://ref.gs1.org/voc/"
PIP = {"en": "https://brand.example/en", "de": "https://brand.example/de"}


def certificate(directory: Path) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = directory / "certificate.pem", directory / "key.pem"
    paths[0].write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    return paths


@dataclass
class Reply:
    """What the resolver is about to answer; a fault changes it."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    document: Any = None


@dataclass(frozen=True)
class Asked:
    """What it was asked."""

    method: str
    path: str
    query: dict[str, list[str]]
    raw_query: str
    headers: dict[str, str]
    is_compressed: bool = False

    @property
    def link_type(self) -> str | None:
        return self.query.get("linkType", [None])[0]

    @property
    def wants_linkset(self) -> bool:
        return self.link_type == "linkset" or "linkset+json" in self.headers.get("accept", "")

    @property
    def is_bad(self) -> bool:
        return self.path.endswith("/foo") or self.path.endswith("353") or not self.path.startswith(KEY)


Fault = Callable[[Asked, Reply], Reply]


def right(asked: Asked) -> Reply:
    """What a conformant resolver answers."""
    cors = {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
        "Link": '<https://id.example/01/x?linkType=linkset>; rel="linkset"',
    }
    if asked.path == ".well-known/gs1resolver":
        described = {
            "resolverRoot": "https://id.example",
            "supportedPrimaryKeys": ["01"],
            "supportedLinkType": [{"namespace": VOC, "prefix": "gs1:"}],
            "jsonLdContext": "https://id.example/context.jsonld",
        }
        return Reply(200, {"Content-Type": "application/json"}, described)
    if asked.method == "OPTIONS":
        return Reply(204, cors)
    if asked.is_bad:
        return Reply(400, cors, {"error": "bad"})
    if asked.wants_linkset:
        context = '<https://id.example/context.jsonld>; rel="http://www.w3.org/ns/json-ld#context"'
        headers = {"Content-Type": "application/linkset+json", "Link": f'{context}; type="application/ld+json"'}
        return Reply(200, {**cors, **headers}, linkset(asked.path))
    language = asked.headers.get("accept-language", "en")[:2]
    where = {None: PIP["en"], "gs1:pip": PIP.get(language, PIP["en"]), "gs1:faqs": "https://brand.example/faqs"}
    if asked.link_type not in where:
        return Reply(404, cors, {"error": "none"})
    query = f"?{asked.raw_query}" if asked.raw_query else ""
    if asked.is_compressed:
        cors["Link"] = f'<https://id.example/{asked.path}>; rel="owl:sameAs", {cors["Link"]}'
    return Reply(307, {**cors, "Location": where[asked.link_type] + query})


def linkset(path: str) -> dict[str, Any]:
    """The link set of a path: of the lot, if it is the lot's, and of the key."""

    def link(href: str, language: str) -> dict[str, Any]:
        return {"href": href, "title": f"A page, {language}", "type": "text/html", "hreflang": [language]}

    def level(path: str) -> dict[str, Any]:
        found: dict[str, Any] = {"anchor": f"https://id.example/{path}", "itemDescription": "A drill"}
        found[f"{VOC}defaultLink"] = [{"href": PIP["en"], "title": "A page"}]
        found[f"{VOC}pip"] = [link(PIP["en"], "en"), link(PIP["de"], "de")]
        return found

    wide = level(KEY) | {f"{VOC}faqs": [link("https://brand.example/faqs", "en")]}
    return {"linkset": [*([level(LOT)] if path.startswith(LOT) else []), wide]}


@contextmanager
def resolver(certificate: tuple[Path, Path] | None, fault: Fault | None = None) -> Iterator[str]:
    """A resolver that serves until it is left; its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            path = parts.path.removeprefix("/").removesuffix("/")
            is_compressed = "/" not in path
            path = decompressed(path) if is_compressed else path
            asked = Asked(self.command, path, parse_qs(parts.query), parts.query, headers, is_compressed)
            reply = right(asked)
            if fault is not None:
                given = path if is_compressed else parts.path[1:]
                reply = fault(Asked(self.command, given, asked.query, parts.query, headers, is_compressed), reply)
            body = b"" if reply.document is None else json.dumps(reply.document).encode()
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            if reply.status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = do_OPTIONS = _answer  # noqa: N815 - the server's names

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the server's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    scheme = "http"
    if certificate is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*certificate)
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"{scheme}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
