"""`POST /imports/` (a file, with `dry_run`), `GET /imports/` and `GET /imports/{id}/`."""

from __future__ import annotations

from typing import Any

from django.urls import path, reverse
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from ledger import http
from ledger.api import describe, paging
from ledger.api.reading import Reader
from ledger.api.schemas import FLAG, HEX, MOMENT, NUMBER, TEXT, Schema, many, maybe, shape
from ledger.api.shapes import moment
from ledger.api.views import ApiView
from ledger.api.writes import writes
from pipeline import permissions
from pipeline.commands.import_deals import import_deals
from pipeline.commands.importing import store
from pipeline.commands.importing.files import MOST_ROWS_ONLINE, POSTED, posted
from pipeline.queries import imports, seats
from pipeline.queries.imports import COUNTS, ImportView

_WORDS: Schema = {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": TEXT}}
_FAULT = shape(
    line=NUMBER, column=TEXT, value=TEXT, code=TEXT, what=TEXT, remedy=TEXT, suggestion=TEXT, outcome=TEXT, file=TEXT
)
_BRIEF = {
    "id": NUMBER, "file_name": TEXT, "sha256": HEX, "dry_run": FLAG, "by": maybe(NUMBER), "started_at": MOMENT,
    "finished_at": maybe(MOMENT), "counts": shape(**dict.fromkeys(COUNTS, NUMBER)), "faults_total": NUMBER,
}  # fmt: skip
_IMPORT = shape(**_BRIEF, suggested_map=_WORDS, faults=many(_FAULT))
_FILE: Schema = {"type": "string", "format": "binary"}
_FORM: Schema = {
    "type": "object",
    "properties": {**dict.fromkeys(POSTED, _FILE), "dry_run": FLAG},
    "required": ["file"],
}


class Imports(ApiView):
    """What was imported, and a new import."""

    parser_classes = [MultiPartParser]

    @describe.listing("List imports", shape(**_BRIEF))
    def get(self, request: Request) -> Response:
        asked = paging.query(request)
        limit, before = paging.limit(asked), asked.number("after", least=1)
        asked.done()
        rows = imports.listing(person=self.actor.person, held=_held(self), before=before, limit=limit + 1)
        more = rows[limit - 1].id if len(rows) > limit else None
        return paging.page(request, (_brief(row) for row in rows[:limit]), more)

    @describe.write("Import deals", None, _IMPORT, form=_FORM)
    @writes
    def post(self, request: Request) -> Response:
        """Reads the file whole or not at all; `dry_run=true` judges every row the same way and writes none."""
        _held(self)
        form = Reader({name: value for name, value in request.POST.dict().items() if name not in POSTED}, "form")
        dry_run = bool(form.flag("dry_run"))
        form.done()
        files = posted(request.FILES)
        by = http.actor(request, "import")
        done = import_deals(files, by=by, dry_run=dry_run, door="api", most_rows=MOST_ROWS_ONLINE)
        store.keep(done.id, done.faults)
        found = imports.one(done.id, person=by.person, held=seats.of_person(by.person))
        return Response(_whole(found), 201, headers={"Location": reverse("import-detail", args=[done.id])})


class Import(ApiView):
    """One import: its counts, its first 1,000 faults and the map that would mend them."""

    @describe.read("Get import", _IMPORT, describe.path("number"))
    def get(self, request: Request, number: int) -> Response:
        paging.query(request).done()
        return Response(_whole(imports.one(number, person=self.actor.person, held=_held(self))))


def _held(view: ApiView) -> Any:
    held = seats.of_person(view.actor.person)
    permissions.check_can_import(held)
    return held


def _brief(one: ImportView) -> dict[str, Any]:
    return {
        "id": one.id,
        "file_name": one.file_name,
        "sha256": one.sha256,
        "dry_run": one.dry_run,
        "by": one.by,
        "started_at": moment(one.started_at),
        "finished_at": moment(one.finished_at),
        "counts": one.counts,
        "faults_total": one.faults_total,
    }


def _whole(one: ImportView) -> dict[str, Any]:
    return {**_brief(one), "suggested_map": one.suggested_map, "faults": one.faults}


urlpatterns = [
    path("imports/", Imports.as_view(), name="import-list"),
    path("imports/<int:number>/", Import.as_view(), name="import-detail"),
]
