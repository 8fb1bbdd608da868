"""GET POST /webhooks/, DELETE /webhooks/{number}/ and the acts on one: a program is told what happens."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from governance.commands.notifying import subscriptions as commands
from governance.queries import subscriptions
from governance.queries.subscriptions import DeliveryRow, SubscriptionRow
from ledger.api import describe, paging
from ledger.api.reading import Reader
from ledger.api.schemas import TEXT, many, takes, text
from ledger.api.shapes import moment
from ledger.api.views import ApiView
from ledger.api.writes import writes

_FORMS = ("webhook", "slack")
_BODY = takes(
    "name", "url", "topics", name=text(1, 100), url=text(1, 500), topics=many(TEXT),
    form={"type": "string", "enum": list(_FORMS)},
)  # fmt: skip
_FROM = takes("entry", entry={"type": "integer", "minimum": 1, "maximum": 2**53 - 1})
_NUMBER = describe.path("number")


class Webhooks(ApiView):
    @describe.listing("List my webhooks", "Webhook")
    def get(self, request: Request) -> Response:
        asked = paging.query(request)
        after, limit = asked.number("after"), paging.limit(asked)
        asked.done()
        rows = subscriptions.of_person(self.actor.person, after=after, limit=limit + 1)
        return paging.page(request, map(webhook, rows[:limit]), rows[limit - 1].id if len(rows) > limit else None)

    @describe.write("Make a webhook", _BODY, "NewWebhook")
    @writes(said_once=["secret"])
    def post(self, request: Request) -> Response:
        """Sends a signed message (Standard Webhooks) for each entry of these topics that you may see, from now on.

        `topics` are kinds such as `booking.recorded`, nouns such as `booking.*`, or `*`. `secret` is said once. The
        form `slack` sends text instead and has no secret. Addresses inside the house are refused.
        """
        stated = Reader(request.data)
        name, url = stated.text("name", required=True, most=100), stated.text("url", required=True, most=500)
        form, topics = stated.choice("form", _FORMS) or "webhook", stated.value("topics", required=True)
        if topics and not (isinstance(topics, list) and all(isinstance(one, str) for one in topics)):
            stated.fault("topics", "ASK-3", "“topics” is a list of words.")
        stated.done()
        issued = commands.subscribe(name, url, topics, form, by=self.actor)
        row = subscriptions.mine(issued.row.pk, self.actor.person)
        return Response({**webhook(row), "secret": issued.secret or None}, 201)


class Webhook(ApiView):
    @describe.read("Read a webhook", "Webhook", _NUMBER)
    def get(self, request: Request, number: int) -> Response:
        return Response(webhook(subscriptions.mine(number, self.actor.person)))

    @describe.write("End a webhook", None, None, _NUMBER, status=204)
    @writes
    def delete(self, request: Request, number: int) -> Response:
        """Sends nothing there any more; what was delivered stays provable."""
        commands.end(number, by=self.actor)
        return Response(status=204)


class Tests(ApiView):
    @describe.write("Test a webhook", None, "Delivery", _NUMBER)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """Sends a `webhook.test`."""
        sent = commands.test(number, by=self.actor)
        return Response(delivery(subscriptions.delivery(sent.pk, self.actor.person)[0]), 201)


class Rotations(ApiView):
    @describe.write("Rotate the secret of a webhook", None, "NewWebhook", _NUMBER)
    @writes(said_once=["secret"])
    def post(self, request: Request, number: int) -> Response:
        """A new secret, said once; for 24 hours every message carries a signature of each."""
        issued = commands.rotate(number, by=self.actor)
        return Response({**webhook(subscriptions.mine(number, self.actor.person)), "secret": issued.secret}, 201)


class Resumptions(ApiView):
    @describe.write("Resume a webhook", None, "Webhook", _NUMBER)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """Tries a receiver at once that had stopped or waits for its next try."""
        commands.resume(number, by=self.actor)
        return Response(webhook(subscriptions.mine(number, self.actor.person)), 201)


class Replays(ApiView):
    @describe.write("Replay to a webhook", _FROM, "Webhook", _NUMBER)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """Sends everything from a position of the ledger on again, with the ids it had the first time."""
        stated = Reader(request.data)
        entry = stated.number("entry", required=True, least=1)
        stated.done()
        commands.replay(number, entry or 1, by=self.actor)
        return Response(webhook(subscriptions.mine(number, self.actor.person)), 201)


class Deliveries(ApiView):
    @describe.listing("List deliveries of a webhook", "Delivery", _NUMBER)
    def get(self, request: Request, number: int) -> Response:
        asked = paging.query(request)
        after, limit = asked.number("after"), paging.limit(asked)
        asked.done()
        found = subscriptions.mine(number, self.actor.person)
        rows = subscriptions.deliveries(subscription=found.id, before=after, limit=limit + 1)
        return paging.page(request, map(delivery, rows[:limit]), rows[limit - 1].id if len(rows) > limit else None)


class Redeliveries(ApiView):
    @describe.write("Redeliver", None, "Delivery", _NUMBER)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """Sends one message again, with the id it had."""
        commands.redeliver(number, by=self.actor)
        return Response(delivery(subscriptions.delivery(number, self.actor.person)[0]), 201)


def webhook(row: SubscriptionRow) -> dict[str, Any]:
    """`url` is shown as scheme and host: the rest may be a secret."""
    return {
        "id": row.id, "name": row.name, "form": row.form, "url": row.shown, "topics": row.topics,
        "created_at": moment(row.created_at), "state": row.state, "failing_since": moment(row.failing_since),
        "next_try": moment(row.next_try), "said": row.said, "waiting": row.waiting,
    }  # fmt: skip


def delivery(row: DeliveryRow) -> dict[str, Any]:
    last = None
    if row.at is not None:
        last = {"at": moment(row.at), "result": row.result, "status": row.status, "detail": row.detail,
                "milliseconds": row.milliseconds}  # fmt: skip
    return {
        "id": row.id, "message": row.message, "type": row.type, "entry": row.entry, "state": row.state,
        "attempts": row.attempts, "created_at": moment(row.created_at), "due_at": moment(row.due_at),
        "settled_at": moment(row.settled_at), "last": last,
    }  # fmt: skip
