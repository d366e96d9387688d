"""Clients that write to a running service as hard as they can, and the proof that nothing of it was lost or doubled.

Each client repeats what was not answered, under the same clientMutationId, until it is. A client may see a success, the
code UNAVAILABLE and, where the service itself dies, a connection that is refused or cut; anything else fails.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from pymongo import MongoClient
from pymongo.read_concern import ReadConcern

from twin.domain.history import version_hash

TWIN = "{ id revision state payload }"
REGISTER = "mutation($input: RegisterAssetInput!) { done: registerAsset(input: $input) { asset { id revision } %s } }"
REVISE = "mutation($input: ReviseAssetInput!) { done: reviseAsset(input: $input) { asset { id revision } %s } }"
ISSUE = f"mutation($input: IssueLabelsInput!) {{ done: issueLabels(input: $input) {{ labels {TWIN} %s }} }}"
PRINT = f"mutation($input: PrintLabelInput!) {{ done: printLabel(input: $input) {{ label {TWIN} %s }} }}"
APPLY = f"mutation($input: LabelInput!) {{ done: applyLabel(input: $input) {{ label {TWIN} %s }} }}"
VERIFY = f"mutation($input: VerifyLabelInput!) {{ done: verifyLabel(input: $input) {{ label {TWIN} %s }} }}"
REPLACE = f"""mutation($input: ReplaceLabelInput!) {{
  done: replaceLabel(input: $input) {{ label {TWIN} replacement {TWIN} %s }} }}"""
ERRORS = "errors { code message }"

PATIENCE_S = 120  # an answer that comes later than this is no answer
PAUSE_S = 0.05
LONGEST_S = 45  # twice the bound of a database operation, and a start of the service


@dataclass
class Figures:
    """What the clients saw.

    Args:
        acknowledged: the revisions that each mutation wrote, by the id of the twin.
        unanswered: mutations that were sent and not answered; the service was stopped before they could be repeated.
        errors: how often each retryable error was seen.
        longest_s: the longest time that a client needed for one change, with all its repeats.
    """

    acknowledged: dict[str, dict[str, int]] = field(default_factory=dict)
    unanswered: set[str] = field(default_factory=set)
    errors: Counter[str] = field(default_factory=Counter)
    longest_s: float = 0

    def __str__(self) -> str:
        versions = sum(len(written) for written in self.acknowledged.values())
        errors = ", ".join(f"{code} {count}" for code, count in sorted(self.errors.items())) or "none"
        return f"acknowledged {versions} versions; errors seen: {errors}; longest pause {self.longest_s:.1f} s"


class Load:
    """Clients of one service, each on assets and labels of its own, and all on one label.

    Args:
        key: an API key.
        clients: how many.
        may_die: whether the service itself is killed, so that connections may be refused and cut.
    """

    def __init__(self, key: str, *, clients: int = 6, may_die: bool = False) -> None:
        self.figures = Figures()
        self.url = ""
        self._key = key
        self._clients = clients
        self._may_die = may_die
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._shared = ""
        self._futures: list[Future[None]] = []

    @contextmanager
    def on(self, url: str) -> Iterator[None]:
        """Write until the block ends; then every client finishes what it has begun.

        Args:
            url: the service's; the block may set another, where a later service listens.
        """
        self.url = url
        with ThreadPoolExecutor(self._clients) as pool, httpx.Client(timeout=PATIENCE_S) as client:
            self._shared = self._issue(client, self._register(client))["id"]
            self._futures = [pool.submit(self._work, number) for number in range(self._clients)]
            try:
                yield
            finally:
                self._stopped.set()
        self._raise_failures()

    def stop(self) -> None:
        """Let every client finish what it has begun, while the service still runs."""
        self._stopped.set()
        for future in self._futures:
            future.result()

    def count(self) -> int:
        """How many changes have been acknowledged up to now."""
        return len(self.figures.acknowledged)

    def wait_for(self, more: int) -> None:
        """Wait until that many changes more are acknowledged."""
        goal, deadline = self.count() + more, time.monotonic() + PATIENCE_S
        while self.count() < goal:
            self._raise_failures()
            assert time.monotonic() < deadline, f"nothing is written any more: {self.figures}"
            time.sleep(0.01)

    def wait_for_error(self) -> None:
        """Wait until a client sees one more error."""
        seen, deadline = self.figures.errors.total(), time.monotonic() + PATIENCE_S
        while self.figures.errors.total() == seen:
            self._raise_failures()
            assert time.monotonic() < deadline, f"no error is seen: {self.figures}"
            time.sleep(0.01)

    def _raise_failures(self) -> None:
        for future in self._futures:
            if future.done():
                future.result()

    def _work(self, number: int) -> None:
        with httpx.Client(timeout=PATIENCE_S) as client:
            asset = self._register(client)
            revision = 1
            while not self._stopped.is_set():
                label = self._issue(client, asset)
                label = self._move(client, PRINT, label)
                label = self._move(client, APPLY, label)
                self._move(client, VERIFY, label, read=label["payload"])
                self._move(client, VERIFY, {"id": self._shared}, read=f"client {number}")
                fields = [{"name": "value", "value": f"{number}-{revision}"}]
                sent = {"asset": asset, "expectedRevision": revision, "attributes": fields}
                revision = self.change(client, REVISE, **sent)["asset"]["revision"]
                self.change(client, REPLACE, label=label["id"], reason="worn")

    def _register(self, client: httpx.Client) -> str:
        return str(self.change(client, REGISTER, kind="tool", name="A drill")["asset"]["id"])

    def _issue(self, client: httpx.Client, asset: str) -> dict[str, Any]:
        order = {"asset": asset, "profile": "ASSET_TAG", "face": [{"name": "tag", "value": "7"}]}
        [label] = self.change(client, ISSUE, labels=[order])["labels"]
        return dict(label)

    def _move(self, client: httpx.Client, document: str, label: dict[str, Any], **more: Any) -> dict[str, Any]:
        return dict(self.change(client, document, label=label["id"], **more)["label"])

    def change(self, client: httpx.Client, document: str, **given: Any) -> dict[str, Any]:
        """Send a change until it is answered, and note what it wrote."""
        mutation = f"change-{next(self._numbers)}"
        variables = {"input": {**given, "clientMutationId": mutation}}
        with self._lock:
            self.figures.unanswered.add(mutation)
        began = time.monotonic()
        while (done := self._answer(client, document % ERRORS, variables)) is None:
            assert time.monotonic() < began + PATIENCE_S, f"no answer within {PATIENCE_S} s; {self.figures}"
            time.sleep(PAUSE_S)
        twins = [twin for name in ("asset", "label", "replacement") if (twin := done.get(name))]
        with self._lock:
            figures = self.figures
            figures.longest_s = max(figures.longest_s, time.monotonic() - began)
            figures.unanswered.discard(mutation)
            figures.acknowledged[mutation] = {
                twin["id"]: twin["revision"] for twin in (*twins, *done.get("labels", ()))
            }
        return done

    def _answer(self, client: httpx.Client, document: str, variables: dict[str, Any]) -> dict[str, Any] | None:
        """What the service answered; None when it is worth a retry."""
        headers = {"authorization": f"Bearer {self._key}"}
        try:
            answer = client.post(
                f"{self.url}/graphql", headers=headers, json={"query": document, "variables": variables}
            )
        except httpx.TransportError as error:
            if not self._may_die:
                raise
            self._seen(type(error).__name__)
            return None
        found = answer.json()
        if codes := [error["extensions"]["code"] for error in found.get("errors", ())]:
            assert codes == ["UNAVAILABLE"], answer.text
            self._seen(*codes)
            return None
        done = dict(found["data"]["done"])
        assert done["errors"] == [], (done["errors"], variables)
        return done

    def _seen(self, error: str) -> None:
        with self._lock:
            self.figures.errors[error] += 1


def check(uri: str, figures: Figures, database: str = "twin", *, longest_s: float = LONGEST_S) -> str:
    """Compare what the clients were told with what is stored: nothing lost, nothing twice, every chain whole.

    Args:
        uri: the database's address.
        figures: what the clients were told.
        database: its name.
        longest_s: what no client may have waited for one change.

    Returns:
        The figures in a line.
    """
    places: dict[str, list[tuple[str, int]]] = {}
    chains = 0
    for twin, stored, versions in _stored(uri, database):
        chains += 1
        assert [version["revision"] for version in versions] == list(range(1, stored["revision"] + 1)), twin
        previous = ""
        for version in versions:
            assert version.get("previous_hash", "") == previous, (
                f"{twin}: the chain breaks before {version['revision']}"
            )
            previous = version["hash"]
            assert version_hash(version) == previous, f"{twin}: version {version['revision']} is not what was hashed"
            mutation = version["mutation"].split(" ")[1]
            places.setdefault(mutation, []).append((twin, version["revision"]))
        assert (stored["hash"], stored["head"]) == (previous, versions[-1]["snapshot"]), twin
    told = {mutation: set(written.items()) for mutation, written in figures.acknowledged.items()}
    lost = {mutation for mutation, written in told.items() if not written <= set(places.get(mutation, ()))}
    twice = {mutation for mutation, found in places.items() if mutation in told and len(found) > len(told[mutation])}
    assert not lost, f"acknowledged but not there: {lost}"
    assert not twice, f"written more often than acknowledged: {twice}"
    assert set(places) <= set(told) | figures.unanswered
    assert figures.longest_s < longest_s, str(figures)
    return f"{figures}; lost 0; twice 0; {chains} chains whole"


def _stored(uri: str, database: str) -> Iterator[tuple[str, dict[str, Any], list[dict[str, Any]]]]:
    """Every twin with all its versions: those in its document and those in its buckets, by revision."""
    with MongoClient[dict[str, Any]](uri, tz_aware=True) as client:
        found = client.get_database(database, read_concern=ReadConcern("majority"))
        for name in ("labels", "assets"):
            for twin in found[name].find():
                versions = {version["revision"]: version for version in twin["versions"]}
                for bucket in found["history"].find({"twin": twin["_id"]}):
                    for version in bucket["versions"]:
                        assert versions.setdefault(version["revision"], version) == version
                yield twin["_id"], twin, [versions[revision] for revision in sorted(versions)]
