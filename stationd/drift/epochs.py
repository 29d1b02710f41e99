"""Epochs of series files: Modified Julian Dates against the decimal years of each format.

Two decimal years are in use. The Julian year counts 365.25 days from J2000.0: Nevada Geodetic
Laboratory (the noon of the day that is named) and GipsyX. The calendar year divides each year by
its own length: SINEX-TMS. They differ by up to 0.75 day, so every reader says which it means.
"""

import re
from datetime import date, datetime
from typing import Final

from stationd.units import SECONDS_PER_DAY

J2000_MJD: Final = 51_544.5
JULIAN_YEAR_DAYS: Final = 365.25
NOON_DAYS: Final = 0.5
_MJD_OF_ORDINAL_ZERO: Final = -678_576  # date.toordinal() of 1858-11-17 is 678 576
_MONTHS: Final = (
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
)  # fmt: skip
_SINEX: Final = re.compile(r"\d{2}(\d{2})?:\d{3}:\d{5}", re.ASCII)
_YEARS: Final = (1, 9_998)  # of datetime.date, and one after it
_SECONDS_PER_HOUR: Final = 3_600
_SECONDS_PER_MINUTE: Final = 60


def mjd_of_date(day: date) -> int:
    """Return the MJD at which a calendar day begins."""
    return day.toordinal() + _MJD_OF_ORDINAL_ZERO


def date_of_mjd(mjd: float) -> date:
    """Return the calendar day that an MJD lies in."""
    return date.fromordinal(int(mjd // 1) - _MJD_OF_ORDINAL_ZERO)


def julian_year(mjd: float) -> float:
    """Return the Julian epoch of an MJD: 2000.0 is 2000-01-01 12:00 (IAU 1976)."""
    return 2000.0 + (mjd - J2000_MJD) / JULIAN_YEAR_DAYS


def mjd_of_julian_year(year: float) -> float:
    return J2000_MJD + (year - 2000.0) * JULIAN_YEAR_DAYS


def calendar_year(mjd: float) -> float:
    """Return the year and the part of that year gone by: 2023.0 is 2023-01-01 00:00."""
    year = date_of_mjd(mjd).year
    begins, length_days = _year(year)
    return year + (mjd - begins) / length_days


def mjd_of_calendar_year(year: float) -> float:
    whole = year // 1
    begins, length_days = _year(whole)
    return begins + (year - whole) * length_days


def mjd_of_day_of_year(year: float, day: float) -> float:
    """Return the MJD of a day of the year that counts from 1.0 at the first of January, 0 h.

    Raises ValueError for a day that the year has not.
    """
    begins, length_days = _year(year)
    if not 1.0 <= day < length_days + 1.0:
        raise ValueError(f"the year {year:g} has no day {day:g}")
    return begins + day - 1.0


def mjd_of_ngl_day(code: str) -> int:
    """Return the MJD of a day written as NGL does: 06MAR01. Two digits from 80 are 19xx."""
    if len(code) != 7 or code[2:5] not in _MONTHS or not (code[:2] + code[5:]).isdigit():
        raise ValueError(f"{code!r} is no day such as 06MAR01")
    return mjd_of_date(date(_full_year(int(code[:2])), _MONTHS.index(code[2:5]) + 1, int(code[5:])))


def ngl_day(mjd: float) -> str:
    """Return NGL's code of the day that an MJD lies in."""
    day = date_of_mjd(mjd)
    return f"{day.year % 100:02d}{_MONTHS[day.month - 1]}{day.day:02d}"


def mjd_of_sinex(text: str) -> float | None:
    """Return the MJD of YY:DDD:SSSSS or YYYY:DDD:SSSSS; None for all zeros, which means open.

    Two digits up to 50 are 20xx (SINEX 2.02, section 1).
    """
    if _SINEX.fullmatch(text) is None:
        raise ValueError(f"{text!r} is no epoch such as 23:160:43200")
    year_text, day_text, seconds_text = text.split(":")
    year, day, seconds_s = int(year_text), int(day_text), int(seconds_text)
    if day == 0:
        return None
    if len(year_text) <= 2:
        year += 2000 if year <= 50 else 1900
    return mjd_of_day_of_year(year, float(day)) + seconds_s / SECONDS_PER_DAY


def mjd_of_iso(text: str) -> tuple[float, bool]:
    """Return the MJD of an ISO 8601 date or time (UTC), and whether it states a time of day."""
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is not None:
        offset = moment.utcoffset()
        moment = moment.replace(tzinfo=None) - offset if offset else moment.replace(tzinfo=None)
    seconds_s = (
        moment.hour * _SECONDS_PER_HOUR
        + moment.minute * _SECONDS_PER_MINUTE
        + moment.second
        + moment.microsecond * 1e-6
    )
    return mjd_of_date(moment.date()) + seconds_s / SECONDS_PER_DAY, len(text.strip()) > 10


def _year(number: float) -> tuple[int, int]:
    """Return the MJD at which a year begins, and its length in days."""
    if not (_YEARS[0] <= number <= _YEARS[1] and float(number).is_integer()):
        raise ValueError(f"{number:g} is no year")
    year = int(number)
    begins = mjd_of_date(date(year, 1, 1))
    return begins, mjd_of_date(date(year + 1, 1, 1)) - begins


def _full_year(two_digits: int) -> int:
    return two_digits + (1900 if two_digits >= 80 else 2000)
