"""Real servers for the tests: a PostgreSQL for each worker and one Redis a run, a migrated template, many quick copies.

A server of its own: a transaction that a test keeps open would hold up every seal on the same server. DATABASE_URL and
REDIS_URL, when set, name real servers instead; the role must be a superuser there.
"""

import atexit
import fcntl
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
from psycopg2.extensions import connection as Connection

from crm_ledger.database_url import with_database
from crm_ledger.local import provision
from crm_ledger.local.postgres_server import THROWAWAY, PostgresServer
from crm_ledger.local.redis_server import RedisServer
from crm_ledger.local.secrets import keep

ROOT = Path(__file__).resolve().parent.parent
_numbers = itertools.count(1)


class Servers:
    """Started at the first need by the process that runs the tests; its xdist workers inherit the addresses."""

    def __init__(self) -> None:
        self._folder: Path | None = None

    @property
    def folder(self) -> Path:
        """A folder of this run, shared by its workers."""
        if "TESTS_FOLDER" not in os.environ:
            self._folder = Path(tempfile.mkdtemp(prefix="crm-tests-"))
            os.environ["TESTS_FOLDER"] = str(self._folder)
            # Registered first, so it runs last: after the servers have stopped.
            atexit.register(shutil.rmtree, self._folder, ignore_errors=True)
        return Path(os.environ["TESTS_FOLDER"])

    def redis_url(self) -> str:
        if "TESTS_REDIS_URL" not in os.environ:
            os.environ["TESTS_REDIS_URL"] = os.environ.get("REDIS_URL") or self._start_redis()
        # A number of its own for each xdist worker, so that their tests do not share keys.
        return urlsplit(os.environ["TESTS_REDIS_URL"])._replace(path=f"/{(1 + _worker()) % 16}").geturl()

    def start_postgres(self, servers: int) -> None:
        """So many servers, if none is named: one for each worker."""
        if "TESTS_DATABASE_URL" not in os.environ:
            os.environ["TESTS_DATABASE_URL"] = " ".join(self._start_postgres(number) for number in range(servers))

    def superuser_url(self, database: str = "postgres") -> str:
        self.start_postgres(1)
        return with_database(os.environ["TESTS_DATABASE_URL"].split()[self.number], database)

    @property
    def number(self) -> int:
        """Which of the servers is this worker's."""
        return _worker() % len(os.environ.get("TESTS_DATABASE_URL", "one").split())

    def _start_redis(self) -> str:
        server = RedisServer(self.folder / "redis", password="tests", log=self.folder / "redis.log", durable=False)
        server.start()
        atexit.register(server.stop)
        return server.url

    def _start_postgres(self, number: int) -> str:
        log = self.folder / f"postgres{number}.log"
        server = PostgresServer(self.folder / f"postgres{number}", password="tests", settings=THROWAWAY, log=log)
        server.start()
        atexit.register(server.stop)
        return server.superuser_url()


def _worker() -> int:
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


servers = Servers()
# tests/settings.py replaces DATABASE_URL, so a real server is remembered here, before that.
if os.environ.get("DATABASE_URL") and "TESTS_FOLDER" not in os.environ:
    os.environ["TESTS_DATABASE_URL"] = os.environ["DATABASE_URL"]
_ = servers.folder  # made by the process that runs the tests, so that its workers share one


def _passwords() -> dict[str, str]:
    # The same as a product on the same server has: the roles belong to the server, not to one database.
    return {
        "app_password": keep("ledger_app"),
        "migrate_password": keep("ledger_migrate"),
        "sealer_password": keep("ledger_sealer"),
    }


def addresses(database: str) -> provision.Addresses:
    return provision.addresses(servers.superuser_url(), database, **_passwords())


def template() -> str:
    """The migrated database that all copies are made from; the first to ask makes it, once a server."""
    name = _template_name()
    servers.start_postgres(1)
    with (servers.folder / f"template{servers.number}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = servers.folder / f"template{servers.number}.done"
        if not done.exists():
            _migrate(provision.provision(servers.superuser_url(), name, **_passwords()))
            done.touch()
    return name


def template_with(label: str, fill: Callable[[str], None]) -> str:
    """A second template: a copy that `fill(name)` has filled; the first to ask makes it, once a server."""
    name = f"{_template_name()}_{label}"
    plain = template()
    with (servers.folder / f"{label}{servers.number}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = servers.folder / f"{label}.{servers.number}.filled"
        if not done.exists():
            provision.clone(servers.superuser_url(), plain, name)
            fill(name)
            done.touch()
    return name


def forget_template() -> None:
    """Leaves a real server as it was found; embedded ones are thrown away whole."""
    if (servers.folder / "template0.done").exists():
        drop(_template_name())
    for filled in servers.folder.glob("*.0.filled"):
        drop(f"{_template_name()}_{filled.name.split('.')[0]}")


def _template_name() -> str:
    return f"crm_template_{servers.folder.name[-8:].lower()}"


def _migrate(where: provision.Addresses) -> None:
    environment = os.environ | {
        "DATABASE_URL": where.app,
        "DATABASE_OWNER_URL": where.owner,
        "DJANGO_SETTINGS_MODULE": "crm_ledger.settings",
    }
    command = [sys.executable, "manage.py", "migrate", "--no-input", "-v", "0"]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if result.returncode:
        raise RuntimeError(f"The migrations failed:\n{result.stdout}{result.stderr}")


def copy(label: str = "copy", of: str | None = None) -> str:
    """The name of a fresh database, with the schema and nothing else."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"{label}_{worker}_{os.getpid()}_{next(_numbers)}"[:60]
    provision.clone(servers.superuser_url(), of or template(), name)
    return name


def drop(name: str) -> None:
    provision.drop(servers.superuser_url(), name)


class Database:
    """One database and the three doors into it, for tests that need connections of their own."""

    def __init__(self, name: str) -> None:
        self.name = name
        found = addresses(name)
        self.app_url, self.owner_url, self.sealer_url = found.app, found.owner, found.sealer
        self.superuser_url = servers.superuser_url(name)

    def app(self) -> AbstractContextManager[Connection]:
        return connected(self.app_url)

    def owner(self) -> AbstractContextManager[Connection]:
        return connected(self.owner_url)

    def superuser(self) -> AbstractContextManager[Connection]:
        return connected(self.superuser_url)


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A connection that is closed at the end; nothing is committed unless the test commits."""
    connection = psycopg2.connect(url)
    try:
        yield connection
    finally:
        connection.close()
