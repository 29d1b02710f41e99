"""Writes frames bit by bit for tests of what a station's state makes of them."""

from rtcm_writer import message


def framed(*fields: tuple[int, int]) -> bytes:
    """Return a frame of (value, width) fields, from DF002 on."""
    return message(*((width, value) for value, width in fields))


def reference_point(x_m, y_m, z_m, *, height_m=None, station_id=7) -> bytes:
    """Write 1005, or 1006 where there is a height."""
    number = 1005 if height_m is None else 1006
    fields = [(number, 12), (station_id, 12), (0, 10), (round(x_m * 1e4), 38), (0, 2)]
    fields += [(round(y_m * 1e4), 38), (0, 2), (round(z_m * 1e4), 38)]
    return framed(*fields, *([] if height_m is None else [(round(height_m * 1e4), 16)]))


def descriptors(antenna, *, serial="", receiver="", firmware="", number="", station_id=7) -> bytes:
    """Write 1033."""

    def text(value):
        return [(len(value), 8), *((ord(c), 8) for c in value)]

    return framed(
        (1033, 12), (station_id, 12), *text(antenna), (0, 8), *text(serial), *text(receiver),
        *text(firmware), *text(number),
    )  # fmt: skip


def system_parameters(mjd, second_s, leap_s=18, station_id=7) -> bytes:
    """Write 1013."""
    return framed((1013, 12), (station_id, 12), (mjd, 16), (second_s, 17), (0, 5), (leap_s, 8))


def msm4(number, epoch, *, station_id=7, more=0) -> bytes:
    """Write an MSM4 of one satellite and one signal; `epoch` is the raw field of 30 bits."""
    header = [(number, 12), (station_id, 12), (epoch, 30), (more, 1), (0, 18)]
    masks = [(1 << 60, 64), (1 << 30, 32), (1, 1)]
    return framed(*header, *masks, (75, 8), (0, 10), (1, 15), (1, 22), (9, 4), (0, 1), (44, 6))


def gps_observations(epoch_ms, *, station_id=7) -> bytes:
    """Write a 1002 of one satellite."""
    head = [(1002, 12), (station_id, 12), (epoch_ms, 30), (0, 1), (1, 5), (0, 4)]
    return framed(*head, (5, 6), (0, 1), (1000, 24), (0, 20), (20, 7), (70, 8), (180, 8))


def glonass_observations(time_ms, *, station_id=7) -> bytes:
    """Write a 1010 of one satellite."""
    head = [(1010, 12), (station_id, 12), (time_ms, 27), (0, 1), (1, 5), (0, 4)]
    satellite = [(5, 6), (0, 1), (8, 5), (1000, 25), (0, 20), (20, 7), (30, 7), (180, 8)]
    return framed(*head, *satellite)


def beidou_ephemeris(week, toe_s, satellite=12) -> bytes:
    """Write a 1042 with nothing in it but a satellite, a week and times."""
    return framed(
        (1042, 12), (satellite, 6), (week, 13), (0, 4 + 14 + 5), (toe_s // 8, 17),
        (0, 11 + 22 + 24 + 5 + 18 + 16 + 32 + 18 + 32 + 18 + 32), (toe_s // 8, 17),
        (0, 18 + 32 + 18 + 32 + 18 + 32 + 24 + 10 + 10 + 1),
    )  # fmt: skip


def gps_ephemeris(week, toe_s, satellite=5) -> bytes:
    """Write a 1019 with nothing in it but a satellite, a week and times."""
    return framed(
        (1019, 12), (satellite, 6), (week, 10), (0, 4 + 2 + 14 + 8), (toe_s // 16, 16),
        (0, 8 + 16 + 22 + 10 + 16 + 16 + 32 + 16 + 32 + 16 + 32), (toe_s // 16, 16),
        (0, 16 + 32 + 16 + 32 + 16 + 32 + 24 + 8 + 6 + 1 + 1),
    )  # fmt: skip


def sentence(body: str) -> bytes:
    """Return an NMEA sentence with its checksum."""
    value = 0
    for byte in body.encode():
        value ^= byte
    return f"${body}*{value:02X}".encode()
