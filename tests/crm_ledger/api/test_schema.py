"""The OpenAPI document tells the truth: no answer to a generated request is a 500 or has another shape."""

import json
import os

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from governance.commands import milestones
from governance.queries import milestones as rows
from pipeline.commands import advancing
from pipeline.queries.deals import number_of
from tests.programs import Program, company_in, open_deal

CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", "6"))


@pytest.fixture
def company(committed_db, settings, tmp_path):
    settings.EVIDENCE_ROOT = tmp_path
    return company_in(committed_db.name)


@pytest.fixture
def seeded(company):
    """Real things behind the numbers that a generator likes to guess."""
    if company not in _seeded:
        _seeded.append(company)
        ref = open_deal(company)
        advancing.advance(number_of(ref), "solution", by=company.by("rep"))
        number = rows.of_deal(number_of(ref))[0].id
        milestones.add_value(number, "reference", "a paper", by=company.by("ops"))
    return company


_seeded = []
document = json.loads(json.dumps(SchemaGenerator().get_schema(request=None, public=True), default=str))
schema = schemathesis.openapi.from_dict(document)
schema.app = get_wsgi_application()


@schema.exclude(path_regex="/schema/").parametrize()
@settings(max_examples=EXAMPLES, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_answers_are_as_described(case, seeded):
    who = "steward" if "polic" in case.path else "rep"
    case.call_and_validate(headers={"Authorization": f"Bearer {_secret(seeded, who)}"}, checks=CHECKS)


_secrets = {}


def _secret(company, who):
    if who not in _secrets:
        _secrets[who] = Program(company, who).secret
    return _secrets[who]


def test_the_document_is_public_and_complete(company):
    said = Client().get("/api/v1/schema/?format=json").json()
    assert said["openapi"] == "3.1.0"
    assert {"Deal", "Decision", "Problem", "Milestone", "Booked"} <= set(said["components"]["schemas"])
    assert set(said["components"]["securitySchemes"]) == {"bearer", "session"}
    for path, operations in said["paths"].items():
        for method, operation in operations.items():
            if path == "/api/v1/schema/":
                continue
            assert {"401", "403", "404", "429"} <= set(operation["responses"]), (path, method)
            if method != "get":
                assert {"409", "422"} <= set(operation["responses"]), (path, method)
