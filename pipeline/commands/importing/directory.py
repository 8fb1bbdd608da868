"""Accounts, products, units, people and seats that come with the deals: opened once, by name, by the usual commands."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from django.utils.text import slugify

from ledger.rules.actor import Actor
from pipeline.commands import organisation, references
from pipeline.commands.importing.files import Table
from pipeline.models import Account, Person
from pipeline.queries import imports
from pipeline.queries.organisation import Company
from pipeline.rules import names
from pipeline.rules.importing import cells as checks
from pipeline.rules.importing import fields
from pipeline.rules.importing.cells import Bad
from pipeline.rules.importing.faults import AS_WRITTEN, LEFT_OUT, RowFault, shown
from pipeline.rules.importing.known import Agent
from pipeline.rules.importing.mapping import ValueMap
from pipeline.rules.importing.near import Near

Row = tuple[int, dict[str, str]]


class Directory:
    """One pass over the reference files. `faults` collects what is wrong, `opened` counts what was written."""

    def __init__(self, said: ValueMap, company: Company, *, by: Actor) -> None:
        self.map, self.company, self.by = said, company, by
        self.faults: list[RowFault] = []
        self.opened = 0
        self.agents: dict[str, tuple[Agent, ...]] = {}

    def accounts(self, table: Table) -> None:
        """Opens accounts with their sector as written, parents before their subsidiaries."""
        sectors = Near(fields.SECTORS)
        known = {name.lower(): (name, number) for name, number in imports.accounts().items()}
        waiting: list[Row] = []
        for line, cells in self._rows(table):
            sector, name = cells.get("sector", ""), names.plain(cells["account"])
            if sectors.to(sector):
                bad = Bad(
                    "IMPORT-SECTOR-1",
                    "The sector is close to a known one.",
                    "Map it if that is meant.",
                    sectors.to(sector),
                )
                self._fault(table, line, "sector", sector, bad, AS_WRITTEN)
            if name.lower() not in known:
                waiting.append((line, {**cells, "account": name}))
            elif known[name.lower()][0] != name:
                self._other_case(table, line, "account", name, known[name.lower()][0])
        while waiting:
            later = [row for row in waiting if not self._open_account(row[1], known, orphan=False)]
            if len(later) == len(waiting):
                for line, cells in later:
                    parent = cells.get("subsidiary_of", "")
                    bad = Bad(
                        "IMPORT-PARENT-1",
                        "The parent is no account.",
                        "Add it to the file; the account was opened without.",
                    )
                    self._fault(table, line, "subsidiary_of", parent, bad, AS_WRITTEN)
                    self._open_account(cells, known, orphan=True)
                return
            waiting = later

    def _open_account(self, cells: dict[str, str], known: dict[str, tuple[str, int]], *, orphan: bool) -> bool:
        name, parent = cells["account"], names.plain(cells.get("subsidiary_of", "")).lower()
        if name.lower() in known:
            return True
        if parent and parent not in known and not orphan:
            return False
        above = Account.objects.get(pk=known[parent][1]) if parent in known else None
        account = references.open_account(
            name,
            by=self.by,
            sector=cells.get("sector", "")[:100],
            country=cells.get("office_location", "")[:100],
            parent=above,
        )
        known[name.lower()] = (name, account.pk)
        self.opened += 1
        return True

    def products(self, table: Table) -> None:
        """Lists products with their price in the reporting currency."""
        known = {name.lower(): name for name in imports.products(self.company.currency)}
        for line, cells in self._rows(table):
            name, price = names.plain(cells["product"]), cells.get("sales_price", "")
            minor = checks.amount(price, self.company.currency) if price else None
            if isinstance(minor, Bad):
                self._fault(table, line, "sales_price", price, minor, AS_WRITTEN)
                minor = None
            if name.lower() not in known:
                references.list_product(
                    name,
                    by=self.by,
                    series=cells.get("series", "")[:100],
                    price_minor=minor,
                    currency=self.company.currency,
                )
                known[name.lower()] = name
                self.opened += 1
            elif known[name.lower()] != name:
                self._other_case(table, line, "product", name, known[name.lower()])

    def teams(self, table: Table, *, may_staff: bool) -> None:
        """Opens units, people without e-mail and their seats: a rep reports to the manager's seat. A name is one
        person; the same name in another unit is another seat. Only who `may_staff` opens what is missing."""
        staff = _Staff(self.by) if may_staff else None
        seats = {(seat.name, seat.unit, seat.role): seat for seat in imports.sales_seats()}
        offices = {name.lower(): key for key, name in imports.units()} | {key: key for key, _ in imports.units()}
        for line, cells in self._rows(table):
            office = names.plain(cells["regional_office"])
            unit = offices.get(office.lower()) or offices.get(_key(office))
            name = cells["sales_agent"]
            seat = seats.get((name, unit or "", "rep")) or seats.get((name, unit or "", "manager"))
            if seat is not None:
                self._seat(name, Agent(seat.id, seat.person, seat.unit))
                continue
            if staff is None:
                what = "The agent has no seat yet, and only an executive or a policy steward opens one by a file."
                self._fault(table, line, "sales_agent", name, Bad("IMPORT-TEAM-1", what, "Ask one of them."), LEFT_OUT)
                continue
            if unit is None:
                unit = staff.unit(office)
                offices[office.lower()] = unit
            boss = seats.get((cells["manager"], unit, "manager"))
            if boss is None and cells["manager"].strip():
                boss = staff.seat(cells["manager"], unit, "manager", None)
                seats[boss.name, unit, "manager"] = boss
            seat = staff.seat(name, unit, "rep", boss.id if boss else None)
            seats[name, unit, "rep"] = seat
            self._seat(name, Agent(seat.id, seat.person, unit))
        self.opened += staff.opened if staff else 0

    def _seat(self, name: str, agent: Agent) -> None:
        held = self.agents.get(name, ())
        if agent not in held:
            self.agents[name] = (*held, agent)

    def _rows(self, table: Table) -> Iterator[Row]:
        """Rows whose cells are text and whose first field is there, after the map."""
        key = next(iter(table.columns.places))
        for line, row in table.sheet.rows:
            if len(row) != table.columns.wide:
                what = f"The row has {len(row)} cells; the header has {table.columns.wide}."
                self._fault(table, line, "", " | ".join(row), Bad("IMPORT-ROW-1", what, "Mend the row."), LEFT_OUT)
                continue
            cells, _ = self.map.apply(table.columns.cells(row))
            bad = {name: fault for name, value in cells.items() if (fault := checks.text_fault(name, value))}
            for must in {key, "regional_office"} & set(cells):
                if not cells[must].strip():
                    bad[must] = Bad("IMPORT-EMPTY-1", f"The row has no {must}.", "Give it, or remove the row.")
            for name, fault in bad.items():
                self._fault(table, line, name, cells[name], fault, LEFT_OUT)
            if not bad:
                yield line, cells

    def _other_case(self, table: Table, line: int, column: str, value: str, meant: str) -> None:
        bad = Bad("IMPORT-NAME-1", f"“{meant}” exists, in another spelling.", "Map the one to the other.", meant)
        self._fault(table, line, column, value, bad, LEFT_OUT)

    def _fault(self, table: Table, line: int, column: str, value: str, bad: Bad, outcome: str) -> None:
        self.faults.append(RowFault(line, column, shown(value), *bad, outcome=outcome, file=table.sheet.file))


class _Staff:
    """Opens what a sales team needs."""

    def __init__(self, by: Actor) -> None:
        self.by, self.opened = by, 0
        self.people = imports.people_without_login()
        organisation.open_function("sales", "Sales", by=by)

    def unit(self, office: str) -> str:
        self.opened += 1
        return organisation.open_unit(_key(office), office[:100], by=self.by).key

    def seat(self, name: str, unit: str, role: str, reports_to: int | None) -> imports.SalesSeat:
        if name not in self.people:
            person = Person(name=name)
            person.set_unusable_password()
            person.save()
            self.people[name] = [person.pk]
        person_id = self.people[name][0]
        number = organisation.fill_seat(person_id, "sales", unit, role, by=self.by, reports_to=reports_to)
        self.opened += 1
        return imports.SalesSeat(number, person_id, name, unit, role)


def _key(office: str) -> str:
    return slugify(office)[:40] or f"unit-{sha256(office.encode()).hexdigest()[:12]}"
