"""Where the ledger stands: asked every 15 s by the position stamp when it hears no stream, answered without a page."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.views.decorators.http import require_GET

from ledger.queries import live
from ledger.web.door import page


@require_GET
@page
def position(request: HttpRequest) -> HttpResponse:
    """`{"position": n}` with an ETag; 304 while nothing has moved."""
    mark = live.now()
    tag = f'"{mark}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified()
    return JsonResponse({"position": mark.position}, headers={"ETag": tag})
