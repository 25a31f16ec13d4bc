"""Requests that this process answered, counted by route and status. A request costs a few microseconds."""

from functools import cache

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
NO_ROUTE = "none"  # static files, unknown paths, and requests that were refused before they were routed
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

disable_created_metrics()
REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "tutorarc_http_requests", "Requests that this process answered.", ["method", "route", "status"], registry=REGISTRY
)
SECONDS = Histogram(
    "tutorarc_http_request_seconds",
    "Time to answer a request, from its arrival in Django.",
    ["route"],
    buckets=BUCKETS,
    registry=REGISTRY,
)


def count_request(method: str, route: str | None, status: int, seconds: float) -> None:
    counter, histogram = _series(method if method in METHODS else "other", route or NO_ROUTE, status)
    counter.inc()
    histogram.observe(seconds)


@cache  # prometheus_client takes a lock to look up a series; there are as many entries as series
def _series(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(method, route, str(status)), SECONDS.labels(route)
