"""Roles and databases: right at the first time, unchanged at the second, and never too much."""

from collections.abc import Iterator

import psycopg2
import pytest

from crm_ledger.database_url import with_login
from crm_ledger.local import provision, services
from crm_ledger.local.say import CannotStart
from crm_ledger.local.secrets import keep
from tests import databases
from tests.databases import connected, servers

PASSWORDS = {"app_password": keep("ledger_app"), "migrate_password": keep("ledger_migrate")}


@pytest.fixture
def database() -> Iterator[str]:
    """A name that is free, and free again afterwards."""
    name = f"provisioned_{databases.servers.folder.name[-8:].lower()}"
    yield name
    databases.drop(name)


def _ask(url: str, query: str) -> list[tuple[object, ...]]:
    with connected(url) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def test_twice_is_as_good_as_once(database: str) -> None:
    first = provision.provision(servers.superuser_url(), database, **PASSWORDS)
    assert provision.provision(servers.superuser_url(), database, **PASSWORDS) == first
    assert _ask(first.owner, "SELECT current_user::text, session_user::text") == [("ledger_owner", "ledger_migrate")]
    assert _ask(first.app, "SELECT current_user::text, session_user::text") == [("ledger_app", "ledger_app")]


def test_the_owner_of_database_and_schema_cannot_log_in(database: str) -> None:
    found = provision.provision(servers.superuser_url(), database, **PASSWORDS)
    owners = "SELECT pg_get_userbyid(datdba)::text, (SELECT pg_get_userbyid(nspowner)::text FROM pg_namespace WHERE nspname = 'public') FROM pg_database WHERE datname = current_database()"  # noqa: E501
    assert _ask(found.app, owners) == [("ledger_owner", "ledger_owner")]
    assert _ask(found.app, "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'ledger_owner'") == [(False,)]


def test_the_application_may_nothing_by_itself(database: str) -> None:
    found = provision.provision(servers.superuser_url(), database, **PASSWORDS)
    with connected(found.owner) as owner:
        owner.cursor().execute("CREATE TABLE secret (id int)")
        owner.commit()
    for statement in (
        "SELECT * FROM secret",
        "CREATE TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "SET ROLE ledger_owner",
    ):
        with connected(found.app) as app, pytest.raises(psycopg2.errors.InsufficientPrivilege):
            app.cursor().execute(statement)
    assert _ask(found.app, "SHOW idle_in_transaction_session_timeout") == [("30s",)]


def test_strangers_may_not_connect(database: str) -> None:
    provision.provision(servers.superuser_url(), database, **PASSWORDS)
    query = f"SELECT has_database_privilege('pg_monitor', '{database}', 'CONNECT')"
    assert _ask(servers.superuser_url(), query) == [(False,)]


def test_an_owners_address_makes_the_product_work_as_the_application(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    provision.provision(servers.superuser_url(), database, **PASSWORDS)
    monkeypatch.setenv("DATABASE_URL", servers.superuser_url(database))
    monkeypatch.setenv("REDIS_URL", servers.redis_url())
    monkeypatch.delenv("DATABASE_OWNER_URL", raising=False)
    found = services.Services()
    found.start()
    assert found.servers == {}
    assert _ask(found.app_url, "SELECT current_user::text") == [("ledger_app",)]
    assert _ask(found.owner_url, "SELECT current_user::text") == [("ledger_owner",)]
    assert capsys.readouterr().out.count("\n") == 1


def test_an_applications_address_migrates_nothing(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = provision.provision(servers.superuser_url(), database, **PASSWORDS).app
    monkeypatch.setenv("DATABASE_URL", app)
    monkeypatch.setenv("REDIS_URL", servers.redis_url())
    monkeypatch.delenv("DATABASE_OWNER_URL", raising=False)
    found = services.Services()
    found.start()
    assert (found.app_url, found.owner_url) == (app, "")


def test_a_wrong_password_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    url = with_login(servers.superuser_url(), user="nobody", password="wrong")
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("REDIS_URL", servers.redis_url())
    monkeypatch.delenv("DATABASE_OWNER_URL", raising=False)
    with pytest.raises(CannotStart, match="does not let us in"):
        services.Services().start()
