"""The page that a person finds at the exporter's port: what it is, and how the stations are.

No coordinate is on it: names, healths and the checks' own sentences, which hold none.
"""

from collections.abc import Iterator
from html import escape
from typing import Final

from stationd.facts import GRAVITY, Health, StationFacts
from stationd.sinks.prometheus.metric_families import Snapshot, label_text

# Nothing is loaded and nothing runs, whatever a descriptor may say.
CONTENT_SECURITY_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

_PAGE: Final = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>stationd</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<style>
body {{ font-family: sans-serif; margin: 1.5rem; color: #222; background: #fff }}
table {{ border-collapse: collapse }}
th, td {{ border-bottom: 1px solid #ccc; padding: .3rem .8rem .3rem 0; text-align: left }}
.ok {{ color: #17692f }} .warning {{ color: #8a5300 }} .critical {{ color: #a8071a }}
.unknown {{ color: #555 }}
</style></head><body>
<h1>stationd {version}</h1>
<p>Watches GNSS reference stations. {ready}</p>
<ul><li><a href="/metrics">Metrics</a></li><li><a href="/-/healthy">Healthy?</a></li>
<li><a href="/-/ready">Ready?</a></li></ul>
<table><thead><tr><th>Station</th><th>Name</th><th>Health</th><th>Why</th></tr></thead>
<tbody>
{rows}
</tbody></table></body></html>
"""


def landing_page(snapshot: Snapshot, missing: str | None) -> str:
    """Return HTML; the gravest stations come first. `missing`: why stationd is not ready."""
    return _PAGE.format(
        version=escape(snapshot.version),
        ready="Ready." if missing is None else f"Not ready: {escape(missing)}",
        rows="\n".join(_rows(snapshot)),
    )


def _rows(snapshot: Snapshot) -> Iterator[str]:
    gravest_first = sorted(
        snapshot.fresh.values(), key=lambda facts: (-GRAVITY[facts.health], facts.station)
    )
    stale = [(name, "", Health.UNKNOWN, "no fresh facts") for name in snapshot.stale]
    fresh = [
        (facts.station, facts.labels.get("name", ""), facts.health, _why(facts))
        for facts in gravest_first
    ]
    for station, name, health, why in [*stale, *fresh]:
        yield (
            f"<tr><td>{_shown(station)}</td><td>{_shown(name)}</td>"
            f'<td class="{health.value}">{health.value}</td><td>{_shown(why)}</td></tr>'
        )


def _why(facts: StationFacts) -> str:
    if facts.health is Health.OK:
        return ""
    weighed = (r for r in facts.results if r.health is facts.health and not r.withdrawn)
    return next((f"{result.check}: {result.reason}" for result in weighed), "nothing is checked")


def _shown(text: str) -> str:
    return escape(label_text(text))
