"""What is counted for Prometheus, and the page that shows it."""

import os

from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client import generate_latest as render
from prometheus_client.multiprocess import MultiProcessCollector

from crm_ledger import heartbeat

REQUESTS = Counter("crm_ledger_requests_total", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "crm_ledger_request_seconds",
    "Time to answer a request.",
    ["route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5),
)


def page(request: HttpRequest) -> HttpResponse:
    """All web processes together when they share a folder, else this one."""
    registry: CollectorRegistry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    own = CollectorRegistry()
    Gauge("crm_ledger_beat_age_seconds", "Seconds since the scheduler's last sign.", registry=own).set(_beat_age())
    return HttpResponse(render(registry) + render(own), content_type=CONTENT_TYPE_LATEST)


def _beat_age() -> float:
    try:
        age = heartbeat.age()
    except Exception:  # the broker is down: the page must still show everything else
        age = None
    return float("inf") if age is None else age
