"""Every refusal has the one shape, with the request id of the answer's header."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client
from django.urls import resolve
from rest_framework import exceptions, serializers

from crm_ledger.problem import BASE, exception_handler
from ledger.rules.problems import Fault, bad_input, conflict


class _Request:
    request_id = "req-12345678"


def _answer(fault: Exception) -> tuple[int, dict]:
    response = exception_handler(fault, {"request": _Request()})
    assert response is not None
    assert response.content_type == "application/problem+json"
    assert response.data["request_id"] == _Request.request_id
    assert response.data["status"] == response.status_code
    return response.status_code, response.data


@pytest.mark.parametrize(
    ("fault", "status", "slug"),
    [
        (Http404(), 404, "not-found"),
        (PermissionDenied(), 403, "not-allowed"),
        (exceptions.ParseError("no"), 400, "malformed-body"),
        (exceptions.NotAuthenticated(), 401, "not-authenticated"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method-not-allowed"),
        (exceptions.UnsupportedMediaType("text/x"), 415, "unsupported-media-type"),
        (exceptions.Throttled(3), 429, "too-many-requests"),
        (conflict("terms-changed", "Terms changed", "Look again.", terms="abc"), 409, "terms-changed"),
    ],
)
def test_type_and_status(fault: Exception, status: int, slug: str) -> None:
    code, members = _answer(fault)
    assert (code, members["type"]) == (status, BASE + slug)
    assert members["title"]


def test_the_framework_s_refusals_say_the_way_out() -> None:
    view = resolve("/api/v1/deals/").func.view_class()
    faults = exceptions.NotAuthenticated(), exceptions.MethodNotAllowed("PUT"), exceptions.UnsupportedMediaType("a/b")
    answers = [exception_handler(fault, {"request": _Request(), "view": view}) for fault in faults]
    told = [answer.data["detail"] for answer in answers if answer is not None]
    assert "Authorization: Bearer" in told[0] and "manage.py token" in told[0]
    assert told[1:] == ["It takes GET, POST, OPTIONS.", "Send it as application/json."]


def test_a_throttled_caller_learns_when_to_come_back() -> None:
    response = exception_handler(exceptions.Throttled(3), {"request": _Request()})
    assert response is not None
    assert response["Retry-After"] == "4"


def test_members_of_a_refusal_stand_beside_the_standard_ones() -> None:
    assert _answer(conflict("x", "X", "", terms="abc"))[1]["terms"] == "abc"
    assert _answer(conflict("x", "X", "", status=200))[0] == 409  # but cannot replace them


def test_faults_of_a_rule_are_errors() -> None:
    code, members = _answer(bad_input([Fault("/amount", "negative", "Write a positive amount.")]))
    assert code == 422
    assert members["errors"] == [{"pointer": "/amount", "code": "negative", "message": "Write a positive amount."}]


def test_faults_of_a_serializer_have_pointers() -> None:
    class Line(serializers.Serializer):
        price = serializers.IntegerField()

    class Order(serializers.Serializer):
        lines = Line(many=True)

    order = Order(data={"lines": [{"price": 1}, {"price": "x"}]})
    with pytest.raises(exceptions.ValidationError) as caught:
        order.is_valid(raise_exception=True)
    (fault,) = _answer(caught.value)[1]["errors"]
    assert (fault["pointer"], fault["code"]) == ("/lines/1/price", "invalid")


def test_a_fault_of_ours_stays_one() -> None:
    assert exception_handler(KeyError("x"), {"request": _Request()}) is None


def test_an_unknown_address(client: Client, db: None) -> None:
    page = client.get("/api/v1/nothing/", headers={"X-Request-ID": "from-the-caller"})
    assert page.status_code == 404
    assert page["Content-Type"] == "application/problem+json"
    assert page.json()["request_id"] == page["X-Request-ID"] == "from-the-caller"


def test_people_get_a_page(client: Client, db: None) -> None:
    page = client.get("/nothing/", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert page["Content-Type"].startswith("text/html")


def test_the_address_of_a_form_says_that_it_has_no_page(client: Client, db: None) -> None:
    page = client.get("/deals/D-1/advances/", headers={"Accept": "text/html"})
    assert (page.status_code, page["Allow"]) == (405, "POST")
    assert "There is no page at this address" in page.content.decode()
    assert client.get("/api/v1/deals/D-1/advances/").json()["title"] != "There is no page at this address"


def test_a_request_id_that_is_not_plain_is_replaced(client: Client, db: None) -> None:
    answer = client.get("/healthz", headers={"X-Request-ID": 'x"\n{}'})
    assert len(answer["X-Request-ID"]) == 36
