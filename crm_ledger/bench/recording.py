"""Turns the SQL that a command really sent into a script whose deal, person, moment and chain vary."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import connection

from crm_ledger.bench.firm import CLIENTS, UNITS, Firm
from crm_ledger.bench.script import Script, Step, transaction
from crm_ledger.bench.stock import Supply
from ledger.queries import prepared
from pipeline.commands import advancing, opening

_ENVELOPES = re.compile(r"ARRAY\[('\\x7b22[0-9a-f]+'::bytea(?:, ?'\\x7b22[0-9a-f]+'::bytea)*)\]")
_HEX = re.compile(r"'\\x([0-9a-f]+)'::bytea")
_MARK = re.compile(r'"@@([^"]*)"')
_JSONB = "replace(replace({0}::text, '\": ', '\":'), ', \"', ',\"') AS {0}_text"
# What an advance takes from the locked deal, under the names of the columns that the lock returns.
_AFTER = {
    "account": "@@:account_id", "amount_minor": "@@:amount_minor", "value_minor": "@@:value_minor",
    "owner": "@@:owner_id", "unit": ":unit", "close_on": ":close_on", "start_on": ":start_on", "period": ":period",
    "terms": ":terms", "inputs": "@@:inputs_text", "input_at": "@@:input_at_text",
}  # fmt: skip


def statements(operation: Callable[[], Any]) -> list[str]:
    """The statements of an operation with their values in them, as they went over the wire."""
    sent: list[str] = []

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        cursor = context["cursor"].cursor
        sent.append(cursor.mogrify(sql, params).decode() if params is not None else sql)
        return execute(sql, params, many, context)

    connection.ensure_connection()
    with prepared.as_text(), connection.execute_wrapper(listen):
        operation()
    return [sql.strip() for sql in sent]


def reading(operation: Callable[[], Any]) -> Script:
    """A script that repeats an operation which writes nothing, value for value."""
    return Script(tuple(Step(sql) for sql in statements(operation)))


def advance(firm: Firm, supply: Supply) -> Script:
    """`advancing.advance` from the first stage into the second, which plans two milestones."""
    number, rep = supply.number(0, supply.take(1)[0]), firm.reps[0]
    sent = statements(lambda: advancing.advance(number, firm.policy.stages[1].key, by=rep.actor()))

    def vary(said: dict[str, Any]) -> None:
        if "after" in said["body"]:
            said["body"]["after"] |= {key: name for key, name in _AFTER.items() if key in said["body"]["after"]}
        for line in said["body"].get("postings", ()):
            sign = "-" if line["amount"] < 0 else ""
            line |= {"amount": f"@@{sign}:value_minor", "seat": "@@:owner_id", "unit": ":unit", "period": ":period"}

    lock = next(at for at, sql in enumerate(sent) if "pipeline_lock_deal(" in sql)
    sent[lock] = re.sub(r"pipeline_lock_deal\([^)]*\)", "pipeline_lock_deal(:deal, :person)", sent[lock])
    sent[lock] = (
        f"SELECT locked.*, encode(head, 'hex') AS prev, {_moments('now', 4)}, {_JSONB.format('inputs')},"
        f" {_JSONB.format('input_at')} FROM ({sent[lock]}) AS locked"
    )
    given = {"i": ":i + 1", "deal": supply.in_pgbench(), "person": f"{rep.person} + :client_id"}
    return Script(_steps(sent, number, vary, keeps={lock}), given)


def create(firm: Firm, stated: Mapping[str, Any]) -> Script:
    """`opening.open_deal`; each play tells another need, since the same text again is refused."""
    rep, opened = firm.reps[0], []
    sent = statements(lambda: opened.append(opening.open_deal("Packing line", stated, by=rep.actor())))
    number, private = opened[0].id, opened[0].private["need"]

    def vary(said: dict[str, Any]) -> None:
        said["body"]["after"]["input_at"] = dict.fromkeys(said["body"]["after"]["input_at"], "@@:us_0")
        said["body"]["after"]["owner"] = "@@:seat"
        for line in said["body"]["postings"]:
            line["seat"] = "@@:seat"

    clock = next(at for at, sql in enumerate(sent) if "pipeline_seats_of(" in sql)
    sent[clock] = f"SELECT read.*, {_moments('clock.at', 1)} FROM ({sent[clock]}) AS read, ledger_now() AS clock (at)"
    insert = next(at for at, sql in enumerate(sent) if sql.startswith("INSERT INTO pipeline_deal "))
    sent[insert] = sent[insert].removesuffix("RETURNING id") + "RETURNING id AS deal"
    text = str(stated["need"])
    found = []
    for step in _steps(sent, number, vary, keeps={clock, insert}):
        sql = step.sql.replace(private, "00000000-0000-4000-8000-:number")
        for form in (text, text.lower()):
            sql = sql.replace(form, re.sub(r"\d{9}", ":nine", form))
        found.append(Step(re.sub(r"pipeline_seats_of\(\d+", "pipeline_seats_of(:person", sql), step.keeps))
    # Reps of the same unit as the first one, and texts that nobody has told before.
    nth = f"(:client_id * {len(UNITS)} % {CLIENTS})"
    given = {"person": f"{rep.person} + {nth}", "seat": f"{rep.seat} + {nth}"}
    given |= {"nine": "random(100000000, 999999999)", "number": "random(100000000000, 999999999999)"}
    return Script(tuple(found), given)


def rows(operation: Callable[[], Any]) -> Script:
    """The clock, the deals and the entries of the one batch of rows that `operation` imports."""
    sent = statements(operation)
    insert = next(at for at, sql in enumerate(sent) if sql.startswith("INSERT INTO pipeline_deal "))
    write = next(at for at in range(insert, len(sent)) if _ENVELOPES.search(sent[at]))
    found = _ENVELOPES.search(sent[write])
    assert found is not None
    envelopes = [json.loads(bytes.fromhex(digits)) for digits in _HEX.findall(found[1])]
    bytes_of = []
    for at, said in enumerate(envelopes):
        for line in said["body"].get("postings", ()):
            line["deal"] = "@@<deal>"
        late = {} if said["effective"] != said["at"] else {"effective": "@@:us_0"}
        text = _text(said | {"stream": "deal/<deal>", "at": "@@:us_0"} | late)
        place = f"' || (:first + {at}) || '"
        bytes_of.append(f"convert_to('{text.replace('<deal>', place)}', 'UTF8')")
    steps = [
        Step(f"SELECT {_moments('ledger_now', 1)} FROM ledger_now()", True),
        Step(f"WITH opened AS ({sent[insert]}) SELECT min(id) AS first FROM opened", True),
        Step(f"{sent[write][: found.start()]}ARRAY[{', '.join(bytes_of)}]{sent[write][found.end() :]}"),
    ]
    return Script(tuple(Step(re.sub(r"\bR\d{9}-", "R:nine-", step.sql), step.keeps) for step in steps))


def _moments(column: str, how_many: int) -> str:
    """Microseconds since 1970 of the first entry and of those right after it."""
    start = f"(extract(epoch FROM {column}) * 1000000)::bigint"
    return ", ".join(f"{start} + {at} AS us_{at}" for at in range(how_many))


Vary = Callable[[dict[str, Any]], None]


def _steps(sent: Sequence[str], number: int, vary: Vary, keeps: set[int]) -> tuple[Step, ...]:
    """The statements with `number` as `:deal`, and with envelopes that continue the chain of whatever deal it is."""
    steps, written = [], 0
    writes = [at for at, sql in enumerate(sent) if _ENVELOPES.search(sql)]
    for at, sql in enumerate(sent):
        found = _ENVELOPES.search(sql)
        if found is None:
            steps.append(Step(re.sub(rf"\b{number}\b", ":deal", sql), at in keeps))
            continue
        bytes_of: list[str] = []
        for digits in _HEX.findall(found[1]):
            said = json.loads(bytes.fromhex(digits))
            vary(said)
            bytes_of.append(_envelope(said, written, bytes_of[-1] if bytes_of else ""))
            written += 1
        rest = re.sub(rf"\b{number}\b", ":deal", sql[found.end() :])
        if at != writes[-1]:
            rest = _with_link(rest)
        steps.append(Step(f"{sql[: found.start()]}ARRAY[{', '.join(bytes_of)}]{rest}", at != writes[-1]))
    return transaction(tuple(steps))


def _with_link(sql: str) -> str:
    """The insert also returns the hash, which the next envelope needs."""
    if "RETURNING id, kind" not in sql:
        return sql.replace("RETURNING id", "RETURNING id, encode(hash, 'hex') AS prev")
    sql = sql.replace("RETURNING id, kind", "RETURNING id, kind, hash")
    return sql.replace("SELECT id FROM written", "SELECT id, encode(hash, 'hex') AS prev FROM written")


def _envelope(said: dict[str, Any], place: int, before: str) -> str:
    """SQL for the bytes of an envelope, which the server puts together. `before` is that of the entry before it, when
    one statement writes both; the link to any other entry is a variable."""
    for line in said["body"].get("postings", ()):
        line["deal"] = "@@:deal"
    moment = f"@@:us_{place}"
    said |= {"stream": "deal/:deal", "actor": "@@:person", "at": moment, "effective": moment}
    if said["seq"] > 1:
        said["prev"] = "<prev>" if before else ":prev"
    link = f"' || encode(sha256('\\x00'::bytea || {before}), 'hex') || '"
    return f"convert_to('{_text(said).replace('<prev>', link)}', 'UTF8')"


def _text(said: dict[str, Any]) -> str:
    """JSON for a literal of SQL. The space keeps `:name` from being read as the cast `::name`."""
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).replace("'", "''")
    return _MARK.sub(r" \1", text)
