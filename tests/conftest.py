"""Fixtures that every test may use. There are no mocks: the database, the broker and the web server are real.

| fixture        | gives                                                                                        |
|----------------|----------------------------------------------------------------------------------------------|
| `db`           | the application role inside a transaction that is rolled back; the usual choice              |
| `committed_db` | a fresh copy of the database for this test module, where commits stay; see `Database`        |
| `live_site`    | a real web server on a copy of its own, for this test module: `.url`, `.database`            |
| `filling`      | `with filling(live_site):` makes Django in the test itself work on the site's database       |
| `database`     | the `Database` behind `db`: its name and raw connections                                     |
| `company`      | like `db`, on a database in which tests/company.py has been built: start from there          |
| `committed_company` | like `committed_db`, with the company: `(database, company)`                            |
| `sealing`      | `sealing()` seals what is committed in the committed company, and rolls blocks of a few postings |
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from django.db import connections, transaction
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from crm_ledger.database_url import django_database
from ledger.commands import seal
from ledger.rules.checkpoint import Signer
from pipeline.queries import policies
from tests import company as companies
from tests import databases
from tests.company import Company
from tests.databases import Database
from tests.web_server import LiveSite

# How long an example takes says how busy the machine is, not whether the rule holds.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def pytest_configure(config: pytest.Config) -> None:
    workers = getattr(config.option, "numprocesses", None)
    if not hasattr(config, "workerinput") and workers:
        # Under xdist the controller owns the servers: its workers come and go.
        databases.servers.start_postgres(workers)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and "TESTS_DATABASE_URL" in os.environ:
        databases.forget_template()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    for item in items:
        marker = item.get_closest_marker("django_db")
        if marker and marker.kwargs.get("transaction"):
            raise pytest.UsageError(
                f"{item.nodeid}: the record refuses TRUNCATE, so nothing can be flushed; use the fixture committed_db."
            )
    yield
    # What takes longest begins first, so that no worker is left alone with it at the end (behind the order of plugins).
    # A module stays on one worker (`--dist loadfile`): two would each build its sites and copies of the database.
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    sites = {item.path for item in items if "live_site" in getattr(item, "fixturenames", ())}
    items.sort(key=lambda item: (item.path not in slow, item.path not in sites))


@contextmanager
def _default_is(name: str) -> Iterator[Database]:
    """Points Django's `default` at a database as the application role, for all threads; then back."""
    target = Database(name)
    entry = connections.settings["default"]
    before = dict(entry)
    connections["default"].close()
    policies.forget()  # another database counts its versions anew
    entry.update(django_database(target.app_url, application="tests"))
    try:
        yield target
    finally:
        connections["default"].close()
        policies.forget()
        entry.update(before)


@pytest.fixture(scope="session")
def database(django_db_blocker: DjangoDbBlocker) -> Iterator[Database]:
    name = databases.copy("worker")
    with django_db_blocker.unblock(), _default_is(name) as target:
        yield target
    databases.drop(name)


@pytest.fixture(scope="session")
def django_db_setup(database: Database) -> None:
    """In place of the plugin's own: the copy is made already."""


@pytest.fixture(scope="module")
def _module_copy() -> Iterator[str]:
    name = databases.copy("module")
    yield name
    databases.drop(name)


@pytest.fixture
def committed_db(_module_copy: str, django_db_blocker: DjangoDbBlocker) -> Iterator[Database]:
    """Commits stay until the end of the module. Never together with `db` in one test."""
    with django_db_blocker.unblock(), _default_is(_module_copy) as target:
        yield target


@pytest.fixture(scope="session")
def _company_template(django_db_blocker: DjangoDbBlocker) -> str:
    def fill(name: str) -> None:
        with django_db_blocker.unblock(), _default_is(name):
            companies.build()
        with Database(name).owner() as owner, owner.cursor() as cursor:
            cursor.execute("UPDATE ledger_clock SET demo = true")  # so that a test may move the clock forward
            owner.commit()

    return databases.template_with("company", fill)


@pytest.fixture(scope="session")
def company_database(_company_template: str) -> Iterator[Database]:
    name = databases.copy("company", of=_company_template)
    yield Database(name)
    databases.drop(name)


@pytest.fixture
def company(company_database: Database, django_db_blocker: DjangoDbBlocker) -> Iterator[Company]:
    """The application role inside a transaction that is rolled back. Never together with `db` in one test."""
    with django_db_blocker.unblock(), _default_is(company_database.name), transaction.atomic():
        yield companies.load()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def _module_company(_company_template: str) -> Iterator[str]:
    name = databases.copy("module", of=_company_template)
    yield name
    databases.drop(name)


@pytest.fixture
def committed_company(_module_company: str, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[Database, Company]]:
    """Commits stay until the end of the module. Never together with `db` in one test."""
    with django_db_blocker.unblock(), _default_is(_module_company) as target:
        yield target, companies.load()


@pytest.fixture
def transactional_db() -> None:
    raise pytest.UsageError("The record refuses TRUNCATE, so nothing can be flushed; use the fixture committed_db.")


@pytest.fixture(scope="module")
def live_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """Empty but for the schema; fill it with `live_site.manage("demo")` or inside `with filling(live_site):`."""
    name = databases.copy("site")
    site = LiveSite(Database(name), tmp_path_factory.mktemp("site"))
    site.start()
    yield site
    site.stop()
    databases.drop(name)


@pytest.fixture
def filling(django_db_blocker: DjangoDbBlocker) -> Callable[[LiveSite], AbstractContextManager[Database]]:
    """`with filling(live_site):` points Django in the test itself at the site's database."""

    @contextmanager
    def pointed(site: LiveSite) -> Iterator[Database]:
        with django_db_blocker.unblock(), _default_is(site.database.name) as target:
            yield target

    return pointed


@pytest.fixture
def sealing(committed_company: tuple[Database, Company]) -> Iterator[Callable[[], None]]:
    database, _company = committed_company
    own = django_database(database.sealer_url, application="tests")
    connections.settings[seal.SEALER] = {**connections.settings["default"], **own}

    def run() -> None:
        seal.seal("tests", [Signer.from_seed("tests", bytes([1] * 32))])
        with database.owner() as owner, owner.cursor() as cursor:
            cursor.execute("SELECT ledger_roll_blocks(40, 1000)")
            owner.commit()

    yield run
    connections[seal.SEALER].close()
    del connections.settings[seal.SEALER]
    del connections[seal.SEALER]
