"""A run that is told to end does so between two messages, where everything is known of each."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interruption:
    """Whether somebody wants the run to end: by Ctrl-C, by `kill`, or with the terminal."""

    def __init__(self) -> None:
        self._asked = False
        self._at_work = False

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Within it a signal raises KeyboardInterrupt: at once, or, the first time, when what is `unbroken` is done."""
        if threading.current_thread() is not threading.main_thread():
            yield  # signals are the main thread's
            return
        before = {}
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            # What the caller has the program ignore, such as nohup, stays ignored.
            if number is not None and signal.getsignal(number) not in {signal.SIG_IGN, None}:
                before[number] = signal.signal(number, self._ask)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def unbroken(self) -> Iterator[None]:
        """What a first signal lets come to its end."""
        self._at_work = True
        try:
            yield
        finally:
            self._at_work = False
            if self._asked:
                raise KeyboardInterrupt

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        if self._asked or not self._at_work:
            raise KeyboardInterrupt
        self._asked = True
