"""The two services below the product: the embedded ones, or real servers that the environment names."""

from dataclasses import dataclass, field

import psycopg2

from crm_ledger.database_url import SCHEMES, django_database
from crm_ledger.env import env_url
from crm_ledger.local import provision
from crm_ledger.local.paths import LOCAL, LOGS
from crm_ledger.local.postgres_server import DURABLE, PostgresServer
from crm_ledger.local.redis_server import RedisServer
from crm_ledger.local.say import CannotStart, say
from crm_ledger.local.secrets import keep

DATABASE = "crm_ledger"


@dataclass
class Services:
    """Addresses, and the embedded servers behind them (none where a real server is used)."""

    app_url: str = ""
    owner_url: str = ""  # empty: this start may not migrate
    sealer_url: str = ""  # empty: this start may not seal
    redis_url: str = ""
    servers: dict[str, PostgresServer | RedisServer] = field(default_factory=dict)

    def start(self) -> None:
        self._redis()
        self.sealer_url = env_url("SEALER_DATABASE_URL", SCHEMES) or ""
        given = env_url("DATABASE_URL", SCHEMES)
        owner = env_url("DATABASE_OWNER_URL", SCHEMES)
        if given and owner:
            self.app_url, self.owner_url = given, owner
        elif given:
            self._use(given)
        else:
            self._embed()

    def start_database_anew(self) -> None:
        """Throws the embedded database away, after a demo that was interrupted half-way."""
        postgres = self.servers.get("postgres")
        if isinstance(postgres, PostgresServer):
            provision.drop(postgres.superuser_url(), DATABASE)
            self._provision(postgres.superuser_url(), DATABASE)

    def _redis(self) -> None:
        given = env_url("REDIS_URL", ("redis", "rediss", "unix"))
        if given:
            self.redis_url = given
            return
        server = RedisServer(LOCAL / "redis", password=keep("redis"), log=LOGS / "redis.log")
        self.servers["redis"] = server
        server.start()
        self.redis_url = server.url

    def _embed(self) -> None:
        server = PostgresServer(
            LOCAL / "postgres", password=keep("postgres"), settings=DURABLE, log=LOGS / "postgres.log"
        )
        self.servers["postgres"] = server
        if opened := server.start():
            say(f"PostgreSQL does not run as root; its user may now pass through {' and '.join(map(str, opened))}.")
        self._provision(server.superuser_url(), DATABASE)

    def _use(self, url: str) -> None:
        """One address only: the owner's if it may make roles, otherwise the application's."""
        try:
            connection = psycopg2.connect(url, connect_timeout=10)
        except psycopg2.OperationalError as fault:
            raise CannotStart(f"DATABASE_URL names a server that does not let us in: {fault}".strip()) from None
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT rolsuper OR (rolcreaterole AND pg_has_role(datdba, 'USAGE')) FROM pg_roles, pg_database"
                " WHERE rolname = current_user AND datname = current_database()"
            )
            (may_provision,) = cursor.fetchone() or (False,)
        connection.close()
        if not may_provision:
            self.app_url = url
            return
        self._provision(url, str(django_database(url, application="")["NAME"]))
        say(
            f"DATABASE_URL belongs to an owner: the product itself works as {provision.APP}, "
            "whose password is kept in .local/."
        )

    def _provision(self, admin_url: str, database: str) -> None:
        try:
            found = provision.provision(
                admin_url,
                database,
                app_password=keep("ledger_app"),
                migrate_password=keep("ledger_migrate"),
                sealer_password=keep("ledger_sealer"),
            )
        except psycopg2.Error as fault:
            raise CannotStart(
                f"The roles of the database could not be set up: {str(fault).strip()}. Give DATABASE_URL a role that "
                "may, or set DATABASE_URL and DATABASE_OWNER_URL to roles that are set up (README.md)."
            ) from None
        self.app_url, self.owner_url, self.sealer_url = found.app, found.owner, found.sealer
