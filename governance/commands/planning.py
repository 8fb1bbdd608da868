"""Plans what a stage asks for: no deal is ever in a stage without its obligations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from governance.rules import deadlines
from ledger.commands.append import Appended, Draft, append
from ledger.queries import prepared
from ledger.rules.actor import Actor
from ledger.rules.chain import Chain
from ledger.transactions import step
from pipeline.queries import policies
from pipeline.rules.policy import MilestoneTemplate

_PLAN = """
WITH fresh AS (
    INSERT INTO governance_milestone (deal_id, stream, key, name, function)
    SELECT %s::bigint, %s::text, k, n, f FROM unnest(%s::text[], %s::text[], %s::text[]) AS t (k, n, f)
    ON CONFLICT (stream, key) DO NOTHING RETURNING key
) SELECT (SELECT timezone FROM pipeline_unit WHERE key = %s), array_agg(key) FROM (
    SELECT key FROM fresh UNION ALL
    SELECT key FROM ledger_standing WHERE stream = %s AND key = ANY (%s::text[]) AND status = 'released'
) AS owed
"""


@step
def plan(entry: Appended, chain: Chain, *, by: Actor) -> None:
    """Writes `milestone.planned` for each template of the stage that the deal has none of yet.

    A deal that comes back to a stage keeps the milestones it has: what was verified and still holds is not
    asked for again. What was released when the deal was closed is planned anew. A deal that moves to a newer policy is
    planned what its move says: all that its stages ask for and that it has not, due from that moment on.
    """
    after = entry.body["after"]
    policy = policies.version(after["policy_version"])
    templates = policy.planned_in(after["stage"])
    if "changes" in entry.body:
        templates = tuple(policy.milestones[key] for key in entry.body["changes"]["planned"])
    if not templates:
        return
    timezone, fresh = _insert(chain.stream, after["unit"], templates)
    drafts = []
    for template in templates:
        if template.key not in fresh:
            continue
        due = deadlines.deadline(
            template,
            entered_at=entry.at,
            close_on=_day(after["close_on"]),
            start_on=_day(after["start_on"]),
            timezone=timezone,
        )
        shaken = policy.is_handshake(template.key)
        drafts.append(
            Draft(
                "handshake.planned" if shaken else "milestone.planned",
                {
                    "key": template.key,
                    "requirement": "handshake" if shaken else "milestone",
                    "function": template.owner_function,
                    "start_by": due.start_by,
                    "due": due.due_at,
                },
                policy=after["policy_version"],
            )
        )
    append(chain, *drafts, by=by)


def _insert(stream: str, unit: str, templates: Sequence[MilestoneTemplate]) -> tuple[str, set[str]]:
    """Plans what the deal has none of yet; the zone of its unit, and the keys that are new."""
    keys = [template.key for template in templates]
    names = [template.name for template in templates]
    functions = [template.owner_function for template in templates]
    number = int(stream.split("/")[1])
    values = [number, stream, keys, names, functions, unit, stream, keys]
    timezone, fresh = prepared.rows(_PLAN, values)[0]
    return timezone or "UTC", set(fresh or ())


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value
