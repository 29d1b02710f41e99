"""Decodes broadcast ephemerides: 1019, 1020, 1041, 1042, 1044, 1045 and 1046.

Constructors are called with their fields in wire order: each argument reads the next bits.
"""

from typing import Final, NamedTuple, TypedDict

from stationd.gnss.ephemerides import SEMICIRCLE_RAD, GlonassEphemeris, KeplerEphemeris
from stationd.units import SECONDS_PER_DAY, SECONDS_PER_WEEK
from stationd.wire.errors import DecodeError
from stationd.wire.rtcm3.bits import Bits

_RAD_31: Final = 2.0**-31 * SEMICIRCLE_RAD
_RAD_PER_S_41: Final = 2.0**-41 * SEMICIRCLE_RAD
_RAD_PER_S_43: Final = 2.0**-43 * SEMICIRCLE_RAD
_UNKNOWN_CHANNEL: Final = 20  # DF040 above it is reserved
_CHANNEL_OFFSET: Final = 7  # DF040
FIRST_SBAS_ID: Final = 40  # DF009: 40 to 58 are SBAS PRN 120 to 138
LAST_SBAS_ID: Final = 58


def gps_satellite(number: int) -> str:
    """Return the name of a satellite by DF009."""
    if FIRST_SBAS_ID <= number <= LAST_SBAS_ID:
        return f"S{number - FIRST_SBAS_ID + 20}"
    return f"G{number:02d}"


class _Widths(NamedTuple):
    """What differs in the orbit's fields: widths in bits, and units."""

    harmonic: int
    radius_m: float  # unit of Crs and Crc
    angle_rad: float  # unit of Cuc, Cus, Cic, Cis
    toe: int
    toe_s: int  # unit of toe


_GPS: Final = _Widths(harmonic=16, radius_m=2.0**-5, angle_rad=2.0**-29, toe=16, toe_s=16)
_GALILEO: Final = _GPS._replace(toe=14, toe_s=60)
_BEIDOU: Final = _Widths(harmonic=18, radius_m=2.0**-6, angle_rad=2.0**-31, toe=17, toe_s=8)


class _Orbit(TypedDict):
    crs_m: float
    mean_motion_difference_rad_per_s: float
    mean_anomaly_rad: float
    cuc_rad: float
    eccentricity: float
    cus_rad: float
    sqrt_semi_major_axis_sqrt_m: float
    toe_s: int
    cic_rad: float
    right_ascension_rad: float
    cis_rad: float
    inclination_rad: float
    crc_m: float
    perigee_rad: float
    right_ascension_rate_rad_per_s: float


def _orbit(bits: Bits, widths: _Widths = _GPS) -> _Orbit:
    """Return the fields from Crs to Omega dot, in which GPS's order is everyone's but NavIC's."""
    harmonic, radius_m, angle_rad, toe, toe_unit_s = widths
    return _Orbit(
        crs_m=bits.signed(harmonic) * radius_m,
        mean_motion_difference_rad_per_s=bits.signed(16) * _RAD_PER_S_43,
        mean_anomaly_rad=bits.signed(32) * _RAD_31,
        cuc_rad=bits.signed(harmonic) * angle_rad,
        eccentricity=bits.unsigned(32) * 2.0**-33,
        cus_rad=bits.signed(harmonic) * angle_rad,
        sqrt_semi_major_axis_sqrt_m=bits.unsigned(32) * 2.0**-19,
        toe_s=bits.unsigned(toe) * toe_unit_s,
        cic_rad=bits.signed(harmonic) * angle_rad,
        right_ascension_rad=bits.signed(32) * _RAD_31,
        cis_rad=bits.signed(harmonic) * angle_rad,
        inclination_rad=bits.signed(32) * _RAD_31,
        crc_m=bits.signed(harmonic) * radius_m,
        perigee_rad=bits.signed(32) * _RAD_31,
        right_ascension_rate_rad_per_s=bits.signed(24) * _RAD_PER_S_43,
    )


def decode_gps(frame: bytes) -> KeplerEphemeris:
    """Return 1019. Raises DecodeError where it is short or its times are outside the week."""
    bits = Bits(frame)
    return _sound(
        bits,
        KeplerEphemeris(
            navigation="LNAV",
            week_modulus=1024,
            satellite=gps_satellite(_id(bits, 6)),  # DF009
            week=bits.unsigned(10),  # DF076
            accuracy_index=bits.unsigned(4),  # DF077
            codes_on_l2=bits.unsigned(2),  # DF078
            inclination_rate_rad_per_s=bits.signed(14) * _RAD_PER_S_43,  # DF079
            iode=bits.unsigned(8),  # DF071
            toc_s=bits.unsigned(16) * 16,  # DF081
            clock_drift_rate_per_s=bits.signed(8) * 2.0**-55,  # DF082
            clock_drift_ratio=bits.signed(16) * 2.0**-43,  # DF083
            clock_bias_s=bits.signed(22) * 2.0**-31,  # DF084
            iodc=bits.unsigned(10),  # DF085
            **_orbit(bits),  # DF086-DF100
            group_delays_s=(bits.signed(8) * 2.0**-31,),  # DF101
            health=bits.unsigned(6),  # DF102
            l2p_data_off=bits.flag(),  # DF103
            long_fit=bits.flag(),  # DF137
        ),
    )


def decode_qzss(frame: bytes) -> KeplerEphemeris:
    """Return 1044. Raises DecodeError where it is short or its times are outside the week."""
    bits = Bits(frame)
    return _sound(
        bits,
        KeplerEphemeris(
            navigation="LNAV",
            week_modulus=1024,
            satellite=f"J{_id(bits, 4):02d}",  # DF429
            toc_s=bits.unsigned(16) * 16,  # DF430
            clock_drift_rate_per_s=bits.signed(8) * 2.0**-55,  # DF431
            clock_drift_ratio=bits.signed(16) * 2.0**-43,  # DF432
            clock_bias_s=bits.signed(22) * 2.0**-31,  # DF433
            iode=bits.unsigned(8),  # DF434
            **_orbit(bits),  # DF435-DF449
            inclination_rate_rad_per_s=bits.signed(14) * _RAD_PER_S_43,  # DF450
            codes_on_l2=bits.unsigned(2),  # DF451
            week=bits.unsigned(10),  # DF452
            accuracy_index=bits.unsigned(4),  # DF453
            health=bits.unsigned(6),  # DF454
            group_delays_s=(bits.signed(8) * 2.0**-31,),  # DF455
            iodc=bits.unsigned(10),  # DF456
            long_fit=bits.flag(),  # DF457
        ),
    )


def decode_beidou(frame: bytes) -> KeplerEphemeris:
    """Return 1042. Raises DecodeError where it is short or its times are outside the week."""
    bits = Bits(frame)
    return _sound(
        bits,
        KeplerEphemeris(
            navigation="D1/D2",
            week_modulus=8192,
            satellite=f"C{_id(bits, 6):02d}",  # DF488
            week=bits.unsigned(13),  # DF489
            accuracy_index=bits.unsigned(4),  # DF490
            inclination_rate_rad_per_s=bits.signed(14) * _RAD_PER_S_43,  # DF491
            iode=bits.unsigned(5),  # DF492
            toc_s=bits.unsigned(17) * 8,  # DF493
            clock_drift_rate_per_s=bits.signed(11) * 2.0**-66,  # DF494
            clock_drift_ratio=bits.signed(22) * 2.0**-50,  # DF495
            clock_bias_s=bits.signed(24) * 2.0**-33,  # DF496
            iodc=bits.unsigned(5),  # DF497
            **_orbit(bits, _BEIDOU),  # DF498-DF512
            group_delays_s=(bits.signed(10) * 1e-10, bits.signed(10) * 1e-10),  # DF513, DF514
            health=bits.unsigned(1),  # DF515
        ),
    )


def decode_galileo(frame: bytes) -> KeplerEphemeris:
    """Return 1045 (F/NAV) or 1046 (I/NAV), which differ in their last fields only.

    Raises DecodeError where it is short or its times are outside the week.
    """
    bits = Bits(frame)
    inav = bits.number == 1046
    return _sound(
        bits,
        KeplerEphemeris(
            navigation="I/NAV" if inav else "F/NAV",
            week_modulus=4096,
            satellite=f"E{_id(bits, 6):02d}",  # DF252
            week=bits.unsigned(12),  # DF289
            iode=(issue := bits.unsigned(10)),  # DF290
            iodc=issue,
            accuracy_index=bits.unsigned(8),  # DF291, DF286
            inclination_rate_rad_per_s=bits.signed(14) * _RAD_PER_S_43,  # DF292
            toc_s=bits.unsigned(14) * 60,  # DF293
            clock_drift_rate_per_s=bits.signed(6) * 2.0**-59,  # DF294
            clock_drift_ratio=bits.signed(21) * 2.0**-46,  # DF295
            clock_bias_s=bits.signed(31) * 2.0**-34,  # DF296
            **_orbit(bits, _GALILEO),  # DF297-DF311
            group_delays_s=tuple(  # DF312, and DF313 in I/NAV
                bits.signed(10) * 2.0**-32 for _ in range(2 if inav else 1)
            ),
            health=bits.unsigned(6 if inav else 3),  # DF316, DF317, DF287, DF288; DF314, DF315
        ),
    )


def decode_navic(frame: bytes) -> KeplerEphemeris:
    """Return 1041. Raises DecodeError where it is short or its times are outside the week."""
    bits = Bits(frame)
    return _sound(
        bits,
        KeplerEphemeris(
            navigation="SPS",
            week_modulus=1024,
            satellite=f"I{_id(bits, 6):02d}",  # DF516
            week=bits.unsigned(10),  # DF517
            clock_bias_s=bits.signed(22) * 2.0**-31,  # DF518
            clock_drift_ratio=bits.signed(16) * 2.0**-43,  # DF519
            clock_drift_rate_per_s=bits.signed(8) * 2.0**-55,  # DF520
            accuracy_index=bits.unsigned(4),  # DF521
            toc_s=bits.unsigned(16) * 16,  # DF522
            group_delays_s=(bits.signed(8) * 2.0**-31,),  # DF523
            mean_motion_difference_rad_per_s=bits.signed(22) * _RAD_PER_S_41,  # DF524
            iode=(issue := bits.unsigned(8)),  # DF525
            iodc=issue,
            health=bits.unsigned(12) & 0b11,  # DF526 (reserved), DF527, DF528
            cuc_rad=bits.signed(15) * 2.0**-28,  # DF529
            cus_rad=bits.signed(15) * 2.0**-28,  # DF530
            cic_rad=bits.signed(15) * 2.0**-28,  # DF531
            cis_rad=bits.signed(15) * 2.0**-28,  # DF532
            crc_m=bits.signed(15) * 2.0**-4,  # DF533
            crs_m=bits.signed(15) * 2.0**-4,  # DF534
            inclination_rate_rad_per_s=bits.signed(14) * _RAD_PER_S_43,  # DF535
            mean_anomaly_rad=bits.signed(32) * _RAD_31,  # DF536
            toe_s=bits.unsigned(16) * 16,  # DF537
            eccentricity=bits.unsigned(32) * 2.0**-33,  # DF538
            sqrt_semi_major_axis_sqrt_m=bits.unsigned(32) * 2.0**-19,  # DF539
            right_ascension_rad=bits.signed(32) * _RAD_31,  # DF540
            perigee_rad=bits.signed(32) * _RAD_31,  # DF541
            right_ascension_rate_rad_per_s=bits.signed(22) * _RAD_PER_S_41,  # DF542
            inclination_rad=bits.signed(32) * _RAD_31,  # DF543
        ),
    )


class _Motion(TypedDict):
    x_m_per_s: float
    x_m: float
    x_m_per_s2: float
    y_m_per_s: float
    y_m: float
    y_m_per_s2: float
    z_m_per_s: float
    z_m: float
    z_m_per_s2: float


def _motion(bits: Bits) -> _Motion:
    """Return the state vector, which is sent in kilometres."""
    return _Motion(
        x_m_per_s=bits.sign_magnitude(24) * 1e3 * 2.0**-20,
        x_m=bits.sign_magnitude(27) * 1e3 * 2.0**-11,
        x_m_per_s2=bits.sign_magnitude(5) * 1e3 * 2.0**-30,
        y_m_per_s=bits.sign_magnitude(24) * 1e3 * 2.0**-20,
        y_m=bits.sign_magnitude(27) * 1e3 * 2.0**-11,
        y_m_per_s2=bits.sign_magnitude(5) * 1e3 * 2.0**-30,
        z_m_per_s=bits.sign_magnitude(24) * 1e3 * 2.0**-20,
        z_m=bits.sign_magnitude(27) * 1e3 * 2.0**-11,
        z_m_per_s2=bits.sign_magnitude(5) * 1e3 * 2.0**-30,
    )


def decode_glonass(frame: bytes) -> GlonassEphemeris:
    """Return 1020. Raises DecodeError where it is short or its time is outside the day."""
    bits = Bits(frame)
    satellite = f"R{_id(bits, 6):02d}"  # DF038
    channel = bits.unsigned(5)  # DF040
    healthy, healthy_given = bits.flag(), bits.flag()  # DF104, DF105
    message = GlonassEphemeris(
        satellite=satellite,
        channel=None if channel > _UNKNOWN_CHANNEL else channel - _CHANNEL_OFFSET,
        almanac_healthy=healthy if healthy_given else None,
        p1=bits.unsigned(2),  # DF106
        tk_s=bits.unsigned(5) * 3600 + bits.unsigned(6) * 60 + bits.unsigned(1) * 30,  # DF107
        unhealthy=bits.flag(),  # DF108
        p2=bits.flag(),  # DF109
        tb_s=bits.unsigned(7) * 900,  # DF110
        **_motion(bits),  # DF111-DF119
        p3=bits.flag(),  # DF120
        gamma_ratio=bits.sign_magnitude(11) * 2.0**-40,  # DF121
        p=bits.unsigned(2),  # DF122
        third_string_unhealthy=bits.flag(),  # DF123
        tau_s=bits.sign_magnitude(22) * 2.0**-30,  # DF124
        delta_tau_s=bits.sign_magnitude(5) * 2.0**-30,  # DF125
        age_days=bits.unsigned(5),  # DF126
        p4=bits.flag(),  # DF127
        accuracy_index=bits.unsigned(4),  # DF128
        day=bits.unsigned(11),  # DF129
        generation=bits.unsigned(2),  # DF130
        additional_data=bits.flag(),  # DF131
        almanac_day=bits.unsigned(11),  # DF132
        tau_c_s=bits.sign_magnitude(32) * 2.0**-31,  # DF133
        four_years=bits.unsigned(5),  # DF134
        tau_gps_s=bits.sign_magnitude(22) * 2.0**-30,  # DF135
        fifth_string_unhealthy=bits.flag(),  # DF136
    )
    if message.tb_s >= SECONDS_PER_DAY:
        raise DecodeError(f"message 1020: time {message.tb_s} s is outside its day")
    return message


def _id(bits: Bits, width: int) -> int:
    """Return a satellite's number, of which 0 is none."""
    number = bits.unsigned(width)
    if number == 0:
        raise DecodeError(f"message {bits.number}: satellite 0 does not exist")
    return number


def _sound(bits: Bits, ephemeris: KeplerEphemeris) -> KeplerEphemeris:
    """Return the ephemeris, or say why none can be computed from it."""
    for name, time_s in (("toe", ephemeris.toe_s), ("toc", ephemeris.toc_s)):
        if time_s >= SECONDS_PER_WEEK:
            raise DecodeError(f"message {bits.number}: {name} {time_s} s is outside its week")
    return ephemeris
