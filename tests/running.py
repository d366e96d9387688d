"""A service of its own process, as a user starts it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TWIN = Path(sys.executable).with_name("twin")
END_SECONDS = 30
UNBOUNDED = {"TWIN_RATE_ANONYMOUS": "0", "TWIN_RATE_CALLER": "0"}
"""Tests ask as fast as they can; what is asked too often has tests of its own."""


@dataclass(frozen=True)
class Running:
    """A service that answers.

    Args:
        url: where.
        said: all that it printed until it was ready.
        process: the process.
        data_dir: its TWIN_DATA_DIR.
    """

    url: str
    said: str
    process: subprocess.Popen[str]
    data_dir: Path


@contextmanager
def running(data_dir: Path, command: str, *options: str, port: int = 0, **settings: str) -> Iterator[Running]:
    """`twin serve` or `twin demo`, ended by SIGINT as Ctrl-C does.

    Args:
        data_dir: its TWIN_DATA_DIR.
        command: `serve` or `demo`.
        options: more of its command line.
        port: where it listens; 0 is a free one.
        settings: more of its environment.
    """
    with subprocess.Popen(
        [TWIN, command, "--port", str(port), *options],
        env={**os.environ, "TWIN_DATA_DIR": str(data_dir), **UNBOUNDED, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            said = _until_ready(process)
            url = re.search(r"https?://(127\.0\.0\.1|localhost):\d+", said)
            assert url, said
            yield Running(url[0], said, process, data_dir)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(END_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    raise


def twin(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of the command line on the same data."""
    environment = {**os.environ, "TWIN_DATA_DIR": str(data_dir)}
    return subprocess.run([TWIN, *arguments], env=environment, capture_output=True, text=True, check=False, timeout=60)


def _until_ready(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if "Ctrl-C stops" in line:
            return said
    raise AssertionError(f"the service ended before it was ready: {said}")
