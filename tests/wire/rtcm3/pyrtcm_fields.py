"""What pyrtcm says of a message, in the names and units of stationd's values.

Each row pairs a value with pyrtcm's attribute and the factor between their units: pyrtcm leaves
angles in semicircles, kilometres as they are, and some integers unscaled.
"""

from pyrtcm import RTCMMessage
from pyrtcm.rtcmtypes_get import RTCM_PAYLOADS_GET

PI = 3.1415926535898  # semicircles are defined with it: IS-GPS-200N, table 20-IV

STATION = {
    1005: {
        "station_id": ("DF003", 1), "itrf_year": ("DF021", 1), "gps": ("DF022", 1),
        "glonass": ("DF023", 1), "galileo": ("DF024", 1), "is_virtual": ("DF141", 1),
        "x_m": ("DF025", 1), "single_oscillator": ("DF142", 1), "y_m": ("DF026", 1),
        "quarter_cycle": ("DF364", 1), "z_m": ("DF027", 1),
    },
    1013: {
        "station_id": ("DF003", 1), "mjd": ("DF051", 1), "second_of_day_s": ("DF052", 1),
        "leap_seconds_s": ("DF054", 1),
    },
    1029: {
        "station_id": ("DF003", 1), "mjd": ("DF051", 1), "second_of_day_s": ("DF052", 1),
        "characters": ("DF138", 1),
    },
    1230: {"station_id": ("DF003", 1), "aligned": ("DF421", 1)},
}  # fmt: skip
STATION[1006] = {**STATION[1005], "height_m": ("DF028", 1)}

_KEPLER = (
    "crs_m", "mean_motion_difference_rad_per_s", "mean_anomaly_rad", "cuc_rad", "eccentricity",
    "cus_rad", "sqrt_semi_major_axis_sqrt_m", "toe_s", "cic_rad", "right_ascension_rad", "cis_rad",
    "inclination_rad", "crc_m", "perigee_rad", "right_ascension_rate_rad_per_s",
)  # fmt: skip
_ANGLES = {
    "mean_motion_difference_rad_per_s", "mean_anomaly_rad", "right_ascension_rad",
    "inclination_rad", "perigee_rad", "right_ascension_rate_rad_per_s",
}  # fmt: skip


def _kepler(first):
    return {
        name: (f"DF{first + place:03d}", PI if name in _ANGLES else 1)
        for place, name in enumerate(_KEPLER)
    }


EPHEMERIDES = {
    1019: {
        "week": ("DF076", 1), "accuracy_index": ("DF077", 1), "codes_on_l2": ("DF078", 1),
        "inclination_rate_rad_per_s": ("DF079", PI), "iode": ("DF071", 1), "toc_s": ("DF081", 1),
        "clock_drift_rate_per_s": ("DF082", 1), "clock_drift_ratio": ("DF083", 1),
        "clock_bias_s": ("DF084", 1), "iodc": ("DF085", 1), **_kepler(86),
        "group_delays_s[0]": ("DF101", 1), "health": ("DF102", 1), "l2p_data_off": ("DF103", 1),
        "long_fit": ("DF137", 1),
    },
    1044: {
        "toc_s": ("DF430", 1), "clock_drift_rate_per_s": ("DF431", 1),
        "clock_drift_ratio": ("DF432", 1), "clock_bias_s": ("DF433", 1), "iode": ("DF434", 1),
        **_kepler(435), "inclination_rate_rad_per_s": ("DF450", PI), "codes_on_l2": ("DF451", 1),
        "week": ("DF452", 1), "accuracy_index": ("DF453", 1), "health": ("DF454", 1),
        "group_delays_s[0]": ("DF455", 1), "iodc": ("DF456", 1), "long_fit": ("DF457", 1),
    },
    1042: {
        "week": ("DF489", 1), "accuracy_index": ("DF490", 1),
        "inclination_rate_rad_per_s": ("DF491", PI), "iode": ("DF492", 1), "toc_s": ("DF493", 1),
        "clock_drift_rate_per_s": ("DF494", 1), "clock_drift_ratio": ("DF495", 1),
        "clock_bias_s": ("DF496", 1), "iodc": ("DF497", 1), **_kepler(498),
        "group_delays_s[0]": ("DF513", 1e-9), "group_delays_s[1]": ("DF514", 1e-9),
        "health": ("DF515", 1),
    },
    1046: {
        "week": ("DF289", 1), "iode": ("DF290", 1), "iodc": ("DF290", 1),
        "accuracy_index": ("DF286", 1), "inclination_rate_rad_per_s": ("DF292", PI),
        "toc_s": ("DF293", 1), "clock_drift_rate_per_s": ("DF294", 1),
        "clock_drift_ratio": ("DF295", 1), "clock_bias_s": ("DF296", 1), **_kepler(297),
        "group_delays_s[0]": ("DF312", 1), "group_delays_s[1]": ("DF313", 1),
    },
    1041: {
        "week": ("DF517", 1), "clock_bias_s": ("DF518", 1), "clock_drift_ratio": ("DF519", 1),
        "clock_drift_rate_per_s": ("DF520", 1), "accuracy_index": ("DF521", 1),
        "toc_s": ("DF522", 1), "group_delays_s[0]": ("DF523", 1),
        "mean_motion_difference_rad_per_s": ("DF524", PI), "iode": ("DF525", 1),
        "iodc": ("DF525", 1), "cuc_rad": ("DF529", 1), "cus_rad": ("DF530", 1),
        "cic_rad": ("DF531", 1), "cis_rad": ("DF532", 1), "crc_m": ("DF533", 1),
        "crs_m": ("DF534", 1), "inclination_rate_rad_per_s": ("DF535", PI),
        "mean_anomaly_rad": ("DF536", PI), "toe_s": ("DF537", 1), "eccentricity": ("DF538", 1),
        "sqrt_semi_major_axis_sqrt_m": ("DF539", 1), "right_ascension_rad": ("DF540", PI),
        "perigee_rad": ("DF541", PI), "right_ascension_rate_rad_per_s": ("DF542", PI),
        "inclination_rad": ("DF543", PI),
    },
    1020: {
        "p1": ("DF106", 1), "unhealthy": ("DF108", 1), "p2": ("DF109", 1), "tb_s": ("DF110", 900),
        "x_m_per_s": ("DF111", 1e3), "x_m": ("DF112", 1e3), "x_m_per_s2": ("DF113", 1e3),
        "y_m_per_s": ("DF114", 1e3), "y_m": ("DF115", 1e3), "y_m_per_s2": ("DF116", 1e3),
        "z_m_per_s": ("DF117", 1e3), "z_m": ("DF118", 1e3), "z_m_per_s2": ("DF119", 1e3),
        "p3": ("DF120", 1), "gamma_ratio": ("DF121", 2.0**-40), "p": ("DF122", 1),
        "third_string_unhealthy": ("DF123", 1), "tau_s": ("DF124", 2.0**-30),
        "delta_tau_s": ("DF125", 2.0**-30), "age_days": ("DF126", 1), "p4": ("DF127", 1),
        "accuracy_index": ("DF128", 1), "day": ("DF129", 1), "generation": ("DF130", 1),
        "additional_data": ("DF131", 1), "almanac_day": ("DF132", 1),
        "tau_c_s": ("DF133", 2.0**-31), "four_years": ("DF134", 1),
        "tau_gps_s": ("DF135", 2.0**-30), "fifth_string_unhealthy": ("DF136", 1),
    },
}  # fmt: skip
EPHEMERIDES[1045] = {
    **{name: row for name, row in EPHEMERIDES[1046].items() if name != "group_delays_s[1]"},
    "accuracy_index": ("DF291", 1),
}
SATELLITES = {
    1019: ("G", "DF009"), 1020: ("R", "DF038"), 1041: ("I", "DF516"), 1042: ("C", "DF488"),
    1044: ("J", "DF429"), 1045: ("E", "DF252"), 1046: ("E", "DF252"),
}  # fmt: skip


def parsed(frame: bytes) -> RTCMMessage:
    return RTCMMessage(payload=frame[3:-3])


def string(message, name: str) -> str:
    """Join pyrtcm's characters, one attribute each."""
    found = vars(message)
    count = sum(key.startswith(name + "_") for key in found)
    return "".join(found[f"{name}_{place:02d}"] for place in range(1, count + 1))


def defined(number: int) -> set[str]:
    """Return the data fields of a type outside its repeated groups, reserved bits left out."""
    definition = RTCM_PAYLOADS_GET[str(number)]
    return {name for name, row in definition.items() if isinstance(row, str)} - {
        "DF001_1", "DF001_2", "DF001_3", "DF001_7", "DF002",
    }  # fmt: skip
