"""Evidence of milestones, and who stands too near to judge it."""

from __future__ import annotations

from django.db import connection
from django.db.models import QuerySet

from governance.models import Evidence
from governance.rules.verification import Conflicts
from ledger.rules.problems import not_found
from pipeline.rules.deal import DealView


def of_milestone(milestone: int) -> QuerySet[Evidence]:
    return Evidence.objects.filter(milestone_id=milestone).select_related("added_by").order_by("id")


def one(number: int) -> Evidence:
    """Raises not-found."""
    piece = Evidence.objects.select_related("added_by").filter(pk=number).first()
    if piece is None:
        raise not_found(f"Evidence {number}")
    return piece


def unopened(milestone: int, person: int) -> QuerySet[Evidence]:
    """Pieces that this person has not looked at yet; nobody can look at an erased one."""
    looked_at = of_milestone(milestone).filter(kind__in=("file", "link")).exclude(name="", value="")
    return looked_at.exclude(openings__person_id=person)


def conflicts(milestone: int, deal: DealView) -> Conflicts:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT array_agg(added_by_id) FROM governance_evidence WHERE milestone_id = %s),"
            " (SELECT array_agg(person_id) FROM pipeline_seat WHERE id = ANY (%s))",
            [milestone, list(deal.credits)],
        )
        uploaders, paid = cursor.fetchone()
    return Conflicts(frozenset(uploaders or ()), frozenset(paid or ()))


def paid_on(deal: DealView) -> frozenset[int]:
    """People whose pay depends on this deal, beside its owner."""
    if not deal.credits:
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(person_id) FROM pipeline_seat WHERE id = ANY (%s)", [list(deal.credits)])
        return frozenset(cursor.fetchone()[0] or ())


def facts(milestone: int) -> list[str]:
    """SHA-256 of each piece, in order: what a verification binds to."""
    return list(of_milestone(milestone).values_list("sha256", flat=True))
