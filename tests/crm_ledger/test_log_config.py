"""Logs name the page and the person's id, never what was searched for: they are not erased with a person."""

import logging

from django.test import Client

from crm_ledger.log_config import without_query


def test_the_query_is_left_out():
    assert without_query(None, "", {"request": "GET /deals/?q=Iris+Vance"})["request"] == "GET /deals/"
    assert without_query(None, "", {"event": "other"}) == {"event": "other"}


def test_a_request_is_logged_without_its_query(db, caplog):
    with caplog.at_level(logging.INFO):
        Client().get("/healthz?q=Iris+Vance")
    lines = [str(record.msg) for record in caplog.records]
    assert any("/healthz" in line for line in lines)
    assert not [line for line in lines if "Iris" in line]
