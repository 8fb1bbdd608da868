"""/alerts/: what was missed, who answers, and each step as a noun."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from governance.api import alert_shapes, effect_shapes
from governance.api.milestones import after_due, cursor_of
from governance.commands.alerting import acts
from governance.queries import alerts, what_if
from governance.rules.alert import CAUSES, STATES, promise_faults
from ledger.api import describe, paging
from ledger.api.reading import Reader
from ledger.api.schemas import DAY, FLAG, NUMBER, REF, TEXT, takes, text
from ledger.api.views import ApiView
from ledger.api.writes import writes
from ledger.rules.problems import bad_input, not_found
from pipeline.queries import calendars, seats
from pipeline.queries.deals import number_of

THE_ALERT = describe.path("number")
_FILTERS = (
    describe.query("state", TEXT, f"One or more of {', '.join(STATES)}, with commas between; or escalated."),
    describe.query("milestone", NUMBER),
    describe.query("deal", REF),
    describe.query("function"),
    describe.query("unit"),
    describe.query("mine", FLAG, "Only alerts of a function that you hold."),
)
_EXPLANATION = takes("cause", "what", cause={"type": "string", "enum": list(CAUSES)}, what=text(3))
_PROMISE = takes("date", "plan", date=DAY, plan=text(3))
_DECISION = takes("decision", decision={"type": "string", "enum": ["verified", "rejected"]}, note=text())


class AlertView(ApiView):
    """Answers with an alert after an act on it."""

    def alert(self, number: int, status: int = 200) -> Response:
        return Response(alert_shapes.with_texts(alerts.visible(self.seats, number), self.seats), status)


class Alerts(ApiView):
    at_any_moment = True

    @describe.listing("List alerts", "AlertSummary", *_FILTERS, describe.AS_OF)
    def get(self, request: Request) -> Response:
        """The alerts that you may see, soonest due first."""
        asked = paging.query(request)
        states = _states(asked)
        milestone, deal = asked.number("milestone"), asked.text("deal", most=40)
        function, unit = asked.text("function", most=40), asked.text("unit", most=40)
        mine, after, limit = asked.flag("mine"), after_due(asked), paging.limit(asked)
        asked.done()
        rows = alerts.listing(
            self.seats,
            states=[state for state in states if state != "escalated"],
            escalated="escalated" in states,
            milestone=milestone,
            deal=number_of(deal) if deal else None,
            function=function or None,
            unit=unit or None,
            mine=self.actor.person if mine else None,
            after=after,
            limit=limit + 1,
        )
        last = rows[limit - 1].alert if len(rows) > limit else None
        following = cursor_of(last.due_at, last.id) if last else None
        return paging.page(request, map(alert_shapes.alert, rows[:limit]), following)


class OneAlert(AlertView):
    at_any_moment = True

    @describe.read("Read an alert", "Alert", THE_ALERT, describe.AS_OF)
    def get(self, request: Request, number: int) -> Response:
        """An alert with what was written to it."""
        return self.alert(number)


class Acknowledgements(AlertView):
    @describe.write("Acknowledge an alert", takes(), "Alert", THE_ALERT)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """Takes it up: nothing of it is sent any more, and the ladder rests until it is due."""
        Reader(request.data).done()
        acts.acknowledge(number, by=self.actor)
        return self.alert(number, 201)


class Explanations(AlertView):
    @describe.write("Explain an alert", _EXPLANATION, "Alert", THE_ALERT)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """Why it happened, by a cause code and in words."""
        stated = Reader(request.data)
        cause, what = stated.choice("cause", CAUSES, required=True), stated.text("what", required=True)
        stated.done()
        acts.explain(number, cause, what, by=self.actor)
        return self.alert(number, 201)


class Commitments(AlertView):
    @describe.read("Preview a recovery date", "Effect", THE_ALERT, describe.query("date", DAY))
    def get(self, request: Request, number: int) -> Response:
        """What a recovery date would do to revenue, before anybody commits to it; 422 for a day to which nobody could,
        404 when nothing of a deal was missed."""
        asked = paging.query(request)
        day = effect_shapes.asked_day(asked, "date")
        row = alerts.visible(self.seats, number)
        if row.alert.milestone is None:
            raise not_found(f"Effect of A-{number}")
        calendar = calendars.of_unit(row.alert.unit)
        faults = promise_faults(day, "said later", row.alert, calendar.day_of(seats.now()), calendar)
        if faults:
            raise bad_input(faults)
        return Response(effect_shapes.effect(what_if.of_milestone(row.alert.milestone, day)))

    @describe.write("Commit a recovery date", _PROMISE, "CommittedAlert", THE_ALERT)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """It is the new plan of what was missed; `effect` says what it did. A date that passes unkept opens the alert
        again, one rung higher."""
        stated = Reader(request.data)
        stated.value("date", required=True)
        day, plan = stated.day("date"), stated.text("plan", required=True)
        stated.done()
        acts.commit(number, day, plan, by=self.actor)
        row = alerts.visible(self.seats, number)
        said = alert_shapes.with_texts(row, self.seats)
        if row.alert.milestone is not None and day is not None:
            said["effect"] = effect_shapes.effect(what_if.of_milestone(row.alert.milestone, day))
        return Response(said, 201)


class AlertVerifications(AlertView):
    @describe.write("Verify an alert", _DECISION, "Alert", THE_ALERT)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """Another person says whether it was kept: `verified` closes it, `rejected` opens it one rung higher."""
        stated = Reader(request.data)
        decision, note = stated.choice("decision", ("verified", "rejected"), required=True), stated.text("note")
        stated.done()
        acts.verify(number, decision == "verified", by=self.actor, note=note)
        return self.alert(number, 201)


def _states(asked: Reader) -> list[str]:
    said = asked.text("state", most=200)
    states = [word.strip() for word in said.split(",") if word.strip()]
    if not set(states) <= {*STATES, "escalated"}:
        asked.fault("state", "ASK-6", f"“{said}” is no state. States are: {', '.join(STATES)}, escalated.")
    return states
