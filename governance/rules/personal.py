"""Where names and free text stand outside the record, and what an erasure does with each place."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

DELETE = "delete the row"
ERASED = "Erased"
# Table → what happens to a row that speaks of the person: deleted, or these columns get these values.
TREATMENTS: dict[str, str | dict[str, str]] = {
    "pipeline_deal": {"title": ERASED, "description": "", "source_hash": ""},
    "pipeline_account": {"name": "Erased account ", "sector": "", "country": ""},
    "pipeline_importbatch": {"file_name": ERASED, "faults": "[]"},
    "pipeline_apitoken": {"name": ERASED},
    "governance_notice": {"sentence": ERASED},
    "governance_receiver": {"said": ""},
    "governance_attempt": {"detail": ""},
    "governance_sentmail": DELETE,
    "governance_subscription": {"name": ERASED, "shown": ""},
    "governance_habit": DELETE,
    "ledger_idempotency": DELETE,
    "account_emailaddress": DELETE,
    "django_admin_log": DELETE,
}
# Names that are unique: the row's own number makes them so.
NUMBERED = {("pipeline_account", "name")}
# Looked after by name: people and contacts as subjects, texts and evidence with the entry, sessions with the person.
BY_NAME = {"pipeline_person", "pipeline_contact", "ledger_private_value", "governance_evidence", "django_session"}
# What cannot hold a person: vocabularies and the bytes of the record itself, which are looked at apart.
NOT_PERSONAL = {"ledger_entry", "ledger_kind", "django_migrations", "django_content_type", "auth_permission"}
REASONS = ("request-of-the-person", "retention-ended", "entered-by-mistake", "order-of-a-court")
LEAST_TERM = 4  # characters: a shorter one would find half of all texts
MOST_IDS = 400  # of one entry


@dataclass(slots=True)
class Found:
    """What one erasure takes away: ids only. `rows` are `table/id`."""

    subjects: list[str]
    values: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    evidence: list[int] = field(default_factory=list)

    def parts(self) -> Iterable[dict[str, list[str] | list[int]]]:
        """Bodies that each fit into an entry; at least one, since the act itself is a fact."""
        longest = max(len(self.values), len(self.rows), len(self.evidence), 1)
        for at in range(0, longest, MOST_IDS):
            end = at + MOST_IDS
            yield {
                "subjects": self.subjects,
                "values": self.values[at:end],
                "rows": self.rows[at:end],
                "evidence": self.evidence[at:end],
            }


def patterns(terms: Iterable[str]) -> list[str]:
    """Patterns of LIKE for terms, also as JSON writes them."""
    found: dict[str, None] = {}
    for term in terms:
        for text in (term, json.dumps(term)[1:-1]):
            safe = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            found[f"%{safe}%"] = None
    return list(found)
