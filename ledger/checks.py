"""Refuses to start on a database whose guards differ from what the product expects."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connections, transaction

from ledger import grants, written
from ledger.catalogue import strangers


@register(Tags.database)
def guards_are_in_place(databases: Any = None, **_: Any) -> list[CheckMessage]:
    """Triggers and what they do, grants and owner, compared with what is written here, in the SQL of the migrations
    and beside the models."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        if alias != "default":
            continue
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT to_regclass('ledger_entry') IS NOT NULL")
            if not cursor.fetchone()[0]:
                continue
            found += [*strangers(cursor), *_views(cursor), *_grants(cursor), *_owner(cursor)]
    return found


def _views(cursor: Any) -> list[CheckMessage]:
    """What is read, now and of the past, is read through the views of the migrations."""
    cursor.execute(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('v', 'm') AND (n.nspname = 'ledger_past' OR n.nspname = 'public'"
        " AND c.relname ~ '^(ledger|pipeline|governance|reporting)_') ORDER BY 1 DESC, 2"
    )
    present = [_named(schema, name) for schema, name in cursor.fetchall()]
    bodies = written.views()
    with transaction.atomic(using="default"):
        # The past is asked of a moment, so there must be one.
        cursor.execute("SELECT public.ledger_look_back(now())")
        wrong = [view for view in present if view not in bodies or not _same(cursor, view, bodies[view])]
        transaction.set_rollback(True, using="default")
    wrong += sorted(view for view in bodies if view not in present)
    return [
        Error(f"the view {view} is not the one of the migrations", hint="Migrate anew.", id="ledger.E005")
        for view in wrong
    ]


def _same(cursor: Any, view: str, body: str, tries: int = 3) -> bool:
    """Both are planned alike, word for word: PostgreSQL keeps no text of a view, and the application may make none to
    compare with. A table that is analysed between two questions can change a plan, so a difference is asked again."""
    return any(_plan(cursor, view) == (_plan(cursor, f"({body})") or "never") for _ in range(tries))


def _plan(cursor: Any, source: str) -> list[Any] | None:
    """None for what this schema cannot answer."""
    try:
        with transaction.atomic(using="default"):
            cursor.execute(f"EXPLAIN (VERBOSE, COSTS OFF) SELECT * FROM {source} AS asked")
            plan: list[Any] = cursor.fetchall()
            return plan
    except DatabaseError:
        return None


def _named(schema: str, name: str) -> str:
    return name if schema == "public" else f"{schema}.{name}"


def _grants(cursor: Any) -> list[CheckMessage]:
    """What the application role, or everybody, may do beyond what the models say; whole tables and single columns."""
    cursor.execute(
        "WITH ours AS (SELECT c.*, n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname IN ('public', 'ledger_past')), held AS ("
        " SELECT c.nspname, c.relname, c.relkind, '' AS name, a.* FROM ours c, aclexplode(c.relacl) AS a"
        " WHERE c.relkind IN ('r', 'p', 'v', 'm')"
        " UNION ALL SELECT c.nspname, c.relname, c.relkind, t.attname, a.* FROM ours c"
        " JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) AS a)"
        " SELECT h.nspname, h.relname, h.name, h.privilege_type FROM held h LEFT JOIN pg_roles r ON r.oid = h.grantee"
        " WHERE (h.grantee = 0 OR r.rolname = %s) AND NOT (h.privilege_type = 'SELECT' AND h.relkind = 'v')",
        [grants.APP_ROLE],
    )
    extra: dict[str, set[str]] = {}
    wanted = {table: set(privileges) for table, privileges in grants.wanted().items()}
    for schema, relation, column, privilege in cursor.fetchall():
        table, said = _named(schema, relation), f"{privilege} ({column})" if column else privilege
        if said not in wanted.get(table, ()):
            extra.setdefault(table, set()).add(said)
    hint = "Run `manage.py migrate` as the owner: it makes the grants."
    return [
        Error(f"the application role may {', '.join(sorted(more))} on {table}, which is more than it needs", hint=hint,
              id="ledger.E002")
        for table, more in sorted(extra.items())
    ]  # fmt: skip


def _owner(cursor: Any) -> list[CheckMessage]:
    cursor.execute(
        "SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname IN ('public', 'ledger_past') AND r.oid IN (c.relowner, n.nspowner)),"
        " r.rolsuper OR r.rolbypassrls OR EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid)"
        " FROM pg_roles r WHERE r.rolname = %s",
        [grants.APP_ROLE],
    )
    owns, mighty = cursor.fetchone() or (False, False)
    found: list[CheckMessage] = []
    if owns:
        found.append(Error("the application role owns tables", hint="Make ledger_owner the owner.", id="ledger.E003"))
    if mighty:
        text = "the application role is a superuser, or acts as another role"
        found.append(Error(text, hint="Provision the roles anew; see README.md.", id="ledger.E003"))
    return found
