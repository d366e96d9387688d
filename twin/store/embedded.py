"""A real mongod as a child process: the database of a laptop, the demo and the tests.

    data/                the data directory, mode 0700
    ├── mongod/          mongod's own files
    ├── mongod.log       what it said since its last start; mongod.log.1 is the run before
    ├── mongod.json      the record: pid, port, and when that process began
    ├── start.lock       held alone by whoever starts or stops mongod
    └── users.lock       shared by all who use it; nobody there: the last to leave stops mongod

The kernel drops the locks of a killed process but leaves its mongod running. So the next to come finds that one by the
record, and adopts it if it answers. mongod listens on loopback without a password: whoever may log in on this machine
may read it. Production names its own replica set instead.
"""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import zlib
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Self

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from twin.errors import SetupError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["EmbeddedMongod", "acquire", "find_mongod", "lacks_avx", "why"]

HOST: Final = "127.0.0.1"
REPLICA_SET: Final = "twin"
OLDEST_MAJOR: Final = 5  # the first whose transactions, change streams and majority writes are as we use them
PORT_TAKEN: Final = 48  # mongod's exit code
FLAGS: Final = (
    *("--replSet", REPLICA_SET, "--nounixsocket", "--quiet"),
    *("--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "256"),
    *("--setParameter", "diagnosticDataCollectionEnabled=false"),
    *("--setParameter", "transactionLifetimeLimitSeconds=10"),  # what a killed service left open blocks nobody for long
    *("--setParameter", "shutdownTimeoutMillisForSignaledShutdown=1000"),  # there is no other member to wait for
)
CPUINFO = Path("/proc/cpuinfo")

# Seconds. A start may meet a long recovery, or 30 s in which mongod asks its old port, which another program took and
# never answers on, whether that is itself. Who waits for the start lock waits for a whole stop and start of another.
START_SECONDS = 60.0
ADOPT_SECONDS = 5.0
STOP_SECONDS = 30.0
KILL_SECONDS = 10.0
LOCK_SECONDS = 120.0
POLL_SECONDS = 0.02
BOUNDS: Final = "serverSelectionTimeoutMS=500&connectTimeoutMS=2000&socketTimeoutMS=2000"

OTHERWISE: Final = "Or set TWIN_MONGO_URI to a MongoDB replica set of yours."


@dataclass(frozen=True, slots=True)
class EmbeddedMongod:
    """One use of the mongod of a data directory; a context manager that releases it.

    Args:
        uri: what a driver connects to. It names the replica set, so that a driver waits for the primary.
        pid: the process that answered when it was acquired.
    """

    uri: str
    pid: int
    _data: Path = field(repr=False)
    _users: IO[bytes] = field(repr=False)

    def release(self) -> None:
        """Ends this use, and mongod too if nobody else uses it. A second call does nothing.

        Raises:
            SetupError: mongod did not end, or the data directory is gone.
        """
        with _explained(self._data):
            if self._users.closed:
                return
            with _start_lock(self._data), self._users:
                try:
                    fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return
                if server := _running(self._data):
                    _end(server)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def acquire(data_dir: Path) -> EmbeddedMongod:
    """Joins the mongod of a data directory, or starts one; returns when it is the writable primary.

    Args:
        data_dir: made when it is not there. Any number of processes may use it at once.

    Raises:
        SetupError: no mongod, or not on this machine or directory; the text tells why, in mongod's own words.
    """
    if fcntl is None:
        raise SetupError(f"The embedded MongoDB needs Linux or macOS, found {platform.system()}. {OTHERWISE}")
    data = data_dir.expanduser().resolve()
    with _explained(data), ExitStack() as undo:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        (data / "mongod").mkdir(mode=0o700, exist_ok=True)
        with _start_lock(data):
            users = undo.enter_context((data / "users.lock").open("ab"))
            fcntl.flock(users, fcntl.LOCK_SH | fcntl.LOCK_NB)  # whoever wants it alone holds the start lock, as we do
            server = _adopt(data) or _start(data)
        undo.pop_all()
    return EmbeddedMongod(f"mongodb://{HOST}:{server.port}/?replicaSet={REPLICA_SET}", server.pid, data, users)


def find_mongod() -> Path:
    """The first mongod that runs and is new enough: on the PATH, else in the wheel of the `embedded` extra.

    Raises:
        SetupError: there is none; the text names what to install, and what is wrong with those that were found.
    """
    found = []
    for binary in _binaries():
        if not (problem := _unfit(binary)):
            return binary
        found.append(f"Found {binary}, but {problem}. ")
    raise SetupError(
        f"There is no mongod to start. {''.join(found)}Install the `embedded` extra, `label-twin[embedded]`: "
        "it brings one for Linux x86-64 with OpenSSL 3 and, by another wheel, not tried, for macOS arm64 and "
        f"Windows amd64. Or install MongoDB {OLDEST_MAJOR}.0 or newer, so that mongod is on the PATH. {OTHERWISE}"
    )


def lacks_avx(cpuinfo: str) -> bool:
    """Whether an x86-64 processor is without AVX, which MongoDB 5.0 and newer needs.

    Args:
        cpuinfo: the text of /proc/cpuinfo.

    Examples:
        >>> lacks_avx("flags : fpu sse4_2 avx2"), lacks_avx("flags : fpu avx avx2"), lacks_avx("nothing told")
        (True, False, False)
    """
    flags = re.search(r"^flags\s*:(.*)$", cpuinfo, re.MULTILINE)
    return flags is not None and "avx" not in flags[1].split()


def why(log: str) -> str:
    r"""What a mongod complained of: the first two errors, which name the cause, and the last.

    Args:
        log: lines of JSON from mongod, plain lines from the loader or a shell before it.

    Examples:
        >>> why('{"s": "I", "msg": "hello"}\n{"s": "E", "msg": "Terminating", "attr": {"error": "disk full"}}')
        'Terminating: disk full'
    """
    complaints: dict[str, None] = {}
    for line in filter(None, map(str.strip, log.splitlines())):
        try:
            entry = json.loads(line)
        except ValueError:
            complaints[line] = None
            continue
        if isinstance(entry, dict) and entry.get("s") in {"E", "F"}:
            complaints[": ".join(_words(entry))] = None
    first, last = list(complaints)[:2], list(complaints)[2:][-1:]
    return "; ".join(first + last) or "nothing"


def _words(entry: object) -> Iterator[str]:
    if isinstance(entry, str):
        yield entry.strip()
    elif isinstance(entry, dict):
        for key in ("msg", "attr", "error", "errmsg", "reason", "message", "error_str"):
            yield from _words(entry.get(key))


@dataclass(frozen=True, slots=True)
class _Mongod:
    """A process of ours, told from a later one of the same pid by when it began."""

    pid: int
    port: int
    began: str

    def lives(self) -> bool:
        return (found := _inspect(self.pid)) is not None and found[0] == self.began


def _place(data: Path) -> list[str]:
    """How the command line of each mongod of ours goes on after the binary; then comes the port."""
    return ["--dbpath", str(data / "mongod"), "--bind_ip", HOST, "--port"]


def _recorded(data: Path) -> _Mongod | None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        record = json.loads((data / "mongod.json").read_text())
        return _Mongod(int(record["pid"]), int(record["port"]), str(record["began"]))
    return None


def _record(data: Path, server: _Mongod) -> None:
    (data / "mongod.json").write_text(json.dumps(asdict(server)))


def _running(data: Path) -> _Mongod | None:
    """The live mongod here: by our record or, if its starter was killed before writing it, by mongod's own lock."""
    place = " ".join(_place(data)) + " "
    if (last := _recorded(data)) and last.lives():
        _, command = _inspect(last.pid) or ("", "")
        if place in command or not command:  # a process shows no command line while it dies
            return last
    with suppress(OSError, ValueError):
        pid = int((data / "mongod" / "mongod.lock").read_text())
        began, command = _inspect(pid) or ("", "")
        if place in command:
            return _Mongod(pid, int(command.partition(place)[2].split()[0]), began)
    return None


def _inspect(pid: int) -> tuple[str, str] | None:
    """When a live process began, and its command line; None when there is none, or but its zombie."""
    if not Path("/proc/self/stat").exists():
        return _inspect_by_ps(pid)
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return None
    # A process whose first thread has ended is shown as a zombie while its others still hold the port and the files.
    gone = state == "X" or (state == "Z" and int(fields[16]) <= 1)
    return None if gone else (fields[18], os.fsdecode(command).replace("\0", " "))


def _inspect_by_ps(pid: int) -> tuple[str, str] | None:
    ps = ["ps", "-ww", "-o", "stat=,lstart=,command=", "-p", str(pid)]
    listing = subprocess.run(ps, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}, check=False)  # noqa: S603
    state, *began, command = listing.stdout.strip().split(None, 6) or ("Z", "")
    return None if state[0] in "ZX" else (" ".join(began), command)


# Start, adopt, end: only under the start lock.


@contextmanager
def _start_lock(data: Path) -> Iterator[None]:
    deadline = time.monotonic() + LOCK_SECONDS
    with (data / "start.lock").open("ab") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise SetupError(f"Another process holds {lock.name} for {LOCK_SECONDS:.0f} s now.") from None
            time.sleep(POLL_SECONDS)
        yield


@contextmanager
def _explained(data: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        need = "It must be writable, on a local disk with free space."
        raise SetupError(f"The embedded MongoDB cannot use {data}: {error}. {need} {OTHERWISE}") from error


def _adopt(data: Path) -> _Mongod | None:
    """The mongod that is there, if it answers; one that does not is ended, so that another may start."""
    server = _running(data)
    if server and _await_primary(server, ADOPT_SECONDS):
        _end(server, patience=1)
        return None
    if server and server != _recorded(data):
        _record(data, server)
    return server


def _start(data: Path) -> _Mongod:
    if sys.platform == "linux" and platform.machine() == "x86_64" and lacks_avx(CPUINFO.read_text()):
        raise SetupError(f"MongoDB {OLDEST_MAJOR}.0 and newer needs a processor with AVX, found none. {OTHERWISE}")
    binary, log = find_mongod(), data / "mongod.log"
    with suppress(FileNotFoundError):
        log.replace(data / "mongod.log.1")
    last, first = _recorded(data), 20_000 + zlib.crc32(bytes(data)) % 12_000  # not those of outgoing connections
    for port in (*([last.port] if last else []), *range(first, first + 20)):
        child = _spawn([binary, *_place(data), str(port), *FLAGS], log)
        server = _Mongod(child.pid, port, (_inspect(child.pid) or ("",))[0])
        try:
            _record(data, server)
            problem = _await_primary(server, START_SECONDS)
        except BaseException:
            _end(server, patience=1)
            raise
        if not problem:
            return server
        _end(server)
        code, said = child.wait(KILL_SECONDS), why(log.read_text(errors="replace"))
        if code != PORT_TAKEN and "Address already in use" not in said:  # two that bind at once: one aborts later
            break
    raise SetupError(f"{binary} {problem}, exit code {code}. It said: {said}. Its log is {log}. {OTHERWISE}")


def _spawn(command: list[str | Path], log: Path) -> subprocess.Popen[bytes]:
    """A child in its own session: Ctrl-C reaches the service alone, which then ends its mongod in good order."""
    with log.open("wb") as out:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)  # noqa: S603
    threading.Thread(target=child.wait, name="mongod-reaper", daemon=True).start()  # whoever ends it: no zombie stays
    return child


def _await_primary(server: _Mongod, seconds: float) -> str:
    """Makes a mongod the primary of its replica set of one; returns "", or what is wrong when it does not succeed."""
    deadline, problem = time.monotonic() + seconds, "no answer"
    uri = f"mongodb://{HOST}:{server.port}/?directConnection=true&{BOUNDS}"
    with MongoClient[dict[str, Any]](uri, connect=False) as client:
        while time.monotonic() < deadline:
            if not server.lives():
                return "ended too early"
            try:
                # Waits for the port itself: the driver looks again only after half a second.
                socket.create_connection((HOST, server.port), timeout=1).close()
                if client.admin.command("serverStatus")["pid"] != server.pid:
                    problem = "another mongod has its port"  # and ours will notice
                elif client.admin.command("hello")["isWritablePrimary"]:
                    return ""
                else:
                    _configure(client, f"{HOST}:{server.port}")
            except (OSError, PyMongoError) as error:
                problem = str(error)
            time.sleep(POLL_SECONDS)
    return f"was not ready within {seconds:.0f} s ({problem})"


def _configure(client: MongoClient[dict[str, Any]], host: str) -> None:
    """Initiates the replica set at its first start, and corrects it when the port has changed."""
    members = [{"_id": 0, "host": host}]
    config = client.local["system.replset"].find_one()
    if config is None:
        settings = {"electionTimeoutMillis": 500}
        client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members, "settings": settings})
    elif [member["host"] for member in config["members"]] != [host]:
        moved = {**config, "version": config["version"] + 1, "members": members}
        client.admin.command("replSetReconfig", moved, force=True)


def _end(server: _Mongod, patience: float = STOP_SECONDS) -> None:
    """Ends a mongod: in good order within `patience` seconds, else by force, which its journal survives."""
    for sign, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, KILL_SECONDS)):
        deadline = time.monotonic() + seconds
        with suppress(ProcessLookupError):
            if server.lives():
                os.kill(server.pid, sign)
        while time.monotonic() < deadline:
            if not server.lives():
                return
            time.sleep(POLL_SECONDS)
    raise SetupError(f"The embedded MongoDB, process {server.pid}, does not end.")


def _binaries() -> Iterator[Path]:
    if on_path := shutil.which("mongod"):
        yield Path(on_path)
    # The parent package is looked up but never imported: beside the full product that is slow, and prints.
    wheel = importlib.util.find_spec("fiftyone")
    for folder in (wheel and wheel.submodule_search_locations) or ():
        binary = Path(folder, "db", "bin", "mongod")
        if binary.exists():
            yield binary


def _unfit(binary: Path) -> str:
    """What is wrong with a mongod, or ""."""
    try:
        run = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=30, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"it does not run: {error}"
    version = re.search(r"db version v((\d+)\.\S+)", run.stdout)
    if run.returncode or version is None:
        return f"it does not run (exit code {run.returncode}): {why(run.stderr or run.stdout)}"
    return "" if int(version[2]) >= OLDEST_MAJOR else f"it is {version[1]}, too old"
