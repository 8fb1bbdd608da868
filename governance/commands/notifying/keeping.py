"""A person says how they want to hear."""

from __future__ import annotations

from datetime import time
from zoneinfo import ZoneInfo

from django.conf import settings

from governance.commands.notifying import waking
from governance.models import Habit
from governance.notify import sealed
from governance.rules import addresses
from governance.rules.habits import WAYS
from ledger.rules.actor import Actor
from ledger.rules.problems import Fault, bad_input
from ledger.transactions import command
from pipeline.queries import seats


@command
def keep(
    way: str, at_once: bool, quiet_from: str, quiet_until: str, digest_at: str, zone: str, slack: str, *, by: Actor
) -> None:
    """Keeps one's own habits. An empty `slack` leaves the address as it is; an empty zone is the company's."""
    row = Habit.objects.select_for_update().filter(pk=by.person).first() or Habit(person_id=by.person)
    faults = []
    if way not in WAYS:
        faults.append(Fault("/way", "HABIT-1", f"“{way}” is no way. Choose email, slack or none."))
    times = {"quiet_from": quiet_from, "quiet_until": quiet_until, "digest_at": digest_at}
    for name, said in times.items():
        try:
            setattr(row, name, time.fromisoformat(said).replace(second=0, microsecond=0, tzinfo=None))
        except ValueError:
            faults.append(Fault(f"/{name}", "HABIT-2", f"“{said}” is no time of day. Write it as 07:30."))
    if zone and not _is_zone(zone):
        faults.append(Fault("/zone", "HABIT-3", f"“{zone}” is no time zone. Write it as Europe/Berlin."))
    if slack:
        try:
            row.slack_host = addresses.target(slack, local=settings.LOCAL_RECEIVERS).shown
            row.slack = sealed.seal(slack)
        except addresses.Refused as refusal:
            faults.append(Fault("/slack", "HABIT-4", str(refusal)))
    elif way == "slack" and not row.slack:
        faults.append(Fault("/slack", "HABIT-5", "Say where: the address of an incoming webhook."))
    if faults:
        raise bad_input(faults)
    row.way, row.at_once, row.zone = way, at_once, zone
    row.save()
    # What was stopped because the old way did not work is tried again.
    now = seats.now()
    for receiver in (f"mail/{by.person}", f"slack/{by.person}"):
        waking.wake(receiver, now)
        waking.forgive(receiver)


def _is_zone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name))
    except (ValueError, OSError, KeyError):
        return False
