"""Telling people: a notice is written in the transaction of the fact, and leaves the house later, on its own way.

For whoever raises something: `notify`, `acknowledge` and `reopen` are steps, and `is_acknowledged` in
governance/queries/notices.py is the question. A subject is a stable text such as `alert/77`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection

from ledger.transactions import step

_TELL = """
INSERT INTO governance_notice
    (subject, rung, person_id, sentence, link, interrupts, entry_id, deal_id, at, opening)
SELECT given.*, ledger_now(), coalesce(held.openings, 0)
FROM unnest(%s::text[], %s::int[], %s::bigint[], %s::text[], %s::text[], %s::boolean[], %s::bigint[], %s::bigint[])
    AS given (subject, rung, person, sentence, link, interrupts, entry, deal)
LEFT JOIN governance_acknowledgement held ON held.subject = given.subject
WHERE held.subject IS NULL OR held.reopened_at IS NOT NULL
ORDER BY given.person, given.subject, given.rung ON CONFLICT DO NOTHING
"""


class Word(NamedTuple):
    """What one person is told; see `notify`."""

    subject: str
    rung: int
    person: int
    sentence: str
    link: str
    interrupts: bool
    entry: int | None
    deal: int | None


@step
def notify(
    subject: str,
    rung: int,
    audience: Iterable[int],
    sentence: str,
    link: str,
    *,
    interrupts: bool = True,
    entry: int | None = None,
    deal: int | None = None,
) -> int:
    """Tells each person of the audience once for this subject and rung, and once more when it was opened again; returns
    how many were told now.

    Nothing is told of what is acknowledged. `interrupts` asks for the person's attention at once, within their quiet
    hours and their five a day; without it, or beyond that, it comes with the digest. Safe to call twice.
    """
    return tell(Word(subject, rung, person, sentence, link, interrupts, entry, deal) for person in set(audience))


@step
def tell(words: Iterable[Word]) -> int:
    """`notify` for many subjects at once, in one statement."""
    columns = [list(column) for column in zip(*words, strict=True)]
    if not columns:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_TELL, columns)
        return cursor.rowcount


@step
def acknowledge(subject: str) -> None:
    """From now on nothing about this subject is sent to anybody, whatever the rung; what waits is withheld."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO governance_acknowledgement (subject, at) VALUES (%s, ledger_now())"
            " ON CONFLICT (subject) DO UPDATE SET at = excluded.at, reopened_at = NULL"
            " WHERE governance_acknowledgement.reopened_at IS NOT NULL",
            [subject],
        )


@step
def reopen(subject: str) -> None:
    """What somebody had taken up is open again and may be told again, on every rung; what was withheld stays so."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE governance_acknowledgement SET reopened_at = ledger_now(), openings = openings + 1"
            " WHERE subject = %s AND reopened_at IS NULL",
            [subject],
        )
