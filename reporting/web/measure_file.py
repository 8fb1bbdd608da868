"""A measure as a file with its receipt, or the receipt alone: the same number as on the page, at the same moment."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ledger.rules.problems import Fault, bad_input, not_found
from ledger.web.door import page_at_any_moment
from pipeline.web.reader import reader
from reporting.exports import receipts
from reporting.queries import asking
from reporting.rules import periods
from reporting.web.question import question


@require_GET
@page_at_any_moment
def measure_file(request: HttpRequest, name: str, form: str) -> HttpResponse:
    """`?period=` (or `all`), `?unit=` and `?as_of=`; `form` is csv, xlsx or json."""
    return _file(request, name, form)


@require_GET
@page_at_any_moment
def booked_file(request: HttpRequest, form: str) -> HttpResponse:
    return _file(request, "booked", form)


def _file(request: HttpRequest, measure: str, form: str) -> HttpResponse:
    read = reader(request)
    name = request.GET.get("period", "all")
    period = None if name == "all" else periods.parse(name, read.company.fiscal_start_month)
    unit = request.GET.get("unit", "")
    if unit and ((read.visible is not None and unit not in read.visible) or unit not in read.units):
        raise not_found(_("This number"))
    for part, say in (
        ("function", _("A certified file is of every function: leave the function out.")),
        ("stage", _("A certified file is of every stage: leave the stage out.")),
    ):
        if request.GET.get(part):
            raise bad_input([Fault(f"/{part}", "MEASURE-4", say)])
    told = asking.tell(measure, question(read, period, unit))
    claim = told.claim(rows=form in receipts.FORMATS)
    if form == "json":
        response: HttpResponse = JsonResponse(receipts.signed(claim), json_dumps_params={"ensure_ascii": False})
    elif form in receipts.FORMATS:
        data, kind = receipts.file(form, told.answer.table, claim)
        response = HttpResponse(data, content_type=kind)
    else:
        raise not_found(f"{measure}.{form}")
    of = "-".join(part for part in (measure, period.name if period else "all", unit) if part)
    response["Content-Disposition"] = f'attachment; filename="{of}.{form}"'
    return response
