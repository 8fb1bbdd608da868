"""Telling people: a notice is written in the transaction of the fact, and leaves the house later, on its own way.

For whoever raises something: `notify`, `acknowledge` and `reopen` are steps, and `is_acknowledged` in
governance/queries/notices.py is the question. A subject is a stable text such as `alert/77`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection

from ledger.transactions import step

_TELL = """
INSERT INTO governance_notice (subject, rung, person_id, interrupts, entry_id, deal_id, sentence, link, at)
SELECT %(subject)s, %(rung)s, person, %(interrupts)s, %(entry)s, %(deal)s, %(sentence)s, %(link)s, ledger_now()
FROM unnest(%(audience)s::bigint[]) AS given (person)
WHERE NOT EXISTS (SELECT FROM governance_acknowledgement WHERE subject = %(subject)s AND reopened_at IS NULL)
ORDER BY person ON CONFLICT DO NOTHING
"""


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
    """Tells each person of the audience once for this subject and rung; returns how many were told now.

    Nothing is told of what is acknowledged. `interrupts` asks for the person's attention at once, within their quiet
    hours and their five a day; without it, or beyond that, it comes with the digest. Safe to call twice.
    """
    told: dict[str, Any] = {
        "subject": subject, "rung": rung, "audience": sorted(set(audience)), "sentence": sentence, "link": link,
        "interrupts": interrupts, "entry": entry, "deal": deal,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_TELL, told)
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
    """The subject may be told again, from a rung that was not told yet; what was withheld stays withheld."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE governance_acknowledgement SET reopened_at = ledger_now()"
            " WHERE subject = %s AND reopened_at IS NULL",
            [subject],
        )
