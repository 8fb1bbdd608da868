"""What a person is shown: every read of the interface as data, every page as the words in it that are no act."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from django.db import connection
from django.test import Client

from governance.queries import milestones as rows
from ledger.rules import moments
from pipeline.queries.deals import ref_of
from tests.company import Company
from tests.programs import Program

READS = ("/deals/", "/deals/?stage=commit", "/deals/?blocked=true", "/deals/?unit=east&amount_min=20000", "/pipeline/",
         "/pipeline/?unit=east", "/variance/", "/capacity/?unit=east", "/alerts/", "/booked/", "/booked/?by=unit",
         "/booked/deals/", "/milestones/", "/milestones/?mine=true", "/milestones/?state=submitted")  # fmt: skip
OF_A_DEAL = ("/deals/{}/", "/deals/{}/gate/", "/deals/{}/gate/?to=commit", "/deals/{}/timeline/", "/deals/{}/waivers/",
             "/variance/?deal={}")  # fmt: skip
PAGES = ("/board/", "/board/?owner=any", "/board/?waiting=finance", "/deals/", "/deals/?blocked=true", "/queue/",
         "/queue/?tab=team", "/queue/?tab=done", "/booked/?period=all", "/booked/deals/?period=all", "/policy/",
         "/policy/1/", "/variance/?period=all", "/capacity/", "/alerts/")  # fmt: skip


GAP = re.compile(r"\((now|in .*|.* ago|.* late)\)")  # a gap from now grows while the test runs


def newest() -> tuple[int, str]:
    """The last entry, and the last moment as an address writes it: entries of one act are microseconds apart,
    and not in the order of their numbers when they stand in several streams."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id), max(recorded_at) FROM ledger_entry")
        number, at = cursor.fetchone()
    return number, moments.text(at)


def reads(numbers: list[int]) -> list[str]:
    of_deals = [read.format(ref_of(number)) for number in numbers for read in OF_A_DEAL]
    return [*READS, *of_deals, *(f"/milestones/{row.id}/" for number in numbers for row in rows.of_deal(number)[:3])]


def pages(numbers: list[int], *more: str) -> list[str]:
    return [*PAGES, *more, *(f"/deals/{ref_of(number)}/" for number in numbers)]


def at(address: str, moment: str | None) -> str:
    if moment is None:
        return address
    return f"{address}{'&' if '?' in address else '?'}as_of={moment}"


def read(program: Program, address: str, moment: str | None = None) -> Any:
    """Status and data, without what says which moment it is."""
    response = program.send("GET", at(address, moment))
    said = response.json()
    for name in ("as_of", "request_id", "instance"):
        said.pop(name, None)
    if said.get("next") and moment is not None:  # the next page is of the same moment
        said["next"], named = re.subn(r"as_of=[^&]*&|&as_of=[^&]*$", "", said["next"])
        assert named == 1, said["next"]
    if "receipt" in said:
        claim = said["receipt"].get("claim", said["receipt"])
        said["receipt"] = {
            name: claim.get(name) for name in ("measure", "definition_version", "scope", "value", "deals")
        }
    return response.status_code, said


def page(client: Client, address: str, moment: str | None = None) -> tuple[int, list[str]]:
    response = client.get(at(address, moment))
    words = Words()
    words.feed(response.content.decode())
    return response.status_code, words.found


def logged_in(company: Company, who: str) -> Client:
    client = Client()
    client.force_login(company.person(who))
    return client


class Words(HTMLParser):
    """The words of <main> but acts, the as-of bar, the stamp and the receipt, which names the moment."""

    LEFT_OUT = {"form", "button", "details", "nav"}
    CLASSES = {"past", "stamp", "button", "ask-do", "gate-foot", "actions", "notes"}
    # Beside acts, the way to a page that knows the present only.
    OF_ACTS = {
        "You sign the facts as they stand now. A change of terms voids it.",
        "How sure is it? The forecast of this deal",
    }
    VOID = {"input", "br", "img", "use", "meta", "link", "path", "hr"}

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.depth = self.inside = 0
        self.main = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.VOID:
            return
        self.main = self.main or tag == "main"
        classes = set((dict(attrs).get("class") or "").split())
        if self.inside or tag in self.LEFT_OUT or classes & self.CLASSES:
            self.inside += 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self.main = False
        if self.inside and tag not in self.VOID:
            self.inside -= 1

    def handle_data(self, data: str) -> None:
        said = GAP.sub("", " ".join(data.split())).strip()
        if self.main and not self.inside and said and said not in self.OF_ACTS:
            self.found.append(said)
