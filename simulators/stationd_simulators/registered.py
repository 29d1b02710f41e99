"""What is registered of a station: its antenna reference point, and the epoch it holds for."""

from datetime import UTC, datetime

import numpy as np

from stationd.gnss.time import utc_from_gpst
from stationd_simulators.propagation.geometry import enu_axes, geodetic
from stationd_simulators.scenario import Scenario, Station, Vector


def arp_m(station: Station) -> Vector:
    """Return where the antenna reference point is at the scenario's start, in ECEF."""
    marker_m = np.array(station.position_m)
    place = geodetic(marker_m)
    up = enu_axes(place.latitude_rad, place.longitude_rad)[2]
    x_m, y_m, z_m = (marker_m + station.antenna.height_m * up).tolist()
    return x_m, y_m, z_m


def epoch_years(scenario: Scenario) -> float:
    """Return the decimal year of the scenario's start, for which positions are registered.

    To 1e-4 years, in which a plate goes some micrometres.
    """
    start_utc_s = utc_from_gpst(scenario.start_gpst_s)
    year = datetime.fromtimestamp(start_utc_s, UTC).year
    first, next_first = (datetime(y, 1, 1, tzinfo=UTC).timestamp() for y in (year, year + 1))
    return round(year + (start_utc_s - first) / (next_first - first), 4)
