"""What an attempt leads to: its proof is kept, and delivery and receiver go on, wait, or end."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

from governance.commands.notifying import telling, waking
from governance.queries import receivers
from governance.rules import retrying
from governance.rules.parcel import Parcel
from governance.rules.retrying import Outcome, Verdict
from ledger.transactions import command

_PROOF = """
INSERT INTO governance_attempt (delivery_id, number, at, result, status, detail, milliseconds, sha256)
VALUES (%s, %s, ledger_now(), %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""
_STATE = (
    "SELECT r.failures, r.failing_since, d.created_at, ledger_now() FROM governance_receiver r, governance_delivery d"
)


@command
def settle(parcel: Parcel, outcome: Outcome, *, luck: float) -> bool:
    """Keeps the attempt as proof and says whether the same receiver may be served on at once."""
    mine = waking.hold(parcel.receiver) == parcel.turn
    with connection.cursor() as cursor:
        cursor.execute(
            _PROOF,
            [parcel.delivery, parcel.attempt, outcome.result, outcome.status, outcome.detail,
             round(outcome.seconds * 1000), outcome.digest],
        )  # fmt: skip
        if outcome.result == "delivered":
            _delivered(cursor, parcel)
            return mine
        if not mine:  # somebody else has the receiver by now and will come to this delivery
            return False
        cursor.execute(f"{_STATE} WHERE r.key = %s AND d.id = %s", [parcel.receiver, parcel.delivery])
        failures, since, created, now = cursor.fetchone()
        alone = outcome.result == "refused"
        verdict = retrying.judge(
            outcome, now=now, failures=parcel.attempt if alone else failures + 1,
            since=created if alone else since or now, luck=luck,
        )  # fmt: skip
        if verdict.scope == "delivery":
            _hold_one(cursor, parcel, verdict)
            return True
        _hold_all(cursor, parcel, outcome, verdict, now)
    return False


def _delivered(cursor: Any, parcel: Parcel) -> None:
    cursor.execute(
        "UPDATE governance_delivery SET state = 'delivered', settled_at = ledger_now()"
        " WHERE id = %s AND state = 'waiting'",
        [parcel.delivery],
    )
    cursor.execute(
        "UPDATE governance_receiver SET failures = 0, failing_since = NULL, not_before = '-infinity', said = ''"
        " WHERE key = %s AND failing_since IS NOT NULL",
        [parcel.receiver],
    )


def _hold_one(cursor: Any, parcel: Parcel, verdict: Verdict) -> None:
    """Only this message waits or ends; the receiver takes others."""
    if verdict.again is not None:
        cursor.execute("UPDATE governance_delivery SET due_at = %s WHERE id = %s", [verdict.again, parcel.delivery])
        return
    cursor.execute(
        "UPDATE governance_delivery SET state = 'given up', settled_at = ledger_now() WHERE id = %s", [parcel.delivery]
    )
    _report(parcel, f"delivery/{parcel.delivery}/given-up", receivers.sentence_of_message(parcel.receiver))


def _hold_all(cursor: Any, parcel: Parcel, outcome: Outcome, verdict: Verdict, now: datetime) -> None:
    """The receiver waits, or stops after three days: then its owner and the administrators are told, once."""
    stopped = verdict.again is None
    cursor.execute(
        "UPDATE governance_receiver SET failures = failures + 1, failing_since = coalesce(failing_since, %s),"
        " not_before = coalesce(%s, not_before), stopped_at = %s, said = %s WHERE key = %s",
        [now, verdict.again, now if stopped else None, _said(outcome), parcel.receiver],
    )
    waking.rest(parcel.receiver)
    if stopped:
        moment = f"{now:%Y-%m-%dT%H:%M:%S.%f}"
        _report(parcel, f"receiver/{parcel.receiver}/{moment}", receivers.sentence_of(parcel.receiver, outcome.detail))


def _report(parcel: Parcel, subject: str, sentence: str) -> None:
    told = receivers.whom_to_tell(parcel.receiver)
    telling.notify(subject, 0, told, sentence, receivers.page_of(parcel.receiver))


def _said(outcome: Outcome) -> str:
    return (f"{outcome.status}: " if outcome.status else "") + outcome.detail[:280]
