"""/imports/: choose a file, try it, read its faults, accept what is suggested, bring it in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from ledger import http, words
from ledger.rules.problems import Problem, not_found
from ledger.web.door import go, once, page
from pipeline import permissions
from pipeline.commands.import_deals import FAULTS_KEPT, import_deals
from pipeline.commands.importing import store
from pipeline.commands.importing.files import MOST_ROWS_ONLINE, Files, Upload, posted
from pipeline.queries import imports
from pipeline.queries.imports import ImportView
from pipeline.queries.reading import Reading
from pipeline.rules.importing import mapping
from pipeline.rules.importing.faults import RowFault
from pipeline.web.reader import reader

ROWS = 50
_TABLES = ".csv,.tsv,.txt,.xlsx"


class ImportForm(forms.Form):
    """One file of deals, and what may come with it."""

    use_required_attribute = False
    file = forms.FileField(label=gettext_lazy("Deals"), help_text=gettext_lazy("CSV (UTF-8) or XLSX, up to 20 MiB."))
    accounts = forms.FileField(label=gettext_lazy("Accounts"), required=False)
    products = forms.FileField(label=gettext_lazy("Products"), required=False)
    teams = forms.FileField(label=gettext_lazy("Sales teams"), required=False)
    map = forms.FileField(
        label=gettext_lazy("Map"), required=False, help_text=gettext_lazy("YAML: what words of the file mean.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget = forms.FileInput(attrs={"accept": ".yaml,.yml" if name == "map" else _TABLES})


@page
def overview(request: HttpRequest) -> HttpResponse:
    read = _reader(request)
    form = ImportForm(request.POST or None, request.FILES or None) if request.method == "POST" else ImportForm()
    refused: list[RowFault] = []
    if request.method == "POST" and form.is_valid():
        try:
            return _run(request, posted(request.FILES), dry_run=request.POST.get("do") != "import")
        except Problem as problem:
            refused = [RowFault(**fault) for fault in problem.extra.get("faults", ())]
            if not refused:
                raise
            for fault in refused:
                form.add_error(None, f"{fault.file}: {fault.what} {fault.remedy} [{fault.code}]")
    before = request.GET.get("before", "")
    found = imports.listing(
        person=read.person, held=read.seats, before=int(before) if before.isdecimal() and len(before) < 16 else None
    )
    older = f"{reverse('imports')}?before={found[-1].id}" if len(found) == 20 else ""
    context = {
        "form": form,
        "rows": [_row(one, read) for one in found],
        "page": {"next_url": older, "first_url": reverse("imports") if before else "", "text": ""},
        "empty": {"sentence": _("Nothing was imported yet."), "icon": "file-text"},
    }
    return render(request, "pipeline/imports.html", context, status=422 if form.errors else 200)


@require_GET
@page
def result(request: HttpRequest, number: int) -> HttpResponse:
    read = _reader(request)
    found = imports.one(number, person=read.person, held=read.seats)
    given = request.GET.get("after", "")
    after = int(given) if given.isdecimal() and len(given) < 6 else 0
    shown = found.faults[after : after + ROWS]
    base = reverse("import", args=[number])
    more = f"{base}?after={after + ROWS}" if after + ROWS < len(found.faults) else ""
    text = _("Faults %(first)s to %(last)s of %(total)s") % {
        "first": words.count(after + 1),
        "last": words.count(after + len(shown)),
        "total": words.count(found.faults_total),
    }
    context = {
        "one": _row(found, read),
        "tiles": _tiles(found),
        "faults": shown,
        "page": {"next_url": more, "first_url": base if after else "", "text": text if shown else ""},
        "suggestions": [
            {"value": f"{key}:{old}", "key": key, "old": old, "new": new}
            for key, known in found.suggested_map.items()
            for old, new in known.items()
        ],
        "at_hand": found.dry_run and store.files(number) is not None,
        "whole_csv": store.faults(number) is not None,
        "kept": FAULTS_KEPT if found.faults_total > FAULTS_KEPT else 0,
    }
    return render(request, "pipeline/imports_result.html", context)


@require_POST
@page
def again(request: HttpRequest, number: int) -> HttpResponse:
    """Runs the files of a dry run again, with the suggestions that a person ticked added to the map."""
    read = _reader(request)
    found = imports.one(number, person=read.person, held=read.seats)
    files = store.files(number) if found.dry_run else None
    if files is None:
        messages.error(request, _("The file is kept for a day and is no longer here. Choose it again."))
        return go(request, reverse("imports"))
    ticked = set(request.POST.getlist("accept"))
    accepted = {
        key: {old: new for old, new in known.items() if f"{key}:{old}" in ticked}
        for key, known in found.suggested_map.items()
    }
    if any(accepted.values()):
        said = mapping.load(files.map.name, files.map.data) if files.map else mapping.NOTHING
        text = mapping.extended(said, accepted)
        files = Files(files.deals, files.accounts, files.products, files.teams, Upload("map.yaml", text.encode()))
    return _run(request, files, dry_run=request.POST.get("do") != "import")


@require_GET
@page
def faults_csv(request: HttpRequest, number: int) -> HttpResponse:
    read = _reader(request)
    found = imports.one(number, person=read.person, held=read.seats)
    data = store.faults(found.id)
    if data is None:
        raise not_found(f"The faults file of import {number}")
    return _file(data, "text/csv; charset=utf-8", f"import-{number}.faults.csv")


@require_GET
@page
def suggested_map(request: HttpRequest, number: int) -> HttpResponse:
    read = _reader(request)
    found = imports.one(number, person=read.person, held=read.seats)
    data = mapping.proposal(found.suggested_map).encode()
    return _file(data, "application/yaml; charset=utf-8", f"import-{number}.suggested-map.yaml")


def _reader(request: HttpRequest) -> Reading:
    read = reader(request)
    permissions.check_can_import(read.seats)
    return read


def _run(request: HttpRequest, files: Files, *, dry_run: bool) -> HttpResponse:
    return go(request, once(request, lambda: _import(request, files, dry_run)))


def _import(request: HttpRequest, files: Files, dry_run: bool) -> str:
    """Where to read what became of it."""
    by = http.actor(request, "import")
    done = import_deals(files, by=by, dry_run=dry_run, door="web", most_rows=MOST_ROWS_ONLINE)
    store.keep(done.id, done.faults, files if dry_run else None)
    count = done.counts["accepted"] + done.counts["unverified"]
    if dry_run:
        text = ngettext(
            "Tried, nothing written: %(n)s row would come in.",
            "Tried, nothing written: %(n)s rows would come in.",
            count,
        )
    else:
        text = ngettext("Imported: %(n)s row came in.", "Imported: %(n)s rows came in.", count)
    messages.success(request, text % {"n": words.count(count)})
    return reverse("import", args=[done.id])


def _row(one: ImportView, read: Reading) -> dict[str, Any]:
    return {
        "id": one.id,
        "url": reverse("import", args=[one.id]),
        "file": one.file_name,
        "dry_run": one.dry_run,
        "by": one.by_name or _("the system"),
        "at": words.moment(one.started_at, read.zone, read.now),
        "sha256": one.sha256,
        "counts": {name: words.count(number) for name, number in one.counts.items()},
        "faults": words.count(one.faults_total),
    }


def _tiles(one: ImportView) -> list[dict[str, str]]:
    say = {
        "read": (_("Rows read"), ""),
        "accepted": (_("Accepted"), _("open, in the first stage")),
        "unverified": (_("Unverified"), _("history; never counts as booked")),
        "rejected": (_("Rejected"), _("mend them and import again")),
        "unchanged": (_("Unchanged"), _("in before, or rejected before")),
    }
    return [
        {"label": label, "value": words.count(one.counts[name]), "note": note} for name, (label, note) in say.items()
    ]


def _file(data: bytes, content_type: str, name: str) -> HttpResponse:
    return HttpResponse(
        data, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


urlpatterns = [
    path("imports/", overview, name="imports"),
    path("imports/<int:number>/", result, name="import"),
    path("imports/<int:number>/runs/", again, name="import-again"),
    path("imports/<int:number>/faults.csv", faults_csv, name="import-faults"),
    path("imports/<int:number>/suggested-map.yaml", suggested_map, name="import-map"),
]
