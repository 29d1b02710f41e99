"""Broadcast ephemerides as nouns: SI units and radians, one set of one satellite.

Week numbers stay as broadcast, with their modulus: which week is meant is for the calendar.
Sources: IS-GPS-200N 20.3.3.4; Galileo OS SIS ICD 2.1, 5.1; BDS-SIS-ICD-B1I 3.0, 5.2.4;
GLONASS ICD 5.1, 4.4; IRNSS SIS ICD 1.1, 6.1; IS-QZSS-PNT.
"""

from dataclasses import dataclass
from typing import Final

# The value with which the control segments compute; not the nearest float to the circle's
# (IS-GPS-200N, table 20-IV; the Galileo and BeiDou documents give the same digits).
SEMICIRCLE_RAD: Final = 3.1415926535898


@dataclass(frozen=True, slots=True)
class KeplerEphemeris:
    """Orbit and clock of a GPS, QZSS, Galileo, BeiDou or NavIC satellite.

    Times are seconds of the constellation's own week (`week` modulo `week_modulus`): GPS time for
    G, J and I, Galileo's for E, BDT for C. `navigation`: which of its messages it comes from.
    `group_delays_s`: TGD (G, J, I); BGD E5a/E1 and, of I/NAV, E5b/E1 (E); TGD1 and TGD2 (C).
    `iode`, `iodc`: also AODE and AODC (C), IODnav twice (E), IODEC twice (I).
    `accuracy_index`: URA, SISA or URAI as broadcast. `health`: bits as broadcast, 0 for healthy;
    E5a status and validity (F/NAV); E5b then E1-B status and validity (I/NAV); L5 and S flag (I).
    """

    satellite: str
    navigation: str
    week: int
    week_modulus: int
    toe_s: int
    toc_s: int
    clock_bias_s: float  # af0
    clock_drift_ratio: float  # af1, s/s
    clock_drift_rate_per_s: float  # af2, s/s^2
    sqrt_semi_major_axis_sqrt_m: float
    eccentricity: float
    mean_anomaly_rad: float  # M0
    mean_motion_difference_rad_per_s: float  # delta n
    right_ascension_rad: float  # Omega0, longitude of the ascending node at the week's begin
    right_ascension_rate_rad_per_s: float  # Omega dot
    inclination_rad: float  # i0
    inclination_rate_rad_per_s: float  # IDOT
    perigee_rad: float  # omega
    cuc_rad: float
    cus_rad: float
    cic_rad: float
    cis_rad: float
    crc_m: float
    crs_m: float
    group_delays_s: tuple[float, ...]
    iode: int
    iodc: int
    accuracy_index: int
    health: int
    codes_on_l2: int | None = None  # G, J
    l2p_data_off: bool | None = None  # G
    long_fit: bool | None = None  # G, J: fitted to more than four hours (two for J)


@dataclass(frozen=True, slots=True)
class GlonassEphemeris:
    """State vector and clock of a GLONASS satellite in PZ-90, at `tb_s` of the Moscow day.

    `channel`: FDMA channel, None where it is not said. `day`: of the four years that `four_years`
    counts from 1996, both from 1; 0 where not said. `tk_s`: when the frame began, of the same day.
    """

    satellite: str
    channel: int | None
    almanac_healthy: bool | None
    p1: int
    tk_s: int
    unhealthy: bool  # most significant bit of Bn
    p2: bool
    tb_s: int
    x_m: float
    y_m: float
    z_m: float
    x_m_per_s: float
    y_m_per_s: float
    z_m_per_s: float
    x_m_per_s2: float
    y_m_per_s2: float
    z_m_per_s2: float
    p3: bool
    gamma_ratio: float  # relative deviation of the carrier frequency
    p: int
    third_string_unhealthy: bool
    tau_s: float  # correction of the satellite's clock to GLONASS time
    delta_tau_s: float  # delay of L2 less that of L1
    age_days: int
    p4: bool
    accuracy_index: int
    day: int
    generation: int  # M: 0 GLONASS, 1 GLONASS-M
    additional_data: bool  # whether the fields below mean anything
    almanac_day: int
    tau_c_s: float  # correction of GLONASS time to UTC(SU)
    four_years: int
    tau_gps_s: float
    fifth_string_unhealthy: bool
