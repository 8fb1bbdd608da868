"""Evidence: brought as a file or a value, and looked at again."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpResponseBase
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api import shapes
from governance.commands import downloads, milestones
from governance.queries import evidence
from governance.rules.evidence import TYPES
from ledger.api import describe
from ledger.api.reading import Reader
from ledger.api.schemas import Schema, text
from ledger.api.views import ApiView
from ledger.api.writes import writes

_HEAD = 8192
_VALUES = ("link", "reference", "number")
_BODY: Schema = {
    "type": "object",
    "properties": {
        "kind": {"type": "string", "enum": list(_VALUES)},
        "value": text(1, 2000),
        "name": text(0, 255),
        **dict.fromkeys(_VALUES, text(1, 2000)),
    },
    "additionalProperties": False,
    "oneOf": [{"required": ["kind", "value"]}, *({"required": [kind]} for kind in _VALUES)],
}
_FORM: Schema = {
    "type": "object",
    "properties": {"file": {"type": "string", "format": "binary"}},
    "required": ["file"],
}


class MilestoneEvidence(ApiView):
    parser_classes = [*ApiView.parser_classes, MultiPartParser]

    @describe.write("Add evidence", _BODY, "Evidence", describe.path("number"), form=_FORM)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """A file as multipart `file`; or JSON: {"kind", "value", "name"}, or shorter {"link": "https://…"}."""
        if hasattr(request.data, "lists"):
            return _added(self._file(request, number))
        stated = Reader(request.data)
        name, kind, value = stated.text("name", most=255), stated.choice("kind", _VALUES), stated.text("value")
        short = {each: stated.text(each) for each in _VALUES}
        given = [(each, said) for each, said in short.items() if said]
        if kind or value:
            given.append((kind, value))
        if len(given) != 1 or not all(given[0]):
            stated.fault("value", "EVIDENCE-0", "Give one piece: kind and value, or one of link, reference and number.")
        stated.done()
        kind, value = given[0]
        return _added(milestones.add_value(number, kind, value, by=self.actor, name=name))

    def _file(self, request: Request, number: int) -> Any:
        form: Any = request.data
        stated = Reader(form.dict(), "form")
        file = stated.value("file", required=True)
        if file not in (None, "") and not isinstance(file, UploadedFile):
            stated.fault("file", "ASK-3", "“file” is a file.")
        stated.done()
        head = file.read(_HEAD)
        file.seek(0)
        return milestones.add_file(number, file.name, file.chunks(), file.size, head, by=self.actor)


class OneEvidence(ApiView):
    @describe.read(
        "Look at evidence",
        "Evidence",
        describe.path("number"),
        also=(409, 410),
        files=sorted({kind for kind, _ in TYPES.values()}),
    )
    def get(self, request: Request, number: int) -> HttpResponseBase:
        """A file as a download, anything else as JSON. It is hashed again first, and that you looked is noted."""
        opened = downloads.open_piece(number, by=self.actor)
        piece = opened.piece
        if opened.path is None:
            return Response(shapes.evidence(piece))
        response = FileResponse(
            opened.path.open("rb"), as_attachment=True, filename=piece.name, content_type=piece.content_type
        )
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-store"
        return response


def _added(piece: Any) -> Response:
    return Response(shapes.evidence(evidence.one(piece.pk)), 201)
