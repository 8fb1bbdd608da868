"""GET POST /units/{key}/holidays/ and DELETE of one: days on which a unit does not work."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from ledger.api import describe, paging
from ledger.api.reading import Reader
from ledger.api.schemas import DAY, TEXT, page_of, shape, takes, text
from ledger.api.views import ApiView
from ledger.api.writes import writes
from ledger.rules.problems import Fault, bad_input
from pipeline import permissions
from pipeline.commands import organisation
from pipeline.queries import calendars

_UNIT = describe.path("key", TEXT)
_HOLIDAY = shape(day=DAY, name=TEXT)


def _told(unit: str) -> list[dict[str, Any]]:
    calendars.of_unit(unit)
    return [{"day": day.isoformat(), "name": name} for day, name in calendars.holidays(unit)]


class Holidays(ApiView):
    @describe.read("List the holidays of a unit", page_of(_HOLIDAY), _UNIT)
    def get(self, request: Request, key: str) -> Response:
        """Oldest first. They move the due dates of alerts."""
        paging.query(request).done()
        return paging.page(request, _told(key))

    @describe.write("Declare a holiday", takes("day", "name", day=DAY, name=text(1, 100)), page_of(_HOLIDAY), _UNIT)
    @writes
    def post(self, request: Request, key: str) -> Response:
        """By an administrator or a policy steward; the same day again changes its name."""
        permissions.check_can_keep_calendar(self.seats)
        stated = Reader(request.data)
        stated.value("day", required=True)
        day, name = stated.day("day"), stated.text("name", required=True, most=100)
        stated.done()
        if day is None:
            raise bad_input([Fault("/day", "ASK-2", "“day” is missing.")])
        organisation.declare_holiday(key, day, name, by=self.actor)
        return Response({"results": _told(key), "next": None}, 201)


class Holiday(ApiView):
    @describe.write("Withdraw a holiday", None, page_of(_HOLIDAY), _UNIT, describe.path("day", DAY), status=200)
    @writes
    def delete(self, request: Request, key: str, day: str) -> Response:
        """The day is worked after all."""
        permissions.check_can_keep_calendar(self.seats)
        asked = Reader({"day": day})
        on = asked.day("day")
        asked.done()
        assert on is not None  # `done` has raised otherwise
        organisation.withdraw_holiday(key, on, by=self.actor)
        return Response({"results": _told(key), "next": None})
