"""Every measure over histories of deals: tile, groups, list, file and program agree, now and at each past moment."""

import itertools
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from governance.commands import milestones
from ledger.queries import moment
from pipeline.commands import closing
from pipeline.queries import organisation, seats
from reporting.queries import asking
from reporting.queries.measures import MEASURES
from reporting.queries.measuring import Asked
from reporting.rules import periods
from tests import walking
from tests.programs import Program

ACTS = ("open", "solution", "waits", "book", "unbook", "lose", "reopen")
AMOUNTS = ("100000.00", "77.01", "1234567.89")


def asked(**more):
    return Asked(organisation.company(), more.pop("as_of", seats.now()), **more)


def cents(text):
    return int(text.replace(".", ""))


def everything(measure, question):
    """Value, each grouping summed, the list summed, the file summed: all in minor units."""
    told = asking.tell(measure.name, question)
    sums = {told.answer.value}
    for size in range(1, len(measure.ways) + 1):
        for by in itertools.combinations(measure.ways, size):
            rows = asking.tell(measure.name, asked(as_of=question.as_of, period=question.period, units=question.units,
                                                   past=question.past, by=by)).answer.rows  # fmt: skip
            assert len({row.key for row in rows}) == len(rows)
            sums.add(sum(row.value for row in rows))
    column = [column.name for column in told.answer.table.columns].index("value")
    sums.add(sum(cents(row[column]) for row in told.answer.table.rows))
    deals = told.answer.behind(None, 1000)
    sums.add(sum(deal.amount for deal in deals))
    assert told.answer.count() == len(deals) and all(deal.amount for deal in deals), "none that comes to nothing"
    return sums


def in_pages(measure, question):
    """The list as it is turned over: every page knows only the last deal before it."""
    found, before = [], None
    while page := asking.tell(measure.name, question).answer.behind(before, 2):
        found, before = found + page, page[-1].entry
    return found


def happen(company, act, amount):
    """A deal taken somewhere, and perhaps back."""
    with transaction.atomic():
        if act == "open":
            return walking.opened(company, amount=amount)
        if act == "solution":
            return walking.solution(company, amount=amount)
        if act == "waits":
            number = walking.solution(company, amount=amount)
            return walking.submitted(company, number, "credit-approved", "finance")
        number = walking.booked(company, amount=amount) if act in ("book", "unbook") else walking.opened(company)
        if act == "unbook":
            milestones.revoke(walking.milestone(number, "capacity-confirmed"), "Sold twice", by=company.by("ops2"))
        if act in ("lose", "reopen"):
            closing.lose(number, "price", by=company.by("rep"))
        if act == "reopen":
            closing.reopen(number, "They call again", by=company.by("rep"))
        return number


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=some.lists(some.tuples(some.sampled_from(ACTS), some.sampled_from(AMOUNTS)), min_size=3, max_size=5))
def test_tile_groups_list_and_file_agree(company, acts):
    with transaction.atomic():
        moments = []
        for act, amount in acts:
            happen(company, act, amount)
            moments.append(seats.now())
        year = periods.parse(str(seats.now().year + 1))
        for measure in MEASURES.values():
            if measure.unit != "money":
                continue
            assert len(everything(measure, asked())) == 1, measure.name
            assert in_pages(measure, asked()) == asking.tell(measure.name, asked()).answer.behind(None, 1000)
            assert len(everything(measure, asked(units=("west",)))) == 1
            if measure.by_period:
                assert len(everything(measure, asked(period=year))) == 1
            with moment.known_at(moments[0]):
                assert len(everything(measure, asked(as_of=moments[0], past=True))) == 1, (measure.name, "past")
        transaction.set_rollback(True)


def test_measures_are_not_all_nothing(company):
    """So that the agreement above is one of numbers."""
    for act in ACTS:
        happen(company, act, "100000.00")
    found = {name: asking.tell(name, asked()).answer.value for name in MEASURES}
    assert found["booked"] == 100_000_00
    assert found["gross"] == 200_000_00 and found["de-booked"] == 100_000_00
    assert found["pipeline"] == 5 * 100_000_00 and found["lost"] == 100_000_00
    assert found["value-waiting"] == 100_000_00


@pytest.fixture
def cfo(company):
    happen(company, "book", "240000.00")
    happen(company, "solution", "77.01")
    return Program(company, "cfo")


def test_the_table_of_numbers_by_program(cfo):
    listed = cfo.get("/measures/?limit=200").json()["results"]
    assert [one["name"] for one in listed] == sorted(MEASURES)
    assert {"booked", "gross", "de-booked", "booked-under-waiver", "pipeline", "lost", "variance"} <= set(MEASURES)
    two = cfo.get("/measures/?limit=2").json()
    assert [one["name"] for one in two["results"]] == sorted(MEASURES)[:2] and "after=" in two["next"]


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_a_program_reads_what_the_query_says(cfo, name):
    by = ",".join(MEASURES[name].ways)
    said = cfo.get(f"/measures/{name}/?by={by}").json()
    told = asking.tell(name, asked())
    assert said["value"] == told.text and said["receipt"]["value"] == (told.text or "")
    assert said["receipt"]["measure"] == name and said["receipt"]["deals"] == told.answer.count()
    deals = cfo.get(f"/measures/{name}/deals/").json()["results"]
    if MEASURES[name].unit == "money":
        assert sum(cents(row["value"]) for row in said["rows"]) == cents(said["value"])
        listed = sum(cents(one["amount"]["amount"]) for one in deals)
        assert listed == cents(said["value"])


def test_a_measure_of_another_moment(cfo, company):
    before = cfo.get("/measures/pipeline/").json()
    happen(company, "open", "1234567.89")
    then = cfo.get(f"/measures/pipeline/?as_of={before['as_of']}").json()
    assert then["value"] == before["value"] and then["position"] == before["position"]
    assert cents(cfo.get("/measures/pipeline/").json()["value"]) == cents(before["value"]) + 1234567_89
    assert len(cfo.get(f"/measures/pipeline/deals/?as_of={before['as_of']}").json()["results"]) == 1


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("booked/?by=seat", 422, "MEASURE-1"),
        ("value-waiting/?period=2026", 422, "MEASURE-2"),
        ("booked/?period=soon", 422, "PERIOD-1"),
        ("booked/?unit=nowhere", 404, None),
        ("happiness/", 404, None),
    ],
)
def test_what_is_not_measured_is_said(cfo, query, status, code):
    answer = cfo.get(f"/measures/{query}", status=status)
    if code:
        assert answer.json()["errors"][0]["code"] == code


def test_every_measure_is_exported_and_verified(cfo):
    for name in MEASURES:
        data = cfo.post("/exports/", {"measure": name}, status=200).content
        verdict = Client().post("/api/v1/verifications/", {"file": SimpleUploadedFile(f"{name}.csv", data)}).json()
        assert (verdict["verdict"], verdict["receipt"]["measure"]) == ("genuine and current", name)


def test_two_readings_make_five_numbers(company, django_assert_max_num_queries):
    question = asked()
    with django_assert_max_num_queries(2):
        for name in ("booked", "gross", "de-booked", "booked-under-waiver", "unverified-history"):
            asking.tell(name, question)


def test_a_question_about_another_moment_reads_anew(company):
    """Once a copy of a question kept what had been read for the first one."""
    before = asked()
    assert asking.tell("booked", before).answer.value == 0
    happen(company, "book", "100000.00")
    assert asking.tell("booked", replace(before, as_of=seats.now())).answer.value == 100_000_00
