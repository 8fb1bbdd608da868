"""One way for every write to accept an Idempotency-Key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial, wraps
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from ledger.commands import idempotency
from ledger.commands.idempotency import Answer
from ledger.rules.problems import Fault, Problem

Method = Callable[..., Response]
KEPT_HEADERS = ("ETag", "Location")


def writes(method: Method | None = None, *, said_once: Sequence[str] = ()) -> Any:
    """For a view's method that calls a command: the same key and body get the first answer again.

    `said_once` names members of the answer that are not kept, such as a secret; a replay says null there.
    """
    if method is None:
        return partial(writes, said_once=said_once)

    @wraps(method)
    def run(view: Any, request: Request, **named: Any) -> Response:
        key = _key(request)
        if key is None:
            return method(view, request, **named)

        def act() -> Answer:
            return _answer(method(view, request, **named))

        answer = idempotency.once(
            view.actor.person, key, _fingerprint(request), act, keep=lambda answer: _without(answer, said_once)
        )
        return _response(answer)

    return run


def _key(request: Request) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        say = "An Idempotency-Key has 1 to 255 printable ASCII characters."
        fault = Fault("/Idempotency-Key", "KEY-1", say)
        raise Problem("idempotency-key-invalid", 422, "The Idempotency-Key cannot be used", say, (fault,))
    return key


def _fingerprint(request: Request) -> bytes:
    """Method, address and meaning of the body: the order of keys and the boundary of a form do not matter."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    data = request.data
    if hasattr(data, "lists"):
        for name, values in sorted(data.lists()):
            for value in values:
                digest.update(f"{name}\n".encode())
                digest.update(_content(value))
    else:
        digest.update(json.dumps(data, sort_keys=True).encode())
    return digest.digest()


def _content(value: Any) -> bytes:
    if not isinstance(value, UploadedFile):
        return str(value).encode()
    inner = hashlib.sha256(f"{value.name}\n".encode())
    for chunk in value.chunks():
        inner.update(chunk)
    value.seek(0)
    return inner.digest()


def _answer(response: Response) -> Answer:
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    if response.content_type:
        headers["Content-Type"] = response.content_type
    return Answer(response.status_code, json.dumps(response.data, cls=JSONEncoder), headers)


def _without(answer: Answer, names: Sequence[str]) -> Answer:
    if not names:
        return answer
    said: Mapping[str, Any] = json.loads(answer.body)
    kept = {name: None if name in names else value for name, value in said.items()}
    return Answer(answer.status, json.dumps(kept), answer.headers)


def _response(answer: Answer) -> Response:
    headers = dict(answer.headers)
    content_type = headers.pop("Content-Type", None)
    if answer.replayed:
        headers["Idempotent-Replayed"] = "true"
    return Response(json.loads(answer.body), answer.status, headers=headers, content_type=content_type)
