"""Who a command on the shell acts as."""

from __future__ import annotations

from django.core.management.base import CommandError

from ledger.rules.actor import Actor
from pipeline.models import Person, Seat
from pipeline.queries import seats


def actor(email: str) -> Actor:
    """The active person behind an e-mail address."""
    person = Person.objects.filter(email__iexact=email, is_active=True).first()
    if person is None:
        raise CommandError(f"There is no active person with the e-mail address {email}.")
    return Actor(person.pk, "shell")


def first_steward() -> Actor:
    """The policy steward whose seat is oldest."""
    now = seats.now()
    held = Seat.objects.filter(role="steward", from_at__lte=now, person__is_active=True).exclude(until_at__lte=now)
    seat = held.order_by("id").first()
    if seat is None:
        raise CommandError("Nobody has the seat of a policy steward. Name a steward with --by, or fill the seat first.")
    return Actor(seat.person_id, "shell")
