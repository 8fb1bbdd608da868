"""Random histories of postings: written by several connections, sealed and rolled in any order."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

from ledger.rules.envelope import domain
from tests.ledger.sealing.writing import entry, insert

PLACES = ("baseline", "expected", "recognised")
UNITS = ("east", "west", "north")
CAUSES = ("won", "slipped", "replanned")
MONTHS = tuple(date(2027, month, 1) for month in range(1, 7))

# Both sides in one statement, so of one snapshot: what the blocks say and what the postings come to.
_DIFFERENCE = """
WITH cached AS (
    SELECT place, period, unit, cause, currency, sum(amount), sum(postings) FROM ledger_balance_parts(
        %(book)s, %(places)s, %(since)s, %(until)s, %(units)s, %(moment)s) GROUP BY 1, 2, 3, 4, 5
), raw AS (
    SELECT place, period, unit, cause, coalesce(currency, ''), sum(amount), count(*) FROM ledger_posting
    WHERE book = %(book)s AND place = ANY (%(places)s) AND period >= %(since)s AND period < %(until)s
      AND recorded_at <= %(moment)s AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s)) GROUP BY 1, 2, 3, 4, 5
)
SELECT (SELECT json_agg(d) FROM ((TABLE cached EXCEPT ALL TABLE raw) UNION ALL (TABLE raw EXCEPT ALL TABLE cached)) d),
    ledger_position_at(%(moment)s), (SELECT max(id) FROM ledger_entry WHERE recorded_at <= %(moment)s),
    (SELECT count(*) FROM raw)
"""


def postings(chance: random.Random) -> list[dict[str, object]]:
    """None, one pair or several; they sum to zero."""
    lines: list[dict[str, object]] = []
    for _ in range(chance.choice((0, 1, 1, 3))):
        amount, cause, currency = chance.randint(1, 10**9), chance.choice(CAUSES), chance.choice(("USD", "EUR", None))
        for sign in (1, -1):
            said = {"book": "revenue", "place": chance.choice(PLACES), "period": chance.choice(MONTHS)}
            said |= {"unit": chance.choice(UNITS), "deal": None, "seat": None, "amount": sign * amount}
            lines.append(domain(said | {"currency": currency, "cause": cause}))
    return lines


def write(connection, chance: random.Random, name: str, count: int) -> list[int]:
    """Entries of streams of their own, each recorded some seconds away from now, as clocks and waits allow."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_now()")
        now: datetime = cursor.fetchone()[0]
    found = []
    for number in range(count):
        moment = now.astimezone(UTC) + timedelta(seconds=chance.uniform(-3, 3))
        found.append(entry(f"import/{name}-{number}", at=moment, postings=postings(chance)))
    return insert(connection, *found)


def difference(connection, chance: random.Random) -> tuple[object, int, int]:
    """(what differs in a random sum at a random moment, position by the blocks − by the entries, rows summed)."""
    first, last = sorted(chance.sample(range(7), 2))
    bounds = [*MONTHS, date(2027, 7, 1)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(min(recorded_at), now()), coalesce(max(recorded_at), now()) FROM ledger_entry")
        early, late = cursor.fetchone()
        near = chance.choice((early, late)) + timedelta(seconds=chance.uniform(-7, 7))
        moment = chance.choice((late, early + chance.random() * (late - early), near))
        cursor.execute(
            _DIFFERENCE,
            {
                "book": "revenue",
                "places": chance.sample(PLACES, chance.randint(1, 3)),
                "since": bounds[first],
                "until": bounds[last],
                "units": chance.choice((None, [], chance.sample(UNITS, chance.randint(1, 3)))),
                "moment": moment,
            },
        )
        differing, position, newest, rows = cursor.fetchone()
    return differing, (position or 0) - (newest or 0), rows
