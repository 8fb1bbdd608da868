"""Refuses to start on a database whose guards differ from what the product expects."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connections, transaction

from ledger import grants, written

_ENTRY = (
    "entry_1_extends_its_stream",
    "entry_2_moves_its_deal",
    "entry_3_writes_holidays",
    "entry_3_writes_the_organisation",
    "entry_4_keeps_duties_apart",
    "entry_4_keeps_handshakes",
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
    "entry_7_keeps_billing",
    "entry_7_notes_forecasts",
    "entry_7_stops_at_holds",
    "entry_7_moves_its_period",
    "entry_7_ends_forecasts",
    "entry_7_keeps_locks",
    "entry_7_keeps_sharing",
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
    "pipeline_stage_total",
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
    "reporting_billing",
    "reporting_passage",
    "reporting_lock",
    "reporting_call",
    "reporting_sharing",
    "reporting_look",
)
# (table, trigger) that must be there and fire always, whatever session_replication_role says.
GUARDS = [("ledger_entry", trigger) for trigger in _ENTRY]
GUARDS += [("ledger_posting", "capacity_moves_by_a_pool"), ("ledger_block", "block_sums_its_stages")]
GUARDS += [
    ("pipeline_dealstate", trigger) for trigger in ("pushes_are_noted", "passages_are_noted", "beginnings_are_noted")
]
GUARDS += [
    ("ledger_posting", "capacity_moves_by_a_pool"),
    ("ledger_posting", "billings_move_by_finance"),
    ("pipeline_dealstate", "pushes_are_noted"),
]
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
            said = written.sql()
            found += _triggers(cursor) + _functions(cursor, said) + _views(cursor, said)
            found += _grants(cursor) + _owner(cursor)
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


def _functions(cursor: Any, said: str) -> list[CheckMessage]:
    """A trigger that stands and does nothing guards nothing: each function reads as a file in migrations/sql says."""
    cursor.execute(
        "SELECT n.nspname, p.proname, p.prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname = 'ledger_past' OR n.nspname = 'public'"
        " AND p.proname ~ '^(ledger|pipeline|governance|reporting)_' ORDER BY 1 DESC, 2"
    )
    return [
        Error(f"the function {_named(schema, name)} is not the one of the migrations", hint="Migrate anew.",
              id="ledger.E004")
        for schema, name, source in cursor.fetchall()
        if source not in said
    ]  # fmt: skip


def _views(cursor: Any, said: str) -> list[CheckMessage]:
    """What is read, now and of the past, is read through the views of the migrations."""
    cursor.execute(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('v', 'm') AND (n.nspname = 'ledger_past' OR n.nspname = 'public'"
        " AND c.relname ~ '^(ledger|pipeline|governance|reporting)_') ORDER BY 1 DESC, 2"
    )
    present = [_named(schema, name) for schema, name in cursor.fetchall()]
    bodies = written.views(said)
    with transaction.atomic(using="default"):
        # The past is asked of a moment, so there must be one.
        cursor.execute("SELECT public.ledger_look_back(now())")
        wrong = [view for view in present if not any(_same(cursor, view, body) for body in bodies.get(view, ()))]
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
    """None for what this schema cannot answer, as a body of a version to come."""
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
