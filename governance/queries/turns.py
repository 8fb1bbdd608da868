"""Whose turn it is at a submission, and whether a decision was built on."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import connection

from governance.rules import turn as rules
from governance.rules.turn import Turn
from ledger.queries import entries


def at(stream: str, submission: int) -> Turn | None:
    """Whose turn it is at a submission; None when nobody asked about it or handed it over."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT submission, key, deal_id, handed_to, question, asked_by, asked_of, asked_at, stopped_us, entry_id"
            " FROM governance_turn WHERE stream = %s AND submission = %s",
            [stream, submission],
        )
        row = cursor.fetchone()
    return Turn(*row) if row else None


def is_built_on(stream: str, key: str, decision: int) -> bool:
    """Whether anything in the record of its deal builds on a decision of this key."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, convert_from(envelope, 'UTF8')::jsonb #>> '{body,key}' FROM ledger_entry"
            " WHERE stream = %s AND seq > (SELECT seq FROM ledger_entry WHERE id = %s)",
            [stream, decision],
        )
        return any(rules.builds(kind, of_key or "", key) for kind, of_key in cursor.fetchall())


class Said(NamedTuple):
    """A question or an answer; `text` is empty once it was erased."""

    kind: str
    name: str
    at: datetime
    text: str


def talk(stream: str, key: str) -> list[Said]:
    """The questions of a milestone that were asked for good, and their answers, oldest first; the last twenty."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id, e.kind, coalesce(p.name, ''), e.recorded_at FROM ledger_entry e"
            " LEFT JOIN pipeline_person p ON p.id = e.actor"
            " WHERE e.stream = %s AND e.kind = ANY (%s)"
            " AND convert_from(e.envelope, 'UTF8')::jsonb #>> '{body,key}' = %s ORDER BY e.seq DESC LIMIT 20",
            [stream, [rules.ASKED, rules.ANSWERED, rules.UNASKED], key],
        )
        rows = cursor.fetchall()[::-1]
    texts = {
        name: entries.private_texts([row[0] for row in rows if row[1] == kind], name)
        for kind, name in ((rules.ASKED, "question"), (rules.ANSWERED, "answer"))
    }
    texts_of = texts["question"] | texts["answer"]
    said: list[Said] = []
    for number, kind, name, at in rows:
        if kind != rules.UNASKED:
            said.append(Said(kind, name, at, texts_of.get(number, "")))
        elif said:
            said.pop()
    return said


def last_act(entry: int) -> int | None:
    """Who took the last step of a turn, when it may still be undone: a question, or a hand over that undid nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT actor FROM ledger_entry WHERE id = %s AND kind = ANY (%s)"
            " AND NOT convert_from(envelope, 'UTF8')::jsonb -> 'body' ? 'undoes'",
            [entry, [rules.ASKED, rules.HANDED]],
        )
        row = cursor.fetchone()
    return row[0] if row else None
