"""What stands in the catalogue of the database beside, or in place of, what the migrations wrote there.

A guard can be made hollow without being switched off: by a condition that never holds, by a second trigger that runs
before it, by a policy or a rule that hides rows, by a setting that lets a role read lying tables first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error

from ledger import written
from ledger.rules.kinds import KINDS

_OURS = "n.nspname IN ('public', 'ledger_past')"
_FUNCTIONS = f"""
SELECT n.nspname, p.proname, p.prosecdef, coalesce(p.proconfig, '{{}}'), p.prosrc, p.proisstrict,
    CASE p.provolatile WHEN 'i' THEN 'IMMUTABLE' WHEN 's' THEN 'STABLE' ELSE 'VOLATILE' END,
    coalesce(p.proargnames, '{{}}'),
    p.prosqlbody IS NULL AND p.prosupport = 0 AND l.lanname IN ('sql', 'plpgsql')
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
WHERE {_OURS} ORDER BY 1 DESC, 2
"""
_TRIGGERS = f"""
SELECT c.relname, t.tgname, t.tgtype, p.proname, t.tgenabled, pg_get_triggerdef(t.oid),
    t.tgnargs, t.tgattr::text, t.tgconstraint <> 0
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND {_OURS} ORDER BY 1, 2
"""
_OF_EXTENSION = "(SELECT objid FROM pg_depend WHERE deptype = 'e')"
# What may not be there at all: (what it is, how it is found). Numbers below 16384 are PostgreSQL's own.
_NEVER = (
    ("row security that no migration wrote", f"""SELECT c.relname FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {_OURS} AND (c.relrowsecurity OR c.relforcerowsecurity)"""),
    ("a policy that no migration wrote", "SELECT polrelid::regclass::text || ' ' || polname FROM pg_policy"),
    ("a rule that no migration wrote", """SELECT tablename || ' ' || rulename FROM pg_rules
        WHERE schemaname IN ('public', 'ledger_past')"""),
    ("a trigger on events that no migration wrote", "SELECT evtname FROM pg_event_trigger"),
    ("a table below that no migration wrote", f"""SELECT inhrelid::regclass::text FROM pg_inherits i
        JOIN pg_class c ON c.oid = i.inhparent JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'f') AND {_OURS}"""),
    ("a foreign key that is switched off", """SELECT tgrelid::regclass::text || ' ' || c.conname FROM pg_trigger t
        JOIN pg_constraint c ON c.oid = t.tgconstraint WHERE tgisinternal AND tgenabled = 'D'"""),
    ("a constraint that is not enforced", f"""SELECT conrelid::regclass::text || ' ' || conname FROM pg_constraint c
        JOIN pg_namespace n ON n.oid = c.connamespace WHERE {_OURS} AND NOT (convalidated AND conenforced)"""),
    ("a schema that no migration wrote", """SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_'
        AND nspname NOT IN ('public', 'ledger_past', 'information_schema')"""),
    ("an operator that no migration wrote", f"""SELECT oid::regoperator::text FROM pg_operator
        WHERE oid >= 16384 AND oid NOT IN {_OF_EXTENSION}"""),
    ("a cast that no migration wrote", f"""SELECT castsource::regtype || ' to ' || casttarget::regtype FROM pg_cast
        WHERE oid >= 16384 AND oid NOT IN {_OF_EXTENSION}"""),
    # Provisioning sets the role of a deployer and how long an idle transaction may last.
    ("an extension that no migration wrote", "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'"),
    # What PostgreSQL looks at before it looks for guards at all: only who edits the catalogue changes it.
    ("guards that are not looked for", f"""SELECT c.relname FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {_OURS} AND c.relkind IN ('r', 'p') AND (
            NOT c.relhastriggers AND EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid)
            OR NOT c.relhasindex AND EXISTS (SELECT FROM pg_index WHERE indrelid = c.oid)
            OR c.relchecks <> (SELECT count(*) FROM pg_constraint WHERE conrelid = c.oid AND contype = 'c'))"""),
    ("an index that is not kept", f"""SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE {_OURS} AND NOT (i.indisvalid AND i.indisready AND i.indislive AND i.indimmediate)"""),
    ("a table that does not survive a crash", f"""SELECT c.relname FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE {_OURS} AND c.relkind IN ('r', 'S') AND c.relpersistence <> 'p'"""),
    ("a setting of a role that no migration wrote", """SELECT coalesce(setrole::regrole::text, 'all') || ' ' || word
        FROM pg_db_role_setting LEFT JOIN pg_roles r ON r.oid = setrole, unnest(setconfig) AS word
        WHERE (setrole = 0 OR r.rolname LIKE 'ledger%') AND word !~ '^(role|[a-z_]*timeout)='
          AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))"""),
)  # fmt: skip
_BITS = {1: "ROW", 2: "BEFORE", 4: "INSERT", 8: "DELETE", 16: "UPDATE", 32: "TRUNCATE", 64: "INSTEAD OF"}


_HARMLESS = "plan_cache_mode=force_generic_plan"  # says how a function reads, and nothing of what


def strangers(cursor: Any) -> Iterator[CheckMessage]:
    """Everything that differs from the migrations; see `ledger.checks` for the rest of the guards."""
    said = written.catalogue()
    yield from _functions(cursor, said)
    yield from _triggers(cursor, said)
    cursor.execute(
        "SELECT conname FROM pg_constraint UNION SELECT indexrelid::regclass::text FROM pg_index WHERE indisunique"
    )
    for name in sorted(said.constraints - {row[0] for row in cursor.fetchall()}):
        yield _error("E007", f"the constraint {name} is gone")
    for what, question in _NEVER:
        cursor.execute(question)
        for (name,) in cursor.fetchall():
            yield _error("E008", f"{what}: {name}")
    yield from _kinds(cursor)
    # A demo that catches up with the present ends some milliseconds behind it.
    cursor.execute("SELECT ahead FROM ledger_clock WHERE ahead < '-1 minute' OR ahead <> '0' AND NOT demo")
    for (ahead,) in cursor.fetchall():
        yield _error("E010", f"the clock of the record runs {ahead} ahead, and only a demo may move it")


def _functions(cursor: Any, said: written.Written) -> Iterator[CheckMessage]:
    """Its body, whose rights it acts with, and where it looks for names."""
    cursor.execute(_FUNCTIONS)
    for schema, name, definer, settings, *told, plain in cursor.fetchall():
        known = name if schema == "public" else f"{schema}.{name}"
        settings = [one for one in settings or () if one != _HARMLESS]
        ours = settings == ["search_path=public, pg_temp"]
        source, strict, volatility, names = told
        found = written.Function(definer, ours, source, strict, volatility, tuple(names))
        if (settings and not ours) or not plain or found != said.functions.get(known, {}).get(found.names):
            yield _error("E004", f"the function {known} is not the one of the migrations")


def _triggers(cursor: Any, said: written.Written) -> Iterator[CheckMessage]:
    cursor.execute(_TRIGGERS)
    present = set()
    for table, name, kind, function, enabled, definition, arguments, columns, late in cursor.fetchall():
        present.add((table, name))
        if enabled != "A" and (table, name) in said.triggers:
            yield _error("E001", f"the guard {name} on {table} is missing or switched off")
            continue
        expected, when = said.triggers.get((table, name)), definition.partition(" WHEN ")[2].rpartition(" EXECUTE ")[0]
        words = {word for bit, word in _BITS.items() if kind & bit}
        found = (words, function, written.told(when), arguments, columns, late)
        if expected is None or found != (_words(expected), expected.function, expected.when, 0, "", False):
            yield _error("E006", f"the trigger {name} on {table} is not the one of the migrations")
    for table, name in sorted(set(said.triggers) - present):
        yield _error("E001", f"the guard {name} on {table} is missing or switched off")


def _words(trigger: written.Trigger) -> set[str]:
    words = set(trigger.moment.split()) - {"OR", "AFTER"}
    return words | ({"ROW"} if trigger.each == "ROW" else set())


def _kinds(cursor: Any) -> Iterator[CheckMessage]:
    """What each kind of entry does to a requirement, which the triggers read from a table."""
    cursor.execute("SELECT name, effect, status, stream, mark FROM ledger_kind ORDER BY name")
    held = {row[0]: row[1:] for row in cursor.fetchall()}
    wanted = {kind.name: (kind.effect, kind.status, kind.stream, kind.mark) for kind in KINDS.values()}
    for name in sorted({*held, *wanted}):
        if held.get(name) != wanted.get(name):
            yield _error("E009", f"the kind {name} is not the one of the product")


def _error(number: str, text: str) -> CheckMessage:
    return Error(text, hint="Migrate anew, or restore a backup.", id=f"ledger.{number}")
