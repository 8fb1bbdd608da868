"""Refuses to start on a database whose guards differ from what the product expects."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from ledger import grants

_ENTRY = (
    "entry_1_extends_its_stream",
    "entry_2_moves_its_deal",
    "entry_3_writes_the_organisation",
    "entry_4_keeps_duties_apart",
    "entry_8_moves_its_standing",
    "entry_9_writes_its_postings",
)
_GUARDED = (
    "ledger_entry",
    "ledger_posting",
    "ledger_stream",
    "ledger_standing",
    "ledger_leaf",
    "ledger_tile",
    "ledger_seal",
    "ledger_publication",
    "pipeline_seat",
    "pipeline_fxrate",
    "pipeline_policyversion",
    "pipeline_policystage",
    "pipeline_gaterequirement",
    "pipeline_dealstate",
)
# (table, trigger) that must be there and fire always, whatever session_replication_role says.
GUARDS = [("ledger_entry", trigger) for trigger in _ENTRY]
GUARDS += [(table, trigger) for table in _GUARDED for trigger in ("never_changes", "never_empties")]


@register(Tags.database)
def guards_are_in_place(databases: Any = None, **_: Any) -> list[CheckMessage]:
    """Grants, trigger states and owner, compared with what is written here and beside the models."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        if alias != "default":
            continue
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT to_regclass('ledger_entry') IS NOT NULL")
            if not cursor.fetchone()[0]:
                continue
            found += _triggers(cursor) + _grants(cursor) + _owner(cursor)
    return found


def _triggers(cursor: Any) -> list[CheckMessage]:
    cursor.execute(
        "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal AND t.tgenabled = 'A'"
    )
    present = set(cursor.fetchall())
    hint = "Restore it from a backup, or migrate anew."
    return [
        Error(f"the guard {trigger} on {table} is missing or switched off", hint=hint, id="ledger.E001")
        for table, trigger in GUARDS
        if (table, trigger) not in present
    ]


def _grants(cursor: Any) -> list[CheckMessage]:
    cursor.execute(
        "SELECT table_name, privilege_type FROM information_schema.table_privileges"
        " WHERE grantee = %s AND table_schema = 'public'",
        [grants.APP_ROLE],
    )
    present: dict[str, set[str]] = {}
    for table, privilege in cursor.fetchall():
        present.setdefault(table, set()).add(privilege)
    messages: list[CheckMessage] = []
    for table, wanted in grants.wanted().items():
        whole = {privilege for privilege in wanted if "(" not in privilege}
        extra = present.get(table, set()) - whole
        if extra:
            text = f"the application role may {', '.join(sorted(extra))} on {table}, which is more than it needs"
            messages.append(
                Error(text, hint="Run `manage.py migrate` as the owner: it makes the grants.", id="ledger.E002")
            )
    return messages


def _owner(cursor: Any) -> list[CheckMessage]:
    cursor.execute(
        "SELECT count(*) FROM pg_class c WHERE relkind IN ('r', 'v', 'S') AND relnamespace = 'public'::regnamespace"
        " AND pg_get_userbyid(relowner) = current_user"
    )
    if cursor.fetchone()[0] and cursor.connection.info.user == grants.APP_ROLE:
        return [Error("the application role owns tables", hint="Make ledger_owner the owner.", id="ledger.E003")]
    return []
