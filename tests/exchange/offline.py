"""The auditor's machine: a Python where `twin` is nothing but the one file, copied; it outlives many bundles."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twin.exchange import proof

DRIVER = """
import contextlib, io, json, sys
from twin.exchange.proof import main
for line in sys.stdin:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(json.loads(line))
        except SystemExit as end:
            code = end.code
    print(json.dumps([code, out.getvalue(), err.getvalue()]), flush=True)
"""


@dataclass(frozen=True)
class Answer:
    """What the file said: its exit code, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def revision(self) -> int | None:
        """The revision that it says is broken."""
        found = re.search(r"^BROKEN at revision (\d+)", self.out, re.MULTILINE)
        return None if found is None else int(found[1])


def environment(folder: Path) -> dict[str, str]:
    """The environment of a Python that, started with -S, finds the one file as `twin.exchange.proof` and no more."""
    alone = folder / "alone" / "twin" / "exchange"
    alone.mkdir(parents=True, exist_ok=True)
    shutil.copy(proof.__file__, alone / "proof.py")
    libraries = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    path = os.pathsep.join([str(folder / "alone"), *libraries])
    return {**{name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}, "PYTHONPATH": path}


class Offline:
    """A process in that environment."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        self._folder = folder

    def check(self, bundle: Any, *more: str) -> Answer:
        """What the file says of a bundle: a document, or the text of one."""
        file = self._folder / "bundle.json"
        file.write_text(bundle if isinstance(bundle, str) else json.dumps(bundle), encoding="utf-8")
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps([str(file), *more]) + "\n")
        stdin.flush()
        return Answer(*json.loads(stdout.readline()))


@contextmanager
def offline_in(folder: Path) -> Iterator[Offline]:
    """That process, for as long as it is needed."""
    with subprocess.Popen(
        [sys.executable, "-S", "-c", DRIVER],
        env=environment(folder),
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Offline(process, folder)
        finally:
            assert process.stdin is not None
            process.stdin.close()
