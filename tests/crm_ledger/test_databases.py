"""The doors into the database are the ones that production has."""

import psycopg2
import pytest
from django.db import connection

from tests.databases import Database


def test_tests_work_as_the_application_role(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, session_user")
        assert cursor.fetchone() == ("ledger_app", "ledger_app")


def test_the_application_role_makes_no_table(committed_db: Database) -> None:
    with committed_db.app() as raw, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        raw.cursor().execute("CREATE TABLE public.mine (id int)")


def test_the_migrating_role_acts_as_the_owner_in_a_copy_too(committed_db: Database) -> None:
    with committed_db.owner() as raw, raw.cursor() as cursor:
        cursor.execute("SELECT current_user, session_user")
        assert cursor.fetchone() == ("ledger_owner", "ledger_migrate")


@pytest.mark.parametrize("round_", [1, 2])
def test_commits_stay_within_the_module(committed_db: Database, round_: int) -> None:
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    Session.objects.create(session_key=f"kept{round_}", session_data="", expire_date=timezone.now())
    assert Session.objects.filter(session_key__startswith="kept").count() == round_


def test_another_database_than_the_committed_one(db: None) -> None:
    from django.contrib.sessions.models import Session

    assert not Session.objects.exists()
