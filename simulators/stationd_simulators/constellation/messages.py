"""Fields of the ephemeris messages: their order, widths and units, written and rounded.

Own tables, not stationd's (RTCM 10403.3, tables 3.5-21, 3.5-25, 3.5-113 and amendments; units as
in the constellations' interface documents). Fields with a unit carry what the truth is made of:
rounding to whole units happens here, and everything else is computed from the rounded values.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stationd_simulators.encoding.framing import BitWriter

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Coding = Literal["unsigned", "signed", "magnitude"]

PI: Final = 3.1415926535898  # IS-GPS-200N table 20-IV: the control segment's digits

_RAD_31: Final = 2.0**-31 * PI
_RAD_PER_S_43: Final = 2.0**-43 * PI


class Field(NamedTuple):
    """One field; a plain number has no unit. Coding "magnitude" is a sign bit and a magnitude."""

    name: str
    bits: int
    unit: float = 0.0
    coding: Coding = "unsigned"


def _signed(name: str, bits: int, unit: float) -> Field:
    return Field(name, bits, unit, "signed")


def _magnitude(name: str, bits: int, unit: float) -> Field:
    return Field(name, bits, unit, "magnitude")


def _orbit(harmonic_bits: int, radius_m: float, angle_rad: float, toe: Field) -> tuple[Field, ...]:
    """Return the fields from Crs to omega dot, whose order is common to 1019, 1042, 1044-1046."""
    return (
        _signed("crs_m", harmonic_bits, radius_m),
        _signed("delta_n_rad_per_s", 16, _RAD_PER_S_43),
        _signed("mean_anomaly_rad", 32, _RAD_31),
        _signed("cuc_rad", harmonic_bits, angle_rad),
        Field("eccentricity", 32, 2.0**-33),
        _signed("cus_rad", harmonic_bits, angle_rad),
        Field("sqrt_a", 32, 2.0**-19),
        toe,
        _signed("cic_rad", harmonic_bits, angle_rad),
        _signed("node_rad", 32, _RAD_31),
        _signed("cis_rad", harmonic_bits, angle_rad),
        _signed("inclination_rad", 32, _RAD_31),
        _signed("crc_m", harmonic_bits, radius_m),
        _signed("perigee_rad", 32, _RAD_31),
        _signed("node_rate_rad_per_s", 24, _RAD_PER_S_43),
    )


_INCLINATION_RATE: Final = _signed("inclination_rate_rad_per_s", 14, _RAD_PER_S_43)
_GPS_ORBIT: Final = _orbit(16, 2.0**-5, 2.0**-29, Field("toe_s", 16, 16.0))
_GPS_CLOCK: Final = (
    Field("toc_s", 16, 16.0),
    _signed("drift_rate_per_s", 8, 2.0**-55),
    _signed("drift_ratio", 16, 2.0**-43),
    _signed("bias_s", 22, 2.0**-31),
)
_GPS_DELAY: Final = _signed("tgd_s", 8, 2.0**-31)

GPS_1019: Final = (
    Field("number", 6),
    Field("week", 10),
    Field("accuracy", 4),
    Field("codes_on_l2", 2),
    _INCLINATION_RATE,
    Field("iode", 8),
    *_GPS_CLOCK,
    Field("iodc", 10),
    *_GPS_ORBIT,
    _GPS_DELAY,
    Field("health", 6),
    Field("l2p_data_off", 1),
    Field("long_fit", 1),
)

QZSS_1044: Final = (
    Field("number", 4),
    *_GPS_CLOCK,
    Field("iode", 8),
    *_GPS_ORBIT,
    _INCLINATION_RATE,
    Field("codes_on_l2", 2),
    Field("week", 10),
    Field("accuracy", 4),
    Field("health", 6),
    _GPS_DELAY,
    Field("iodc", 10),
    Field("long_fit", 1),
)

BEIDOU_1042: Final = (
    Field("number", 6),
    Field("week", 13),
    Field("accuracy", 4),
    _INCLINATION_RATE,
    Field("iode", 5),  # AODE
    Field("toc_s", 17, 8.0),
    _signed("drift_rate_per_s", 11, 2.0**-66),
    _signed("drift_ratio", 22, 2.0**-50),
    _signed("bias_s", 24, 2.0**-33),
    Field("iodc", 5),  # AODC
    *_orbit(18, 2.0**-6, 2.0**-31, Field("toe_s", 17, 8.0)),
    _signed("tgd1_s", 10, 1e-10),
    _signed("tgd2_s", 10, 1e-10),
    Field("health", 1),
)

_GALILEO: Final = (
    Field("number", 6),
    Field("week", 12),
    Field("iode", 10),  # IODnav
    Field("accuracy", 8),
    _INCLINATION_RATE,
    Field("toc_s", 14, 60.0),
    _signed("drift_rate_per_s", 6, 2.0**-59),
    _signed("drift_ratio", 21, 2.0**-46),
    _signed("bias_s", 31, 2.0**-34),
    *_orbit(16, 2.0**-5, 2.0**-29, Field("toe_s", 14, 60.0)),
    _signed("bgd_e5a_s", 10, 2.0**-32),
)

GALILEO_FNAV_1045: Final = (
    *_GALILEO,
    Field("health", 2),
    Field("data_invalid", 1),
    Field("reserved", 7),
)

GALILEO_INAV_1046: Final = (
    *_GALILEO,
    _signed("bgd_e5b_s", 10, 2.0**-32),
    Field("health", 2),  # E5b
    Field("data_invalid", 1),
    Field("health", 2),  # E1-B
    Field("data_invalid", 1),
    Field("reserved", 2),
)


def _axis(axis: str) -> tuple[Field, ...]:
    """Return velocity, position and acceleration of one axis, which are sent in kilometres."""
    return (
        _magnitude(f"{axis}_m_per_s", 24, 1e3 * 2.0**-20),
        _magnitude(f"{axis}_m", 27, 1e3 * 2.0**-11),
        _magnitude(f"{axis}_m_per_s2", 5, 1e3 * 2.0**-30),
    )


GLONASS_1020: Final = (
    Field("number", 6),
    Field("channel", 5),
    Field("almanac_healthy", 1),
    Field("almanac_health_known", 1),
    Field("p1", 2),
    Field("tk", 12),
    Field("unhealthy", 1),
    Field("p2", 1),
    Field("tb", 7),
    *_axis("x"),
    *_axis("y"),
    *_axis("z"),
    Field("p3", 1),
    _magnitude("gamma_ratio", 11, 2.0**-40),
    Field("p", 2),
    Field("third_string_unhealthy", 1),
    _magnitude("tau_s", 22, 2.0**-30),
    _magnitude("delta_tau_s", 5, 2.0**-30),
    Field("age_days", 5),
    Field("p4", 1),
    Field("accuracy", 4),
    Field("day", 11),
    Field("generation", 2),
    Field("additional_data", 1),
    Field("almanac_day", 11),
    _magnitude("tau_c_s", 32, 2.0**-31),
    Field("four_years", 5),
    _magnitude("tau_gps_s", 22, 2.0**-30),
    Field("fifth_string_unhealthy", 1),
    Field("reserved", 7),
)


def rounded(fields: Sequence[Field], reals: Mapping[str, Floats]) -> dict[str, Integers]:
    """Return the columns of `reals` that `fields` have units for, in whole units.

    Raises ValueError where a value does not fit its field: the constellation is wrong.
    """
    units = {field.name: field for field in fields if field.unit}
    whole = {}
    for name in reals.keys() & units.keys():
        field = units[name]
        integers = np.rint(np.divide(reals[name], field.unit)).astype(np.int64)
        if field.name in {"mean_anomaly_rad", "node_rad", "perigee_rad"}:
            # Half a turn up is half a turn down: +2^31 has no place in the field.
            integers = (integers + 2**31) % 2**32 - 2**31
        least = 0 if field.coding == "unsigned" else -(1 << field.bits - 1) + 1
        most = (1 << field.bits - (field.coding != "unsigned")) - 1
        if integers.min() < least - (field.coding == "signed") or integers.max() > most:
            raise ValueError(
                f"{name}: {reals[name].min()} to {reals[name].max()} does not fit {field.bits} bits"
            )
        whole[name] = integers
    return whole


def in_units(fields: Sequence[Field], integers: Mapping[str, Integers]) -> dict[str, Floats]:
    """Return what a reader of the message computes from its integers."""
    units = {field.name: field.unit for field in fields if field.unit}
    return {
        name: integers[name].astype(np.float64) * units[name]
        for name in integers.keys() & units.keys()
    }


def encoded(number: int, fields: Sequence[Field], integers: Mapping[str, int]) -> bytes:
    """Return the frame of one message, from whole units; a field that is not given is zero."""
    writer = BitWriter().unsigned(number, 12)
    for name, bits, _, coding in fields:
        value = integers.get(name, 0)
        if coding == "signed":
            writer.signed(value, bits)
        elif coding == "magnitude":
            writer.unsigned(int(value < 0), 1).unsigned(abs(value), bits - 1)
        else:
            writer.unsigned(value, bits)
    return writer.frame()
