"""Refuses to start on a database whose guards differ from what the product expects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from ledger import grants

_ENTRY = (
    "entry_1_extends_its_stream",
    "entry_2_moves_its_deal",
    "entry_3_writes_holidays",
    "entry_3_writes_the_organisation",
    "entry_4_keeps_duties_apart",
    "entry_5_keeps_holds",
    "entry_5_keeps_touchpoints",
    "entry_4_keeps_plans",
    "entry_5_keeps_waivers",
    "entry_5_erases",
    "entry_6_erases_evidence",
    "entry_6_moves_alerts",
    "entry_5_keeps_its_reservation",
    "entry_5_moves_its_expansion",
    "entry_5_moves_its_pool",
    "entry_7_keeps_revenue",
    "entry_7_notes_forecasts",
    "entry_7_stops_at_holds",
    "entry_7_moves_its_period",
    "entry_7_ends_forecasts",
    "entry_7_keeps_locks",
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
    "ledger_block",
    "ledger_total",
    "ledger_period",
    "pipeline_seat",
    "pipeline_fxrate",
    "pipeline_holiday",
    "pipeline_policyversion",
    "pipeline_policystage",
    "pipeline_gaterequirement",
    "pipeline_dealstate",
    "governance_evidence",
    "governance_evidenceopening",
    "governance_attempt",
    "governance_alert",
    "governance_hold",
    "governance_touchpoint",
    "governance_touchpointkind",
    "governance_accounthealth",
    "governance_waiver",
    "governance_expansion",
    "governance_capacitymonth",
    "governance_reservation",
    "reporting_revenue",
    "reporting_forecast",
    "reporting_push",
    "reporting_snapshot",
    "reporting_passage",
    "reporting_lock",
    "reporting_call",
)
# (table, trigger) that must be there and fire always, whatever session_replication_role says.
GUARDS = [("ledger_entry", trigger) for trigger in _ENTRY]
GUARDS += [("ledger_posting", "capacity_moves_by_a_pool"), ("pipeline_dealstate", "pushes_are_noted")]
GUARDS += [("pipeline_dealstate", trigger) for trigger in ("passages_are_noted", "beginnings_are_noted")]
GUARDS += [(table, trigger) for table in _GUARDED for trigger in ("never_changes", "never_empties")]


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
            found += _triggers(cursor) + _functions(cursor) + _grants(cursor) + _owner(cursor)
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


def _functions(cursor: Any) -> list[CheckMessage]:
    """A trigger that stands and does nothing guards nothing: each function reads as a file in migrations/sql says."""
    folders = [Path(app.path) / "migrations" / "sql" for app in apps.get_app_configs()]
    written = "\n".join(file.read_text() for folder in folders for file in sorted(folder.glob("*.sql")))
    cursor.execute(
        "SELECT p.proname, p.prosrc FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace"
        " AND p.proname ~ '^(ledger|pipeline|governance|reporting)_' ORDER BY p.proname"
    )
    return [
        Error(f"the function {name} is not the one of the migrations", hint="Migrate anew.", id="ledger.E004")
        for name, source in cursor.fetchall()
        if source not in written
    ]


def _grants(cursor: Any) -> list[CheckMessage]:
    """What the application role, or everybody, may do beyond what the models say; whole tables and single columns."""
    cursor.execute(
        "WITH held AS (SELECT c.relname, '' AS name, a.* FROM pg_class c, aclexplode(c.relacl) AS a"
        " WHERE c.relkind IN ('r', 'p', 'v', 'm') AND c.relnamespace = 'public'::regnamespace"
        " UNION ALL SELECT c.relname, t.attname, a.* FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid,"
        " aclexplode(t.attacl) AS a WHERE c.relnamespace = 'public'::regnamespace)"
        " SELECT h.relname, h.name, h.privilege_type FROM held h LEFT JOIN pg_roles r ON r.oid = h.grantee"
        " WHERE (h.grantee = 0 OR r.rolname = %s)"
        " AND NOT (h.privilege_type = 'SELECT' AND h.relname IN (SELECT viewname FROM pg_views))",
        [grants.APP_ROLE],
    )
    extra: dict[str, set[str]] = {}
    wanted = {table: set(privileges) for table, privileges in grants.wanted().items()}
    for table, column, privilege in cursor.fetchall():
        said = f"{privilege} ({column})" if column else privilege
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
        "SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relowner = r.oid),"
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
