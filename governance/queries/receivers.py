"""Receivers in words: who is behind a key, who is told when it fails, and where to mend it."""

from __future__ import annotations

from typing import NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from governance.queries.notices import administrators

_NAMES = {"mail": _("E-mail"), "slack": _("Slack"), "hook": _("Webhook")}


def name_of(receiver: str) -> str:
    """`E-mail to Mara Reyes`, `Webhook “ERP” (https://erp.example)`."""
    sort, _slash, number = receiver.partition("/")
    with connection.cursor() as cursor:
        if sort == "hook":
            cursor.execute("SELECT name, shown FROM governance_subscription WHERE id = %s", [number])
            row = cursor.fetchone() or ("", "")
            return _("Webhook “%(name)s” (%(shown)s)") % {"name": row[0], "shown": row[1]}
        cursor.execute("SELECT name FROM pipeline_person WHERE id = %s", [number])
        row = cursor.fetchone() or ("",)
        return _("%(way)s to %(name)s") % {"way": _NAMES.get(sort, sort), "name": row[0]}


def sentence_of(receiver: str, detail: str) -> str:
    said = _("%(name)s takes no messages: %(detail)s What waits is kept and goes on when it is resumed.")
    return said % {"name": name_of(receiver), "detail": detail}


def sentence_of_message(receiver: str) -> str:
    return _("%(name)s refused a message for three days; it was given up.") % {"name": name_of(receiver)}


def whom_to_tell(receiver: str) -> set[int]:
    """The owner and the administrators; of a mailbox that does not work, its person reads it in the product."""
    sort, _slash, number = receiver.partition("/")
    if sort != "hook":
        return {int(number), *administrators()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT person_id FROM governance_subscription WHERE id = %s", [number])
        return {cursor.fetchone()[0], *administrators()}


def page_of(receiver: str) -> str:
    return "/developer/" if receiver.startswith("hook/") else "/notifications/"


class Health(NamedTuple):
    """How messages leave, in five numbers: `behind` is the overdue time of the oldest that could be sent now."""

    unplanned: int
    waiting: int
    behind: float
    failing: int
    stopped: int


def health() -> Health:
    """Each is counted up to 10,000."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM (SELECT FROM governance_notice WHERE planned_at IS NULL LIMIT 10000) AS a),"
            " (SELECT count(*) FROM (SELECT FROM governance_delivery WHERE state = 'waiting' LIMIT 10000) AS b),"
            " coalesce((SELECT extract(epoch FROM ledger_now() - min(wake_at)) FROM governance_receiver"
            "   WHERE stopped_at IS NULL AND wake_at <= (SELECT ledger_now()) AND not_before <= (SELECT ledger_now())),"
            "   0)::float,"
            " count(*) FILTER (WHERE stopped_at IS NULL), count(stopped_at)"
            " FROM governance_receiver WHERE failing_since IS NOT NULL"
        )
        return Health(*cursor.fetchone())
