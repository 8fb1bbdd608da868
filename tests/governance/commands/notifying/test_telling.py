"""A person is told once of a subject and rung, and not at all of what somebody has taken up."""

import pytest
from django.db import transaction

from governance.commands.notifying import telling
from governance.models import Notice
from governance.queries import notices


def told(subject):
    rows = Notice.objects.filter(subject=subject).values_list("rung", "person__email").order_by("rung", "person_id")
    return [(rung, email.split("@")[0]) for rung, email in rows]


def tell(company, rung, *names, subject="alert/77"):
    audience = [company.person(name).pk for name in names]
    return telling.notify(subject, rung, audience, "Line 2 is late", "/alerts/77/")


def test_each_rung_is_told_once_to_each_person(company):
    assert tell(company, 0, "rep", "manager", "rep") == 2
    assert tell(company, 0, "rep", "manager") == 0
    assert tell(company, 0, "rep", "ops") == 1
    assert tell(company, 1, "rep") == 1
    assert tell(company, 0, "rep", subject="alert/78") == 1
    assert told("alert/77") == [(0, "rep"), (0, "manager"), (0, "ops"), (1, "rep")]


def test_what_is_acknowledged_is_never_told_again_until_it_is_reopened(company):
    assert tell(company, 0, "rep") == 1
    telling.acknowledge("alert/77")
    assert notices.is_acknowledged("alert/77") and not notices.is_acknowledged("alert/78")
    assert [tell(company, rung, "rep", "manager") for rung in (0, 1, 2)] == [0, 0, 0]
    telling.reopen("alert/77")
    assert not notices.is_acknowledged("alert/77")
    telling.reopen("alert/77")
    assert [tell(company, rung, "rep", "manager") for rung in (0, 1)] == [2, 2], "who was told hears of it again"
    assert [tell(company, rung, "rep", "manager") for rung in (0, 1)] == [0, 0], "once for each opening"
    telling.acknowledge("alert/77")
    telling.acknowledge("alert/77")
    assert tell(company, 2, "rep") == 0
    assert told("alert/77") == [(0, "rep"), (0, "rep"), (0, "manager"), (1, "rep"), (1, "manager")]


def test_it_is_a_step_and_goes_with_its_fact(company):
    with pytest.raises(ZeroDivisionError), transaction.atomic():  # noqa: PT012
        tell(company, 0, "rep")
        raise ZeroDivisionError
    assert told("alert/77") == []


def test_one_statement_however_many_are_told(company, django_assert_num_queries):
    with django_assert_num_queries(1):
        tell(company, 0, "rep")
    with django_assert_num_queries(1):
        assert tell(company, 1, *company.people) == len(company.people)
