"""The limit over HTTP: Django without middleware, and one view that plays the statements of a command.

It reads the script that `BENCH_SCRIPT` names. The address holds what varies: /{deal}/{person}.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from crm_ledger.bench.script import Script, Step
from crm_ledger.database_url import django_database

settings.configure(
    SECRET_KEY=os.environ["SECRET_KEY"],
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=[],
    USE_TZ=True,
    DATABASES={"default": django_database(os.environ["DATABASE_URL"], application="bare")},
)
_given = json.loads(Path(os.environ["BENCH_SCRIPT"]).read_text(encoding="utf-8"))
SCRIPT = Script(tuple(Step(sql, keeps) for sql, keeps in _given))


def play(request: HttpRequest, deal: int, person: int) -> HttpResponse:
    with connection.cursor() as cursor:
        SCRIPT.play(cursor, {"deal": deal, "person": person})
    body = b'{"passed":true}'
    return HttpResponse(body, content_type="application/json", status=201, headers={"Content-Length": str(len(body))})


def alive(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"")


urlpatterns = [path("healthz", alive), path("<int:deal>/<int:person>", play)]
application = get_wsgi_application()
