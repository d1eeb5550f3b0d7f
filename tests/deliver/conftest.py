"""A certificate authority of our own."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import trustme


@dataclass(frozen=True)
class Authority:
    """Signs certificates of servers; its own is in a file."""

    signs: trustme.CA
    file: Path

    def context(self, *names: str, until: datetime | None = None) -> ssl.SSLContext:
        """What a server of these names needs to encrypt."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.signs.issue_cert(*names, not_after=until).configure_cert(context)
        return context


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return _authority(tmp_path_factory.mktemp("authority") / "ours.pem")


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority of somebody else."""
    return _authority(tmp_path_factory.mktemp("authority") / "theirs.pem")


def _authority(file: Path) -> Authority:
    signs = trustme.CA()
    signs.cert_pem.write_to_path(file)
    return Authority(signs, file)


@contextmanager
def quick_folder() -> Iterator[Path]:
    """A folder in memory where the system has that, for a test that waits for the disk a thousand times."""
    memory = Path("/dev/shm")  # noqa: S108  # a folder of our own in it
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
