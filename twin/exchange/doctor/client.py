"""A client that asks one server and nobody else, follows nothing, and waits for no one for long."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import urlsplit

from twin.errors import InvalidInput, Unavailable, shown

TIMEOUT_S = 10
LONGEST_ANSWER_S = 20
LARGEST_BODY = 1024 * 1024
LONGEST_SHOWN = 500
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
            raise Unavailable(f"{method} {self.root}{path}: no answer ({printable(str(error))}).") from error

    def _once(self, method: str, path: str, headers: Mapping[str, str]) -> Answer:
        if self._connection is None:
            self._connection = self._connected()
        if self._connection.sock is None:
            self._connection.connect()
        with _cut_off_in_time(self._connection.sock):
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


@contextmanager
def _cut_off_in_time(connection: socket.socket) -> Iterator[None]:
    """Shut a connection on which an answer comes byte by byte: a time-out alone begins anew with each byte.

    Raises:
        TimeoutError: it took too long.
    """
    began = time.monotonic()
    end = threading.Timer(LONGEST_ANSWER_S, _shut, (connection,))
    end.daemon = True
    end.start()
    try:
        yield
    finally:
        end.cancel()
    if time.monotonic() - began >= LONGEST_ANSWER_S:
        raise TimeoutError(f"not at its end after {LONGEST_ANSWER_S} seconds")


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):  # not by TLS's own way, which is not for another thread than the one that reads
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


def printable(text: str) -> str:
    r"""The text as a terminal may show it: what a server says must be no command to it. 500 characters at most.

    Examples:
        >>> printable("a\x1b[2Jb")
        'a\\x1b[2Jb'
    """
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text[:LONGEST_SHOWN])
