"""Where the password is. It is read when it is needed and kept nowhere; no message and no `repr` shows it."""

from __future__ import annotations

import os
import stat
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from msgspec import Struct

from kpicli.errors import KpiError, Trouble

_PATIENCE: Final = 60.0
"""Seconds that a program may take, in which its user may have to unlock a keyring."""
_MOST_BYTES: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Command:
    """A program that prints the password; the first line counts."""

    arguments: tuple[str, ...] = field(repr=False)
    """The program and its arguments, which no shell sees."""
    patience: float = _PATIENCE

    def read(self) -> str:
        """The password. Raises KpiError."""
        program, *rest = self.arguments
        # What the program has to complain is thrown away: nobody knows that it doesn't name the password.
        help_ = f"run '{program}' yourself, with its arguments, and see that it prints the password"
        try:
            done = subprocess.run(  # noqa: S603  # the book's own words, and no shell
                [os.path.expanduser(program), *rest],  # noqa: PTH111  # a name without a slash stays a name
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=self.patience,
                check=False,
            )
        except subprocess.TimeoutExpired:
            reason = f"takes more than {self.patience:g} seconds"
        except (OSError, ValueError) as error:
            reason = f"can't be run: {getattr(error, 'strerror', None) or 'its name or arguments hold NUL'}"
            if " " in program and not rest:
                # What stands behind the program's name may be anything, and isn't repeated.
                program, help_ = (
                    f"{program.split()[0]} …",
                    "write a program and its arguments as a list: [pass, show, smtp]",
                )
        else:
            if done.returncode == 0:
                return _first_line(done.stdout, f"what '{program}' prints", help_)
            reason = f"ends with exit code {done.returncode}"
        raise _trouble(f"the password's program '{program}' {reason}", help_)


class File(Struct, frozen=True):
    """A file that nobody but its owner may read; its first line counts."""

    path: Path

    def read(self) -> str:
        """The password. Raises KpiError."""
        help_ = "the file holds the password in its first line; chmod 600 keeps it from others"
        try:
            real = self.path.expanduser().resolve(strict=True)
            # Without waiting, should it be a pipe; and what is looked at is what is read.
            opened = os.open(real, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
        except (OSError, RuntimeError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "its name leads nowhere"
            raise _trouble(f"the password's file '{self.path}' can't be read: {reason}", help_) from None
        try:
            _refuse_shared(real, os.fstat(opened))
            content = os.read(opened, _MOST_BYTES)
        except OSError as error:
            message = f"the password's file '{self.path}' can't be read: {error.strerror}"
            raise _trouble(message, help_) from None
        finally:
            os.close(opened)
        return _first_line(content, f"the file '{self.path}'", help_)


class Variable(Struct, frozen=True):
    """An environment variable."""

    name: str

    def read(self) -> str:
        """The password. Raises KpiError."""
        try:
            content = os.environ.get(self.name, "")
        except ValueError:  # Windows has no variable with such a name
            content = ""
        help_ = f"set {self.name} where kpi is run, or let the book name a file or a command instead"
        if not content:
            raise _trouble(f"the password's variable {self.name} isn't set", help_)
        return _sound(content, f"the variable {self.name}", help_)


Password: TypeAlias = Command | File | Variable
"""What knows the password: `read()` gives it, or raises KpiError."""


def _refuse_shared(path: Path, found: os.stat_result) -> None:
    """Raises KpiError for a file that others may read, or may have written."""
    if not stat.S_ISREG(found.st_mode):
        raise _trouble(f"the password's file '{path}' is no file", "name a file whose first line is the password")
    if not hasattr(os, "geteuid"):
        return  # Windows keeps a user's own folder from other users
    if found.st_uid != os.geteuid():
        raise _trouble(
            f"the password's file '{path}' belongs to somebody else", f"make it yours: chown \"$USER\" '{path}'"
        )
    if found.st_mode & 0o077:
        mode = f"{stat.S_IMODE(found.st_mode):04o}"
        message = f"the password's file '{path}' is open to others (mode {mode})"
        raise _trouble(message, f"keep it from them: chmod 600 '{path}'")


def _first_line(content: bytes, what: str, help_: str) -> str:
    """The first line of it, without its end. Raises KpiError where that is no password."""
    line = content.split(b"\n", 1)[0].removesuffix(b"\r")
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _trouble(f"{what} isn't UTF-8", help_) from None
    return _sound(text, what, help_)


def _sound(text: str, what: str, help_: str) -> str:
    if not text:
        raise _trouble(f"{what} has no password in its first line", help_)
    try:
        text.encode()
    except UnicodeEncodeError:  # an environment that isn't UTF-8
        raise _trouble(f"{what} isn't UTF-8", help_) from None
    if not text.isprintable():
        raise _trouble(f"{what} holds control characters, which no password has", help_)
    return text


def _trouble(message: str, help_: str) -> KpiError:
    return KpiError("password", message, help=help_, trouble=Trouble.DELIVERY)
