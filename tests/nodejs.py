"""Programs of Node.js that tests run, and whether their packages are there."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import anyio
import pytest

ROOT = Path(__file__).parents[1]
LONGEST_S = 120


def needs(*packages: str) -> pytest.MarkDecorator:
    """Leaves a test out where Node.js or one of the packages is not there, and says so."""
    asked = [shutil.which("node") or "", "-e", "JSON.parse(process.argv[1]).map((name) => require.resolve(name))"]
    missing = (
        not asked[0]
        or subprocess.run([*asked, json.dumps(packages)], cwd=ROOT, capture_output=True, check=False).returncode
    )
    return pytest.mark.skipif(bool(missing), reason=f"left out: node with {', '.join(packages)} (see .ci/run)")


async def ran(*command: str | Path, cwd: Path = ROOT) -> str:
    """What a program prints, which must end well, while this process goes on to serve it."""
    with anyio.fail_after(LONGEST_S):
        done = await anyio.run_process([str(part) for part in command], cwd=cwd, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()
    return done.stdout.decode()


async def told(*command: str | Path) -> Any:
    """The JSON that a program prints."""
    return json.loads(await ran(*command))
