"""Prometheus: `/metrics` over the newest facts, `/-/healthy`, `/-/ready` and a landing page."""

from stationd.sinks.prometheus.settings import Settings
from stationd.sinks.prometheus.sink import PrometheusSink

__all__ = ["PrometheusSink", "Settings"]
