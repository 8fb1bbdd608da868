"""POST /erasures/ asks for an erasure, POST /erasures/{name}/confirmations/ carries it out: two people."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from governance.commands import erasures
from governance.rules.personal import REASONS
from ledger.api import describe
from ledger.api.reading import Reader
from ledger.api.schemas import NUMBER, TEXT, many, shape, takes, text
from ledger.api.views import ApiView
from ledger.api.writes import writes
from ledger.rules.problems import Fault

_BODY = takes(
    "reason",
    subjects=many(text(1, 60)),
    terms=many(text(4, 200)),
    reason={"type": "string", "enum": list(REASONS)},
)
_DONE = shape(name=TEXT, texts=NUMBER, rows=NUMBER, evidence=NUMBER, left=many(TEXT))
_NAME = describe.path("name", {"type": "string", "pattern": "^[0-9a-f]{32}$"})


class Erasures(ApiView):
    @describe.write("Ask for an erasure", _BODY, shape(name=TEXT))
    @writes
    def post(self, request: Request) -> Response:
        """`subjects` are `contact/12`, `person/3`, `deal/7`, `evidence/9`; `terms` are names under which others may
        have written of them. Another person confirms it. The record keeps ids, never a term.
        """
        stated = Reader(request.data)
        subjects, terms = _texts(stated, "subjects"), _texts(stated, "terms")
        reason = stated.choice("reason", REASONS, required=True)
        stated.done()
        return Response({"name": erasures.request(subjects, terms, reason, by=self.actor)}, 201)


class Confirmations(ApiView):
    @describe.write("Carry out an erasure", takes(), _DONE, _NAME)
    @writes
    def post(self, request: Request, name: str) -> Response:
        """Done by somebody else than who asked. `left` are rows that hold a term and that no rule treats."""
        Reader(request.data).done()
        done = erasures.carry_out(name, by=self.actor)
        said = {"texts": done.texts, "rows": done.rows, "evidence": done.evidence, "left": list(done.left)}
        return Response({"name": name, **said}, 201)


def _texts(stated: Reader, name: str) -> list[str]:
    given: Any = stated.value(name)
    if given in (None, ""):
        return []
    if (
        not isinstance(given, list)
        or len(given) > 50
        or not all(isinstance(one, str) and "\x00" not in one for one in given)
    ):
        stated.faults.append(Fault(f"/{name}", "ERASE-7", f"“{name}” is a list of at most 50 texts."))
        return []
    return given
