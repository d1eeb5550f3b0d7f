"""The process: `kpi`, and `python -m kpicli`, which is the same."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import NoReturn

_MANY = 500_000
"""New objects after which Python looks for cycles. It loads fewer before it reports, and none of them is garbage."""
_PIECE = 2 << 20
"""Bytes of a large file that Polars reads at once, several such pieces for each core: otherwise many MB."""
_GIVE_BACK = "dirty_decay_ms:200,muzzy_decay_ms:0"
"""After how many thousandths of a second Polars' allocator on Linux gives back memory that it no longer uses.

Left alone it waits for half a second. That is a thirtieth sooner, and takes a tenth more memory.
"""


def run() -> NoReturn:
    """Run `kpi` with the process's arguments, and end with its code.

    Looking for garbage takes Python a tenth of a small report, and as much once more at the end, where all that is
    left is garbage: the system takes it back as a whole.
    """
    gc.set_threshold(_MANY)
    # There are no options for these.
    os.environ.setdefault("POLARS_CSV_CHUNK_SIZE", str(_PIECE))
    os.environ.setdefault("_RJEM_MALLOC_CONF", _GIVE_BACK)
    try:
        from kpicli.cli import main  # noqa: PLC0415 -- what it loads is what must not be searched

        code = main()
    except KeyboardInterrupt:  # while it was loaded; later than that is the command line's
        code = 128 + signal.SIGINT
    gc.freeze()
    sys.exit(code)


if __name__ == "__main__":
    run()
