"""Real mongods, real kills: nothing here stands in for anything, so each test takes a second or more."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import MongoClient

from twin.errors import SetupError
from twin.store import embedded
from twin.store.embedded import EmbeddedMongod, acquire, find_mongod, why

if TYPE_CHECKING:
    from collections.abc import Iterator

USER = """
import sys
from pathlib import Path
from twin.store.embedded import acquire
server = acquire(Path(sys.argv[1]))
print(server.pid, server.uri, flush=True)
sys.stdin.readline()
server.release()
print("released", flush=True)
sys.stdin.readline()
"""


class User:
    """Another process that uses the server, until it is told to release it or is killed."""

    def __init__(self, data: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def server(self) -> tuple[int, str]:
        pid, uri = self._line().split()
        return int(pid), uri

    def release(self) -> None:
        """Lives on after that: what it started must not stay behind as its zombie."""
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        assert self._line() == "released\n"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def close(self) -> None:
        with self.process:
            self.process.kill()

    def _line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline()


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    data = tmp_path / "my data"
    yield data
    if left := embedded._running(data):  # only after a failure
        embedded._end(left, patience=0.1)


@pytest.fixture
def users(data: Path) -> Iterator[list[User]]:
    users = [User(data), User(data)]
    yield users
    for user in users:
        user.close()


@contextmanager
def labels(uri: str) -> Iterator[Any]:
    with MongoClient[dict[str, Any]](uri, serverSelectionTimeoutMS=5000) as client:
        yield client.twin.labels


def kept(server: EmbeddedMongod) -> list[str]:
    with labels(server.uri) as collection:
        return sorted(label["_id"] for label in collection.find())


def keep(uri: str, label: str) -> None:
    with labels(uri) as collection:
        collection.insert_one({"_id": label})


def alive(pid: int) -> bool:
    return embedded._inspect(pid) is not None


def test_data_outlive_a_restart_on_the_same_port(data: Path) -> None:
    with acquire(data) as first:
        keep(first.uri, "a")
    assert not alive(first.pid)

    second = acquire(data)
    assert second.uri == first.uri
    assert second.pid != first.pid
    assert kept(second) == ["a"]
    assert os.getsid(second.pid) == second.pid, "Ctrl-C must not reach it"
    second.release()
    assert not alive(second.pid)
    second.release()


def test_data_and_locks_are_the_owners_alone(data: Path) -> None:
    with acquire(data) as server:
        assert stat.S_IMODE(data.stat().st_mode) == 0o700
        assert stat.S_IMODE((data / "mongod").stat().st_mode) == 0o700
        if sys.platform == "linux":
            files = set()
            for descriptor in Path(f"/proc/{server.pid}/fd").iterdir():
                with suppress(FileNotFoundError):  # it opens and closes some all the time
                    files.add(descriptor.readlink())
            assert data / "mongod.log" in files
            assert not {data / "start.lock", data / "users.lock"} & files, "an inherited lock would never be free again"


def test_two_uses_in_one_process_share_one(data: Path) -> None:
    first, second = acquire(data), acquire(data)
    assert (second.uri, second.pid) == (first.uri, first.pid)
    first.release()
    first.release()
    keep(second.uri, "a")
    second.release()
    assert not alive(second.pid)


def test_it_adopts_what_a_killed_process_left_behind(data: Path, users: list[User]) -> None:
    owner, other = users
    pid, uri = owner.server()
    assert other.server() == (pid, uri)
    keep(uri, "a")
    owner.kill()
    other.kill()
    assert alive(pid)

    with acquire(data) as server:
        assert (server.pid, server.uri) == (pid, uri)
        assert kept(server) == ["a"]
    assert not alive(pid)


@pytest.mark.parametrize("record", ["", "{", '{"pid": 1}', None])
def test_it_adopts_one_whose_record_was_never_written(data: Path, record: str | None) -> None:
    owner = User(data)
    try:
        pid, uri = owner.server()
        owner.kill()
        if record is None:
            (data / "mongod.json").unlink()
        else:
            (data / "mongod.json").write_text(record)
        with acquire(data) as server:
            assert (server.pid, server.uri) == (pid, uri)
            assert json.loads((data / "mongod.json").read_text())["pid"] == pid
        assert not alive(pid)
    finally:
        owner.close()


@pytest.mark.parametrize("kill", [False, True], ids=["release", "kill"])
@pytest.mark.parametrize("starter_first", [True, False], ids=["starter first", "joiner first"])
def test_the_last_user_ends_it(data: Path, kill: bool, starter_first: bool) -> None:
    with ExitStack() as stack:
        starter = User(data)
        stack.callback(starter.close)
        pid, uri = starter.server()
        joiner = User(data)
        stack.callback(joiner.close)
        assert joiner.server() == (pid, uri)
        first, last = (starter, joiner) if starter_first else (joiner, starter)
        if kill:
            first.kill()
        else:
            first.release()
        keep(uri, "still there")
        last.release()
        assert not alive(pid)


def test_of_many_at_once_one_starts_it(data: Path) -> None:
    users = [User(data) for _ in range(4)]
    try:
        servers = {user.server() for user in users}
        assert len(servers) == 1
        assert not (data / "mongod.log.1").exists(), "mongod was started more than once"
        for user in users:
            user.release()
        assert not alive(servers.pop()[0])
    finally:
        for user in users:
            user.close()


def test_many_that_want_one_port_each_get_one(tmp_path: Path) -> None:
    users = []
    try:
        for name in "abcd":
            (tmp_path / name).mkdir()
            (tmp_path / name / "mongod.json").write_text('{"pid": 0, "port": 20021, "began": ""}')
            users.append(User(tmp_path / name))
        assert len({uri for _, uri in [user.server() for user in users]}) == 4
        for user in users:
            user.release()
    finally:
        for user in users:
            user.close()


@pytest.mark.parametrize("blow", [signal.SIGSTOP, signal.SIGKILL], ids=["hung", "dead"])
def test_a_hung_or_dead_one_is_replaced(data: Path, blow: signal.Signals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "ADOPT_SECONDS", 2.0)
    first = acquire(data)
    keep(first.uri, "a")
    os.kill(first.pid, blow)
    second = acquire(data)
    assert second.pid != first.pid
    assert not alive(first.pid)
    assert second.uri == first.uri, "who used the first finds the second"
    assert kept(second) == ["a"], "acknowledged, so in the journal"
    first.release()
    assert alive(second.pid)
    second.release()
    assert not alive(second.pid)


@pytest.mark.parametrize("like", ["by pid", "by pid and start", "by pid and command line"])
def test_a_stale_record_hurts_no_bystander(data: Path, like: str) -> None:
    place = ["--dbpath", str(data / "mongod"), "--bind_ip", "127.0.0.1", "--port", "1", "--replSet"]
    program = [
        sys.executable,
        "-c",
        "import sys; print(flush=True); sys.stdin.read()",
        *(place if like.endswith("line") else []),
    ]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as bystander:
        assert bystander.stdout
        bystander.stdout.readline()
        live = embedded._inspect(bystander.pid)
        assert live
        began = live[0] if like.endswith("start") else "long ago"
        data.mkdir()
        (data / "mongod.json").write_text(json.dumps({"pid": bystander.pid, "port": 20001, "began": began}))
        with acquire(data) as server:
            assert server.pid != bystander.pid
        assert bystander.poll() is None


@contextmanager
def taken(port: int) -> Iterator[None]:
    """Another program that listens there, and hangs up on whoever calls."""
    with socket.create_server(("127.0.0.1", port)) as listener:

        def hang_up() -> None:
            while True:
                try:
                    listener.accept()[0].close()
                except OSError:
                    return

        thread = threading.Thread(target=hang_up)
        thread.start()
        try:
            yield
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def test_a_taken_port_is_left_for_a_free_one(data: Path) -> None:
    with acquire(data) as first:
        keep(first.uri, "a")
    port = json.loads((data / "mongod.json").read_text())["port"]
    with taken(port):
        moved = acquire(data)
        assert moved.uri != first.uri
        assert kept(moved) == ["a"]
        asyncio.run(transaction_and_change_stream(moved.uri))
        moved.release()
    with acquire(data) as again:
        assert again.uri == moved.uri, "the new port stays"
        assert kept(again) == ["a", "b"]


def test_the_mongod_of_another_directory_is_not_taken_for_ours(data: Path, tmp_path: Path) -> None:
    with acquire(tmp_path / "other") as other:
        keep(other.uri, "theirs")
        data.mkdir()
        shutil.copy(tmp_path / "other" / "mongod.json", data)
        with acquire(data) as server:
            assert server.pid != other.pid
            assert server.uri != other.uri
            assert kept(server) == []
        assert alive(other.pid)
        keep(other.uri, "theirs too")


async def transaction_and_change_stream(uri: str) -> None:
    """What a standalone refuses, through the driver that the service uses."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri, serverSelectionTimeoutMS=5000)
    try:
        async with client.twin.labels.watch() as changes:
            async with await client.start_session() as session, session.start_transaction():
                await client.twin.labels.insert_one({"_id": "b"}, session=session)
                assert await client.twin.labels.find_one({"_id": "b"}) is None
            change = await asyncio.wait_for(changes.next(), 10)
            assert change["fullDocument"] == {"_id": "b"}
    finally:
        client.close()


def test_ps_tells_what_proc_tells() -> None:
    """The way of macOS, where there is no /proc."""
    if not shutil.which("ps"):
        pytest.skip("needs ps")
    with subprocess.Popen([sys.executable, "-c", "input()", "a", "b  c"], stdin=subprocess.PIPE) as process:
        told, again = embedded._inspect_by_ps(process.pid), embedded._inspect(process.pid)
        assert told
        assert again
        assert told == embedded._inspect_by_ps(process.pid)
        assert told[1].strip() == again[1].strip() == f"{sys.executable} -c input() a b  c"
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert embedded._inspect_by_ps(process.pid) is embedded._inspect(process.pid) is None, "but its zombie"
    assert embedded._inspect_by_ps(process.pid) is embedded._inspect(process.pid) is None


# What a person reads when it cannot start


def program(folder: Path, text: str) -> Path:
    folder.mkdir()
    file = folder / "mongod"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return file


LOADER = "mongod: error while loading shared libraries: libcrypto.so.3: cannot open shared object file"
BROKEN = {
    "a library is missing": (f"echo '{LOADER}' >&2; exit 127", f"exit code 127): {LOADER}"),
    "too old": ("echo db version v4.4.29", "it is 4.4.29, too old"),
    "not a program": ("\n", "does not run"),
}


@pytest.mark.parametrize(("text", "problem"), BROKEN.values(), ids=BROKEN)
def test_an_unfit_mongod_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, problem: str) -> None:
    unfit = program(tmp_path / "bin", text)
    if problem == "does not run":
        unfit.write_bytes(b"\0")
    monkeypatch.setenv("PATH", str(unfit.parent))
    assert find_mongod().parts[-4:] == ("fiftyone", "db", "bin", "mongod"), "the wheel's"
    monkeypatch.setitem(sys.modules, "fiftyone", None)  # as where the extra is not installed
    with pytest.raises(SetupError) as refused:
        find_mongod()
    assert str(unfit) in refused.value.message
    assert problem in refused.value.message


def test_a_fit_mongod_on_the_path_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fit = program(tmp_path / "bin", "echo db version v5.0.0")
    monkeypatch.setenv("PATH", str(fit.parent))
    assert find_mongod() == fit


def test_no_mongod_at_all(tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "fiftyone", None)
    with pytest.raises(SetupError) as refused:
        acquire(data)
    for word in ("`embedded` extra", "Linux x86-64 with OpenSSL 3", "macOS arm64", "Windows amd64", "TWIN_MONGO_URI"):
        assert word in refused.value.message


def test_a_mongod_that_ends_at_once_is_quoted(tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = f'[ "$1" = --version ] && echo db version v7.0.0 && exit; echo "{LOADER}" >&2; exit 127'
    broken = program(tmp_path / "bin", script)
    monkeypatch.setenv("PATH", str(broken.parent))
    with pytest.raises(SetupError) as refused:
        acquire(data)
    assert f"{broken} ended too early, exit code 127. It said: {LOADER}." in refused.value.message
    monkeypatch.undo()
    acquire(data).release()


def test_mongods_own_reason_is_quoted(data: Path) -> None:
    (data / "mongod" / "mongod.lock").mkdir(parents=True)
    with pytest.raises(
        SetupError, match=r"exit code 100\. It said: DBException in .*Unable to determine status of lock"
    ):
        acquire(data)


def test_a_mongod_that_never_answers(tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deaf = program(tmp_path / "bin", '[ "$1" = --version ] && echo db version v7.0.0 && exit; exec sleep 300')
    monkeypatch.setenv("PATH", f"{deaf.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(embedded, "START_SECONDS", 0.5)
    with pytest.raises(SetupError, match=r"was not ready within 0 s .*refused"):
        acquire(data)
    assert not alive(json.loads((data / "mongod.json").read_text())["pid"])


def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    script = """
import os, sys
from pathlib import Path
from twin.errors import SetupError
from twin.store.embedded import acquire
if os.geteuid() == 0:  # whom no mode stops
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
try:
    acquire(Path(sys.argv[1]))
except SetupError as error:
    print(error)
"""
    run = subprocess.run([sys.executable, "-c", script, tmp_path / "data"], capture_output=True, text=True, check=True)
    tmp_path.chmod(0o700)
    assert f"cannot use {tmp_path / 'data'}: [Errno 13] Permission denied" in run.stdout
    assert "TWIN_MONGO_URI" in run.stdout


def test_a_file_where_the_directory_should_be(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(SetupError, match=r"cannot use .*File exists"):
        acquire(tmp_path / "data")


def test_a_start_lock_that_is_never_free(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data.mkdir()
    monkeypatch.setattr(embedded, "LOCK_SECONDS", 0.1)
    with embedded._start_lock(data), pytest.raises(SetupError, match=r"Another process holds .*start\.lock"):
        acquire(data)


def test_a_processor_without_avx(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nflags\t\t: fpu sse4_2 avx2_not\n")
    monkeypatch.setattr(embedded, "CPUINFO", tmp_path / "cpuinfo")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(SetupError, match=r"needs a processor with AVX.*TWIN_MONGO_URI"):
        acquire(data)


def test_windows(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "fcntl", None)
    with pytest.raises(SetupError, match=r"needs Linux or macOS.*TWIN_MONGO_URI"):
        acquire(data)
    assert not data.exists()


def test_why_names_the_cause_and_the_end() -> None:
    full = {
        "error": 28,
        "message": {"msg": "pwrite: failed to write 4096 bytes", "error_str": "No space left on device"},
    }
    lines = [
        {"s": "I", "msg": "MongoDB starting"},
        *[{"s": "E", "msg": "WiredTiger error message", "attr": full}] * 3,
        {
            "s": "E",
            "msg": "WiredTiger error message",
            "attr": {"error": -31804, "message": {"msg": "the process must exit"}},
        },
        {"s": "F", "msg": "Fatal assertion", "attr": {"msgid": 50853}},
        {"s": "F", "msg": "\n\n***aborting after fassert() failure\n\n"},
    ]
    assert why("\n".join(map(json.dumps, lines)) + "\n") == (
        "WiredTiger error message: pwrite: failed to write 4096 bytes: No space left on device; "
        "WiredTiger error message: the process must exit; ***aborting after fassert() failure"
    )
    assert why("[]\n\n") == why("") == "nothing"
