"""The README's walk, run word for word against the demo: the printed results match."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from tests.running import running

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def test_the_walk_prints_what_the_readme_says(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    walk = readme.partition("<!-- walk:")[2].partition("<!-- end of the walk -->")[0]
    blocks = BLOCK.findall(walk)
    script = "\n".join(text for language, text in blocks if language == "sh")
    expected = "".join(text for language, text in blocks if language != "sh")
    with running(tmp_path, "demo") as service:
        port = service.url.rpartition(":")[2]  # the README says 8000, which may be taken here
        script = script.replace(":8000", f":{port}").replace(".venv/bin/", f"{ROOT}/.venv/bin/")
        done = subprocess.run(
            ["bash", "-eu", "-c", script],
            cwd=tmp_path,
            env={**os.environ, "TWIN_DATA_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    printed = [line for line in done.stdout.splitlines() if not line.startswith("label.png  ")]
    assert printed == expected.splitlines()
    assert len(printed) == 8
