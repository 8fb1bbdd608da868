"""What a waiting delivery says now, and to whom: read anew for each attempt."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.models import Delivery, Subscription
from governance.queries import events
from governance.rules.parcel import Parcel

# Left to say: neither seen in the product nor acknowledged by anybody after it was told.
_LEFT = """
SELECT n.sentence, n.link FROM governance_delivery_notices l JOIN governance_notice n ON n.id = l.notice_id
WHERE l.delivery_id = %s AND n.read_at IS NULL AND NOT EXISTS (
    SELECT FROM governance_acknowledgement a WHERE a.subject = n.subject AND a.at >= n.at)
ORDER BY n.id LIMIT 200
"""
_TO = """
SELECT CASE WHEN %s LIKE 'mail/%%' THEN p.email ELSE h.slack END FROM pipeline_person p
LEFT JOIN governance_habit h ON h.person_id = p.id WHERE p.id = %s AND p.is_active
"""


def pack(delivery: int, turn: int) -> Parcel | None:
    """The parcel of the next attempt; None when nothing is left to say or nobody is there to hear it."""
    row = Delivery.objects.select_related("subscription").get(pk=delivery)
    said = {
        "delivery": row.pk, "message": str(row.message), "receiver": row.receiver_id, "turn": turn,
        "attempt": row.attempts + 1,
    }  # fmt: skip
    return _to_program(row, row.subscription, said) if row.subscription else _to_person(row, said)


def _to_person(row: Delivery, said: dict[str, Any]) -> Parcel | None:
    with connection.cursor() as cursor:
        cursor.execute(_TO, [row.receiver_id, row.person_id])
        found = cursor.fetchone()
        cursor.execute(_LEFT, [row.pk])
        left = cursor.fetchall()
    if not found or not found[0] or not left:
        return None
    lines = tuple((sentence, f"{settings.PUBLIC_URL}{link}") for sentence, link in left)
    title = lines[0][0]
    if row.sort == Delivery.DIGEST:
        title = ngettext("%(n)s notice", "%(n)s notices", len(lines)) % {"n": len(lines)}
    channel = "email" if row.receiver_id.startswith("mail/") else "slack"
    return Parcel(**said, channel=channel, to=found[0], title=title, lines=lines)


def _to_program(row: Delivery, to: Subscription, said: dict[str, Any]) -> Parcel | None:
    if to.ended_at is not None:
        return None
    event = events.test(to, row.created_at) if row.entry_id is None else events.of_entry(row.entry_id)
    if to.form == Subscription.SLACK:
        line = (events.sentence(event), event["data"].get("url", ""))
        return Parcel(**said, channel="slack", to=to.address, title=_("Execution ledger"), lines=(line,))
    secrets = [to.secret]
    if to.old_secret and events.still(to.old_until):
        secrets.append(to.old_secret)
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    return Parcel(**said, channel="webhook", to=to.address, body=body, secrets=tuple(secrets))
