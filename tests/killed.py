"""`kpi` in a process of its own that dies at a step: one of the times that it touches its cache folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

_PROGRAM = """\
import os, signal, sys
from kpicli import cache
cache._UNSETTLED = -1.0
{before}
folder, die_at = os.environ["XDG_CACHE_HOME"], int(sys.argv.pop(1))
seen = 0

def watch(event, arguments):
    global seen
    if event in {{"open", "os.rename", "os.remove", "os.mkdir", "os.listdir", "os.scandir"}}:
        if arguments and str(arguments[0]).startswith(folder):
            seen += 1
            if seen == die_at:
                os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
from kpicli.cli import main
sys.exit(main(sys.argv[1:]))
"""
ASKED = ["--as-of", "2026-11-22", "--period", "2026-10", "--format", "json"]


def run(book: Path, die_at: int, *more: str, before: str = "", **options: Any) -> subprocess.Popen[bytes]:
    """A report over files that are relied on from the first moment; 0: it doesn't die. `before` is run first."""
    program = _PROGRAM.format(before=before)
    command = [sys.executable, "-c", program, str(die_at), "report", "--book", str(book), *ASKED, *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
