"""What a person finds first: notices, and their deals that do not move."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import connection

from pipeline.queries import board
from pipeline.queries.board import Card
from pipeline.queries.reading import Reading
from pipeline.rules.policy import Policy

MOST_NOTICES = 8
MOST_DEALS = 40


class NoticeRow(NamedTuple):
    id: int
    sentence: str
    link: str
    at: datetime


def notices(person: int) -> list[NoticeRow]:
    """The newest that were not put away."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, sentence, link, at FROM governance_notice WHERE person_id = %s AND read_at IS NULL"
            " ORDER BY id DESC LIMIT %s",
            [person, MOST_NOTICES],
        )
        return [NoticeRow(*row) for row in cursor.fetchall()]


def own_deals(policy: Policy, read: Reading) -> list[Card]:
    """The open deals of this person, soonest close first, with what their gates look at."""
    last = policy.stages[-1].key
    columns = board.columns(policy, units=read.visible, owner=read.person, most=MOST_DEALS)
    return [card for column in columns if column.key != last for card in column.cards]


def one_away(policy: Policy, read: Reading) -> list[Card]:
    """The deals in the stage before the last: whoever counts what is near asks the gate of each."""
    before = policy.stages[-2].key
    columns = board.columns(policy, units=read.visible, most=board.MOST_JUDGED)
    return [card for column in columns if column.key == before for card in column.cards]
