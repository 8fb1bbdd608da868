"""The product's clock: read by everybody, moved in a demo only, forward only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import Error, connection

OFF = "The demo is off, so the clock stands where the database's stands. Set DEBUG=1 and DEMO=1 on a test system."
NO_DEMO = "This database holds no demo company, so its clock is not moved. Run manage.py demo on an empty one."
FARTHEST = timedelta(days=3660)


class ClockStands(Exception):
    """Why the clock was not moved, in a sentence."""


@dataclass(frozen=True, slots=True)
class Reading:
    now: datetime
    ahead: timedelta
    demo: bool


def read() -> Reading:
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_now(), ahead, demo FROM ledger_clock")
        return Reading(*cursor.fetchone())


def advance(by: timedelta) -> datetime:
    """Moves the clock of web, worker and beat alike: it is in the database. Raises ClockStands."""
    return move(read().now + by)


def move(to: datetime) -> datetime:
    """Moves the clock to a moment that is not past. Raises ClockStands."""
    if not settings.DEMO:
        raise ClockStands(OFF)
    reading = read()
    if not reading.demo:
        raise ClockStands(NO_DEMO)
    if to - reading.now + reading.ahead > FARTHEST:
        raise ClockStands("The clock runs at most ten years ahead. Choose an earlier moment.")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT ledger_move_demo_clock(%s)", [to])
            return cursor.fetchone()[0]
    except Error as error:
        said = str(error).partition("\n")[0].strip()
        raise ClockStands(f"The clock was not moved: {said}.") from error


def begin_at(moment: datetime) -> None:
    """Before the first entry the clock may be set back: the story begins in the past."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_move_demo_clock(%s)", [moment])


def pass_to(moment: datetime) -> None:
    """The demo's own story: moves on to a moment, and stays when that has passed already."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_move_demo_clock(greatest(%s, ledger_now() + interval '1 millisecond'))", [moment])


def return_to_real() -> None:
    """The end of the story: the clock stands where the database's stands."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_move_demo_clock(greatest(clock_timestamp(), ledger_now() + interval '1 millisecond'))"
        )
