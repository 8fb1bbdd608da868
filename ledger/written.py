"""What the migrations say that the database should hold: functions, triggers, constraints, the bodies of views.

Read from their text in the order in which they run, so that of several versions the last one counts.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from django.apps import apps
from django.db.migrations.loader import MigrationLoader

_COMMENT = re.compile(r"--[^\n]*")
_VIEW = re.compile(r"CREATE (?:OR REPLACE )?VIEW (?:public\.)?([\w.]+) AS\b([^;]*);")
_FILE = re.compile(r'"(\w+\.sql)"')
_FUNCTION = re.compile(
    r"CREATE (?:OR REPLACE )?FUNCTION\s+(?:public\.)?([\w.]+)\s*\((.*?)\bAS\s+(\$\w*\$)(.*?)\3", re.DOTALL
)
_TRIGGER = re.compile(
    r"(?:CREATE (?:OR REPLACE )?TRIGGER (\w+)\s+((?:BEFORE|AFTER)[\w\s]+?)\s+ON\s+(\w+)\s+"
    r"(?:REFERENCING NEW TABLE AS fresh\s+)?FOR EACH (ROW|STATEMENT)"
    r"\s+(?:WHEN\s+((?:(?!EXECUTE FUNCTION).)*?)\s+)?EXECUTE FUNCTION (\w+)\(\)"
    r"|DROP TRIGGER (?:IF EXISTS )?(\w+) ON (\w+)|ledger_guard\('(\w+)', (true|false)\))",
    re.DOTALL,
)
_CONSTRAINT = re.compile(
    r"\bCONSTRAINT (\w+)\s+(?:CHECK|UNIQUE|PRIMARY|FOREIGN|EXCLUDE)|DROP CONSTRAINT (?:IF EXISTS )?(\w+)"
)
# What tells one condition of a trigger from another, in the text of a migration and as PostgreSQL tells it again.
_SAID = re.compile(
    r"'[^']*'|\b(?:new|old)\.\w+|is (?:not )?(?:null|distinct)|!?~~?|<>|\b(?:not|and|or|true|false|\d+)\b"
)
_WORDS = (("not like", "!~~"), ("like", "~~"), ("not in", "<>"))


@dataclass(frozen=True, slots=True)
class Trigger:
    """`when` are the words of its condition, whatever brackets and casts stand between them."""

    moment: str
    each: str
    function: str
    when: frozenset[tuple[str, int]] = frozenset()


@dataclass(slots=True)
class Written:
    functions: dict[str, dict[str, tuple[bool, bool, str]]] = field(default_factory=lambda: defaultdict(dict))
    triggers: dict[tuple[str, str], Trigger] = field(default_factory=dict)
    constraints: set[str] = field(default_factory=set)


def sql() -> str:
    """Every file in migrations/sql of every app, of every version of the schema."""
    folders = [Path(app.path) / "migrations" / "sql" for app in apps.get_app_configs()]
    return "\n".join(file.read_text() for folder in folders for file in sorted(folder.glob("*.sql")))


def views(text: str) -> dict[str, list[str]]:
    """Name, with its schema unless that is public → the bodies it was given by one migration or another."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, body in _VIEW.findall(_COMMENT.sub("", text)):
        found[name].append(body.strip())
    return found


def told(condition: str) -> frozenset[tuple[str, int]]:
    """The words of the condition of a trigger, each as often as it is there."""
    text = " ".join(condition.lower().split())
    for word, sign in _WORDS:
        text = text.replace(f" {word} ", f" {sign} ")
    return frozenset(Counter(_SAID.findall(text)).items())


@cache
def catalogue() -> Written:
    """What stands after the last migration. By name and arguments, a function is (SECURITY DEFINER, search_path set,
    body)."""
    written = Written()
    for text in _in_order():
        for name, head, _, body in _FUNCTION.findall(text):
            arguments = " ".join(head.split(") RETURNS")[0].split())
            set_path = "SET search_path = public, pg_temp" in head
            written.functions[name][arguments] = ("SECURITY DEFINER" in head, set_path, body)
        plain = _COMMENT.sub("", text)
        for found in _TRIGGER.findall(plain):
            _trigger(written, *found)
        for made, dropped in _CONSTRAINT.findall(plain):
            (written.constraints.add if made else written.constraints.discard)(made or dropped)
    return written


def _trigger(
    written: Written, name: str, moment: str, table: str, each: str, when: str, function: str, dropped: str,
    dropped_on: str, guarded: str, append_only: str,
) -> None:  # fmt: skip
    if dropped:
        written.triggers.pop((dropped_on, dropped), None)
    elif guarded:
        what = ("BEFORE UPDATE OR DELETE", "ledger_refuse_change")
        if append_only == "false":
            what = ("BEFORE INSERT OR UPDATE OR DELETE", "ledger_only_by_entry")
        written.triggers[guarded, "never_changes"] = Trigger(what[0], "ROW", what[1])
        written.triggers[guarded, "never_empties"] = Trigger("BEFORE TRUNCATE", "STATEMENT", "ledger_refuse_change")
    else:
        written.triggers[table, name] = Trigger(" ".join(moment.split()), each, function, told(when))


def _in_order() -> list[str]:
    """The text of each migration with the SQL that it reads."""
    loader = MigrationLoader(None)
    found, folders = [], {app.label: Path(app.path) / "migrations" for app in apps.get_app_configs()}
    ordered: dict[tuple[str, str], None] = {}
    for leaf in loader.graph.leaf_nodes():
        ordered |= dict.fromkeys(loader.graph.forwards_plan(leaf))
    for label, name in ordered:
        file = folders[label] / f"{name}.py"
        if not (folders[label] / "sql").is_dir() or not file.exists():
            continue
        text = file.read_text()
        found += [text, *((folders[label] / "sql" / name).read_text() for name in _FILE.findall(text))]
    return found
