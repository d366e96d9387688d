"""A replica set of three real mongods on this machine, whose members can be killed and started again."""

from __future__ import annotations

import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from twin.store.embedded import find_mongod

Found = TypeVar("Found")

NAME = "tests"
HOST = "127.0.0.1"
PORTS = range(12_000, 20_000)  # below those of outgoing connections, and below those of the embedded mongod
ELECTION_MS = 1_000
START_S = 60.0
POLL_S = 0.05
BOUNDS = "serverSelectionTimeoutMS=500&connectTimeoutMS=500&socketTimeoutMS=2000"
FLAGS = (
    *("--replSet", NAME, "--bind_ip", HOST, "--nounixsocket", "--quiet"),
    *("--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "256"),
    *("--setParameter", "diagnosticDataCollectionEnabled=false"),
    *("--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100"),
)


@dataclass
class Member:
    """One mongod: its port, its data, and its process while it runs."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it finds the others by itself."""
        data = self.folder / "data"
        data.mkdir(parents=True, exist_ok=True)
        with (self.folder / "mongod.log").open("ab") as log:
            self.process = subprocess.Popen(
                [find_mongod(), "--dbpath", data, "--port", str(self.port), *FLAGS],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def end(self, sign: signal.Signals) -> None:
        """Send the signal and wait until the process is gone."""
        if self.process is not None:
            self.process.send_signal(sign)
            self.process.wait(60)
            self.process = None

    def says(self) -> dict[str, Any] | None:
        """What it says of itself; None when it does not answer."""
        uri = f"mongodb://{HOST}:{self.port}/?directConnection=true&{BOUNDS}"
        if self.process is None:
            return None
        with suppress(PyMongoError), MongoClient[dict[str, Any]](uri) as client:
            return dict(client.admin.command("hello"))
        return None

    def serves(self) -> bool:
        """Whether it is primary or secondary."""
        answer = self.says() or {}
        return bool(answer.get("isWritablePrimary") or answer.get("secondary"))


@dataclass
class ReplicaSet:
    """The members, and the address of them all."""

    members: list[Member] = field(default_factory=list)

    @property
    def uri(self) -> str:
        """What a driver connects to."""
        hosts = ",".join(f"{HOST}:{member.port}" for member in self.members)
        return f"mongodb://{hosts}/?replicaSet={NAME}"

    def initiate(self) -> None:
        """Make one set of them."""
        members = [{"_id": number, "host": f"{HOST}:{member.port}"} for number, member in enumerate(self.members)]
        settings = {"electionTimeoutMillis": ELECTION_MS, "heartbeatIntervalMillis": 250}
        config = {"_id": NAME, "members": members, "settings": settings}
        for member in self.members:
            _until(member.says, f"the mongod of {member.folder} answers")
        uri = f"mongodb://{HOST}:{self.members[0].port}/?directConnection=true"
        with MongoClient[dict[str, Any]](uri) as client:
            client.admin.command("replSetInitiate", config)

    def primary(self) -> Member:
        """The member that takes writes, once there is one."""

        def find() -> Member | None:
            answers = [(member, member.says() or {}) for member in self.members]
            return next((member for member, answer in answers if answer.get("isWritablePrimary")), None)

        return _until(find, "one member is primary")

    def whole(self) -> None:
        """Wait until each member is primary or secondary."""
        for member in self.members:
            _until(member.serves, f"the member of {member.folder} is back")


@contextmanager
def replica_set(folder: Path, size: int = 3) -> Iterator[ReplicaSet]:
    """A replica set that is ready; its processes and its data go with the block."""
    made = ReplicaSet([Member(port, folder / f"member-{port}") for port in free_ports(size)])
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, folder, ignore_errors=True)
        for member in made.members:
            undo.callback(member.end, signal.SIGKILL)
            member.start()
        made.initiate()
        made.whole()
        made.primary()
        yield made


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on; chosen at random, so that two runs at once seldom choose the same."""
    found: list[int] = []
    for port in random.sample(PORTS, len(PORTS)):
        with suppress(OSError), socket.create_server((HOST, port)):
            found.append(port)
        if len(found) == count:
            break
    return found


def _until(look: Callable[[], Found | None], what: str) -> Found:
    deadline = time.monotonic() + START_S
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited {START_S:.0f} s in vain until {what}"
        time.sleep(POLL_S)
    return found
