"""What is said to a person on the next page: looked for when somebody asks, not in every request."""

from __future__ import annotations

from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.messages.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject, empty


class LateMessages(MessageMiddleware):
    """Django's own; a storage that nobody has touched has read nothing and has nothing to keep."""

    def process_request(self, request: HttpRequest) -> None:
        request._messages = SimpleLazyObject(lambda: default_storage(request))  # type: ignore[attr-defined]

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        said = getattr(request, "_messages", None)
        if type(said) is SimpleLazyObject and said.__dict__["_wrapped"] is empty:
            return response
        return super().process_response(request, response)
