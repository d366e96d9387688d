"""Pages of the documentation whose commands are run, word for word, against the demo."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from tests.running import running

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def walked(page: str, data_dir: Path, **settings: str) -> tuple[list[str], list[str]]:
    """The lines that the commands of a page print, and those that the page says.

    Args:
        page: its path from the root of the repository.
        data_dir: of the demo; the commands are run there.
        settings: more of the demo's environment.
    """
    text = (ROOT / page).read_text(encoding="utf-8")
    walk = text.partition("<!-- walk:")[2].partition("<!-- end of the walk -->")[0]
    blocks = BLOCK.findall(walk)
    script = "\n".join(text for language, text in blocks if language == "sh")
    expected = "".join(text for language, text in blocks if language != "sh")
    with running(data_dir, "demo", port=0, **settings) as service:
        port = service.url.rpartition(":")[2]  # the page says 8000, which may be taken here
        script = script.replace(":8000", f":{port}").replace(".venv/bin/", f"{ROOT}/.venv/bin/")
        done = subprocess.run(
            ["bash", "-eu", "-c", script],
            cwd=data_dir,
            env={**os.environ, "TWIN_DATA_DIR": str(data_dir)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines(), expected.splitlines()
