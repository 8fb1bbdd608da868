"""A deal as it was known at a moment: its last whole state by then, and a fold of what was said of its keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import connection

from ledger.rules.envelope import moment, parse
from ledger.rules.kinds import KINDS
from ledger.rules.problems import not_found
from ledger.rules.standing import Standing, marked
from pipeline.queries.deals import Deal, lines_of, ref_of
from pipeline.rules.deal import DealView

_ENTRIES = """
SELECT id, seq, kind, actor, recorded_at, envelope FROM ledger_entry
WHERE stream = %s AND recorded_at <= %s ORDER BY seq
"""
_TEXTS = "SELECT id::text, value FROM ledger_private_value WHERE subject = %s"


def deal(number: int, at: datetime) -> Deal:
    """The deal by its entries up to `at`, all of them: a stream is short. Not-found when it was not open yet."""
    stream = f"deal/{number}"
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES, [stream, at])
        rows = cursor.fetchall()
        if not rows:
            raise not_found(f"Deal {ref_of(number)} at that moment")
        cursor.execute(_TEXTS, [stream])
        texts = dict(cursor.fetchall())
    standings: dict[str, Standing] = {}
    view: DealView | None = None
    entered: tuple[str, datetime] | None = None
    for entry, seq, kind, actor, recorded_at, envelope in rows:
        body = parse(bytes(envelope))["body"]
        if "after" in body:
            view = _view(number, body["after"], texts)
            if entered is None or entered[0] != view.stage:
                entered = (view.stage, recorded_at)
        if view is not None and entered is not None:
            view = replace(view, version=seq, stage_entered_at=entered[1])
        mark = KINDS[kind].mark
        if mark:
            standings[body["key"]] = marked(standings[body["key"]], mark, recorded_at, _at(body.get("due")))
        elif KINDS[kind].effect is not None:
            key = body["key"]
            standings[key] = _standing(standings.get(key), entry, kind, actor, recorded_at, body)
    assert view is not None  # a deal begins with its whole state
    return Deal(replace(view, owner_person=_person_of(view.owner)), standings)


def _view(number: int, after: Mapping[str, Any], texts: Mapping[str, str]) -> DealView:
    inputs = {
        key: texts.get(value["private"]) if isinstance(value, dict) else value for key, value in after["inputs"].items()
    }
    return DealView(
        id=number, ref=ref_of(number), stage=after["stage"], version=0, unit=after["unit"], owner=after["owner"],
        owner_person=0, policy_version=after["policy_version"], account=after["account"],
        amount_minor=after["amount_minor"], currency=after["currency"], close_on=_day(after["close_on"]),
        start_on=_day(after["start_on"]), inputs=inputs, lines=lines_of(after["lines"]),
        credits=tuple(after["credits"]), value_minor=after["value_minor"], place=after["place"],
        period=_day(after["period"]), terms=after["terms"],
    )  # fmt: skip


def _standing(
    was: Standing | None, entry: int, kind: str, actor: int, at: datetime, body: Mapping[str, Any]
) -> Standing:
    """The same fold as the trigger of the record (entry_trigger.sql)."""
    meaning = KINDS[kind]
    assert meaning.effect is not None
    anew = was is None or meaning.status == "planned"
    return Standing(
        key=body["key"],
        effect=meaning.effect,
        status=meaning.status,
        entry_id=entry,
        actor=actor,
        at=at,
        function=body.get("function") or (was.function if was else ""),
        preparer=actor if meaning.status == "submitted" else (was.preparer if was else None),
        start_by=_at(body.get("start_by")) or (was.start_by if was else None),
        due_at=_at(body.get("due")) or (was.due_at if was else None),
        valid_until=_at(body.get("valid_until")),
        facts=body.get("facts", was.facts if was else {}),
        first_due_at=_at(body.get("due")) if anew else was.first_due_at if was else None,
        late_at=None if anew or was is None else was.late_at,
        missed_at=None if anew or was is None else was.missed_at,
    )


def _at(us: int | None) -> datetime | None:
    return None if us is None else moment(us)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _person_of(seat: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT person_id FROM pipeline_seat WHERE id = %s", [seat])
        person: int = cursor.fetchone()[0]
    return person
