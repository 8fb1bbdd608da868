"""The limit of requests: counted in the broker, by whom it is about, in fixed windows."""

from uuid import uuid4

import pytest
from redis import Redis

from ledger.api import throttling
from ledger.api.throttling import WindowThrottle


class ThreeAMinute(WindowThrottle):
    scope, rate = "test", "3/min"

    def __init__(self, who):
        self.who = who
        super().__init__()

    def get_ident_of(self, request):
        return self.who


def asks(who, times=1):
    return [ThreeAMinute(who).allow_request(None, None) for _ in range(times)]


@pytest.fixture
def noon(monkeypatch):
    """All requests of a test fall into one window."""
    monkeypatch.setattr(throttling.time, "time", lambda: 1_800_000_000.0)


def test_the_fourth_request_of_a_window_is_refused(noon):
    who = uuid4().hex
    assert asks(who, 5) == [True, True, True, False, False]
    assert asks(uuid4().hex) == [True]


def test_the_next_window_begins_anew(noon, monkeypatch):
    who = uuid4().hex
    asks(who, 4)
    monkeypatch.setattr(throttling.time, "time", lambda: 1_800_000_060.0)
    assert asks(who) == [True]


def test_a_counter_is_forgotten_after_its_window(noon, settings):
    who = uuid4().hex
    asks(who, 2)
    seconds = Redis.from_url(settings.REDIS_URL).ttl(f"crm:rate:test:{who}:{1_800_000_000 // 60}")
    assert 0 < seconds <= 61


def test_it_goes_on_counting_when_the_broker_has_hung_up(noon, settings):
    who = uuid4().hex
    asks(who, 3)
    Redis.from_url(settings.REDIS_URL).client_kill_filter(_type="normal", skipme=True)
    assert asks(who) == [False]


def test_without_a_broker_nobody_is_refused(noon, settings, monkeypatch):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    throttling._pool.cache_clear()
    monkeypatch.setattr(throttling, "_line", throttling._Line())
    try:
        assert asks(uuid4().hex, 4) == [True] * 4
    finally:
        throttling._pool.cache_clear()


class AThousandAMinute(ThreeAMinute):
    rate = "1000/min"


def test_a_large_limit_is_taken_in_shares_and_never_exceeded(noon, settings):
    who = uuid4().hex
    assert [AThousandAMinute(who).allow_request(None, None) for _ in range(1001)] == [True] * 1000 + [False]
    key = f"crm:rate:test:{who}:{1_800_000_000 // 60}"
    assert int(Redis.from_url(settings.REDIS_URL).get(key)) == 1010  # a hundred shares, and one that was in vain


def test_what_another_process_took_is_not_allowed_again(noon, settings):
    who = uuid4().hex
    key = f"crm:rate:test:{who}:{1_800_000_000 // 60}"
    Redis.from_url(settings.REDIS_URL).incrby(key, 996)
    assert [AThousandAMinute(who).allow_request(None, None) for _ in range(5)] == [True] * 4 + [False]
