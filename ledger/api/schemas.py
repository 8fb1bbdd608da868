"""How the interface describes itself: JSON Schema of OpenAPI 3.1, and the shapes that every app uses."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
MOMENT: Schema = {"type": "string", "format": "date-time", "examples": ["2026-11-30T17:00:00.000000Z"]}
DAY: Schema = {"type": "string", "format": "date"}
REF: Schema = {"type": "string", "pattern": "^D-[0-9]{6,15}$", "examples": ["D-000123"]}
HEX: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
AMOUNT: Schema = {"type": "string", "pattern": "^-?[0-9]+(\\.[0-9]+)?$", "examples": ["240000.00"]}
ANYTHING: Schema = {"type": "object", "additionalProperties": True}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def maybe(schema: Schema) -> Schema:
    """The same, or null."""
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    return {"oneOf": [schema, {"type": "null"}]}


def many(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def shape(**members: Schema) -> Schema:
    """An object that has all of these members."""
    return {"type": "object", "properties": members, "required": list(members)}


def takes(*required: str, **members: Schema) -> Schema:
    """A body: `required` must be there, and nothing else than these members may."""
    return {"type": "object", "properties": members, "required": list(required), "additionalProperties": False}


def text(least: int = 0, most: int = 2000) -> Schema:
    return {"type": "string", "minLength": least, "maxLength": most}


def page_of(schema: Schema) -> Schema:
    return shape(results=many(schema), next=maybe({"type": "string", "format": "uri"}))


COMPONENTS: dict[str, Schema] = {
    "Money": shape(amount=AMOUNT, currency={"type": "string", "pattern": "^[A-Z]{3}$"}),
    "Fault": shape(pointer=TEXT, code=TEXT, message=TEXT),
    "Problem": {
        "type": "object",
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": TEXT,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": TEXT,
            "request_id": TEXT,
            "errors": many(ref("Fault")),
        },
        "required": ["type", "title", "status", "detail", "request_id"],
        "additionalProperties": True,
    },
    "PersonName": shape(person=NUMBER, name=TEXT),
    "Entry": shape(
        id=NUMBER, stream=TEXT, seq=NUMBER, kind=TEXT, recorded_at=MOMENT, effective_at=MOMENT, actor=NUMBER,
        envelope={"type": "string", "contentEncoding": "base64"}, hash=HEX,
    ),
}  # fmt: skip
