"""est_noise's and Hector's single component: year, day of year, value and sigma in millimetres.

The component is the last letter of the file's name: canp.e, canp.n, canp.u.
"""

import re
from typing import Final

from stationd.drift.epochs import julian_year, mjd_of_day_of_year
from stationd.drift.reading.assembly import NOT_GIVEN, Reading, Row, assembled
from stationd.drift.reading.document import Document, ReadingOptions
from stationd.units import MILLIMETRES_PER_METRE

_COMPONENTS: Final = ("e", "n", "u")
_LINE: Final = re.compile(r"\s*(19|20)\d\d\s+\d{1,3}(\.\d+)?\s+\S+\s+\S+\s*$")


def recognises(document: Document) -> bool:
    return _LINE.match(document.head()[0]) is not None


def read(document: Document, options: ReadingOptions) -> Reading:
    """Return a series whose other two components are unknown (NaN)."""
    component = _component(document)
    rows = []
    for n, line in document.numbered():
        fields = line.split()
        if len(fields) != 4:
            raise document.fault(n, f"has {len(fields)} columns instead of 4")
        year, day, value, sigma = document.numbers(n, fields)
        mjd = document.parsed(n, lambda days: mjd_of_day_of_year(*days), (year, day))
        enu_m, sigma_m = list(NOT_GIVEN), list(NOT_GIVEN)
        enu_m[component] = value / MILLIMETRES_PER_METRE
        sigma_m[component] = sigma / MILLIMETRES_PER_METRE
        rows.append(Row(n, julian_year(mjd), mjd, enu_m, sigma_m))
    return assembled(document, document.station(options), document.frame("", options), rows)


def _component(document: Document) -> int:
    letter = document.name.removesuffix(".gz").rsplit(".", 1)[-1].lower()
    if letter not in _COMPONENTS:
        raise document.fault(
            None, "holds one component; its name must say which: end it in .e, .n or .u"
        )
    return _COMPONENTS.index(letter)
