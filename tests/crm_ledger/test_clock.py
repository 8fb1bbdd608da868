"""The clock of the demo: forward, for everybody, and only where a demo is."""

from argparse import ArgumentTypeError
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from crm_ledger.demo import clock
from crm_ledger.management.commands.clock import span


@pytest.fixture
def demo_clock(committed_db):
    with committed_db.owner() as owner, owner.cursor() as cursor:
        cursor.execute("UPDATE ledger_clock SET demo = true")
        owner.commit()


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("90m", timedelta(minutes=90)),
        ("36h", timedelta(hours=36)),
        ("2d", timedelta(days=2)),
        ("1w", timedelta(weeks=1)),
    ],
)
def test_spans(text, means):
    assert span(text) == means


@pytest.mark.parametrize("text", ["", "36", "h", "-2d", "0h", "1.5d", "1y", "9999999h"])
def test_what_is_no_span(text):
    with pytest.raises(ArgumentTypeError, match="no span of time"):
        span(text)


def test_it_moves_for_everybody(demo_clock, committed_db, capsys):
    before = clock.read().now
    call_command("clock", "advance", "36h")
    assert "1 day, 12:00:00 ahead of the real time" in capsys.readouterr().out
    with committed_db.app() as other, other.cursor() as cursor:
        cursor.execute("SELECT ledger_now()")
        assert timedelta(hours=36) <= cursor.fetchone()[0] - before < timedelta(hours=37)
    call_command("clock", "show")
    assert "1 day, 12:00:00 ahead" in capsys.readouterr().out


def test_it_does_not_move_too_far(demo_clock):
    with pytest.raises(CommandError, match="at most ten years"):
        call_command("clock", "advance", "600w")


def test_without_the_demo_it_stands(db, settings):
    with pytest.raises(CommandError, match="holds no demo company"):
        call_command("clock", "advance", "1h")
    settings.DEMO = False
    with pytest.raises(CommandError, match="The demo is off"):
        call_command("clock", "advance", "1h")
    with connection.cursor() as cursor:
        cursor.execute("SELECT ahead FROM ledger_clock")
        assert cursor.fetchone() == (timedelta(0),)
