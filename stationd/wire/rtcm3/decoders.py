"""Which decoder reads which message type, and what the types are called.

`DECODERS` lacks the MSM, whose decoder takes batches, and what is rare: see `rare.py`.
"""

from collections.abc import Callable, Mapping
from typing import Final

from stationd.gnss.constellations import CONSTELLATIONS
from stationd.wire.rtcm3.ephemerides import (
    decode_beidou,
    decode_galileo,
    decode_glonass,
    decode_gps,
    decode_navic,
    decode_qzss,
)
from stationd.wire.rtcm3.legacy import decode_legacy
from stationd.wire.rtcm3.msm_layout import LETTERS
from stationd.wire.rtcm3.station_messages import (
    decode_descriptors,
    decode_glonass_biases,
    decode_reference_point,
    decode_system_parameters,
    decode_text,
)

# Each takes a whole frame with a good CRC, and raises DecodeError where its content is unsound.
DECODERS: Final[Mapping[int, Callable[[bytes], object]]] = {
    1001: decode_legacy,
    1002: decode_legacy,
    1003: decode_legacy,
    1004: decode_legacy,
    1005: decode_reference_point,
    1006: decode_reference_point,
    1007: decode_descriptors,
    1008: decode_descriptors,
    1009: decode_legacy,
    1010: decode_legacy,
    1011: decode_legacy,
    1012: decode_legacy,
    1013: decode_system_parameters,
    1019: decode_gps,
    1020: decode_glonass,
    1029: decode_text,
    1033: decode_descriptors,
    1041: decode_navic,
    1042: decode_beidou,
    1044: decode_qzss,
    1045: decode_galileo,
    1046: decode_galileo,
    1230: decode_glonass_biases,
}

_SSR_PARTS: Final = (
    "orbit corrections",
    "clock corrections",
    "code biases",
    "orbit and clock corrections",
    "user range accuracy",
    "high-rate clock corrections",
)
# SSR: first of six numbers, in the order of `_SSR_PARTS`. RTCM 10403.3 has GPS and GLONASS; the
# others are proposals that are in use.
_SSR_FIRST: Final = {1057: "G", 1063: "R", 1240: "E", 1246: "J", 1252: "S", 1258: "C"}
_PHASE_BIASES: Final = {1265: "G", 1266: "R", 1267: "E", 1268: "J", 1269: "S", 1270: "C"}

# Registered proprietary numbers (RTCM 10403.3, table 3.6-1, with later registrations).
_OWNERS: Final = {
    4062: "Swift Navigation", 4063: "CHC Navigation", 4064: "NTLab", 4065: "Allystar",
    4066: "Lantmäteriet", 4067: "China Transport Telecommunications and Information Centre",
    4068: "Qianxun Location Networks", 4069: "Veripos", 4070: "Wuhan MengXin Technology",
    4071: "Wuhan Navigation and LBS", 4072: "u-blox", 4073: "Mitsubishi Electric",
    4074: "Unicore Communications", 4075: "Alberding", 4076: "IGS", 4077: "Hemisphere GNSS",
    4078: "ComNav Technology", 4079: "SubCarrier Systems (SNIP)", 4080: "NavCom Technology",
    4081: "Seoul National University GNSS Lab",
    4082: "Cooperative Research Centre for Spatial Information",
    4083: "German Aerospace Center (DLR)", 4084: "Geodetics",
    4085: "European GNSS Supervisory Authority", 4086: "inPosition", 4087: "Fugro", 4088: "IfEN",
    4089: "Septentrio", 4090: "Geo++", 4091: "Topcon", 4092: "Leica Geosystems", 4093: "NovAtel",
    4094: "Trimble", 4095: "Ashtech",
}  # fmt: skip

_NAMES: Final = {
    1001: "GPS L1 observations",
    1002: "GPS L1 observations, extended",
    1003: "GPS L1 and L2 observations",
    1004: "GPS L1 and L2 observations, extended",
    1005: "Antenna reference point",
    1006: "Antenna reference point and height",
    1007: "Antenna descriptor",
    1008: "Antenna descriptor and serial number",
    1009: "GLONASS L1 observations",
    1010: "GLONASS L1 observations, extended",
    1011: "GLONASS L1 and L2 observations",
    1012: "GLONASS L1 and L2 observations, extended",
    1013: "System parameters",
    1014: "Network auxiliary station",
    1015: "GPS ionospheric correction differences",
    1016: "GPS geometric correction differences",
    1017: "GPS geometric and ionospheric correction differences",
    1018: "Reserved: alternative ionospheric correction differences",
    1019: "GPS ephemeris",
    1020: "GLONASS ephemeris",
    1021: "Helmert or abridged Molodenski transformation",
    1022: "Molodenski-Badekas transformation",
    1023: "Residuals on an ellipsoidal grid",
    1024: "Residuals on a plane grid",
    1025: "Projection",
    1026: "Projection, Lambert conformal conic",
    1027: "Projection, oblique Mercator",
    1028: "Reserved: global to plate-fixed transformation",
    1029: "Text",
    1030: "GPS network RTK residuals",
    1031: "GLONASS network RTK residuals",
    1032: "Physical reference station position",
    1033: "Receiver and antenna descriptors",
    1034: "GPS network FKP gradients",
    1035: "GLONASS network FKP gradients",
    1037: "GLONASS ionospheric correction differences",
    1038: "GLONASS geometric correction differences",
    1039: "GLONASS geometric and ionospheric correction differences",
    1041: "NavIC ephemeris",
    1042: "BeiDou ephemeris",
    1044: "QZSS ephemeris",
    1045: "Galileo F/NAV ephemeris",
    1046: "Galileo I/NAV ephemeris",
    1230: "GLONASS code-phase biases",
    1264: "SSR ionosphere, vertical TEC",
    1300: "Service coordinate reference system",
    1301: "Transformation with 15 parameters",
    1302: "RTCM coordinate reference system",
    1303: "BeiDou network RTK residuals",
    1304: "Galileo network RTK residuals",
    1305: "QZSS network RTK residuals",
}

# What a number is called; a number that is absent is not known to anyone here.
MESSAGE_NAMES: Final[Mapping[int, str]] = {
    **dict.fromkeys(range(1070, 1230), "Reserved for MSM"),
    **dict.fromkeys(range(4001, 4096), "Proprietary"),
    **_NAMES,
    **{
        tens * 10 + kind: f"{CONSTELLATIONS[letter]} MSM{kind}"
        for tens, letter in LETTERS.items()
        for kind in range(1, 8)
    },
    **{
        first + place: f"{CONSTELLATIONS[letter]} SSR {part}"
        for first, letter in _SSR_FIRST.items()
        for place, part in enumerate(_SSR_PARTS)
    },
    **{
        number: f"{CONSTELLATIONS[letter]} SSR phase biases"
        for number, letter in _PHASE_BIASES.items()
    },
    **{number: f"Proprietary: {owner}" for number, owner in _OWNERS.items()},
    4076: "IGS SSR",
}
