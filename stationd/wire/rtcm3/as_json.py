"""Messages as JSON objects: what `stationd decode` prints, one a line."""

import math
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import numpy as np

from stationd.gnss.observations import Observations
from stationd.wire.rtcm3.legacy import LegacyObservations
from stationd.wire.rtcm3.msm import Msm


def msm_json(message: Msm) -> dict[str, Any]:
    """Return an MSM; values are null where not given."""
    return {
        "type": message.number,
        "station_id": message.station_id,
        "constellation": message.constellation,
        "epoch_s": message.epoch_s,
        "glonass_day": message.glonass_day,
        "more_follows": message.more_follows,
        "range_modulo_m": message.range_modulo_m,
        "observations": observations_json(message.observations()),
    }


def legacy_json(message: LegacyObservations) -> dict[str, Any]:
    """Return a 1001-1012 message with the keys of an MSM; SBAS satellites among GPS's."""
    return {
        "station_id": message.station_id,
        "constellation": message.constellation,
        "epoch_s": message.epoch_s,
        "more_follows": message.more_follows,
        "range_modulo_m": message.range_modulo_m,
        "observations": [
            row
            for letter in message.columns
            for row in observations_json(message.observations(letter))
        ],
    }


def observations_json(observations: Observations) -> list[dict[str, Any]]:
    """Return one object for each satellite and signal."""
    size = len(observations)
    nothing = [None] * size
    half, channel = observations.half_cycle, observations.glonass_channel
    columns = {
        "satellite": observations.satellite,
        "code": observations.code,
        "pseudorange_m": _rounded(observations.pseudorange_m, 6),
        "phase_range_m": _rounded(observations.phase_range_m, 6),
        "phase_range_rate_m_per_s": _rounded(observations.phase_range_rate_m_per_s, 6),
        "cn0_dbhz": _rounded(observations.cn0_dbhz, 4),
        "lock_time_s": _rounded(observations.lock_time_s, 3),
        "half_cycle": nothing if half is None else half.tolist(),
        "glonass_channel": nothing if channel is None else _rounded(channel, 0),
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _rounded(values: np.ndarray[Any, Any], digits: int) -> list[float | None]:
    """Return values without the digits that float64 makes up; None for NaN.

    Six decimals are a micrometre: the finest resolution on the wire is 0.14 mm.
    """
    return [None if math.isnan(v) else round(v, digits) for v in values.tolist()]


def plain(value: Any) -> Any:
    """Return a decoded value as JSON can carry it: dataclasses as objects, NaN as null."""
    match value:
        case LegacyObservations():
            return legacy_json(value)
        case Observations():
            return observations_json(value)
        case Enum():
            return value.value
        case float():
            return value if math.isfinite(value) else None
        case np.ndarray():
            return [plain(item) for item in value.tolist()]
        case bytes():
            return value.hex()
        case dict():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return value
