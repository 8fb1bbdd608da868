"""The style guide at /style/ (debug and demo only), and the theme that a person chose. No database."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from crm_ledger.web import style_samples

THEMES = ("light", "dark")
A_YEAR = 365 * 24 * 3600


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Every component in all its states; ?theme=light or dark shows one theme whatever the system says."""
    if not (settings.DEBUG or getattr(settings, "DEMO", False)):
        raise Http404
    theme = request.GET.get("theme")
    return render(
        request,
        "style/page.html",
        style_samples.samples() | {"theme": theme if theme in THEMES else None},
    )


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep light or dark in a cookie; system forgets it."""
    chosen = request.POST.get("theme")
    response: HttpResponse = (
        HttpResponseRedirect(_back(request)) if "next" in request.POST else HttpResponse(status=204)
    )
    if chosen in THEMES:
        response.set_cookie("theme", chosen, max_age=A_YEAR, samesite="Lax", httponly=True, secure=request.is_secure())
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


def _back(request: HttpRequest) -> str:
    target = request.POST["next"]
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else "/"
