"""Says in the OpenAPI document what a call takes, gives and refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema

from ledger.api.schemas import NUMBER, TEXT, Schema, page_of, ref

_READ = (400, 401, 403, 404, 422, 429)
_WRITE = (*_READ, 409, 413, 415)
_ON_A_DEAL = (*_WRITE, 412, 428)
_PROBLEM = "application/problem+json"


def query(name: str, schema: Schema = TEXT, say: str = "") -> OpenApiParameter:
    return OpenApiParameter(name, schema, OpenApiParameter.QUERY, description=say)


def path(name: str, schema: Schema = NUMBER, say: str = "") -> OpenApiParameter:
    return OpenApiParameter(name, schema, OpenApiParameter.PATH, required=True, description=say)


def header(name: str, say: str, *, required: bool = False, schema: Schema = TEXT) -> OpenApiParameter:
    return OpenApiParameter(name, schema, OpenApiParameter.HEADER, required=required, description=say)


def etag(*statuses: int) -> OpenApiParameter:
    return OpenApiParameter("ETag", TEXT, OpenApiParameter.HEADER, response=list(statuses), description="Its version.")


KEY = header(
    "Idempotency-Key",
    "The same key and body get the first answer again.",
    schema={"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
)
CURSOR = (
    query("limit", {"type": "integer", "minimum": 1, "maximum": 1_000_000, "default": 50}, "At most 200 are given."),
    query("after", TEXT, "The cursor in `next`."),
)
IF_MATCH = header(
    "If-Match", "The ETag of the deal as you have read it.", required=True, schema={**TEXT, "examples": ['"7"']}
)
AS_OF = query("as_of", {"type": "string", "format": "date-time"}, "As it was known at that moment.")


def read(
    name: str, gives: Any, *parameters: OpenApiParameter, also: Iterable[int] = (), files: Iterable[str] = ()
) -> Callable[[Any], Any]:
    """A read of one thing: `gives` is a component or a schema. `files` are media types that it may come in instead."""
    return _described(name, {200: gives}, (*_READ, *also), parameters, files=files)


def listing(name: str, of: Any, *parameters: OpenApiParameter) -> Callable[[Any], Any]:
    return _described(name, {200: page_of(_schema(of))}, _READ, (*parameters, *CURSOR))


def write(
    name: str,
    body: Any,
    gives: Any,
    *parameters: OpenApiParameter,
    status: int = 201,
    form: Schema | None = None,
    files: Iterable[str] = (),
) -> Callable[[Any], Any]:
    """`files` are media types of an answer that is a file; then `gives` is None."""
    gives = {} if files else {status: gives}
    return _described(name, gives, _WRITE, (*parameters, KEY), body, form, files)


def on_deal(name: str, body: Any, gives: Any, *parameters: OpenApiParameter, status: int = 201) -> Callable[[Any], Any]:
    """A write on a deal: it needs If-Match and answers with the new ETag."""
    return _described(name, {status: gives}, _ON_A_DEAL, (*parameters, KEY, IF_MATCH, etag(status)), body)


def _schema(said: Any) -> Any:
    return ref(said) if isinstance(said, str) else said


def _described(
    name: str,
    gives: Mapping[int, Any],
    refuses: Iterable[int],
    parameters: Iterable[OpenApiParameter],
    body: Any = None,
    form: Schema | None = None,
    files: Iterable[str] = (),
) -> Callable[[Any], Any]:
    answers: dict[Any, Any] = {
        (status, "application/json") if said is not None else status: _schema(said) for status, said in gives.items()
    }
    answers |= {(200, kind): {"type": "string", "format": "binary"} for kind in files}
    answers |= {(status, _PROBLEM): ref("Problem") for status in sorted(set(refuses)) if status >= 400}
    answers |= {status: None for status in refuses if status < 400}
    taken = {"application/json": _schema(body)} if body is not None else {}
    if form is not None:
        taken["multipart/form-data"] = form
    return extend_schema(
        operation_id=name.lower().replace(" ", "_"),
        summary=name,
        parameters=list(parameters),
        request=taken or None,
        responses=answers,
    )
