"""What the migrations say that the database should hold: functions, triggers, constraints, the bodies of views.

Read from their text in the order in which they run, so that of several versions the last one counts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

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
    r"(?:\bCONSTRAINT (\w+)\s+(?:CHECK|UNIQUE|PRIMARY|FOREIGN|EXCLUDE)|CREATE UNIQUE INDEX (?:IF NOT EXISTS )?(\w+))"
    r"|DROP (?:CONSTRAINT|INDEX) (?:IF EXISTS )?(\w+)"
)
# What tells one condition of a trigger from another, in the text of a migration and as PostgreSQL tells it again.
_SAID = re.compile(r"'[^']*'|is (?:not )?(?:null|distinct from)|!?~~?|<>|<=|>=|[=<>()]|[a-z_][\w.]*|\d+")
_UNSAID = re.compile(r"::text\b|\barray\b")
_NAMES = re.compile(r"(?:^|, )(?:(?:IN|OUT|INOUT|VARIADIC) )?(\w+)")
_NESTED = re.compile(r"\([^()]*\)|\[\]")
_WORDS = (("not like", "!~~"), ("like", "~~"), ("not in", "<> all"), ("in", "= any"))
Told = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Trigger:
    """`when` is its condition as `told` has it."""

    moment: str
    each: str
    function: str
    when: Told = ()


class Function(NamedTuple):
    """What a function does and how it is called; `names` are those of its arguments and of what it returns."""

    definer: bool
    set_path: bool
    body: str
    strict: bool
    volatility: str
    names: tuple[str, ...]


@dataclass(slots=True)
class Written:
    functions: dict[str, dict[tuple[str, ...], Function]] = field(default_factory=lambda: defaultdict(dict))
    triggers: dict[tuple[str, str], Trigger] = field(default_factory=dict)
    constraints: set[str] = field(default_factory=set)


def views() -> dict[str, str]:
    """Name, with its schema unless that is public → the body that the last migration gave it."""
    return {name: body.strip() for text in _in_order() for name, body in _VIEW.findall(_COMMENT.sub("", text))}


def told(condition: str) -> Told:
    """The condition of a trigger: its words in their order, and what "and" and "or" join. Other brackets, and casts, do
    not count."""
    text = _UNSAID.sub("", " ".join(condition.lower().split()))
    for word, sign in _WORDS:
        text = text.replace(f" {word} ", f" {sign} ")
    open_brackets: list[list[Any]] = [[]]
    for word in _SAID.findall(text):
        if word == "(":
            open_brackets.append([])
        elif word == ")" and len(open_brackets) > 1:
            inner = _joined(open_brackets.pop())
            open_brackets[-1] += [inner] if inner[:1] in (("and",), ("or",)) else inner
        elif word != ")":
            open_brackets[-1].append(word)
    return _joined([word for words in open_brackets for word in words])


def _joined(words: Sequence[Any]) -> Told:
    """("or", …), ("and", …), or the words of what is asked; `a or (b or c)` is `a or b or c`."""
    for sign in ("or", "and"):
        parts: list[list[Any]] = [[]]
        for word in words:
            if word == sign:
                parts.append([])
            else:
                parts[-1].append(word)
        if len(parts) > 1:
            found: list[Any] = [sign]
            for part in map(_joined, parts):
                found += part[1:] if part[:1] == (sign,) else [part]
            return tuple(found)
    return words[0] if len(words) == 1 and isinstance(words[0], tuple) else tuple(words)


@cache
def catalogue() -> Written:
    """What stands after the last migration. By name and arguments, a function is (SECURITY DEFINER, search_path set,
    body)."""
    written = Written()
    for text in _in_order():
        for name, head, _, body in _FUNCTION.findall(text):
            function = _function(" ".join(_COMMENT.sub("", head).split()), body)
            written.functions[name][function.names] = function
        plain = _COMMENT.sub("", text)
        for found in _TRIGGER.findall(plain):
            _trigger(written, *found)
        for made, index, dropped in _CONSTRAINT.findall(plain):
            (written.constraints.discard if dropped else written.constraints.add)(made or index or dropped)
    return written


def _function(head: str, body: str) -> Function:
    """`head` is what stands between the first bracket and the body."""
    arguments, _, rest = _cut(head)
    table = rest.partition("RETURNS TABLE (")[2]
    names = _NAMES.findall(_plain(arguments)) + _NAMES.findall(_plain(_cut(table)[0]) if table else "")
    volatility = next((word for word in ("IMMUTABLE", "STABLE") if word in rest), "VOLATILE")
    strict = "STRICT" in rest or "RETURNS NULL ON NULL" in rest
    set_path = "SET search_path = public, pg_temp" in rest
    return Function("SECURITY DEFINER" in rest, set_path, body, strict, volatility, tuple(names))


def _cut(text: str) -> tuple[str, str, str]:
    """What comes before the bracket that closes one already open, the bracket, and what comes after it."""
    depth = 1
    for at, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if not depth:
            return text[:at], sign, text[at + 1 :]
    return text, "", ""


def _plain(arguments: str) -> str:
    """Without what stands in brackets, as in `numeric(20, 6)`."""
    return _NESTED.sub("", arguments).strip()


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
