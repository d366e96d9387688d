"""A client that asks one server and nobody else, follows nothing, and waits for no one for long."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import urlsplit

from twin.errors import InvalidInput, Unavailable, shown

TIMEOUT_S = 10
LARGEST_BODY = 1024 * 1024
_BROKEN = (OSError, http.client.HTTPException)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, as it came.

    Args:
        url: what was asked.
        status: the HTTP status.
        headers: by name in lower case; several of one name with commas between them.
        body: its first 1 MiB.
        version: 11 for HTTP/1.1.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    version: int

    @property
    def media_type(self) -> str:
        """The media type, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def redirects(self) -> bool:
        """Whether it sends elsewhere."""
        return self.status in {301, 302, 303, 307, 308} and "location" in self.headers


class Client:
    """Asks one server.

    Args:
        root: what stands before the paths: http or https, a host, perhaps a port and a path.
        insecure: whether a certificate that nobody vouches for will do, as a self-signed one.

    Raises:
        InvalidInput: not such a root.
    """

    def __init__(self, root: str, *, insecure: bool = False) -> None:
        self.root = root.rstrip("/")
        try:
            parts = urlsplit(self.root)
            self._host, self._port = parts.hostname or "", parts.port
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise InvalidInput(f"{shown(root)}: expected http:// or https://, a host, perhaps a port and a path.")
        self.is_secure = parts.scheme == "https"
        self._before = parts.path
        self._tls = ssl.create_default_context()
        if insecure:
            self._tls.check_hostname = False
            self._tls.verify_mode = ssl.CERT_NONE
        self._connection: http.client.HTTPConnection | None = None

    def __enter__(self) -> Client:
        """The client itself."""
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Hang up."""
        self._hang_up()

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """One request.

        Args:
            path: with its slash in front, and perhaps a query.
            method: of HTTP.
            headers: with `_` for `-` in their names.

        Raises:
            Unavailable: there is no answer.
        """
        sent = {"User-Agent": "twin-doctor", "Accept": "*/*"} | {
            name.replace("_", "-").title(): value for name, value in headers.items()
        }
        try:
            return self._once(method, path, sent)
        except _BROKEN:  # the server may have hung up after the last answer
            self._hang_up()
        try:
            return self._once(method, path, sent)
        except _BROKEN as error:
            self._hang_up()
            raise Unavailable(f"{method} {self.root}{path}: no answer ({error}).") from error

    def _once(self, method: str, path: str, headers: Mapping[str, str]) -> Answer:
        if self._connection is None:
            self._connection = self._connected()
        self._connection.request(method, f"{self._before}{path}", headers=dict(headers))
        answer = self._connection.getresponse()
        body = answer.read(LARGEST_BODY)
        if not answer.isclosed():
            self._hang_up()
        every: dict[str, str] = {}
        for name, value in answer.getheaders():
            name = name.lower()
            every[name] = f"{every[name]}, {value}" if name in every else value
        return Answer(f"{self.root}{path}", answer.status, every, body, answer.version)

    def _connected(self) -> http.client.HTTPConnection:
        if self.is_secure:
            return http.client.HTTPSConnection(self._host, self._port, timeout=TIMEOUT_S, context=self._tls)
        return http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_S)

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
