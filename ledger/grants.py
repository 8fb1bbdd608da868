"""What the application role may do with each table: everything on ordinary ones, `app_grants` on protected ones."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connections

APP_ROLE = "ledger_app"
ORDINARY = ("SELECT", "INSERT", "UPDATE", "DELETE")


def wanted() -> dict[str, tuple[str, ...]]:
    """Table → privileges, for every table of every installed model."""
    tables: dict[str, tuple[str, ...]] = {}
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.proxy:
            tables[model._meta.db_table] = getattr(model, "app_grants", ORDINARY)
    tables["django_migrations"] = ("SELECT",)
    return tables


def apply(sender: Any, using: str, verbosity: int = 1, **_: Any) -> None:
    """Makes the grants exactly so; runs after each migrate, as the owner, and changes nothing the second time."""
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP_ROLE])
        if cursor.fetchone() is None:
            raise RuntimeError(f"The database role {APP_ROLE} is missing. `make run` creates it; see README.md.")
        present = set(connection.introspection.table_names(cursor, include_views=False))
        for table, privileges in wanted().items():
            if table in present:
                cursor.execute(f'REVOKE ALL ON "{table}" FROM {APP_ROLE}')
                cursor.execute(f'GRANT {", ".join(privileges)} ON "{table}" TO {APP_ROLE}')
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE}")
