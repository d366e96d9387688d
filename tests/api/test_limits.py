"""What a server takes in of one request before anything of ours sees it."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection, HTTPException

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from twin.api import limits
from twin.api.limits import LONGEST_HEAD, BoundedHead, Limits


async def told(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"{len(request.headers.get('accept', ''))} {len(await request.body())}")


@pytest.fixture
def port() -> Iterator[int]:
    """A server on a port of its own."""
    bounds = Middleware(Limits, uploads=re.compile("/large"))
    application = Starlette(
        routes=[Route(path, told, methods=["POST"]) for path in ("/", "/large")], middleware=[bounds]
    )
    config = uvicorn.Config(application, port=0, http=BoundedHead, log_level="error", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


def test_bodies_and_heads_within_the_bound_are_taken_in_one_after_another(port: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    for size in (0, 60_000, 10, 60_000):
        connection.request("POST", "/large", body=b"b" * 10 * size, headers={"Accept": "a" * size})
        assert connection.getresponse().read() == f"{size} {10 * size}".encode()
    connection.close()


@pytest.mark.parametrize("path", ["/", "/" + "a" * 5_000_000])
def test_a_head_without_an_end_is_not_taken_in(port: int, path: str) -> None:
    headers = {f"x-{number}": "a" * LONGEST_HEAD for number in range(50)}
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("POST", path, headers=headers)
        refused = connection.getresponse().status == 400
    except (OSError, HTTPException):  # it hung up before all was sent
        refused = True
    connection.close()
    assert refused


def test_who_dribbles_a_head_or_a_body_is_cut_off(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LONGEST_HEAD_S", 0.5)
    monkeypatch.setattr(limits, "LONGEST_BODY_S", 0.5)
    begun = time.monotonic()
    for sent in (
        b"",
        b"POST / HTTP/1.1\r\nHost: a\r\nX: ",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 90\r\n\r\nslow",
    ):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as slow:
            slow.sendall(sent)
            got = b""
            while piece := slow.recv(4096):  # ends when it hangs up; else the test times out
                got += piece
        assert (b" 408 " in got and b"TOO_SLOW" in got) is (b"slow" in sent)
    assert time.monotonic() - begun < 8


@pytest.mark.parametrize(("pieces", "status"), [(1, 408), (8, 408), (0, 200)])
def test_an_upload_comes_fast_enough(port: int, monkeypatch: pytest.MonkeyPatch, pieces: int, status: int) -> None:
    monkeypatch.setattr(limits, "GRACE_S", 0.5)
    size, begun, got = 1_000_000, time.monotonic(), b""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sending:
        sending.sendall(f"POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n".encode())
        sending.settimeout(0.1)
        for _ in range(pieces):
            with suppress(TimeoutError, OSError):
                sending.sendall(b"abc")
                got += sending.recv(4096)  # waits a while, unless it was answered
        sending.settimeout(10)
        if status == 200:
            sending.sendall(b"a" * size)
        while piece := b"" if got.endswith(b"1000000") else sending.recv(4096):
            got += piece
    assert got.startswith(f"HTTP/1.1 {status} ".encode())
    assert time.monotonic() - begun < 8


def test_a_second_request_has_a_while_of_its_own(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LONGEST_HEAD_S", 0.5)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as slow:
        slow.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na")
        assert slow.recv(4096).startswith(b"HTTP/1.1 200")
        slow.sendall(b"POST / HT")
        while piece := slow.recv(4096):
            assert b"HTTP/1.1" not in piece
