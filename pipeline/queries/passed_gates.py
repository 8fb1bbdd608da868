"""Gates that were passed in the last days, judged again by another policy on what was known at each such moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection

from ledger.rules import replay
from ledger.rules.replay import Entry, Held
from pipeline.rules import gate
from pipeline.rules import replay as deals
from pipeline.rules.deal import DealView
from pipeline.rules.policy import Policy
from pipeline.rules.replay import Organisation, Seat
from pipeline.rules.trial import Passed

PASSING = ("deal.advanced", "booking.recorded")
MOST = 2_000  # deals of one backtest, those that moved last
CHUNK = 200
_STREAMS = """
SELECT stream FROM ledger_entry WHERE kind = ANY (%s) AND id >= ledger_first_after(%s) AND recorded_at >= %s
GROUP BY stream ORDER BY max(id) DESC LIMIT %s
"""
_ENTRIES = """
SELECT id, stream, seq, kind, actor, recorded_at, effective_at, stage, amount_minor, currency, owner, envelope, hash
FROM ledger_entry WHERE stream = ANY (%s) ORDER BY stream, seq
"""
_TEXTS = "SELECT subject, id::text, value FROM ledger_private_value WHERE subject = ANY (%s)"
_SEATS = "SELECT id, person_id, function, unit, role, from_at, reports_to, entry_id FROM pipeline_seat"


def passed(policy: Policy, since: datetime, most: int = MOST) -> Iterator[Passed]:
    """Each gate that was passed since then, by at most so many deals. Texts that were erased count as not given."""
    organisation = _organisation()
    waiting = iter(_moved(since, most))
    while streams := list(islice(waiting, CHUNK)):
        texts = _texts(streams)
        for stream, entries in _of_streams(streams):
            yield from _judged(policy, stream, entries, organisation, texts.get(stream, {}), since)


def _judged(
    policy: Policy, stream: str, entries: Sequence[Entry], organisation: Organisation, texts: dict[str, str],
    since: datetime,
) -> Iterator[Passed]:  # fmt: skip
    number = int(stream.removeprefix("deal/"))
    standings: dict[str, Held] = {}
    view: DealView | None = None
    for entry in entries:
        if entry.kind in PASSING and view is not None and entry.recorded_at >= since and entry.after is not None:
            known = {key: held.standing for key, held in standings.items()}
            decision = gate.evaluate(policy, view, known, entry.after["stage"], now=entry.recorded_at)
            keys = tuple(result.key for result in decision.refusals)
            yield Passed(number, entry.after["stage"], entry.recorded_at, entry.after["value_minor"], keys)
        held = replay.standing(entry, standings.get(entry.body.get("key", "")))
        if held is not None:
            standings[held.standing.key] = held
        if entry.after is not None:
            entered = entry.recorded_at
            if view is not None and view.stage == entry.after["stage"] and view.stage_entered_at is not None:
                entered = view.stage_entered_at
            view = deals.view(number, entry.seq, entry.after, entered, organisation, texts)


def _moved(since: datetime, most: int) -> list[str]:
    return [row[0] for row in _ask(_STREAMS, [list(PASSING), since, since, most])]


def _of_streams(streams: Sequence[str]) -> Iterator[tuple[str, list[Entry]]]:
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    for row in _ask(_ENTRIES, [list(streams)]):
        *columns, envelope, digest = row
        found[row[1]].append(replay.read(*columns, bytes(envelope), bytes(digest)))
    yield from sorted(found.items())


def _texts(streams: Sequence[str]) -> dict[str, dict[str, str]]:
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for subject, number, value in _ask(_TEXTS, [list(streams)]):
        found[subject][number] = value
    return found


def _organisation() -> Organisation:
    """Who sits where: all that the view of a deal asks."""
    found = Organisation()
    for number, person, function, unit, role, begins, reports_to, entry in _ask(_SEATS, []):
        found.seats[number] = Seat(person, function, unit, role, begins, reports_to, entry, begins)
    return found


def _ask(sql: str, said: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, said)
        return cursor.fetchall()
