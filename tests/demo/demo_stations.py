"""The demo's stations: streams made here, of now, one well and two that get into trouble.

Fictitious coordinates near 23.1 N 113.3 E. Each station serves its stream on a loopback port of
its own, one epoch a second, to whoever connects.
"""

import asyncio
import contextlib
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import rtcm_writer

GPS_EPOCH_UTC_S = 315_964_800
LEAP_S = 18
ANTENNA, RECEIVER, FIRMWARE = "TRM59800.00     SCIS", "DEMO RECEIVER", "1.0"
# ECEF of made-up points, some 30 m above the ellipsoid.
ARPS_M = {
    1: (-2321773.0577, 5391096.7242, 2486921.423),
    2: (-2331155.0684, 5381826.5763, 2498122.2201),
    3: (-2309015.5602, 5400347.4706, 2478769.721),
}
CYCLE_S = 120  # the troubles come round


@dataclass
class Station:
    """One stream. `trouble(second of the cycle)` names what is wrong now, "" for nothing."""

    number: int
    trouble: Callable[[int], str] = lambda second: ""
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    port: int = 0
    telling: str = ""

    @property
    def name(self) -> str:
        return f"DEMO{self.number}"

    @property
    def arp_m(self) -> tuple[float, float, float]:
        return ARPS_M[self.number]

    def frames(self, utc_s: int, trouble: str) -> list[bytes]:
        tow_ms = (utc_s - GPS_EPOCH_UTC_S + LEAP_S) % 604_800 * 1000
        weak = 12.0 if trouble == "interference" else 0.0
        frames = rtcm_writer.station_epoch(self.number, tow_ms, seed=utc_s, cn0_dbhz=45.0 - weak)
        x_m, y_m, z_m = self.arp_m
        if trouble == "wrong coordinate":
            z_m += 0.25
        if utc_s % 5 == 0:
            frames.append(rtcm_writer.arp_1006(self.number, x_m, y_m, z_m))
            frames.append(rtcm_writer.descriptors_1033(self.number, ANTENNA, RECEIVER, FIRMWARE))
        return frames


STATIONS = (
    Station(1),
    Station(2, lambda second: "silence" if 40 <= second < 80 else ""),
    Station(
        3,
        lambda second: (
            "interference" if 20 <= second < 100 else "wrong coordinate" if second >= 100 else ""
        ),
    ),
)


async def serve(station: Station, tell: Callable[[str], None], began_s: float) -> None:
    """Serve the station's stream for ever, telling when a trouble begins or ends."""

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        station.writers.append(writer)
        with contextlib.suppress(ConnectionError):
            await reader.read()
        station.writers.remove(writer)
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", station.port)
    station.port = server.sockets[0].getsockname()[1]
    async with server:
        due_s = int(time.time()) + 1
        while True:
            await asyncio.sleep(max(0.0, due_s - time.time()))
            trouble = station.trouble(int(due_s - began_s) % CYCLE_S)
            if trouble != station.telling:
                tell(f"{station.name}: {trouble or 'well again'}")
                station.telling = trouble
            if trouble != "silence":
                data = b"".join(station.frames(due_s, trouble))
                for writer in station.writers:
                    writer.write(data)
            due_s += 1
