"""Models, migrations and the tables of the database agree; the vocabulary stands in both places."""

import io

from django.apps import apps
from django.core.management import call_command
from django.db import connection

from ledger import grants
from ledger.rules.kinds import KINDS

APPS = ("ledger", "pipeline", "governance", "reporting")


def test_kinds_are_the_same_in_the_database(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, effect, status, stream, mark FROM ledger_kind")
        assert {row[0]: row[1:] for row in cursor.fetchall()} == {
            kind.name: (kind.effect, kind.status, kind.stream, kind.mark) for kind in KINDS.values()
        }


def test_models_and_migrations_agree(db):
    out = io.StringIO()
    call_command("makemigrations", "--check", "--dry-run", *APPS, stdout=out)
    assert "No changes detected" in out.getvalue()


def test_every_model_has_its_columns(db):
    """Of unmanaged tables too, which no migration of Django's compares."""
    wrong = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if model._meta.app_label not in APPS:
                continue
            table = model._meta.db_table
            cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
            there = {row[0] for row in cursor.fetchall()}
            missing = {field.column for field in model._meta.concrete_fields if field.column} - there
            if missing:
                wrong[table] = missing
    assert wrong == {}


def test_what_only_entries_write_is_unmanaged_and_granted_by_name(db):
    """A table that the application may not change says so beside its model."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, p.prosrc ~ 'pg_trigger_depth' FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgname = 'never_changes'"
        )
        guarded = dict(cursor.fetchall())
    models = {model._meta.db_table: model for model in apps.get_models()}
    assert len(guarded) > 10
    for table, by_entry in guarded.items():
        model = models[table]
        assert not {"UPDATE", "DELETE"} & set(model.app_grants), table
        if by_entry:
            assert not model._meta.managed and model.app_grants == ("SELECT",), table
    assert models["ledger_entry"].app_grants == ("SELECT", "INSERT (envelope)")


def test_grants_are_exactly_those(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, privilege_type FROM information_schema.table_privileges WHERE grantee = %s"
            " AND table_schema = 'public'",
            [grants.APP_ROLE],
        )
        held = {}
        for table, privilege in cursor.fetchall():
            held.setdefault(table, set()).add(privilege)
    for table, privileges in grants.wanted().items():
        assert held.get(table, set()) == {one for one in privileges if "(" not in one}, table
