"""Alive: the process answers. Ready: everything it needs answers too."""

from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from crm_ledger import heartbeat
from governance.queries import deadlines
from ledger.queries import lag


@never_cache
def alive(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 when all parts are well, else 503 with the reason beside each part that is not."""
    parts = {name: _look(check) for name, check in CHECKS.items()}
    well = all(answer.partition(";")[0] == "ok" for answer in parts.values())
    return JsonResponse({"status": "ok" if well else "not ready", **parts}, status=200 if well else 503)


def _look(check: Callable[[], str]) -> str:
    try:
        return check()
    except Exception as fault:  # whatever is wrong, the answer is a reason and never an error page
        return f"{type(fault).__name__}: no answer"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _broker() -> str:
    cache.get("readyz")
    return "ok"


# The files on disk do not change while a process runs, so they are read once.
_known: set[tuple[str, str]] = set()


def _migrations() -> str:
    if not _known:
        _known.update(MigrationLoader(None).disk_migrations)
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        missing = sorted(_known - set(cursor.fetchall()))
    if missing:
        app, name = missing[0]
        return f"{len(missing)} not applied, first {app}.{name}"
    return "ok"


def _alive(part: str) -> str:
    age = heartbeat.ages()[part]
    if age is None:
        return "no sign of life yet"
    if age > settings.BEAT_MAX_AGE_SECONDS:
        return f"last sign of life {age:.0f} s ago"
    return "ok"


def _sealing() -> str:
    return lag.sealing_sentence(lag.lag())


def _publication() -> str:
    """One channel that lags is told and does no harm: every head proves all before it. All of them are too many."""
    return lag.publication_sentence(lag.lag())


def _deadlines() -> str:
    """Due moments that nobody has noted although a sweep should have: the truth of the record, not of a cache."""
    waited = deadlines.behind()
    if waited is not None and waited > settings.BEAT_MAX_AGE_SECONDS:
        return f"the oldest due moment has waited {waited} s"
    return "ok"


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "broker": _broker,
    "migrations": _migrations,
    "sealing": _sealing,
    "publication": _publication,
    **{part: partial(_alive, part) for part in heartbeat.PARTS},
    "deadlines": _deadlines,
}
