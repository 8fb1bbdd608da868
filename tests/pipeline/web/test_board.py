"""The board costs the same with one deal and with three, and keeps what its address says."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pipeline.commands import opening
from pipeline.queries import board, policies
from pipeline.queries.deals import ref_of
from tests import walking

OF_THE_FRAME = 2  # the session and its person
OF_THE_BOARD = 4  # what is due, the reader, the columns, the deals


def deal(company, name="rep", **stated):
    return opening.open_deal("Kestrel: cold store", stated, by=company.by(name)).id


def look(company, name="rep", path="/board/"):
    client = Client()
    client.force_login(company.person(name))
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.get(path)
    return response.content.decode(), len(queries)


def test_three_queries_whatever_the_number_of_deals(company):
    deal(company)
    _page, with_one = look(company)
    deal(company)
    walking.solution(company)
    _page, with_three = look(company)
    assert with_one == with_three == OF_THE_FRAME + OF_THE_BOARD


def test_columns_count_and_sum_all_and_show_the_first(company):
    for _at in range(3):
        deal(company, amount="1000.00")
    columns = board.columns(policies.in_force(), units=["east"], most=2)
    assert [(column.key, column.count, column.total, len(column.cards)) for column in columns] == [
        ("qualify", 3, 300_000, 2),
        ("solution", 0, 0, 0),
        ("commit", 0, 0, 0),
        ("booked", 0, 0, 0),
    ]


def test_what_is_more_than_a_column_shows_is_linked(company, monkeypatch):
    for _at in range(3):
        deal(company)
    monkeypatch.setattr(board, "MOST_CARDS", 2)
    page, _queries = look(company)
    assert "1 more in Qualify" in page
    assert "/deals/?stage=qualify&amp;owner=me" in page


def test_a_region_that_is_not_ones_own_stays_out_of_sight(company):
    ref = ref_of(deal(company, "rep_west"))
    assert ref not in look(company, path="/board/?owner=any&unit=west")[0]
    assert ref in look(company, "cro", "/board/?unit=west")[0]
    assert ref not in look(company, "cro", "/board/?unit=east")[0]


def test_waiting_on_keeps_what_a_function_owes(company):
    owed, free = ref_of(walking.solution(company)), ref_of(deal(company))
    page, _queries = look(company, "cro", "/board/?waiting=operations")
    assert owed in page and free not in page


def test_a_representative_sees_own_deals_first_and_all_on_request(company):
    deal(company, "rep2")
    assert "No deal matches these filters." in look(company)[0]
    assert "Kestrel: cold store" in look(company, path="/board/?owner=any")[0]
