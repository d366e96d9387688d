"""The command line: serve, demo, issue, show, read, render, check-history, audit-log, proof, doctor, keys, forget….

Exit codes: 0 done; 1 refused (not found, illegal, taken); 2 the command or its input is wrong; 3 the machine is not
ready (no database, port taken).
"""

from __future__ import annotations

from twin.cli import exchange, histories, keys, labels, serving
from twin.cli.command import main

__all__ = ["exchange", "histories", "keys", "labels", "main", "serving"]
