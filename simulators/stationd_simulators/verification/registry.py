"""The configuration of stationd for a scenario: what is registered is the truth without faults."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from stationd_simulators.encoding.msm_signals import FIRST_MESSAGE
from stationd_simulators.registered import arp_m, epoch_years
from stationd_simulators.scenario import Scenario, Station
from stationd_simulators.schedule import observed

# Every state of every station, on standard output.
STATES_AS_LINES: Final[Mapping[str, Any]] = {
    "lines": {"type": "jsonl", "path": "-", "states": "always"}
}


def station_table(scenario: Scenario, station: Station) -> dict[str, Any]:
    """Return the station's table as stationd reads it, without a source."""
    x, y, z = arp_m(station)
    letters = list(observed(scenario, station))
    messages = {str(FIRST_MESSAGE[letter] + station.msm): station.interval_s for letter in letters}
    # What is sent beside observations comes with an epoch.
    messages |= {
        str(number): max(every_s, station.interval_s)
        for number, every_s in station.messages.items()
    }
    if "R" not in letters:
        messages.pop("1230", None)
    antenna, receiver = station.antenna, station.receiver
    return {
        "id": station.id,
        "name": station.name or f"Simulated {station.id}",
        "reference": {
            "x_m": x, "y_m": y, "z_m": z, "frame": station.frame, "epoch": epoch_years(scenario),
        },
        "antenna": _said(
            descriptor=antenna.descriptor, serial=antenna.serial,
            height_m=antenna.height_m, setup_id=antenna.setup_id,
        ),
        "receiver": _said(
            descriptor=receiver.descriptor, serial=receiver.serial, firmware=receiver.firmware
        ),
        "expect": {
            "epoch_interval_s": station.interval_s, "constellations": letters,
            "station_id": station.station_id, "messages": messages, "nmea": station.nmea,
        },
        "limits": {name: dict(values) for name, values in scenario.limits.items()},
    }  # fmt: skip


def _said(**values: str | float) -> dict[str, str | float]:
    """Return what a station says of itself: an empty text is no statement."""
    return {name: value for name, value in values.items() if value != ""}


def toml_text(table: Mapping[str, Any]) -> str:
    """Return tables of texts, numbers, lists and tables as TOML."""
    return "\n".join(_lines(table, ())) + "\n"


def write_registry(
    scenario: Scenario,
    folder: Path,
    sources: Mapping[str, Any],
    sinks: Mapping[str, Any] = STATES_AS_LINES,
) -> Path:
    """Write a main file, and a file for each station of `sources`; return the main file.

    `sources`: station id -> its [source] table; `sinks`: name -> its table.
    """
    stations = folder / "stations"
    stations.mkdir(parents=True, exist_ok=True)
    for name, source in sources.items():
        table = {**station_table(scenario, scenario.station(name)), "source": source}
        (stations / f"{name}.toml").write_text(toml_text(table), encoding="utf-8")
    main = folder / "stationd.toml"
    table = {
        "node": "simulated", "state_folder": str(folder / "state"), "stations": "stations/*.toml",
        "sinks": sinks,
    }  # fmt: skip
    main.write_text(toml_text(table), encoding="utf-8")
    return main


def _lines(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    plain = {key: value for key, value in table.items() if not isinstance(value, Mapping)}
    if path and (plain or not table):
        yield f"[{'.'.join(map(_key, path))}]"
    for key, value in plain.items():
        # JSON's texts, numbers and arrays are TOML's, too.
        yield f"{_key(key)} = {json.dumps(value, ensure_ascii=False)}"
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _lines(value, (*path, key))


def _key(name: str) -> str:
    plain = name.replace("_", "").replace("-", "")
    return name if plain.isalnum() and plain.isascii() else json.dumps(name)
