"""What an erasure does outside the database: the list that outlives every backup, and files."""

from __future__ import annotations

from collections.abc import Sequence

from governance.commands import evidence_store
from governance.models import Evidence
from ledger.commands import outbox
from ledger.notify import erasure_list
from ledger.queries import entries
from ledger.transactions import command
from pipeline.commands.importing import store

TOPIC = "list-erasure"


@command
def follow(entry_id: int) -> None:
    """Puts an erasure on the list and removes the files that it names; harmless when it comes twice."""
    if not outbox.take(entry_id, TOPIC):
        return
    entry = entries.one(entry_id)
    body = entry.body
    said = {key: body[key] for key in ("subjects", "values", "rows", "evidence", "reason")}
    if entry.kind == "erasure.done":
        erasure_list.add({"name": entry.stream.split("/")[1], "at": entry.recorded_at.isoformat(), **said})
    for row in body["rows"]:
        table, _, key = row.partition("/")
        if table == "pipeline_importbatch":
            store.remove(int(key))
    remove(body["evidence"])


def remove(numbers: Sequence[int]) -> None:
    """A file goes when no evidence that still has its name is the same file."""
    for digest in Evidence.objects.filter(pk__in=numbers, kind="file").values_list("sha256", flat=True):
        if not Evidence.objects.filter(sha256=digest, kind="file").exclude(name="").exists():
            evidence_store.remove(digest)
