"""When a line of the Nevada Geodetic Laboratory's files holds: its day, MJD and decimal year."""

from typing import Final

from stationd.drift.epochs import JULIAN_YEAR_DAYS, NOON_DAYS, julian_year, mjd_of_ngl_day
from stationd.drift.reading.document import Document

_AGREEMENT_DAYS: Final = 1.0  # a decimal year of four digits is good to 0.02 day


def ngl_moment(
    document: Document, line: int, day: str, year_text: str, mjd_text: str | None = None
) -> tuple[float, float]:
    """Return the decimal year as written, and the MJD of that day's noon.

    Raises SeriesFileError where day, decimal year and MJD are not of one day.
    """
    mjd = document.parsed(line, mjd_of_ngl_day, day)
    (t_years,) = document.numbers(line, [year_text])
    if abs(t_years - julian_year(mjd + NOON_DAYS)) > _AGREEMENT_DAYS / JULIAN_YEAR_DAYS:
        raise document.fault(line, f"{day} is not {year_text}: one of them is another day")
    if mjd_text is not None and document.numbers(line, [mjd_text])[0] != mjd:
        raise document.fault(line, f"{day} is MJD {mjd}, not {mjd_text}")
    return t_years, mjd + NOON_DAYS
