"""Actor and request id out of a request: read once, at the door."""

from __future__ import annotations

from django.http import HttpRequest

from ledger.rules.actor import Actor, Channel


def actor(request: HttpRequest, channel: Channel) -> Actor:
    """Who acts. The door has made sure that somebody is logged in."""
    person = request.user.pk
    assert person is not None
    return Actor(person, channel, str(getattr(request, "request_id", "")))
