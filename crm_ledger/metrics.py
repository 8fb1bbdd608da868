"""What is counted for Prometheus, and the page that shows it."""

import os

from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client import generate_latest as render
from prometheus_client.multiprocess import MultiProcessCollector

from crm_ledger.gauges import LookedUp
from ledger.queries import lag

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
    own.register(LookedUp())
    _lags(own)
    return HttpResponse(render(registry) + render(own), content_type=CONTENT_TYPE_LATEST)


def _lags(registry: CollectorRegistry) -> None:
    """Alert on more than 5 s (`crm_ledger_unsealed_seconds`, `crm_ledger_unpublished_seconds`), and on absence."""
    try:
        found = lag.lag()
    except Exception:  # the database is down, which other lines tell
        return
    Gauge("crm_ledger_tree_size", "Leaves under the newest signed head.", registry=registry).set(found.size)
    age = found.unsealed.total_seconds() if found.unsealed else 0.0
    Gauge("crm_ledger_unsealed_seconds", "Age of the oldest entry without a seal.", registry=registry).set(
        float("inf") if found.elsewhere else age
    )
    behind = Gauge(
        "crm_ledger_unpublished_seconds", "Age of the oldest head that a channel did not take.", ["channel"],
        registry=registry,
    )  # fmt: skip
    for channel in found.channels:
        behind.labels(channel.name).set(channel.behind.total_seconds() if channel.behind else 0.0)
