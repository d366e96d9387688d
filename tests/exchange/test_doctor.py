"""The doctor: a healthy resolver passes, and of each planted fault exactly its own statement fails."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.exchange.resolvers import KEY, LOT, PIP, VOC, Asked, Fault, Reply, certificate, resolver
from twin import cli
from twin.errors import InvalidInput, Unavailable
from twin.exchange.doctor import STATEMENTS, Client, Verdict, examine, probe
from twin.exchange.doctor import client as doctor_client

UNTESTED = {
    "handled-by",
    "no-duplicate-types",
}


@pytest.fixture(scope="session")
def signed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("tls"))


def failing(url: str, *known: str) -> dict[str, str]:
    """The statements that fail, and why."""
    with Client(url, insecure=True) as client:
        findings = examine(client, known or (LOT, KEY))
    return {found.statement.name: found.why for found in findings if found.verdict is Verdict.FAILED}


def when(condition: Callable[[Asked], bool], change: Callable[[Reply], Reply]) -> Fault:
    return lambda asked, reply: change(reply) if condition(asked) else reply


def without(*names: str) -> Callable[[Reply], Reply]:
    return lambda reply: replace(reply, headers={k: v for k, v in reply.headers.items() if k not in names})


def status(code: int) -> Callable[[Reply], Reply]:
    return lambda reply: replace(reply, status=code)


def edited(edit: Callable[[list[dict[str, Any]]], Any]) -> Fault:
    """A fault in what a link set says."""

    def fault(asked: Asked, reply: Reply) -> Reply:
        if reply.status == 200 and isinstance(reply.document, dict) and "linkset" in reply.document:
            document = json.loads(json.dumps(reply.document))
            edit(document["linkset"])
            return replace(reply, document=document)
        return reply

    return fault


def described(edit: Callable[[dict[str, Any]], Any]) -> Fault:
    """A fault in the description file."""

    def fault(asked: Asked, reply: Reply) -> Reply:
        if asked.path == ".well-known/gs1resolver":
            edit(reply.document)
        return reply

    return fault


def unknown_qualifier(asked: Asked) -> bool:
    return "404" in asked.path or "1DOC" in asked.path


def plain(asked: Asked) -> bool:
    return asked.method == "GET" and not asked.wants_linkset and not asked.is_bad and asked.link_type is None


def location(edit: Callable[[str], str]) -> Callable[[Reply], Reply]:
    return lambda reply: replace(reply, headers={**reply.headers, "Location": edit(reply.headers["Location"])})


FAULTS: dict[str, Fault] = {
    "key-qualifiers": when(lambda asked: unknown_qualifier(asked) and not asked.wants_linkset, status(400)),
    "methods": when(lambda asked: asked.method == "HEAD", status(405)),
    "cors": lambda asked, reply: without("Access-Control-Allow-Origin")(reply),
    "bad-uri-400": when(lambda asked: asked.is_bad, lambda reply: reply if reply.status == 200 else status(404)(reply)),
    "no-200-for-errors": when(lambda asked: asked.path.endswith("/foo"), status(200)),
    "linkset-by-link-type": when(
        lambda asked: asked.link_type == "linkset" and asked.headers.get("accept") == "*/*",
        lambda reply: Reply(307, {"Location": "https://brand.example/all"}),
    ),
    "linkset-by-accept": when(
        lambda asked: asked.wants_linkset and asked.link_type is None,
        lambda reply: replace(reply, headers={**reply.headers, "Content-Type": "application/json"}),
    ),
    "linkset-levels": when(
        lambda asked: unknown_qualifier(asked) and asked.wants_linkset,
        lambda reply: replace(
            reply,
            document={
                "linkset": [{"anchor": "x", "itemDescription": "x", f"{VOC}pip": [{"href": "https://x.example/"}]}]
            },
        ),
    ),
    "linkset-subject": edited(lambda levels: levels[0].update(anchor="https://id.example/AQnYUc1gmiERBhQ")),
    "linkset-schema": edited(lambda levels: levels[0][f"{VOC}pip"][0].update(titel="x")),
    "link-attributes": edited(lambda levels: levels[0][f"{VOC}pip"][0].pop("title")),
    "link-languages": edited(lambda levels: levels[-1][f"{VOC}faqs"][0].pop("hreflang")),
    "media-types": edited(lambda levels: levels[0][f"{VOC}pip"][0].update(type="html")),
    "default-is-described": edited(lambda levels: levels[0][f"{VOC}pip"][0].update(href=f"{PIP['en']}?other")),
    "one-default": edited(lambda levels: levels[0][f"{VOC}defaultLink"][0].update(type="text/html")),
    "json-ld-link": when(lambda asked: asked.wants_linkset, without("Link")),
    "decompression": when(lambda asked: asked.is_compressed, status(400)),
    "no-redirect-to-uncompressed": lambda asked, reply: (
        location(lambda _: f"/{asked.path}")(reply) if asked.is_compressed else reply
    ),
    "uncompressed-in-link-header": when(
        lambda asked: asked.is_compressed,
        lambda reply: replace(reply, headers={**reply.headers, "Link": '<https://id.example/x>; rel="linkset"'}),
    ),
    "default-redirect": when(plain, location(lambda where: where.replace("/en", "/fr"))),
    "default-walks-up": when(lambda asked: unknown_qualifier(asked) and not asked.wants_linkset, status(404)),
    "link-type-redirect": when(
        lambda asked: asked.link_type == "gs1:faqs", location(lambda where: where.replace("/faqs", "/other"))
    ),
    "unknown-link-type-404": when(lambda asked: asked.link_type == "gs1:doctorUnknown", status(400)),
    "query-is-passed-on": when(plain, location(lambda where: where.partition("?")[0])),
    "accept-language": when(
        lambda asked: asked.link_type == "gs1:pip", location(lambda where: where.replace("/de", "/en"))
    ),
    "description-file": described(lambda found: found.pop("resolverRoot")),
    "described-keys": described(lambda found: found.update(supportedPrimaryKeys=["gtin"])),
    "described-context": described(lambda found: found.pop("jsonLdContext")),
    "vocabulary": described(lambda found: found.update(supportedLinkType=[])),
    "link-header": when(lambda asked: plain(asked) and not asked.is_compressed, without("Link")),
    "trailing-slash": when(lambda asked: plain(asked) and asked.path.endswith("/"), status(400)),
}


def test_a_healthy_resolver_passes(signed: tuple[Path, Path]) -> None:
    with resolver(signed) as url, Client(url, insecure=True) as client:
        findings = examine(client, (LOT, KEY))
    assert {found.statement.name: found.why for found in findings if found.verdict is Verdict.FAILED} == {}
    assert {found.statement.name for found in findings if found.verdict is Verdict.UNTESTED} == UNTESTED
    assert all(found.why for found in findings if found.verdict is Verdict.UNTESTED)


@pytest.mark.parametrize("name", FAULTS)
def test_of_a_planted_fault_exactly_its_statement_fails(signed: tuple[Path, Path], name: str) -> None:
    with resolver(signed, FAULTS[name]) as url:
        found = failing(url)
    assert found.keys() == {name}, found


def test_a_resolver_without_tls_breaks_its_statement() -> None:
    with resolver(None) as url:
        assert failing(url).keys() == {"https"}


def test_every_statement_has_its_fault_or_its_reason() -> None:
    assert [statement.number for statement in STATEMENTS] == list(range(1, len(STATEMENTS) + 1))
    assert {statement.name for statement in STATEMENTS} == {*FAULTS, *UNTESTED, "https"}


def test_a_certificate_that_nobody_vouches_for_is_refused(signed: tuple[Path, Path]) -> None:
    with resolver(signed) as url, Client(url) as client, pytest.raises(Unavailable, match="certificate"):
        examine(client, [KEY])


def test_nobody_there_is_said() -> None:
    with resolver(None) as url:
        pass
    with Client(url) as client, pytest.raises(Unavailable):
        examine(client, [KEY])


@pytest.mark.parametrize("url", ["ftp://x", "x", "https://", "https://x:port", "https://x/?a", "https://x/#a", ""])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput):
        Client(url)


@pytest.mark.parametrize("known", [[], ["01/1"], [KEY] * 21])
def test_what_it_knows_must_be_digital_links(known: list[str]) -> None:
    with pytest.raises(InvalidInput):
        examine(Client("https://127.0.0.1:1"), known)


def test_a_resolver_that_answers_nonsense_fails_and_breaks_nothing(signed: tuple[Path, Path]) -> None:
    def nonsense(asked: Asked, reply: Reply) -> Reply:
        return Reply(
            200, {"Content-Type": "application/linkset+json"}, [1, {"linkset": [5, {"anchor": [], "x": [{}]}]}]
        )

    with resolver(signed, nonsense) as url:
        assert "no-200-for-errors" in failing(url)
    with resolver(signed, edited(lambda levels: levels.append({"x": [{"href": 5, "hreflang": 5, "type": 5}]}))) as url:
        assert {"link-attributes", "media-types", "linkset-schema"} <= failing(url).keys()


def test_the_command_reports_and_tells_by_its_exit_code(signed: tuple[Path, Path]) -> None:
    with resolver(signed) as url:
        arguments = ["doctor", url, "--known", LOT, "--insecure"]
        healthy = CliRunner().invoke(cli.main, arguments)
    with resolver(signed, FAULTS["link-header"]) as url:
        advised = CliRunner().invoke(cli.main, ["doctor", url, "-k", LOT, "--insecure"])
    with resolver(signed, FAULTS["cors"]) as url:
        broken = CliRunner().invoke(cli.main, ["doctor", url, "-k", LOT, "--insecure"])
        distrusted = CliRunner().invoke(cli.main, ["doctor", url, "-k", LOT])
    assert [run.exit_code for run in (healthy, advised, broken, distrusted)] == [0, 0, 1, 3]
    assert "0 failed" in healthy.output
    assert re.search(r"^failed +[0-9]+  SHALL  cors ", broken.output, re.MULTILINE)
    assert "Access-Control-Allow-Origin" in broken.output


def of_first_link(**more: object) -> Fault:
    return edited(lambda levels: levels[0][f"{VOC}pip"][0].update(more))


def of_type(name: str) -> Fault:
    links = [{"href": "https://brand.example/x", "title": "X", "hreflang": [tag]} for tag in ("en", "de")]
    return edited(lambda levels: levels.append({"anchor": f"https://id.example/{KEY}", name: links}))


def sent_to(location: str) -> Fault:
    return when(lambda _: True, lambda reply: replace(reply, headers={**reply.headers, "Location": location}))


@pytest.mark.parametrize(
    "fault",
    [
        *(of_first_link(href=href) for href in ("http://[x", ["a"])),
        *(of_first_link(hreflang=tags) for tags in (5, None, [{}, 3], ["a\r\nX: y"], ["\u2603"])),
        *(of_type(name) for name in ("", "http://x/a b", "http://x/\u2603", "http://x/\r\nX: y", "\ud800")),
        sent_to("http://["),
        edited(lambda levels: levels[0][f"{VOC}defaultLink"][0].update(href=["a"])),
    ],
)
def test_what_a_resolver_says_is_judged_and_never_breaks_the_doctor(signed: tuple[Path, Path], fault: Fault) -> None:
    with resolver(signed, fault) as url, Client(url, insecure=True) as client:
        assert len(examine(client, [LOT, KEY])) == len(STATEMENTS)


def test_what_a_resolver_says_is_no_command_to_a_terminal(signed: tuple[Path, Path]) -> None:
    with resolver(signed, sent_to("http://a/\x1b[2J" + "a" * 5_000)) as url:
        found = failing(url)
    assert "\\x1b[2J" in found["default-redirect"]
    assert all(why.isprintable() and len(why) < 1_100 for why in found.values())


def test_so_many_requests_are_made_and_no_more(signed: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "MOST_ASKED", 60)
    many = edited(
        lambda levels: levels[0].update({f"http://x/{n}": [{"href": "https://a.example/"}] for n in range(99)})
    )

    def listed(asked: Asked, reply: Reply) -> Reply:
        return replace(many(asked, reply), status=300) if "http://x" in (asked.link_type or "") else many(asked, reply)

    with resolver(signed, listed) as url, Client(url, insecure=True) as client:
        found = examine(client, [LOT])
    assert any(one.why == "60 requests were made already" for one in found)


@pytest.mark.parametrize("dripped", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n", b""])
def test_an_answer_that_comes_byte_by_byte_is_waited_for_no_longer(
    monkeypatch: pytest.MonkeyPatch, dripped: bytes
) -> None:
    monkeypatch.setattr(doctor_client, "LONGEST_ANSWER_S", 0.3)

    def drip(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(4_096)
            connection.sendall(dripped)
            while not ended.wait(0.02):
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" if dripped == b"" else b"x")

    def serve() -> None:
        while not ended.is_set():
            with suppress(OSError):
                threading.Thread(target=drip, args=(server.accept()[0],), daemon=True).start()

    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        began = time.monotonic()
        with pytest.raises(Unavailable), Client(f"http://127.0.0.1:{server.getsockname()[1]}") as client:
            client.ask("/")
        assert time.monotonic() - began < 5
        ended.set()
        thread.join()
