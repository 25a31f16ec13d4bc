"""Figures that are read from the database when they are asked for. Each app registers its own in its `metrics.py`."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from django.db import Error
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

Read = Callable[[], float]


class Gauge(NamedTuple):
    name: str
    help: str
    read: Read


GAUGES: list[Gauge] = []


def gauge(name: str, description: str) -> Callable[[Read], Read]:
    """Register a function that reads a number from the database, in a time that does not grow much with the data."""

    def register(read: Read) -> Read:
        GAUGES.append(Gauge(f"tutorarc_{name}", description, read))
        return read

    return register


class DatabaseCollector(Collector):
    """The registered figures; without those that can't be read, and with `tutorarc_database_up`."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        is_up = 1
        for each in GAUGES:
            try:
                value = each.read()
            except Error:
                is_up = 0
            else:
                yield GaugeMetricFamily(each.name, each.help, value=value)
        yield GaugeMetricFamily("tutorarc_database_up", "1 if all figures could be read from the database.", is_up)
