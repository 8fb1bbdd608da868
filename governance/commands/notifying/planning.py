"""How each notice leaves the house: at once, when quiet hours end, or with the digest. Decided after the fact is
committed, so that counting a person's five a day never holds up a deal."""

from __future__ import annotations

from datetime import date, datetime

from django.db import connection

from governance.commands.notifying import waking
from governance.models import Delivery
from governance.queries import habits as rows
from governance.rules import habits
from governance.rules.habits import MOST_A_DAY, Habits
from ledger.transactions import command

_UNPLANNED = """
SELECT id, person_id, interrupts, ledger_now() FROM governance_notice
WHERE planned_at IS NULL ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
"""
_COUNT = f"""
INSERT INTO governance_interruption AS held (person_id, day, count) VALUES (%s, %s, 1)
ON CONFLICT (person_id, day) DO UPDATE SET count = held.count + 1 WHERE held.count < {MOST_A_DAY}
"""
_DIGEST = """
INSERT INTO governance_delivery (message, receiver_id, sort, person_id, digest_on, state, attempts, created_at, due_at)
VALUES (gen_random_uuid(), %s, 'digest', %s, %s, 'waiting', 0, ledger_now(), %s)
ON CONFLICT (receiver_id, digest_on) DO UPDATE SET due_at = governance_delivery.due_at
RETURNING id, state = 'waiting' AND attempts = 0
"""


@command
def plan(most: int = 200) -> int:
    """Plans waiting notices, at most so many; two planners share them. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_UNPLANNED, [most])
        # In the order of persons, so that two planners never wait for each other in a circle.
        found = sorted(cursor.fetchall(), key=lambda row: (row[1], row[0]))
        ways = rows.of_persons({row[1] for row in found})
        for notice, person, interrupts, now in found:
            way = ways.get(person)
            if way is not None:
                _plan(notice, person, interrupts, now, way)
        cursor.execute(
            "UPDATE governance_notice SET planned_at = ledger_now() WHERE id = ANY (%s)", [[row[0] for row in found]]
        )
    return len(found)


def _plan(notice: int, person: int, interrupts: bool, now: datetime, way: Habits) -> None:
    receiver = f"{'mail' if way.way == 'email' else way.way}/{person}"
    if interrupts and way.at_once:
        slot = habits.interruption(now, way)
        if _counts(person, slot.day):
            delivery = Delivery.objects.create(
                receiver_id=waking.wake(receiver, slot.at), sort=Delivery.NOTICE, person_id=person, created_at=now,
                due_at=slot.at,
            )  # fmt: skip
            delivery.notices.add(notice)
            return
    _digest(notice, person, receiver, now, way)


def _counts(person: int, day: date) -> bool:
    """Takes one of the person's interruptions of that day; False when the five are used up."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [person, day])
        return cursor.rowcount == 1


def _digest(notice: int, person: int, receiver: str, now: datetime, way: Habits) -> None:
    """Adds the notice to the next digest that has not been tried yet."""
    slot = habits.digest(now, way)
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_DIGEST, [waking.wake(receiver, slot.at), person, slot.day, slot.at])
            delivery, is_open = cursor.fetchone()
            if is_open:
                break
            slot = habits.digest(now, way, after=slot.day)
        cursor.execute(
            "INSERT INTO governance_delivery_notices (delivery_id, notice_id) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            [delivery, notice],
        )
