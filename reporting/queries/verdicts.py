"""Judges a receipt, or a file with one, against the record."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from ledger.queries import tree
from ledger.rules.checkpoint import Key
from reporting.queries import asking
from reporting.queries.measures import MEASURES
from reporting.rules.certified import Certified
from reporting.rules.receipt import Claim, Receipt
from reporting.rules.table import Difference, first_difference

REDEFINED = "the definition of this measure has changed since"
CURRENT, SUPERSEDED, ALTERED, NOT_OURS = "genuine and current", "genuine, superseded", "altered", "not ours"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`now` is the value that the same question has today; `then` the value that the record gives for its moment by the
    definition that was signed, empty where that is not kept.

    `in_tree`: whether the head of the tree that the receipt names is one of today's tree; None when it names none.
    """

    verdict: str
    receipt: Receipt | None = None
    why: str = ""
    now: str = ""
    then: str = ""
    difference: Difference | None = None
    in_tree: bool | None = None


def judge(found: Certified, *, now: datetime, keys: Collection[Key], retired: Collection[Key] = ()) -> Verdict:
    """`keys` are all that ever signed receipts here, `retired` those that sign no more.

    Nothing is asked of the record before the signature stands, so only who holds a receipt learns its number.
    """
    receipt = found.receipt
    key = receipt.maker(keys)
    if key is None:
        return Verdict(NOT_OURS, why=f"no key of this record is {receipt.key}")
    if not receipt.stands(key):
        return Verdict(ALTERED, receipt, "the receipt itself was changed: its signature does not fit")
    if receipt.claim.measure not in MEASURES:
        return Verdict(SUPERSEDED, receipt, "this measure is not kept any more", in_tree=_in_tree(receipt.claim))
    claim, described = receipt.claim, receipt.claim.rows
    known = asking.again(claim, receipt.as_of)
    then, wanted = known or ("", None)
    if found.table is not None and described is not None:
        difference = first_difference(found.table, found.proofs, described, wanted)
        if difference is not None:
            return Verdict(ALTERED, receipt, "the rows are not those that were signed", difference=difference)
    if key in retired and then != claim.value:
        # A retired key may be in other hands, which could sign anything: it counts only where the record agrees.
        return Verdict(NOT_OURS, receipt, "its key is retired, and the record says something else for its moment")
    value, table = asking.today(claim, now)
    if asking.redefined(claim):
        return Verdict(SUPERSEDED, receipt, REDEFINED, now=value, then=then, in_tree=_in_tree(claim))
    same = value == claim.value and (described is None or table.described()["sha256"] == described["sha256"])
    return Verdict(CURRENT if same else SUPERSEDED, receipt, now=value, then=then, in_tree=_in_tree(claim))


def _in_tree(claim: Claim) -> bool | None:
    if claim.tree_head is None:
        return None
    size, head = int(claim.tree_head["size"]), tree.head()
    return head is not None and 0 < size <= head.size and tree.root(size).hex() == claim.tree_head["root"]
