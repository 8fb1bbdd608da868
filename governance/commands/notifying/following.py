"""Programs follow the record in commit order: the entry itself is their outbox, and each keeps its own place."""

from __future__ import annotations

from django.db import connection

from governance.commands.notifying import waking
from governance.models import Subscription
from governance.rules import topics
from ledger.permissions import can_read_record
from ledger.queries import following
from ledger.queries.following import Followed, Place
from ledger.transactions import command
from pipeline.queries import seats
from pipeline.rules.seats import visible_units

MOST_WAITING = 500  # a slow receiver is not given more than this ahead of time
_TO_SERVE = """
SELECT s.id FROM governance_subscription s LEFT JOIN governance_receiver r ON r.key = 'hook/' || s.id
WHERE s.ended_at IS NULL AND r.stopped_at IS NULL ORDER BY s.id
"""
_WAITING = (
    "SELECT count(*) FROM (SELECT FROM governance_delivery WHERE receiver_id = %s AND state = 'waiting' LIMIT %s) w"
)
# A deal is heard of by whoever may see its unit; what is no deal's by whoever may read the whole record.
_TELL = """
INSERT INTO governance_delivery
    (message, receiver_id, sort, subscription_id, entry_id, state, attempts, created_at, due_at)
SELECT gen_random_uuid(), %(receiver)s, 'event', %(subscription)s, given.entry, 'waiting', 0, ledger_now(), ledger_now()
FROM unnest(%(entries)s::bigint[], %(streams)s::text[]) AS given (entry, stream)
LEFT JOIN pipeline_dealstate d ON d.stream = given.stream
WHERE CASE WHEN given.stream LIKE 'deal/%%' THEN %(units)s::text[] IS NULL OR d.unit = ANY (%(units)s)
           ELSE %(reader)s END
ORDER BY given.entry
ON CONFLICT (subscription_id, entry_id) DO UPDATE
    SET state = 'waiting', due_at = excluded.due_at, settled_at = NULL WHERE governance_delivery.state <> 'waiting'
"""


def follow(rounds: int = 10) -> int:
    """Lets every subscription that is neither ended nor stopped catch up; returns how many entries were looked at."""
    with connection.cursor() as cursor:
        cursor.execute(_TO_SERVE)
        waiting = [row[0] for row in cursor.fetchall()]
    looked = 0
    for number in waiting:
        for _ in range(rounds):
            found = catch_up(number)
            looked += found
            if found < MOST_WAITING:
                break
    return looked


@command
def catch_up(number: int) -> int:
    """One subscription, one stretch of the record: what matches becomes deliveries, and the place moves with them."""
    row = Subscription.objects.select_for_update(skip_locked=True).filter(pk=number, ended_at=None).first()
    if row is None:
        return 0
    receiver = f"hook/{number}"
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [receiver, MOST_WAITING])
        if cursor.fetchone()[0] >= MOST_WAITING:
            return 0
    place, cluster = Place(row.after_xid, row.after_id, row.floor_id, row.cluster), following.cluster()
    if place.cluster != cluster:  # restored elsewhere: transaction ids began anew, entries keep their ids
        place = Place(0, 0, row.newest_id, cluster)
    seen = following.after(place, MOST_WAITING)
    if not seen:
        return 0
    _tell(row, receiver, seen)
    place = place._replace(xid=seen[-1].xid, id=seen[-1].id)
    row.after_xid, row.after_id, row.floor_id, row.cluster = place
    row.newest_id = max([row.newest_id, *(one.id for one in seen)])
    row.save(update_fields=["after_xid", "after_id", "floor_id", "cluster", "newest_id"])
    return len(seen)


def _tell(row: Subscription, receiver: str, seen: list[Followed]) -> None:
    wanted = set(topics.kinds(row.topics))
    matching = [one for one in seen if one.kind in wanted]
    held = seats.of_person(row.person_id)
    if not matching or not held:
        return
    units = visible_units(held)
    with connection.cursor() as cursor:
        waking.wake(receiver, seats.now())
        cursor.execute(
            _TELL,
            {
                "receiver": receiver, "subscription": row.pk, "entries": [one.id for one in matching],
                "streams": [one.stream for one in matching], "units": None if units is None else list(units),
                "reader": can_read_record(seat.role for seat in held),
            },
        )  # fmt: skip
