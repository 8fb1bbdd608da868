"""One row → what it states and what is wrong with it. Total: every row gets a verdict, none is guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, Literal

from pipeline.rules.importing import cells as checks
from pipeline.rules.importing import fields
from pipeline.rules.importing.cells import Bad
from pipeline.rules.importing.columns import Columns
from pipeline.rules.importing.faults import KEPT, REJECTED, RowFault, shown
from pipeline.rules.importing.known import Agent, Known, Listed

Outcome = Literal["accepted", "unverified", "rejected"]
# A history row is kept in spite of a fault in one of these: what it says of them stays in its claim.
_KEPT_IN_CLAIM = ("product", "account")


@dataclass(frozen=True, slots=True)
class Stated:
    """A row that can become a deal. `amount_minor` is None for everything but a won row."""

    stage: str
    agent: Agent
    product: Listed | None
    product_name: str
    account: int | None
    account_name: str
    engaged_on: date | None
    closed_on: date | None
    amount_minor: int | None
    claim: Mapping[str, Any]

    @property
    def history(self) -> bool:
        return self.stage in (fields.WON, fields.LOST)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`stated` is there unless the row is rejected. `hash` is of the cells as they were written."""

    line: int
    ref: str
    hash: str
    outcome: Outcome
    faults: tuple[RowFault, ...] = ()
    stated: Stated | None = None


def row_hash(cells: Mapping[str, str]) -> str:
    """Over the fields of the row as they were read, before any map; the order of columns does not matter."""
    return sha256("\x1f".join(cells[field] for field in fields.DEALS).encode("utf-8", "surrogatepass")).hexdigest()


def repeats(rows: Iterable[tuple[int, Mapping[str, str]]]) -> dict[int, Bad]:
    """Line → fault, for rows whose id stands in the file more than once. Equal rows: the first one counts. Rows
    that differ: none does, since nobody can know which is right."""
    seen: dict[str, list[tuple[int, str]]] = {}
    for line, cells in rows:
        seen.setdefault(cells["opportunity_id"], []).append((line, row_hash(cells)))
    found = {}
    for ref, places in seen.items():
        if len(places) == 1 or not ref:
            continue
        lines = ", ".join(str(line) for line, _ in places[:10])
        equal = len({digest for _, digest in places}) == 1
        for line, _ in places[1:] if equal else places:
            found[line] = Bad(
                "IMPORT-ID-2",
                f"The id stands on lines {lines}"
                + (", each time the same row." if equal else ", with different rows."),
                "Keep one of them." if equal else "Keep the one that is true, or give each its own id.",
            )
    return found


def judge(line: int, row: Sequence[str], columns: Columns, known: Known, repeated: Mapping[int, Bad]) -> Verdict:
    """Judges one row against what is known. Faults of product and account on history are kept in its claim; every
    other fault rejects the row, so that it can be mended and brought in again."""
    if len(row) != columns.wide:
        what = f"The row has {len(row)} cells; the header has {columns.wide}."
        remedy = "Put quotes around a cell that holds the separator, or fill the missing cells with nothing."
        fault = RowFault(line, "", shown(" | ".join(row)), "IMPORT-ROW-1", what, remedy, file=columns.file)
        return Verdict(line, "", "", "rejected", (fault,))
    written = columns.cells(row)
    cells, mapped = known.map.apply(written)
    return _Row(line, written, cells, mapped, known, columns.file).verdict(repeated.get(line))


class _Row:
    """The work on one row: checks add to `bad`, so that every fault comes out at once."""

    __slots__ = ("bad", "cells", "file", "known", "line", "mapped", "written")

    def __init__(
        self,
        line: int,
        written: Mapping[str, str],
        cells: Mapping[str, str],
        mapped: Mapping[str, str],
        known: Known,
        file: str,
    ) -> None:
        self.line, self.written, self.cells, self.mapped, self.known = line, written, cells, mapped, known
        self.file = file
        self.bad: dict[str, Bad] = {}

    def verdict(self, repeated: Bad | None) -> Verdict:
        for field in fields.DEALS:
            bad = checks.text_fault(field, self.cells[field])
            if bad:
                self.bad[field] = bad
        ref = self.cells["opportunity_id"]
        if repeated or not ref.strip():
            self._refuse(
                "opportunity_id",
                repeated or Bad("IMPORT-ID-1", "The row has no id.", "Give it one that never changes in its source."),
            )
        stage = self._one_of("deal_stage", fields.STAGES)
        history = stage in (fields.WON, fields.LOST)
        agent = self._agent()
        product = self._product()
        account = self._account(history)
        engaged, closed = self._days(history)
        amount = self._amount(stage)
        digest = row_hash(self.written)
        if not self.bad or (history and all(field in _KEPT_IN_CLAIM for field in self.bad) and self._plain()):
            assert agent is not None
            outcome: Outcome = "unverified" if history else "accepted"
            stated = Stated(
                stage, agent, product, self.cells["product"], account, self.cells["account"], engaged, closed, amount,
                self._claim(product, account),
            )  # fmt: skip
            return Verdict(self.line, ref, digest, outcome, self._faults(KEPT), stated)
        return Verdict(self.line, ref, digest, "rejected", self._faults(REJECTED))

    def _plain(self) -> bool:
        """Whether what a claim would keep as written is text that the record takes."""
        return not any(
            bad.code in ("IMPORT-CONTROL-1", "IMPORT-LONG-1", "IMPORT-FORMULA-1") for bad in self.bad.values()
        )

    def _refuse(self, field: str, bad: Bad) -> None:
        self.bad.setdefault(field, bad)

    def _one_of(self, field: str, words: Sequence[str]) -> str:
        value = self.cells[field]
        if value not in words:
            what = f"“{shown(value)}” is no stage." if value else "The row has no stage."
            remedy = f"Use {', '.join(words)}; or map your word: stage: {{your word: {words[0]}}}."
            self._refuse(field, Bad("IMPORT-STAGE-1", what, remedy, self.known.near[field].to(value)))
        return value

    def _agent(self) -> Agent | None:
        name = self.cells["sales_agent"]
        found = self.known.agents.get(name, ())
        if not name.strip():
            bad = Bad("IMPORT-AGENT-1", "The row has no agent.", "Give the agent who owned it, or map the empty value.")
        elif not found:
            remedy = "Add the agent to sales_teams.csv with manager and office, or map the name."
            bad = Bad(
                "IMPORT-AGENT-1", "No sales seat has this agent.", remedy, self.known.near["sales_agent"].to(name)
            )
        elif len(found) > 1:
            units = ", ".join(sorted(agent.unit for agent in found))
            remedy = "End the seat that is past, or import the rows of one unit with its own sales_teams.csv."
            bad = Bad("IMPORT-AGENT-2", f"More than one sales seat has this agent: {units}.", remedy)
        elif self.known.units is not None and found[0].unit not in self.known.units:
            remedy = "Ask a manager of that unit, an executive or a policy steward to import it."
            bad = Bad("IMPORT-UNIT-1", f"The agent sells for {found[0].unit}, which you do not manage.", remedy)
        else:
            return found[0]
        self._refuse("sales_agent", bad)
        return None

    def _product(self) -> Listed | None:
        name = self.cells["product"]
        found = self.known.products.get(name)
        if found is None:
            near = self.known.near["product"].to(name)
            what = "The product is not on the list." if name else "The row has no product."
            remedy = (
                f"Map it if that is meant: product: {{{name}: {near}}}." if near
                else "List the product, add it to products.csv, or map the name."
            )  # fmt: skip
            self._refuse("product", Bad("IMPORT-PRODUCT-1", what, remedy, near))
        return found

    def _account(self, history: bool) -> int | None:
        name = self.cells["account"]
        found = self.known.accounts.get(name) if name else None
        if found is None:
            near = self.known.near["account"].to(name)
            if name:
                bad = Bad(
                    "IMPORT-ACCOUNT-2", "No account has this name.", "Open it, add it to accounts.csv, or map it.", near
                )
            else:
                what = "The row has no account." if history else "An open deal needs an account; the row has none."
                remedy = 'Give the account, or map the empty value to one: account: {"": Name of the account}.'
                bad = Bad("IMPORT-ACCOUNT-1", what, remedy)
            self._refuse("account", bad)
        return found

    def _days(self, history: bool) -> tuple[date | None, date | None]:
        days: list[date | None] = []
        for field in ("engage_date", "close_date"):
            said = checks.day(self.cells[field]) if self.cells[field] else None
            if isinstance(said, Bad):
                self._refuse(field, said)
                said = None
            days.append(said)
        engaged, closed = days
        if history and not self.cells["close_date"]:
            what = "A deal that is won or lost has a close date; the row has none."
            self._refuse("close_date", Bad("IMPORT-DATE-3", what, "Give the day on which it was decided."))
        if engaged and closed and closed < engaged:
            what = f"It closes on {closed}, before it was engaged on {engaged}."
            self._refuse("close_date", Bad("IMPORT-DATE-4", what, "Turn the dates, or correct the one that is wrong."))
        for field, said in (("engage_date", engaged), ("close_date", closed if history else None)):
            if said and said > self.known.today:
                self._refuse(
                    field, Bad("IMPORT-DATE-5", f"{said} is in the future.", "Give the day on which it happened.")
                )
        return engaged, closed

    def _amount(self, stage: str) -> int | None:
        """What a won row is worth; the value of any other row is checked, kept in the claim and counts nothing."""
        value = self.cells["close_value"]
        if "close_value" in self.bad:
            return None
        if not value:
            if stage == fields.WON:
                what = "A won deal has a value; the row has none."
                self._refuse("close_value", Bad("IMPORT-VALUE-3", what, "Give the amount it was won for."))
            return None
        found = checks.amount(value, self.known.currency, zero=stage != fields.WON)
        if isinstance(found, Bad):
            self._refuse("close_value", found)
            return None
        return found if stage == fields.WON else None

    def _claim(self, product: Listed | None, account: int | None) -> dict[str, Any]:
        said = {
            "stage": self.cells["deal_stage"],
            "product": product.name if product else self.cells["product"],
            "engaged_on": self.cells["engage_date"],
            "closed_on": self.cells["close_date"],
            "close_value": self.cells["close_value"],
        }
        claim: dict[str, Any] = {key: value for key, value in said.items() if value}
        if account is None and self.cells["account"]:
            claim["account"] = self.cells["account"]
        if self.mapped:
            # The names of people stay outside the record: that one was mapped is said, not what it was.
            claim["mapped"] = {key: "" if key == "sales_agent" else value for key, value in self.mapped.items()}
        return claim

    def _faults(self, outcome: str) -> tuple[RowFault, ...]:
        return tuple(
            RowFault(self.line, field, shown(self.cells[field]), *bad, outcome=outcome, file=self.file)
            for field, bad in self.bad.items()
        )
