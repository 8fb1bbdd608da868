"""Programs that hear what happens: subscribed, tried, given a new secret, resumed, sent to again, ended."""

from __future__ import annotations

import secrets as randomness
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from governance.commands.notifying import waking
from governance.models import Delivery, Subscription
from governance.notify import sealed
from governance.permissions import check_can_subscribe
from governance.rules import addresses, topics
from governance.rules.webhook import secret_of
from ledger.queries import following
from ledger.rules.actor import Actor
from ledger.rules.problems import Fault, bad_input, conflict, not_found
from ledger.transactions import command
from pipeline.queries import seats

MOST = 10
OLD_SECRET_HOURS = 24


@dataclass(frozen=True, slots=True)
class Issued:
    """`secret` is said here and never again; a Slack channel has none."""

    row: Subscription
    secret: str


@command
def subscribe(name: str, url: str, asked: Sequence[str], form: str, *, by: Actor) -> Issued:
    """Tells a program from now on what happens and the person may see. Refuses private addresses and unknown topics."""
    check_can_subscribe(seats.of_person(by.person))
    faults = []
    if not 1 <= len(name.strip()) <= 100:
        faults.append(Fault("/name", "HOOK-1", "A webhook has a name of 1 to 100 characters: what listens there?"))
    if form not in (Subscription.WEBHOOK, Subscription.SLACK):
        faults.append(Fault("/form", "HOOK-2", f"“{form}” is no form. Choose webhook or slack."))
    if not asked or len(asked) > 50 or (strange := topics.unknown(asked)):
        which = f"“{strange[0][:60]}” is no topic." if asked and len(asked) <= 50 else "Choose 1 to 50 topics."
        faults.append(Fault("/topics", "HOOK-3", f"{which} Topics are kinds such as booking.recorded, booking.* or *."))
    shown = ""
    try:
        shown = addresses.target(url, local=settings.LOCAL_RECEIVERS).shown
    except addresses.Refused as refusal:
        faults.append(Fault("/url", "HOOK-4", str(refusal)))
    if faults:
        raise bad_input(faults)
    _check_room(by)
    secret = secret_of(randomness.token_bytes(32)) if form == Subscription.WEBHOOK else ""
    place, newest = following.here()
    row = Subscription.objects.create(
        person_id=by.person, form=form, name=name.strip(), shown=shown, address=sealed.seal(url),
        topics=sorted(set(asked)), secret=sealed.seal(secret), created_at=seats.now(), after_xid=place.xid,
        after_id=place.id, newest_id=newest, cluster=place.cluster,
    )  # fmt: skip
    return Issued(row, secret)


def _check_room(by: Actor) -> None:
    with connection.cursor() as cursor:  # one at a time for each person, so that nobody gets an eleventh
        cursor.execute("SELECT FROM pipeline_person WHERE id = %s FOR NO KEY UPDATE", [by.person])
    if Subscription.objects.filter(person_id=by.person, ended_at=None).count() >= MOST:
        raise conflict("too-many-webhooks", "No more webhooks", f"A person has at most {MOST}. End one first. [HOOK-5]")


def _mine(number: int, by: Actor) -> Subscription:
    row = Subscription.objects.select_for_update().filter(pk=number, person_id=by.person, ended_at=None).first()
    if row is None:
        raise not_found(f"Webhook {number}")
    return row


@command
def end(number: int, *, by: Actor) -> None:
    """Nothing is sent there any more; what was delivered stays provable."""
    row = _mine(number, by)
    row.ended_at, row.secret, row.old_secret, row.address = seats.now(), "", "", ""
    row.save(update_fields=["ended_at", "secret", "old_secret", "address"])
    Delivery.objects.filter(subscription=row, state=Delivery.WAITING).update(
        state=Delivery.WITHHELD, settled_at=row.ended_at
    )


@command
def rotate(number: int, *, by: Actor) -> Issued:
    """A new secret; for a day messages are signed with both, so that the receiver can change at its own time."""
    row = _mine(number, by)
    if row.form != Subscription.WEBHOOK:
        raise conflict("no-secret", "There is no secret", "A Slack channel is not signed. Its address is its secret.")
    secret = secret_of(randomness.token_bytes(32))
    row.old_secret, row.secret = row.secret, sealed.seal(secret)
    row.old_until = timezone.now() + timedelta(hours=OLD_SECRET_HOURS)
    row.save(update_fields=["secret", "old_secret", "old_until"])
    return Issued(row, secret)


@command
def test(number: int, *, by: Actor) -> Delivery:
    """Sends a `webhook.test`, which shows whether receiver and secret fit."""
    row, now = _mine(number, by), seats.now()
    return Delivery.objects.create(
        receiver_id=waking.wake(f"hook/{row.pk}", now), sort=Delivery.TEST, subscription=row, created_at=now, due_at=now
    )


@command
def resume(number: int, *, by: Actor) -> None:
    """A receiver that had stopped, or waits long for its next try, is tried at once; nothing was lost meanwhile."""
    row = _mine(number, by)
    waking.wake(f"hook/{row.pk}", seats.now())
    waking.forgive(f"hook/{row.pk}")


@command
def replay(number: int, entry: int, *, by: Actor) -> None:
    """Everything from an entry on is sent again, with the ids it had the first time."""
    row = _mine(number, by)
    place = following.before(max(entry, 1))
    row.after_xid, row.after_id, row.floor_id, row.cluster = place
    row.save(update_fields=["after_xid", "after_id", "floor_id", "cluster"])


@command
def redeliver(delivery: int, *, by: Actor) -> None:
    """One message is sent again with the id it had; a receiver that has seen it knows it by that."""
    found = Delivery.objects.select_for_update().filter(pk=delivery, subscription__isnull=False).first()
    if found is None or found.subscription_id is None:
        raise not_found(f"Delivery {delivery}")
    _mine(found.subscription_id, by)
    now = seats.now()
    found.state, found.due_at, found.settled_at = Delivery.WAITING, now, None
    found.save(update_fields=["state", "due_at", "settled_at"])
    waking.wake(found.receiver_id, now)
