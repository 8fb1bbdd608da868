"""A process keeps the versions that nobody can take back, and no others."""

import yaml
from django.db import transaction

from pipeline.commands import policies
from pipeline.queries import policies as query
from tests import company as companies


def test_a_version_that_was_rolled_back_is_forgotten(company):
    document = yaml.safe_load(companies.DEFAULT_POLICY.read_text())
    for name in ("first", "second"):
        with transaction.atomic():
            number = policies.draft({**document, "name": name}, by=company.by("steward")).version
            assert query.version(number).name == name
            transaction.set_rollback(True)


def test_a_version_that_stays_is_read_once(committed_company, django_assert_num_queries):
    number = query.in_force().version
    query.forget()
    with django_assert_num_queries(1):
        assert query.version(number) is query.version(number)
