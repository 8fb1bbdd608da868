"""Follows every number of a page to its entries, as an executive does: number, list, entry."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import unescape

from django.test import Client

from tests.numbers import Number, Page

ANY, ASKED = re.compile(r"D-\d+|A-\d+|(?<=/)\d+(?=/)|\d{4}-\d\d"), re.compile(r"(?:^|&)(\w+)=")
SUM = re.compile(r'<td class="num strong">([^<]+)</td></tr></tfoot>')
ENTRY = re.compile(r"^/ledger/\d+/")
# Deals, alerts and lists have entries on them; a dashboard of other numbers is no list.
LIST = re.compile(
    r"^/(deals/|booked/deals/|bridge/deals/|forecast/deals/|measures/|periods/|targets/|objectives/|alerts/"
    r"|variance/|capacity/|integrity/|promises/|breaks/|ledger/)"
)


def pages(client: Client, addresses: Iterable[str]) -> Iterator[tuple[str, Page]]:
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 200, (address, response.content[:500])
        yield address, Page(response.content.decode())


def without_a_way(client: Client, addresses: Iterable[str], known: Iterable[str] = ()) -> list[tuple[str, Number]]:
    """Numbers that reach no entry in two clicks. `known`: words beside those of which that is right."""
    lost: list[tuple[str, Number]] = []
    reached: dict[str, bool] = {}
    for address, page in pages(client, addresses):
        for number in page.numbers:
            if any(words in number.around for words in known):
                continue
            if any(ENTRY.match(unescape(link)) for link in number.row):
                continue  # a deal with its entry beside it
            if not any(_reaches(client, address, link, number, reached) for link in number.links):
                lost.append((address, number))
    return lost


def _reaches(client: Client, page: str, link: str, number: Number, reached: dict[str, bool]) -> bool:
    address = unescape(link)
    address = page.split("?")[0] + address if address.startswith("?") else address
    if ENTRY.match(address):
        return True
    if not LIST.match(address):
        return False
    # One list of a kind stands for all: what is asked differs, not where it leads.
    path, _question, said = address.partition("#")[0].partition("?")
    kind = f"{ANY.sub('…', path)}?{sorted(ASKED.findall(said))}"
    if kind not in reached:
        response = client.get(address.partition("#")[0])
        text = response.content.decode()
        links = Page(text).addresses
        reached[kind] = response.status_code == 200 and any(ENTRY.match(unescape(one)) for one in links)
        summed = SUM.search(text)
        if summed and number.own and "bucket=churn" not in said:  # that list is of more, and says so
            assert number.said.lstrip("+") == summed[1].lstrip("+"), (page, number, address)
    return reached[kind]
