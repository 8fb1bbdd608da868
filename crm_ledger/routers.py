"""Which door a query takes."""

from typing import Any


class OwnerWhileMigrating:
    """While the `migrate` command runs as owner, data migrations write through the same connection.

    Without this a data migration that names no database would write as the application role, outside the
    migration's transaction, and wait for a lock that the migration itself holds.
    """

    active = False

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return "owner" if OwnerWhileMigrating.active else None

    def db_for_write(self, model: Any, **hints: Any) -> str | None:
        return "owner" if OwnerWhileMigrating.active else None

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        # Both aliases are one database.
        return True
