"""Constants and conversions, each with its unit in its name and its source beside it."""

from typing import Final

SPEED_OF_LIGHT_M_PER_S: Final = 299_792_458.0  # SI definition of the metre
LIGHT_MILLISECOND_M: Final = (
    SPEED_OF_LIGHT_M_PER_S * 1e-3
)  # RTCM 10403.3, 3.5.16: unit of MSM rough ranges

SECONDS_PER_DAY: Final = 86_400
SECONDS_PER_WEEK: Final = 604_800
SECONDS_PER_YEAR: Final = 365.25 * SECONDS_PER_DAY  # Julian year, the year of velocities
MILLISECONDS_PER_SECOND: Final = 1_000
MILLIMETRES_PER_METRE: Final = 1_000.0

# Every name of a quantity ends in one of these.
UNIT_SUFFIXES: Final = (
    "_m", "_s", "_rad", "_hz", "_m_per_s", "_m_per_year", "_dbhz", "_ppm", "_cycles", "_bytes",
    "_ratio",
)  # fmt: skip
