"""Pages for what goes wrong outside the views: a problem for programs, a page for people."""

from django.http import HttpRequest, HttpResponse
from django.template import TemplateDoesNotExist, loader
from django.utils.html import escape

from crm_ledger.problem import json_problem, request_id_of


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, "bad-request", 400, "This request cannot be read", "Go back and try again.")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    sentence = str(exception) if exception and str(exception) else "Your seat does not allow this."
    return _answer(request, "not-allowed", 403, "You may not do this", sentence)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _answer(request, "csrf", 403, "This form is out of date", "Load the page again and send the form once more.")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    title, detail = "There is no such thing here", "It does not exist, or it is not yours to see."
    return _answer(request, "not-found", 404, title, detail, framed=True)


def no_page(request: HttpRequest) -> HttpResponse:
    """Somebody opened the address that a form is sent to: nothing was done, and a blank answer would not say so."""
    detail = "This address only takes what a form sends. Nothing was changed. Go back and open the page of the form."
    return _answer(request, "method-not-allowed", 405, "There is no page at this address", detail, framed=True)


def server_error(request: HttpRequest) -> HttpResponse:
    return _answer(
        request,
        "server-error",
        500,
        "Something broke on our side",
        "Nothing was half done: each act is written whole or not at all. The request id helps us find the cause.",
    )


def _answer(
    request: HttpRequest, slug: str, status: int, title: str, detail: str, *, framed: bool = False
) -> HttpResponse:
    """`framed`: nothing has failed, so the frame may say who is logged in."""
    if request.path.startswith("/api/") or "text/html" not in request.headers.get("Accept", "text/html"):
        return json_problem(request, slug, status, title, detail)
    words = {"status": status, "title": title, "detail": detail, "request_id": request_id_of(request)}
    try:
        # Without the request where something failed: no query may fail on a page that reports a failure.
        page: str = loader.render_to_string("error.html", words, request if framed else None)
    except TemplateDoesNotExist:
        page = (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
            f"<h1>{escape(title)}</h1><p>{escape(detail)}</p><p>Request {escape(words['request_id'])}</p>"
            '<p><a href="/">Back to the start</a></p></html>'
        )
    return HttpResponse(page, status=status)
