"""Database roles and databases: who owns, who migrates, who works. Safe to repeat.

| role           | may                                                                    |
|----------------|------------------------------------------------------------------------|
| ledger_owner   | owns database and schema; cannot log in                                |
| ledger_migrate | logs in and acts as ledger_owner; used by migrations only              |
| ledger_app     | owns nothing; may connect; table rights come from migrations by name   |
| ledger_sealer  | adds leaves, tiles and signed heads of the tree; reads entries         |
"""

from dataclasses import dataclass

import psycopg2
from psycopg2 import errors, sql
from psycopg2.extensions import connection as Connection

from crm_ledger.database_url import with_database, with_login

OWNER, MIGRATE, APP, SEALER = "ledger_owner", "ledger_migrate", "ledger_app", "ledger_sealer"
# One number that all starts agree on, so that two of them do not make the same role at the same moment.
_LOCK = 6_077_001


@dataclass(frozen=True)
class Addresses:
    """The doors of a provisioned database; `sealer` is empty when no password for it was given."""

    app: str
    owner: str
    sealer: str = ""


def provision(
    admin_url: str, database: str, *, app_password: str, migrate_password: str, sealer_password: str = ""
) -> Addresses:
    """Makes roles and database where missing, sets their rights, and returns the addresses to use.

    `admin_url` names any database of the server, as a role that may create roles and databases.
    """
    with _session(admin_url) as admin:
        _run(admin, "SELECT pg_advisory_lock(%s)", [_LOCK])
        _roles(admin, app_password, migrate_password, sealer_password)
        if not _exists(admin, "pg_database", "datname", database):
            _run(admin, "CREATE DATABASE {} OWNER {}", database, OWNER)
        grant_database(admin, database)
    with _session(with_database(admin_url, database)) as inside:
        _run(inside, "ALTER SCHEMA public OWNER TO {}", OWNER)
        _run(inside, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        _run(inside, "GRANT USAGE ON SCHEMA public TO {}, {}", APP, SEALER)
    return addresses(
        admin_url,
        database,
        app_password=app_password,
        migrate_password=migrate_password,
        sealer_password=sealer_password,
    )


def addresses(
    admin_url: str, database: str, *, app_password: str, migrate_password: str, sealer_password: str = ""
) -> Addresses:
    return Addresses(
        app=with_login(admin_url, user=APP, password=app_password, database=database),
        owner=with_login(admin_url, user=MIGRATE, password=migrate_password, database=database),
        sealer=with_login(admin_url, user=SEALER, password=sealer_password, database=database)
        if sealer_password
        else "",
    )


def clone(admin_url: str, template: str, database: str) -> None:
    """A copy of a provisioned database in a fraction of a second. Nobody may be connected to `template`."""
    with _session(admin_url) as admin:
        _run(admin, "CREATE DATABASE {} OWNER {} TEMPLATE {}", database, OWNER, template)
        # Rights on the database itself, unlike those inside it, are not copied.
        grant_database(admin, database)


def drop(admin_url: str, database: str) -> None:
    with _session(admin_url) as admin:
        _run(admin, "DROP DATABASE IF EXISTS {} WITH (FORCE)", database)


def grant_database(admin: Connection, database: str) -> None:
    try:
        _run(admin, "ALTER DATABASE {} OWNER TO {}", database, OWNER)
    except errors.InsufficientPrivilege:
        pass  # an owner without CREATEDB may keep the database; the schema is what matters
    _run(admin, "REVOKE ALL ON DATABASE {} FROM PUBLIC", database)
    _run(admin, "GRANT CONNECT ON DATABASE {} TO {}, {}, {}", database, APP, MIGRATE, SEALER)
    _run(admin, "ALTER ROLE {} IN DATABASE {} SET role = {}", MIGRATE, database, OWNER)


def _roles(admin: Connection, app_password: str, migrate_password: str, sealer_password: str) -> None:
    for role in (OWNER, MIGRATE, APP, SEALER):
        if not _exists(admin, "pg_roles", "rolname", role):
            _run(admin, "CREATE ROLE {} NOLOGIN", role)
    for role, password in ((MIGRATE, migrate_password), (APP, app_password), (SEALER, sealer_password)):
        if not password:
            continue
        statement = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), sql.Literal(password))
        with admin.cursor() as cursor:
            cursor.execute(statement)
    _run(admin, "ALTER ROLE {} SET idle_in_transaction_session_timeout = '30s'", APP)
    _run(admin, "ALTER ROLE {} SET idle_in_transaction_session_timeout = '30s'", SEALER)
    _run(admin, "GRANT {} TO {}", OWNER, MIGRATE)
    with admin.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        (is_superuser,) = cursor.fetchone() or (False,)
    if not is_superuser:
        _run(admin, "GRANT {} TO CURRENT_USER", OWNER)


def _exists(admin: Connection, table: str, column: str, name: str) -> bool:
    query = sql.SQL("SELECT 1 FROM {} WHERE {} = %s").format(sql.Identifier(table), sql.Identifier(column))
    with admin.cursor() as cursor:
        cursor.execute(query, [name])
        return cursor.fetchone() is not None


def _run(admin: Connection, statement: str, *words: object) -> None:
    """Names go in as identifiers; a list at the end goes in as values."""
    values = words[-1] if words and isinstance(words[-1], list) else None
    names = [sql.Identifier(str(word)) for word in words if not isinstance(word, list)]
    with admin.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*names), values)


class _session:
    """A connection in autocommit, closed at the end (which also frees the advisory lock)."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __enter__(self) -> Connection:
        self.connection = psycopg2.connect(self.url)
        self.connection.autocommit = True
        return self.connection

    def __exit__(self, *_: object) -> None:
        self.connection.close()
