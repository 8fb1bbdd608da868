"""Plans what a stage asks for: no deal is ever in a stage without its obligations."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection

from governance.rules import deadlines
from ledger.commands.append import Appended, Draft, append
from ledger.rules.actor import Actor
from ledger.rules.chain import Chain
from ledger.transactions import step
from pipeline.queries import policies


@step
def plan(entry: Appended, chain: Chain, *, by: Actor) -> None:
    """Writes `milestone.planned` for each template of the stage that the deal has none of yet.

    A deal that comes back to a stage keeps the milestones it has: what was verified and still holds is not
    asked for again.
    """
    after = entry.body["after"]
    templates = policies.version(after["policy_version"]).planned_in(after["stage"])
    if not templates:
        return
    timezone, known = _known(chain.stream, after["unit"])
    fresh = [template for template in templates if template.key not in known]
    if not fresh:
        return
    _insert(chain.stream, fresh)
    drafts = []
    for template in fresh:
        due = deadlines.deadline(
            template,
            entered_at=entry.at,
            close_on=_day(after["close_on"]),
            start_on=_day(after["start_on"]),
            timezone=timezone,
        )
        drafts.append(
            Draft(
                "milestone.planned",
                {
                    "key": template.key,
                    "requirement": "milestone",
                    "function": template.owner_function,
                    "start_by": due.start_by,
                    "due": due.due_at,
                },
                policy=after["policy_version"],
            )
        )
    append(chain, *drafts, by=by)


def _known(stream: str, unit: str) -> tuple[str, set[str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT timezone FROM pipeline_unit WHERE key = %s),"
            " (SELECT array_agg(key) FROM governance_milestone WHERE stream = %s)",
            [unit, stream],
        )
        timezone, keys = cursor.fetchone()
    return timezone or "UTC", set(keys or ())


def _insert(stream: str, templates: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO governance_milestone (deal_id, stream, key, name, function)"
            " SELECT %s, %s, k, n, f FROM unnest(%s::text[], %s::text[], %s::text[]) AS t (k, n, f)",
            [
                int(stream.split("/")[1]),
                stream,
                [template.key for template in templates],
                [template.name for template in templates],
                [template.owner_function for template in templates],
            ],
        )


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value
