"""What a resolver has to do with requests: what it serves, what it refuses, and where it sends people.

Two statements about one answer are told apart, so that one fault breaks one statement: that an error is no 200, and
that it has the right status, are two.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import Any, Final
from urllib.parse import quote, urljoin

from twin.exchange.doctor.client import Answer
from twin.exchange.doctor.probe import (
    Link,
    Probe,
    Untested,
    fail,
    is_default,
    leads_to,
    parsed,
    term,
    told,
    typed,
    with_unknown_qualifiers,
)
from twin.exchange.doctor.statement import statement, untestable
from twin.identity.gs1 import PRIMARY_KEYS, compressed

_LANGUAGE: Final = re.compile("[A-Za-z0-9-]{1,64}")
_KEYS: Final = {*PRIMARY_KEYS, "all", "410", "411", "412", "413"}


@statement("key-qualifiers", "All qualifiers of a supported primary key are supported.")
def _key_qualifiers(probe: Probe) -> None:
    for path in with_unknown_qualifiers(probe):
        answer = probe.ask(path)
        if answer.status == 400:
            fail("an answer other than 400 to a qualifier of the key", told(answer))


@statement("methods", "GET, HEAD and OPTIONS of HTTP/1.1 or later are served.")
def _methods(probe: Probe) -> None:
    path = probe.paths[0]
    got, headed, options = (probe.ask(path, method) for method in ("GET", "HEAD", "OPTIONS"))
    if got.version < 11:
        fail("HTTP/1.1 or later", f"HTTP/{got.version / 10}")
    if headed.status != got.status or headed.body:
        fail(f"{got.status} without a body for HEAD, as for GET", f"{told(headed)}, {len(headed.body)} bytes")
    if not 200 <= options.status < 300:
        fail("a success for OPTIONS", told(options))


@statement("https", "HTTP is served over TLS.")
def _https(probe: Probe) -> None:
    if not probe.client.is_secure:
        fail("an address that begins with https://", probe.client.root)


@statement("cors", "Scripts of other origins may ask: CORS.")
def _cors(probe: Probe) -> None:
    origin = "https://doctor.example"
    got = probe.ask(probe.paths[0], origin=origin)
    asked = probe.ask(probe.paths[0], "OPTIONS", origin=origin, access_control_request_method="GET")
    for answer in (got, asked):
        if answer.headers.get("access-control-allow-origin") not in {"*", origin}:
            fail("Access-Control-Allow-Origin: *", f"{told(answer)} without it")
    allowed = {one.strip() for one in asked.headers.get("access-control-allow-methods", "").upper().split(",")}
    if not allowed >= {"GET", "HEAD", "OPTIONS"} and "*" not in allowed:
        fail("Access-Control-Allow-Methods with GET, HEAD, OPTIONS", ", ".join(sorted(allowed)) or "none")


@statement("bad-uri-400", "A URI that is no GS1 Digital Link is answered with 400.")
def _bad_uri(probe: Probe) -> None:
    for path in _bad_paths(probe):
        answer = probe.ask(path)
        if answer.status not in {400, 200}:  # 200 breaks the next statement
            fail("400", told(answer))


@statement("no-200-for-errors", "What says that something is wrong is never answered with 200.")
def _no_200(probe: Probe) -> None:
    for path in (*_bad_paths(probe), f"{probe.paths[0]}?linkType=gs1:doctorUnknown"):
        answer = probe.ask(path)
        if answer.status == 200:
            fail("no 200", told(answer))


@statement("decompression", "Compressed URIs are decompressed.")
def _decompression(probe: Probe) -> None:
    for path in probe.paths:
        plain, answer = probe.ask(path), probe.ask(compressed(path))
        if _goes_to_itself(answer, path):  # breaks the next statement
            continue
        if answer.status != plain.status or (plain.redirects and not leads_to(answer, _target(plain))):
            fail(f"the answer of /{path}, {told(plain)}", told(answer))


@statement(
    "no-redirect-to-uncompressed", "There is no redirect to the uncompressed URI on the same resolver.", binding=False
)
def _no_redirect_to_uncompressed(probe: Probe) -> None:
    for path in probe.paths:
        answer = probe.ask(compressed(path))
        if _goes_to_itself(answer, path):
            fail(f"a redirect to what /{path} leads to", told(answer))


@statement("uncompressed-in-link-header", "The uncompressed URI stands in the Link header, as owl:sameAs.")
def _uncompressed_in_link_header(probe: Probe) -> None:
    for path in probe.paths:
        link = probe.ask(compressed(path)).headers.get("link", "")
        same = re.findall(r"""<([^>]*)>[^,<]*;\s*rel="?owl:sameAs\b""", link)
        if not any(one.endswith(f"/{path}") for one in same):
            fail(f'</{path}>; rel="owl:sameAs" in Link', link or "no Link")


@statement("default-redirect", "A request for nothing in particular is redirected to the default link.")
def _default_redirect(probe: Probe) -> None:
    if not probe.linksets:
        raise Untested("no link set could be had of what it is known to know")
    for path in probe.linksets:
        default, answer = probe.default_of(path), probe.ask(path)
        if default is not None and not (answer.redirects and leads_to(answer, str(default.get("href")))):
            fail(f"a redirect to {default.get('href')}", told(answer))


@statement("default-walks-up", "However narrow a request is, there is a default, on its level or above.")
def _default_walks_up(probe: Probe) -> None:
    for path in with_unknown_qualifiers(probe):
        answer = probe.ask(path)
        if not answer.redirects and answer.status not in {200, 300, 400}:  # 400 breaks key-qualifiers
            fail("a redirect, as above", told(answer))


@statement("link-type-redirect", "A request for a type that there is is redirected to a link of that type.")
def _link_type_redirect(probe: Probe) -> None:
    for path, levels in probe.linksets.items():
        for name in {name for level in levels for name, links in typed(level) if links and not is_default(name)}:
            answer = probe.ask(f"{path}?linkType={_curie(name)}")
            hrefs = [
                str(link.get("href"))
                for one in levels
                for type_, links in typed(one)
                for link in links
                if type_ == name
            ]
            if answer.status != 300 and not (answer.redirects and any(leads_to(answer, href) for href in hrefs)):
                fail(f"a redirect to {' or '.join(hrefs[:3])}", told(answer))
    if not probe.linksets:
        raise Untested("no link set could be had of what it is known to know")


@statement("unknown-link-type-404", "A request for a type that there is not is answered with 404.")
def _unknown_link_type(probe: Probe) -> None:
    answer = probe.ask(f"{probe.paths[0]}?linkType=gs1:doctorUnknown")
    if answer.status not in {404, 200}:  # 200 breaks no-200-for-errors
        fail("404", told(answer))


@statement("query-is-passed-on", "The query of a request is passed on to where it is redirected.")
def _query(probe: Probe) -> None:
    answer = probe.ask(f"{probe.paths[0]}?doctor=asks&again=1")
    if not answer.redirects:
        raise Untested(f"there is no redirect: {told(answer)}")
    default = probe.default_of(probe.paths[0]) or {}
    described = [link for _, _, link in probe.links() if link.get("href") == default.get("href")]
    if any(link.get("fwqs") is False for link in described):
        raise Untested("the default link says that it wants no query")
    query = answer.headers["location"].partition("?")[2]
    if not {"doctor=asks", "again=1"} <= set(query.partition("#")[0].split("&")):
        fail("doctor=asks and again=1 in the query", told(answer))


@statement("accept-language", "Accept-Language chooses between links of one type.", binding=False)
def _accept_language(probe: Probe) -> None:
    asked = False
    for path, levels in probe.linksets.items():
        for name, links in ((name, links) for level in levels[:1] for name, links in typed(level)):
            by_tag = {
                tag: [one for one in links if tag in _tags(one)] for tag in {*chain.from_iterable(map(_tags, links))}
            }
            alone = {tag: found[0] for tag, found in by_tag.items() if len(found) == 1 and len(by_tag) > 1}
            for tag, link in alone.items():
                answer, asked = probe.ask(f"{path}?linkType={_curie(name)}", accept_language=tag), True
                if not leads_to(answer, str(link.get("href"))):
                    fail(f"a redirect to {link.get('href')} for {tag}", told(answer))
    if not asked:
        raise Untested("no known path has links of one type in several languages")


@statement("description-file", "A description of the resolver stands at /.well-known/gs1resolver.")
def _description_file(probe: Probe) -> None:
    answer, found = _description(probe)
    if answer.status != 200 or not isinstance(found, dict):
        fail("200 and a JSON object", f"{told(answer)}, {answer.media_type}")
    elif not isinstance(found.get("resolverRoot"), str):
        fail("a text as resolverRoot", repr(found.get("resolverRoot")))


@statement("described-keys", "The description lists the primary keys that are supported.")
def _described_keys(probe: Probe) -> None:
    keys = (_description(probe)[1] or {}).get("supportedPrimaryKeys")
    if not isinstance(keys, list) or not keys or not set(map(str, keys)) <= _KEYS:
        fail(f"supportedPrimaryKeys with some of {', '.join(sorted(_KEYS))}", repr(keys))


@statement("described-context", "The description names a JSON-LD context of its link sets.", binding=False)
def _described_context(probe: Probe) -> None:
    found = _description(probe)[1] or {}
    named = [value for name, value in found.items() if "context" in name.lower() and isinstance(value, str)]
    if not any(value.startswith("http") for value in named):
        fail("an address under a name with `context` in it (which name is unverified)", ", ".join(found))


@statement("vocabulary", "The GS1 Web Vocabulary is among the supported link types.")
def _vocabulary(probe: Probe) -> None:
    types = (_description(probe)[1] or {}).get("supportedLinkType")
    namespaces = [str(one.get("namespace")) for one in types or () if isinstance(one, dict)]
    if not any(re.match(r"https?://(www\.|ref\.)?gs1\.org/voc", one) for one in namespaces):
        fail("the namespace https://ref.gs1.org/voc/ under supportedLinkType", repr(namespaces))


@statement("link-header", "The link set is linked in a Link header, on redirects too.", binding=False)
def _link_header(probe: Probe) -> None:
    answer = probe.ask(probe.paths[0])
    if 'rel="linkset"' not in answer.headers.get("link", ""):
        fail('rel="linkset" in Link', answer.headers.get("link", "no Link"))


@statement("trailing-slash", "A slash at the end is tolerated.", binding=False)
def _trailing_slash(probe: Probe) -> None:
    plain, slashed = probe.ask(probe.paths[0]), probe.ask(f"{probe.paths[0]}/")
    if slashed.status >= 400:
        fail(f"{plain.status}, as without it", told(slashed))


untestable(
    "handled-by",
    "A redirect by company prefix alone is annotated with gs1:handledBy.",
    "from outside nobody sees whether the resolver redirects by prefix alone",
)
untestable(
    "no-duplicate-types",
    "Link types of other vocabularies do not say what one of GS1's says.",
    "whether two types say the same is for people to judge",
)


def _target(answer: Answer) -> str:
    """Where a redirect leads, as a whole address if it is one."""
    try:
        return urljoin(answer.url, answer.headers["location"])
    except ValueError:
        return answer.headers["location"]


def _goes_to_itself(answer: Answer, path: str) -> bool:
    return answer.redirects and leads_to(answer, urljoin(answer.url, f"/{path}"))


def _description(probe: Probe) -> tuple[Answer, dict[str, Any] | None]:
    answer = probe.ask(".well-known/gs1resolver")
    found = parsed(answer)
    return answer, found if isinstance(found, dict) else None


def _bad_paths(probe: Probe) -> list[str]:
    key, value = probe.key.elements[0]
    wrong_check = f"{key}/{value[:-1]}{(int(value[-1]) + 1) % 10}" if key == "01" else f"{key}/%00"
    return [f"{probe.paths[0]}/foo", wrong_check]


def _curie(name: str) -> str:
    return quote(f"gs1:{term(name)}" if "gs1.org/voc" in name else name, ":/", errors="replace")


def _tags(link: Link) -> set[str]:
    """The languages of a link, but for what can be none."""
    tags = link.get("hreflang")
    return set(filter(_LANGUAGE.fullmatch, map(str, tags))) if isinstance(tags, list) else set()
