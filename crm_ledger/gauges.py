"""What a scrape looks up: signs of life, depth of queues, what waits to leave. What cannot be asked is left out."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import redis
from django.conf import settings
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from crm_ledger import heartbeat, queues
from governance.queries import receivers
from ledger.queries import outbox

log = logging.getLogger(__name__)
SOON = 2.0  # seconds


class LookedUp(Collector):
    """Asked anew at every scrape, never kept."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for look in (_life, _queues, _outbox, _deliveries):
            try:
                yield from look()
            except Exception as fault:  # a service is down: the page must still show everything else
                log.warning("%s cannot be looked up: %s", look.__name__, fault)


def _life() -> Iterator[GaugeMetricFamily]:
    ages = GaugeMetricFamily("crm_ledger_alive_age_seconds", "Since the last sign of life.", labels=["part"])
    for part, age in heartbeat.ages().items():
        ages.add_metric([part], float("inf") if age is None else age)
    yield ages


def _queues() -> Iterator[GaugeMetricFamily]:
    depth = GaugeMetricFamily("crm_ledger_queue_depth", "Messages that no worker has taken yet.", labels=["queue"])
    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=SOON, socket_connect_timeout=SOON) as client:
        line = client.pipeline(transaction=False)
        for name in queues.ALL:
            line.llen(name)
        for name, length in zip(queues.ALL, line.execute(), strict=True):
            depth.add_metric([name], length)
    yield depth


def _outbox() -> Iterator[GaugeMetricFamily]:
    count, seconds = outbox.lag()
    yield GaugeMetricFamily("crm_ledger_outbox_rows", "Rows of the outbox that wait.", count)
    yield GaugeMetricFamily("crm_ledger_outbox_lag_seconds", "For how long the oldest is overdue.", seconds)


def _deliveries() -> Iterator[GaugeMetricFamily]:
    found = receivers.health()
    yield GaugeMetricFamily("crm_ledger_notices_unplanned", "Notices whose way is not decided yet.", found.unplanned)
    yield GaugeMetricFamily("crm_ledger_deliveries_waiting", "Messages that wait to leave.", found.waiting)
    yield GaugeMetricFamily("crm_ledger_deliveries_lag_seconds", "For how long the oldest is overdue.", found.behind)
    states = GaugeMetricFamily("crm_ledger_receivers", "Receivers in trouble.", labels=["state"])
    states.add_metric(["failing"], found.failing)
    states.add_metric(["stopped"], found.stopped)
    yield states
