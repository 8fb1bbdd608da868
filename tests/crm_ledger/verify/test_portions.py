"""A verification that is cut into portions, or killed, finds exactly what one that runs through finds."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.db import connection

from crm_ledger.verify import reading, tables, tree, working
from crm_ledger.verify.progress import Paused, Progress
from crm_ledger.verify.run import verify
from ledger.commands import verification
from ledger.models import Verification
from ledger.queries import entries
from ledger.rules.actor import SYSTEM, Actor
from tests.databases import ROOT


@pytest.fixture
def small_parts(monkeypatch):
    for module in (reading, tree):
        monkeypatch.setattr(module, "CHUNK", 3)
    monkeypatch.setattr(tables, "_STREAMS", 4)
    monkeypatch.setattr(tables, "_LINES", 7)


def in_portions(every):
    """A fresh process each time, as far as the run can tell: all it gets is what was kept, through JSON."""
    kept, portions = None, 0
    while True:
        portions, rests = portions + 1, 0

        def keep(progress):
            nonlocal kept, rests
            kept, rests = progress.as_dict(), rests + 1
            return rests < every

        try:
            return verify(progress=Progress.from_dict(kept) if kept else None, keep=keep), portions
        except Paused:
            assert portions < 1000


def told(report):
    said = report.as_dict()
    return {name: said[name] for name in said if name != "seconds"}


@pytest.mark.parametrize("every", [1, 2, 5])
def test_portions_find_what_one_run_finds(lived, small_parts, every):
    through = verify()
    report, portions = in_portions(every)
    assert told(report) == told(through) and report.ok
    assert portions > 5


def test_portions_name_every_broken_fact_once(lived, small_parts):
    database, _ = lived
    damage = (
        "ALTER TABLE ledger_entry DISABLE TRIGGER never_changes",
        "UPDATE ledger_entry SET envelope = convert_to(replace(convert_from(envelope, 'UTF8'), 'price', 'pride'),"
        " 'UTF8') WHERE kind = 'deal.lost'",
        "ALTER TABLE ledger_posting DISABLE TRIGGER never_changes",
        "INSERT INTO ledger_posting (entry_id, recorded_at, book, place, period, unit, deal_id, amount, cause)"
        " SELECT id, recorded_at, 'bookings', 'booked', '2026-01-01', 'east', 1, 5, 'won' FROM ledger_entry"
        " WHERE id = 1",
    )
    with database.superuser() as superuser, superuser.cursor() as cursor:
        for statement in damage:
            cursor.execute(statement)
        superuser.commit()
        try:
            through = verify()
            report, _ = in_portions(1)
            assert told(report) == told(through)
            assert through["integrity"].broken > 3 and through["completeness"].broken == 1
        finally:
            cursor.execute("DELETE FROM ledger_posting WHERE entry_id = 1")
            cursor.execute("UPDATE ledger_entry SET envelope = convert_to(replace(convert_from(envelope, 'UTF8'),"
                           " 'pride', 'price'), 'UTF8') WHERE kind = 'deal.lost'")  # fmt: skip
            for table in ("ledger_entry", "ledger_posting"):
                cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER never_changes")
            superuser.commit()
    assert verify().ok


def test_a_run_is_asked_for_once_and_taken_by_one(lived):
    auditor = Actor(7, "web")
    number = verification.ask(by=auditor)
    assert number is not None and verification.ask(by=auditor) is None
    first = verification.claim()
    assert first.id == number and verification.claim() is None
    taken_over = verification.claim(number)
    assert not verification.keep(first, {}, 1, 2), "another process has it"
    assert verification.keep(taken_over, Progress().as_dict(), 1, 2)
    verification.release(taken_over)
    assert working.go_on(seconds=60) is False
    run = Verification.objects.get(pk=number)
    assert run.report["integrity"]["ok"] and run.finished_at and run.progress is None
    (entry,) = [row for row in entries.timeline(verification.STREAM) if row.body["run"] == number]
    assert entry.kind == "ledger.verified" and entry.body["lawfulness"]["ok"] is True


def test_a_night_has_one_run(lived):
    from datetime import date

    number = verification.ask(by=SYSTEM, night=date(2026, 11, 22))
    assert working.go_on(seconds=60) is False
    assert verification.ask(by=SYSTEM, night=date(2026, 11, 22)) is None and number is not None


def test_what_cannot_be_read_ends_without_a_verdict(lived, monkeypatch):
    number = verification.ask(by=SYSTEM)

    def broken(*_, **__):
        raise RuntimeError("the disk is gone")

    monkeypatch.setattr(working, "verify", broken)
    for _ in range(verification.MOST_FAILURES):
        Verification.objects.filter(pk=number).update(seen_at=None)
        with pytest.raises(RuntimeError):
            working.go_on()
    run = Verification.objects.get(pk=number)
    assert run.finished_at and run.report is None and run.fault == "RuntimeError: the disk is gone"


_SLOW = """
import time
import django
django.setup()
from crm_ledger.verify import reading, tree, working
reading.CHUNK = tree.CHUNK = 5
working.KEPT_EVERY = 0
kept = working.verification.keep
def slowly(*args):
    time.sleep(0.2)
    return kept(*args)
working.verification.keep = slowly
working.go_on(600)
"""


def test_a_killed_run_goes_on(lived, settings):
    """A real process is killed in the middle; the next one goes on from where it was and comes to the same end."""
    database, _ = lived
    through = verify()
    number = verification.ask(by=SYSTEM)
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "crm_ledger.settings", "DATABASE_URL": database.app_url, "DEBUG": "1",
        "CHECKPOINT_DIR": str(settings.CHECKPOINT_DIR), "EVIDENCE_ROOT": str(settings.EVIDENCE_ROOT),
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "-c", _SLOW], cwd=ROOT, env=environment)
    until = time.monotonic() + 60
    while (run := Verification.objects.get(pk=number)).done < 30 and time.monotonic() < until:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    run.refresh_from_db()
    assert run.finished_at is None and run.done >= 30 and run.progress
    assert verification.claim() is None, "the lease of the dead still runs"
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_verification SET seen_at = seen_at - interval '2 minutes' WHERE id = %s", [number]
        )
    assert working.go_on(seconds=60) is False
    run.refresh_from_db()
    assert run.claim == 2
    assert {name: run.report[name] for name in told(through)} == told(through)
